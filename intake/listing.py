"""Which list a dossier's items come from."""

from datetime import date, datetime

from django.utils import timezone

from catalogs.models import Catalogue
from catalogs.services import catalogue_for, definition_of
from intake.models import Dossier


def matching_day(dossier: Dossier, at: datetime | None = None) -> date:
    """The day in Vietnam whose list counts: that of the first submission, whatever came after; of `at` for a draft.

    Raises ValueError for a draft without `at`: its list changes with the day.
    """
    moment = dossier.submitted_at or at
    if moment is None:
        raise ValueError("a draft has no day of submission")
    return timezone.localdate(moment, timezone.get_default_timezone())


def catalogue_of(dossier: Dossier, at: datetime | None = None) -> Catalogue | None:
    """The list that the dossier's items come from; None if its procedure has none, or none was in force.

    Raises ValueError for a draft without `at`.
    """
    return catalogue_for(definition_of(dossier.revision_of_procedure), matching_day(dossier, at))


def newer_list_of(dossier: Dossier) -> Catalogue | None:
    """The public list that takes the place of a filed dossier's own; None for a draft, and where the law holds on to
    the list of a fixed day (TT 31/2025/TT-BKHCN Đ3). One query at most."""
    definition = definition_of(dossier.revision_of_procedure)
    if not dossier.submitted_at or not definition.catalogue_family or definition.catalogue_day:
        return None
    own = Catalogue.objects.public().filter(family=definition.catalogue_family).in_force(on=matching_day(dossier))
    newer = Catalogue.objects.public().filter(replaces__in=own).select_related("instrument")
    return newer.order_by("effective_from", "pk").first()
