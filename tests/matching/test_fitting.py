import math

import pytest

from catalogs.matching import fitting, scoring
from catalogs.matching.decision import GUESSED, Signals, chance
from catalogs.matching.engine import Elsewhere, Entry, Index
from catalogs.matching.fitting import Case
from catalogs.text import fold

OUTCOME = scoring.Outcome("L", {}, True, 1, True, True, 1.0)


def case(n: int, *, item: float, fits: bool, weight: float = 1.0) -> Case:
    signals = Signals(item, -2.0, -3.0, 0.0, n / 100, n % 3, 2.0, 0.1, 0.0, 0.0)
    return Case(n % fitting.FOLDS, signals, fits, weight, OUTCOME)


CASES = [case(n, item=-2.0 + n / 20, fits=n > 20 or n % 7 == 0) for n in range(40)]


def test_what_goes_with_fitting_gets_weight_and_the_odds_follow() -> None:
    decision = fitting.fitted(CASES)
    assert decision.weights["item"] > 0
    low, high = (chance(decision.odds(CASES[n].signals)) for n in (1, 39))
    assert low < 0.5 < high


def test_the_same_cases_teach_the_same_weights() -> None:
    assert fitting.fitted(CASES) == fitting.fitted(list(CASES))


def test_a_borderline_case_teaches_less() -> None:
    odd = case(39, item=-0.05, fits=False)
    sure = fitting.fitted([*CASES, odd]).weights["item"]
    unsure = fitting.fitted([*CASES, Case(odd.fold, odd.signals, False, fitting.BORDERLINE, OUTCOME)])
    assert sure < unsure.weights["item"]


def test_a_product_is_never_judged_by_a_list_that_knows_it() -> None:
    asked: list[tuple[str, set[str]]] = []

    def index_without(number: str, texts) -> Index:
        asked.append((number, set(texts)))
        return Index([Entry("1", "Robot")], [Elsewhere("Ăn", ("gạo",))])

    records = [scoring.Labelled(str(n), "", f"Robot số {n}", {"L": ("1",)}) for n in range(12)]
    found = fitting.cases(records, index_without)
    assert len(found) == 12
    assert set().union(*(texts for _number, texts in asked)) == {fold(record.description) for record in records}
    assert len(asked) == fitting.FOLDS


def test_chance_stays_within_its_bounds() -> None:
    assert chance(-1e9) == pytest.approx(0)
    assert chance(1e9) == pytest.approx(1)
    assert chance(0) == 0.5
    assert math.isfinite(GUESSED.odds(Signals(*[0.0] * len(Signals._fields))))
