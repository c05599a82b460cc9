"""Messages on a dossier: the page of its applicant, and what both sides' pages have in common."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import throttle
from accounts.models import User
from accounts.plaintext import as_version
from accounts.visitors import is_prefetch
from intake import attachments, conversation, wording
from intake.conversation import NotSent, Written
from intake.forms import MessageForm
from intake.models import EDITING_ROLES, Dossier, Message, MessageFile, Side
from intake.states import State
from intake.views import files, loading

Send = Callable[[int, Written, User, datetime], Message]


@require_http_methods(["GET", "HEAD", "POST"])
def dossier_messages(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    dossier = loading.of_applicant(request, public_id)
    if dossier.state == State.DRAFT:
        raise Http404
    editable = request.user.memberships.filter(
        organisation_id=dossier.organisation_id, role__in=EDITING_ROLES
    ).exists()
    return converse(
        request,
        dossier,
        Side.APPLICANT,
        writes=editable,
        send=lambda pk, written, by, at: conversation.send(pk, written, by=by, at=at),
        address=reverse("dossier_messages", args=[public_id]),
        template="intake/messages.html",
        context={"holder": wording.holder(dossier)},
    )


def converse(
    request: HttpRequest,
    dossier: Dossier,
    side: Side,
    *,
    writes: bool,
    send: Send,
    address: str,
    template: str,
    context: dict[str, Any],
) -> HttpResponse:
    """The conversation as a side sees it; a POST sends a message. Whoever `writes` for the side also reads for it."""
    at = timezone.now()
    form, reasons, status = MessageForm(), [], 200
    if request.method == "POST":
        form = MessageForm(request.POST)
        reasons, status = _take(request, dossier, form, send, at=at)
        if status == 302:
            messages.success(request, _("Đã gửi tin nhắn."))
            return redirect(f"{address}#gui")
    before = as_version(request.GET.get("truoc"))
    page = conversation.page(dossier, side, before=before)
    looked = request.method == "GET" and before is None and not is_prefetch(request)
    if looked and writes and conversation.unread(dossier, side):
        conversation.mark_read(dossier, side, up_to=page.last_number, by=request.user, at=at)
    return render(
        request,
        template,
        {
            **context,
            "dossier": dossier,
            "page": page,
            "older_url": f"{address}?truoc={page.older}" if page.older else "",
            "newest_url": address if before is not None else "",
            "form": form,
            "message_id": uuid.uuid4(),
            "writes": writes and before is None and conversation.is_open(dossier, at=at),
            "closing": conversation.closes_at(dossier),
            "open": conversation.is_open(dossier, at=at),
            "reasons": reasons,
            "typed": form.data.get("text", "") if reasons else "",
            "takes": attachments.kinds_of(conversation.TAKES),
            "accept": ",".join(files.accepted(conversation.TAKES)),
            "files_max": conversation.FILES_MAX,
            "max_bytes": settings.UPLOAD_MAX_BYTES,
            "today": timezone.localdate(at),
        },
        status=status,
    )


def _take(
    request: HttpRequest, dossier: Dossier, form: MessageForm, send: Send, *, at: datetime
) -> tuple[list[str], int]:
    """Send what came. Returns why not, beside what the form says itself, and the status to answer with."""
    if not throttle.allowed("message", str(request.user.pk), limit=settings.MESSAGES_PER_MINUTE, at=at):
        return [_("Bạn đã gửi nhiều tin nhắn trong một phút. Hãy đợi rồi gửi lại.")], 429
    with conversation.examined(request.FILES.getlist("files")) as (enclosed, refused):
        if not form.is_valid() or refused:
            return _choose_again(request, refused), 422
        sent, seen = _id(request.POST.get("message")), as_version(request.POST.get("seen")) or 0
        try:
            send(dossier.pk, Written(sent, form.cleaned_data["text"], seen, tuple(enclosed)), request.user, at)
        except NotSent as error:
            return _choose_again(request, [str(error)]), 409
    return [], 302


def _choose_again(request: HttpRequest, reasons: list[str]) -> list[str]:
    return [*reasons, _("Các tệp bạn vừa chọn chưa được gửi; hãy chọn lại.")] if request.FILES else reasons


def _id(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return uuid.uuid4()


@require_safe
def message_file_open(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """A file that was sent with a message, to the people of both sides. ?tai=1 downloads it."""
    readable = MessageFile.objects.filter(_readable_by(request.user)).select_related("message", "scan")
    file = get_object_or_404(readable, pk=pk)
    own = not request.user.is_staff_member() and file.message.side == Side.APPLICANT
    return files.served(request, file, own=own)


def _readable_by(user: User) -> Q:
    if user.is_staff_member():
        return Q() if user.reads_dossiers() else Q(pk__in=[])
    return Q(message__dossier__in=Dossier.objects.of_applicant(user))
