"""Where a catalogue manager decides what matching learns: decided products, other names, and the candidate."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.plaintext import as_id
from catalogs.learning import aliases, candidate, evaluating, evidence
from catalogs.learning.acting import LearningError
from catalogs.learning.forms import AliasForm
from catalogs.matching import service
from catalogs.models import Catalogue, CatalogueItem, Evaluation, Evidence, EvidenceState, ItemAlias
from catalogs.search import words_of

PAGE = 10  # each is matched anew when it is shown
NAMES = 50
SUGGESTED = 3
PENDING_SHOWN = 100
COUNTED = 999  # of each state; of more it is only said that there are more
EVALUATIONS_SHOWN = 20
FITS = {"co": True, "khong": False}


# --- decided products ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filters:
    state: str
    catalogue: str  # slug
    item: str  # code
    fits: str  # "co", "khong" or empty

    @classmethod
    def of(cls, query: QueryDict) -> "Filters":
        state, catalogue, item, fits = (
            query.get(name, "")[:80].replace("\x00", "") for name in ("trang-thai", "danh-muc", "muc", "hop")
        )
        return cls(
            state if state in EvidenceState.values else str(EvidenceState.PROPOSED),
            catalogue,
            item if catalogue else "",
            fits if fits in FITS else "",
        )

    def __bool__(self) -> bool:
        return bool(self.catalogue or self.fits)

    def rows(self, among: Any) -> Any:
        rows = among.filter(state=self.state)
        if self.catalogue:
            rows = rows.filter(catalogue__slug=self.catalogue)
        if self.item:
            rows = rows.filter(item__code=self.item)
        return rows.filter(fits=FITS[self.fits]) if self.fits else rows

    def url(self, **changes: str) -> str:
        given = {"trang-thai": self.state, "danh-muc": self.catalogue, "muc": self.item, "hop": self.fits, **changes}
        return f"{reverse('evidence_queue')}?{urlencode({name: value for name, value in given.items() if value})}"


@require_http_methods(["GET", "HEAD", "POST"])
def evidence_queue(request: HttpRequest) -> HttpResponse:
    """Decided products, to be accepted or rejected one by one or many at once."""
    if request.method != "POST":
        return _queue(request)
    move, seen = _chosen(request.POST)
    try:
        rows = evidence.review(
            seen, move, among=Evidence.objects.visible_to(request.user), by=request.user, at=timezone.now()
        )
    except evidence.Stale as error:
        return _queue(request, reasons=[str(error)], ticked=set(seen), status=409)
    except LearningError as error:
        return _queue(request, reasons=[str(error)], ticked=set(seen), status=422)
    messages.success(request, _done(move, len(rows)))
    return redirect(request.get_full_path())


def _chosen(given: QueryDict) -> tuple[str, dict[int, str]]:
    """The move, and the rows with the state that was shown: of one row's button, or of all that are ticked."""
    move, ticked = given.get("viec", ""), given.getlist("chon")
    if "mot" in given:
        move, _colon, one = given["mot"].partition(":")
        ticked = [one]
    seen = {}
    for value in ticked[: 10 * PAGE]:
        number, _colon, state = value.partition(":")
        if (pk := as_id(number)) is not None:
            seen[pk] = state
    return move, seen


def _done(move: str, n: int) -> str:
    texts = {
        "accept": ngettext(
            "Đã chọn %(n)s sản phẩm để học. Hãy thử cấu hình trước khi áp dụng.",
            "Đã chọn %(n)s sản phẩm để học. Hãy thử cấu hình trước khi áp dụng.",
            n,
        ),
        "reject": ngettext("Không dùng %(n)s sản phẩm.", "Không dùng %(n)s sản phẩm.", n),
        "retire": ngettext(
            "%(n)s sản phẩm sẽ thôi áp dụng sau khi thử và áp dụng cấu hình.",
            "%(n)s sản phẩm sẽ thôi áp dụng sau khi thử và áp dụng cấu hình.",
            n,
        ),
        "keep": ngettext("Đã giữ lại %(n)s sản phẩm.", "Đã giữ lại %(n)s sản phẩm.", n),
    }
    return texts[move] % {"n": n}


