"""The same product filed twice is pointed out before filing, and nothing more."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import MembershipRole
from documents.models import IssuedDocument
from intake import duplicates
from intake.duplicates import duplicates_of
from intake.models import Dossier, Revision
from intake.states import State
from tests.documents.builders import issue
from tests.factories import (
    ANSWERS,
    NOW,
    CatalogueFactory,
    DossierFactory,
    OrganisationFactory,
    ProcedureFactory,
    ProcedureRevisionFactory,
    case_in,
    complete_dossier,
    member_of,
)

pytestmark = pytest.mark.django_db
TICKED = {"certifier_capacity": "Giám đốc", "statement_accurate": "on", "statement_responsible": "on"}
HEADING = "Đơn vị đã có hồ sơ về sản phẩm có vẻ giống sản phẩm này"
OTHER = {
    "product_name": "Bộ định tuyến 5G",
    "description": "Bộ định tuyến viễn thông công nghiệp cho nhà máy, hai khe SIM, chịu rung.",
}


@pytest.fixture
def draft():
    CatalogueFactory()
    return complete_dossier()


def case_of(draft, state=State.IN_REVIEW, **fields):
    return case_in(state, organisation=draft.organisation, created_by=draft.created_by, **fields)


def decided(draft, state=State.ISSUED, *, validity="valid", valid_until=None, **fields):
    case = case_of(draft, state, **fields)
    paper = issue(of=Dossier.objects.get(pk=case.pk), at=NOW)
    IssuedDocument.objects.filter(pk=paper.pk).update(validity=validity, valid_until=valid_until)
    return case


def found(draft, **answers):
    return duplicates_of(draft, {**draft.answers, **answers}, at=NOW)


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# --- what is found ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title", ["Camera EdgeSight S2", "camera edgesight s2", "CAMERA  EDGESIGHT-S2", "EdgeSight S2 (camera)"]
)
def test_the_same_name_is_found_however_it_is_written(draft, title):
    other = case_of(draft, answers={**OTHER, "product_name": title})
    (one,) = found(draft)
    assert (one.public_id, one.same_name, one.state) == (other.public_id, True, State.IN_REVIEW)


def test_a_name_without_diacritics_is_the_same_name(draft):
    case_of(draft, answers={**OTHER, "product_name": "Phần mềm nhận dạng biển số"})
    (one,) = found(draft, product_name="Phan mem nhan dang bien so")
    assert one.same_name


def test_another_name_with_a_like_description_is_found_with_the_words_that_are_the_same(draft):
    case_of(draft, answers={**ANSWERS, "product_name": "EdgeSight thế hệ hai"})
    (one,) = found(draft)
    assert not one.same_name
    assert "biển số" in " ".join(one.words)


def test_another_product_is_not_pointed_out(draft):
    case_of(draft, answers=dict(OTHER))
    assert found(draft) == []


def test_products_of_one_maker_that_share_a_few_words_are_not_pointed_out(draft):
    description = "Camera trong nhà đếm người ra vào cửa hàng, gửi báo cáo doanh số lên đám mây mỗi tuần."
    case_of(draft, answers={"product_name": "Camera EdgeSight M9", "description": description})
    assert found(draft) == []


def test_where_one_has_only_a_name_the_names_are_compared(draft):
    case_of(draft, answers={"product_name": "Camera EdgeSight S2 Pro"})
    (one,) = found(draft)
    assert not one.same_name


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.SUPPLEMENT_REQUESTED, State.ISSUING])
def test_open_dossiers_count_and_so_do_other_drafts(draft, state):
    if state == State.DRAFT:
        complete_dossier(organisation=draft.organisation)
    else:
        case_of(draft, state)
    assert [one.state for one in found(draft)] == [state]


@pytest.mark.parametrize("state", [State.REFUSED, State.WITHDRAWN, State.CLOSED])
def test_what_ended_without_a_result_may_be_filed_again(draft, state):
    case_of(draft, state)
    assert found(draft) == []


@pytest.mark.parametrize("state", [State.ISSUED, State.DELIVERED])
@pytest.mark.parametrize("validity", ["valid", "corrected"])
def test_a_valid_decision_counts(draft, state, validity):
    decided(draft, state, validity=validity, valid_until=NOW.date())
    (one,) = found(draft)
    assert one.symbol.endswith("QĐ-CNCNTT")
    assert one.decided_on == NOW.date()


@pytest.mark.parametrize(
    "fields",
    [
        {"validity": "revoked"},
        {"validity": "replaced"},
        {"validity": "expired"},
        {"valid_until": NOW.date() - timedelta(days=1)},
        {"outcome": "not_granted"},
    ],
)
def test_a_decision_that_holds_no_more_or_refuses_does_not_count(draft, fields):
    decided(draft, **fields)
    assert found(draft) == []


def test_each_dossier_is_told_once_however_many_papers_it_has(draft):
    case = case_of(draft)
    for kind in ("acknowledgement", "receipt"):
        issue(kind, of=Dossier.objects.get(pk=case.pk), at=NOW)
    assert len(found(draft)) == 1


def test_of_another_organisation_nothing_is_told(draft):
    case_in(State.IN_REVIEW)
    assert found(draft) == []


def test_another_procedure_is_about_something_else(draft):
    other = ProcedureRevisionFactory(procedure=ProcedureFactory(slug="khac", position=2))
    case_of(draft, revision_of_procedure=other)
    assert found(draft) == []


def test_an_earlier_revision_of_the_procedure_is_the_same_procedure(draft):
    newer = ProcedureRevisionFactory(procedure=draft.revision_of_procedure.procedure)
    case_of(draft, revision_of_procedure=newer)
    assert len(found(draft)) == 1


def test_a_dossier_is_not_its_own_duplicate(draft):
    assert found(draft) == []


def test_the_most_alike_come_first_and_few_are_shown(draft):
    for n in range(4):
        case_of(draft, answers={**ANSWERS, "product_name": f"EdgeSight đời {n}"}, at=NOW + timedelta(minutes=n))
    same = case_of(draft, at=NOW - timedelta(days=300))
    shown = found(draft)
    assert len(shown) == duplicates.SHOWN
    assert shown[0].public_id == same.public_id


def test_the_same_name_is_found_behind_any_number_of_later_dossiers(draft, monkeypatch):
    monkeypatch.setattr(duplicates, "READ", 2)
    same = case_of(draft, at=NOW - timedelta(days=300))
    for n in range(3):
        case_of(draft, answers={**OTHER, "product_name": f"Bộ định tuyến {n}"})
    assert [one.public_id for one in found(draft)] == [same.public_id]


# --- hostile, huge, empty --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "   ", "…!?", "\u0301\u0302", "🙂", None])
def test_without_a_name_nothing_is_asked(draft, name, django_assert_num_queries):
    case_of(draft)
    with django_assert_num_queries(0):
        assert found(draft, product_name=name) == []


@pytest.mark.parametrize("name", ["%", "100%_", "\\", "'; DROP TABLE x; --", '{"a": 1}', "a" * 5_000, "é" * 20_000])
def test_any_name_is_only_text(draft, name):
    case_of(draft)
    assert found(draft, product_name=name, description="x " * 50_000) == []


def test_answers_of_another_shape_are_read_as_text(draft):
    for value in ([1, 2], {"a": None}, 7, True, None):
        Dossier.objects.filter(pk=case_of(draft).pk).update(answers={**ANSWERS, "description": value})
    assert all(one.same_name for one in found(draft, description={"b": 1}))


# --- on the pages ----------------------------------------------------------------------------------


def test_the_summary_points_it_out_with_a_link_and_lets_the_person_file(sign_in, draft):
    other = decided(draft, at=NOW - timedelta(days=1))
    client = sign_in(draft.created_by)
    page = client.get(reverse("dossier_summary", args=[draft.public_id]))
    assert HEADING in text_of(page)
    assert reverse("dossier_detail", args=[other.public_id]) in page.content.decode()
    assert f"{other.code} · Cùng tên . Từ chung: camera edgesight s2" in text_of(page)
    assert "Quyết định" in text_of(page)
    assert client.get(reverse("dossier_detail", args=[other.public_id])).status_code == 200
    sent = {n: re.search(rf'name="{n}" value="([^"]*)"', page.content.decode())[1] for n in ("version", "rules")}
    answer = client.post(reverse("dossier_submit", args=[draft.public_id]), sent | TICKED)
    assert answer.status_code == 302, text_of(answer)
    filed = Revision.objects.get(dossier=draft.pk)
    assert other.code not in str(filed.content)
    assert other.code not in str(filed.certification.statements)


def test_the_section_that_names_the_product_points_it_out_and_others_do_not(sign_in, draft):
    case_of(draft)
    client = sign_in(draft.created_by)
    assert HEADING in text_of(client.get(reverse("dossier_section", args=[draft.public_id, "san-pham"])))
    assert HEADING not in text_of(client.get(reverse("dossier_section", args=[draft.public_id, "thi-truong"])))


def test_it_is_pointed_out_beside_a_form_without_suggestions_too(sign_in, draft):
    definition = draft.revision_of_procedure.definition
    changed = [{**section, "suggests_items": False} for section in definition["sections"]]
    revision = ProcedureRevisionFactory(
        procedure=draft.revision_of_procedure.procedure, changes={"sections": changed}, effective_from=NOW.date()
    )
    case_of(draft, revision_of_procedure=revision)
    page = sign_in(draft.created_by).get(reverse("dossier_section", args=[draft.public_id, "san-pham"]))
    assert HEADING in text_of(page)


def test_what_is_typed_is_compared_before_it_is_saved(sign_in, draft):
    case_of(draft, answers=dict(OTHER))
    client = sign_in(draft.created_by)
    url = reverse("dossier_suggestions", args=[draft.public_id])
    assert HEADING not in text_of(client.post(url, dict(ANSWERS, markets="")))
    assert HEADING in text_of(client.post(url, OTHER))


def test_a_hostile_title_is_shown_as_text(sign_in, draft):
    title = "<script>alert(1)</script> EdgeSight"
    case_of(draft, answers={**OTHER, "product_name": title})
    Dossier.objects.filter(pk=draft.pk).update(title=title, answers={**ANSWERS, "product_name": title})
    page = sign_in(draft.created_by).get(reverse("dossier_summary", args=[draft.public_id]))
    assert HEADING in text_of(page)
    assert "<script>alert(1)" not in page.content.decode()


def test_a_viewer_of_the_organisation_may_open_what_is_linked(sign_in, draft):
    other = complete_dossier(organisation=draft.organisation)
    viewer = member_of(draft.organisation, MembershipRole.VIEWER)
    assert sign_in(viewer).get(reverse("dossier_detail", args=[other.public_id])).status_code == 200


@pytest.mark.parametrize("name", ["dossier_summary", "dossier_suggestions"])
def test_a_page_costs_the_same_however_many_there_are(sign_in, draft, name, django_assert_num_queries):
    client = sign_in(draft.created_by)
    url = reverse(name, args=[draft.public_id])
    client.get(url)
    with CaptureQueriesContext(connection) as none:
        client.get(url)
    for _n in range(5):
        case_of(draft)
    with django_assert_num_queries(len(none)):
        client.get(url)
    assert sum("is_named" in query["sql"] or "LIKE" in query["sql"] for query in none) == 1


def test_only_the_organisations_own_rows_are_read(draft):
    case_in(State.SUBMITTED, organisation=OrganisationFactory())
    others = duplicates._others(draft, "camera", ["description"], NOW.date())
    assert list(others) == []
    if connection.vendor == "sqlite":  # PostgreSQL reads so small a table whole
        assert "SCAN intake_dossier" not in others.explain()


def test_a_draft_without_a_title_is_not_named(draft):
    DossierFactory(organisation=draft.organisation)
    assert found(draft) == []
