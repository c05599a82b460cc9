"""Saving a section in the background: what is said to be saved is saved, and what is no answer yet is kept too."""

import re

import pytest
from django.urls import reverse

from accounts.models import MembershipRole
from intake.models import AnswerEdit, Dossier
from intake.together import write_seen
from tests.factories import ANSWERS, NOW, CatalogueFactory, DossierFactory, complete_dossier, member_of
from tests.intake.test_drafting import section_url, text, token

pytestmark = pytest.mark.django_db
PAGE = "0123456789ab"


@pytest.fixture
def draft():
    CatalogueFactory()
    return DossierFactory()


def seen_now():
    """The token of each question as it stands now, as a page carries it."""
    dossier = Dossier.objects.get()
    keys = ANSWERS.keys() | {"patent_number", "local_share", "staff", "ends_on"}
    return " ".join(f"{key}.{value}" for key, value in write_seen(dossier, keys).items())


def in_background(client, dossier, section="san-pham", **given):
    sent = {"seen": seen_now(), "draft.page": PAGE, **given}
    return client.post(section_url(dossier, section), sent, headers={"Accept": "application/json"})


def test_a_script_is_told_when_it_was_saved_and_what_it_has_seen_now(sign_in, draft):
    client = sign_in(draft.created_by)
    answer = in_background(client, draft, product_name="Camera")
    assert answer.status_code == 200
    said = answer.json()
    assert said["saved"] == "Đã lưu lúc 09:12"
    assert (said["unsaved"], said["values"], said["conflicts"], said["news"]) == ([], {}, {}, "")
    saved = Dossier.objects.get()
    assert saved.answers == {"product_name": "Camera"}
    assert said["seen"] == write_seen(saved, ["product_name", "description", "kind"])


def test_another_page_and_another_device_find_what_was_saved(sign_in, draft):
    in_background(sign_in(draft.created_by), draft, product_name="Camera", description="Nhận")
    colleague = sign_in(member_of(draft.organisation, MembershipRole.DRAFTER))
    page = text(colleague.get(section_url(draft)))
    assert 'value="Camera"' in page
    assert ">\nNhận</textarea>" in page
    assert "Đã lưu lúc 09:12" in page


def test_the_day_is_said_when_it_is_not_today(sign_in, draft, clock):
    client = sign_in(draft.created_by)
    in_background(client, draft, product_name="Camera")
    clock.move_to(NOW.replace(day=19))
    assert "Đã lưu lúc 09:12, 18/11/2026" in text(client.get(section_url(draft)))


def test_what_is_no_answer_yet_is_kept_as_it_was_typed_and_nothing_is_held_against_it(sign_in, draft):
    client = sign_in(draft.created_by)
    answer = in_background(client, draft, "thi-truong", revenue="một tỷ", local_share="12,5")
    assert (answer.status_code, answer.json()["saved"]) == (200, "Đã lưu lúc 09:12")
    saved = Dossier.objects.get()
    assert (saved.answers, saved.malformed) == ({"local_share": "12.5"}, {"revenue": "một tỷ"})
    page = text(client.get(section_url(draft, "thi-truong")))
    assert 'value="một tỷ"' in page
    assert "Chưa đọc được số tiền" not in page.split("<form")[1]
    assert 'class="field bad"' not in page


def test_an_answer_gives_way_to_what_was_typed_over_it_and_comes_back_when_that_is_mended(sign_in):
    dossier = complete_dossier()
    client = sign_in(dossier.created_by)
    rest = {"started_on": "01/03/2024", "has_patent": "no", "markets": ["domestic"]}
    in_background(client, dossier, "thi-truong", revenue="một tỷ", **rest)
    saved = Dossier.objects.get()
    assert "revenue" not in saved.answers
    assert saved.malformed == {"revenue": "một tỷ"}
    in_background(client, dossier, "thi-truong", revenue="1.000.000.000", **rest)
    saved = Dossier.objects.get()
    assert (saved.answers["revenue"], saved.malformed) == (1_000_000_000, {})


@pytest.mark.parametrize(
    ("section", "given", "kept"),
    [
        ("thi-truong", {"started_on": "31/02/2026"}, {"started_on": "31/02/2026"}),
        ("thi-truong", {"started_on": "5/1/2026", "ends_on": "4/1/2026"}, {"ends_on": "4/1/2026"}),
        ("thi-truong", {"markets": ["domestic", "none"]}, {"markets": ["domestic", "none"]}),
        ("san-pham", {"product_name": "a" * 201}, {"product_name": "a" * 201}),
        ("san-pham", {"product_name": "Camera \u202eS2"}, {"product_name": "Camera \u202eS2"}),
        ("san-pham", {"description": "đ" * 40_000}, {"description": "đ" * 40_000}),
    ],
)
def test_whatever_a_person_may_type_is_kept(sign_in, draft, section, given, kept):
    answer = in_background(sign_in(draft.created_by), draft, section, **given)
    assert answer.status_code == 200
    assert Dossier.objects.get().malformed == kept


