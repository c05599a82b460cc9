"""The public pages: lists and their items, instruments, programmes, procedures. They read, and never write."""

from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApplicantKind
from catalogs.managing.comparing import compare
from catalogs.models import (
    Catalogue,
    CatalogueFamily,
    CatalogueGroup,
    CatalogueItem,
    Instrument,
    Procedure,
    Programme,
    ProgrammePart,
    ProgrammePartKind,
    SectorMark,
)
from catalogs.procedures import Condition, Definition, length_of
from catalogs.search import QUERY_MAX, search
from catalogs.services import catalogue_for, current_procedures, definition_of, revision_in_force


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


def catalogue_search(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").replace("\x00", "")[:QUERY_MAX].strip()
    today = timezone.localdate()
    found = search(query, on=today, among=Catalogue.objects.visible_to(request.user))
    return render(
        request,
        "catalogs/search.html",
        {
            "query": query,
            "found": [(one, _status(one.catalogue, today)) for one in found],
            "count": sum(len(one.hits) for one in found),
        },
    )


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
            "matrix": _matrix(catalogue, groups),
            "procedures": _procedures_of(catalogue, today),
            "status": _status(catalogue, today),
            **_neighbours(request, catalogue),
        },
    )


def catalogue_item(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    today = timezone.localdate()
    catalogue = _catalogue(request, slug)
    item = get_object_or_404(catalogue.items.select_related("group"), code=code)
    seen = Catalogue.objects.visible_to(request.user)
    return render(
        request,
        "catalogs/item.html",
        {
            "catalogue": catalogue,
            "item": item,
            "status": _status(catalogue, today),
            "article": catalogue.instrument.provisions.filter(key="1").first(),
            "siblings": item.group.items.exclude(pk=item.pk).order_by("position", "pk"),
            "references": item.references.filter(pk__in=Instrument.objects.visible_to(request.user)).order_by(
                "number", "pk"
            ),
            # The same words in another list: a fact about the wording, not a claim that the lists correspond.
            "same_words": CatalogueItem.objects.filter(search_text=item.search_text, catalogue__in=seen)
            .exclude(catalogue=catalogue)
            .select_related("catalogue__instrument")
            .order_by("-catalogue__effective_from", "pk"),
            "family": seen.filter(family=catalogue.family)
            .select_related("instrument")
            .order_by("-effective_from", "pk"),
            "procedures": _procedures_of(catalogue, today),
            **_neighbours(request, catalogue),
        },
    )


def catalogue_comparison(request: HttpRequest, slug: str) -> HttpResponse:
    """What the version changed from the one before; of a list without one, that there is none."""
    catalogue = _catalogue(request, slug)
    before = Catalogue.objects.visible_to(request.user).filter(pk=catalogue.replaces_id).select_related("instrument")
    replaced = before.first()
    return render(
        request,
        "catalogs/comparison.html",
        {
            "catalogue": catalogue,
            "before": replaced,
            "comparison": compare(replaced, catalogue) if replaced else None,
            "status": _status(catalogue, timezone.localdate()),
        },
    )


def instrument_detail(request: HttpRequest, slug: str) -> HttpResponse:
    today = timezone.localdate()
    known = Instrument.objects.visible_to(request.user)
    instrument = get_object_or_404(known.select_related("replaced_by"), slug=slug)
    seen = Catalogue.objects.visible_to(request.user)
    return render(
        request,
        "catalogs/instrument.html",
        {
            "instrument": instrument,
            "in_force": instrument.is_in_force(today),
            "coming": bool(instrument.effective_from and instrument.effective_from > today),
            "provisions": instrument.provisions.order_by("position", "pk"),
            "successor": known.filter(pk=instrument.replaced_by_id).first(),
            "replaces": known.filter(replaced_by=instrument).order_by("-signed_on", "pk"),
            "catalogues": seen.filter(instrument=instrument).with_counts().order_by("-effective_from", "pk"),
            "programmes": instrument.programmes.order_by("title", "pk"),
            "referring_items": instrument.referring_items.filter(catalogue__in=seen)
            .select_related("catalogue__instrument")
            .order_by("catalogue_id", "position", "pk"),
            "procedures": [
                (procedure, definition)
                for procedure, definition in current_procedures(today)
                if any(basis.instrument == instrument.number for basis in definition.legal_basis)
            ],
        },
    )


def programme_detail(request: HttpRequest, slug: str) -> HttpResponse:
    programme = get_object_or_404(Programme.objects.select_related("instrument"), slug=slug)
    parts: dict[str, list[ProgrammePart]] = {kind: [] for kind in ProgrammePartKind.values}
    for part in programme.parts.order_by("position", "pk"):
        parts[part.kind].append(part)
    number = programme.instrument.number if programme.instrument else ""
    return render(
        request,
        "catalogs/programme.html",
        {
            "programme": programme,
            "parts": parts,
            "procedures": [
                (procedure, definition)
                for procedure, definition in current_procedures(timezone.localdate())
                if number and any(basis.instrument == number for basis in definition.legal_basis)
            ],
        },
    )


def procedure_detail(request: HttpRequest, slug: str) -> HttpResponse:
    today = timezone.localdate()
    procedure = get_object_or_404(Procedure, slug=slug)
    revision = revision_in_force(procedure, today)
    coming = procedure.revisions.filter(effective_from__gt=today).order_by("effective_from", "pk").first()
    shown = revision or coming
    definition = definition_of(shown) if shown else None
    return render(
        request,
        "catalogs/procedure.html",
        {
            "procedure": procedure,
            "revision": shown,
            "open": revision is not None,
            "coming": coming if revision else None,
            "definition": definition,
            **(_described(definition, today) if definition else {}),
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


def _procedures_of(catalogue: Catalogue, on: date) -> list[tuple[Procedure, Definition]]:
    """The procedures in which a dossier filed on the day is matched against this list."""
    return [
        (procedure, definition)
        for procedure, definition in current_procedures(on)
        if definition.catalogue_family == catalogue.family and catalogue.is_in_force(definition.catalogue_day or on)
    ]


def _matrix(catalogue: Catalogue, groups: list[CatalogueGroup]) -> dict[str, Any] | None:
    """The annex that crosses groups with sectors: rows of (group, cells), a cell being marked or unknown."""
    sectors = list(catalogue.sectors.order_by("position", "pk"))
    if not sectors:
        return None
    marks = {
        (mark.group_id, mark.sector_id): mark
        for mark in SectorMark.objects.filter(group__catalogue=catalogue).order_by("pk")
    }
    rows = [
        (group, [marks[group.pk, sector.pk] for sector in sectors])
        for group in groups
        if (group.pk, sectors[0].pk) in marks
    ]
    return {"sectors": sectors, "rows": rows}


def _described(definition: Definition, on: date) -> dict[str, Any]:
    numbers = [basis.instrument for basis in definition.legal_basis if basis.instrument]
    public = Instrument.objects.visible_to(None)
    instruments = {i.number: i for i in public.filter(number__in=numbers).order_by("pk")}
    return {
        "catalogue": catalogue_for(definition, on),
        "family": CatalogueFamily(definition.catalogue_family).label if definition.catalogue_family else "",
        "applicants": ", ".join(str(ApplicantKind(kind).label) for kind in definition.applicant_kinds).capitalize(),
        "documents": [
            (document, _condition(definition, document.condition), _kinds(document.kinds))
            for document in definition.documents
        ],
        "deadlines": [(_deadline_title(rule.key), length_of(rule), rule.basis) for rule in definition.deadlines],
        "legal_basis": [(basis.text, instruments.get(basis.instrument)) for basis in definition.legal_basis],
        "programmes": Programme.objects.filter(instrument__number__in=numbers).order_by("title", "pk"),
        "valid_until": _validity(definition),
    }


def _condition(definition: Definition, condition: Condition | None) -> str:
    """When something is asked for, in words; empty: always."""
    if condition is None:
        return ""
    question = definition.question(condition.question)
    labels = {"yes": _("Có"), "no": _("Không")}
    answers = [labels.get(v, v) if question.type == "yes_no" else question.label_of(v) for v in condition.values]
    return _("Khi bạn trả lời “%(answer)s” ở câu “%(question)s”") % {
        "answer": _(" hoặc ").join(answers),
        "question": question.label.rstrip("?"),
    }


def _kinds(kinds: tuple[str, ...]) -> str:
    labels = {"pdf": "PDF", "image": _("ảnh JPG, PNG")}
    words = ", ".join(labels[kind] for kind in kinds)
    return words[:1].upper() + words[1:]


def _deadline_title(key: str) -> str:
    return {
        "acceptance": _("Trả lời hồ sơ đã đủ hay cần bổ sung"),
        "assessment": _("Thẩm định và ra quyết định, tính từ khi tiếp nhận"),
        "supplement_answer": _("Bạn bổ sung hồ sơ, tính từ khi có yêu cầu"),
    }[key]


def _validity(definition: Definition) -> str:
    until = definition.outcomes["granted"].valid_until
    if until == "indefinite":
        return _("Không ghi thời hạn; hết giá trị khi bị thay thế hoặc thu hồi")
    return _("Đến ngày nêu tại câu “%s”") % definition.question(until).label
