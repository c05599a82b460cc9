"""Uploads: what is taken in, how it is checked, and how it is kept.

A file is what its content says, whatever its name says. PDFs are kept byte for byte (a company may have signed them)
and refused with the reason if they hold scripts, automatic actions, embedded files or media, are encrypted or
damaged: see `intake.pdfcheck`. Images are drawn anew without their metadata, so no place or device leaves with them
and no trailing bytes stay: see `intake.redraw`. The SHA-256 is over the bytes that are kept.
"""

import hashlib
import io
import os
import re
import subprocess
import sys
import tempfile
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import IO

import puremagic
from django.conf import settings
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit import trail
from catalogs.procedures import FILE_KINDS, RequiredDocument
from catalogs.text import composed
from intake import pdfcheck, redraw, scans
from intake.answers import write_size
from intake.models import Attachment, Dossier
from intake.opening import NotOpen, opening_of

PDF = "application/pdf"
EXTENSIONS = {PDF: ".pdf", "image/png": ".png", "image/jpeg": ".jpg"}
KINDS = {PDF: "pdf", "image/png": "image", "image/jpeg": "image"}
# By what a document takes, in the order of `catalogs.procedures.FILE_KINDS`.
KIND_NAMES = {
    ("pdf",): gettext_lazy("PDF"),
    ("image",): gettext_lazy("ảnh JPEG hoặc PNG"),
    ("pdf", "image"): gettext_lazy("PDF, JPEG hoặc PNG"),
}
NAME_LENGTH = 150
# Over a dossier's whole life. A file that was taken out stays on the disk, so it counts too.
MAX_FILES_EVER = 200
CHUNK = 64 * 1024

PDF_FINDINGS = {
    "encrypted": gettext_lazy("Tệp PDF có đặt mật khẩu hoặc bị khóa. Hãy bỏ mật khẩu rồi tải lại."),
    "damaged": gettext_lazy("Tệp PDF bị hỏng hoặc thiếu dữ liệu. Hãy xuất lại tệp rồi tải lên."),
    "empty": gettext_lazy("Tệp PDF không có trang nào."),
    "too_complex": gettext_lazy("Tệp PDF quá phức tạp để kiểm tra. Hãy in lại ra PDF (Print to PDF) rồi tải lên."),
    "script": gettext_lazy("Tệp PDF có chứa mã JavaScript nên không được nhận. Hãy in lại ra PDF rồi tải lên."),
    "action": gettext_lazy("Tệp PDF có thao tác tự chạy nên không được nhận. Hãy in lại ra PDF rồi tải lên."),
    "outside": gettext_lazy(
        "Tệp PDF lấy nội dung từ tệp ở bên ngoài nên không được nhận. Hãy in lại ra PDF rồi tải lên."
    ),
    "link": gettext_lazy(
        "Tệp PDF có liên kết không phải trang web hay địa chỉ thư (http, https, mailto) nên không được nhận. "
        "Hãy bỏ liên kết đó hoặc in lại ra PDF rồi tải lên."
    ),
    "embedded": gettext_lazy("Tệp PDF có tệp khác nhúng bên trong nên không được nhận. Hãy tải riêng từng tệp."),
    "media": gettext_lazy("Tệp PDF có phim, âm thanh hoặc mô hình 3D nên không được nhận. Hãy in lại ra PDF."),
    "form": gettext_lazy("Tệp PDF là biểu mẫu động (XFA) nên không được nhận. Hãy in lại ra PDF rồi tải lên."),
}

IMAGE_FINDINGS = {
    "damaged": gettext_lazy("Ảnh bị hỏng, không mở được. Hãy chụp hoặc xuất lại ảnh."),
    "too_large": gettext_lazy("Ảnh có kích thước quá lớn (hơn 50 triệu điểm ảnh). Hãy thu nhỏ ảnh rồi tải lại."),
}


class Refused(Exception):
    """The file is not taken in; the text says why and how to mend it."""


@dataclass
class Checked:
    """What is kept: content type, an open file at its beginning, size in bytes, SHA-256."""

    content_type: str
    file: IO[bytes]
    size: int
    sha256: str


