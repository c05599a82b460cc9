"""A list that gives its items no number: the codes that stand in for one are never shown to anybody."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from accounts.models import Role
from catalogs.models import CatalogueItem
from documents.models import DocumentKind, IssuedDocument
from documents.sources import ensure_templates
from intake.states import Outcome, State
from tests.factories import NOW, StaffFactory, case_in, complete_dossier, revision_of, rewording
from workflow import transitions
from workflow.models import Assessment, Case, ItemFinding

pytestmark = pytest.mark.django_db
# In a text, not in an address or an attribute.
STAND_IN = re.compile(r"\bx\d")
NAME = "Camera thông minh, camera AI và các phần mềm phân tích"


@pytest.fixture(autouse=True)
def the_clock(monkeypatch):
    cache.clear()
    ensure_templates()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def take_the_numbers_away() -> None:
    for item in CatalogueItem.objects.select_related("catalogue").order_by("pk"):
        with rewording(item.catalogue):
            CatalogueItem.objects.filter(pk=item.pk).update(code=f"x{item.position + 1}", printed_code="")


def filed(state: str, **fields) -> Case:
    case = case_in(state, **fields)
    take_the_numbers_away()
    revision_of(case)
    return case


def judged(case: Case, specialist) -> None:
    item = case.declared_items.get().item
    ItemFinding.objects.create(case_id=case.pk, item=item, verdict="confirmed", by=specialist, at=NOW)
    answers = {"novelty": {"grade": "high", "comment": ""}}
    Assessment.objects.create(
        case_id=case.pk, author=specialist, saved_at=NOW, answers=answers, outcome=Outcome.GRANTED, grounds="Đúng mục."
    )


def read(client, name: str, *args, **query) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    text = re.sub(r"<[^>]*>", " ", response.content.decode())
    assert not STAND_IN.search(text)
    return text


def test_an_applicant_chooses_and_checks_by_name(client):
    draft = complete_dossier()
    take_the_numbers_away()
    client.force_login(draft.created_by)
    assert NAME in read(client, "dossier_items", draft.public_id)
    assert NAME in read(client, "dossier_summary", draft.public_id)


def test_what_was_filed_tells_items_apart_though_they_show_no_number(client):
    case = filed(State.IN_REVIEW)
    item = case.revisions.order_by("-number").first().content["items"][0]
    assert (item["code"], item["shown_code"]) == ("x2", "")
    client.force_login(case.created_by)
    assert NAME in read(client, "dossier_detail", case.public_id)


def test_the_desk_judges_by_name(client):
    specialist = StaffFactory(role=Role.SPECIALIST)
    case = filed(State.IN_REVIEW, specialist=specialist)
    client.force_login(specialist)
    read(client, "queue")
    assert "Xác nhận mục này" in read(client, "case_detail", case.public_id)
    assert NAME in read(client, "case_finding", case.public_id, muc=case.declared_items.get().item_id)
    assert "Thiết bị mạng viễn thông 5G" in read(client, "case_finding", case.public_id)
    judged(case, specialist)
    assert NAME in read(client, "case_assessment", case.public_id)


def test_a_decision_names_its_items_without_numbers(client):
    case = filed(State.ISSUING, specialist=StaffFactory(role=Role.SPECIALIST))
    judged(case, case.specialist)
    clerk = StaffFactory(role=Role.CLERK)
    client.force_login(clerk)
    assert NAME in read(client, "case_action", case.public_id, "issue")
    transitions.issue(case.pk, by=clerk, at=NOW, expected_version=case.version)
    decision = IssuedDocument.objects.get(dossier_id=case.pk, kind=DocumentKind.DECISION)
    assert [(item["code"], item["name"]) for item in decision.data["items"]] == [("", NAME)]
    assert NAME in read(client, "verify_code", decision.verification_code)
