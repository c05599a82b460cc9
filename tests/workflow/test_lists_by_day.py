"""Which list the desk holds a dossier against: that of the day of filing, by the clock in Vietnam."""

from datetime import date, datetime, timedelta

import pytest
from django.core.cache import cache

from intake.listing import catalogue_of
from intake.states import State
from tests.factories import ZONE, CatalogueFactory, DossierFactory, InstrumentFactory, case_in
from workflow import casefile
from workflow.models import Case

pytestmark = pytest.mark.django_db
MIDNIGHT = datetime(2026, 7, 1, tzinfo=ZONE)


def test_an_hour_before_and_after_midnight_are_two_lists():
    cache.clear()
    old = CatalogueFactory(effective_to=date(2026, 7, 1))
    new = CatalogueFactory(
        slug="danh-muc-moi",
        instrument=InstrumentFactory(number="99/2026/TT-BKHCN"),
        effective_from=date(2026, 7, 1),
    )
    # Both fall on one day in UTC, in which the database keeps them.
    before = case_in(State.SUBMITTED, at=MIDNIGHT - timedelta(hours=1))
    after = case_in(State.SUBMITTED, at=MIDNIGHT + timedelta(hours=1))
    assert [catalogue_of(case) for case in (before, after)] == [old, new]
    assert [casefile.catalogue_of(case) for case in (before, after)] == [old, new]


def test_a_draft_has_no_day_of_filing():
    draft = Case.objects.get(pk=DossierFactory().pk)
    with pytest.raises(ValueError, match="draft"):
        catalogue_of(draft)
