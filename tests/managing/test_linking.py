"""Proposals of successors: the same as by comparing every pair, without comparing every pair."""

import random
from typing import Any

import pytest
from rapidfuzz import fuzz

from catalogs.managing import linking
from catalogs.models import CatalogueItem
from catalogs.wording import folded

WORDS = (
    *("phần", "mềm", "quản", "lý", "dữ", "liệu", "thiết", "bị", "cảm", "biến", "nền", "tảng"),
    *("số", "dịch", "vụ", "robot", "mạng", "5G", "xử", "lý", "ảnh", "tự", "động"),
)


def items(names: list[str], *, first: int) -> list[CatalogueItem]:
    return [CatalogueItem(pk=first + n, code=f"1.{n}", name=name, position=n) for n, name in enumerate(names, 1)]


def by_every_pair(old: list[CatalogueItem], new: list[CatalogueItem]) -> list[tuple[int, int]]:
    words = {item.pk: folded(item.name) for item in (*old, *new)}
    like = {(i.pk, o.pk): fuzz.token_sort_ratio(words[i.pk], words[o.pk]) for i in old for o in new}
    found = []
    for item in old:
        ranked = sorted(new, key=lambda other: (-like[item.pk, other.pk], other.position))
        for other in ranked:
            score = like[item.pk, other.pk]
            mutual = other is ranked[0] and score == max(like[each.pk, other.pk] for each in old)
            shorter, longer = sorted(({*words[item.pk].split()}, {*words[other.pk].split()}), key=len)
            if (mutual and score >= linking.SIMILAR) or (len(shorter) >= 3 and shorter <= longer):
                found.append((item.pk, other.pk))
                break
    return found


@pytest.mark.parametrize("seed", range(6))
def test_the_proposals_are_those_of_comparing_every_pair(seed):
    pick = random.Random(seed)
    old, new = (
        items([" ".join(pick.choices(WORDS, k=pick.randint(1, 9))) for _n in range(40)], first=first)
        for first in (0, 1000)
    )
    assert [(item.pk, other.pk) for item, other, _origin in linking.similar_pairs(old, new)] == by_every_pair(old, new)


def test_two_thousand_items_are_compared_with_one_call_each(monkeypatch):
    calls = {"extract": 0, "extractOne": 0, "folded": 0}

    def counted(name: str, act: Any) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            calls[name] += 1
            return act(*args, **options)

        return call

    for name in ("extract", "extractOne"):
        monkeypatch.setattr(linking.process, name, counted(name, getattr(linking.process, name)))
    monkeypatch.setattr(linking, "folded", counted("folded", folded))
    pick = random.Random(1)
    names = [" ".join(pick.choices(WORDS, k=8)) + f" {n}" for n in range(2000)]
    found = linking.similar_pairs(items(names, first=0), items(names[::-1], first=5000))
    assert len(found) == 2000
    assert calls["extract"] <= 2000
    assert calls["extractOne"] <= 2000
    assert calls["folded"] <= 10_000
