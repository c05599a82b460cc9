"""What is known of the person to contact before anybody types it: a new draft starts with it."""

from typing import Any

from django.core.exceptions import ValidationError

from accounts.identifiers import clean_phone
from accounts.models import Organisation, User
from catalogs.procedures import Definition
from intake.answers import EMPTY

# The questions that every procedure asks under these keys, by type; one of another type is another question.
QUESTIONS = {"contact_name": "text", "contact_position": "text", "contact_phone": "phone", "contact_email": "email"}


def known(definition: Definition, organisation: Organisation, by: User) -> dict[str, Any]:
    """Answers to the contact questions: whoever starts the draft, or the representative if that person has no name."""
    name = by.full_name or organisation.representative_name
    values = {
        "contact_name": name,
        # Of nobody else is the position known.
        "contact_position": organisation.representative_position if name == organisation.representative_name else "",
        "contact_phone": _phone(organisation.phone),
        "contact_email": by.email,
    }
    return {
        q.key: values[q.key]
        for q in definition.questions()
        if q.type == QUESTIONS.get(q.key) and values[q.key] and not (q.max and len(values[q.key]) > q.max)
    }


def handed_over(
    definition: Definition, answers: dict[str, Any], *, before: dict[str, Any], after: dict[str, Any]
) -> dict[str, Any]:
    """The answers with what is known of another contact person, wherever they said what was known of the one before;
    what somebody typed instead stays. `before` and `after` are of `known`."""
    theirs = {key for key, kind in QUESTIONS.items() if answers.get(key) in (*EMPTY, before.get(key))}
    asked = {q.key for q in definition.questions() if q.type == QUESTIONS.get(q.key)}
    kept = {key: value for key, value in answers.items() if key not in theirs & asked}
    return kept | {key: value for key, value in after.items() if key in theirs & asked}


def _phone(text: str) -> str:
    """Nothing, if what was kept of old is no number: it would stand in the answers unchecked."""
    try:
        return clean_phone(text)
    except ValidationError:
        return ""


def begun(answered: set[str], asked: set[str]) -> bool:
    """Has somebody answered any of the questions, rather than the draft started with what was known?"""
    return bool(answered - QUESTIONS.keys()) or (bool(asked) and answered >= asked)
