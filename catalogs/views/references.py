"""The public pages of reference lists: names that an item takes in by naming their instrument."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from catalogs.models import Catalogue, Instrument, ReferenceList


@require_safe
def reference_list(request: HttpRequest, slug: str) -> HttpResponse:
    lists = ReferenceList.objects.filter(instrument__in=Instrument.objects.visible_to(request.user))
    found = get_object_or_404(lists.with_counts().select_related("instrument"), slug=slug)
    entries = list(found.entries.select_related("added_in", "removed_in").order_by("position", "pk"))
    held = [entry for entry in entries if entry.removed_in_id is None]
    seen = Catalogue.objects.visible_to(request.user)
    return render(
        request,
        "catalogs/reference.html",
        {
            "list": found,
            "held": held,
            "gone": [entry for entry in entries if entry.removed_in_id is not None],
            "unknown": max(0, found.announced - len(held)) if found.announced is not None else None,
            # Each decision with the entries that it put on the list or took off, oldest first.
            "decisions": _decisions(entries),
            "earlier": found.earlier.order_by("signed_on", "pk"),
            "items": found.instrument.referring_items.filter(catalogue__in=seen)
            .select_related("catalogue__instrument")
            .order_by("-catalogue__effective_from", "position", "pk"),
        },
    )


def _decisions(entries: list) -> list[tuple]:
    """(day, instrument, added, removed), oldest first."""
    found: dict[tuple, tuple[list, list]] = {}
    instruments = {}
    for entry in entries:
        for day, instrument, place in (
            (entry.added_on, entry.added_in, 0),
            (entry.removed_on, entry.removed_in, 1),
        ):
            if instrument is not None:
                instruments[instrument.pk] = instrument
                found.setdefault((day, instrument.pk), ([], []))[place].append(entry)
    return [(day, instruments[pk], added, removed) for (day, pk), (added, removed) in sorted(found.items())]
