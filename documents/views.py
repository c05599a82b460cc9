"""Papers for those concerned, and their verification for everybody."""

import hashlib
import logging
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from accounts import throttle
from accounts.models import User
from accounts.visitors import address_of, is_prefetch
from documents import codes, downloads, verification
from documents.digests import DigestUploadHandler
from documents.filenames import pdf_name
from documents.forms import CodeForm, FileForm
from documents.models import IssuedDocument

logger = logging.getLogger(__name__)


class SignedInRequest(HttpRequest):
    """The middleware has turned away whoever is not signed in."""

    user: User


# Seconds after which the page of a paper that is still being made looks again.
REFRESH_AFTER = 4


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """The form; a good code leads on to its page."""
    form = CodeForm(request.GET if "ma" in request.GET else None)
    if form.is_valid():
        return redirect("verify_code", code=form.cleaned_data["ma"])
    return _unlisted(render(request, "documents/verify.html", {"form": form}))


# The upload handler has to be in place before anything reads the request's body; the check of the CSRF token
# is such a reader, so it happens one step later.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """What stands behind a code. A POST also compares a file with the paper, and keeps nothing of it."""
    if request.method == "POST":
        request.upload_handlers = [DigestUploadHandler(limit=settings.VERIFY_UPLOAD_MAX_BYTES)]
    return _unlisted(_verify_code(request, code))


@csrf_protect
def _verify_code(request: HttpRequest, code: str) -> HttpResponse:
    now = timezone.now()
    if not throttle.allowed("verify", address_of(request) or "", limit=settings.VERIFY_LOOKUPS_PER_MINUTE, at=now):
        response = render(request, "documents/verify_busy.html", status=429)
        response["Retry-After"] = str(throttle.WINDOW)
        return response
    try:
        bare = codes.read_code(code)
    except codes.InvalidCode as error:
        return _unknown(request, code, reason=str(error))
    document = verification.find(bare)
    if document is None:
        return _unknown(request, codes.grouped(bare))
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    same = None
    if form.is_bound and form.is_valid() and document.rendered_at:
        same = form.cleaned_data["tep"].sha256 == document.sha256
    context = {
        "answer": verification.answer(document, on=timezone.localdate(now)),
        "document": document,
        "form": form,
        "same": same,
    }
    return render(request, "documents/verify_code.html", context)


def _unknown(request: HttpRequest, code: str, reason: str = "") -> HttpResponse:
    context = {"form": CodeForm(), "code": code[:60], "reason": reason}
    return render(request, "documents/verify_unknown.html", context, status=404)


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Codes are for those who hold the paper, not for search engines; and what is said is true for now only."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def document_download(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """The PDF of a paper; `?xem=1` opens it in the browser.

    A GET that writes, on purpose: fetching a paper is what is recorded, and for whoever acts for the applicant of a
    decision it is the delivery (NĐ 118/2025/NĐ-CP Đ22). Repeating it adds a record and changes nothing else.
    """
    document = get_object_or_404(IssuedDocument.objects.visible_to(request.user), public_id=public_id)
    if not document.rendered_at:
        context = {"document": document, "refresh_after": REFRESH_AFTER}
        return _private(render(request, "documents/pending.html", context))
    content = _content(document)
    if content is None:
        return _private(render(request, "documents/unavailable.html", {"document": document}, status=500))
    if request.method == "GET" and not is_prefetch(request):
        downloads.record_download(document, person=request.user, at=timezone.now(), ip_address=address_of(request))
    shown = request.GET.get("xem") == "1"
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'{"inline" if shown else "attachment"}; filename="{pdf_name(document)}"'
    response["Content-Security-Policy"] = (
        "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'self'"
    )
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["X-Content-Type-Options"] = "nosniff"
    return _private(response)


def _content(document: IssuedDocument) -> bytes | None:
    """The stored bytes, or None if they are gone or not those that were rendered."""
    try:
        with document.file.open("rb") as file:
            content = file.read()
    except OSError:
        logger.exception("the file of paper %s cannot be read", document.pk)
        return None
    if hashlib.sha256(content).hexdigest() != document.sha256:
        logger.error("the file of paper %s is not the one that was rendered", document.pk)
        return None
    return content


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response
