"""Questions outside a dossier, as officers take and answer them."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.plaintext import as_version
from catalogs.enquiries import answering, desk, faq, subjects
from catalogs.enquiries.answering import NotDone
from catalogs.enquiries.forms import FaqForm, ReplyForm, WithdrawalForm
from catalogs.enquiries.views.public import steps_of
from catalogs.models import Enquiry, EnquiryState, FaqEntry


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
    at, version = timezone.now(), _seen(request)
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
    related = ("asker", "organisation", "taken_by", "reply", "faq_draft__edited_by", *subjects.RELATED)
    related += tuple(f"faq_draft__{path}" for path in subjects.RELATED)
    return get_object_or_404(Enquiry.objects.select_related(*related), public_id=public_id)


def _page(
    request: HttpRequest, enquiry: Enquiry, form: ReplyForm, *, reasons: list[str] | None = None, status: int = 200
) -> HttpResponse:
    may_answer = answering.may_answer(request.user) and enquiry.state != EnquiryState.ANSWERED
    mine = enquiry.taken_by_id == request.user.pk
    reply = getattr(enquiry, "reply", None)
    context = {
        "enquiry": enquiry,
        "about": subjects.of(enquiry),
        "reply": reply,
        "entry": enquiry.faq_entries.standing().order_by("-pk").first() if reply else None,
        "draft": getattr(enquiry, "faq_draft", None),
        "edits": bool(reply) and answering.may_answer(request.user),
        "may_edit": bool(reply) and reply.replied_by_id != request.user.pk,
        "steps": steps_of(enquiry),
        "form": form,
        "may_take": may_answer and not mine,
        "answers": may_answer and mine,
        "reasons": reasons or [],
        "typed": form.data.get("text", "") if reasons and not (may_answer and mine) else "",
    }
    return render(request, "catalogs/enquiries/work.html", context, status=status)


# --- what everybody may read -----------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def faq_edit(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Edit the entry for everybody or its correction, propose, publish or give it up. What was typed is kept."""
    enquiry = _enquiry(public_id)
    if not hasattr(enquiry, "reply"):
        raise Http404
    standing = enquiry.faq_entries.standing().select_related(*subjects.RELATED).first()
    form = FaqForm(initial=_initial(enquiry, standing), corrects=bool(standing))
    if request.method != "POST":
        return _faq_page(request, enquiry, standing, form)
    version, deed = _seen(request), request.POST.get("viec", "")
    arguments: dict[str, Any] = {"by": request.user, "at": timezone.now(), "expected_version": version}
    if deed not in ("cong-bo", "bo"):
        form = FaqForm(request.POST, corrects=bool(standing))
        if not form.is_valid():
            return _faq_page(request, enquiry, standing, form, status=422)
    try:
        if deed == "cong-bo":
            entry = faq.publish(enquiry.pk, **arguments)
            messages.success(request, _("Đã công bố. Nội dung này có địa chỉ riêng và hiện ở các trang liên quan."))
            return redirect("faq_detail", entry.address_id)
        if deed == "bo":
            faq.discard(enquiry.pk, **arguments)
            messages.success(request, _("Đã bỏ bản biên tập."))
        else:
            about = subjects.of(enquiry) if request.POST.get("ve") else subjects.NOTHING
            faq.edit(enquiry.pk, faq.Texts(**form.cleaned_data, about=about), propose=deed == "trinh", **arguments)
            messages.success(request, _("Đã trình công bố.") if deed == "trinh" else _("Đã lưu bản biên tập."))
    except NotDone as error:
        status = 422 if isinstance(error, faq.Identifying) else 409
        return _faq_page(request, _enquiry(public_id), standing, form, reasons=[str(error)], status=status)
    return redirect("enquiry_work", public_id)


def _initial(enquiry: Enquiry, standing: FaqEntry | None) -> dict[str, str]:
    """The draft, or what stands; at the beginning the office's own words alone, and nothing of whoever asked."""
    draft = getattr(enquiry, "faq_draft", None)
    if source := draft or standing:
        texts = {"title": source.title, "question": source.question, "answer": source.answer}
        return {**texts, "change": draft.change if draft else ""}
    return {"answer": enquiry.reply.text}


def _faq_page(
    request: HttpRequest,
    enquiry: Enquiry,
    standing: FaqEntry | None,
    form: FaqForm,
    *,
    reasons: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    draft = getattr(enquiry, "faq_draft", None)
    may_edit = enquiry.reply.replied_by_id != request.user.pk
    shown = draft or standing
    context = {
        "enquiry": enquiry,
        "reply": enquiry.reply,
        "about": subjects.of(enquiry),
        "keeps_subject": bool(request.POST.get("ve") if form.is_bound else not shown or subjects.of(shown)),
        "draft": draft,
        "draft_about": subjects.of(draft) if draft else subjects.NOTHING,
        "form": form,
        "may_edit": may_edit,
        "may_publish": bool(draft and draft.proposed_at) and faq.may_publish(request.user, enquiry),
        "standing": standing,
        "entries": enquiry.faq_entries.select_related("edited_by", "published_by", "withdrawn_by").order_by("-number"),
        "reasons": reasons or [],
        "typed": [form.data.get(name, "") for name in form.fields] if form.is_bound and not may_edit else [],
    }
    return render(request, "catalogs/enquiries/faq_edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def faq_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, then take the entry back."""
    entry = get_object_or_404(FaqEntry.objects.select_related("enquiry"), pk=pk, first=None)
    enquiry = entry.enquiry
    form = WithdrawalForm(request.POST if request.method == "POST" else None)
    reasons, status = [], 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            arguments: dict[str, Any] = {"by": request.user, "at": timezone.now()}
            version = _seen(request)
            try:
                faq.withdraw(pk, reason=form.cleaned_data["reason"], expected_version=version, **arguments)
            except NotDone as error:
                reasons, status = [str(error)], 422 if isinstance(error, faq.Identifying) else 409
                enquiry.refresh_from_db(fields=["version"])
            else:
                messages.success(request, _("Đã rút nội dung này."))
                return redirect("enquiry_work", enquiry.public_id)
    shown = faq.at_address(pk)[-1]
    context = {"entry": shown, "version": enquiry.version, "form": form, "reasons": reasons}
    return render(request, "catalogs/enquiries/faq_withdraw.html", context, status=status)


def _seen(request: HttpRequest) -> int:
    """The version that the page showed; one that never was, if it sends anything else."""
    shown = as_version(request.POST.get("version"))
    return -1 if shown is None else shown
