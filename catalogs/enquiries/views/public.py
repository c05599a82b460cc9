"""Questions outside a dossier, as those who ask see them."""

import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import throttle
from accounts.access import may_open
from accounts.membership import memberships_of
from accounts.visitors import address_of
from catalogs.enquiries import asking, desk, faq, subjects
from catalogs.enquiries.asking import Asked, NotAsked, Visitor
from catalogs.enquiries.forms import EnquiryForm, VisitorForm
from catalogs.models import Enquiry, EnquiryState, FaqEntry, UnconfirmedEnquiry


@require_safe
def faq_index(request: HttpRequest) -> HttpResponse:
    """What was published, the newest first; `?q=` searches."""
    query = request.GET.get("q", "").replace("\x00", "")[: faq.QUERY_MAX].strip()
    page = desk.entries(faq.found(query), after=request.GET.get("sau", ""), before=request.GET.get("truoc", ""))
    kept = {"q": query} if query else {}
    address = reverse("faq_index")
    context = {
        "may_ask": not _is_staff(request),
        "query": query,
        "rows": [(row, subjects.of(row)) for row in page.rows],
        "newer_url": f"{address}?{urlencode({**kept, 'truoc': page.newer})}" if page.newer else "",
        "older_url": f"{address}?{urlencode({**kept, 'sau': page.older})}" if page.older else "",
    }
    return render(request, "catalogs/enquiries/faq_index.html", context)


@require_safe
def faq_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands under an address for good, and when it was corrected; of what was withdrawn, when and why."""
    named = get_object_or_404(FaqEntry.objects.select_related("enquiry"), pk=pk)
    if named.first_id:
        return redirect("faq_detail", named.first_id, permanent=True)
    rows = faq.at_address(pk)
    entry, edits = rows[-1], may_open(request.user, "faq_edit")
    context = {
        "entry": entry,
        "about": subjects.of(entry),
        "since": rows[0].published_at,
        "corrections": rows[:0:-1],
        "may_ask": not _is_staff(request),
        "edit_url": reverse("faq_edit", args=[named.enquiry.public_id]) if edits else "",
        "withdraw_url": reverse("faq_withdraw", args=[pk]) if may_open(request.user, "faq_withdraw") else "",
    }
    if entry.withdrawn_at:
        return render(request, "catalogs/enquiries/faq_withdrawn.html", context, status=410)
    return render(request, "catalogs/enquiries/faq_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def enquiry_new(request: HttpRequest) -> HttpResponse:
    """Ask; `?ve=` names what about."""
    if _is_staff(request):
        raise Http404
    about = subjects.read(request.POST.get("ve") or request.GET.get("ve", ""))
    form, reasons, status = _form(request), [], 200
    if request.method == "POST":
        at = timezone.now()
        if not throttle.allowed("enquiry", _who(request), limit=settings.ENQUIRIES_PER_MINUTE, at=at):
            reasons, status = [_("Bạn đã gửi nhiều câu hỏi trong một phút. Hãy đợi rồi gửi lại.")], 429
        elif not form.is_valid():
            status = 422
        else:
            try:
                return _send(request, form, about, at=at)
            except NotAsked as error:
                reasons = [str(error)]
                status = 429 if isinstance(error, asking.TooMany) else 409
    response = render(
        request,
        "catalogs/enquiries/new.html",
        {"form": form, "about": about, "public_id": uuid.uuid4(), "reasons": reasons},
        status=status,
    )
    if status == 429:
        response["Retry-After"] = str(throttle.WINDOW)
    return response


def _form(request: HttpRequest) -> EnquiryForm:
    data = request.POST if request.method == "POST" else None
    if not request.user.is_authenticated:
        return VisitorForm(data)
    return EnquiryForm(data, organisations=[one.organisation for one in memberships_of(request.user)])


def _send(request: HttpRequest, form: EnquiryForm, about: subjects.Subject, *, at: datetime) -> HttpResponse:
    title, text = form.cleaned_data["title"], form.cleaned_data["text"]
    asked = Asked(_id(request.POST.get("id")), title, text, about, form.organisation())
    if request.user.is_authenticated:
        enquiry = asking.ask(asked, by=request.user, at=at)
        messages.success(request, _("Đã tiếp nhận câu hỏi, mã %s.") % enquiry.code)
        return redirect("enquiry_detail", enquiry.public_id)
    visitor = Visitor(form.cleaned_data["name"], form.cleaned_data["email"], get_language() or "vi")
    asking.ask_as_visitor(asked, by=visitor, at=at)
    return redirect("enquiry_sent")


@require_safe
def enquiry_sent(request: HttpRequest) -> HttpResponse:
    """After a visitor has asked: look into the mailbox."""
    context = {"days": settings.ENQUIRIES_CONFIRMED_WITHIN_DAYS}
    return render(request, "catalogs/enquiries/sent.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enquiry_follow(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Where a visitor confirms the address and follows the question; the mail alone names this address.

    A POST confirms: programs that look into mails open what is linked there.
    """
    if request.method == "POST":
        if asking.confirm(key, at=timezone.now()) is None:
            raise Http404
        messages.success(request, _("Cảm ơn bạn. Câu hỏi đã được tiếp nhận."))
        return _unlisted(redirect("enquiry_follow", key))
    waiting = UnconfirmedEnquiry.objects.filter(key=key).select_related(*subjects.RELATED).first()
    if waiting:
        context = {"waiting": waiting, "about": subjects.of(waiting)}
        return _unlisted(render(request, "catalogs/enquiries/confirm.html", context))
    enquiry = get_object_or_404(_shown(Enquiry.objects.filter(asker=None)), follow_key=key)
    return _unlisted(_enquiry(request, enquiry))


