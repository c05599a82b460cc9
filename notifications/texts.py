"""What an event says: templates/email/<kind>.txt has a block for the subject, the line on the bell and the mail."""

import re
from datetime import datetime
from typing import Any, Literal

from django.conf import settings
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils import translation

from accounts.models import MembershipRole
from notifications.models import Delivery

Part = Literal["subject", "line", "mail"]

# Every text may use these; an event carries those that fit.
KEYS = (
    *("code", "title", "organisation", "due", "reason", "cause", "symbol", "outcome", "points", "by_name", "note"),
    "file",  # its name
    *("list", "day", "open", "decided", "drafts"),  # of a list that takes another's place
    *("to_name", "language"),  # of whoever is written to without an account
    *("person", "role", "role_before", "to_organisation", "number"),  # of an organisation and its members
)
# Of these, what people typed and mails name in a line of their own.
ONE_LINE = (
    "code",
    "title",
    "organisation",
    "symbol",
    "by_name",
    "list",
    "person",
    "to_organisation",
    "to_name",
    "file",
)


def render(delivery: Delivery, part: Part, *, language: str | None = None) -> str:
    """One part of the text, in the recipient's language or the given one. Plain text: a page has to escape it."""
    given = str(delivery.event.context.get("language") or settings.LANGUAGE_CODE)
    theirs = delivery.recipient.language if delivery.recipient else given
    with translation.override(language or theirs):
        text = _template(delivery.event.kind).render(_context(delivery) | {"part": part})
    if part == "mail":
        return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
    return " ".join(text.split())


def _template(kind: str):
    try:
        return get_template(f"email/{kind}.txt")
    except TemplateDoesNotExist:
        # A kind that an older or newer release wrote: still say which dossier moved.
        return get_template("email/other.txt")


def _context(delivery: Delivery) -> dict[str, Any]:
    given = delivery.event.context
    context = {key: given.get(key) for key in KEYS}
    context["due"], context["day"] = _moment(context["due"]), _moment(context["day"])
    for key in ONE_LINE:
        context[key] = " ".join(str(context[key] or "").split())
    for key in ("role", "role_before"):
        context[key] = MembershipRole(context[key]).label if context[key] in MembershipRole.values else ""
    return context | {
        "recipient": delivery.recipient or context["to_name"] or delivery.address,
        "link": f"{settings.SITE_URL}{delivery.url}" if delivery.url else "",
        "OFFICE": settings.OFFICE,
        "DEMO_MODE": settings.DEMO_MODE,
        "SITE_URL": settings.SITE_URL,
    }


def _moment(text: Any) -> datetime | None:
    """A list of notices must not fail because one of them says nonsense."""
    try:
        return datetime.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        return None
