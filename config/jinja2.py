"""The environment of the templates in templates/jinja2: docs/adr/0012."""

from typing import Any

import jinja2

from config.templatetags.ui import state_tag


def environment(**options: Any) -> jinja2.Environment:
    """Escapes as Django asks for in the options; a name that is not defined is an error."""
    made = jinja2.Environment(**options | {"undefined": jinja2.StrictUndefined})  # noqa: S701  Django sets autoescape
    made.filters["state_tag"] = state_tag
    return made
