"""The environment of the templates in templates/jinja2: docs/adr/0012."""

from functools import lru_cache
from typing import Any

import jinja2
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext

from config.templatetags import ui

# More than the texts, addresses and files that templates name.
KEPT = 1000


def environment(**options: Any) -> jinja2.Environment:
    """Escapes as Django asks for in the options; a name that is not defined is an error."""
    made = jinja2.Environment(**options | {"undefined": jinja2.StrictUndefined})  # noqa: S701  Django sets autoescape
    made.globals |= {
        "_": lambda text: said(get_language(), text),
        "csrf_field": csrf_field,
        "icon": ui.icon,
        "static": lru_cache(KEPT)(static),
        "url": url,
    }
    made.filters |= {
        "capfirst": capfirst,
        "day": ui.day,
        "filesize": ui.filesize,
        "highlight": ui.highlight,
        "phone": ui.phone,
        "state_tag": ui.state_tag,
        "unbroken": ui.unbroken,
        "when": ui.when,
    }
    return made


@lru_cache(KEPT)
def said(language: str | None, text: str) -> str:
    """The text in the language, which is the active one. Catalogues do not change while a process runs."""
    return gettext(text)


def url(name: str, *parts: Any) -> str:
    """What {% url %} gives. Addresses without parts are the same for everybody, and the header has a dozen."""
    return reverse(name, args=parts) if parts else _url(name, get_script_prefix())


@lru_cache(KEPT)
def _url(name: str, prefix: str) -> str:
    return reverse(name)


def csrf_field(token: Any) -> SafeString:
    """What {% csrf_token %} gives: {{ csrf_field(csrf_token) }}. The token is in the context of each page."""
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token)
