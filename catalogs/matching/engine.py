"""Ranks the items of a list for a declared product, says which words speak for each, and says when none fits.

Pure Python, without Django and without chance: the same list and the same text always give the same answer.

How it works. Every item is the sum of its name, its aliases and the examples known for it, as TF-IDF
over words, pairs of words and runs of letters (`words.features`). Beside the items stand *elsewhere* classes: ordinary
trades and the items of other lists. Cues (`cues`) tell what is delivered from what is only mentioned: a course on
robots is no robot. Whether the best item fits is then decided from a handful of signals (`decision`): how strong the
evidence for it is against elsewhere's, in the whole text and in its first phrase, and which cues were found.
"""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from textwrap import shorten
from typing import Any, Literal

from catalogs.matching import decision as bounds
from catalogs.matching.cues import NO_CUES, Cues, Finding
from catalogs.matching.decision import GUESSED, Decision, Signals, chance, first_phrase, is_english, within
from catalogs.matching.words import (
    DESCRIPTION_LIMIT,
    NAME_LIMIT,
    Word,
    denied,
    feature_names,
    features,
    has_diacritics,
    is_common,
    is_loose,
    joins,
    once,
    run_features,
    word_features,
    words_of,
)

WEIGHTS = {"w": 1.0, "c": 0.5, "a": 0.5, "b": 0.6, "d": 0.3, "3": 0.5}  # by the first letter of a feature
NAME_WEIGHT = 0.8  # of a word in the product's name, which is often invented
# A word of the declaration that bears diacritics: its written form tells more than the letters under it, which "diễn
# biến" and "diện biển" share. Where the text has none, the letters are all there is and count in full.
FOLDED_SHARE, WRITTEN_SHARE = 0.3, 2.4
# Of a class's length by which its evidence is divided. At 1 a broad item ("trí tuệ nhân tạo chuyên ngành") with many
# wordings would lose to a narrow one; at 0 it would win by their number.
LENGTH_SHARE = 0.8
USUAL_LENGTH = 30.0  # keeps the evidence of a class near the size that the constants below are made for
MATCH = 0.5  # an item fits from this score on, unless its list says otherwise
STRONG = 0.8
POOLED = 5  # of the nearest trades
BESIDE_BEST = 2  # how steeply the scores of the other items fall with their evidence
LONG = 250  # words: from here on their runs of letters are read only of unknown words, for they cost most of the time
REASONS_SHOWN = 6
NEARER_QUOTED = 3
DOUBTFUL_HEAD, DOUBTFUL_LONE = -0.4, 0.35  # signals from which on they are told to the reader
LABEL_SHOWN = 90  # characters of an elsewhere class
REASON_SHARE = 0.04  # of an item's evidence: less is not worth telling
MISTYPED = 0.6  # of the letter runs of some words: with more in common, they are the same words written otherwise

Strength = Literal["strong", "possible", "weak"]
Source = Literal["name", "alias"]
Field = Literal["name", "description"]
_Known = dict[str, list[tuple[int, int, float]]]  # by feature: first word, last word, share of each word


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
    foreign: bool = False  # an item of another list


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
class Against:
    """What speaks against an item; `catalogs.matching.saying` puts it into words.

    `cue`: the quoted words tell another kind of business. `nearer`: the quoted words are nearer to something that is
    not in the list. `opening`: the quoted first phrase is. `loose`: no pair of words of the item, only single ones.
    `lone`: hardly more than one word speaks for it.
    """

    kind: Literal["cue", "nearer", "opening", "loose", "lone"]
    quotes: tuple[str, ...] = ()
    label: str = ""  # of the cue, or of what is not in the list


@dataclass(frozen=True)
class Suggestion:
    code: str
    score: float  # 0 to 1; comparable between the texts and the items of one list
    strength: Strength
    reasons: tuple[Reason, ...] = ()
    against: tuple[Any, ...] = ()  # Against, or what a caller made of it for people
    item: Any = None  # the row of the item, where the caller knows it


@dataclass(frozen=True)
class Result:
    """Frozen: everybody who asks about the same text may be given the same one."""

    ranked: tuple[Suggestion, ...]
    decision: Literal["match", "none"]


