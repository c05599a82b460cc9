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


UNTIL = {"key": "until", "label": "Hết thời hạn", "type": "date"}
GRANTED = {**DEFINITION["outcomes"]["granted"], "valid_until": "until"}
WITH_UNTIL = {
    "sections": [*DEFINITION["sections"], {"key": "han", "title": "Thời hạn", "questions": [UNTIL]}],
    "outcomes": {**DEFINITION["outcomes"], "granted": GRANTED},
}


def test_a_result_is_not_asked_for_until_a_day_that_is_past():
    """TT 31/2025/TT-BKHCN Đ3.2: to the end of the project, and so for no project that has ended."""
    definition = Definition.read({**DEFINITION, **WITH_UNTIL})

    def form(day):
        return section_form(definition, definition.sections[-1], answers={}, today=TODAY, data={"until": day})

    assert form("18/11/2026").is_valid()
    assert form("17/11/2026").errors == {"until": ["Ngày này đã qua; kết quả chỉ có giá trị đến ngày này."]}


def test_a_day_that_has_passed_since_it_was_typed_keeps_a_dossier_from_being_filed(db):
    dossier = complete_dossier(revision_of_procedure=ProcedureRevisionFactory(changes=WITH_UNTIL))
    dossier.answers["until"] = "2026-11-18"
    assert missing(dossier, today=TODAY) == []
    [lack] = missing(dossier, today=date(2026, 11, 19))
    assert lack.message == "Hết thời hạn: ngày này đã qua; kết quả chỉ có giá trị đến ngày này."
    assert lack.url.endswith("#id_until")


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"ends_on": "2024-02-28"}, "Ngày kết thúc: ngày này phải sau “Ngày bắt đầu” (01/03/2024)."),
        ({"ends_on": "2024-03-01"}, "Ngày kết thúc: ngày này phải sau “Ngày bắt đầu” (01/03/2024)."),
        ({"started_on": "2027-01-01"}, "Ngày bắt đầu: ngày này phải trước ngày 01/01/2027."),
    ],
)
def test_days_that_do_not_go_together_keep_a_dossier_from_being_filed(db, answers, message):
    """Each was sound beside what its page showed; two people had saved them."""
    dossier = complete_dossier()
    dossier.answers |= answers
    assert [one.message for one in missing(dossier)] == [message]
