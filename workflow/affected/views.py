"""The pages of who is affected by a new list: the lists, the rows to work through, one row, and the file."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.validators import ProhibitNullCharactersValidator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import may_open
from accounts.plaintext import as_id, check_readable
from catalogs.changes import Change, predecessors
from catalogs.models import Catalogue, CatalogueItem
from notifications.models import Job, JobState
from workflow.affected import finding, handling
from workflow.affected.exporting import lines
from workflow.affected.rules import Explanation, explain, explain_draft
from workflow.models import AffectedCase, AffectedKind, AffectedRule

PAGE_SIZE = 50
COUNTED = 1000  # as far as the numbers on the page are counted
# The tabs: whether their rows were handled, and whether the rule asks for anything to be done; None: either.
TABS: dict[str, tuple[bool | None, bool | None]] = {
    "can-lam": (False, True),
    "de-biet": (False, False),
    "xong": (True, None),
    "tat-ca": (None, None),
}
NOTE_SHOWN = 160  # characters of a note in the list; its own page shows all


class HandlingForm(forms.Form):
    """Rows that were ticked, each with the version that the page showed, and a note about all of them."""

    note = forms.CharField(
        label=gettext_lazy("Ghi chú"),
        required=False,
        max_length=handling.MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Ví dụ: đã trao đổi với doanh nghiệp, không cần làm gì thêm"),
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.chosen = data.getlist("chon") if data else []
        self.all = bool(data) and data.get("pham-vi") == "tat-ca"  # every row of the filter, whatever is ticked
        self.versions: dict[int, int] = {}
        # Alone: Django's own word on the null character does not name the place.
        kept = [v for v in self.fields["note"].validators if not isinstance(v, ProhibitNullCharactersValidator)]
        self.fields["note"].validators = [*kept, check_readable]

    def clean(self) -> dict[str, Any]:
        if self.all:
            return self.cleaned_data
        for text in self.chosen[: PAGE_SIZE + 1]:
            pk, _colon, version = text.partition(":")
            if as_id(pk) is None or as_id(version) is None:
                raise forms.ValidationError(_("Lựa chọn không đọc được. Hãy tải lại trang rồi chọn lại."))
            self.versions[int(pk)] = int(version)
        if not self.versions:
            raise forms.ValidationError(_("Hãy chọn ít nhất một dòng."))
        if len(self.versions) > PAGE_SIZE:
            raise forms.ValidationError(_("Mỗi lần chỉ ghi được tối đa %(max)s dòng.") % {"max": PAGE_SIZE})
        return self.cleaned_data


@dataclass(frozen=True)
class Count:
    """Counted up to a limit; with a plus where there may be more."""

    number: int

    def __str__(self) -> str:
        return f"{COUNTED - 1}+" if self.number >= COUNTED else str(self.number)


# --- the lists -------------------------------------------------------------------------------------


@require_safe
def affected_index(request: HttpRequest) -> HttpResponse:
    lists = finding.replacing(finding.catalogues_for(request.user)).order_by("-effective_from", "pk")
    return render(request, "workflow/affected/index.html", {"lists": lists, "today": timezone.localdate()})


def _catalogue(request: HttpRequest, slug: str) -> Catalogue:
    return get_object_or_404(finding.catalogues_for(request.user), slug=slug)


@require_POST
def affected_compute(request: HttpRequest, slug: str) -> HttpResponse:
    catalogue = _catalogue(request, slug)
    try:
        job = finding.start(catalogue, by=request.user, at=timezone.now())
    except finding.ReplacesNothing as error:
        messages.error(request, str(error))
        return redirect("affected_list", slug=slug)
    return redirect("job_detail", job_id=job.pk)


# --- the rows --------------------------------------------------------------------------------------


@require_safe
def affected_list(request: HttpRequest, slug: str) -> HttpResponse:
    return _list_page(request, _catalogue(request, slug), HandlingForm())


@require_POST
def affected_handle(request: HttpRequest, slug: str) -> HttpResponse:
    """Mark the ticked rows as looked at, and stay where the person was."""
    catalogue, form = _catalogue(request, slug), HandlingForm(request.POST)
    if not form.is_valid():
        return _list_page(request, catalogue, form, status=422)
    note, at = form.cleaned_data["note"], timezone.now()
    try:
        if form.all and "xac-nhan" not in request.POST:
            return _confirm_page(request, catalogue, form)
        if form.all:
            seen, filters = request.POST["xac-nhan"], _filters(request, catalogue)
            count = handling.handle_all(catalogue, filters, token=seen, by=request.user, at=at, note=note)
            if isinstance(count, Job):
                return redirect("job_detail", job_id=count.pk)
        else:
            count = handling.handle(catalogue, form.versions, by=request.user, at=at, note=note)
    except handling.Stale as error:
        return _list_page(request, catalogue, form, stale=str(error), status=409)
    messages.success(request, _("Đã ghi %(count)s dòng là đã xem xét.") % {"count": count})
    return redirect(_url(catalogue, _kept(request.GET)))


def _confirm_page(request: HttpRequest, catalogue: Catalogue, form: HandlingForm) -> HttpResponse:
    """What marking all rows of the filter would do, with their number; nothing is written yet."""
    kept = _kept(request.GET)
    selection = handling.selected(catalogue, _filters(request, catalogue), by=request.user)
    if not selection.number:
        raise handling.Stale
    context = {
        "catalogue": catalogue,
        "selection": selection,
        "form": form,
        "handle_url": f"{reverse('affected_handle', args=[catalogue.slug])}?{urlencode(kept)}",
        "back_url": _url(catalogue, kept),
    }
    return render(request, "workflow/affected/confirm.html", context)


def _list_page(
    request: HttpRequest, catalogue: Catalogue, form: HandlingForm, *, stale: str = "", status: int = 200
) -> HttpResponse:
    query = request.GET
    filters, kept = _filters(request, catalogue), _kept(query)
    # Said in full: without it the tab that has rows is shown, and that may be another one by then.
    sent = urlencode(kept | {"xem": next(k for k, tab in TABS.items() if tab == (filters.handled, filters.to_act_on))})
    rows, newer, older = _page(filters.apply(handling.rows_of(catalogue, visible_to=request.user)), query)
    everything = AffectedCase.objects.visible_to(request.user).filter(catalogue=catalogue)
    waiting = filters.handled is not True and rows and may_open(request.user, "affected_handle")
    job = finding.last_job(catalogue)
    context = {
        "catalogue": catalogue,
        "earlier": list(predecessors(catalogue).select_related("instrument").order_by("effective_from", "pk")),
        "forecast": catalogue.stage != "published",
        "rows": _rows(rows, request, catalogue, form) if rows else "",
        "shown": rows,
        "explanations": _explanations(rows, catalogue),
        "selectable": _count(filters.apply(everything.filter(handled_at=None))) if waiting else Count(0),
        "done": _count(everything.filter(handled_at__isnull=False)),
        "total": _count(everything),
        "job": job,
        "job_is_visible": bool(job) and job.role in request.user.role_set(),
        "computed": job if job and job.state == JobState.FINISHED else _computed(catalogue),
        "untold": (not job or job.is_over) and finding.is_untold(catalogue),
        "about_drafts": explain_draft(catalogue),
        "filters": filters,
        "filtered": bool(filters.kind or filters.change or filters.rule or filters.item),
        "choices": _choices(catalogue, query),
        "tabs": _tabs(catalogue, filters, kept, everything),
        "newer_url": newer and _url(catalogue, kept | {"truoc": newer}),
        "older_url": older and _url(catalogue, kept | {"sau": older}),
        "clear_url": _url(catalogue, {name: value for name, value in kept.items() if name == "xem"}),
        "export_url": f"{reverse('affected_export', args=[catalogue.slug])}?{sent}",
        "handle_url": f"{reverse('affected_handle', args=[catalogue.slug])}?{sent}",
        "may_handle": may_open(request.user, "affected_handle"),
        "may_compute": may_open(request.user, "affected_compute"),
        "form": form,
        "stale": stale,
    }
    return render(request, "workflow/affected/list.html", context, status=status)


def _computed(catalogue: Catalogue) -> Job | None:
    return finding.last_job(catalogue, states=[JobState.FINISHED])


def _count(rows) -> Count:
    # Fewer than the limit are common: a bounded list of ids is one walk along an index.
    return Count(rows.order_by()[:COUNTED].count())


def _rows(rows: list[AffectedCase], request: HttpRequest, catalogue: Catalogue, form: HandlingForm) -> SafeString:
    """The rows with everything in words; what is the same in all of them is worked out once."""
    opens = request.user.reads_dossiers()
    shown = []
    for row in rows:
        token = f"{row.pk}:{row.version}"
        shown.append(
            {
                "case_url": reverse("case_detail", args=[row.case.public_id]) if opens else "",
                "url": reverse("affected_case", args=[catalogue.slug, row.pk]),
                "title": row.case.title or row.case.code,
                "code": row.case.code,
                "organisation": row.case.organisation.name,
                "kind": row.get_kind_display(),
                "changes": _items(row),
                "rule": row.get_rule_display(),
                "handled": f"{row.handled_by}, {_moment(row.handled_at)}" if row.handled_at else "",
                "note": Truncator(row.note).chars(NOTE_SHOWN),
                "token": token,
                "chosen": token in form.chosen,
            }
        )
    texts = {
        "changed": _("Mục thay đổi"),
        "none": _("Hồ sơ không khai mục nào"),
        "rule": _("Quy định áp dụng"),
        "look": _("Xem xét"),
        "done": _("Đã xem xét"),
        "choose": _("Chọn"),
        "waits": _("Chờ xem xét"),
        "more": _("Chi tiết"),
    }
    context = {"rows": shown, "texts": texts, "may_handle": may_open(request.user, "affected_handle")}
    return mark_safe(  # noqa: S308  Jinja2 has escaped every value
        render_to_string("workflow/affected_rows.html", context, using="jinja2")
    )


def _explanations(rows: list[AffectedCase], catalogue: Catalogue) -> list[tuple[str, Explanation]]:
    """The rules of these rows, each explained once: what it is called, and what it says."""
    rules = {row.rule for row in rows}
    return [(str(rule.label), explain(rule, catalogue)) for rule in AffectedRule if rule in rules]


def _items(row: AffectedCase) -> list[dict[str, Any]]:
    return [{**item, "label": str(Change(item["change"]).label)} for item in row.items]


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")


def _page(rows, query: QueryDict) -> tuple[list[AffectedCase], str, str]:
    """Fifty rows by key, and the positions of the pages before and after; empty where there is none."""
    after, before = as_id(query.get("sau", "")), as_id(query.get("truoc", ""))
    if before is not None:
        found = list(rows.filter(pk__lt=before).order_by("-pk")[: PAGE_SIZE + 1])
        shown = found[:PAGE_SIZE][::-1]
        if shown:
            return shown, str(shown[0].pk) if len(found) > PAGE_SIZE else "", str(shown[-1].pk)
        after = None
    found = list((rows.filter(pk__gt=after) if after is not None else rows).order_by("pk")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    newer = str(shown[0].pk) if shown and after is not None else ""
    return shown, newer, str(shown[-1].pk) if len(found) > PAGE_SIZE else ""


def _filters(request: HttpRequest, catalogue: Catalogue) -> handling.Filters:
    """What makes no sense is taken for no filter; without a tab, the first of those that wait which has any rows."""
    query = request.GET
    kind, change, rule = (query.get(name, "") for name in ("loai", "thay-doi", "quy-dinh"))
    filters = handling.Filters(
        kind=kind if kind in AffectedKind.values else "",
        change=change if change in Change.values else "",
        rule=rule if rule in AffectedRule.values else "",
        item=as_id(query.get("muc", "")),
    )
    if query.get("xem") in TABS:
        handled, to_act_on = TABS[query["xem"]]
        return replace(filters, handled=handled, to_act_on=to_act_on)
    acting = replace(filters, handled=False, to_act_on=True)
    rows = AffectedCase.objects.visible_to(request.user).filter(catalogue=catalogue)
    return acting if acting.apply(rows).exists() else replace(acting, to_act_on=False)


def _kept(query: QueryDict) -> dict[str, str]:
    """What a link to another page of the list takes along."""
    names = ("xem", "loai", "thay-doi", "quy-dinh", "muc")
    return {name: query[name][:40] for name in names if query.get(name)}


def _choices(catalogue: Catalogue, query: QueryDict) -> list[dict[str, Any]]:
    items = CatalogueItem.objects.filter(catalogue__in=predecessors(catalogue)).order_by("catalogue", "position", "pk")
    given = (
        ("loai", _("Loại"), _("Hồ sơ và quyết định"), AffectedKind.choices),
        ("thay-doi", _("Thay đổi"), _("Mọi thay đổi"), Change.choices),
        ("quy-dinh", _("Quy định áp dụng"), _("Mọi quy định"), AffectedRule.choices),
        ("muc", _("Mục của danh mục cũ"), _("Mọi mục"), [(str(item.pk), str(item)[:80]) for item in items]),
    )
    return [
        {"name": name, "label": label, "all": everything, "options": options, "value": query.get(name, "")}
        for name, label, everything, options in given
    ]


def _tabs(catalogue: Catalogue, filters: handling.Filters, kept: dict[str, str], rows) -> list[dict[str, Any]]:
    labels = {
        "can-lam": _("Cần làm"),
        "de-biet": _("Chỉ cần biết"),
        "xong": _("Đã xem xét"),
        "tat-ca": _("Tất cả"),
    }
    tabs = []
    for key, (handled, to_act_on) in TABS.items():
        of_tab = handling.Filters(handled=handled, to_act_on=to_act_on)
        tabs.append(
            {
                "key": key,
                "label": labels[key],
                "count": _count(of_tab.apply(rows)) if to_act_on is not None else "",
                "url": _url(catalogue, kept | {"xem": key}),
                "current": (filters.handled, filters.to_act_on) == (handled, to_act_on),
            }
        )
    return tabs


def _url(catalogue: Catalogue, query: dict[str, str]) -> str:
    address = reverse("affected_list", args=[catalogue.slug])
    return f"{address}?{urlencode(query)}" if query else address


# --- one row ---------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def affected_case(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One row with all its items; marking it as looked at, or letting it wait again."""
    catalogue = _catalogue(request, slug)
    row = get_object_or_404(handling.rows_of(catalogue, visible_to=request.user), pk=pk)
    may_handle = may_open(request.user, "affected_handle")
    if request.method == "POST" and not may_handle:
        raise Http404
    if request.method != "POST":
        return _case_page(request, catalogue, row, HandlingForm(), may_handle=may_handle)
    form, at = HandlingForm(request.POST), timezone.now()
    if not form.is_valid() or set(form.versions) != {row.pk}:
        return _case_page(request, catalogue, row, form, may_handle=True, status=422)
    try:
        if "mo-lai" in request.POST:
            handling.reopen(catalogue, form.versions, by=request.user, at=at)
            messages.success(request, _("Dòng này lại chờ xem xét."))
        else:
            handling.handle(catalogue, form.versions, by=request.user, at=at, note=form.cleaned_data["note"])
            messages.success(request, _("Đã ghi là đã xem xét."))
    except handling.Stale as error:
        row = get_object_or_404(handling.rows_of(catalogue, visible_to=request.user), pk=pk)
        return _case_page(request, catalogue, row, form, may_handle=True, stale=str(error), status=409)
    return redirect("affected_list", slug=slug)


def _case_page(
    request: HttpRequest,
    catalogue: Catalogue,
    row: AffectedCase,
    form: HandlingForm,
    *,
    may_handle: bool,
    stale: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "catalogue": catalogue,
        "row": row,
        "case": row.case,
        "items": _items(row),
        "explanation": explain(row.rule, catalogue),
        "case_url": reverse("case_detail", args=[row.case.public_id]) if request.user.reads_dossiers() else "",
        "token": f"{row.pk}:{row.version}",
        "form": form,
        "may_handle": may_handle,
        "stale": stale,
    }
    return render(request, "workflow/affected/case.html", context, status=status)


# --- the file --------------------------------------------------------------------------------------


@require_safe
def affected_export(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """Every row that the filters leave, as CSV; sent while it is read."""
    catalogue = _catalogue(request, slug)
    rows = _filters(request, catalogue).apply(handling.rows_of(catalogue, visible_to=request.user))
    response = StreamingHttpResponse(lines(rows, catalogue), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="anh-huong-{catalogue.slug}.csv"'
    return response
