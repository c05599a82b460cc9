"""Signs that a text sells, teaches, advises on or merely mentions what a list names, or is an ordinary good.

A list takes the thing itself. "Khóa học về robot", "robot training course" and "áo in hình robot" hold the right words
and are not it. What is delivered stands first in a Vietnamese phrase and last in an English one, so each cue says
where it counts: at the head of the name or of the description, or anywhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from catalogs.matching.words import Word, has_diacritics, words_of

MOST_WEIGHT = 2.5  # of all cues together
NAME_SHARE = 0.5  # a name is often a play on words
HEAD_WORDS_EN = 8
ANYWHERE, HEAD_VI, HEAD_EN, NOT = "anywhere", "head_vi", "head_en", "not"

# What may stand before the head of a Vietnamese phrase: "dịch vụ | tư vấn", "chuỗi | nhà hàng".
_LEADS = """
dịch vụ công ty chuỗi cửa hàng bộ cái chiếc nhận chuyên cung cấp trung tâm sản phẩm combo gói hộp cuốn đôi dòng
app ứng dụng cơ sở đơn vị hãng hệ thống các những mẫu loại set túi thùng lon chai
"""
_LEADS_PHRASE = frozenset(_LEADS.split())
# What ends the first noun phrase of an English text: "padded backpack | for quadcopters".
_ENDS = """
for with on of that which to in from by at about and who where so is are was has have helps gives lets makes
offering placing investing selling featuring using covering powered based made
"""
_ENDS_PHRASE = frozenset(_ENDS.split())


@dataclass(frozen=True)
class Kind:
    """One reason why a text is about something else, and the phrases that show it."""

    label: str
    weight: float
    anywhere: tuple[str, ...] = ()
    head_vi: tuple[str, ...] = ()
    head_en: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()  # a cue that is part of one of these does not count: "loa" in "loa thông minh"


@dataclass(frozen=True)
class Finding:
    label: str
    weight: float  # how much it speaks against: the odds fall by exp(weight)
    start: int
    end: int
    field: Literal["name", "description"]


@dataclass(frozen=True)
class _Phrase:
    written: tuple[str, ...]
    folded: tuple[str, ...]
    place: str
    kind: int


@dataclass
class Cues:
    kinds: tuple[Kind, ...] = ()
    _by_first: dict[str, list[_Phrase]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._by_first = defaultdict(list)
        for n, kind in enumerate(self.kinds):
            for place, phrases in (
                (NOT, kind.unless),
                (ANYWHERE, kind.anywhere),
                (HEAD_VI, kind.head_vi),
                (HEAD_EN, kind.head_en),
            ):
                for phrase in phrases:
                    words = words_of(phrase)
                    made = _Phrase(tuple(w.written for w in words), tuple(w.text for w in words), place, n)
                    self._by_first[made.folded[0]].append(made)

    def find(self, name: Sequence[Word], description: Sequence[Word]) -> list[Finding]:
        """At most one finding a kind and field, the weights cut to MOST_WEIGHT in all."""
        accented = has_diacritics([*name, *description])
        found: list[Finding] = []
        found.extend(self._in_field("name", name, accented))
        found.extend(self._in_field("description", description, accented))
        return _cut(found)

    def _in_field(
        self, where: Literal["name", "description"], words: Sequence[Word], accented: bool
    ) -> Iterable[Finding]:
        best: dict[int, tuple[int, int]] = {}
        shielded: set[tuple[int, int]] = set()
        for start, word in enumerate(words):
            for phrase in self._by_first.get(word.text, ()):
                if not _stands_at(words, start, phrase, accented):
                    continue
                end = start + len(phrase.written)
                # One word of an invented name tells nothing; and without diacritics "ve" is vé, vẽ, về and vệ.
                alone = phrase.place in (HEAD_VI, HEAD_EN) and end - start == 1
                if alone and (where == "name" or (phrase.place == HEAD_VI and not accented)):
                    continue
                if phrase.place == NOT:
                    shielded.update((phrase.kind, n) for n in range(start, end))
                elif _counts_at(phrase.place, where, words, start, end):
                    best[phrase.kind] = max(best.get(phrase.kind, (0, 0)), (start, end), key=lambda s: s[1] - s[0])
        for n, (start, end) in sorted(best.items()):
            if not any((n, place) in shielded for place in range(start, end)):
                share = NAME_SHARE if where == "name" else 1.0
                kind = self.kinds[n]
                yield Finding(kind.label, kind.weight * share, words[start].start, words[end - 1].end, where)


def _stands_at(words: Sequence[Word], start: int, phrase: _Phrase, accented: bool) -> bool:
    """Folded, the words are the phrase; and where the text has diacritics, they are the same ones."""
    if start + len(phrase.folded) > len(words):
        return False
    for offset, (written, folded) in enumerate(zip(phrase.written, phrase.folded, strict=True)):
        word = words[start + offset]
        if word.text != folded or (accented and word.written != written):
            return False
    return True


def _counts_at(place: str, where: str, words: Sequence[Word], start: int, end: int) -> bool:
    if place == ANYWHERE:
        return True
    if place == HEAD_VI:
        return all(word.written in _LEADS_PHRASE for word in words[:start]) and not any(
            word.opens for word in words[1 : start + 1]
        )
    if where == "name":
        return start == 0 or end == len(words)
    if start and _does(words[0]):
        return False
    head = next((n for n, word in enumerate(words) if n and (word.opens or word.text in _ENDS_PHRASE)), len(words))
    return end <= min(head, HEAD_WORDS_EN)


def _does(word: Word) -> bool:
    """Likely an English verb, before which there is no head: "Forecasts store demand" is about no store."""
    return word.text.endswith("s") and not word.text.endswith(("ss", "us", "is", "ies")) and len(word.text) > 3


def _cut(found: list[Finding]) -> list[Finding]:
    total = sum(finding.weight for finding in found)
    if total <= MOST_WEIGHT:
        return found
    share = MOST_WEIGHT / total
    return [Finding(f.label, f.weight * share, f.start, f.end, f.field) for f in found]


NO_CUES = Cues()
