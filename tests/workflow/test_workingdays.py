from datetime import date, datetime

import pytest

from workflow.models import CalendarDay
from workflow.workingdays import ZONE, Calendar, current_calendar


def at(day: int, month: int, hour: int = 9, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


calendar = Calendar()


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 11, 20), True),  # Friday
        (date(2026, 11, 21), False),  # Saturday
        (date(2026, 11, 24), False),  # Ngày Văn hóa Việt Nam, a holiday from 2026
        (date(2026, 4, 27), False),  # for Giỗ Tổ, which fell on a Sunday
        (date(2026, 8, 31), False),  # swapped off before Quốc khánh
        (date(2026, 8, 22), True),  # a Saturday worked for it
        (date(2026, 2, 16), False),  # Tết
        (date(2025, 4, 26), True),  # a Saturday worked for 02/05/2025
    ],
)
def test_the_calendar_knows_holidays_swaps_and_make_up_days(day, working):
    assert calendar.is_working(day) is working


@pytest.mark.django_db
def test_a_day_in_the_table_stands_above_the_library():
    CalendarDay.objects.create(day=date(2027, 2, 11), working=False, name="Nghỉ Tết bổ sung")
    CalendarDay.objects.create(day=date(2026, 11, 21), working=True, name="Làm bù")
    own = current_calendar()
    assert not own.is_working(date(2027, 2, 11))
    assert own.is_working(date(2026, 11, 21))
    assert calendar.is_working(date(2027, 2, 11))


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        (at(18, 11), 8, at(19, 11)),  # a day's work later, across the night
        (at(18, 11, 16), 8, at(19, 11, 16)),
        (at(20, 11, 16), 8, at(23, 11, 16)),  # across a weekend
        (at(23, 11, 16), 8, at(25, 11, 16)),  # across 24/11
        (at(21, 11, 10), 8, at(23, 11, 17)),  # filed on a Saturday: starts on Monday at 8
        (at(18, 11, 12, 30), 1, at(18, 11, 14)),  # the lunch break does not count
        (at(18, 11, 22), 2, at(19, 11, 10)),
    ],
)
def test_working_hours_run_only_in_office_hours(start, amount, end):
    assert calendar.add(amount, "working_hours", start) == end


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        (at(18, 11), 1, at(19, 11, 17)),
        (at(18, 11), 4, at(25, 11, 17)),  # weekend and 24/11 in between
        (at(21, 11), 1, at(23, 11, 17)),
        (at(13, 2), 1, at(23, 2, 17)),  # across the whole of Tết
    ],
)
def test_working_days_do_not_count_the_first_day(start, amount, end):
    assert calendar.add(amount, "working_days", start) == end


def test_a_period_in_days_that_ends_on_a_day_off_ends_on_the_next_working_day():
    assert calendar.add(15, "days", at(2, 11)).date() == date(2026, 11, 17)
    assert calendar.add(15, "days", at(6, 11)).date() == date(2026, 11, 23)  # the 21st is a Saturday
    assert calendar.add(15, "days", at(9, 11)).date() == date(2026, 11, 25)  # the 24th is a holiday


def test_a_period_starts_on_the_day_it_is_in_vietnam():
    from datetime import UTC

    late_evening_utc = datetime(2026, 11, 17, 20, tzinfo=UTC)  # 18/11, 03:00 in Hà Nội
    assert calendar.add(1, "working_days", late_evening_utc) == at(19, 11, 17)


def test_another_unit_is_refused():
    with pytest.raises(ValueError, match="weeks"):
        calendar.add(1, "weeks", at(18, 11))


@pytest.mark.parametrize(
    ("due", "now", "label", "urgency"),
    [
        (at(25, 11, 17), at(19, 11), "Còn 3 ngày làm việc", "soon"),
        (at(10, 12, 17), at(19, 11), "Còn 14 ngày làm việc", "calm"),
        (at(19, 11, 12), at(19, 11), "Còn 3 giờ làm việc", "soon"),
        (at(20, 11, 9), at(19, 11, 17), "Còn 1 giờ làm việc", "soon"),
        (at(18, 11, 17), at(19, 11, 10), "Quá hạn 2 giờ làm việc", "late"),
        (at(16, 11, 17), at(19, 11, 10), "Quá hạn 3 ngày làm việc", "late"),
        (at(20, 11, 17), at(21, 11, 10), "Quá hạn hôm nay", "late"),
    ],
)
def test_what_is_left_is_said_in_words(due, now, label, urgency):
    remaining = calendar.remaining(due, now)
    assert remaining.label() == label
    assert remaining.urgency == urgency


def test_the_applicants_days_are_calendar_days():
    assert calendar.remaining_days(at(25, 11, 23), at(19, 11)).label() == "Còn 6 ngày"
    assert calendar.remaining_days(at(19, 11, 23), at(19, 11)).label() == "Hết hạn hôm nay"
    assert calendar.remaining_days(at(17, 11, 23), at(19, 11)).label() == "Quá hạn 2 ngày"
