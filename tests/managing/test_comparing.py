"""What changed between two versions, item by item and word by word."""

import pytest

from catalogs.loading import load
from catalogs.managing.comparing import Difference, compare
from catalogs.models import Catalogue, CatalogueGroup, CatalogueItem
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


def groups_of(comparison) -> dict[str, tuple[str, ...]]:
    return {
        "+".join(g.code for g in row.before) + ">" + "+".join(g.code for g in row.after): row.changes
        for row in comparison.groups
    }


def test_each_kind_of_change_is_told():
    made = ready(by=manager())
    comparison = compare(made.replaces, made)
    assert changes(comparison) == {
        "1.7>1.1": (Difference.RENUMBERED,),
        "1.8>1.2": (Difference.RENAMED, Difference.RENUMBERED),
        ">1.3": (Difference.ADDED,),
        "4.1>2.1+2.2": (Difference.SPLIT,),
        "4.2>": (Difference.REMOVED,),
    }
    assert not comparison.by_wording
    assert groups_of(comparison) == {}


def test_items_in_one_place_of_several_are_merged_and_moves_between_groups_are_told():
    text = f"""{HEADER}
1\tTrí tuệ nhân tạo\t1.8\tThiết bị và camera AI\t\t1.7, 1.8
1\tTrí tuệ nhân tạo\t4.2\tPhần mềm nền tảng IoT
4\tMạng viễn thông\t4.1\tThiết bị mạng viễn thông 5G
"""
    made = draft(by=manager(), content=text)
    comparison = compare(made.replaces, made)
    assert changes(comparison) == {
        "1.7+1.8>1.8": (Difference.MERGED,),
        "4.2>4.2": (Difference.MOVED,),
        "4.1>4.1": (Difference.UNCHANGED,),
    }
    assert groups_of(comparison) == {"4>4": ("renamed",)}


def test_lists_that_nobody_linked_are_compared_by_the_same_words():
    before = CatalogueFactory()
    after = CatalogueFactory(slug="moi", instrument=InstrumentFactory(number="9/2027/TT-BKHCN"))
    with rewording(after):
        after.items.filter(code="4.2").update(name="Khác hẳn", search_text=" khac han")
    comparison = compare(before, after)
    assert comparison.by_wording
    assert comparison.counts == {Difference.UNCHANGED: 3, Difference.ADDED: 1, Difference.REMOVED: 1}


def test_comparing_asks_the_database_little(django_assert_num_queries):
    made = ready(by=manager())
    before = made.replaces
    with django_assert_num_queries(6):
        compare(before, made)


# --- which group is which ----------------------------------------------------------------------------


def list_of(slug: str, groups: list[str], items: list[tuple[int, str]] = ()) -> Catalogue:
    """A list with these groups, numbered in their order, and items as (number of the group, wording)."""
    catalogue = CatalogueFactory(
        slug=slug, items=False, stage="draft", instrument=InstrumentFactory(number=f"{slug}/2027/TT-BKHCN")
    )
    made = [
        CatalogueGroup.objects.create(catalogue=catalogue, code=str(n), name=name, position=n)
        for n, name in enumerate(groups, start=1)
    ]
    for n, (group, name) in enumerate(items):
        CatalogueItem.objects.create(
            catalogue=catalogue, group=made[group - 1], code=f"{group}.{n + 1}", name=name, position=n
        )
    return catalogue


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        # A group that is put in front renumbers the others and changes none of them.
        (["Robot", "Chip bán dẫn"], ["Đường sắt", "Robot", "Chip bán dẫn"], {">1": ("added",)}),
        (["Robot", "Chip bán dẫn"], ["Chip bán dẫn", "Robot"], {}),
        (["Robot", "Chip bán dẫn"], ["Chip bán dẫn"], {"1>": ("removed",)}),
        # Nearly the same words under another number, and other words under the same one.
        (
            ["Robot", "Năng lượng, vật liệu tiên tiến"],
            ["Công nghệ năng lượng và vật liệu mới, tiên tiến", "An ninh mạng"],
            {"2>1": ("renamed",), ">2": ("added",), "1>": ("removed",)},
        ),
        (["An ninh mạng"], ["Công nghệ sinh học"], {">1": ("added",), "1>": ("removed",)}),
        (
            ["Trí tuệ nhân tạo và chuỗi khối", "Robot"],
            ["Trí tuệ nhân tạo", "Robot", "Chuỗi khối"],
            {"1>1+3": ("split",)},
        ),
        (
            ["Trí tuệ nhân tạo", "Robot", "Chuỗi khối"],
            ["Robot", "Trí tuệ nhân tạo và chuỗi khối"],
            {"1+3>2": ("merged",)},
        ),
        # Of several of one name the number decides.
        (["Khác", "Khác"], ["Khác", "Khác"], {}),
        (["Công nghệ", "Các"], ["Công nghệ", "Và"], {">2": ("added",), "2>": ("removed",)}),
        ([], ["Robot"], {">1": ("added",)}),
        (["Robot"], [], {"1>": ("removed",)}),
    ],
)
def test_groups_are_paired_by_their_words_and_by_the_number_only_between_equals(before, after, said):
    assert groups_of(compare(list_of("a", before), list_of("b", after))) == said


