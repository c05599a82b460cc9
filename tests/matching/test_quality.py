"""Floors for the quality of matching, on invented products.

Every file holds products over all items, near misses and ordinary goods, in Vietnamese with and without diacritics and
in English, labelled as an examiner would. They were written by four hands, and serve two ends:

- Known: `examined.jsonl` and `labelled.jsonl` (one hand, with the aliases in view), `tuning.jsonl` (a second hand,
  without seeing any alias), `near_misses.jsonl` (a third, mostly what fits nothing). Their descriptions are examples
  (catalogs/data/matching/examples.json), and the weights of the decision are learned from them out of fold, as the
  thresholds of the lists were chosen:
  `manage.py fit_matching tests/matching/{examined,labelled,tuning,near_misses}.jsonl`.
- Unseen: `catalogs/data/matching/evaluation.jsonl` (a fourth hand), with which the product measures changes. Nobody
  who worked on matching has read it; only its figures were looked at.
  It must never be learned from, nor read while writing aliases, trades, cues or examples.

What the tests guard is that no change makes the figures fall unnoticed.
"""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from catalogs.learning.candidate import LABELS
from catalogs.loading import load
from catalogs.matching import scoring
from catalogs.matching.scoring import Labelled
from catalogs.matching.service import index_of
from catalogs.models import Catalogue, CatalogueGroup, CatalogueItem, ItemRelation, RelationKind
from catalogs.reading import DATA
from tests.factories import NOW, CatalogueFactory, InstrumentFactory

pytestmark = pytest.mark.django_db

LISTS = ("31/2025/TT-BKHCN", "1131/QĐ-TTg", "21/2026/QĐ-TTg")


def records_in(path: Path) -> list[Labelled]:
    lines = path.read_text("utf-8").splitlines()
    return [scoring.labelled(json.loads(line)) for line in lines if line.strip()]


KNOWN_FILES = ("examined.jsonl", "labelled.jsonl", "tuning.jsonl", "near_misses.jsonl")
KNOWN = [record for name in KNOWN_FILES for record in records_in(Path(__file__).parent / name)]
UNSEEN = records_in(LABELS)
# Of each list: r1 and r3 at least, fa and fr at most. On unseen products alone: those of the files here serve as
# examples too, and would find themselves.
FLOORS = {
    "31/2025/TT-BKHCN": (0.97, 0.99, 0.05, 0.08),
    "1131/QĐ-TTg": (0.97, 0.99, 0.10, 0.09),
    "21/2026/QĐ-TTg": (0.96, 0.98, 0.16, 0.09),
}


@pytest.fixture
def lists() -> dict[str, Catalogue]:
    load()
    return {number: Catalogue.objects.get(instrument__number=number) for number in LISTS}


def test_quality_keeps_above_its_floors(lists: dict[str, Catalogue]) -> None:
    indexes = {number: index_of(catalogue) for number, catalogue in lists.items()}
    rows = scoring.outcomes(UNSEEN, indexes)
    for number, (r1, r3, fa, fr) in FLOORS.items():
        found = scoring.figures([row for row in rows if row.catalogue == number])
        assert found.r1 is not None
        assert found.r1 >= r1, asdict(found)
        assert found.r3 >= r3, asdict(found)
        assert found.fa <= fa, asdict(found)
        assert found.fr <= fr, asdict(found)


def renumbered(code: str) -> str:
    return f"9{code}"


@pytest.fixture
def successor(lists: dict[str, Catalogue]) -> Catalogue:
    """A version after TT 31 that a catalogue manager drew up: the same items under other numbers, and no more."""
    before = lists[LISTS[0]]
    after = CatalogueFactory(
        slug="danh-muc-sau", instrument=InstrumentFactory(), replaces=before, stage="draft", items=False
    )
    group = CatalogueGroup.objects.create(catalogue=after, code="1", name="Nhóm", position=1)
    for item in before.items.order_by("position"):
        other = CatalogueItem.objects.create(
            catalogue=after, group=group, code=renumbered(item.code), name=item.name, position=item.position
        )
        ItemRelation.objects.create(
            item=item, other=other, kind=RelationKind.SAME, successor=True, origin="tests", added_on=NOW
        )
    return after


def test_a_new_version_is_matched_as_well_as_the_one_before(successor: Catalogue) -> None:
    number, records = LISTS[0], []
    for one in UNSEEN:
        labels = {number: tuple(renumbered(code) for code in one.labels[number])}
        records.append(replace(one, labels=labels))
    [found] = [scoring.figures(scoring.outcomes(records, {number: index_of(successor)}))]
    r1, r3, fa, fr = FLOORS[number]
    assert found.r1 is not None
    assert (found.r1 >= r1, found.r3 >= r3, found.fa <= fa, found.fr <= fr) == (True,) * 4, asdict(found)


def test_the_records_cover_every_item(lists: dict[str, Catalogue]) -> None:
    for number, catalogue in lists.items():
        labelled = {code for record in KNOWN for code in record.labels[number]}
        assert set(catalogue.items.values_list("code", flat=True)) - labelled == set()


def test_every_example_has_a_place() -> None:
    file = json.loads((DATA / "matching" / "examples.json").read_text("utf-8"))
    trades = {t["label"] for t in json.loads((DATA / "matching" / "elsewhere.json").read_text("utf-8"))["trades"]}
    codes = {
        (slug, item["code"])
        for slug in ("tt-31-2025", "qd-1131-2025", "qd-21-2026")
        for group in json.loads((DATA / "catalogues" / f"{slug}.json").read_text("utf-8"))["groups"]
        for item in group["items"]
    }
    for example in file["examples"]:
        assert example.get("trade") in trades or example.get("items"), example
        assert set(example.get("items", {}).items()) <= codes, example