@require_safe
def enquiry_mine(request: HttpRequest) -> HttpResponse:
    rows = Enquiry.objects.of_asker(request.user)
    page = desk.read(rows, newest_first=True, after=request.GET.get("sau", ""), before=request.GET.get("truoc", ""))
    address = reverse("enquiry_mine")
    context = {
        "rows": [(row, subjects.of(row)) for row in page.rows],
        "newer_url": f"{address}?truoc={page.newer}" if page.newer else "",
        "older_url": f"{address}?sau={page.older}" if page.older else "",
    }
    return render(request, "catalogs/enquiries/mine.html", context)


@require_safe
def enquiry_detail(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    enquiry = get_object_or_404(_shown(Enquiry.objects.of_asker(request.user)), public_id=public_id)
    return _enquiry(request, enquiry)


def _enquiry(request: HttpRequest, enquiry: Enquiry) -> HttpResponse:
    context = {
        "enquiry": enquiry,
        "about": subjects.of(enquiry),
        "reply": getattr(enquiry, "reply", None),
        "steps": steps_of(enquiry),
    }
    return render(request, "catalogs/enquiries/detail.html", context)


def _shown(rows: Any) -> Any:
    return rows.select_related("reply", *subjects.RELATED)


def steps_of(enquiry: Enquiry) -> list[dict[str, Any]]:
    """Where it stands, for components/timeline.html. Needs `reply` selected."""
    reply = getattr(enquiry, "reply", None)
    taken, answered = enquiry.state != EnquiryState.RECEIVED, reply is not None
    return [
        {"title": _("Đã tiếp nhận"), "at": enquiry.received_at, "kind": "done", "note": enquiry.code},
        {
            "title": _("Đang trả lời"),
            "at": enquiry.taken_at if taken else "",
            "kind": "done" if answered else "now" if taken else "next",
        },
        {
            "title": _("Đã trả lời"),
            "at": reply.replied_at if reply else "",
            "kind": "done" if answered else "next",
        },
    ]


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Its address is the key: not for search engines. The site's Referrer-Policy already tells it to no other site."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _is_staff(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.is_staff_member()


def _who(request: HttpRequest) -> str:
    return f"person-{request.user.pk}" if request.user.is_authenticated else address_of(request) or ""


def _id(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return uuid.uuid4()
