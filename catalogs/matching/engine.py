"""Ranks the items of a list for a declared product, says which words speak for each, and says when none fits.

Pure Python, without Django and without chance: the same list and the same text always give the same answer.

How it works. Every item is the sum of its name, its aliases and the examples known for it, as TF-IDF
over words, pairs of words and runs of letters (`words.features`). Beside the items stand *elsewhere* classes: ordinary
trades and the items of other lists. An item's score is its share of the evidence against the best elsewhere class, so
that "none fits" can win. Cues (`cues`) tell what is delivered from what is only mentioned: a course on robots is no
robot. Each cue found speaks for "elsewhere".
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from textwrap import shorten
from typing import Any, Literal

from catalogs.matching.cues import NO_CUES, Cues, Finding
from catalogs.matching.words import DESCRIPTION_LIMIT, NAME_LIMIT, Word, feature_names, features, joins, once, words_of

WEIGHTS = {"w": 1.0, "c": 0.5, "a": 0.5, "b": 0.6, "d": 0.3, "3": 0.35, "4": 0.35}  # by the first letter of a feature
NAME_WEIGHT = 0.8  # of a word in the product's name, which is often invented
# A word of the declaration that bears diacritics: its written form tells more than the letters under it, which "diễn
# biến" and "diện biển" share. Where the text has none, the letters are all there is and count in full.
FOLDED_SHARE, WRITTEN_SHARE = 0.3, 2.4
# Of a class's length by which its evidence is divided. At 1 a broad item ("trí tuệ nhân tạo chuyên ngành") with many
# wordings would lose to a narrow one; at 0 it would win by their number.
LENGTH_SHARE = 0.8
USUAL_LENGTH = 30.0  # keeps the evidence of a class near the size that the constants below are made for
ELSEWHERE_BY_NATURE = 0.03  # evidence that any text has for fitting nothing: decides when there is next to no other
MATCH = 0.5  # an item fits from this score on, unless its list says otherwise
STRONG = 0.62
REASONS_SHOWN = 6
NEARER_QUOTED = 3
LABEL_SHOWN = 90  # characters of an elsewhere class
REASON_SHARE = 0.04  # of an item's evidence: less is not worth telling
# Where a cue stands, elsewhere has at least this share of the best item's evidence for the cue to multiply: however
# exactly a course or a shop repeats the item's wording, it is still none.
CUED_SHARE = 0.45
MISTYPED = 0.6  # of the letter runs of some words: with more in common, they are the same words written otherwise

Strength = Literal["strong", "possible", "weak"]
Source = Literal["name", "alias"]
Field = Literal["name", "description"]
_Known = list[tuple[str, int, int, float]]  # feature, first word, last word, share of each word


@dataclass(frozen=True)
class Entry:
    """An item of the list, as matching sees it."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    # Descriptions of products that are known to be of this item: evidence, but nobody is told that words "meet" them.
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Elsewhere:
    """What is not in the list: an ordinary trade, or an item of another list."""

    label: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Reason:
    """Words of the declaration, with their place in the text as given, and the wording of the item that they meet."""

    words: str
    start: int
    end: int
    field: Field
    meets: str
    source: Source


@dataclass(frozen=True)
class Suggestion:
    code: str
    score: float  # 0 to 1; comparable between the texts and the items of one list
    strength: Strength
    reasons: tuple[Reason, ...] = ()
    against: tuple[str, ...] = ()
    item: Any = None  # the row of the item, where the caller knows it


@dataclass(frozen=True)
class Result:
    """Frozen: everybody who asks about the same text may be given the same one."""

    ranked: tuple[Suggestion, ...]
    decision: Literal["match", "none"]


class _Text:
    """A declaration, cut into words; those of the name come first."""

    def __init__(self, name: str, description: str) -> None:
        self.raw: dict[Field, str] = {"name": name, "description": description}
        self.name = words_of(name, NAME_LIMIT)
        self.description = words_of(description, DESCRIPTION_LIMIT)
        self.words = self.name + self.description
        offset = len(self.name)
        # (feature, first word, last word, weight)
        self.features = [(feature, first, last, NAME_WEIGHT) for feature, first, last in features(self.name)]
        self.features += [(f, first + offset, last + offset, 1.0) for f, first, last in features(self.description)]

        # Letters that stand in this text under diacritics only.
        marked = {f for f, first, last, _weight in self.features if self._is_marked(f, first, last)}
        plain = {f for f, first, last, _weight in self.features if not self._is_marked(f, first, last)}
        self._marked = marked - plain

    def _is_marked(self, feature: str, first: int, last: int) -> bool:
        return feature[0] in "wb" and any(w.text != w.written for w in self.words[first : last + 1])

    def share(self, feature: str) -> float:
        """What a feature counts by the way it is written."""
        if feature[0] in "ad":
            return WRITTEN_SHARE
        return FOLDED_SHARE if feature in self._marked else 1.0

    def field_of(self, place: int) -> Field:
        return "name" if place < len(self.name) else "description"

    def known(self, weights: dict[str, float]) -> _Known:
        """The features that some class has, with the share of their weight that each of their words carries."""
        return [(f, a, b, weights[f] / (b - a + 1)) for f, a, b, _weight in self.features if f in weights]