class _Text:
    """A declaration, cut into words: those of the name, then of the description."""

    def __init__(self, name: str, description: str) -> None:
        self.raw: dict[Field, str] = {"name": name, "description": description}
        self.name = words_of(name, NAME_LIMIT)
        self.description = words_of(description, DESCRIPTION_LIMIT)
        self.words = self.name + self.description
        # (feature, first word, last word, weight)
        self.features: list[tuple[str, int, int, float]] = []
        offset = 0
        for words, weight in ((self.name, NAME_WEIGHT), (self.description, 1.0)):
            without = denied(words)
            self.features += [
                (feature, first + offset, last + offset, weight)
                for feature, first, last in features(words)
                if not without or without.isdisjoint(range(first, last + 1))
            ]
            offset += len(words)

        # Letters that stand in this text under diacritics only.
        bears = [word.text != word.written for word in self.words]
        marked: set[str] = set()
        plain: set[str] = set()
        for feature, first, last, _weight in self.features:
            if feature[0] in "wb":
                (marked if bears[first] or bears[last] else plain).add(feature)
        self._marked = marked - plain

    def drop_runs_of(self, known: Container[str]) -> None:
        """Leave out the runs of letters of words that are known whole."""
        whole = {n for n, word in enumerate(self.words) if f"w{word.text}" in known or is_common(word)}
        self.features = [one for one in self.features if one[0][0] != "3" or one[1] not in whole]

    def share(self, feature: str) -> float:
        """What a feature counts by the way it is written."""
        if feature[0] in "ad":
            return WRITTEN_SHARE
        return FOLDED_SHARE if feature in self._marked else 1.0

    @property
    def head(self) -> tuple[int, int]:
        """The first phrase of the description, or of the name where nothing else is said: first word, word after."""
        start = len(self.name) if self.description else 0
        return start, start + first_phrase(self.words[start:])

    def field_of(self, place: int) -> Field:
        return "name" if place < len(self.name) else "description"

    def known(self, weights: dict[str, float]) -> _Known:
        """The features that some class has, with the share of their weight that each of their words carries."""
        known: _Known = defaultdict(list)
        for feature, first, last, _weight in self.features:
            if feature in weights:
                known[feature].append((first, last, weights[feature] / (last - first + 1)))
        return known


@dataclass(frozen=True)
class _Seen:
    """A text beside the classes."""

    text: _Text
    evidence: list[float]  # of the items, then of elsewhere
    known: _Known
    rival: int | None  # the class of elsewhere with the most evidence
    findings: list[Finding]


