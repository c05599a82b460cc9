"""Where a dossier stands by code and e-mail address, without signing in."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import MembershipRole
from intake import tracking
from intake.models import Dossier
from intake.states import WITH_CLOCK, State
from tests.factories import OrganisationFactory, StaffFactory, UnitFactory, UserFactory, case_in, member_of

pytestmark = pytest.mark.django_db
UNKNOWN = "Không tìm thấy hồ sơ có mã và địa chỉ thư điện tử này."
URL = "/theo-doi/"


@pytest.fixture(autouse=True)
def many_look_ups(settings):
    settings.TRACKINGS_PER_MINUTE = 100


def ask(client, code, email):
    return client.post(reverse("dossier_track"), {"ma": code, "email": email})


def text_of(response):
    main = re.search(r"<main.*?</main>", response.content.decode(), re.DOTALL)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", main)).split())


def test_the_form_is_open_to_everybody_and_indexed_by_nobody(client):
    page = client.get(URL)
    assert page.status_code == 200
    assert (page["X-Robots-Tag"], page["Cache-Control"]) == ("noindex, nofollow", "no-store")


def test_the_code_and_the_address_of_somebody_of_the_applicant_show_the_status(client):
    unit = UnitFactory(name="Phòng Công nghiệp số")
    case = case_in(State.IN_REVIEW, specialist=StaffFactory(unit=unit))
    page = ask(client, case.code, case.created_by.email)
    assert page.status_code == 200
    text = text_of(page)
    assert f"{case.code} Đang thẩm định" in text
    assert "Đang giữ hồ sơ Phòng Công nghiệp số" in text
    assert "Hẹn trả kết quả 08/12/2026" in text
    assert 'aria-current="step"><b>Thẩm định</b>' in page.content.decode()


def test_nothing_but_the_status_is_shown(client):
    case = case_in(State.ISSUED, specialist=StaffFactory(full_name="Phạm Quốc Bảo"))
    page = ask(client, case.code, case.created_by.email).content.decode()
    assert "Đã có kết quả" in page
    shown = (case.title, case.organisation.name, case.organisation.tax_code, str(case.created_by), "Phạm Quốc Bảo")
    for word in (*shown, case.created_by.email, str(case.public_id), "Đồng ý", "Camera"):
        assert word not in page, word


@pytest.mark.parametrize("state", [*WITH_CLOCK, State.ISSUED, State.DELIVERED, State.REFUSED, State.WITHDRAWN])
def test_every_state_of_a_filed_dossier_has_its_answer(client, state):
    case = case_in(state)
    text = text_of(ask(client, case.code, case.created_by.email))
    assert str(State(state).label) in text
    assert ("Đang giữ hồ sơ" in text) == (state in WITH_CLOCK)
    assert "Đang giữ hồ sơ Bạn " not in text


@pytest.mark.parametrize(
    "write", [str.lower, lambda code: f"  {code.replace('-', ' ')} ", lambda code: code.replace("-", "–")]
)
def test_the_code_may_be_typed_as_people_do_and_the_address_in_any_case(client, write):
    case = case_in(State.SUBMITTED)
    assert ask(client, write(case.code), case.created_by.email.upper()).status_code == 200


def test_a_viewer_of_the_applicant_is_somebody_of_theirs(client):
    case = case_in(State.SUBMITTED)
    viewer = member_of(case.organisation, MembershipRole.VIEWER)
    assert ask(client, case.code, viewer.email).status_code == 200


def test_an_unknown_code_and_a_wrong_address_get_the_same_answer(client, django_assert_num_queries):
    case = case_in(State.SUBMITTED)
    owner, stranger = case.created_by, member_of(OrganisationFactory())
    answers = []
    for code, email in [
        ("G06-261118-9999", owner.email),
        (case.code, stranger.email),
        (case.code, "khong-ai@congty.example"),
        ("G06-261118-9999", "khong-ai@congty.example"),
    ]:
        with django_assert_num_queries(1):
            page = ask(client, code, email)
        assert page.status_code == 404
        answers.append(text_of(page))
    assert len(set(answers)) == 1
    assert UNKNOWN in answers[0]


def test_who_has_left_or_may_sign_in_no_more_is_nobody_of_the_applicant(client):
    case = case_in(State.SUBMITTED)
    gone, closed = member_of(case.organisation), member_of(case.organisation, is_active=False)
    gone.memberships.all().delete()
    for email in (gone.email, closed.email, UserFactory().email, StaffFactory().email):
        assert ask(client, case.code, email).status_code == 404


def test_a_draft_is_found_by_no_code(client):
    draft = Dossier.objects.get(pk=case_in(State.SUBMITTED).pk)
    Dossier.objects.filter(pk=draft.pk).update(state=State.DRAFT, code="", submitted_at=None, due_at=None)
    for code in ("", "-", draft.code):
        assert ask(client, code, draft.created_by.email).status_code in (404, 422)


@pytest.mark.parametrize(
    ("code", "email", "said"),
    [
        ("", "a@b.example", "Hãy nhập mã hồ sơ."),
        ("G06-1", "", "Hãy nhập địa chỉ thư điện tử."),
        ("G06-1", "khong-phai", "Địa chỉ thư điện tử chưa đúng"),
        ("x" * 5_000, "a@b.example", "Mã hồ sơ ngắn hơn nhiều"),
        ("G06-1", f"{'a' * 5_000}@b.example", "Địa chỉ thư điện tử chưa đúng"),
        ("G06\x00", "a@b.example", ""),
    ],
)
def test_what_cannot_be_asked_is_said_at_its_field_and_kept(client, code, email, said):
    page = ask(client, code, email)
    assert page.status_code == 422
    assert said in text_of(page)


@pytest.mark.parametrize("code", ["%", "' OR 1=1 --", "<script>alert(1)</script>", "‐‑‒", "é" * 40, "{{ 7|add:7 }}"])
def test_a_hostile_code_is_an_unknown_one(client, code):
    case = case_in(State.SUBMITTED)
    page = ask(client, code, case.created_by.email)
    assert page.status_code == 404
    assert "<script>alert" not in page.content.decode()


def test_too_many_look_ups_from_one_address_have_to_wait_and_keep_what_was_typed(client, settings):
    settings.TRACKINGS_PER_MINUTE = 2
    case = case_in(State.SUBMITTED)
    for n in range(2):
        assert ask(client, f"G06-261118-900{n}", case.created_by.email).status_code == 404
    page = ask(client, case.code, case.created_by.email)
    assert (page.status_code, page["Retry-After"]) == (429, "60")
    assert f'value="{case.code}"' in page.content.decode()


def test_too_many_look_ups_of_one_code_have_to_wait_wherever_they_come_from(client, settings):
    settings.TRACKINGS_PER_MINUTE = 2
    case = case_in(State.SUBMITTED)
    for n in range(2):
        guess = Client(REMOTE_ADDR=f"203.0.113.{n}")
        assert ask(guess, case.code, f"doan-{n}@congty.example").status_code == 404
    assert ask(Client(REMOTE_ADDR="203.0.113.9"), case.code.lower(), case.created_by.email).status_code == 429
    other = case_in(State.SUBMITTED)
    assert ask(Client(REMOTE_ADDR="203.0.113.9"), other.code, other.created_by.email).status_code == 200


def test_a_page_from_elsewhere_cannot_ask():
    assert ask(Client(enforce_csrf_checks=True), "G06-1", "a@b.example").status_code == 403


def test_the_address_of_the_page_names_nobody(client):
    case = case_in(State.SUBMITTED)
    page = client.get(URL, {"ma": case.code, "email": case.created_by.email})
    assert page.status_code == 200
    assert case.code not in text_of(page)


def test_a_look_up_costs_the_same_two_queries_however_much_happened(client, django_assert_num_queries):
    case = case_in(State.SUPPLEMENT_REQUESTED)
    tracking.find(case.code, case.created_by.email)
    with django_assert_num_queries(2):
        dossier = tracking.find(case.code, case.created_by.email)
        tracking.tracked(dossier)


def test_the_home_page_leads_there(client):
    assert f'href="{URL}"' in client.get("/").content.decode()
