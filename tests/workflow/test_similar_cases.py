"""What was decided before, beside a new dossier: all of it for officers, one's own for applicants."""

import uuid

import pytest
from django.urls import reverse

from accounts.models import Role
from catalogs.matching import service
from catalogs.models import Catalogue, CatalogueItem, Evidence
from intake.states import State
from tests.catalogs.test_evidence import a_row
from tests.factories import (
    ANSWERS,
    NOW,
    CatalogueFactory,
    OrganisationFactory,
    StaffFactory,
    case_in,
    complete_dossier,
    rewording,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_clock(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def case_page(client, case) -> str:
    client.force_login(StaffFactory(role=Role.SPECIALIST))
    return client.get(reverse("case_detail", args=[case.public_id])).content.decode()


def items_page(client, dossier) -> str:
    client.force_login(dossier.created_by)
    return client.get(reverse("dossier_items", args=[dossier.public_id])).content.decode()


def test_officers_see_code_product_company_and_outcome_with_a_link(client) -> None:
    case = case_in(State.IN_REVIEW)
    company = OrganisationFactory(name="Công ty Khác")
    a_row(Catalogue.objects.get(), name="Mắt Đường", description=ANSWERS["description"], organisation_id=company.pk)
    page = case_page(client, case)
    assert "Đã quyết định về mục này: 1" in page
    assert reverse("case_detail", args=[uuid.UUID(int=1)]) in page
    for words in ("Mắt Đường", "Công ty Khác", "G06-261118-0001", "<mark>suy luận</mark>"):
        assert words in page


def test_an_overruled_product_that_is_similar_speaks_against_with_its_reason(client) -> None:
    case = case_in(State.IN_REVIEW)
    text = ANSWERS["description"]
    a_row(Catalogue.objects.get(), name="Đèn <b>", description=text, fits=False, reason="Chỉ bán lại.", granted=False)
    page = case_page(client, case)
    assert "Sản phẩm tương tự “Đèn &lt;b&gt;” (G06-261118-0001) đã bị kết luận không thuộc mục này." in page
    assert "Chỉ bán lại." in page


def test_a_dossier_is_not_held_against_itself(client) -> None:
    case = case_in(State.ISSUED)
    a_row(Catalogue.objects.get())
    Evidence.objects.update(dossier_id=case.public_id)
    assert "Đã quyết định về mục này" not in case_page(client, case)


def test_reasons_name_the_wording_that_the_words_meet(client) -> None:
    page = case_page(client, case_in(State.IN_REVIEW))
    assert "trùng lời văn của mục:" in page
    assert "“Camera thông minh, camera AI và các phần mềm phân tích”" in page


def test_applicants_see_their_own_decisions_and_no_reason_of_officers(client) -> None:
    dossier = complete_dossier()
    catalogue = Catalogue.objects.get()
    a_row(catalogue, 1, name="Của Mình", organisation_id=dossier.organisation_id, fits=False, reason="Bán lại.")
    a_row(catalogue, 2, name="Của Người")
    page = items_page(client, dossier)
    assert "Hồ sơ trước đây của bạn về mục này: 1" in page
    assert reverse("dossier_detail", args=[uuid.UUID(int=1)]) in page
    assert "Của Mình" in page
    assert "Của Người" not in page
    assert "Bán lại." not in page


def test_applicants_see_their_text_with_the_words_that_count(client) -> None:
    page = items_page(client, complete_dossier())
    assert "Khai báo của bạn, với những từ được dùng để gợi ý" in page
    assert "<mark>Camera</mark> EdgeSight S2" in page
    assert "trùng lời văn của mục:" in page


SEVERAL = "Bộ giải pháp gồm: camera AI nhận diện khuôn mặt xử lý tại biên; máy bay không người lái phun thuốc"


def test_several_products_are_told_apart_on_both_screens(client) -> None:
    catalogue = CatalogueFactory()
    drones = "Thiết bị bay không người lái, máy bay không người lái"
    with rewording(catalogue):
        group = catalogue.groups.get(code="4")
        CatalogueItem.objects.create(catalogue=catalogue, group=group, code="7.3", name=drones, position=9)
    dossier = complete_dossier(answers={**ANSWERS, "description": SEVERAL})
    page = items_page(client, dossier)
    assert "Mô tả dường như nói đến nhiều sản phẩm:" in page
    assert "<li>máy bay không người lái phun thuốc" in page
    assert "nhiều sản phẩm:" in case_page(client, case_in(State.IN_REVIEW, answers=dossier.answers))


def test_one_product_is_not_called_several(client) -> None:
    answers = {**ANSWERS, "description": "Camera thông minh đọc biển số xe."}
    assert "nhiều sản phẩm:" not in items_page(client, complete_dossier(answers=answers))
    assert "nhiều sản phẩm:" not in case_page(client, case_in(State.IN_REVIEW, answers=answers))


def test_telling_products_apart_costs_no_query(client, django_assert_num_queries) -> None:
    complete_dossier()
    catalogue = Catalogue.objects.get()
    service.index_of(catalogue)
    with django_assert_num_queries(0):
        service.products_in(catalogue, name="", description=SEVERAL)