class Index:
    """A list made ready for matching. Building takes under a second, `match` a few milliseconds. Safe to share."""

    def __init__(
        self,
        entries: Sequence[Entry],
        elsewhere: Sequence[Elsewhere] = (),
        *,
        cues: Cues = NO_CUES,
        decision: Decision = GUESSED,
        threshold: float = MATCH,
    ) -> None:
        self.entries = tuple(entries)
        self.elsewhere = tuple(elsewhere)
        self.cues = cues
        self.decision = decision
        self.threshold = threshold
        self._idf: dict[str, float] = {}
        self._vectors: list[dict[str, float]] = []
        # By feature: class, value, class, value … Pairs would be hundreds of thousands of objects.
        self._postings: dict[str, list[Any]] = defaultdict(list)
        self._wordings: dict[int, dict[str, list[int]]] = {}
        self._names: dict[tuple[str, ...], int] = {}  # the words of each item's name, as written and folded
        for n, entry in enumerate(self.entries):
            words = words_of(entry.name)
            self._names.setdefault(tuple(word.written for word in words), n)
            self._names.setdefault(tuple(word.text for word in words), n)
        self._texts = [(e.name, *e.aliases) for e in self.entries] + [e.texts for e in self.elsewhere]
        self._build([*((e.name, *e.aliases, *e.examples) for e in self.entries), *(e.texts for e in self.elsewhere)])

    def match(
        self,
        name: str,
        description: str,
        *,
        limit: int | None = None,
        explain: bool = True,
    ) -> Result:
        """The items, best first, at most `limit`; one without any evidence has score 0. `explain` finds the reasons.

        Reads the first NAME_LIMIT characters of the name and DESCRIPTION_LIMIT of the description.
        """
        seen = self._look(_Text(name, description))
        ours = seen.evidence[: len(self.entries)]
        order = sorted(range(len(ours)), key=lambda n: (-ours[n], n))
        if not order or not ours[order[0]] or not self._knows_a_word(seen.text):
            return Result(tuple(Suggestion(self.entries[n].code, 0.0, "weak") for n in order[:limit]), "none")
        signals = self._signals(seen, order[0])
        fits = chance(self.decision.odds(signals))
        scores = {n: fits * (ours[n] / ours[order[0]]) ** BESIDE_BEST for n in order}
        named = self._named(seen.text)
        if named is not None:
            order = [named, *(n for n in order if n != named)]
            scores[named] = fits = 1.0
        ranked = [Suggestion(self.entries[n].code, scores[n], self._strength(scores[n])) for n in order[:limit]]
        if explain and ranked:
            ranked = self._explained(ranked, seen, order, signals if named is None else None)
        return Result(tuple(ranked), "match" if fits >= self.threshold else "none")

    def signals(self, name: str, description: str) -> Signals | None:
        """What the decision on a text rests on; None if nothing speaks for any item."""
        seen = self._look(_Text(name, description))
        ours = seen.evidence[: len(self.entries)]
        best = max(range(len(ours)), key=lambda n: (ours[n], -n), default=None)
        return (
            None if best is None or not ours[best] or not self._knows_a_word(seen.text) else self._signals(seen, best)
        )

    def _named(self, text: _Text) -> int | None:
        """The item whose name is all that the text says, with its diacritics or with none: nothing need be weighed."""
        said = [words for words in (text.name, text.description) if words]
        forms = {tuple(w.written if has_diacritics(words) else w.text for w in words) for words in said}
        return self._names.get(forms.pop()) if len(forms) == 1 else None

    def _knows_a_word(self, text: _Text) -> bool:
        """Runs of letters alone are no word of anything: any keys that somebody strikes hold some."""
        return any(feature[0] in "wcb" and feature in self._idf for feature, *_rest in text.features)

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
        by_texts = [math.log(1 + texts / n) for n in range(1, max(in_texts.values(), default=0) + 1)]
        by_classes = [math.log(1 + len(classes) / n) for n in range(1, len(classes) + 1)]
        self._idf = {
            f: WEIGHTS[f[0]] * (by_texts[n - 1] + by_classes[in_classes[f] - 1]) / 2 for f, n in in_texts.items()
        }
        idf, postings = self._idf, self._postings
        for n, count in enumerate(counts):
            vector = {f: idf[f] if c == 1 else (1 + math.log(c)) * idf[f] for f, c in count.items()}
            share = 1 / (_length(vector.values()) ** LENGTH_SHARE * USUAL_LENGTH ** (1 - LENGTH_SHARE))
            for f in vector:
                vector[f] *= share
                postings[f] += (n, vector[f])
            self._vectors.append(vector)

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
            postings = iter(self._postings[feature])
            for n, value in zip(postings, postings, strict=True):
                evidence[n] += weight * value
        return evidence

    def _look(self, text: _Text) -> _Seen:
        if len(text.words) > LONG:
            text.drop_runs_of(self._idf)
        weights = self._weights(text)
        evidence = self._evidence(weights)
        rivals = range(len(self.entries), len(evidence))
        return _Seen(
            text,
            evidence,
            text.known(weights),
            max(rivals, key=lambda n: (evidence[n], -n), default=None),
            self.cues.find(text.name, text.description),
        )

    def _signals(self, seen: _Seen, best: int) -> Signals:
        text = seen.text
        trades: list[float] = []
        foreign = [0.0]
        for other, evidence in zip(self.elsewhere, seen.evidence[len(self.entries) :], strict=True):
            (foreign if other.foreign else trades).append(evidence)
        by_word, pairs = self._by_word(seen, best)
        total = sum(by_word)
        telling = sum(not (joins(w) or is_common(w) or w.text.isdigit()) for w in text.words)
        english = is_english(text.words)
        return Signals(
            item=math.log(within(seen.evidence[best], bounds.LEAST_EVIDENCE, bounds.MOST_EVIDENCE)),
            trades=math.log(within(sum(heapq.nlargest(POOLED, trades)), bounds.LEAST_TRADES)),
            foreign=math.log(within(max(foreign), bounds.LEAST_FOREIGN)),
            cues=sum(finding.weight for finding in seen.findings),
            head=self._head(seen, by_word),
            pairs=min(pairs, bounds.MOST_PAIRS),
            words=math.log(1 + telling),
            lone=min(max(by_word) / total, bounds.MOST_LONE) if total else bounds.MOST_LONE,
            english=float(english),
            bare=float(not english and not has_diacritics(text.words)),
        )

    def _by_word(self, seen: _Seen, n: int) -> tuple[list[float], int]:
        """How much each word says for class n, and how many pairs of words n has too."""
        vector = self._vectors[n]
        by_word = [0.0] * len(seen.text.words)
        pairs = 0
        for feature, places in [(f, places) for f, places in seen.known.items() if f in vector]:
            value = vector[feature]
            pairs += len(places) if feature[0] == "b" else 0
            for first, last, share in places:
                for place in range(first, last + 1):
                    by_word[place] += share * value
        return by_word, pairs

    def _head(self, seen: _Seen, by_word: Sequence[float]) -> float:
        """What the first phrase of the description, or of a name alone, says for the item and not for elsewhere."""
        start, after = seen.text.head
        theirs = 0.0 if seen.rival is None else sum(self._by_word(seen, seen.rival)[0][start:after])
        head = math.log((sum(by_word[start:after]) + bounds.HEAD_LEAST) / (theirs + bounds.HEAD_LEAST))
        return within(head, -bounds.MOST_HEAD, bounds.MOST_HEAD)

    # --- explaining ------------------------------------------------------------------------------

    def _explained(
        self, ranked: Sequence[Suggestion], seen: _Seen, order: Sequence[int], signals: Signals | None
    ) -> list[Suggestion]:
        """The suggestions with their reasons and, for a person to weigh, what speaks against. Without `signals`, the
        first is called by its name, and nothing does."""
        text, known, rival = seen.text, seen.known, seen.rival
        said = tuple(Against("cue", (text.raw[f.field][f.start : f.end],), f.label) for f in seen.findings)
        nearer = () if rival is None else (self._nearer(text, rival, known),)
        explained = []
        for suggestion, n in zip(ranked, order, strict=False):
            sure = signals is None and n == order[0]
            rivalled = rival is not None and seen.evidence[rival] > seen.evidence[n] > 0 and not sure
            reasons = tuple(self._reasons(text, n, known))
            # The doubts of the decision, which is about the first.
            doubts = self._doubts(seen, signals) if signals and n == order[0] else ()
            against = () if sure else (*said, *(nearer if rivalled else ()), *doubts)
            explained.append(replace(suggestion, reasons=reasons, against=against))
        return explained

    def _doubts(self, seen: _Seen, signals: Signals) -> Iterator[Against]:
        """What else the decision holds against the first item."""
        start, after = seen.text.head
        if signals.head < DOUBTFUL_HEAD and start < after:
            where = seen.text.field_of(start)
            phrase = seen.text.raw[where][seen.text.words[start].start : seen.text.words[after - 1].end]
            yield Against("opening", (shorten(phrase, LABEL_SHOWN, placeholder="…"),))
        if not signals.pairs:
            yield Against("loose")
        elif signals.lone > DOUBTFUL_LONE:
            yield Against("lone")

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
            (told if shares_word and not _is_a_guess(words, meets) else near).append(reason)
        return (told or near[:1])[:REASONS_SHOWN]

    def _nearer(self, text: _Text, n: int, known: _Known) -> Against:
        raw = [
            text.raw[text.field_of(first)][text.words[first].start : text.words[after - 1].end]
            for first, after in self._spans(text, n, known)[: 10 * NEARER_QUOTED]
        ]
        return Against("nearer", tuple(once(raw)[:NEARER_QUOTED]), self.elsewhere[n - len(self.entries)].label)

    def _spans(self, text: _Text, n: int, known: _Known) -> list[tuple[int, int]]:
        """Phrases that speak for class n, weightiest first: (first word, word after the last).

        Words stay together where the class has them as a pair, or in one wording, so that a reader sees "xử lý" and
        not "xử", and no words that merely stand side by side.
        """
        vector = self._vectors[n]
        found = [0.0] * len(text.words)
        paired: set[int] = set()  # words that form a known pair with the next one
        for feature, places in [(f, places) for f, places in known.items() if f in vector]:
            value = vector[feature]
            for first, last, share in places:
                if feature[0] == "b":
                    paired.add(first)
                for place in range(first, last + 1):
                    found[place] += share * value
        least = REASON_SHARE * sum(found)
        runs = list(_runs(text.words, found, paired, self._wordings_of(n), least))
        telling = [run for run in runs if _tells(text.words, found, run, least)]
        return sorted(telling or runs, key=lambda run: (-sum(found[run[0] : run[1]]), run))

    def _meets(self, text: _Text, n: int, words: Sequence[Word]) -> tuple[str, Source, bool]:
        """The wording of item n nearest to the words, and whether they share a word rather than some letters.

        Among equals the name comes first, then the shortest.
        """
        texts = self._texts[n]
        shared: dict[int, float] = defaultdict(float)
        letters: dict[int, int] = defaultdict(int)
        with_word: set[int] = set()
        where = self._wordings_of(n)
        runs = 0
        for feature, _first, _last in word_features(words):
            worth = self._idf.get(feature, 0.0) * text.share(feature)
            for k in where.get(feature, ()):
                shared[k] += worth
                if text.share(feature) >= 1:
                    with_word.add(k)
        if not with_word:
            for feature in run_features(words):
                runs += 1
                for k in where.get(feature, ()):
                    shared[k] += self._idf[feature]
                    letters[k] += 1
        best = max(shared, key=lambda k: (k in with_word, shared[k], k == 0, -len(texts[k]), -k), default=0)
        mistyped = letters[best] >= MISTYPED * runs > 0
        return texts[best], "alias" if best else "name", best in with_word or mistyped

    def _wordings_of(self, n: int) -> dict[str, list[int]]:
        """By feature, which of the texts of class n that may be quoted hold it."""
        if n not in self._wordings:
            holders: dict[str, list[int]] = defaultdict(list)
            for k, text in enumerate(self._texts[n]):
                for feature in feature_names(text):
                    holders[feature].append(k)
            self._wordings[n] = dict(holders)
        return self._wordings[n]


