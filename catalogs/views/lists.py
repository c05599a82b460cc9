"""The public pages of lists and their items. They read, and never write."""

from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalogs.enquiries import faq
from catalogs.enquiries.subjects import Subject
from catalogs.managing.comparing import compare
from catalogs.models import Catalogue, CatalogueGroup, CatalogueItem, Instrument, Programme, ReferenceList, SectorMark
from catalogs.relations import history, related_items
from catalogs.search import QUERY_MAX, references_found, search
from catalogs.services import current_procedures, procedures_using


@require_safe
def catalogue_index(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    lists = list(
        Catalogue.objects.visible_to(request.user)
        .with_counts()
        .select_related("instrument__replaced_by")
        .order_by("family", "-effective_from", "pk")
    )
    return render(
        request,
        "catalogs/index.html",
        {
            "in_force": [c for c in lists if c.is_in_force(today)],
            "coming": [c for c in lists if c.effective_from > today],
            "past": sorted(
                (c for c in lists if c.effective_to and c.effective_to <= today),
                key=lambda c: c.effective_from,
                reverse=True,
            ),
            "procedures": current_procedures(today),
            "programmes": Programme.objects.select_related("instrument").order_by("title", "pk"),
            "today": today,
        },
    )


@require_safe
def catalogue_search(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").replace("\x00", "")[:QUERY_MAX].strip()
    today = timezone.localdate()
    found = search(query, on=today, among=Catalogue.objects.visible_to(request.user))
    references = references_found(query)
    return render(
        request,
        "catalogs/search.html",
        {
            "query": query,
            "found": [(one, _status(one.catalogue, today)) for one in found],
            "references": references,
            "count": sum(len(one.hits) for one in found) + sum(len(entries) for _list, entries in references),
        },
    )


@require_safe
def catalogue_detail(request: HttpRequest, slug: str) -> HttpResponse:
    today = timezone.localdate()
    catalogue = _catalogue(request, slug)
    groups = list(
        catalogue.groups.prefetch_related(
            Prefetch("items", queryset=CatalogueItem.objects.order_by("position", "pk"))
        ).order_by("position", "pk")
    )
    return render(
        request,
        "catalogs/catalogue.html",
        {
            "catalogue": catalogue,
            "corrections": catalogue.corrections.exclude(closed_at=None).order_by("-closed_at", "-pk"),
            "groups": [group for group in groups if group.items.all()],
            # QĐ 21/2026/QĐ-TTg: groups of technologies that stand beside the products, not above them.
            "bare_groups": [group for group in groups if not group.items.all()],
            "has_matrix": catalogue.sectors.exists(),
            "formats": ("csv", "xlsx", "json"),
            "procedures": procedures_using(catalogue, today),
            "status": _status(catalogue, today),
            **_neighbours(request, catalogue),
        },
    )


@require_safe
def catalogue_item(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    today = timezone.localdate()
    catalogue = _catalogue(request, slug)
    item = get_object_or_404(catalogue.items.select_related("group"), code=code)
    item.catalogue = catalogue
    seen = Catalogue.objects.visible_to(request.user)
    related = related_items(item, among=seen)
    return render(
        request,
        "catalogs/item.html",
        {
            "catalogue": catalogue,
            "item": item,
            "subject": Subject(item=item),
            "faq": faq.about(Subject(item=item)),
            "status": _status(catalogue, today),
            "article": catalogue.instrument.provisions.filter(key="1").first(),
            "siblings": item.group.items.exclude(pk=item.pk).order_by("position", "pk"),
            "references": item.references.filter(pk__in=Instrument.objects.visible_to(request.user)).order_by(
                "number", "pk"
            ),
            "reference_lists": ReferenceList.objects.filter(instrument__referring_items=item)
            .with_counts()
            .select_related("instrument")
            .order_by("title", "pk"),
            "related": related,
            "history": history(item, among=seen),
            # The same words in another list: a fact about the wording, not a claim that the lists correspond.
            "same_words": CatalogueItem.objects.filter(search_text=item.search_text, catalogue__in=seen)
            .exclude(catalogue=catalogue)
            .exclude(pk__in=[one.item.pk for one in related])
            .select_related("catalogue__instrument")
            .order_by("-catalogue__effective_from", "pk"),
            "family": seen.filter(family=catalogue.family)
            .select_related("instrument")
            .order_by("-effective_from", "pk"),
            "procedures": procedures_using(catalogue, today),
            **_neighbours(request, catalogue),
        },
    )


@require_safe
def catalogue_matrix(request: HttpRequest, slug: str) -> HttpResponse:
    """The annex that crosses groups with sectors (QĐ 1131/QĐ-TTg, Phụ lục II); 404 for a list without one."""
    catalogue = _catalogue(request, slug)
    matrix = _matrix(catalogue, list(catalogue.groups.order_by("position", "pk")))
    if matrix is None:
        raise Http404
    return render(
        request,
        "catalogs/matrix.html",
        {
            "catalogue": catalogue,
            "matrix": matrix,
            "status": _status(catalogue, timezone.localdate()),
            **_neighbours(request, catalogue),
        },
    )


@require_safe
def catalogue_comparison(request: HttpRequest, slug: str) -> HttpResponse:
    """What the version changed from the one before; of a list without one, that there is none."""
    catalogue = _catalogue(request, slug)
    before = Catalogue.objects.visible_to(request.user).filter(pk=catalogue.replaces_id).select_related("instrument")
    replaced = before.first()
    comparison = compare(replaced, catalogue).narrowed(request.GET.get("thay-doi", "")) if replaced else None
    return render(
        request,
        "catalogs/comparison.html",
        {
            "catalogue": catalogue,
            "before": replaced,
            "comparison": comparison,
            "status": _status(catalogue, timezone.localdate()),
        },
    )


def _catalogue(request: HttpRequest, slug: str) -> Catalogue:
    seen = Catalogue.objects.visible_to(request.user)
    return get_object_or_404(seen.with_counts().select_related("instrument__replaced_by"), slug=slug)


def _status(catalogue: Catalogue, on: date) -> str:
    """in_force, coming or past."""
    if catalogue.is_in_force(on):
        return "in_force"
    return "coming" if catalogue.effective_from > on else "past"


def _neighbours(request: HttpRequest, catalogue: Catalogue) -> dict[str, Any]:
    """The lists of the instruments that this one replaces, and of the one that replaces it."""
    lists = Catalogue.objects.visible_to(request.user).select_related("instrument").order_by("-effective_from", "pk")
    successor = catalogue.instrument.replaced_by_id
    return {
        "predecessors": lists.filter(instrument__replaced_by=catalogue.instrument_id),
        "successors": lists.filter(instrument=successor) if successor else [],
    }


def _matrix(catalogue: Catalogue, groups: list[CatalogueGroup]) -> dict[str, Any] | None:
    """The annex that crosses groups with sectors: rows of (group, cells), a cell being (sector, mark)."""
    sectors = list(catalogue.sectors.order_by("position", "pk"))
    if not sectors:
        return None
    marks = {
        (mark.group_id, mark.sector_id): mark
        for mark in SectorMark.objects.filter(group__catalogue=catalogue).order_by("pk")
    }
    rows = [
        (group, [(sector, marks[group.pk, sector.pk]) for sector in sectors])
        for group in groups
        if (group.pk, sectors[0].pk) in marks
    ]
    return {"sectors": sectors, "rows": rows}