def upload(
    dossier: Dossier, document: RequiredDocument, uploaded: UploadedFile, *, by: User, at: datetime
) -> Attachment:
    """Check a file and keep it. Raises Refused. Either row and file are both there afterwards, or neither."""
    return keep(dossier, document, check(uploaded, document), name=uploaded.name or "", by=by, at=at)


def keep(
    dossier: Dossier, document: RequiredDocument, checked: Checked, *, name: str, by: User, at: datetime
) -> Attachment:
    """Keep a file that was checked, or that the product made itself. Raises Refused."""
    attachment = Attachment(
        id=uuid.uuid4(),
        dossier=dossier,
        document_key=document.key,
        name=with_extension(display_name(name), checked.content_type),
        content_type=checked.content_type,
        size=checked.size,
        sha256=checked.sha256,
        uploaded_by=by,
        uploaded_at=at,
    )
    try:
        with transaction.atomic():
            locked = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
            if not opening_of(locked, at=at).document(document.key):
                raise Refused(_("Mục tài liệu này hiện không nhận thêm tệp."))
            _require_room(locked, document, checked)
            attachment.file.save("", File(checked.file), save=False)
            attachment.save(force_insert=True)
            scans.ask(attachment, at=at)
            touch(locked, at=at)
            trail.record(
                locked,
                "upload_attachment",
                by=by,
                at=at,
                data={"document": document.key, "name": attachment.name, "sha256": attachment.sha256},
            )
    except BaseException:
        # The row was rolled back or never written; the file must not outlive it.
        if attachment.file.name:
            attachment.file.storage.delete(attachment.file.name)
        raise
    finally:
        checked.file.close()
    return attachment


@transaction.atomic
def remove(attachment: Attachment, *, by: User, at: datetime) -> None:
    """Take a file out of the dossier. It stays readable in its history, for it may have been filed before.

    Raises NotOpen.
    """
    locked = Dossier.objects.select_for_update(of=("self",)).get(pk=attachment.dossier_id)
    if not opening_of(locked, at=at).document(attachment.document_key):
        raise NotOpen(_("Tài liệu này hiện không gỡ được."))
    if not Attachment.objects.filter(pk=attachment.pk, removed_at=None).update(removed_at=at):
        return
    touch(locked, at=at)
    trail.record(
        locked,
        "remove_attachment",
        by=by,
        at=at,
        data={"document": attachment.document_key, "name": attachment.name, "sha256": attachment.sha256},
    )


def touch(dossier: Dossier, *, at: datetime) -> None:
    """Count a change, so that a page that shows the dossier as it was before is known to be stale."""
    dossier.version += 1
    dossier.edited_at = at
    dossier.save(update_fields=["version", "edited_at"])


def check(uploaded: UploadedFile, document: RequiredDocument) -> Checked:
    """The file as it will be kept. Raises Refused."""
    size = uploaded.size or 0
    if size == 0:
        raise Refused(_("Tệp rỗng (0 byte). Hãy kiểm tra lại tệp trên máy của bạn."))
    if size > settings.UPLOAD_MAX_BYTES:
        raise Refused(
            _("Tệp vượt quá %s. Hãy nén ảnh trong tệp hoặc chia tệp ra.") % write_size(settings.UPLOAD_MAX_BYTES)
        )
    uploaded.seek(0)
    head = uploaded.read(16)
    uploaded.seek(0)
    content_type = _content_type(head)
    if content_type is None or KINDS[content_type] not in document.kinds:
        raise Refused(_wrong_kind(uploaded, document))
    return _checked_pdf(uploaded) if content_type == PDF else _redrawn(uploaded, content_type)


def display_name(name: str) -> str:
    """The name as it is shown: without folders, control and direction marks, of bearable length."""
    name = composed(name)
    name = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in name)
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cf", "Cs"))
    name = " ".join(re.split(r"[/\\]", name)[-1].split()).lstrip(". ")
    stem, extension = os.path.splitext(name)
    if len(extension) > 10:
        stem, extension = name, ""
    return stem[: NAME_LENGTH - len(extension)].rstrip() + extension


