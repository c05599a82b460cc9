"""The public pages of instruments: what each founds, and where the product applies which article."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalogs.citations import Citation, Use, nearest, uses, uses_of
from catalogs.enquiries import faq
from catalogs.enquiries.subjects import Subject
from catalogs.models import Catalogue, Instrument, Provision, ReferenceList
from catalogs.services import current_procedures


@require_safe
def instrument_index(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    instruments = Instrument.objects.visible_to(request.user).select_related("replaced_by")
    return render(
        request,
        "catalogs/instruments.html",
        {
            "rows": [(one, _standing(one, today)) for one in instruments.order_by("-signed_on", "number", "pk")],
            "today": today,
        },
    )


@require_safe
def instrument_detail(request: HttpRequest, slug: str) -> HttpResponse:
    today = timezone.localdate()
    known = Instrument.objects.visible_to(request.user)
    instrument = get_object_or_404(known.select_related("replaced_by"), slug=slug)
    seen = Catalogue.objects.visible_to(request.user)
    procedures = current_procedures(today)
    provisions = list(instrument.provisions.order_by("position", "pk"))
    return render(
        request,
        "catalogs/instrument.html",
        {
            "instrument": instrument,
            "subject": Subject(instrument=instrument),
            "faq": faq.about(Subject(instrument=instrument)),
            "standing": _standing(instrument, today),
            **_applied(provisions, uses_of(instrument.number, uses(procedures))),
            "successor": known.filter(pk=instrument.replaced_by_id).first(),
            "replaces": known.filter(replaced_by=instrument).order_by("-signed_on", "pk"),
            "catalogues": seen.filter(instrument=instrument).with_counts().order_by("-effective_from", "pk"),
            "programmes": instrument.programmes.order_by("title", "pk"),
            "reference_lists": _reference_lists(instrument),
            "referring_items": instrument.referring_items.filter(catalogue__in=seen)
            .select_related("catalogue__instrument")
            .order_by("catalogue_id", "position", "pk"),
            "procedures": [
                (procedure, definition)
                for procedure, definition in procedures
                if any(basis.instrument == instrument.number for basis in definition.legal_basis)
            ],
        },
    )


def _standing(instrument: Instrument, on: date) -> str:
    """in_force, coming, past, or unknown where the day from which it applies is not."""
    in_force = instrument.is_in_force(on)
    if in_force is None:
        return "unknown"
    if in_force:
        return "in_force"
    return "coming" if instrument.effective_from and instrument.effective_from > on else "past"


def _applied(provisions: list[Provision], found: Iterable[Use]) -> dict[str, Any]:
    """Where each provision is applied, and the articles that are applied without their wording being held."""
    by_key: dict[str, list[Use]] = {}
    elsewhere: dict[Citation, list[Use]] = {}
    for use in found:
        provision = nearest(use.citation.key, provisions)
        if provision:
            by_key.setdefault(provision.key, []).append(use)
        else:
            elsewhere.setdefault(replace(use.citation, number=""), []).append(use)
    return {
        "provisions": [(provision, by_key.get(provision.key, [])) for provision in provisions],
        "other_articles": [(str(place), elsewhere[place]) for place in sorted(elsewhere, key=Citation.order)],
    }


def _reference_lists(instrument: Instrument) -> QuerySet[ReferenceList]:
    """The one that it issued, and those whose instrument has the same title and came later."""
    ids = ReferenceList.objects.filter(instrument=instrument).values("pk")
    later = instrument.later_reference_lists.values("pk")
    amended = ReferenceList.objects.filter(entries__added_in=instrument).values("pk")
    return (
        (
            ReferenceList.objects.filter(pk__in=ids)
            | ReferenceList.objects.filter(pk__in=later)
            | ReferenceList.objects.filter(pk__in=amended)
        )
        .with_counts()
        .select_related("instrument")
        .order_by("title", "pk")
    )
