"""When the index of a list is made anew, and what of other lists goes into it."""

import json
import uuid
from pathlib import Path

import pytest

from accounts.models import Role
from catalogs.learning import candidate
from catalogs.matching import service
from catalogs.models import Catalogue, Evidence, ItemAlias, ItemRelation
from tests.catalogs.test_evidence import ZORBLAX, a_row, item
from tests.factories import NOW, CatalogueFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue() -> Catalogue:
    return CatalogueFactory()


@pytest.fixture
def manager():
    return StaffFactory(role=Role.CATALOGUE_MANAGER)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    record = {"id": "1", "name": "", "lang": "vi", "labels": {"31/2025/TT-BKHCN": ["1.8"]}}
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(record | {"description": ZORBLAX["description"]}) + "\n")
    return path


@pytest.fixture
def other(catalogue: Catalogue) -> Catalogue:
    return CatalogueFactory(slug="danh-muc-moi")


def an_alias(of, text: str, **fields) -> ItemAlias:
    return ItemAlias.objects.create(item=of, text=text, language="vi", origin="x", added_on=NOW.date(), **fields)


def same(one, two, *, kind: str = "same", successor: bool = False) -> None:
    ItemRelation.objects.create(item=one, other=two, kind=kind, successor=successor, origin="x", added_on=NOW.date())


def matched(catalogue: Catalogue) -> str:
    service.forget(catalogue)
    result = service.suggest(catalogue, **ZORBLAX)
    return result.ranked[0].code if result.decision == "match" else ""


def test_another_alias_of_equal_length_in_force_is_another_state(
    catalogue: Catalogue, django_assert_num_queries
) -> None:
    of = item(catalogue)
    older, retired, newest = (
        an_alias(of, text, live=live) for text, live in (("abcdef", False), ("ghijkl", True), ("mnopqr", True))
    )
    before = service.state_of(catalogue)
    retired.delete()
    ItemAlias.objects.filter(pk=older.pk).update(live=True)
    with django_assert_num_queries(2):
        assert service.state_of(catalogue) != before
    ItemAlias.objects.filter(pk=newest.pk).update(live=False)
    assert service.state_of(catalogue) != before


def test_the_live_side_is_measured_as_it_is_and_not_as_it_was_a_minute_ago(catalogue, manager, labels) -> None:
    service.suggest(catalogue, **ZORBLAX)  # now this process holds the index for a minute
    a_row(catalogue, 1, state="live")
    a_row(catalogue, 2, state="accepted")
    evaluation = candidate.request(by=manager, at=NOW)
    candidate.measure(evaluation.pk, clock=lambda: NOW, progress=lambda done, total: None, labels=labels)
    evaluation.refresh_from_db()
    assert evaluation.figures["rows"][0]["live"]["acc"] == "1.000"


def test_evidence_serves_the_same_item_elsewhere_and_no_other(catalogue: Catalogue, other: Catalogue) -> None:
    third = CatalogueFactory(slug="danh-muc-ba")
    same(item(other), item(catalogue))
    same(item(catalogue, "4.1"), item(third), kind="overlaps")
    row = a_row(catalogue, state="live")
    assert matched(other) == "1.8"
    assert matched(third) == ""
    # Taking it out of force is noticed there too.
    Evidence.objects.filter(pk=row.pk).update(state="rejected")
    assert matched(other) == ""


@pytest.mark.parametrize("written", ["narrower", "broader"])
def test_evidence_serves_the_broader_item_elsewhere_and_not_the_narrower(catalogue, other, written) -> None:
    """A product that fits “AI cameras” fits “AI devices”; the other way round nobody knows."""
    narrow, broad = item(catalogue), item(other)
    same(*((narrow, broad) if written == "narrower" else (broad, narrow)), kind=written)
    row = a_row(catalogue, state="live")
    assert matched(other) == "1.8"
    Evidence.objects.filter(pk=row.pk).update(catalogue=other, item=broad)
    assert matched(other) == "1.8"
    assert matched(catalogue) == ""


def test_what_is_narrower_than_the_same_is_narrower_too(catalogue: Catalogue, other: Catalogue) -> None:
    third = CatalogueFactory(slug="danh-muc-ba")
    same(item(catalogue), item(other), kind="narrower")
    same(item(third), item(other))
    a_row(catalogue, state="live")
    assert matched(third) == "1.8"


def test_evidence_of_a_restricted_list_stays_there(other: Catalogue) -> None:
    restricted = CatalogueFactory(slug="danh-muc-kin", restricted=True)
    same(item(other), item(restricted))
    a_row(restricted, state="live")
    assert matched(other) == ""


def test_a_list_forgets_with_those_whose_items_are_the_same(catalogue: Catalogue, other: Catalogue) -> None:
    same(item(other), item(catalogue))
    assert service.suggest(other, **ZORBLAX).decision == "none"
    a_row(catalogue, state="live")
    service.forget(catalogue)
    assert service.suggest(other, **ZORBLAX).decision == "match"


def test_a_newly_published_list_takes_the_names_of_what_it_follows(catalogue: Catalogue, other: Catalogue) -> None:
    an_alias(item(catalogue), "zorblax quang tử")
    assert matched(other) == ""
    same(item(catalogue), item(other), successor=True)
    assert matched(other) == "1.8"
    # And so does the version after it.
    newest = CatalogueFactory(slug="danh-muc-moi-hon")
    same(item(other), item(newest), successor=True)
    assert matched(newest) == "1.8"


def test_where_names_were_written_for_a_list_it_takes_no_others(
    catalogue: Catalogue, other: Catalogue, manager
) -> None:
    an_alias(item(catalogue), "zorblax quang tử")
    same(item(catalogue), item(other), successor=True)
    an_alias(item(other, "4.1"), "trạm quỹ đạo", added_by=manager)  # a manager's name is one more
    assert matched(other) == "1.8"
    an_alias(item(other, "4.1"), "trạm mặt đất")
    assert matched(other) == ""


def test_the_index_learns_from_the_newest_of_each_item(
    catalogue: Catalogue, monkeypatch, django_assert_num_queries
) -> None:
    a_row(catalogue, 1, state="live")
    row = Evidence.objects.get()
    # Many in one go: the newest come last.
    fields = ("catalogue_id", "item_id", "fits", "granted", "decided_on", "state", "reviewed_by_id", "reviewed_at")
    given = {name: getattr(row, name) for name in fields}
    Evidence.objects.bulk_create(
        Evidence(**given, dossier_id=uuid.UUID(int=n), dossier_code="x", name="", description=f"gạo thơm số {n}")
        for n in range(2, 3_000)
    )
    items = list(catalogue.items.order_by("position", "pk"))
    with django_assert_num_queries(1):
        crosswalk = service._Crosswalk.of([one.pk for one in items], [])
        learned = service._learned(catalogue, items, crosswalk, candidate=False)
    assert len(learned.examples["1.8"]) == service.EXAMPLES_READ == 50
    assert learned.examples["1.8"][0] == "gạo thơm số 2999"
