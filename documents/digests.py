"""The SHA-256 of an upload that is compared and forgotten: nothing of it is kept, in memory or on disk."""

import hashlib
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class DigestedFile(UploadedFile):
    """An upload of which only name, size and digest are left."""

    def __init__(self, *, name: str, content_type: str | None, size: int, sha256: str) -> None:
        super().__init__(BytesIO(), name, content_type, size)
        self.sha256 = sha256


class DigestUploadHandler(FileUploadHandler):
    """Hashes what arrives, chunk by chunk, up to `limit` bytes; what comes after is counted but not hashed."""

    def __init__(self, *, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.hash, self.received = hashlib.sha256(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received <= self.limit:
            self.hash.update(raw_data)

    def file_complete(self, file_size: int) -> DigestedFile:
        return DigestedFile(
            name=self.file_name or "", content_type=self.content_type, size=file_size, sha256=self.hash.hexdigest()
        )
