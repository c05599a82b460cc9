"""What is loaded says what the sources say, word for word and item by item."""

import re

import pytest

from catalogs.models import (
    Catalogue,
    CatalogueItem,
    GroupKind,
    Instrument,
    Mark,
    Programme,
    ProgrammePartKind,
    SectorMark,
)
from catalogs.wording import is_same, under_one_name
from tests.catalogs import sources

pytestmark = pytest.mark.usefixtures("loaded")


def groups_of(slug: str, kind: str) -> list[tuple[str, str]]:
    groups = Catalogue.objects.get(slug=slug).groups.filter(kind=kind).order_by("position")
    return list(groups.values_list("code", "name"))


def items_of(slug: str, *fields: str) -> list[tuple]:
    return list(Catalogue.objects.get(slug=slug).items.order_by("position").values_list(*fields))


def test_tt_31_has_the_groups_of_its_annex():
    printed = [(n, name) for n, name in sources.numbered_pairs("tt-31-2025-phu-luc.txt") if "." not in n]
    assert len(printed) == 10
    assert groups_of("tt-31-2025", GroupKind.PRODUCT) == printed


def test_tt_31_has_the_items_of_its_annex_with_their_codes_as_printed():
    printed = [(n, name) for n, name in sources.numbered_pairs("tt-31-2025-phu-luc.txt") if "." in n]
    assert len(printed) == 35
    assert items_of("tt-31-2025", "printed_code", "name") == printed


def test_the_code_of_a_tt_31_item_is_the_printed_one_without_a_full_stop_at_its_end():
    for code, printed, group in items_of("tt-31-2025", "code", "printed_code", "group__code"):
        assert code == printed.rstrip(".")
        assert code.split(".")[0] == group
    assert ("3.1", "3.1.") in items_of("tt-31-2025", "code", "printed_code")


def test_qd_1131_has_the_groups_and_products_of_appendix_i():
    printed = sources.numbered_groups("qd-1131-2025-phu-luc-1.txt")
    assert len(printed) == 11
    assert groups_of("qd-1131-2025", GroupKind.TECHNOLOGY) == [(number, name) for number, name, _ in printed]
    expected = [(f"{g}.{n}", "", name) for g, _, products in printed for n, name in enumerate(products, 1)]
    assert len(expected) == 35
    assert items_of("qd-1131-2025", "code", "printed_code", "name") == expected


def test_appendix_ii_keeps_its_sectors_its_note_and_what_it_shows_of_row_6():
    source = sources.lines("qd-1131-2025-phu-luc-2.txt")
    catalogue = Catalogue.objects.get(slug="qd-1131-2025")
    first = source.index("Khoa học, Công nghệ, Chuyển đổi số")
    sectors = list(catalogue.sectors.order_by("position").values_list("name", flat=True))
    assert sectors == source[first : first + 10]
    assert f"Ghi chú: {catalogue.sectors_note}" == source[-1]
    assert catalogue.sectors_title.upper() == source[0]
    row_6 = source[source.index("Công nghệ chip bán dẫn.") + 1 :]
    marks = row_6[: row_6.index("7")]
    assert marks == ["x"] * 7
    shown = dict(catalogue.groups.values_list("code", "sectors_marked"))
    assert shown.pop("6") == len(marks)
    assert set(shown.values()) == {None}


def test_every_cell_of_appendix_ii_is_unknown_and_none_says_no():
    marks = SectorMark.objects.filter(group__catalogue__slug="qd-1131-2025")
    assert marks.count() == 11 * 10
    assert set(marks.values_list("mark", flat=True)) == {Mark.UNKNOWN}
    assert set(Mark.values) == {"marked", "unknown"}


def test_qd_21_has_ten_groups_of_technologies_two_of_products_and_thirty_products():
    technologies, first, second = [], [], []
    for line in sources.lines("qd-21-2026.txt"):
        if line.startswith("Nhóm"):
            filled = technologies if line == "Nhóm công nghệ:" else first if line.startswith("Nhóm 1") else second
            continue
        filled.append(tuple(line.split(" ", 1)))
    assert [len(part) for part in (technologies, first, second)] == [10, 22, 8]
    assert groups_of("qd-21-2026", GroupKind.TECHNOLOGY) == technologies
    assert items_of("qd-21-2026", "printed_code", "name") == first + second
    groups = [group for (group,) in items_of("qd-21-2026", "group__code")]
    assert groups == ["1"] * 22 + ["2"] * 8


def test_the_groups_of_products_of_qd_21_are_named_as_in_the_source():
    headings = [line for line in sources.lines("qd-21-2026.txt") if re.match(r"Nhóm \d", line)]
    for (code, name), heading in zip(groups_of("qd-21-2026", GroupKind.PRODUCT), headings, strict=True):
        assert f"Nhóm {code}, {name[0].lower()}{name[1:]}:" == heading


def test_no_product_of_qd_21_is_said_to_belong_to_a_technology():
    assert not CatalogueItem.objects.filter(catalogue__slug="qd-21-2026", group__kind=GroupKind.TECHNOLOGY).exists()