def _runs(
    words: Sequence[Word], found: Sequence[float], paired: set[int], holders: dict[str, list[int]], least: float
) -> Iterator[tuple[int, int]]:
    """Stretches without a gap that hold a word above `least`, without loose words at their ends.

    `holders`: by feature, the wordings that hold it.
    """

    def in_one_wording(left: Word, right: Word) -> bool:
        return not set(holders.get(f"w{left.text}", ())).isdisjoint(holders.get(f"w{right.text}", ()))

    first = 0
    while first < len(words):
        after = first + 1
        if found[first] <= least and first not in paired:  # most words: they stand alone and say nothing
            first = after
            continue
        while (
            after < len(words)
            and not words[after].opens
            and (
                after - 1 in paired
                or (min(found[after - 1], found[after]) > least and in_one_wording(words[after - 1], words[after]))
            )
        ):
            after += 1
        start, end = first, after
        if max(found[start:end]) <= least:
            first = after
            continue
        while start < end and is_loose(words[start]):
            start += 1
        while start < end and is_loose(words[end - 1]):
            end -= 1
        if any(found[n] > least for n in range(start, end)):
            yield start, end
        first = after


def _tells(words: Sequence[Word], found: Sequence[float], run: tuple[int, int], least: float) -> bool:
    """Everyday words alone tell nothing; a lone syllable with diacritics is rarely a whole word, so it has to weigh
    more than others."""
    first, after = run
    if all(is_common(word) or joins(word) for word in words[first:after]):
        return False
    lone_syllable = after - first == 1 and words[first].text != words[first].written
    return not lone_syllable or found[first] > 3 * least


def _is_a_guess(words: Sequence[Word], meets: str) -> bool:
    """Whether the words share with the wording no more than one syllable that it alone writes with diacritics: "kham"
    may be "khám phá", and as well another word."""
    wording = words_of(meets, NAME_LIMIT)
    written = {word.written for word in wording}
    letters = {word.text for word in wording} & {word.text for word in words}
    return len(letters) == 1 and not any(word.written in written for word in words)


def _length(values: Iterable[float]) -> float:
    return math.sqrt(sum(value * value for value in values)) or 1.0