class Index:
    """A list made ready for matching. Building takes some 0.8 s, `match` a few milliseconds. Safe to share."""

    def __init__(
        self,
        entries: Sequence[Entry],
        elsewhere: Sequence[Elsewhere] = (),
        *,
        cues: Cues = NO_CUES,
        threshold: float = MATCH,
    ) -> None:
        self.entries = tuple(entries)
        self.elsewhere = tuple(elsewhere)
        self.cues = cues
        self.threshold = threshold
        self._idf: dict[str, float] = {}
        self._vectors: list[dict[str, float]] = []
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self._wordings: dict[int, dict[str, list[int]]] = {}
        self._build([*((e.name, *e.aliases, *e.examples) for e in self.entries), *(e.texts for e in self.elsewhere)])

    def match(self, name: str, description: str, *, limit: int | None = None, explain: bool = True) -> Result:
        """The items, best first, at most `limit`; one without any evidence has score 0. `explain` finds the reasons.

        Reads the first NAME_LIMIT and DESCRIPTION_LIMIT characters.
        """
        text = _Text(name, description)
        weights = self._weights(text)
        evidence = self._evidence(weights)
        ours, others = evidence[: len(self.entries)], evidence[len(self.entries) :]
        findings = self.cues.find(text.name, text.description)
        barrier = _barrier(max(ours, default=0.0), max(others, default=0.0), findings)
        order = sorted(range(len(ours)), key=lambda n: (-ours[n], n))
        ranked = []
        for n in order[:limit]:
            score = ours[n] / (ours[n] + barrier)
            ranked.append(Suggestion(self.entries[n].code, score, self._strength(score)))
        if explain and ranked:
            ranked = self._explained(ranked, text, order, evidence, weights, findings)
        fits = bool(order) and ours[order[0]] / (ours[order[0]] + barrier) >= self.threshold
        return Result(tuple(ranked), "match" if fits else "none")

    def _strength(self, score: float) -> Strength:
        if score >= max(STRONG, self.threshold):
            return "strong"
        return "possible" if score >= self.threshold else "weak"

    # --- building --------------------------------------------------------------------------------

    def _build(self, classes: Sequence[Iterable[str]]) -> None:
        in_texts: Counter[str] = Counter()
        in_classes: Counter[str] = Counter()
        counts: list[Counter[str]] = []
        texts = 0
        for class_texts in map(tuple, classes):
            count = Counter(chain.from_iterable(map(feature_names, class_texts)))
            in_texts.update(count)
            in_classes.update(count.keys())
            counts.append(count)
            texts += len(class_texts)
        # Rare among texts and rare among classes: "phần mềm" stands in many texts of one class and of all.
        self._idf = {
            f: WEIGHTS[f[0]] * (math.log(1 + texts / in_texts[f]) + math.log(1 + len(classes) / in_classes[f])) / 2
            for f in in_texts
        }
        for n, count in enumerate(counts):
            vector = {f: (1 + math.log(c) if c > 1 else 1) * self._idf[f] for f, c in count.items()}
            length = _length(vector.values()) ** LENGTH_SHARE * USUAL_LENGTH ** (1 - LENGTH_SHARE)
            self._vectors.append({f: value / length for f, value in vector.items()})
            for f, value in self._vectors[n].items():
                self._postings[f].append((n, value))

    # --- matching --------------------------------------------------------------------------------

    def _weights(self, text: _Text) -> dict[str, float]:
        """What each feature of the text counts; those that no class has are left out."""
        count: dict[str, float] = defaultdict(float)
        for feature, _first, _last, weight in text.features:
            if feature in self._idf:
                count[feature] += weight
        weights = {f: (1 + math.log(c) if c > 1 else c) * self._idf[f] * text.share(f) for f, c in count.items()}
        length = _length(weights.values())
        return {f: weight / length for f, weight in weights.items()}

    def _evidence(self, weights: dict[str, float]) -> list[float]:
        """What speaks for each class: the items first, then elsewhere."""
        evidence = [0.0] * len(self._vectors)
        for feature, weight in weights.items():
            for n, value in self._postings[feature]:
                evidence[n] += weight * value
        return evidence

    # --- explaining ------------------------------------------------------------------------------

    def _explained(
        self,
        ranked: Sequence[Suggestion],
        text: _Text,
        order: Sequence[int],
        evidence: Sequence[float],
        weights: dict[str, float],
        findings: Sequence[Finding],
    ) -> list[Suggestion]:
        """The suggestions with their reasons and, in Vietnamese and for a person to weigh, what speaks against."""
        known = text.known(weights)
        said = tuple(f"“{text.raw[f.field][f.start : f.end]}”: {f.label}" for f in findings)
        rival = max(range(len(self.entries), len(evidence)), key=lambda n: (evidence[n], -n), default=None)
        nearer = "" if rival is None else self._nearer(text, rival, known)
        explained = []
        for suggestion, n in zip(ranked, order, strict=False):
            rivalled = rival is not None and evidence[rival] > evidence[n] > 0
            reasons = tuple(self._reasons(text, n, known))
            explained.append(replace(suggestion, reasons=reasons, against=(*said, nearer) if rivalled else said))
        return explained

    def _reasons(self, text: _Text, n: int, known: _Known) -> list[Reason]:
        """What the item's name or an alias says too; failing that, the weightiest words and the nearest wording."""
        told: list[Reason] = []
        near: list[Reason] = []
        for first, after in self._spans(text, n, known):
            words = text.words[first:after]
            where = text.field_of(first)
            start, end = words[0].start, words[-1].end
            meets, source, shares_word = self._meets(text, n, words)
            reason = Reason(text.raw[where][start:end], start, end, where, meets, source)
            (told if shares_word else near).append(reason)
        return (told or near[:1])[:REASONS_SHOWN]

    def _nearer(self, text: _Text, n: int, known: _Known) -> str:
        raw = [
            text.raw[text.field_of(first)][text.words[first].start : text.words[after - 1].end]
            for first, after in self._spans(text, n, known)[: 10 * NEARER_QUOTED]
        ]
        quoted = ", ".join(f"“{words}”" for words in once(raw)[:NEARER_QUOTED])
        label = shorten(self.elsewhere[n - len(self.entries)].label, LABEL_SHOWN, placeholder="…").rstrip(".")
        return f"Gần với nội dung ngoài danh mục: {label} ({quoted})"

    def _spans(self, text: _Text, n: int, known: _Known) -> list[tuple[int, int]]:
        """Runs of words that speak for class n, weightiest first: (first word, word after the last).

        A pair of words that the class has stays together, so that a reader sees "xử lý" and not "xử".
        """
        vector = self._vectors[n]
        found = [0.0] * len(text.words)
        paired: set[int] = set()  # words that form a known pair with the next one
        for feature, first, last, share in known:
            value = vector.get(feature)
            if not value:
                continue
            if feature[0] == "b":
                paired.add(first)
            for place in range(first, last + 1):
                found[place] += share * value
        least = REASON_SHARE * sum(found)
        runs = list(_runs(text.words, found, paired, least))
        telling = [run for run in runs if _tells(text.words, found, run, least)]
        return sorted(telling or runs, key=lambda run: (-sum(found[run[0] : run[1]]), run))

    def _meets(self, text: _Text, n: int, words: Sequence[Word]) -> tuple[str, Source, bool]:
        """The wording of item n nearest to the words, and whether they share a word rather than some letters.

        Among equals the name comes first, then the shortest.
        """
        texts = (self.entries[n].name, *self.entries[n].aliases)
        shared: dict[int, float] = defaultdict(float)
        letters: dict[int, int] = defaultdict(int)
        with_word: set[int] = set()
        where = self._wordings_of(n, texts)
        runs = 0
        for feature, _first, _last in features(words):
            is_run = feature[0].isdigit()
            runs += is_run
            for k in where.get(feature, ()):
                shared[k] += self._idf[feature] * text.share(feature)
                letters[k] += is_run
                if not is_run and text.share(feature) >= 1:
                    with_word.add(k)
        best = max(shared, key=lambda k: (shared[k], k == 0, -len(texts[k]), -k), default=0)
        mistyped = letters[best] >= MISTYPED * runs > 0
        return texts[best], "alias" if best else "name", best in with_word or mistyped

    def _wordings_of(self, n: int, texts: Sequence[str]) -> dict[str, list[int]]:
        """By feature, which of the item's texts hold it."""
        if n not in self._wordings:
            holders: dict[str, list[int]] = defaultdict(list)
            for k, text in enumerate(texts):
                for feature in feature_names(text):
                    holders[feature].append(k)
            self._wordings[n] = dict(holders)
        return self._wordings[n]


