"""Finding an item without typing diacritics, by its number, or by another way to say it."""

from datetime import date

import pytest
from django.utils import translation

from catalogs.loading import load
from catalogs.models import Catalogue, CatalogueItem, ItemAlias
from catalogs.search import ALIAS_HITS_MAX, items_found, references_found, search, search_text, spans, words_of

DAY = date(2026, 11, 18)


def public():
    return Catalogue.objects.public()


def found(query: str) -> list[tuple[str, str]]:
    return [(one.catalogue.slug, hit.item.code) for one in search(query, on=DAY, among=public()) for hit in one.hits]


@pytest.mark.parametrize(
    "query",
    ["điện toán đám mây", "dien toan dam may", "DIEN TOAN DAM MAY", "Đien toan đam mây", "  dien,toan  (dam) may "],
)
@pytest.mark.usefixtures("loaded")
def test_diacritics_case_and_punctuation_do_not_matter(query):
    assert {("tt-31-2025", "2.2"), ("qd-21-2026", "4"), ("qd-1131-2025", "2.1")} <= set(found(query))


@pytest.mark.usefixtures("loaded")
def test_decomposed_and_composed_text_find_the_same():
    assert found("trợ lý ảo") == found("tro\u031b\u0323 ly\u0301 a\u0309o") != []


@pytest.mark.usefixtures("loaded")
def test_a_number_finds_the_items_that_bear_it():
    assert found("1.8")[0] == ("tt-31-2025", "1.8")
    assert ("tt-31-2025", "3.1") in found("3.1.")
    assert ("tt-31-2025", "3.1") in found("3.1")
    assert found("22")[0] == ("qd-21-2026", "22")


@pytest.mark.usefixtures("loaded")
def test_the_handle_of_an_unnumbered_item_is_no_number():
    assert ("tt-19-2021", "x3") not in found("x3")


@pytest.mark.usefixtures("loaded")
def test_a_word_begins_a_word_and_does_not_hide_in_one():
    codes = found("ai")
    assert ("tt-31-2025", "1.8") in codes  # camera AI
    assert ("tt-31-2025", "7.1") not in codes  # vệ tinh viễn thám: "tinh", "tam" hold no word that begins so
    assert all(
        " ai" in item.search_text + item.group.search_text
        for item in CatalogueItem.objects.select_related("group")
        if (item.catalogue.slug, item.code) in codes
    )


@pytest.mark.usefixtures("loaded")
def test_every_word_must_be_there():
    assert ("tt-31-2025", "5.1") in found("robot tự hành")
    assert ("tt-31-2025", "5.2") not in found("robot tự hành")


@pytest.mark.usefixtures("loaded")
def test_lists_in_force_come_before_history():
    slugs = [one.catalogue.slug for one in search("camera", on=DAY, among=public())]
    assert slugs == ["qd-21-2026", "tt-31-2025", "tt-19-2021"]
    assert [one.catalogue.slug for one in search("trợ lý ảo", on=date(2026, 6, 30), among=public())][:2] == [
        "tt-31-2025",
        "qd-1131-2025",
    ]


@pytest.mark.usefixtures("loaded")
def test_another_way_to_say_it_finds_the_item_and_says_so():
    item = CatalogueItem.objects.get(catalogue__slug="tt-31-2025", code="1.2")
    ItemAlias.objects.create(
        item=item,
        text="Chatbot chăm sóc khách hàng bé nhỏ",
        language="vi",
        origin="tests",
        added_on=DAY,
        search_text=search_text("Chatbot chăm sóc khách hàng bé nhỏ"),
    )
    hits = [hit for one in search("cham soc khach hang be nho", on=DAY, among=public()) for hit in one.hits]
    assert [(hit.item, hit.alias) for hit in hits] == [(item, "Chatbot chăm sóc khách hàng bé nhỏ")]
    marked = [hits[0].alias[start:end] for start, end in hits[0].alias_spans]
    assert marked == ["chăm", "sóc", "khách", "hàng", "bé", "nhỏ"]


