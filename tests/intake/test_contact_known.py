"""A new draft starts with what is known of the person to contact, and is not taken for begun because of it."""

import uuid

import pytest
from django.urls import reverse

from catalogs.loading import load
from catalogs.models import ProcedureRevision
from catalogs.procedures import Definition
from intake import contact, drafts
from intake.steps import steps_of
from tests.factories import DEFINITION, NOW, CatalogueFactory, OrganisationFactory, ProcedureRevisionFactory, member_of

pytestmark = pytest.mark.django_db

QUESTIONS = [
    {"key": "contact_name", "label": "Họ và tên", "type": "text"},
    {"key": "contact_position", "label": "Chức vụ", "type": "text"},
    {"key": "contact_phone", "label": "Điện thoại", "type": "phone"},
    {"key": "contact_email", "label": "Thư điện tử", "type": "email"},
    {"key": "by_proxy", "label": "Ủy quyền?", "type": "yes_no"},
]


def started(questions=QUESTIONS, **of_person):
    CatalogueFactory()
    section = {"key": "dau-moi", "title": "Người liên hệ", "questions": questions}
    revision = ProcedureRevisionFactory(changes={"sections": [*DEFINITION["sections"], section]})
    organisation = OrganisationFactory(
        representative_name="Trần Thu Hà", representative_position="Giám đốc", phone="02439437056"
    )
    person = member_of(organisation)
    for name, value in of_person.items():
        setattr(person, name, value)
    person.save()
    return drafts.start(organisation, revision.procedure, public_id=uuid.uuid4(), by=person, at=NOW)


@pytest.mark.parametrize("name", ["Trần Thu Hà", ""])
def test_the_representative_is_known_with_position_phone_and_mail(name):
    draft = started(full_name=name, email="ha@saomai.example")
    assert draft.answers == {
        "contact_name": "Trần Thu Hà",
        "contact_position": "Giám đốc",
        "contact_phone": "02439437056",
        "contact_email": "ha@saomai.example",
    }


def test_of_somebody_else_the_position_is_not_guessed():
    answers = started(full_name="Lê Văn Nam").answers
    assert answers["contact_name"] == "Lê Văn Nam"
    assert "contact_position" not in answers


def test_a_question_of_another_type_or_too_short_for_it_is_left_empty():
    questions = [{**QUESTIONS[0], "max": 3}, {**QUESTIONS[2], "type": "text"}]
    assert started(questions, full_name="Trần Thu Hà").answers == {}


def test_a_draft_that_only_knows_the_contact_is_not_begun(sign_in):
    draft = started(full_name="Trần Thu Hà")
    kinds = {step.key: step.kind for step in steps_of(draft, [], current="", at=NOW)}
    assert kinds["dau-moi"] == "next"
    answer = sign_in(draft.created_by).get(reverse("dossier_detail", args=[draft.public_id]))
    assert answer.url == reverse("dossier_section", args=[draft.public_id, DEFINITION["sections"][0]["key"]])


def test_the_questions_stand_in_the_procedures_of_the_product():
    load()
    for revision in ProcedureRevision.objects.order_by("pk"):
        types = {q.key: q.type for q in Definition.read(revision.definition).questions()}
        assert {key: types.get(key) for key in contact.QUESTIONS} == contact.QUESTIONS