def _runs(words: Sequence[Word], found: Sequence[float], paired: set[int], least: float) -> Iterator[tuple[int, int]]:
    """Stretches without a gap that hold a word above `least`; known pairs are never cut."""
    first = 0
    while first < len(words):
        after = first + 1
        while after < len(words) and (
            after - 1 in paired
            or (min(found[after - 1], found[after]) > least and not words[after].opens and not joins(words[after - 1]))
        ):
            after += 1
        telling = [n for n in range(first, after) if not joins(words[n])]
        if any(found[n] > least for n in telling):
            yield telling[0], telling[-1] + 1
        first = after


def _tells(words: Sequence[Word], found: Sequence[float], run: tuple[int, int], least: float) -> bool:
    """A lone syllable with diacritics is rarely a whole word, so it has to weigh more than others."""
    first, after = run
    lone_syllable = after - first == 1 and words[first].text != words[first].written
    return not lone_syllable or found[first] > 3 * least


def _barrier(best: float, rival: float, findings: Sequence[Finding]) -> float:
    """What an item's evidence is weighed against."""
    barrier = rival + ELSEWHERE_BY_NATURE
    if not findings:
        return barrier
    return max(barrier, CUED_SHARE * best) * math.exp(sum(finding.weight for finding in findings))


def _length(values: Iterable[float]) -> float:
    return math.sqrt(sum(value * value for value in values)) or 1.0
