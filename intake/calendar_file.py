"""The due dates of a dossier as a calendar file, RFC 5545: for whatever calendar its reader keeps.

Each date is an event of a whole day, so that it stands in the right place whatever the time zone of the calendar; the
hour, where one counts, is in its text. An event keeps its UID, and its SEQUENCE grows with the dossier, so fetching
the file again moves what was moved.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from intake.models import Dossier
from intake.states import State

CONTENT_TYPE = "text/calendar; charset=utf-8"
LINE = 75  # octets, without the break: RFC 5545, 3.1
REMIND_BEFORE = timedelta(hours=39)  # of the day itself: at nine in the morning, two days ahead


@dataclass(frozen=True)
class DueDate:
    key: str  # of the dossier, for the UID
    day: date
    summary: str
    description: str
    of_the_applicant: bool = False  # somebody of theirs has to do something, and is reminded


def due_dates(dossier: Dossier, *, on: date) -> list[DueDate]:
    """What is still to come of a filed dossier, the earliest first. One query."""
    code, dates = dossier.code, []
    if dossier.state == State.SUPPLEMENT_REQUESTED and dossier.due_at:
        text = _("Bổ sung tất cả trong một lần trước %s. Quá hạn, hồ sơ sẽ được đóng.") % _moment(dossier.due_at)
        day = _day(dossier.due_at)
        dates.append(DueDate("supplement", day, _("Hạn bổ sung hồ sơ %s") % code, text, of_the_applicant=True))
    elif dossier.due_at and dossier.appointment_at:
        text = _("Ngày hẹn trả kết quả ghi trên giấy tiếp nhận.")
        dates.append(DueDate("result", _day(dossier.appointment_at), _("Hẹn trả kết quả hồ sơ %s") % code, text))
    elif dossier.due_at:
        text = _("Cơ quan giải quyết tiếp nhận hoặc yêu cầu bổ sung trước %s.") % _moment(dossier.due_at)
        dates.append(DueDate("acceptance", _day(dossier.due_at), _("Trả lời về tiếp nhận hồ sơ %s") % code, text))
    for paper in dossier.documents.filter(kind="decision").order_by("pk"):
        if not (last := last_day(paper, on=on)):
            continue
        summary = _("Quyết định %s hết hiệu lực") % paper.symbol
        text = _("Ngày cuối cùng quyết định còn hiệu lực. Hồ sơ %s.") % code
        dates.append(DueDate("decision", last, summary, text))
    return sorted(dates, key=lambda one: one.day)


def last_day(decision: Any, *, on: date) -> date | None:
    """Of a decision that holds; None if it holds no more, or without an end."""
    holds = decision.validity in ("valid", "corrected") and decision.valid_until and decision.valid_until >= on
    return decision.valid_until if holds else None


def calendar_of(dossier: Dossier, dates: list[DueDate], *, link: str, at: datetime) -> bytes:
    """The file. RFC 5545 wants at least one event in it, so `dates` may not be empty."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Ho So//Dossier//VI",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        *(line for one in dates for line in _event(dossier, one, link=link, at=at)),
        "END:VCALENDAR",
    ]
    return b"".join(fold_line(line) for line in lines)


def file_name(dossier: Dossier) -> str:
    """ho-so-G06-261118-0042.ics"""
    return f"ho-so-{re.sub(r'[^A-Za-z0-9]+', '-', dossier.code).strip('-')}.ics"


def _event(dossier: Dossier, one: DueDate, *, link: str, at: datetime) -> list[str]:
    title = f"{one.description}\n{dossier.title}" if dossier.title else one.description
    lines = [
        "BEGIN:VEVENT",
        f"UID:{dossier.public_id}-{one.key}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}",
        f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{dossier.version}",
        f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{one.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escape(one.summary)}",
        f"DESCRIPTION:{escape(title)}",
        f"URL:{link}",
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
    ]
    if one.of_the_applicant:
        hours = int(REMIND_BEFORE.total_seconds()) // 3600
        reminder = ["ACTION:DISPLAY", f"TRIGGER:-PT{hours}H", f"DESCRIPTION:{escape(one.summary)}"]
        lines += ["BEGIN:VALARM", *reminder, "END:VALARM"]
    return [*lines, "END:VEVENT"]


def escape(text: str) -> str:
    """A value of type TEXT (3.3.11): on one line, and without control characters, which are not allowed in one."""
    text = re.sub(r"\r\n?|[\u0085\u2028\u2029]", "\n", text)
    text = re.sub(r"[\\;,]", r"\\\g<0>", text)
    kept = "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs"))
    return kept.replace("\n", "\\n")


def fold_line(line: str) -> bytes:
    """The content line with its break, folded at 75 octets and never inside a character."""
    folded, room = [b""], LINE
    for char in line:
        octets = char.encode()
        if len(octets) > room:
            folded.append(b"")
            room = LINE - 1  # the space that opens a continuation counts
        folded[-1] += octets
        room -= len(octets)
    return b"\r\n ".join(folded) + b"\r\n"


def _day(moment: datetime) -> date:
    return timezone.localdate(moment, timezone.get_default_timezone())


def _moment(moment: datetime) -> str:
    return f"{timezone.localtime(moment, timezone.get_default_timezone()):%H:%M %d/%m/%Y}"
