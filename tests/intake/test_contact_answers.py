"""How to reach somebody: wrong answers are named at their field, right ones are kept in one form."""

from datetime import date

import pytest

from catalogs.procedures import Definition
from intake.answers import display
from intake.forms import section_form, write_input
from tests.factories import DEFINITION

QUESTIONS = [
    {"key": "mail", "label": "Thư điện tử", "type": "email"},
    {"key": "phone", "label": "Điện thoại", "type": "phone"},
]
SECTION = {"key": "lien-he", "title": "Liên hệ", "questions": QUESTIONS}


def form_with(**data):
    definition = Definition.read({**DEFINITION, "sections": [*DEFINITION["sections"], SECTION]})
    return section_form(definition, definition.sections[-1], answers={}, today=date(2026, 11, 18), data=data)


@pytest.mark.parametrize("mail", ["thu@moi", "không có", "a@b@c.vn", "x" * 400 + "@congty.vn"])
def test_a_wrong_address_is_named_at_its_field(mail):
    assert "mail" in form_with(mail=mail).errors


@pytest.mark.parametrize("phone", ["12", "abc", "0123 456 789 012 345"])
def test_a_wrong_number_is_named_at_its_field(phone):
    assert "phone" in form_with(phone=phone).errors


def test_right_ones_are_kept_in_one_form_and_a_draft_may_leave_them_out():
    form = form_with(mail="lienhe@congty.vn", phone="+84 24 3943 7056")
    assert form.is_valid(), form.errors
    assert form.cleaned_answers() == {"mail": "lienhe@congty.vn", "phone": "02439437056"}
    assert form_with(mail="", phone="").is_valid()


def test_a_number_is_shown_in_groups_and_may_be_sent_back_like_that():
    question = Definition.read({**DEFINITION, "sections": [*DEFINITION["sections"], SECTION]}).question("phone")
    assert display(question, "02439437056") == write_input(question, "02439437056") == "024 3943 7056"
