"""Filters and tags that every template may use without loading them."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select, Textarea
from django.template import Context, engines
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.identifiers import write_phone
from accounts.models import ApplicantKind
from accounts.plaintext import harmless
from catalogs.procedures import length_of
from intake.answers import write_size
from intake.states import State

register = template.Library()

# Drawn on a grid of 20, as strokes; `.icon` in hoso.css gives them their colour.
ICONS = {
    "alert": '<path d="M10 3 18 17H2zM10 8v4M10 14.500v.1"/>',
    "bell": '<path d="M5 14V9a5 5 0 0 1 10 0v5l1.500 1.500h-13zM8.500 17.500h3"/>',
    "calendar": '<path d="M3 5h14v12H3zM3 9h14M7 3v3M13 3v3"/>',
    "check": '<path d="m4 10.500 4 4 8-9"/>',
    "clock": '<circle cx="10" cy="10" r="7"/><path d="M10 6v4l3 2"/>',
    "close": '<path d="m5 5 10 10M15 5 5 15"/>',
    "doc": '<path d="M5 2.500h7l4 4v11H5zM12 2.500v4h4M8 10.500h5M8 13.500h5"/>',
    "download": '<path d="M10 3v9M6 8.500l4 4 4-4M4 16.500h12"/>',
    "image": '<path d="M3 4h14v12H3zM3 13l4-4 4 4 2-2 4 4"/><circle cx="13" cy="7.500" r="1"/>',
    "info": '<circle cx="10" cy="10" r="7.500"/><path d="M10 9v5M10 6.200v.1"/>',
    "inbox": '<path d="M3 11 5 4h10l2 7v5H3zM3 11h4l1 2h4l1-2h4"/>',
    "lock": '<path d="M5 9h10v8H5zM7 9V6a3 3 0 0 1 6 0v3"/>',
    "menu": '<path d="M3 5.500h14M3 10h14M3 14.500h14"/>',
    "pen": '<path d="m4 16 .8-3.500L13 4.300l2.700 2.700-8.200 8.200z"/>',
    "plus": '<path d="M10 4v12M4 10h12"/>',
    "search": '<circle cx="9" cy="9" r="5.500"/><path d="m13.200 13.200 4 4"/>',
    "send": '<path d="m3 10 14-7-4 14-3-5zM10 12l7-9"/>',
    "shield": '<path d="M10 2.500 16 5v5c0 4-3 6.500-6 7.500-3-1-6-3.500-6-7.500V5zM7.200 10l2 2 3.600-4"/>',
    "trash": '<path d="M4 6h12M8 6V3.500h4V6M5.500 6l.8 11h7.400l.8-11"/>',
    "upload": '<path d="M10 13V4M6 7.500l4-4 4 4M4 16.500h12"/>',
    "user": '<circle cx="10" cy="7" r="3.500"/><path d="M3.500 17c.8-3.500 3.300-5 6.500-5s5.700 1.500 6.500 5"/>',
}

# How a state looks; words say the rest.
STATE_TAGS: dict[str, str] = {
    State.SUBMITTED: "info",
    State.SCREENING: "info",
    State.SUPPLEMENT_REQUESTED: "warn",
    State.ISSUED: "ok",
    State.DELIVERED: "ok",
    State.REFUSED: "late",
}


@register.simple_tag
def demonstration() -> bool:
    """{% demonstration as demo %}: DEMO_MODE for a page that is drawn without a context."""
    return bool(settings.DEMO_MODE)


@register.simple_tag(takes_context=True, name="jinja2")
def drawn_by_jinja2(context: Context, template_name: str, **names: Any) -> SafeString:
    """{% jinja2 "site/header.html" %}: drawn by Jinja2 (ADR 0012), knowing what the page knows and `names`."""
    html = engines["jinja2"].get_template(template_name).render(context.flatten() | names)
    return mark_safe(html)  # noqa: S308  Jinja2 has escaped every value


@register.simple_tag
def icon(name: str) -> SafeString:
    """A decorative picture: {% icon "bell" %}. The words beside it, or an .sr text, carry the meaning."""
    shape = ICONS[name]
    return mark_safe(f'<svg class="icon" viewBox="0 0 20 20" aria-hidden="true">{shape}</svg>')  # noqa: S308


@register.filter
def vnd(value: Any) -> str:
    """1250000000 -> "1.250.000.000 đồng"; what is no number comes back as it is."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    places = 0 if amount == amount.to_integral_value() else 2
    return f"{number_format(amount, decimal_pos=places, use_l10n=True, force_grouping=True)} {_('đồng')}"


@register.filter
def filesize(size: Any) -> str:
    """20971520 -> "20 MB"."""
    return write_size(size)


@register.filter
def phone(number: Any) -> str:
    """0912345678 -> "0912 345 678"."""
    return write_phone(str(number or ""))


