"""What changed between two versions, item by item and word by word."""

import pytest

from catalogs.managing.comparing import Change, compare
from catalogs.wording import Piece, differences, is_same
from tests.factories import CatalogueFactory, InstrumentFactory, rewording
from tests.managing.builders import HEADER, draft, manager, ready

pytestmark = pytest.mark.django_db


def test_wordings_are_compared_by_whole_words():
    assert differences("Camera AI và phần mềm", "Camera AI, phần mềm phân tích") == (
        Piece("same", "Camera AI"),
        Piece("out", " và"),
        Piece("in", ","),
        Piece("same", " phần mềm"),
        Piece("in", " phân tích"),
    )


def test_neighbouring_changes_are_read_as_one():
    assert differences("Vắc xin thế hệ mới", "Vắc xin dùng cho người") == (
        Piece("same", "Vắc xin "),
        Piece("out", "thế hệ mới"),
        Piece("in", "dùng cho người"),
    )


@pytest.mark.parametrize(("before", "after"), [("", "Một"), ("Một", ""), ("a" * 3000, "b c" * 1000), ("x", "x")])
def test_any_two_wordings_can_be_put_together_again(before, after):
    pieces = differences(before, after)
    assert "".join(p.text for p in pieces if p.kind != "in") == before
    assert "".join(p.text for p in pieces if p.kind != "out") == after


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("Trợ lý ảo.", "trợ  lý ảo;", True),
        ("Trợ lý ảo", "Tro\u031b\u0323 lý ảo", True),  # composed and decomposed
        ("Trợ lý ảo", "Trợ lý, ảo", False),
        ("Má", "Ma", False),
    ],
)
def test_a_wording_is_the_same_exactly_if_no_difference_is_shown(before, after, same):
    assert is_same(before, after) is same
    assert all(piece.kind == "same" for piece in differences(before, after)) is same


def changes(comparison) -> dict[str, tuple]:
    return {
        "+".join(i.code for i in row.before) + ">" + "+".join(i.code for i in row.after): row.changes
        for row in comparison.rows
    }


def test_each_kind_of_change_is_told():
    made = ready(by=manager())
    comparison = compare(made.replaces, made)
    assert changes(comparison) == {
        "1.7>1.1": (Change.RENUMBERED,),
        "1.8>1.2": (Change.RENAMED, Change.RENUMBERED),
        ">1.3": (Change.ADDED,),
        "4.1>2.1+2.2": (Change.SPLIT,),
        "4.2>": (Change.REMOVED,),
    }
    assert not comparison.by_wording
    assert [row.before.name if row.before else row.after.name for row in comparison.groups] == []


def test_items_in_one_place_of_several_are_merged_and_moves_between_groups_are_told():
    text = f"""{HEADER}
1\tTrí tuệ nhân tạo\t1.8\tThiết bị và camera AI\t\t1.7, 1.8
1\tTrí tuệ nhân tạo\t4.2\tPhần mềm nền tảng IoT
4\tMạng viễn thông\t4.1\tThiết bị mạng viễn thông 5G
"""
    made = draft(by=manager(), content=text)
    comparison = compare(made.replaces, made)
    assert changes(comparison) == {
        "1.7+1.8>1.8": (Change.MERGED,),
        "4.2>4.2": (Change.MOVED,),
        "4.1>4.1": (Change.UNCHANGED,),
    }
    (group,) = comparison.groups
    assert (group.before.name, group.after.name) == ("Mạng và kết nối", "Mạng viễn thông")


def test_lists_that_nobody_linked_are_compared_by_the_same_words():
    before = CatalogueFactory()
    after = CatalogueFactory(slug="moi", instrument=InstrumentFactory(number="9/2027/TT-BKHCN"))
    with rewording(after):
        after.items.filter(code="4.2").update(name="Khác hẳn", search_text=" khac han")
    comparison = compare(before, after)
    assert comparison.by_wording
    assert comparison.counts == {Change.UNCHANGED: 3, Change.ADDED: 1, Change.REMOVED: 1}


def test_comparing_asks_the_database_little(django_assert_num_queries):
    made = ready(by=manager())
    before = made.replaces
    with django_assert_num_queries(6):
        compare(before, made)
