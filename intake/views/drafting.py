"""The pages of a draft besides its sections: suggestions, items of the list, summary."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.plaintext import as_id
from catalogs.models import CatalogueItem
from catalogs.relations import elsewhere
from catalogs.search import items_found
from catalogs.services import definition_of
from intake import drafts, filing
from intake.answers import write_time
from intake.completeness import ITEMS, missing
from intake.duplicates import duplicates_of
from intake.forms import CertificationForm
from intake.listing import catalogue_of, matching_day
from intake.models import Dossier
from intake.opening import NotOpen
from intake.steps import SUMMARY, context_of, next_url
from intake.suggestions import SHOWN_BESIDE, advise, decided_before, matching_fields
from intake.views import loading
from intake.views.dossiers import content_context

SEARCH_MAX = 200


def dossier_suggestions(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The suggestions alone, for the text as it stands on the page. POST only because a description is too long
    for an address; nothing is written."""
    dossier, opening = loading.to_edit(request, public_id)
    if not opening.everything:
        raise Http404
    given = request.POST if request.method == "POST" else request.GET
    keys = matching_fields(dossier).split()
    answers = {**dossier.answers, **{key: given[key] for key in keys if key in given}}
    at = timezone.now()
    context = {
        "advice": advise(dossier, answers, at=at, limit=SHOWN_BESIDE),
        "duplicates": duplicates_of(dossier, answers, at=at),
        "dossier": dossier,
    }
    return render(request, "intake/_suggestions.html", context)


