"""Several people, or windows, at the same questions: what a page showed, what was typed, what stands there by now.

A page sends back a token for each question that it showed. What was typed is then held against that and against what
stands there now, question by question: whoever changed it alone is followed, and two different texts are a conflict
that a person decides.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from catalogs.procedures import Question
from intake.answers import EMPTY
from intake.models import Dossier

_PAGE = re.compile(r"[0-9a-f]{12}")
_SEEN = re.compile(r"([a-z0-9_-]+)\.([0-9a-f]{16})")


@dataclass(frozen=True)
class Given:
    """What stands at a question: an answer, or what was typed there and is none, or nothing."""

    answer: Any = None
    malformed: Any = None

    def __bool__(self) -> bool:
        return self.answer not in EMPTY or self.malformed not in EMPTY

    def kept(self) -> dict[str, Any]:
        """As a row keeps it."""
        return {"malformed": self.malformed} if self.malformed not in EMPTY else {"answer": self.answer}

    def token(self) -> str:
        text = json.dumps(self.kept() if self else None, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


NOTHING = Given().token()


def given_at(dossier: Dossier, key: str) -> Given:
    return Given(dossier.answers.get(key), dossier.malformed.get(key))


def write_seen(dossier: Dossier, keys: Iterable[str]) -> dict[str, str]:
    """The tokens of what stands at these questions."""
    return {key: given_at(dossier, key).token() for key in keys}


def seen_in_form(seen: dict[str, str]) -> str:
    """The tokens as one hidden field carries them; `read_seen` reads it."""
    return " ".join(f"{key}.{token}" for key, token in seen.items())


def read_seen(text: str) -> dict[str, str]:
    """The tokens that a page sent. One that is missing or broken stands for a question that the page showed empty."""
    return dict(match.groups() for part in text.split() if (match := _SEEN.fullmatch(part)))  # type: ignore[misc]


def read_page(text: str) -> str:
    """The name of a page, if it is one; an empty one is that of no page."""
    return text if _PAGE.fullmatch(text) else ""


class Fate(Enum):
    """What becomes of what a page sent for one question."""

    SAME = auto()
    MINE = auto()
    THEIRS = auto()
    CONFLICT = auto()


def fate(typed: Given, now: Given, *, seen: str, own: bool) -> Fate:
    """`own`: what stands there now was saved by this very page, whose answer may have got lost on the way."""
    if typed.token() == now.token():
        return Fate.SAME
    if typed.token() == seen:
        return Fate.THEIRS
    return Fate.MINE if own or now.token() == seen else Fate.CONFLICT


def may_join(question: Question) -> bool:
    """Whether two answers have room in its field; of the other questions one is chosen."""
    return question.type in ("text", "long_text", "multi_choice", "table")


def joined(question: Question, theirs: Any, mine: Any) -> Any:
    """Both, as they stand in the field one after the other."""
    if question.type == "multi_choice":
        return [choice.value for choice in question.choices if choice.value in theirs or choice.value in mine]
    if question.type == "table":
        return [*theirs, *(row for row in mine if row not in theirs)]
    return ("\n\n" if question.type == "long_text" else " / ").join([str(theirs), str(mine)])
