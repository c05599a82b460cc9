"""A day that must not lie in the future: as it is typed, and again when the dossier is filed."""

from datetime import date

import pytest

from catalogs.procedures import Definition, InvalidDefinition
from intake.completeness import missing
from intake.forms import section_form
from tests.factories import DEFINITION, ProcedureRevisionFactory, complete_dossier

TODAY = date(2026, 11, 18)
DAY = {"key": "sold_on", "label": "Ngày ra thị trường", "type": "date", "past": True}
SECTIONS = [*DEFINITION["sections"], {"key": "ngay-ban", "title": "Thị trường", "questions": [DAY]}]


def test_a_day_in_the_future_is_refused_at_its_field_and_today_is_not():
    definition = Definition.read({**DEFINITION, "sections": SECTIONS})

    def form(day):
        return section_form(definition, definition.sections[-1], answers={}, today=TODAY, data={"sold_on": day})

    assert form("18/11/2026").is_valid()
    assert form("").is_valid()
    assert form("19/11/2026").errors == {"sold_on": ["Ngày này không được sau hôm nay."]}


def test_a_day_in_the_future_keeps_a_dossier_from_being_filed(db):
    revision = ProcedureRevisionFactory(changes={"sections": SECTIONS})
    dossier = complete_dossier(revision_of_procedure=revision)
    dossier.answers["sold_on"] = "2026-11-19"
    assert [one.message for one in missing(dossier, today=TODAY)] == [
        "Ngày ra thị trường: ngày không được sau hôm nay."
    ]
    assert missing(dossier, today=date(2026, 11, 19)) == []


@pytest.mark.parametrize("wrong", [{"past": "yes"}, {"past": True, "type": "text"}])
def test_only_a_date_may_be_asked_to_be_past(wrong):
    section = {**SECTIONS[-1], "questions": [{**DAY, **wrong}]}
    with pytest.raises(InvalidDefinition, match="sold_on"):
        Definition.read({**DEFINITION, "sections": [*DEFINITION["sections"], section]})