@register.filter
def highlight(value: Any, spans: Iterable[Any] | None) -> SafeString:
    """The text, escaped, with each span marked. A span is (start, end), or has `start` and `end`; they may overlap.

    Somebody may only just have typed it, so what a reader would not see of it is shown as “�”.
    """
    text = harmless(str(value or ""))
    parts: list[str] = []
    at = 0
    for start, end in sorted(_ends(span) for span in spans or ()):
        start, end = max(start, at), min(end, len(text))
        if start >= end:
            continue
        parts += [escape(text[at:start]), format_html("<mark>{}</mark>", text[start:end])]
        at = end
    parts.append(escape(text[at:]))
    return mark_safe("".join(parts))  # noqa: S308  every part above is escaped


def _ends(span: Any) -> tuple[int, int]:
    if isinstance(span, dict):
        return span["start"], span["end"]
    if hasattr(span, "start"):
        return span.start, span.end
    return span[0], span[1]


@register.filter
def when(value: Any) -> str:
    """A date or a moment as people here write it; text is left alone."""
    if isinstance(value, datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
        return date_format(value, "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    return str(value or "")


def day(value: date | None) -> str:
    """The day of a date or a moment, here."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return date_format(value, "SHORT_DATE_FORMAT") if value else ""


@register.filter
def state_tag(state: str) -> str:
    """The class of the tag that shows a dossier's state."""
    return STATE_TAGS.get(state, "")


@register.filter
def state_label(state: str) -> str:
    return str(State(state).label) if state in State.values else str(state)


@register.filter
def days_class(remaining: Any) -> str:
    """`late` once the period has run out, `warn` for hours or the last three working days."""
    if not remaining:
        return "paused"
    return {"late": "late", "soon": "warn"}.get(remaining.urgency, "")


@register.filter
def field_kind(field: BoundField) -> str:
    """How components/field.html draws a field: check, choices, file, select, long, or line."""
    widget = field.field.widget
    kinds = (
        ("check", CheckboxInput),
        ("choices", (RadioSelect, CheckboxSelectMultiple)),
        ("file", FileInput),
        ("select", Select),
        ("long", Textarea),
    )
    return next((kind for kind, classes in kinds if isinstance(widget, classes)), "line")


@register.filter
def focus_id(field: BoundField) -> str:
    """The id to jump to: the control itself, or the first choice of a group."""
    return f"{field.auto_id}_0" if field_kind(field) == "choices" else field.id_for_label or field.auto_id


@register.filter
def error_lines(form: Any) -> list[tuple[str, str]]:
    """What is wrong with the fields of a form: the id to jump to, empty for a hidden field, and the text.

    A form's `errors_in_one_line()` gives fields that share one line, with its text: {name: text}.
    """
    if not isinstance(form, BaseForm):
        return []
    shared = form.errors_in_one_line() if hasattr(form, "errors_in_one_line") else {}
    lines: dict[tuple[str, str], None] = {}
    said = set()
    for field in form:
        text = shared.get(field.name)
        if text is None and hasattr(field, "error_places"):
            lines |= {(place, f"{unstopped(field.label)}: {error}"): None for place, error in field.error_places()}
        elif text is None:
            target = "" if field.is_hidden else focus_id(field)
            before = "" if field.is_hidden else f"{unstopped(field.label)}: "
            lines |= {(target, f"{before}{error}"): None for error in field.errors}
        elif text not in said:
            said.add(text)
            lines[focus_id(field), text] = None
    return list(lines)


@register.filter
def get(mapping: Any, key: str) -> Any:
    """mapping[key], or an empty string: {{ answers|get:question.key }}."""
    return (mapping or {}).get(key, "")


@register.filter
def unstopped(text: Any) -> str:
    """The text without its closing full stop or colon, so that something may follow it."""
    return str(text).rstrip(" .:")


@register.filter
def period(rule: Any) -> str:
    """A deadline rule's length in words: "8 giờ làm việc", "20 ngày làm việc", "15 ngày"."""
    return length_of(rule)


@register.filter
def applicant_kind(kind: str) -> str:
    return str(ApplicantKind(kind).label)


# 31/2025/TT-BKHCN, 1131/QĐ-TTg, 71/2025/QH15
INSTRUMENT_NUMBER = re.compile(r"\b\d+/(?:\d{4}/)?(?:QH\d+|[A-ZĐ]+(?:-[A-ZĐ][A-Za-zĐ]*)+)")


@register.filter(is_safe=True)
def unbroken(text: Any) -> SafeString:
    """Keeps each instrument's number on one line; also as {% filter unbroken %} around a part of a page."""
    html = INSTRUMENT_NUMBER.sub(r'<span class="nowrap">\g<0></span>', conditional_escape(text))
    return mark_safe(html)  # noqa: S308  escaped above, or safe already