def _queue(
    request: HttpRequest, *, reasons: list[str] | None = None, ticked: set[int] | None = None, status: int = 200
) -> HttpResponse:
    filters = Filters.of(request.GET)
    known = Evidence.objects.visible_to(request.user)
    rows, newer, older = _page(filters.rows(known), request.GET)
    lists = list(
        Catalogue.objects.visible_to(request.user)
        .filter(Exists(Evidence.objects.filter(catalogue=OuterRef("pk"))))
        .select_related("instrument")
        .order_by("instrument__number", "pk")
    )
    chosen = next((one for one in lists if one.slug == filters.catalogue), None)
    context = {
        "filters": filters,
        "tabs": [
            {
                "label": label,
                "count": _counted(known.filter(state=value)),
                "url": filters.url(**{"trang-thai": value}),
                "current": value == filters.state,
            }
            for value, label in EvidenceState.choices
        ],
        "lists": lists,
        "items": chosen.items.order_by("position", "pk") if chosen else [],
        "rows": [_row(row) for row in rows],
        "moves": _moves(filters.state),
        "ticked": ticked or set(),
        "reasons": reasons or [],
        "newer_url": filters.url(truoc=str(rows[0].pk)) if rows and newer else "",
        "older_url": filters.url(sau=str(rows[-1].pk)) if rows and older else "",
        "clear_url": filters.url(**{"danh-muc": "", "muc": "", "hop": ""}),
        "here": request.get_full_path(),
    }
    return render(request, "catalogs/evidence_queue.html", context, status=status)


def _counted(rows: Any) -> str:
    n = rows.order_by("pk")[: COUNTED + 1].count()
    return f"{COUNTED}+" if n > COUNTED else str(n)


def _page(rows: Any, query: QueryDict) -> tuple[list[Evidence], bool, bool]:
    """Newest first, by key: (rows, whether there are newer ones, whether there are older ones)."""
    rows = rows.select_related("catalogue__instrument", "item", "reviewed_by")
    after, before = as_id(query.get("sau", "")), as_id(query.get("truoc", ""))
    if before is not None:
        found = list(rows.filter(pk__gt=before).order_by("pk")[: PAGE + 1])
        return list(reversed(found[:PAGE])), len(found) > PAGE, True
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return found[:PAGE], after is not None, len(found) > PAGE


def _moves(state: str) -> list[tuple[str, str]]:
    labels = {"accept": _("Chọn để học"), "reject": _("Không dùng"), "retire": _("Thôi áp dụng"), "keep": _("Giữ lại")}
    return [(move, labels[move]) for move, (states, _to) in evidence.MOVES.items() if state in states]


def _row(row: Evidence) -> dict[str, Any]:
    """A product with what matching says of it today, and where the item of the finding stands."""
    result = service.suggest(row.catalogue, name=row.name, description=row.description, limit=SUGGESTED)
    ranked = service.index_of(row.catalogue).match(row.name, row.description, explain=False).ranked
    codes = [one.code for one in ranked if one.score > 0]
    marks: dict[str, list[Any]] = {"name": [], "description": []}
    for reason in (reason for one in result.ranked for reason in one.reasons):
        marks[reason.field].append(reason)
    return {
        "evidence": row,
        "key": f"{row.pk}:{row.state}",
        "marks": marks,
        "none_fits": result.decision == "none",
        "suggested": [{"one": one, "reasons": service.each_once(one.reasons)} for one in result.ranked],
        "rank": codes.index(row.item.code) + 1 if row.item and row.item.code in codes else 0,
    }


# --- the candidate ---------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def candidate_page(request: HttpRequest) -> HttpResponse:
    """What would be put into force; a POST has it measured beside what is in force."""
    if request.method == "POST":
        try:
            _evaluation, job = evaluating.start(by=request.user, at=timezone.now())
        except LearningError as error:
            return _candidate(request, reasons=[str(error)], status=409)
        return redirect("job_detail", job_id=job.pk)
    return _candidate(request)


