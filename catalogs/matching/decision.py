"""Whether the best item fits: a handful of signals, each with a meaning, weighed and added up.

The weights are learned from labelled products (`manage.py fit_matching`) and stand in
catalogs/data/matching/decision.json: whoever reads them sees how much each signal counts. The sum is the logarithm of
the odds that an examiner would accept.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from catalogs.matching.words import Word

# Bounds of the signals, near the ends of what products show: however exactly a course or a shop repeats the wording of
# an item, the rest still counts.
MOST_EVIDENCE = 0.37
LEAST_EVIDENCE, LEAST_TRADES, LEAST_FOREIGN = 0.03, 0.12, 0.04
HEAD_LEAST, MOST_HEAD = 0.02, 2.0
MOST_PAIRS = 12
MOST_LONE = 0.5

# What ends the first phrase of a text, which says what is delivered: "thanh chống gỗ | cho trung tâm dữ liệu".
_PURPOSE_VI = "cho phục vụ của tại ở từ trong gần quanh nhờ bằng qua về"
_PURPOSE_EN = "for at in from of around inside near on with by to through using via"
_PURPOSE = frozenset(f"{_PURPOSE_VI} {_PURPOSE_EN}".split())
# Words of which an English sentence has some and a Vietnamese one without diacritics none.
_ENGLISH_WORDS = "the of for and with that from by your into is are our we its an at than only each every"
_ENGLISH = frozenset(_ENGLISH_WORDS.split())


class Signals(NamedTuple):
    """What is known of a text and of the item nearest to it."""

    item: float  # logarithm of the evidence for the item
    trades: float  # of the evidence for the five nearest ordinary trades, together
    foreign: float  # of the evidence for the nearest item of another list
    cues: float  # weight of the signs that something is sold, taught, advised on, or an ordinary good
    head: float  # logarithm: the item's evidence in the first phrase of the description, against elsewhere's
    pairs: float  # pairs of neighbouring words that the item has too
    words: float  # logarithm of the number of telling words
    lone: float  # share of the item's evidence that rests on its weightiest word alone
    english: float  # 1 or 0
    bare: float  # 1 for Vietnamese without diacritics


@dataclass(frozen=True)
class Decision:
    """The weights of the signals, by name, and what is added for any text."""

    constant: float
    weights: Mapping[str, float]

    def odds(self, signals: Signals) -> float:
        """Logarithm of the odds that the item fits."""
        return self.constant + sum(self.weights[name] * value for name, value in signals._asdict().items())


# Where no weights were learned: what a person would guess. Lists of a few items are decided in this way in the tests.
GUESSED = Decision(
    0.0,
    {
        "item": 4.0,
        "trades": -2.0,
        "foreign": -0.5,
        "cues": -8.0,
        "head": 1.0,
        "pairs": 0.2,
        "words": 0.0,
        "lone": 0.0,
        "english": 0.0,
        "bare": 0.0,
    },
)


def chance(odds: float) -> float:
    """0 to 1."""
    return 1 / (1 + math.exp(-within(odds, -40.0, 40.0)))


def within(value: float, least: float, most: float = math.inf) -> float:
    return max(least, min(most, value))


def is_english(words: Sequence[Word]) -> bool:
    return any(word.written in _ENGLISH for word in words) and not any(word.text != word.written for word in words)


def first_phrase(words: Sequence[Word]) -> int:
    """How many words the first phrase of a text has: to the first break, or the first word that tells a purpose."""
    for n, word in enumerate(words):
        if n and (word.opens or word.written in _PURPOSE):
            return n
    return len(words)
