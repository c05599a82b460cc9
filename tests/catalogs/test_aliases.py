"""Other names of an item, as a catalogue manager proposes them."""

import pytest

from accounts.models import Role
from audit.models import Entry
from catalogs.learning.acting import NotManager
from catalogs.learning.aliases import (
    AliasError,
    NotTheirs,
    SaidElsewhere,
    keep_alias,
    propose_alias,
    retire_alias,
)
from catalogs.loading import load
from catalogs.matching import service
from catalogs.models import Catalogue, CatalogueItem, ItemAlias
from catalogs.search import items_found
from tests.factories import NOW, CatalogueFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def item() -> CatalogueItem:
    return CatalogueFactory().items.get(code="1.8")


@pytest.fixture
def manager():
    return StaffFactory(role=Role.CATALOGUE_MANAGER)


def propose(item: CatalogueItem, text: str, manager, **fields) -> ItemAlias:
    return propose_alias(item, text, language="vi", by=manager, at=NOW, **fields)


def test_a_proposed_name_says_where_it_comes_from_and_is_not_used_yet(item, manager) -> None:
    alias = propose(item, "  zorblax  quang tử ", manager)
    assert (alias.text, alias.live, alias.added_by, alias.added_on) == ("zorblax quang tử", False, manager, NOW.date())
    assert service.suggest(item.catalogue, name="", description="zorblax quang tử").decision == "none"
    assert items_found(item.catalogue, "zorblax") == set()
    assert Entry.objects.about(item).get().action == "propose_alias"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Hãy ghi"),
        (" \t ", "Hãy ghi|ẩn"),
        ("x" * 301, "300"),
        ("camera\u202e AI", "ẩn"),
        ("ca\x00mera", "ẩn"),
        ("ca\nmera", "ẩn"),
        ("ca\u200bmera", "ẩn"),
        ("\ud800", "ẩn"),
        ("🚁", "chữ hoặc số"),
        ("---", "chữ hoặc số"),
        ("CAMERA thông minh, camera AI và các phần mềm phân tích", "đã có"),
    ],
    ids=repr,
)
def test_what_is_no_name_is_refused(item, manager, text, words) -> None:
    with pytest.raises(AliasError, match=words):
        propose(item, text, manager)
    assert not ItemAlias.objects.exists()


def test_a_name_is_given_once_to_an_item_and_knowingly_to_two(item, manager) -> None:
    propose(item, "mắt thần", manager)
    with pytest.raises(AliasError, match="đã có"):
        propose(item, "Mắt Thần", manager)
    other = item.catalogue.items.get(code="1.7")
    with pytest.raises(SaidElsewhere, match=r"1\.8 Camera"):
        propose(other, "mắt thần", manager)
    propose(other, "mắt thần", manager, although_elsewhere=True)
    assert ItemAlias.objects.count() == 2


def test_a_name_in_force_counts_until_the_candidate_without_it_is_put_into_force(item, manager) -> None:
    alias = propose(item, "zorblax quang tử", manager)
    ItemAlias.objects.update(live=True)
    service.forget(item.catalogue)
    text = {"name": "", "description": "zorblax quang tử"}
    assert service.suggest(item.catalogue, **text).decision == "match"
    retire_alias(alias.pk, item=item, by=manager, at=NOW)
    service.forget(item.catalogue)
    assert service.suggest(item.catalogue, **text).decision == "match"
    assert service.candidate_index_of(item.catalogue).match(**text).decision == "none"
    last = Entry.objects.about(item).order_by("-number").first()
    assert (last.action, last.data) == ("retire_alias", {"text": "zorblax quang tử", "live": True})


def test_a_name_that_was_only_proposed_is_taken_away_at_once(item, manager) -> None:
    retire_alias(propose(item, "zorblax quang tử", manager).pk, item=item, by=manager, at=NOW)
    assert not ItemAlias.objects.filter(text="zorblax quang tử").exists()


def test_a_name_that_was_to_go_may_be_kept(item, manager) -> None:
    alias = propose(item, "zorblax quang tử", manager)
    ItemAlias.objects.update(live=True)
    retire_alias(alias.pk, item=item, by=manager, at=NOW)
    for _twice in range(2):
        keep_alias(alias.pk, item=item, by=manager, at=NOW)
    assert not ItemAlias.objects.get(pk=alias.pk).retiring
    assert [entry.action for entry in Entry.objects.about(item).order_by("number")] == [
        "propose_alias",
        "retire_alias",
        "keep_alias",
    ]


def test_what_came_with_the_product_or_belongs_to_another_item_stays(item, manager) -> None:
    shipped = ItemAlias.objects.create(item=item, text="x", language="vi", origin="tệp", added_on=NOW.date())
    own = propose(item, "mắt thần", manager)
    for pk, of in ((shipped.pk, item), (own.pk, item.catalogue.items.get(code="1.7")), (0, item)):
        with pytest.raises(NotTheirs):
            retire_alias(pk, item=of, by=manager, at=NOW)
        with pytest.raises(NotTheirs):
            keep_alias(pk, item=of, by=manager, at=NOW)
    assert ItemAlias.objects.count() == 2


def test_only_a_catalogue_manager_proposes_and_takes_away(item, manager) -> None:
    alias = propose(item, "mắt thần", manager)
    other = StaffFactory(role=Role.SPECIALIST)
    with pytest.raises(NotManager):
        propose(item, "mắt phố", other)
    with pytest.raises(NotManager):
        retire_alias(alias.pk, item=item, by=other, at=NOW)
    assert ItemAlias.objects.count() == 1


def test_loading_leaves_a_managers_name_alone(manager) -> None:
    load()
    item = Catalogue.objects.get(slug="tt-31-2025").items.get(code="1.8")
    alias = propose(item, "zorblax quang tử", manager)
    load()
    assert ItemAlias.objects.filter(pk=alias.pk).exists()
