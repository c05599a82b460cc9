"""Learns the weights of a decision from labelled products, in pure Python and the same on every machine.

A product that is also an example of its class would be found by itself. So the labelled products are cut into folds
by a digest of their text, and the signals of each fold are taken with lists that know none of its texts.
"""

import hashlib
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from catalogs.matching.decision import Decision, Signals, chance
from catalogs.matching.engine import Index
from catalogs.matching.scoring import Labelled, Outcome, outcome
from catalogs.text import fold

FOLDS = 5
RIDGE = 1.0  # of the standardised weights
BORDERLINE = 0.3  # what a label counts on which two honest examiners could differ
ROUNDS = 40
PLACES = 3  # decimals


@dataclass(frozen=True)
class Case:
    """A labelled product beside one list, as a list sees it that does not know the product."""

    fold: int
    signals: Signals | None
    fits: bool
    weight: float
    outcome: Outcome


def fold_of(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(fold(text).encode("utf-8", "replace"), digest_size=4).digest()) % FOLDS


def cases(records: Sequence[Labelled], index_without: Callable[[str, Collection[str]], Index]) -> list[Case]:
    """`index_without` makes the index of a list, by its number, that does not know the given texts, folded."""
    found = []
    numbers = list(dict.fromkeys(number for record in records for number in record.labels))
    for n in range(FOLDS):
        held = [record for record in records if fold_of(record.description) == n]
        unknown = {fold(record.description) for record in held}
        for number in numbers:
            index = index_without(number, unknown)
            found += [_case(record, number, index, n) for record in held if number in record.labels]
    return found


def _case(record: Labelled, number: str, index: Index, n: int) -> Case:
    return Case(
        n,
        index.signals(record.name, record.description),
        bool(record.labels[number]),
        BORDERLINE if number in record.borderline else 1.0,
        outcome(record, number, index),
    )


def fitted(found: Sequence[Case]) -> Decision:
    """Logistic regression with a ridge, by Newton's method; the weights are rounded as they are kept.

    What fits and what does not count the same together, however many of each were written down.
    """
    usable = [(case.signals, case) for case in found if case.signals is not None]
    total = {side: math.fsum(case.weight for _s, case in usable if case.fits is side) for side in (True, False)}
    half = sum(total.values()) / 2
    names = Signals._fields
    means = [math.fsum(s[k] for s, _case in usable) / len(usable) for k in range(len(names))]
    spreads = [
        math.sqrt(math.fsum((s[k] - means[k]) ** 2 for s, _case in usable) / len(usable)) or 1.0
        for k in range(len(names))
    ]
    rows = [
        (
            [1.0, *((s[k] - means[k]) / spreads[k] for k in range(len(names)))],
            float(case.fits),
            case.weight * half / total[case.fits],
        )
        for s, case in usable
    ]
    beta = _newton(rows, len(names) + 1)
    weights = {name: round(beta[k + 1] / spreads[k], PLACES) for k, name in enumerate(names)}
    constant = beta[0] - math.fsum(beta[k + 1] * means[k] / spreads[k] for k in range(len(names)))
    return Decision(round(constant, PLACES), weights)


def validated(found: Sequence[Case], threshold: float) -> list[Outcome]:
    """The outcomes where each fold is decided by weights learned from the others."""
    rows = []
    for n in range(FOLDS):
        decision = fitted([case for case in found if case.fold != n])
        for case in (case for case in found if case.fold == n):
            score = 0.0 if case.signals is None else chance(decision.odds(case.signals))
            old = case.outcome
            rows.append(
                Outcome(
                    old.catalogue, old.groups, old.fits, old.rank, old.best, score >= threshold, score, old.borderline
                )
            )
    return rows


def _newton(rows: Sequence[tuple[list[float], float, float]], size: int) -> list[float]:
    beta = [0.0] * size
    for _round in range(ROUNDS):
        gradient = [0.0] + [-RIDGE * value for value in beta[1:]]
        hessian = [[RIDGE if i == k and i else 0.0 for k in range(size)] for i in range(size)]
        for x, y, weight in rows:
            p = chance(math.fsum(b * v for b, v in zip(beta, x, strict=True)))
            rest, curve = weight * (y - p), weight * p * (1 - p)
            for i, value in enumerate(x):
                gradient[i] += rest * value
                line = hessian[i]
                share = curve * value
                for k in range(i + 1):
                    line[k] += share * x[k]
        for i in range(size):
            for k in range(i):
                hessian[k][i] = hessian[i][k]
        step = _solved(hessian, gradient)
        beta = [b + s for b, s in zip(beta, step, strict=True)]
        if max(map(abs, step)) < 1e-9:
            break
    return beta


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """The solution of a system of linear equations with a positive definite matrix."""
    size = len(right)
    lines = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for i in range(size):
        pivot = lines[i][i]
        for below in range(i + 1, size):
            share = lines[below][i] / pivot
            lines[below] = [a - share * b for a, b in zip(lines[below], lines[i], strict=True)]
    found = [0.0] * size
    for i in reversed(range(size)):
        found[i] = (lines[i][size] - math.fsum(lines[i][k] * found[k] for k in range(i + 1, size))) / lines[i][i]
    return found