def test_tt_19_has_the_thirteen_known_items_without_numbers():
    words = {"ĐTDĐ": "điện thoại di động", "ATTTM": "an toàn thông tin mạng", " & ": " và "}
    expected = []
    for line in sources.lines("tt-19-2021.txt"):
        for short, long in words.items():
            line = line.replace(short, long)
        expected.append(line[0].upper() + line[1:])
    assert len(expected) == 13
    items = CatalogueItem.objects.filter(catalogue__slug="tt-19-2021").order_by("position")
    assert [item.name for item in items] == expected
    assert {(item.printed_code, item.shown_code) for item in items} == {("", "")}


def test_what_is_not_sure_says_so():
    sure = {c.slug: (c.verified, c.complete) for c in Catalogue.objects.all()}
    assert sure == {
        "tt-31-2025": (True, True),
        "qd-1131-2025": (True, True),
        "qd-21-2026": (False, True),
        "tt-19-2021": (False, False),
    }
    guessed = Instrument.objects.get(number="3418/QĐ-BKHCN")
    assert not guessed.verified
    assert "suy luận" in guessed.source_note
    assert "suy luận" in Programme.objects.get().note


@pytest.mark.parametrize(
    ("number", "fixture"),
    [("31/2025/TT-BKHCN", "tt-31-2025-dieu.txt"), ("1131/QĐ-TTg", "qd-1131-2025-dieu.txt")],
)
def test_the_articles_of_an_instrument_are_all_there_in_its_words(number, fixture):
    rebuilt, article = [], ""
    for provision in Instrument.objects.get(number=number).provisions.order_by("position"):
        if provision.article != article:
            article = provision.article
            rebuilt.append(f"Điều {article}. {provision.heading}")
        clause = provision.key.partition(".")[2]
        rebuilt.append(f"{clause}. {provision.text}" if clause else provision.text)
        assert provision.citation == (f"khoản {clause} " if clause else "") + f"Điều {article}"
    assert " ".join(" ".join(rebuilt).split()) == sources.joined(fixture)


def test_the_programme_is_all_there_in_its_words():
    parts = Programme.objects.get(slug="cong-nghe-cao-2030").parts.order_by("position")
    headings = {
        ProgrammePartKind.OBJECTIVE: "I. MỤC TIÊU",
        ProgrammePartKind.CONTENT: "II. NỘI DUNG",
        ProgrammePartKind.OUTPUT: "III. DỰ KIẾN SẢN PHẨM",
        ProgrammePartKind.INDICATOR: "IV. CHỈ TIÊU ĐÁNH GIÁ",
    }
    rebuilt, kind = [], ""
    for part in parts.filter(kind__in=headings):
        if part.kind != kind:
            kind = part.kind
            rebuilt.append(headings[kind])
        rebuilt += [_mark(part.code), _with_title(part), part.text]
    source = sources.joined("chuong-trinh-cong-nghe-cao.txt")
    assert " ".join(" ".join(rebuilt).split()) == source[source.index("I. MỤC TIÊU") :]


def _mark(code: str) -> str:
    """How the annex begins the part: "II.2.1.đ" as "đ)", "II.2.1" as "2.1.", "IV.3" as "3."."""
    last = code.split(".")[-1]
    return f"{code.split('.', 1)[1]}." if last.isdigit() else f"{last})"


def _with_title(part) -> str:
    in_a_sentence = part.title.startswith("Trong ")
    return f"{part.title}:" if in_a_sentence else part.title


def test_the_programme_names_its_fields_sectors_and_targets():
    parts = Programme.objects.get().parts.order_by("position")
    source = sources.joined("chuong-trinh-cong-nghe-cao.txt")
    fields = [part.text for part in parts.filter(kind=ProgrammePartKind.FIELD)]
    assert len(fields) == 4
    assert f"gồm: {', '.join(f.lower() for f in fields[:3])} và {fields[3].lower()}" in source
    sectors = [(part.code, part.text) for part in parts.filter(kind=ProgrammePartKind.SECTOR)]
    assert [code for code, _ in sectors] == ["a", "b", "c", "d", "đ", "e", "g"]
    for code, name in sectors:
        assert re.search(rf" {code}\) Trong {name[0].lower()}{name[1:]}: ", source)
    targets = parts.filter(kind=ProgrammePartKind.INDICATOR).values_list("target", flat=True)
    assert list(targets) == [50, 70, 100, 30, 70, 50]
    assert parts.get(kind=ProgrammePartKind.OUTPUT, code="III.2").target == 30


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hạ tầng mạng Blockchain", "Hạ tầng mạng chuỗi khối"),
        ("Bản sao số (Digital Twin)", "bản sao số"),
        ("Nền tảng IoT", "Nền tảng Internet vạn vật"),
    ],
)
def test_what_two_instruments_call_differently_is_compared_under_one_name(one, other):
    assert under_one_name(one) == under_one_name(other)
    assert not is_same(one, other)


def test_a_name_within_a_word_is_left_alone():
    assert under_one_name("Patriot, biotech") == "patriot biotech"