@pytest.mark.parametrize("query", ["", " ", "()", "%", "_", "'; DROP TABLE", "\x00", "🤖", "zzzz", "%%%" * 4000])
@pytest.mark.usefixtures("loaded")
def test_strange_input_finds_nothing_and_breaks_nothing(query):
    assert found(query) == []


@pytest.mark.usefixtures("loaded")
def test_huge_input_is_cut_and_costs_no_more_queries(django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        hits = found("camera " * 100_000)
    assert hits == found("camera")


@pytest.mark.usefixtures("loaded")
def test_a_wildcard_is_a_character():
    assert found("5g%") == found("5g") != []


def test_spans_point_into_the_text_as_it_is_written():
    text = "Điện toán ĐÁM mây; đám đông"
    assert [text[start:end] for start, end in spans(text, ["dam", "dien"])] == ["Điện", "ĐÁM", "đám"]
    decomposed = "ti\u00ean tie\u0302n"
    assert [decomposed[start:end] for start, end in spans(decomposed, ["tien"])] == ["tiên", "tie\u0302n"]
    assert spans("", ["a"]) == ()


def test_words_are_folded_and_without_punctuation():
    assert words_of("Bản sao số (Digital Twin), 5G/6G") == ["ban", "sao", "so", "digital", "twin", "5g", "6g"]


def test_the_ways_to_say_it_that_the_product_brings_find_what_no_name_holds(db):
    load()
    hits = {one.catalogue.slug: one.hits for one in search("chatbot", on=DAY, among=public())}
    assert hits["tt-31-2025"][0].item.code == "1.2"
    assert "chatbot" in hits["tt-31-2025"][0].alias.lower()
    assert all(len([h for h in of_list if h.alias]) <= ALIAS_HITS_MAX for of_list in hits.values())
    assert load().unchanged()


def test_a_name_comes_before_another_way_to_say_it(db):
    load()
    for one in search("camera", on=DAY, among=public()):
        by_alias = [bool(hit.alias) for hit in one.hits]
        assert by_alias == sorted(by_alias)


@pytest.mark.parametrize("query", ["bán dẫn", "ban dan", "BAN  DAN"])
def test_the_name_of_a_group_finds_its_items_after_those_named_so(db, query):
    load()
    hits = {one.catalogue.slug: one.hits for one in search(query, on=DAY, among=public())}["tt-31-2025"]
    codes = [hit.item.code for hit in hits]
    # Of the other, the name has “ban hành” and “dẫn dắt”; none of which some wording has “bán hàng” and “hướng dẫn”.
    assert codes == ["6.1", "9.1"]
    of_group = next(hit for hit in hits if hit.item.code == "6.1")
    assert [of_group.item.group.name[start:end] for start, end in of_group.group_spans] == ["bán", "dẫn"]


@pytest.mark.parametrize("query", ["vi mạch", "vi mach", "UAV", "chip vi mạch"])
def test_a_word_that_only_other_ways_to_say_it_hold_finds_the_item(db, query):
    load()
    hits = {one.catalogue.slug: one.hits for one in search(query, on=DAY, among=public())}["tt-31-2025"]
    assert hits[0].item.code == ("7.3" if query == "UAV" else "6.1")
    assert not any("machine" in hit.alias for hit in hits)


def test_the_short_name_finds_what_the_long_one_does(db):
    load()
    short = set(found("UAV"))
    assert {one for one in found("may bay khong nguoi lai") if one[0] == "tt-31-2025"} <= short


def test_words_may_stand_apart_in_the_names_of_item_and_group(db):
    load()
    assert items_found(Catalogue.objects.get(slug="tt-31-2025"), "chip bán dẫn") >= set(
        CatalogueItem.objects.filter(catalogue__slug="tt-31-2025", group__code="6").values_list("pk", flat=True)
    )


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("cloud computing services", ("tt-31-2025", "2.2")),
        ("Digital Twin platform", ("qd-21-2026", "3")),
        ("carbon capture and storage", ("qd-21-2026", "21")),
        ("drones", ("tt-31-2025", "7.3")),
        ("SMALL MODULAR nuclear", ("qd-21-2026", "27")),
    ],
)
@pytest.mark.usefixtures("loaded")
def test_english_finds_the_translation(query, place):
    assert place in found(query)