@loading.of_a_draft_that_may_go
def dossier_items(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Choose the items of the list that are declared."""
    dossier, opening = loading.to_edit(request, public_id)
    at = timezone.now()
    catalogue = catalogue_of(dossier, at)
    if request.method == "POST" and not opening.anything:
        raise loading.Filed(dossier, opening)
    if not opening.items or catalogue is None:
        raise Http404
    advice = advise(dossier, dossier.answers, at=at)
    if request.method == "POST":
        return _choose_items(request, dossier, advice, catalogue, at=at, everything=opening.everything)
    chosen = {one.item_id for one in dossier.declared_items.all()}
    return _items_page(request, dossier, advice, catalogue, chosen, at=at, everything=opening.everything)


def _choose_items(
    request: HttpRequest, dossier: Dossier, advice: Any, catalogue: Any, *, at: datetime, everything: bool
) -> HttpResponse:
    given = request.POST.getlist("items")
    chosen = {pk for pk in map(as_id, given) if pk is not None}
    reasons: list[str] = []
    seen: str | None = request.POST.get("seen", "")
    if "search" in request.POST or "clear" in request.POST:
        # The ticks travel with the search; nothing is saved yet.
        known = set(catalogue.items.filter(pk__in=chosen).values_list("pk", flat=True))
        query = request.POST.get("q", "") if "search" in request.POST else ""
        return _items_page(
            request, dossier, advice, catalogue, known, at=at, everything=everything, seen=seen, query=query
        )
    try:
        if len(chosen) != len(set(given)):
            raise drafts.NotAnItem(_("Có mục không thuộc danh mục đang áp dụng. Hãy chọn lại."))
        saved = drafts.choose_items(dossier, chosen, suggested=advice.item_ids(), seen=seen, by=request.user, at=at)
    except NotOpen as error:
        messages.error(request, str(error))
        return redirect("dossier_detail", dossier.public_id)
    except drafts.NotAnItem as error:
        reasons, status = [str(error)], 422
    except drafts.Conflict as conflict:
        others = CatalogueItem.objects.filter(pk__in=conflict.stored).order_by("position", "pk")
        stored = ", ".join(item.shown_code or item.name for item in others) or _("không có mục nào")
        reasons, status, seen = [_("%s Đang lưu: %s.") % (conflict, stored)], 409, None
    else:
        if not everything:
            messages.success(request, _("Đã lưu mục danh mục."))
            return redirect("dossier_supplement", dossier.public_id)
        if "next" in request.POST:
            return redirect(next_url(saved, ITEMS, at=at))
        messages.success(request, _("Đã lưu lúc %s.") % write_time(saved.edited_at, now=at))
        return redirect("dossier_items", dossier.public_id)
    return _items_page(
        request,
        dossier,
        advice,
        catalogue,
        chosen,
        at=at,
        everything=everything,
        reasons=reasons,
        status=status,
        seen=seen,
    )


def _items_page(
    request: HttpRequest,
    dossier: Dossier,
    advice: Any,
    catalogue: Any,
    chosen: set[int],
    *,
    at: datetime,
    everything: bool,
    reasons: list[str] | None = None,
    status: int = 200,
    seen: str | None = None,
    query: str | None = None,
) -> HttpResponse:
    query = request.GET.get("q", "") if query is None else query
    query = query.replace("\x00", "").strip()[:SEARCH_MAX]
    groups: dict[int, dict[str, Any]] = {}
    # As in the search of the lists: names of items and groups, and other ways to say them.
    hits = items_found(catalogue, query) if query else set()
    for item in catalogue.items.select_related("group").order_by("group__position", "position", "pk"):
        group = groups.setdefault(item.group_id, {"group": item.group, "items": []})
        # A chosen item stays on the page whatever is searched, or saving would take it away.
        if not query or item.pk in hits or item.pk in chosen:
            group["items"].append(item)
    # Of what is chosen; before that, of what the declaration makes likely.
    about = chosen or (set() if advice.none_fits else advice.item_ids())
    context = {
        **context_of(dossier, missing(dossier), current=ITEMS, at=at),
        "elsewhere": elsewhere(about, on=matching_day(dossier, at), besides=catalogue),
        "catalogue": catalogue,
        "advice": advice,
        "decided": decided_before(dossier, advice),
        "groups": [group for group in groups.values() if group["items"]],
        "chosen": chosen,
        "query": query,
        "found": len(hits),
        "suggested": advice.item_ids(),
        "unsaved": chosen != {one.item_id for one in dossier.declared_items.all()},
        "reasons": reasons or [],
        "everything": everything,
        "seen": drafts.items_token(dossier) if seen is None else seen,
        "gone": [one.item for one in dossier.declared_items.all() if one.item.catalogue_id != catalogue.pk],
    }
    return render(request, "intake/dossier_items.html", context, status=status)


@require_safe
def dossier_summary(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Everything as it will be filed, what is missing, and the certification."""
    dossier = loading.draft(request, public_id)
    return summary_page(request, dossier, at=timezone.now())


def summary_page(
    request: HttpRequest,
    dossier: Dossier,
    *,
    at: datetime,
    form: CertificationForm | None = None,
    reasons: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Also what `dossier_submit` answers when something stands in the way; the ticks are kept in `form`."""
    definition = definition_of(dossier.revision_of_procedure)
    found = missing(dossier, on=matching_day(dossier, at), today=timezone.localdate(at))
    if form is None:
        form = CertificationForm(definition=definition, person=request.user, organisation=dossier.organisation)
    by_page: dict[str, list[Any]] = {}
    for one in found:
        by_page.setdefault(one.section_key, []).append(one)
    catalogue = catalogue_of(dossier, at)
    declared = [one.item_id for one in dossier.declared_items.all()]
    context = {
        **context_of(dossier, found, current=SUMMARY, at=at),
        "elsewhere": elsewhere(declared, on=matching_day(dossier, at), besides=catalogue) if catalogue else [],
        "duplicates": duplicates_of(dossier, dossier.answers, at=at),
        **content_context(dossier, filing.content_of(dossier)),
        "missing": found,
        "missing_by_page": by_page,
        "form": form,
        "reasons": reasons or [],
        "items_url": reverse("dossier_items", args=[dossier.public_id]),
    }
    return render(request, "intake/dossier_summary.html", context, status=status)
