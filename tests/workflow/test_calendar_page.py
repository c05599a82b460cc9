from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from audit.models import Entry
from tests.factories import StaffFactory
from workflow.models import CalendarDay
from workflow.workingdays import current_calendar, public_days

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    client.force_login(StaffFactory(role=Role.ADMINISTRATOR))
    return client


def enter(client, **fields):
    given = {"day": "31/12/2026", "working": "no", "name": "Nghỉ hoán đổi", "source": "Thông báo 1/TB"}
    return client.post(reverse("calendar_days"), {**given, **fields})


def test_a_day_that_an_administrator_enters_counts_at_once(administrator):
    assert current_calendar().is_working(date(2026, 12, 31))
    assert enter(administrator).status_code == 302
    assert not current_calendar().is_working(date(2026, 12, 31))
    assert Entry.objects.get().action == "set_calendar_day"


def test_entering_a_day_again_replaces_it(administrator):
    enter(administrator)
    assert enter(administrator, working="yes", name="Làm bù").status_code == 302
    assert CalendarDay.objects.get().name == "Làm bù"


def test_a_removed_day_follows_the_public_calendar_again(administrator):
    enter(administrator)
    administrator.post(reverse("calendar_day_remove", args=["2026-12-31"]))
    assert current_calendar().is_working(date(2026, 12, 31))
    assert [entry.action for entry in Entry.objects.order_by("number")] == ["set_calendar_day", "remove_calendar_day"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("day", "31/02/2026"), ("day", ""), ("working", "maybe"), ("name", ""), ("name", "x" * 201), ("name", "a\x00b")],
)
def test_a_mistake_is_named_at_its_field_and_nothing_is_kept(administrator, field, value):
    answer = enter(administrator, **{field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not CalendarDay.objects.exists()


@pytest.mark.parametrize("day", ["2026-13-01", "x", "2020-01-01"])
def test_removing_a_day_that_is_not_there_changes_nothing(administrator, day):
    assert administrator.post(reverse("calendar_day_remove", args=[day])).status_code == 302
    assert not Entry.objects.exists()


def test_the_page_lists_the_days_as_people_write_them(administrator):
    CalendarDay.objects.create(day=date(2026, 8, 22), working=True, name="Làm bù")
    assert "22/08/2026" in administrator.get(reverse("calendar_days")).content.decode()


def test_the_public_calendar_stands_beside_the_days_of_the_office(administrator):
    page = administrator.get(reverse("calendar_days")).content.decode()
    year = timezone.localdate().year
    assert f"Lịch chung năm {year}" in page
    assert f"Lịch chung năm {year + 1}" in page
    assert "Quốc khánh" in page


def test_what_the_public_calendar_makes_up_for_is_a_working_day():
    days = {one.day: one for one in public_days(2025)}
    assert not days[date(2025, 9, 2)].working
    # Off on Friday 02/05/2025, made up for on Saturday 26/04/2025.
    assert (days[date(2025, 5, 2)].working, days[date(2025, 4, 26)].working) == (False, True)
    assert list(days) == sorted(days)


@pytest.mark.parametrize("field", ["name", "source"])
@pytest.mark.parametrize("hidden", ["\u202e", "\x00"])
def test_a_hidden_character_is_refused(administrator, field, hidden):
    response = enter(administrator, **{field: f"Nghỉ{hidden} bù"})
    assert response.status_code == 422
    assert response.context["form"].errors[field][0].startswith(f"Có ký tự ẩn (U+{ord(hidden):04X})")
    assert not CalendarDay.objects.exists()


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("31/02/2026", "Hãy nhập như 24/11/2026."),
        ("hôm qua", "Hãy nhập như 24/11/2026."),
        ("01/01/0001", "Hãy kiểm tra lại năm"),
        ("24/11/2206", "Hãy kiểm tra lại năm"),
    ],
)
def test_a_day_that_cannot_be_meant_is_refused_in_words_that_help(administrator, day, words):
    response = enter(administrator, day=day)
    assert response.status_code == 422
    assert words in response.context["form"].errors["day"][0]
    assert day in response.content.decode()
    assert not CalendarDay.objects.exists()
