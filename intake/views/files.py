"""Documents of a dossier: the list with uploads, taking one out, and opening one."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from catalogs.procedures import RequiredDocument
from catalogs.services import definition_of
from intake import attachments, clamd, scans
from intake.answers import effective
from intake.completeness import DOCUMENTS, missing
from intake.filing import was_filed
from intake.models import Attachment, Dossier, MessageFile
from intake.opening import NotOpen, Opening
from intake.states import State
from intake.steps import context_of, next_url
from intake.views import loading

# No script, no style, nothing fetched; our own pages may frame it. The browser's PDF viewer needs no more.
FILE_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
)


@require_safe
def dossier_documents(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    dossier = loading.draft(request, public_id)
    return documents_page(request, dossier, at=timezone.now())


def documents_page(
    request: HttpRequest,
    dossier: Dossier,
    *,
    at: datetime,
    refused: dict[str, list[str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        **context_of(dossier, missing(dossier), current=DOCUMENTS, at=at),
        "documents": document_rows(dossier, refused=refused or {}),
        "next": next_url(dossier, DOCUMENTS, at=at),
        "refused": refused or {},
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "scanned": clamd.is_configured(),
    }
    return render(request, "intake/dossier_documents.html", context, status=status)


def document_rows(
    dossier: Dossier, *, refused: dict[str, list[str]], only: frozenset[str] | None = None
) -> list[dict[str, Any]]:
    """What the procedure asks for, with the files that are there and those that were taken out.

    Reads prefetched attachments. Documents whose condition fails are left out.
    """
    definition = definition_of(dossier.revision_of_procedure)
    files: dict[str, list[Attachment]] = {}
    for attachment in dossier.attachments.all():
        files.setdefault(attachment.document_key, []).append(attachment)
    asked = definition.asked_documents(effective(definition, dossier.answers))
    return [_document_row(d, files.get(d.key, []), refused) for d in asked if only is None or d.key in only]


def _document_row(
    document: RequiredDocument, files: list[Attachment], refused: dict[str, list[str]]
) -> dict[str, Any]:
    kept = [a for a in files if a.removed_at is None]
    return {
        "document": document,
        "files": [(a, scans.shown(a, own=True)) for a in kept],
        "infected": any(a.is_infected() for a in kept),
        "removed": [(a, scans.shown(a, own=True)) for a in files if a.removed_at is not None],
        "full": len(kept) >= document.max_files,
        "kinds": attachments.kinds_of(document),
        "accept": ",".join(accepted(document)),
        "refused": refused.get(document.key, []),
    }


def accepted(document: RequiredDocument) -> list[str]:
    accept = {"pdf": ["application/pdf", ".pdf"], "image": ["image/jpeg", "image/png", ".jpg", ".jpeg", ".png"]}
    return [one for kind in document.kinds for one in accept[kind]]


@require_POST
@loading.of_a_draft_that_may_go
def attachment_upload(request: HttpRequest, public_id: uuid.UUID, document: str) -> HttpResponse:
    """Take in one or several files; each that is refused is named with its reason, the others are kept."""
    dossier, opening = loading.to_edit(request, public_id)
    if not opening.anything:
        raise loading.Filed(dossier, opening)
    found = _open_document(dossier, opening, document)
    at = timezone.now()
    refused = take_files(request, dossier, found, at=at)
    dossier = loading.to_edit(request, public_id)[0]
    if not opening.everything:
        for reason in refused:
            messages.error(request, reason)
        return redirect(reverse("dossier_supplement", args=[public_id]) + f"#{found.key}")
    if refused:
        return documents_page(request, dossier, at=at, refused={found.key: refused}, status=422)
    return redirect(reverse("dossier_documents", args=[public_id]) + f"#{found.key}")


def take_files(
    request: HttpRequest, dossier: Dossier, document: RequiredDocument, *, at: datetime, field: str = "files"
) -> list[str]:
    """Keep what was sent in this field; returns why the refused ones were refused."""
    sent = request.FILES.getlist(field)
    refused = []
    if not sent and field == "files":
        return [_("Chưa chọn tệp nào.")]
    kept = 0
    for number, uploaded in enumerate(sent):
        name = attachments.display_name(uploaded.name or "")
        if number >= document.max_files * 2:
            # Checking costs seconds; so many cannot all have a place.
            refused.append(f"{name}: {_('Quá nhiều tệp trong một lần; tệp này chưa được xem.')}")
            continue
        try:
            attachments.upload(dossier, document, uploaded, by=request.user, at=at)
            kept += 1
        except attachments.Refused as error:
            refused.append(f"{name}: {error}" if name else str(error))
    if kept:
        messages.success(request, ngettext("Đã nhận %s tệp.", "Đã nhận %s tệp.", kept) % kept)
    return refused


@require_POST
@loading.of_a_draft_that_may_go
def attachment_remove(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    attachment = get_object_or_404(
        Attachment.objects.filter(dossier__in=Dossier.objects.editable_by(request.user)).select_related("dossier"),
        pk=pk,
    )
    try:
        attachments.remove(attachment, by=request.user, at=timezone.now())
        messages.success(request, _("Đã gỡ tệp “%s”.") % attachment.name)
    except NotOpen as error:
        messages.error(request, str(error))
        return redirect("dossier_detail", attachment.dossier.public_id)
    name = "dossier_documents" if attachment.dossier.state == State.DRAFT else "dossier_supplement"
    return redirect(reverse(name, args=[attachment.dossier.public_id]) + f"#{attachment.document_key}")


@require_safe
def attachment_open(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The file itself: to people of its applicant, and once it was filed to the office. ?tai=1 downloads it."""
    readable = Attachment.objects.filter(_readable_by(request)).select_related("scan")
    attachment = get_object_or_404(readable, pk=pk)
    if request.user.is_staff_member() and not was_filed(attachment):
        raise Http404
    return served(request, attachment, own=not request.user.is_staff_member())


def served(request: HttpRequest, kept: Attachment | MessageFile, *, own: bool) -> HttpResponseBase:
    """The bytes as they were checked, as nothing but what they are; or a page that says why not. Raises Http404.

    `own`: to people of the applicant, a file that their side sent. With ?tai=1 it is downloaded.
    """
    scan = scans.shown(kept, own=own)
    if not scan.opens:
        return _held(request, kept, scan)
    try:
        opened = kept.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    download = bool(request.GET.get("tai"))
    response = FileResponse(opened, content_type=kept.content_type, filename=kept.name, as_attachment=download)
    response["Content-Length"] = str(kept.size)
    response["Content-Security-Policy"] = FILE_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "private, no-store"
    return response


def _held(request: HttpRequest, kept: Attachment | MessageFile, scan: scans.Shown) -> HttpResponse:
    context = {"file": kept, "scan": scan}
    answer = render(request, "intake/file_held.html", context, status=403 if scan.infected else 409)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _readable_by(request: HttpRequest) -> Q:
    if request.user.is_staff_member():
        return ~Q(dossier__state=State.DRAFT) if request.user.reads_dossiers() else Q(pk__in=[])
    return Q(dossier__in=Dossier.objects.of_applicant(request.user))


def _open_document(dossier: Dossier, opening: Opening, key: str) -> RequiredDocument:
    definition = definition_of(dossier.revision_of_procedure)
    asked = definition.asked_documents(effective(definition, dossier.answers))
    found = next((document for document in asked if document.key == key), None)
    if found is None or not opening.document(key):
        raise Http404
    return found