@pytest.mark.parametrize("query", ["an", "in", "and", "the of", "to"])
@pytest.mark.usefixtures("loaded")
def test_small_words_of_the_translations_are_not_searched(query):
    hits = [hit for one in search(query, on=DAY, among=public()) for hit in one.hits]
    assert not any(hit.english_spans for hit in hits)


@pytest.mark.usefixtures("loaded")
def test_a_name_on_the_list_to_which_an_item_refers_finds_the_item():
    hits = {one.catalogue.slug: one.hits for one in search("sàn dữ liệu", on=DAY, among=public())}["tt-31-2025"]
    assert [(hit.item.code, hit.alias, hit.entry) for hit in hits if hit.entry] == [("9.1", "Sàn dữ liệu", True)]
    assert [[e.name for e in entries] for _list, entries in references_found("san du lieu")] == [["Sàn dữ liệu"]]
    assert [[e.name for e in entries] for _list, entries in references_found("data exchange")] == [["Sàn dữ liệu"]]


@pytest.mark.parametrize("query", ["", "🤖", "\u202e\u202e", "%", "()", "\x00", "ا" * 5000, "zz " * 100_000])
@pytest.mark.usefixtures("loaded")
def test_strange_input_finds_no_reference_either(query):
    assert references_found(query) == []


@pytest.mark.usefixtures("loaded")
def test_marks_of_right_to_left_text_do_not_hide_a_word():
    assert found("\u202ecamera\u202c") == found("camera") != []


@pytest.fixture
def armoured(loaded):
    """Two items that are called alike but for a tone."""
    items = {item.code: item for item in CatalogueItem.objects.filter(catalogue__slug="tt-31-2025")}
    for code, text in (
        ("1.2", "xe tầng"),
        ("1.3", "thiết bị xe tăng cỡ lớn"),
        ("1.4", "xe nâng hàng lên cao ốc nhiều tầng"),
    ):
        ItemAlias.objects.create(
            item=items[code], text=text, language="vi", origin="tests", added_on=DAY, search_text=search_text(text)
        )
    return items


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("xe tăng", ["1.3"]),
        ("XE TĂNG", ["1.3"]),
        ("xe ta\u0306ng", ["1.3"]),  # decomposed
        ("xe tầng", ["1.2"]),
        ("xe tang", ["1.2", "1.3"]),  # not the one with the words apart
        ("xe tạng", ["1.2", "1.3"]),  # nothing is written so: what is alike
    ],
)
def test_typed_diacritics_lead_to_what_is_written_so(armoured, query, codes):
    assert [code for slug, code in found(query) if slug == "tt-31-2025"] == codes


def test_the_tone_may_stand_on_either_vowel(armoured):
    text = "dây chuyền hoá vàng thuỷ tinh"
    ItemAlias.objects.create(
        item=armoured["1.5"], text=text, language="vi", origin="tests", added_on=DAY, search_text=search_text(text)
    )
    assert ("tt-31-2025", "1.5") in found("hóa vàng thủy tinh")


def test_words_scattered_over_several_other_ways_find_nothing(armoured):
    for text in ("zorb blax", "quux frob"):
        ItemAlias.objects.create(
            item=armoured["1.5"], text=text, language="en", origin="tests", added_on=DAY, search_text=search_text(text)
        )
    assert found("zorb quux") == found("zorb blax quux") == []
    assert found("blax zorb") == [("tt-31-2025", "1.5")]


def test_another_way_to_say_it_is_shown_in_the_reader_s_language(armoured):
    for text, language in (("zorb unit", "en"), ("thiết bị zorb cầm tay", "vi")):
        ItemAlias.objects.create(
            item=armoured["1.5"], text=text, language=language, origin="t", added_on=DAY, search_text=search_text(text)
        )
    for language, text in (("vi", "thiết bị zorb cầm tay"), ("en", "zorb unit")):
        with translation.override(language):
            [[hit]] = [one.hits for one in search("zorb", on=DAY, among=public())]
        assert (hit.alias, hit.alias_language) == (text, language)