def test_a_group_that_holds_the_same_items_is_the_same_under_any_name():
    before = list_of("a", ["Mạng", "Robot"], [(1, "Mạng lõi 5G"), (1, "Sợi quang"), (2, "Robot hàn")])
    after = list_of("b", ["Robot", "Viễn thông"], [(2, "Mạng lõi 5G"), (2, "Sợi quang"), (1, "Robot hàn")])
    comparison = compare(before, after)
    assert groups_of(comparison) == {"1>2": ("renamed",)}
    assert comparison.counts == {Difference.RENUMBERED: 3}


def test_items_that_nobody_linked_are_paired_if_they_say_nearly_the_same():
    before = list_of("a", ["Mạng"], [(1, "Thiết bị mạng lõi 5G"), (1, "Sợi quang"), (1, "Robot hàn vỏ tủ điện")])
    after = list_of("b", ["Mạng"], [(1, "Sợi quang"), (1, "Thiết bị, giải pháp mạng lõi 5G"), (1, "Vắc xin")])
    assert changes(compare(before, after)) == {
        "1.2>1.1": (Difference.RENUMBERED,),
        "1.1>1.2": (Difference.RENAMED, Difference.RENUMBERED),
        "1.3>": (Difference.REMOVED,),
        ">1.3": (Difference.ADDED,),
    }


def test_of_several_items_of_one_wording_the_number_decides():
    before = list_of("a", ["A"], [(1, "Khác"), (1, "Robot"), (1, "Khác")])
    after = list_of("b", ["A"], [(1, "Vắc xin"), (1, "Robot"), (1, "Khác"), (1, "Khác")])
    found = changes(compare(before, after))
    assert found["1.3>1.3"] == (Difference.UNCHANGED,)
    assert found["1.1>1.4"] == (Difference.RENUMBERED,)


def test_the_groups_of_qd_21_are_told_as_a_careful_person_tells_them():
    """Both lists read side by side.

    Kept under another number: robots (5 → 3) and aerospace (11 → 9); chips keep theirs too (6). With other words:
    mobile networks without "5G/6G" (4 → 2), biology (7 → 4), energy and materials (8 → 5), cyber security with quantum
    (10 → 7), the deep sea without rare earths (9 → 8). Artificial intelligence (1) and the cloud (2) became one group
    of digital technologies; so did blockchain (3), which is "chuỗi khối" there. New are
    railways (10) and the two groups of products. The quantum part of group 2 went to 7, which is not told: a group is
    shown where most of it went.
    """
    load()
    before, after = (Catalogue.objects.get(slug=slug) for slug in ("qd-1131-2025", "qd-21-2026"))
    told = compare(before, after).groups
    assert [
        (row.changes, [f"{g.kind} {g.code}" for g in row.before], [f"{g.kind} {g.code}" for g in row.after])
        for row in told
    ] == [
        (("merged",), ["technology 1", "technology 2", "technology 3"], ["technology 1"]),
        (("renamed",), ["technology 4"], ["technology 2"]),
        (("renamed",), ["technology 7"], ["technology 4"]),
        (("renamed",), ["technology 8"], ["technology 5"]),
        (("renamed",), ["technology 10"], ["technology 7"]),
        (("renamed",), ["technology 9"], ["technology 8"]),
        (("added",), [], ["technology 10"]),
        (("added",), [], ["product 1"]),
        (("added",), [], ["product 2"]),
    ]
    # That products stand in no group of technologies any more is said there, and of no item.
    assert compare(before, after).counts[Difference.MOVED] == 0
