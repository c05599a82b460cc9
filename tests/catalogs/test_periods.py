"""Which list and which revision apply on a day."""

from datetime import date

import pytest

from catalogs.models import Catalogue, CatalogueFamily, Instrument, Procedure
from catalogs.services import (
    catalogue_for,
    catalogue_in_force,
    current_procedures,
    definition_of,
    revision_in_force,
)

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.mark.parametrize(
    ("family", "day", "slug"),
    [
        (CatalogueFamily.STRATEGIC, date(2025, 6, 11), None),
        (CatalogueFamily.STRATEGIC, date(2025, 6, 12), "qd-1131-2025"),
        (CatalogueFamily.STRATEGIC, date(2026, 6, 30), "qd-1131-2025"),
        (CatalogueFamily.STRATEGIC, date(2026, 7, 1), "qd-21-2026"),
        (CatalogueFamily.KEY_DIGITAL, date(2025, 12, 31), None),
        (CatalogueFamily.KEY_DIGITAL, date(2026, 1, 1), "tt-31-2025"),
        (CatalogueFamily.KEY_IT, date(2022, 2, 1), None),
        (CatalogueFamily.KEY_IT, date(2022, 2, 2), "tt-19-2021"),
        (CatalogueFamily.KEY_IT, date(2025, 12, 31), "tt-19-2021"),
        (CatalogueFamily.KEY_IT, date(2026, 1, 1), None),
    ],
)
def test_the_list_follows_from_the_day(family, day, slug):
    catalogue = catalogue_in_force(family, day)
    assert (catalogue and catalogue.slug) == slug


@pytest.mark.parametrize("catalogue", ["tt-31-2025", "qd-1131-2025", "qd-21-2026", "tt-19-2021"])
def test_a_row_and_a_query_agree_about_the_day(catalogue):
    row = Catalogue.objects.get(slug=catalogue)
    for day in (date(2022, 2, 2), date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)):
        assert row.is_in_force(day) is Catalogue.objects.in_force(on=day).filter(slug=catalogue).exists()


def test_the_last_day_is_the_day_before_the_end():
    assert Catalogue.objects.get(slug="qd-1131-2025").last_day == date(2026, 6, 30)
    assert Catalogue.objects.get(slug="tt-19-2021").last_day == date(2025, 12, 31)
    assert Catalogue.objects.get(slug="tt-31-2025").last_day is None


def test_instruments_say_what_replaces_them():
    replaced = Instrument.objects.exclude(replaced_by=None).order_by("number")
    assert {i.number: i.replaced_by.number for i in replaced.select_related("replaced_by")} == {
        "1131/QĐ-TTg": "21/2026/QĐ-TTg",
        "19/2021/TT-BTTTT": "31/2025/TT-BKHCN",
    }


def test_an_instrument_without_a_known_first_day_is_neither_in_force_nor_not():
    assert Instrument.objects.get(number="2618/QĐ-BKHCN").is_in_force(date(2026, 1, 1)) is None


def definition_on(slug: str, day: date):
    return definition_of(revision_in_force(Procedure.objects.get(slug=slug), day))


@pytest.mark.parametrize(
    ("day", "number", "slug"),
    [(date(2026, 6, 30), "1131/QĐ-TTg", "qd-1131-2025"), (date(2026, 7, 1), "21/2026/QĐ-TTg", "qd-21-2026")],
)
def test_the_strategic_procedure_changes_with_its_list(day, number, slug):
    definition = definition_on("cong-nghe-chien-luoc", day)
    assert number in [basis.instrument for basis in definition.legal_basis]
    assert catalogue_for(definition, day).slug == slug


def test_the_key_digital_procedure_does_not_exist_before_its_circular():
    procedure = Procedure.objects.get(slug="cong-nghe-so-trong-diem")
    assert revision_in_force(procedure, date(2025, 12, 31)) is None
    assert revision_in_force(procedure, date(2026, 1, 1)) is not None


def test_a_project_of_the_old_circular_is_matched_against_the_old_list_on_any_day():
    definition = definition_on("chuyen-tiep-thong-tu-19", date(2026, 11, 18))
    assert catalogue_for(definition, date(2026, 11, 18)).slug == "tt-19-2021"


def test_a_task_proposal_has_no_list():
    definition = definition_on("nhiem-vu-cong-nghe-cao", date(2026, 11, 18))
    assert catalogue_for(definition, date(2026, 11, 18)) is None


def test_the_procedures_of_a_day_come_in_their_order(django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        found = current_procedures(date(2026, 11, 18))
    assert [procedure.slug for procedure, _ in found] == [
        "cong-nghe-so-trong-diem",
        "cong-nghe-chien-luoc",
        "chuyen-tiep-thong-tu-19",
        "nhiem-vu-cong-nghe-cao",
    ]
    assert [p.slug for p, _ in current_procedures(date(2025, 12, 31))] == [
        "cong-nghe-chien-luoc",
        "nhiem-vu-cong-nghe-cao",
    ]


def test_a_revision_is_read_once():
    revision = revision_in_force(Procedure.objects.get(slug="cong-nghe-so-trong-diem"), date(2026, 11, 18))
    assert definition_of(revision) is definition_of(type(revision).objects.get(pk=revision.pk))
