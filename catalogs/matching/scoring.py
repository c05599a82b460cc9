"""Figures for the quality of matching against records whose place is known.

r1 and r3 are the shares of fitting records with an accepted code first or among three, best1 with the one named first,
mrr the mean of 1 through the rank of the first accepted code; fa is the share of others that were accepted, fr that of
fitting ones refused, bacc the mean of what was decided rightly on either side, acc the share that end right,
auc the chance that a fitting record scores above another.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalogs.matching.engine import Index

GROUPS = ("difficulty", "lang")


@dataclass(frozen=True)
class Product:
    id: str
    name: str
    description: str


@dataclass(frozen=True)
class Labelled(Product):
    """A product with the accepted codes of each list, by the list's number; none accepted means that none fits."""

    labels: dict[str, tuple[str, ...]]
    groups: dict[str, str] = field(default_factory=dict)  # its difficulty and language, where given
    borderline: frozenset[str] = frozenset()  # numbers of the lists on which two honest examiners could differ


@dataclass(frozen=True)
class Outcome:
    catalogue: str
    groups: dict[str, str]
    fits: bool
    rank: int  # of the first accepted code; 0 if there is none
    best: bool  # the first code is the one named first
    matched: bool
    score: float  # of the first suggestion
    borderline: bool = False

    @property
    def right(self) -> bool:
        return self.matched and self.rank == 1 if self.fits else not self.matched


@dataclass(frozen=True)
class Figures:
    """Shares between 0 and 1; None where there is nothing to count."""

    fitting: int
    others: int
    r1: float | None
    r3: float | None
    best1: float | None
    mrr: float | None
    fa: float | None
    fr: float | None
    bacc: float | None
    acc: float | None
    auc: float | None
    intervals: dict[str, tuple[float, float] | None]  # 95 %, after Wilson, of r1, r3 and fa


def outcomes(records: Iterable[Labelled], indexes: dict[str, Index]) -> list[Outcome]:
    """One for each record and list that both sides have."""
    return [
        outcome(record, number, indexes[number]) for record in records for number in record.labels if number in indexes
    ]


def outcome(record: Labelled, number: str, index: Index) -> Outcome:
    accepted = record.labels[number]
    result = index.match(record.name, record.description, explain=False)
    codes = [suggestion.code for suggestion in result.ranked]
    return Outcome(
        number,
        record.groups,
        bool(accepted),
        next((n for n, code in enumerate(codes, 1) if code in accepted), 0),
        bool(accepted) and codes[:1] == [accepted[0]],
        result.decision == "match",
        result.ranked[0].score if result.ranked else 0.0,
        number in record.borderline,
    )


def figures(rows: Sequence[Outcome]) -> Figures:
    fitting = [row for row in rows if row.fits]
    others = [row for row in rows if not row.fits]
    right = [row.right for row in rows]
    r1 = _share(fitting, lambda row: row.rank == 1)
    r3 = _share(fitting, lambda row: 1 <= row.rank <= 3)
    fa = _share(others, lambda row: row.matched)
    fr = _share(fitting, lambda row: not row.matched)
    return Figures(
        fitting=len(fitting),
        others=len(others),
        r1=r1,
        r3=r3,
        best1=_share(fitting, lambda row: row.best),
        mrr=sum(1 / row.rank for row in fitting if row.rank) / len(fitting) if fitting else None,
        fa=fa,
        fr=fr,
        bacc=None if fa is None or fr is None else (1 - fr + 1 - fa) / 2,
        acc=sum(right) / len(right) if right else None,
        auc=_auc([row.score for row in fitting], [row.score for row in others]),
        intervals={
            "r1": _interval(r1, len(fitting)),
            "r3": _interval(r3, len(fitting)),
            "fa": _interval(fa, len(others)),
        },
    )


def by_group(rows: Sequence[Outcome]) -> list[tuple[str, str, list[Outcome]]]:
    """(list, group, its outcomes): each list as a whole, then by difficulty and language."""
    found: dict[tuple[str, str], list[Outcome]] = {}
    for number in dict.fromkeys(row.catalogue for row in rows):
        own = [row for row in rows if row.catalogue == number]
        found[number, ""] = own
        for group in GROUPS:
            for value in sorted({row.groups[group] for row in own if group in row.groups}):
                found[number, f"{group}={value}"] = [row for row in own if row.groups.get(group) == value]
    return [(number, group, group_rows) for (number, group), group_rows in found.items()]


def product(value: Any) -> Product:
    """A product read from JSON; raises ValueError that says what is wrong with it."""
    if not isinstance(value, dict):
        raise ValueError("an object is expected")
    found = Product(_text(value, "id"), _text(value, "name"), _text(value, "description"))
    if not found.id.strip():
        raise ValueError("“id” is empty")
    return found


def labelled(value: Any) -> Labelled:
    """A product and its labels read from JSON; raises ValueError that says what is wrong with it."""
    found = product(value)
    labels = value.get("labels")
    if not isinstance(labels, dict) or not labels:
        raise ValueError("“labels” is no object of lists and their accepted codes")
    for number, codes in labels.items():
        if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
            raise ValueError(f"“labels”: the codes of “{number}” are no list of texts")
    return Labelled(
        found.id,
        found.name,
        found.description,
        labels={number: tuple(codes) for number, codes in labels.items()},
        groups={group: _printable(value, group) for group in GROUPS if group in value},
        borderline=frozenset(_texts(value, "borderline")),
    )


def _text(value: dict[str, Any], key: str) -> str:
    if key not in value:
        raise ValueError(f"“{key}” is missing")
    if not isinstance(value[key], str):
        raise ValueError(f"“{key}” is not text")
    return str(value[key])


def _printable(value: dict[str, Any], key: str) -> str:
    """It heads a line of a table on a terminal."""
    text = _text(value, key)
    if not text.isprintable():
        raise ValueError(f"“{key}” holds a character that cannot be printed")
    return text


def _texts(value: dict[str, Any], key: str) -> list[str]:
    found = value.get(key, [])
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise ValueError(f"“{key}” is no list of texts")
    return found


def _share(rows: Sequence[Outcome], holds: Callable[[Outcome], bool]) -> float | None:
    return sum(map(holds, rows)) / len(rows) if rows else None


def _interval(share: float | None, n: int) -> tuple[float, float] | None:
    """Wilson's, in which the true share lies in 95 of 100 cases."""
    if share is None:
        return None
    z = 1.96
    d = 1 + z * z / n
    middle = (share + z * z / (2 * n)) / d
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / d
    return max(0.0, middle - half), min(1.0, middle + half)


def _auc(fitting: Sequence[float], others: Sequence[float]) -> float | None:
    """How often a fitting record scores above one that fits nothing; ties count half."""
    if not fitting or not others:
        return None
    wins = sum((a > b) + 0.5 * (a == b) for a in fitting for b in others)
    return wins / (len(fitting) * len(others))
