"""Text in composed form, and folding: how text is compared when nobody should have to type diacritics.

SQLite's FTS5 and many libraries leave đ alone, because it has no decomposition; here it becomes d, so that
both databases, the search and the matching see the same words.
"""

import re
import unicodedata
from functools import cache, lru_cache

_WITHOUT_DECOMPOSITION = {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe"}
MARKS_MAX = 30  # on one letter; no language piles up nearly as many


@cache
def _piled_marks() -> re.Pattern[str]:
    # Those that normalising sorts: it moves each past those before it, so the work grows with the square of a run.
    # Some are marks only once they are taken apart. There are none past U+1FFFF.
    marks = "".join(
        c for c in map(chr, range(0x300, 0x20000)) if unicodedata.combining(unicodedata.normalize("NFD", c)[0])
    )
    return re.compile(f"([{marks}]{{{MARKS_MAX}}})[{marks}]+")


def bearable(text: str) -> str:
    """The text with no more marks on a letter than a language has: what can be normalised without much work."""
    return text if text.isascii() else _piled_marks().sub(r"\1", text)


def composed(text: str) -> str:
    """NFC of whatever somebody sent."""
    return unicodedata.normalize("NFC", bearable(text))


def is_composed(text: str) -> bool:
    return bearable(text) == text and unicodedata.is_normalized("NFC", text)


@lru_cache(maxsize=8192)
def fold_character(character: str) -> str:
    """What one character becomes: "" for a mark or an invisible sign, " " for white space, else lower-case letters."""
    if character.isspace() or unicodedata.category(character) in ("Cc", "Zs", "Zl", "Zp"):
        return " "
    folded = "".join(
        _WITHOUT_DECOMPOSITION.get(c, c)
        for c in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
        # Mn, Me: combining marks. Cf: soft hyphens, joiners, the marks of right-to-left text. Cs: broken surrogates.
        if unicodedata.category(c) not in ("Mn", "Me", "Cf", "Cs")
    )
    return " " if folded and not folded.strip() else folded


class _Folding(dict[int, str]):
    """For str.translate; remembers the characters that do not become exactly one."""

    def __init__(self) -> None:
        super().__init__()
        self.uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        piece = self[code] = fold_character(chr(code))
        if len(piece) != 1:
            self.uneven.add(chr(code))
        return piece


FOLDING = _Folding()  # grows by the characters that were met, of which there are few


def fold(text: str) -> str:
    """Lower case, no diacritics, đ as d, white space collapsed; the same for composed and decomposed input."""
    return " ".join(text.translate(FOLDING).split())
