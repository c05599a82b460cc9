"""The wording of items: whether two are the same, and word by word what went and what came."""

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

from catalogs.search import words_of

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A part of a wording: `same`, `out` (only in the one before) or `in` (only in the new one)."""

    kind: str
    text: str


def folded(name: str) -> str:
    """Its words without diacritics and punctuation: by them an item is found again in another list."""
    return " ".join(words_of(name))


# What one instrument calls so and the next otherwise, as the lists that come with the product do.
_CALLED_OTHERWISE = {
    "blockchain": "chuoi khoi",
    "metaverse": "vu tru ao",
    "digital twin": "ban sao so",
    "big data": "du lieu lon",
    "iot": "internet van vat",
}
_OTHERWISE = re.compile(rf"\b({'|'.join(_CALLED_OTHERWISE)})\b")


def under_one_name(name: str) -> str:
    """Folded, with one name for what is called by two: to compare wordings, never to say that two are the same."""
    text = _OTHERWISE.sub(lambda found: _CALLED_OTHERWISE[found[1]], folded(name))
    # “Bản sao số (Digital Twin)” says it once.
    for known in set(_CALLED_OTHERWISE.values()):
        text = text.replace(f"{known} {known}", known)
    return text


def is_same(before: str, after: str) -> bool:
    """Neither a capital letter nor the sign at the end makes another wording: exactly if `differences` finds none."""
    return _plain(before) == _plain(after)


def _plain(text: str) -> str:
    return " ".join(_trimmed(text).split()).casefold()


def _trimmed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().rstrip(".;")


def differences(before: str, after: str) -> tuple[Piece, ...]:
    """The two wordings as one text, in which what went and what came are told apart by whole words."""
    old, new = _TOKEN.findall(_trimmed(before)), _TOKEN.findall(_trimmed(after))
    pieces: list[Piece] = []
    compared, with_this = ([token.casefold() if token.strip() else " " for token in tokens] for tokens in (old, new))
    for what, a, b, c, d in SequenceMatcher(None, compared, with_this, autojunk=False).get_opcodes():
        if what == "equal":
            pieces.append(Piece("same", "".join(new[c:d])))
            continue
        if a < b:
            pieces.append(Piece("out", "".join(old[a:b])))
        if c < d:
            pieces.append(Piece("in", "".join(new[c:d])))
    return tuple(_joined(pieces))


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Changes with only a space between them are read as one."""
    runs: list[list[Piece]] = []
    for number, piece in enumerate(pieces):
        between = piece.kind == "same" and not piece.text.strip() and 0 < number < len(pieces) - 1
        if runs and (piece.kind != "same" or between) and runs[-1][0].kind != "same":
            runs[-1].append(piece)
        else:
            runs.append([piece])
    joined = []
    for run in runs:
        if run[0].kind == "same":
            joined += run
            continue
        for kind in ("out", "in"):
            text = "".join(piece.text for piece in run if piece.kind in (kind, "same"))
            if any(piece.kind == kind for piece in run):
                joined.append(Piece(kind, text))
    return joined
