"""Reading what was answered: which answers count, how one is written for a person, what is plain text.

Kept in `Dossier.answers`: text as it was typed, choices as their values, yes or no as "yes" and "no", dates as
ISO days, whole numbers as integers, other numbers as decimal strings (a float would not survive a digest), provinces
as their codes, tables as lists of rows: what a row answers, by column.
"""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.identifiers import write_phone
from catalogs.procedures import Definition, Question
from catalogs.text import composed

YES, NO = "yes", "no"
EMPTY: tuple[Any, ...] = (None, "", [], ())


def effective(definition: Definition, answers: dict[str, Any]) -> dict[str, Any]:
    """The answers that count: those of questions that are asked. A question whose condition hangs on one that
    is itself not asked is not asked either."""
    kept = {key: value for key, value in answers.items() if value not in EMPTY}
    while True:
        asked = {q.key for q in definition.asked_questions(kept)}
        counted = {key: value for key, value in kept.items() if key in asked}
        if counted == kept:
            return counted
        kept = counted


def write_number(value: Any) -> str:
    """1250000 → "1.250.000", "12.5" → "12,5"; whatever is no number comes back as it is."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not number.is_finite():
        return str(value)
    whole, _point, fraction = f"{number:f}".partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    grouped = f"{int(digits or 0):,}".replace(",", ".")
    fraction = fraction.rstrip("0")
    return sign + grouped + ("," + fraction if fraction else "")


def write_date(value: Any) -> str:
    try:
        return date.fromisoformat(str(value)).strftime("%d/%m/%Y")
    except ValueError:
        return str(value)


def write_time(moment: datetime, *, now: datetime) -> str:
    """14:05; with the day unless it is today."""
    local, today = timezone.localtime(moment), timezone.localtime(now)
    return date_format(local, "H:i" if local.date() == today.date() else "H:i, d/m/Y")


def write_size(size: int) -> str:
    """Bytes as a person reads them: "20 MB", "1,5 MB"."""
    return re.sub(r"[.,]0(?=\D)", "", filesizeformat(size))


def display(question: Question, value: Any) -> str:
    """The answer as a person reads it, unit included; empty if there is none."""
    if value in EMPTY:
        return ""
    if question.type == "yes_no":
        return _("Có") if value == YES else _("Không")
    if question.type == "phone":
        return write_phone(str(value))
    if question.type in ("choice", "province"):
        return question.label_of(value)
    if question.type == "table":
        return "\n".join(_line(question, row) for row in rows_of(value))
    if question.type == "multi_choice":
        return "; ".join(question.label_of(v) for v in value)
    if question.type == "date":
        return write_date(value)
    if question.type == "percent":
        return write_number(value) + "%"
    if question.type == "money":
        return write_number(value) + " " + (question.unit or _("đồng"))
    if question.type == "number":
        return (write_number(value) + " " + question.unit).strip()
    return str(value)


def rows_of(value: Any) -> list[dict[str, Any]]:
    """The rows of a table's answer. None, if it is an answer from before the question became a table."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def cells(question: Question, row: dict[str, Any]) -> list[str]:
    """One row of a table as a person reads it, a text for each column."""
    return [display(column, row.get(column.key)) for column in question.columns]


def _line(question: Question, row: dict[str, Any]) -> str:
    """A row of a table where there is room for text alone: “Tên: Máy đo · Số lượng: 2 cái”."""
    named = zip(question.columns, cells(question, row), strict=True)
    return " · ".join(f"{column.label}: {text}" for column, text in named if text)


RAW_LENGTH = 4  # times as long as it may be in the end a text may be before it is normalised
# What word processors leave behind without meaning: zero-width space, joiner, byte order mark, soft hyphen.
_LEFTOVERS = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))


def normalise(text: str, *, limit: int | None = None) -> str:
    """NFC, \\n as the only line end (a word processor's vertical tab and form feed too), no meaningless leftovers.

    `limit`: more characters are refused afterwards. What is far longer than that (decomposed letters and the leftovers
    count here) comes back as it is, for the refusal to count, and costs no work.
    """
    if limit is not None and len(text) > RAW_LENGTH * limit:
        return text
    for line_end in ("\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"):
        text = text.replace(line_end, "\n")
    return composed(text.translate(_LEFTOVERS))
