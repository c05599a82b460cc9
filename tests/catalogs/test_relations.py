"""How items of different lists stand to each other, and what became of them."""

from datetime import date

import pytest

from accounts.models import User
from catalogs.loading import load
from catalogs.models import Catalogue, CatalogueItem, ItemRelation, RelationKind, Stage
from catalogs.relations import elsewhere, history, related_items, related_to
from catalogs.wording import differences
from tests.factories import unpublish

DAY = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def lists(loaded):
    return loaded


def item(catalogue: str, code: str) -> CatalogueItem:
    return CatalogueItem.objects.select_related("catalogue").get(catalogue__slug=catalogue, code=code)


def public():
    return Catalogue.objects.public()


def places(related) -> list[tuple[str, str, str]]:
    return [(one.item.catalogue.slug, one.item.code, str(one.kind)) for one in related]


def restrict(slug: str) -> None:
    unpublish(slug, restricted=True)


def test_a_relation_is_told_in_both_directions():
    assert ("qd-21-2026", "1", "narrower") in places(related_items(item("tt-31-2025", "1.2"), among=public()))
    assert ("tt-31-2025", "1.2", "broader") in places(related_items(item("qd-21-2026", "1"), among=public()))


def test_the_newest_list_comes_first_and_in_it_the_closest_item():
    found = places(related_items(item("tt-31-2025", "8.2"), among=public()))
    assert found == [
        ("qd-21-2026", "9", "overlaps"),
        ("qd-1131-2025", "10.1", "broader"),
        ("qd-1131-2025", "10.2", "overlaps"),
        ("tt-19-2021", "x13", "same"),
    ]


def test_what_stands_in_a_list_that_one_may_not_see_is_not_told():
    restrict("qd-21-2026")
    assert not any(
        slug == "qd-21-2026" for slug, _c, _k in places(related_items(item("tt-31-2025", "1.2"), among=public()))
    )
    old = item("qd-1131-2025", "6.1")
    assert [version.catalogue.slug for version in history(old, among=public())] == ["qd-1131-2025"]
    assert elsewhere([item("tt-31-2025", "6.1").pk], on=DAY, besides=item("tt-31-2025", "6.1").catalogue) == []


def test_a_restricted_list_is_no_version_of_the_public_one_for_the_cleared_either():
    restrict("qd-21-2026")
    everything = Catalogue.objects.published()
    assert [v.catalogue.slug for v in history(item("qd-1131-2025", "1.1"), among=everything)] == ["qd-1131-2025"]


def test_relations_of_many_items_cost_one_query(django_assert_num_queries):
    ids = list(CatalogueItem.objects.order_by("pk").values_list("pk", flat=True))
    with django_assert_num_queries(1):
        assert len(related_to(ids, among=public())) > 90


# --- history ---


def test_an_item_is_followed_to_what_it_became():
    first, second = history(item("qd-1131-2025", "7.1"), among=public())
    assert (first.change, [s.item.code for s in first.stands]) == ("first", ["7.1"])
    assert (second.change, [s.item.code for s in second.stands]) == ("split", ["10", "14"])


def test_an_item_is_followed_back_to_what_became_it():
    first, second = history(item("qd-21-2026", "7"), among=public())
    assert [s.item.code for s in first.stands] == ["5.1", "5.2"]
    assert second.change == "merged"


@pytest.mark.parametrize(
    ("catalogue", "code", "changes"),
    [
        ("qd-1131-2025", "1.6", ["first", "gone"]),
        ("qd-21-2026", "8", ["absent", "new"]),
        ("qd-1131-2025", "1.5", ["first", "renamed"]),
        ("tt-31-2025", "1.1", ["first"]),
    ],
)
def test_each_version_says_how_it_changed(catalogue, code, changes):
    assert [version.change for version in history(item(catalogue, code), among=public())] == changes


def test_what_nobody_has_linked_is_said_to_be_unlinked():
    ItemRelation.objects.filter(successor=True).delete()
    assert [v.linked for v in history(item("qd-1131-2025", "1.1"), among=public())] == [True, False]


def test_a_history_costs_two_queries(django_assert_num_queries):
    one = item("qd-21-2026", "1")
    with django_assert_num_queries(2):
        history(one, among=public())


def test_a_circle_of_successors_ends():
    """Nothing lets one arise but a hand in the database; even then a page is answered."""
    old, new = item("qd-1131-2025", "5.1"), item("qd-21-2026", "7")
    ItemRelation.objects.create(
        item=new, other=old, kind=RelationKind.SAME, successor=True, origin="tests", added_on=DAY
    )
    assert len(history(old, among=public())) == 2


def test_wordings_are_compared_word_by_word_whatever_their_capitals():
    pieces = differences("Bản sao số (Digital Twin).", "Nền tảng bản sao số")
    assert [(piece.kind, piece.text.strip()) for piece in pieces] == [
        ("in", "Nền tảng"),
        ("same", "bản sao số"),
        ("out", "(Digital Twin)"),
    ]
    assert [piece.kind for piece in differences("Trợ lý ảo.", "Trợ lý ảo")] == ["same"]
    assert differences("", "") == ()


# --- what a product may fall under besides ---


def test_a_product_may_fall_under_other_lists_in_force_with_their_procedures():
    one = item("tt-31-2025", "1.2")
    (other,) = elsewhere([one.pk], on=DAY, besides=one.catalogue)
    assert other.catalogue.slug == "qd-21-2026"
    assert places(other.related) == [("qd-21-2026", "1", "narrower")]
    assert [procedure.slug for procedure, _d in other.procedures] == ["cong-nghe-chien-luoc"]
    (before,) = elsewhere([one.pk], on=date(2026, 6, 30), besides=one.catalogue)
    assert before.catalogue.slug == "qd-1131-2025"


def test_an_item_that_several_lead_to_is_named_once_by_the_closest():
    chosen = [item("tt-31-2025", code) for code in ("8.2", "8.3", "8.4")]
    (other,) = elsewhere([one.pk for one in chosen], on=DAY, besides=chosen[0].catalogue)
    assert places(other.related) == [("qd-21-2026", "9", "same")]


def test_nothing_chosen_costs_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert elsewhere([], on=DAY, besides=Catalogue(pk=1)) == []


# --- loading ---


def test_a_relation_that_a_person_has_made_stands_beside_the_files(wording):
    person = User.objects.create(email="danh-muc@bo.example")
    old, new = item("qd-1131-2025", "1.6"), item("qd-21-2026", "3")
    ItemRelation.objects.create(
        item=old, other=new, kind=RelationKind.OVERLAPS, origin="tay", added_on=DAY, added_by=person
    )
    # The same two items as in the files, said the other way round.
    theirs = ItemRelation.objects.get(item=item("tt-31-2025", "6.1"), other=item("qd-21-2026", "23"))
    one, other = theirs.item, theirs.other
    theirs.delete()
    ItemRelation.objects.create(
        item=other, other=one, kind=RelationKind.NARROWER, origin="tay", added_on=DAY, added_by=person
    )
    load(wording)
    assert ItemRelation.objects.filter(added_by=person).count() == 2
    assert not ItemRelation.objects.filter(item=one, other=other).exists()
    assert load(wording).unchanged()


def test_a_draft_shows_up_nowhere():
    unpublish("qd-21-2026", stage=Stage.DRAFT)
    assert [v.catalogue.slug for v in history(item("qd-1131-2025", "1.1"), among=public())] == ["qd-1131-2025"]
    assert not any(p[0] == "qd-21-2026" for p in places(related_items(item("tt-31-2025", "1.2"), among=public())))