@pytest.mark.parametrize(
    ("section", "name", "typed", "words"),
    [
        ("san-pham", "product_name", "Camera\x00", "Có ký tự ẩn (U+0000)"),
        ("san-pham", "description", "đ" * 40_001, "Nội dung dài 40.001 ký tự"),
        ("san-pham", "kind", "?", "Hãy chọn một trong các phương án đã cho"),
        ("thi-truong", "has_patent", "maybe", "Hãy chọn một trong các phương án đã cho"),
        ("thi-truong", "markets", ["domestic", "mars"], "Hãy chọn trong các phương án đã cho"),
    ],
)
def test_what_cannot_be_kept_is_not_said_to_be_saved_and_the_rest_is(sign_in, draft, section, name, typed, words):
    other = {"san-pham": "description", "thi-truong": "revenue"}[section]
    other = "product_name" if name == other else other
    answer = in_background(sign_in(draft.created_by), draft, section, **{name: typed, other: "5"})
    said = answer.json()
    assert answer.status_code == 422
    assert said["unsaved"] == [name]
    assert name not in said["seen"]
    assert said["saved"].startswith("Đã lưu lúc 09:12, trừ: ")
    assert words in said["saved"]
    saved = Dossier.objects.get()
    assert name not in {**saved.answers, **saved.malformed}
    assert str(saved.answers[other]) == "5"


def test_a_question_that_is_not_asked_keeps_nothing_malformed(sign_in, draft):
    in_background(sign_in(draft.created_by), draft, "thi-truong", has_patent="no", patent_number="x" * 5000)
    saved = Dossier.objects.get()
    assert (saved.answers, saved.malformed) == ({"has_patent": "no"}, {})


def test_the_button_keeps_it_too_and_names_it_at_its_field(sign_in, draft):
    client = sign_in(draft.created_by)
    given = {"seen": token(client.get(section_url(draft, "thi-truong"))), "revenue": "một tỷ", "local_share": "7"}
    answer = client.post(section_url(draft, "thi-truong"), given)
    assert answer.status_code == 422
    assert "Chưa đọc được số tiền" in text(answer)
    assert "Đã lưu lúc 09:12, kể cả ô cần sửa" in text(answer)
    saved = Dossier.objects.get()
    assert (saved.answers, saved.malformed) == ({"local_share": 7}, {"revenue": "một tỷ"})


def test_what_is_malformed_stands_between_the_draft_and_filing_with_the_reason(sign_in):
    dossier = complete_dossier(malformed={"staff": "mười"})
    page = sign_in(dossier.created_by).get(reverse("dossier_summary", args=[dossier.public_id]))
    (one,) = page.context["missing"]
    assert one.message == ("Số người làm nghiên cứu: Chưa đọc được số. Ghi bằng chữ số, ví dụ 1.250 hoặc 12,5.")
    assert one.url == f"{section_url(dossier, 'thi-truong')}#id_staff"


def test_what_is_malformed_where_nothing_is_asked_stands_in_nobodys_way(sign_in):
    dossier = complete_dossier(malformed={"patent_number": "x" * 5000})
    page = sign_in(dossier.created_by).get(reverse("dossier_summary", args=[dossier.public_id]))
    assert page.context["missing"] == []


def test_what_another_answer_has_mended_waits_for_its_page_to_be_saved(sign_in):
    dossier = complete_dossier(malformed={"ends_on": "01/01/2025"})
    client = sign_in(dossier.created_by)
    (one,) = client.get(reverse("dossier_summary", args=[dossier.public_id])).context["missing"]
    assert one.message == "Ngày kết thúc: Mở ô này rồi bấm Lưu."


def test_filing_forgets_who_typed_what(sign_in):
    dossier = complete_dossier(malformed={"patent_number": "x" * 5000})
    client = sign_in(dossier.created_by)
    in_background(client, dossier, product_name="Camera", description=ANSWERS["description"], kind="product")
    assert AnswerEdit.objects.exists()
    page = text(client.get(reverse("dossier_summary", args=[dossier.public_id])))
    hidden = {name: re.search(f'name="{name}" value="([^"]*)"', page)[1] for name in ("version", "rules")}
    ticks = {"statement_accurate": "on", "statement_responsible": "on", "certifier_capacity": "Giám đốc"}
    assert client.post(reverse("dossier_submit", args=[dossier.public_id]), {**hidden, **ticks}).status_code == 302
    assert not AnswerEdit.objects.exists()
    assert Dossier.objects.get().malformed == {}


def test_saving_costs_the_same_however_much_is_typed(sign_in, draft, django_assert_max_num_queries):
    client = sign_in(draft.created_by)
    client.get(section_url(draft))
    seen = seen_now()
    given = {"product_name": "Camera", "description": "Nhận diện", "kind": "product"}
    with django_assert_max_num_queries(20):
        client.post(
            section_url(draft), {"seen": seen, "draft.page": PAGE, **given}, headers={"Accept": "application/json"}
        )
    assert AnswerEdit.objects.count() == 3
