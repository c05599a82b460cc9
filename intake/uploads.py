"""What a request may bring, before anything else reads it: CSRF already takes the whole body apart."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

FILES_AT_ONCE = 10


class BoundedUploadHandler(FileUploadHandler):
    """Keeps an upload from filling the disk. It stands before the handlers that store.

    A file over the limit is kept a little beyond it, so that the page can name the file and refuse it.
    """

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:
        if content_length > FILES_AT_ONCE * settings.UPLOAD_MAX_BYTES:
            raise RequestDataTooBig("The request is larger than ten files may be.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= settings.UPLOAD_MAX_BYTES else None

    def file_complete(self, file_size: int) -> None:
        return None
