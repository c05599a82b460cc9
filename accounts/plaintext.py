"""Text that shows all it holds, and numbers that a page sends."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Invisible characters that turn the reading direction: a text could then show other than it says.
BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


IN_ITS_PLACE = "\ufffd"
_LINE_ENDS = "\t\n\r"
_HIDDEN = re.compile(
    "["
    + "".join(chr(c) for c in (*range(0x20), *range(0x7F, 0xA0)) if chr(c) not in _LINE_ENDS)
    + "\ud800-\udfff"
    + "".join(sorted(BIDI_CONTROLS))
    + "]"
)


def harmless(text: str) -> str:
    """The text as it may be shown where it cannot be refused: each character that a reader would not see becomes “�”.

    It is as long as before, so that places in the one are places in the other.
    """
    return _HIDDEN.sub(IN_ITS_PLACE, text)


def hidden_character(text: str) -> tuple[int, str] | None:
    """Position (from 0) and name, such as "U+202E", of the first character that a reader would not see; or None."""
    for position, character in enumerate(text):
        if character in "\n\t":
            continue
        if character in BIDI_CONTROLS or unicodedata.category(character) in ("Cc", "Cs"):
            return position, f"U+{ord(character):04X}"
    return None


def check_readable(text: str) -> None:
    """Raises ValidationError at a control character or a mark that turns the reading direction."""
    found = hidden_character(text)
    if found:
        position, name = found
        before = " ".join(text[max(0, position - 20) : position].split())
        raise ValidationError(
            _(
                "Có ký tự ẩn (%(name)s) không đọc được ở vị trí %(position)s, sau “%(before)s”. "
                "Hãy xóa và gõ lại chỗ đó."
            )
            % {"name": name, "position": position + 1, "before": before},
            code="hidden_character",
        )


def as_id(text: str | None) -> int | None:
    """The id of a row, if the text is one: digits of ASCII alone, no more than a column holds."""
    return _whole(text, digits=18)


def as_version(text: str | None) -> int | None:
    """The version of a row that a page showed, if the text is one; a page without one is stale."""
    return _whole(text, digits=9)


def _whole(text: str | None, *, digits: int) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= digits else None
