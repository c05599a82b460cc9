"""Which list a dossier's items come from."""

from datetime import date, datetime

from django.utils import timezone

from catalogs.models import Catalogue
from catalogs.services import catalogue_for, definition_of
from intake.models import Dossier


def matching_day(dossier: Dossier, at: datetime) -> date:
    """The day whose list counts: that of the first submission, or today's while it is a draft."""
    return timezone.localdate(dossier.submitted_at or at)


def catalogue_of(dossier: Dossier, at: datetime) -> Catalogue | None:
    """The list that the dossier chooses its items from; None if its procedure has none, or none is in force."""
    return catalogue_for(definition_of(dossier.revision_of_procedure), matching_day(dossier, at))
