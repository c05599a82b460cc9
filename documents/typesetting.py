"""Filters and tags for the texts of papers: dates, line breaks, the QR code. They work on frozen data only."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import segno
from django import template
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# What a reader takes in as one: numbers of instruments, dossier codes, short dates, places in a law.
_UNBROKEN = re.compile(
    r"\d+(?:/\d{4})?/[A-ZĐ]+[A-ZĐ0-9]*(?:-[A-ZĐ0-9]+)*"
    r"|\b[A-Z]\d+-\d+(?:-\d+)+"
    r"|\b\d{1,2}/\d{1,2}/\d{4}"
    r"|\b\d{2} giờ \d{2} phút"
    r"|\b(?:[Kk]hoản|[Đđ]iều|[Đđ]iểm|[Mm]ục|[Cc]hương) (?:\d[\w.]*|[a-zđ]\b|[IVX]+\b)"
)
# Words of two syllables that a heading does not part.
_COMPOUNDS = re.compile(
    r"công nghệ|công nghiệp|thông tin|khoa học|sản phẩm|dịch vụ|trọng điểm|chiến lược|tiếp nhận|kết quả|hồ sơ"
    r"|ưu đãi|dự án|nhiệm vụ|chương trình|hoàn thiện|bổ sung|giải quyết|bộ phận|số hóa",
    re.IGNORECASE,
)
_UNBROKEN_OR_COMPOUND = re.compile(f"{_UNBROKEN.pattern}|(?i:{_COMPOUNDS.pattern})")


def _moment(value: Any) -> date | datetime:
    """Frozen moments may stand in UTC; a paper shows the office's time, whoever draws it and wherever."""
    text = str(value)
    if "T" not in text:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return moment if timezone.is_naive(moment) else timezone.localtime(moment, timezone.get_default_timezone())


@register.filter
def long_date(value: Any) -> str:
    """ngày 05 tháng 01 năm 2026: days below 10 and the months 1 and 2 get a zero (NĐ 30/2020, Phụ lục I).

    A draft has no day yet, and leaves the places open.
    """
    if value == "":
        return "ngày … tháng … năm …"
    day = _moment(value)
    month = f"{day.month:02d}" if day.month <= 2 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


@register.filter
def long_moment(value: Any) -> str:
    """14 giờ 05 phút, ngày 05 tháng 01 năm 2026; a value without a time gives the day alone."""
    moment = _moment(value)
    day = long_date(value)
    return f"{moment.hour:02d} giờ {moment.minute:02d} phút, {day}" if isinstance(moment, datetime) else day


@register.filter(is_safe=True)
def bound(value: Any) -> SafeString:
    """The text, escaped; a line does not end inside an instrument's number, a code or “khoản 3”."""
    return _wrapped(_UNBROKEN, value)


@register.filter(is_safe=True)
def headline(value: Any) -> SafeString:
    """The text, escaped, for a heading: a line does not end inside a compound word either."""
    return _wrapped(_UNBROKEN_OR_COMPOUND, value)


def _wrapped(pattern: re.Pattern[str], value: Any) -> SafeString:
    # Escaping leaves letters, digits, slashes and hyphens alone, so the pattern still finds them.
    escaped = str(conditional_escape(value))
    return mark_safe(pattern.sub(lambda found: f'<span class="one">{found[0]}</span>', escaped))  # noqa: S308


@register.filter
def bare(value: Any) -> str:
    """A clause without the mark at its end; the text sets its own."""
    return str(value).rstrip(" ;.,/")


@register.filter
def paragraphs(value: Any) -> list[str]:
    return [line for line in str(value or "").split("\n") if line.strip()]


@register.filter
def closing(value: Any) -> str:
    """The last paragraph of a decision ends with “./.”."""
    return f"{bare(value)}./."


@register.filter
def wording(value: Any) -> str:
    """The text of a statement, which is a text itself or holds one."""
    return value["text"] if isinstance(value, dict) else str(value)


@register.filter
def in_groups(value: str, size: int) -> str:
    """Long digests in groups, so that they can be compared by eye and broken at a line's end."""
    return " ".join(value[start : start + size] for start in range(0, len(value), size))


@register.filter
def same(values: Iterable[dict[str, Any]], key: str) -> bool:
    """Whether all parts agree about the key."""
    return len({part.get(key) for part in values}) <= 1


@register.simple_tag
def qr(text: str, label: str) -> SafeString:
    """The QR code as SVG, one path; `label` is what a screen reader says."""
    code = segno.make(text, error="m", micro=False)
    width, height = code.symbol_size(border=0)
    path = "".join(
        f"M{start} {row}h{length}v1h-{length}z"
        for row, modules in enumerate(code.matrix)
        for start, length in _runs(modules)
    )
    return mark_safe(  # noqa: S308
        f'<svg class="qr" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<title>{conditional_escape(label)}</title><path d="{path}" fill="#000"/></svg>'
    )


@register.simple_tag
def sample_seal() -> SafeString:
    """The drawn seal and signature of a demonstration: placed as NĐ 30/2020 places real ones, marked MẪU."""
    return _SAMPLE_SEAL


_SAMPLE_SEAL = mark_safe(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 192 81"><title>Dấu và chữ ký mẫu</title>'
    '<g fill="none" stroke="#C4161C" stroke-width="2" opacity=".85"><circle cx="52" cy="40.500" r="38"/>'
    '<circle cx="52" cy="40.500" r="26"/></g>'
    '<path d="m52 23 3.600 8.200 8.900.8-6.700 5.900 2 8.700-7.800-4.600-7.800 4.600 2-8.700-6.700-5.900 8.900-.8z"'
    ' fill="#C4161C" opacity=".85"/>'
    '<path d="M78 58c14-30 22-40 26-34s-10 30-4 30 14-26 20-24-4 20 2 20 10-16 16-15 0 12 8 11 14-8 26-14"'
    ' fill="none" stroke="#1B3FA0" stroke-width="2.400" stroke-linecap="round"/>'
    '<text x="52" y="59" font-size="12" font-weight="bold" font-family="Tinos" text-anchor="middle"'
    ' fill="#C4161C">MẪU</text>'
    '<text x="150" y="68" font-size="12" font-weight="bold" font-family="Tinos" text-anchor="middle"'
    ' fill="#1B3FA0">MẪU</text></svg>'
)


def _runs(modules: Iterable[int]) -> Iterable[tuple[int, int]]:
    start, length = 0, 0
    for column, dark in enumerate([*modules, 0]):
        if dark:
            start = start if length else column
            length += 1
        elif length:
            yield start, length
            length = 0
