"""Questions outside a dossier, as officers take and answer them."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from catalogs.enquiries import answering, desk, subjects
from catalogs.enquiries.answering import NotDone
from catalogs.enquiries.forms import ReplyForm
from catalogs.enquiries.views.public import steps_of
from catalogs.models import Enquiry, EnquiryState


@require_safe
def enquiry_desk(request: HttpRequest) -> HttpResponse:
    counts = desk.counts(user=request.user)
    asked = next((tab for tab in desk.TABS if tab.key == request.GET.get("tab")), None)
    # The first with something in it: new ones before those that a colleague has.
    tab = asked or next((tab for tab in desk.TABS if counts.get(tab.key)), desk.TABS[0])
    page = desk.page(tab, user=request.user, after=request.GET.get("sau", ""), before=request.GET.get("truoc", ""))
    address = f"{reverse('enquiry_desk')}?tab="
    context = {
        "tabs": [
            {
                "label": each.label,
                "count": _written(counts.get(each.key)),
                "current": each is tab,
                "url": f"{address}{each.key}",
            }
            for each in desk.TABS
        ],
        "tab": tab,
        "rows": [(row, subjects.of(row)) for row in page.rows],
        "newer_url": f"{address}{tab.key}&truoc={page.newer}" if page.newer else "",
        "older_url": f"{address}{tab.key}&sau={page.older}" if page.older else "",
    }
    return render(request, "catalogs/enquiries/desk.html", context)


def _written(count: int | None) -> str:
    if count is None:
        return ""
    return str(count) if count < desk.COUNTED else f"{desk.COUNTED - 1}+"


@require_http_methods(["GET", "HEAD", "POST"])
def enquiry_work(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One question: take it, answer it. What was typed is kept whatever comes of it."""
    enquiry = _enquiry(public_id)
    form = ReplyForm()
    if request.method != "POST":
        return _page(request, enquiry, form)
    at, version = timezone.now(), _number(request.POST.get("version"))
    answers = request.POST.get("viec") == "tra-loi"
    if answers:
        form = ReplyForm(request.POST)
        if not form.is_valid():
            return _page(request, enquiry, form, status=422)
    try:
        if answers:
            text = form.cleaned_data["text"]
            answering.answer(enquiry.pk, text=text, by=request.user, at=at, expected_version=version)
            messages.success(request, _("Đã gửi trả lời cho người hỏi."))
        else:
            answering.take(enquiry.pk, by=request.user, at=at, expected_version=version)
            messages.success(request, _("Bạn đã nhận trả lời câu hỏi này."))
    except NotDone as error:
        return _page(request, _enquiry(public_id), form, reasons=[str(error)], status=409)
    return redirect("enquiry_work", public_id)


def _enquiry(public_id: uuid.UUID) -> Enquiry:
    related = ("asker", "organisation", "taken_by", "reply", *subjects.RELATED)
    return get_object_or_404(Enquiry.objects.select_related(*related), public_id=public_id)


def _page(
    request: HttpRequest, enquiry: Enquiry, form: ReplyForm, *, reasons: list[str] | None = None, status: int = 200
) -> HttpResponse:
    may_answer = answering.may_answer(request.user) and enquiry.state != EnquiryState.ANSWERED
    mine = enquiry.taken_by_id == request.user.pk
    context = {
        "enquiry": enquiry,
        "about": subjects.of(enquiry),
        "reply": getattr(enquiry, "reply", None),
        "steps": steps_of(enquiry),
        "form": form,
        "may_take": may_answer and not mine,
        "answers": may_answer and mine,
        "reasons": reasons or [],
        "typed": form.data.get("text", "") if reasons and not (may_answer and mine) else "",
    }
    return render(request, "catalogs/enquiries/work.html", context, status=status)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1
