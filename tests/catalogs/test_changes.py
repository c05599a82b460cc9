import pytest

from catalogs.changes import Change, changed_items, predecessors
from catalogs.managing.comparing import compare
from catalogs.models import Catalogue, CatalogueItem, Instrument, ItemRelation, ItemRemoval
from tests.factories import NOW, CatalogueFactory, InstrumentFactory, unpublish
from tests.workflow.lists import link, new_version

pytestmark = pytest.mark.django_db


def changes(catalogue: Catalogue) -> dict[str, str]:
    return {one.before.code: one.change.value for one in changed_items(catalogue).values()}


def test_each_item_is_known_by_what_became_of_it(django_assert_num_queries):
    new = new_version()
    assert changes(new) == {"1.7": "renumbered", "1.8": "renamed", "4.1": "split", "4.2": "removed"}
    with django_assert_num_queries(4):
        changed_items(new)


def test_items_that_became_one_were_merged_and_one_that_stayed_is_not_listed():
    new = new_version(publish=False)
    camera = new.items.get(code="2.2")
    link(CatalogueFactory().items.get(code="4.2"), camera)
    assert changes(new)["1.8"] == changes(new)["4.2"] == Change.MERGED
    CatalogueItem.objects.filter(pk=new.items.get(code="2.1").pk).update(code="1.7")
    assert "1.7" not in changes(new)


def test_without_a_link_the_same_words_are_the_same_item():
    new = new_version(publish=False)
    ItemRelation.objects.all().delete()
    CatalogueItem.objects.filter(pk=new.items.get(code="2.1").pk).update(
        name="thiết bị  thông minh xử lý AI tại biên."
    )
    assert changes(new) == {"1.7": "renumbered", "1.8": "removed", "4.1": "removed", "4.2": "removed"}


def test_an_item_linked_to_another_though_not_as_its_successor_was_removed():
    new = new_version(publish=False)
    ItemRelation.objects.update(successor=False)
    assert set(changes(new).values()) == {"removed"}


def test_an_item_that_was_left_out_is_removed_though_a_new_one_has_its_words():
    """All that read what changed say so: who is affected, and the comparison of the versions."""
    new = new_version(publish=False)
    old = CatalogueFactory().items.get(code="1.7")
    ItemRelation.objects.filter(item=old).delete()
    assert changes(new)["1.7"] == "renumbered"
    ItemRemoval.objects.create(catalogue=new, item=old, added_on=NOW.date())
    assert changes(new)["1.7"] == "removed"
    rows = {row.before[0].code: row.changes for row in compare(new.replaces, new).rows if row.before}
    assert rows["1.7"] == ("removed",)


def test_a_public_list_names_no_item_of_a_restricted_one():
    new = new_version(publish=False)
    unpublish(new.replaces.slug, restricted=True)
    assert not predecessors(new).exists()
    new.restricted = True
    assert predecessors(new).exists()


def test_a_number_that_the_source_does_not_give_does_not_change():
    new = new_version(publish=False)
    CatalogueItem.objects.filter(pk=new.items.get(code="2.1").pk).update(code="x1")
    assert "1.7" not in changes(new)


def test_a_list_of_another_kind_that_was_repealed_ended_as_a_whole():
    repealed = InstrumentFactory(number="19/2021/TT-BTTTT")
    new = CatalogueFactory()
    Instrument.objects.filter(pk=repealed.pk).update(replaced_by=new.instrument)
    old = CatalogueFactory(slug="tt-19-2021", family="key-it", instrument=repealed)
    assert list(predecessors(new)) == [old]
    link(old.items.get(code="1.8"), new.items.get(code="1.7"), successor=False)
    found = changed_items(new)
    assert {one.change for one in found.values()} == {Change.ENDED}
    after = {one.before.code: [item.code for item in one.after] for one in found.values()}
    assert after == {"1.7": [], "1.8": ["1.7"], "4.1": [], "4.2": []}
