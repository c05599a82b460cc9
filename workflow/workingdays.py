"""Working days and hours of the office: weekends, public holidays, swaps and make-up days.

The `holidays` library knows the Vietnamese calendar; rows of `CalendarDay` stand above it, because a swap
is announced each year and may come before the library knows of it.
"""

import math
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

import holidays
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflow.models import CalendarDay

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
# 8 hours a day (Bộ luật Lao động 2019 Đ105); the office's own hours.
MORNING = (time(8), time(12))
AFTERNOON = (time(13), time(17))
HOURS_PER_DAY = 8
END_OF_OFFICE = time(17)
# A period in plain days ends with its last day (Bộ luật Dân sự 2015 Đ148).
END_OF_DAY = time(23, 59, 59)


@lru_cache(maxsize=4)
def _public_calendar(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("VN", years=[year - 1, year, year + 1], language="vi")


@lru_cache(maxsize=16)
def _working_days_of_year(year: int) -> tuple[int, ...]:
    """For each day of the year, how many working days the public calendar has up to and with it."""
    calendar, new_year = _public_calendar(year), date(year, 1, 1)
    days = (new_year + timedelta(days=n) for n in range((date(year + 1, 1, 1) - new_year).days))
    return tuple(accumulate(int(calendar.is_working_day(day)) for day in days))


@dataclass(frozen=True)
class PublicDay:
    """A day on which the public calendar differs from Monday to Friday."""

    day: date
    name: str
    working: bool


def public_days(year: int) -> list[PublicDay]:
    """The holidays of the year, and the days off that are made up for by work, in order."""
    calendar = _public_calendar(year)
    off = [PublicDay(day, name, working=False) for day, name in calendar.items() if day.year == year]
    made_up = [PublicDay(day, _("Làm bù"), working=True) for day in calendar.weekend_workdays if day.year == year]
    return sorted([*off, *made_up], key=lambda one: one.day)


def _working_days_until(day: date) -> int:
    return _working_days_of_year(day.year)[day.timetuple().tm_yday - 1]


@dataclass(frozen=True)
class Remaining:
    """How much of a period is left; if late, how much it is over."""

    amount: int
    unit: str  # "days" (working days), "hours" (working hours) or "calendar_days"
    late: bool

    def label(self) -> str:
        """For a tired person: “Còn 3 ngày làm việc”, “Quá hạn 1 ngày làm việc”."""
        if self.amount == 0:
            return _("Quá hạn hôm nay") if self.late else _("Hết hạn hôm nay")
        return self._text() % {"n": self.amount}

    def _text(self) -> str:
        match self.unit, self.late:
            case "days", False:
                return ngettext("Còn %(n)s ngày làm việc", "Còn %(n)s ngày làm việc", self.amount)
            case "days", True:
                return ngettext("Quá hạn %(n)s ngày làm việc", "Quá hạn %(n)s ngày làm việc", self.amount)
            case "hours", False:
                return ngettext("Còn %(n)s giờ làm việc", "Còn %(n)s giờ làm việc", self.amount)
            case "hours", True:
                return ngettext("Quá hạn %(n)s giờ làm việc", "Quá hạn %(n)s giờ làm việc", self.amount)
            case _, False:
                return ngettext("Còn %(n)s ngày", "Còn %(n)s ngày", self.amount)
        return ngettext("Quá hạn %(n)s ngày", "Quá hạn %(n)s ngày", self.amount)

    @property
    def urgency(self) -> str:
        """ "late", "soon" (three working days or fewer) or "calm"."""
        if self.late:
            return "late"
        return "soon" if self.unit == "hours" or self.amount <= 3 else "calm"


@dataclass(frozen=True)
class Calendar:
    """The public calendar with the office's own days on top."""

    own_days: dict[date, bool] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        if day in self.own_days:
            return self.own_days[day]
        return _public_calendar(day.year).is_working_day(day)

    def next_working(self, day: date) -> date:
        """The day itself if it is a working day, or the first one after it."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def add(self, amount: int, unit: str, start: datetime) -> datetime:
        """The end of a period of so many working_hours, working_days or days that starts at `start`.

        The day of the start does not count in days (Bộ luật Dân sự 2015 Đ147), and a period in days that
        would end on a day off ends on the next working day (Đ148.5). Raises ValueError for another unit.
        """
        local = start.astimezone(ZONE)
        if unit == "working_hours":
            return self._add_hours(amount, local)
        if unit == "working_days":
            day = local.date()
            for _n in range(amount):
                day = self.next_working(day + timedelta(days=1))
            return datetime.combine(day, END_OF_OFFICE, ZONE)
        if unit == "days":
            day = self.next_working(local.date() + timedelta(days=amount))
            return datetime.combine(day, END_OF_DAY, ZONE)
        raise ValueError(f"A period is counted in working hours, working days or days, not in {unit!r}.")

    def remaining(self, due_at: datetime, now: datetime) -> Remaining:
        """Working days from tomorrow to the due day; working hours when a day's work or less is left."""
        late = now > due_at
        first, last = (due_at, now) if late else (now, due_at)
        days = self._days_between(first, last)
        # Between three working days and more lie at least sixteen hours; a page of fifty rows is spared the sum.
        if days < 3 and (hours := self.hours_between(first, last)) <= HOURS_PER_DAY:
            return Remaining(math.ceil(hours), "hours", late)
        return Remaining(days, "days", late)

    def remaining_days(self, due_at: datetime, now: datetime) -> Remaining:
        """Calendar days, for the periods that run on the applicant's side."""
        days = (due_at.astimezone(ZONE).date() - now.astimezone(ZONE).date()).days
        return Remaining(abs(days), "calendar_days", now > due_at)

    def hours_between(self, start: datetime, end: datetime) -> float:
        """Working hours from start to end; at most the hours of 400 days, which no period here reaches."""
        start, end = start.astimezone(ZONE), end.astimezone(ZONE)
        hours = 0.0
        day = start.date()
        for _n in range(400):
            if day > end.date():
                break
            if self.is_working(day):
                for opens, closes in (MORNING, AFTERNOON):
                    a = max(start, datetime.combine(day, opens, ZONE))
                    b = min(end, datetime.combine(day, closes, ZONE))
                    hours += max(0.0, (b - a).total_seconds() / 3600)
            day += timedelta(days=1)
        return hours

    def _days_between(self, start: datetime, end: datetime) -> int:
        """Working days after the first day, up to and with the last one."""
        first, last = start.astimezone(ZONE).date(), end.astimezone(ZONE).date()
        days = sum(_working_days_of_year(year)[-1] for year in range(first.year, last.year))
        days += _working_days_until(last) - _working_days_until(first)
        return days + sum(
            working - _public_calendar(day.year).is_working_day(day)
            for day, working in self.own_days.items()
            if first < day <= last
        )

    def _add_hours(self, amount: int, start: datetime) -> datetime:
        left = timedelta(hours=amount)
        day = start.date()
        while True:
            if self.is_working(day):
                for opens, closes in (MORNING, AFTERNOON):
                    a = max(start, datetime.combine(day, opens, ZONE))
                    b = datetime.combine(day, closes, ZONE)
                    if a < b:
                        if left <= b - a:
                            return a + left
                        left -= b - a
            day += timedelta(days=1)


def current_calendar() -> Calendar:
    """The calendar as it stands now; one query. Load it once for a page."""
    return Calendar(dict(CalendarDay.objects.values_list("day", "working")))
