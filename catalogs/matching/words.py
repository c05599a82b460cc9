"""Words of a text with their places, and the features by which two texts are compared."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalogs.text import fold, fold_character

NAME_LIMIT = 300
# Characters. A description of this length has said what it describes; the rest would only cost time.
DESCRIPTION_LIMIT = 8_000

_WORD = re.compile(r"[^\W_]+")
_BREAK = re.compile(r"[.,;:!?()\[\]\n–—|]")

# Words that join others; they say nothing about what a product is.
_JOINING = """
và của cho các một là được trong với như có từ đến khi theo về này để tại ra vào thì mà đã đang sẽ những mỗi hay
hoặc bởi vì nên rồi cũng không chỉ bị do lên xuống gì đó the and of for with to on in a by at an or from is
that it its no are be as not into their they our we you your this has have can who which than then will
"""
JOINING = frozenset(_JOINING.split())
_JOINING_FOLDED = frozenset(fold(word) for word in JOINING)


@dataclass(frozen=True, slots=True)
class Word:
    text: str  # folded: what is compared
    written: str  # lower case, composed, with its diacritics
    start: int  # in the text as it was given
    end: int
    opens: bool  # the first word of a clause


def words_of(text: str, limit: int = DESCRIPTION_LIMIT) -> list[Word]:
    """The words of the first `limit` characters, with places that count in the text as it was given."""
    text = text[:limit]
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        piece = fold_character(character)
        folded.append(piece)
        places.extend([place] * len(piece))
    joined = "".join(folded)
    found = []
    last = -1
    for match in _WORD.finditer(joined):
        start, end = places[match.start()], places[match.end() - 1] + 1
        # In decomposed text the marks of the last letter follow it; they belong to the word.
        while end < len(text) and unicodedata.category(text[end]) in ("Mn", "Cf"):
            end += 1
        opens = last < 0 or _BREAK.search(text, last, start) is not None
        written = unicodedata.normalize("NFC", text[start:end]).lower()
        found.append(Word(match.group(), written, start, end, opens))
        last = end
    return found


def has_diacritics(words: Sequence[Word]) -> bool:
    return any(word.text != word.written for word in words)


def joins(word: Word) -> bool:
    return word.written in JOINING or (word.written == word.text and word.text in _JOINING_FOLDED)


def features(words: Sequence[Word]) -> Iterator[tuple[str, int, int]]:
    """(feature, first word, last word): words and pairs, folded and as written, and runs of 3 and 4 letters.

    The runs let a typing mistake or a compound ("EdgeBox") still meet its kin; the written forms let "bán" (sell)
    differ from "bản" (version) wherever both texts have their diacritics.
    """
    for n, word in enumerate(words):
        if joins(word):
            continue
        yield f"w{word.text}", n, n
        if word.written != word.text:
            yield f"a{word.written}", n, n
    for n in range(len(words) - 1):
        left, right = words[n], words[n + 1]
        if right.opens:
            continue
        yield f"b{left.text} {right.text}", n, n + 1
        if left.written != left.text or right.written != right.text:
            yield f"d{left.written} {right.written}", n, n + 1
    yield from _letter_runs(words)


def _letter_runs(words: Sequence[Word]) -> Iterator[tuple[str, int, int]]:
    line, of_word = " ", [0]
    for n, word in enumerate(words):
        line += word.text + " "
        of_word.extend([n] * (len(word.text) + 1))
    for start in range(len(line) - 2):
        yield f"3{line[start : start + 3]}", of_word[start], of_word[start + 2]
    for start in range(len(line) - 3):
        yield f"4{line[start : start + 4]}", of_word[start], of_word[start + 3]