def _candidate(request: HttpRequest, *, reasons: list[str] | None = None, status: int = 200) -> HttpResponse:
    shown, names = candidate.pending_rows(PENDING_SHOWN)
    evaluations = list(
        Evaluation.objects.select_related("requested_by", "applied_by").order_by("-requested_at", "-pk")[
            :EVALUATIONS_SHOWN
        ]
    )
    jobs = evaluating.jobs_of([one.pk for one in evaluations if not one.finished_at])
    context = {
        "added": candidate.pending(),
        "evidence": shown,
        "aliases": names,
        "evaluations": [{"one": one, "job": jobs.get(one.pk)} for one in evaluations],
        "reasons": reasons or [],
    }
    return render(request, "catalogs/candidate.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def evaluation_detail(request: HttpRequest, evaluation_id: int) -> HttpResponse:
    """The figures side by side; a POST puts into force what they were measured on."""
    evaluation = get_object_or_404(
        Evaluation.objects.select_related("requested_by", "applied_by"), pk=evaluation_id, finished_at__isnull=False
    )
    if request.method != "POST":
        return _evaluation(request, evaluation)
    try:
        candidate.apply(evaluation.pk, by=request.user, at=timezone.now())
    except LearningError as error:
        return _evaluation(request, evaluation, reasons=[str(error)], status=409)
    messages.success(request, _("Đã áp dụng. Từ nay việc đối chiếu dùng cấu hình này."))
    return redirect("evaluation_detail", evaluation_id=evaluation.pk)


def _evaluation(
    request: HttpRequest, evaluation: Evaluation, *, reasons: list[str] | None = None, status: int = 200
) -> HttpResponse:
    current = not evaluation.applied_at and candidate.digest_of(candidate.pending()) == evaluation.configuration
    context = {
        "evaluation": evaluation,
        "rows": [_compared(row) for row in evaluation.figures["rows"]],
        "changed": evaluation.figures["changed"],
        "current": current,
        "reasons": reasons or [],
    }
    return render(request, "catalogs/evaluation.html", context, status=status)


# Of these a smaller share is better.
SMALLER_IS_BETTER = ("fa", "fr")


def _compared(row: dict[str, Any]) -> dict[str, Any]:
    cells = []
    for key in candidate.SHOWN:
        before, after = row["live"][key], row["candidate"][key]
        trend = ""
        if before != after:
            trend = "better" if (after < before) == (key in SMALLER_IS_BETTER) else "worse"
        cells.append({"before": _decimal(before), "after": _decimal(after), "trend": trend})
    return {**row, "cells": cells, "part": _part(row["group"])}


def _part(group: str) -> str:
    """Which of the labelled products a row is about, in words; empty for all of them."""
    kind, _sign, value = group.partition("=")
    if not kind:
        return ""
    values = {
        "difficulty": {"easy": _("dễ"), "medium": _("vừa"), "hard": _("khó")},
        "lang": {
            "vi": _("tiếng Việt"),
            "vi-plain": _("không dấu"),
            "nodia": _("không dấu"),
            "en": _("tiếng Anh"),
            "mixed": _("trộn"),
        },
    }
    label = _("độ khó") if kind == "difficulty" else _("ngôn ngữ")
    return f"{label}: {values.get(kind, {}).get(value, value)}"


def _decimal(share: str) -> str:
    return share.replace(".", ",") or "–"


# --- other names -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class AliasFilters:
    """Which names of a list; each part may be empty. Without any the page shows the items instead."""

    item: str  # code
    words: str
    origin: str

    @classmethod
    def of(cls, query: QueryDict) -> "AliasFilters":
        return cls(*(query.get(name, "")[:80].replace("\x00", "").strip() for name in ("muc", "tu", "nguon")))

    def __bool__(self) -> bool:
        return bool(self.item or self.words or self.origin)

    def rows(self, catalogue: Catalogue) -> Any:
        rows = ItemAlias.objects.filter(item__catalogue=catalogue).select_related("item")
        if self.item:
            rows = rows.filter(item__code=self.item)
        if self.origin:
            rows = rows.filter(origin=self.origin)
        for word in words_of(self.words)[:8]:
            rows = rows.filter(search_text__contains=f" {word}")
        return rows

    def url(self, catalogue: Catalogue, **changes: str) -> str:
        given = {"danh-muc": catalogue.slug, "muc": self.item, "tu": self.words, "nguon": self.origin, **changes}
        return f"{reverse('alias_index')}?{urlencode({name: value for name, value in given.items() if value})}"


@require_safe
def alias_index(request: HttpRequest) -> HttpResponse:
    """The items of a list with how many other names each has; or, narrowed, the names themselves."""
    lists = list(Catalogue.objects.public().select_related("instrument").order_by("-effective_from", "pk"))
    slug, filters = request.GET.get("danh-muc", ""), AliasFilters.of(request.GET)
    chosen = next((one for one in lists if one.slug == slug), lists[0] if lists else None)
    context: dict[str, Any] = {"lists": lists, "chosen": chosen, "filters": filters}
    if chosen:
        context["items"] = chosen.items.annotate(
            alias_count=Count("aliases", filter=Q(aliases__live=True)),
            proposed_count=Count("aliases", filter=Q(aliases__live=False)),
        ).order_by("position", "pk")
        origins = ItemAlias.objects.filter(item__catalogue=chosen).order_by("origin")
        context["origins"] = origins.values_list("origin", flat=True).distinct()
    if chosen and filters:
        rows, newer, older = _names(filters.rows(chosen), request.GET)
        context |= {
            "names": rows,
            "newer_url": filters.url(chosen, truoc=str(rows[0].pk)) if rows and newer else "",
            "older_url": filters.url(chosen, sau=str(rows[-1].pk)) if rows and older else "",
        }
    return render(request, "catalogs/alias_index.html", context)


def _names(rows: Any, query: QueryDict) -> tuple[list[ItemAlias], bool, bool]:
    """By key, in the order in which they came: (names, whether there are some before, and after)."""
    after, before = as_id(query.get("sau", "")), as_id(query.get("truoc", ""))
    if before is not None:
        found = list(rows.filter(pk__lt=before).order_by("-pk")[: NAMES + 1])
        return list(reversed(found[:NAMES])), len(found) > NAMES, True
    found = list((rows.filter(pk__gt=after) if after is not None else rows).order_by("pk")[: NAMES + 1])
    return found[:NAMES], after is not None, len(found) > NAMES


@require_http_methods(["GET", "HEAD", "POST"])
def item_aliases(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The other names of an item: where each comes from; and one more may be proposed."""
    item = _item(slug, code)
    if request.method != "POST":
        return _aliases(request, item, AliasForm())
    form = AliasForm(request.POST)
    if not form.is_valid():
        return _aliases(request, item, form, status=422)
    try:
        aliases.propose_alias(
            item,
            form.cleaned_data["text"],
            language=form.cleaned_data["language"],
            by=request.user,
            at=timezone.now(),
            although_elsewhere=form.cleaned_data["although_elsewhere"],
        )
    except aliases.SaidElsewhere as warning:
        form.add_error("text", str(warning))
        return _aliases(request, item, form, elsewhere=True, status=422)
    except LearningError as error:
        form.add_error("text", str(error))
        return _aliases(request, item, form, status=422)
    messages.success(request, _("Đã đề xuất cách gọi. Tên gọi chỉ được dùng sau khi thử và áp dụng cấu hình."))
    return redirect("item_aliases", slug, code)


@require_POST
def alias_retire(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Take one away, or keep one that was to go."""
    item = _item(slug, code)
    keep = "giu" in request.POST
    alias_id = as_id(request.POST.get("giu" if keep else "ten-goi", "")) or 0
    change = aliases.keep_alias if keep else aliases.retire_alias
    try:
        change(alias_id, item=item, by=request.user, at=timezone.now())
    except LearningError as error:
        return _aliases(request, item, AliasForm(), reasons=[str(error)], status=409)
    retired = _("Đã bỏ cách gọi. Cách gọi đang dùng còn chờ thử và áp dụng cấu hình.")
    messages.success(request, _("Đã giữ lại cách gọi.") if keep else retired)
    return redirect("item_aliases", slug, code)


def _item(slug: str, code: str) -> CatalogueItem:
    rows = CatalogueItem.objects.filter(catalogue__in=Catalogue.objects.public())
    item = rows.filter(catalogue__slug=slug, code=code).select_related("catalogue__instrument", "group").first()
    if item is None:
        raise Http404
    return item


def _aliases(
    request: HttpRequest,
    item: CatalogueItem,
    form: AliasForm,
    *,
    elsewhere: bool = False,
    reasons: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    known = ItemAlias.objects.filter(item=item).select_related("added_by").order_by("live", "-added_on", "text", "pk")
    shipped = [alias for alias in known if not alias.added_by_id]
    context = {
        "item": item,
        "catalogue": item.catalogue,
        "form": form,
        "elsewhere": elsewhere,
        "own": [alias for alias in known if alias.added_by_id],
        "shipped": shipped[:NAMES],
        # Where there are more, the page of all names has them by the page.
        "all_url": AliasFilters(item.code, "", "").url(item.catalogue) if len(shipped) > NAMES else "",
        "count": len(shipped),
        "reasons": reasons or [],
    }
    return render(request, "catalogs/item_aliases.html", context, status=status)