def with_extension(name: str, content_type: str) -> str:
    """The name with the extension of what the file is: ảnh.pdf that is a PNG becomes ảnh.png."""
    stem, extension = os.path.splitext(name)
    right = EXTENSIONS[content_type]
    if extension.lower() == right or (right == ".jpg" and extension.lower() in (".jpeg", ".jpe")):
        return name
    known = extension.lower() in {*EXTENSIONS.values(), ".jpeg", ".jpe"}
    return (stem if known else name or "tài liệu") + right


def kinds_of(document: RequiredDocument) -> str:
    """Which files the document takes: "PDF, JPEG hoặc PNG"."""
    return str(KIND_NAMES[tuple(kind for kind in FILE_KINDS if kind in document.kinds)])


def _require_room(dossier: Dossier, document: RequiredDocument, checked: Checked) -> None:
    present = Attachment.objects.filter(dossier=dossier, document_key=document.key, removed_at=None)
    if present.filter(sha256=checked.sha256).exists():
        raise Refused(_("Tệp này đã có trong mục tài liệu này."))
    if present.count() >= document.max_files:
        raise Refused(
            _("Mục này nhận tối đa %s tệp. Hãy gỡ bớt hoặc gộp các tệp lại.") % document.max_files,
        )
    if Attachment.objects.filter(dossier=dossier).count() >= MAX_FILES_EVER:
        raise Refused(
            _(
                "Hồ sơ này đã tải lên %s tệp, kể cả tệp đã gỡ, nên không nhận thêm được. "
                "Hãy liên hệ bộ phận một cửa để được hướng dẫn."
            )
            % MAX_FILES_EVER,
        )


def _content_type(head: bytes) -> str | None:
    # A PDF that starts later than its first byte may be something else at the same time.
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return None


def _wrong_kind(uploaded: UploadedFile, document: RequiredDocument) -> str:
    wanted = kinds_of(document)
    try:
        guesses = puremagic.magic_stream(io.BytesIO(uploaded.read(CHUNK)), filename=None)
        found = next((guess.name for guess in guesses if guess.name), "")
    except (puremagic.PureError, ValueError):
        found = ""
    if found:
        return _("Nội dung tệp là “%(found)s”; mục này chỉ nhận tệp %(wanted)s.") % {"found": found, "wanted": wanted}
    return _("Nội dung tệp không phải %s; đổi tên tệp không làm thay đổi nội dung của nó.") % wanted


def _checked_pdf(uploaded: UploadedFile) -> Checked:
    kept = _copy(uploaded)
    try:
        if finding := _run(pdfcheck, kept.name, str(pdfcheck.MEMORY)):
            raise Refused(str(PDF_FINDINGS.get(finding, PDF_FINDINGS["too_complex"])))
    except BaseException:
        kept.close()
        raise
    return _checked(PDF, kept)


def _redrawn(uploaded: UploadedFile, content_type: str) -> Checked:
    drawn = tempfile.NamedTemporaryFile(suffix=EXTENSIONS[content_type])  # noqa: SIM115  see _copy
    try:
        with _copy(uploaded) as source:
            if finding := _run(redraw, source.name, drawn.name, str(redraw.MEMORY)):
                raise Refused(str(IMAGE_FINDINGS.get(finding, IMAGE_FINDINGS["damaged"])))
    except BaseException:
        drawn.close()
        raise
    return _checked(content_type, drawn)


def _copy(uploaded: UploadedFile) -> IO[bytes]:
    """The upload as a file with a name; it goes when it is closed."""
    kept = tempfile.NamedTemporaryFile()  # noqa: SIM115  closed by whoever stores it
    for chunk in uploaded.chunks(CHUNK):
        kept.write(chunk)
    kept.flush()
    return kept


def _checked(content_type: str, kept: IO[bytes]) -> Checked:
    kept.seek(0)
    digest = hashlib.file_digest(kept, "sha256").hexdigest()  # type: ignore[arg-type]
    size = kept.seek(0, os.SEEK_END)
    kept.seek(0)
    return Checked(content_type, kept, size, digest)


def _run(script: ModuleType, *arguments: str) -> str:
    """What one of our checking scripts finds; "crashed" if it was killed by its limits or by the file."""
    try:
        done = subprocess.run(  # noqa: S603  our own script, on paths of our own
            [sys.executable, "-I", str(script.__file__), *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "crashed"
    return "crashed" if done.returncode else done.stdout
