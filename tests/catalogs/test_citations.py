"""Finding in texts which article of which instrument they cite."""

import pytest

from catalogs.citations import Citation, Use, citations_in, nearest, uses_of
from catalogs.models import Provision


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Khoản 3 Điều 4 Thông tư số 31/2025/TT-BKHCN", [("31/2025/TT-BKHCN", "4.3")]),
        ("điểm a khoản 2 Điều 6 Nghị định số 118/2025/NĐ-CP", [("118/2025/NĐ-CP", "6.2.a")]),
        ("Điều 16, Điều 17 Nghị định số 118/2025/NĐ-CP", [("118/2025/NĐ-CP", "16"), ("118/2025/NĐ-CP", "17")]),
        ("khoản 1 và 2 Điều 3", []),
        ("Điều 3 của Thông tư 31/2025/TT-BKHCN.", [("31/2025/TT-BKHCN", "3")]),
        ("NĐ 118/2025 Đ17.1.c: in writing", [("118/2025", "17.1.c")]),
        ("Thông tư số 31/2025/TT-BKHCN", []),
        ("", []),
        ("Điều " * 10_000, []),
    ],
)
def test_citations_are_read_as_people_write_them(text, found):
    assert [(one.number, one.key) for one in citations_in(text)] == found


def test_a_place_is_named_as_the_law_names_it():
    assert [str(Citation("1/2025", key)) for key in ("4", "4.3", "17.2.c")] == [
        "Điều 4",
        "khoản 3 Điều 4",
        "điểm c khoản 2 Điều 17",
    ]


def test_a_number_without_its_issuer_means_the_instrument_and_none_that_only_begins_so():
    use = Use(Citation("118/2025", "21"), "", "")
    assert uses_of("118/2025/NĐ-CP", [use]) == [use]
    assert uses_of("118/20251/NĐ-CP", [use]) == []


def test_what_is_cited_belongs_to_the_provision_in_which_it_stands():
    article, clause = Provision(key="17"), Provision(key="17.2")
    assert nearest("17.2.c", [article, clause]) is clause
    assert nearest("17.3", [article, clause]) is article
    assert nearest("18", [article, clause]) is None
