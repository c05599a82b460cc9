"""Every kind of broken data file names its place."""

import json

import pytest

from catalogs.datafiles import InvalidData
from catalogs.reading import read

LIST = "catalogues/tt-31-2025.json"
OLD_LIST = "catalogues/qd-1131-2025.json"
LAW = "instruments/thong-tu-31-2025-tt-bkhcn.json"
PROCEDURE = "procedures/cong-nghe-so-trong-diem.json"
PROGRAMME = "programmes/cong-nghe-cao-2030.json"


def put(path: str, value):
    """An edit that sets the value at a path like groups.0.items.1.code."""

    def edit(content):
        *way, last = path.split(".")
        for step in way:
            content = content[int(step) if step.isdigit() else step]
        content[int(last) if last.isdigit() else last] = value

    return edit


def define(path: str, value):
    """The same, in the first revision of a procedure."""
    return put(f"revisions.0.definition.{path}", value)


def drop(path: str):
    def edit(content):
        *way, last = path.split(".")
        for step in way:
            content = content[int(step) if step.isdigit() else step]
        del content[last]

    return edit


MISTAKES = [
    # lists
    (
        LIST,
        put("groups.0.items.1.code", "1.1"),
        "groups[0].items[1].code: code “1.1” stands twice, first at groups[0].items[0].code",
    ),
    (LIST, put("groups.1.code", "1"), "groups[1].code: group “product 1” stands twice, first at groups[0].code"),
    (LIST, put("groups.1.kind", "sector"), "groups[1].kind: “sector” is none of product, technology"),
    (LIST, drop("groups.2.name"), "groups[2].name: is missing"),
    (LIST, drop("groups"), "groups: a list needs at least one group with an item"),
    (LIST, put("groups.0.items.0.name", "  "), "groups[0].items[0].name: is empty"),
    (LIST, put("groups.0.items.0.name", "Trợ lý "), "groups[0].items[0].name: begins or ends with white space"),
    (LIST, put("groups.0.items.0.name", "a\u0301"), "groups[0].items[0].name: is not composed Unicode (NFC)"),
    (LIST, put("groups.0.items.0.title", "x"), "groups[0].items[0]: unknown key “title”"),
    (LIST, put("groups.0.items.0", "Trợ lý ảo"), "groups[0].items[0]: an object is expected, found text"),
    (LIST, put("groups.0.items", {}), "groups[0].items: a list is expected, found an object"),
    (LIST, put("groups.0.items.0.code", "1.1.1.1.1.1"), "groups[0].items[0].code: has 11 characters, 10 fit"),
    (
        LIST,
        put("groups.8.items.0.references", ["99/QĐ"]),
        "groups[8].items[0].references[0]: there is no instrument “99/QĐ”",
    ),
    (LIST, put("effective_to", "2025-12-31"), "effective_to: 2025-12-31 is not after 2026-01-01"),
    (
        LIST,
        put("effective_from", "01/01/2026"),
        "effective_from: a day like 2026-01-31 is expected, found '01/01/2026'",
    ),
    (LIST, put("effective_from", 2026), "effective_from: a day like 2026-01-31 is expected, found 2026"),
    (LIST, put("effective_from", None), "effective_from: a day like 2026-01-31 is expected, found None"),
    (LIST, put("instrument", "32/2025/TT-BKHCN"), "instrument: there is no instrument “32/2025/TT-BKHCN”"),
    (LIST, put("family", "toys"), "family: “toys” is none of key-digital, key-it, strategic"),
    (LIST, put("complete", "yes"), "complete: true or false is expected, found text"),
    (LIST, put("slug", "tt-31"), "slug: “tt-31” is not the file's name"),
    (
        OLD_LIST,
        put("effective_to", "2026-08-01"),
        "effective_from: on 2026-07-01 the list of catalogues/qd-1131-2025.json is still in",
    ),
    (OLD_LIST, put("effective_to", None), "the list of catalogues/qd-1131-2025.json is still in force"),
    (
        OLD_LIST,
        put("groups.5.sectors_marked", 11),
        "groups[5].sectors_marked: 11 does not fit 10 sectors and their marks",
    ),
    (
        OLD_LIST,
        put("groups.5.sectors_marked", -1),
        "groups[5].sectors_marked: a whole number is expected, found a number",
    ),
    (OLD_LIST, put("groups.5.marked_sectors", ["Biển"]), "groups[5].marked_sectors: there is no sector “Biển”"),
    (OLD_LIST, put("sectors.1", "Y tế"), "sectors[9]: sector “Y tế” stands twice, first at sectors[1]"),
    (
        "catalogues/tt-19-2021.json",
        put("groups.0.items.0.printed_code", "1"),
        "printed_code: the code “x1” says that the source gives no number",
    ),
    # instruments
    (LAW, put("replaced_by", "99/2027/TT-BKHCN"), "replaced_by: there is no instrument “99/2027/TT-BKHCN”"),
    (
        LAW,
        put("number", "1131/QĐ-TTg"),
        "number: instrument “1131/QĐ-TTg” stands twice, first at instruments/quyet-dinh-1131-qd-ttg.json",
    ),
    (LAW, put("effective_to", "2025-01-01"), "effective_to: 2025-01-01 is not after 2026-01-01"),
    (LAW, put("provisions.1.key", "1"), "provisions[1].key: provision “1” stands twice, first at provisions[0].key"),
    (LAW, put("provisions.1.text", 4), "provisions[1].text: text is expected, found a number"),
    (LAW, put("kind", "letter"), "kind: “letter” is none of circular, decision, decree, law, programme"),
    (LAW, drop("verified"), "verified: true or false is expected, found nothing"),
    # programmes
    (
        PROGRAMME,
        put("parts.1.code", "I.1"),
        "parts[1].code: part “objective I.1” stands twice, first at parts[0].code",
    ),
    (PROGRAMME, put("parts.1.kind", "wish"), "parts[1].kind: “wish” is none of"),
    (PROGRAMME, put("instrument", "x"), "instrument: there is no instrument “x”"),
    # procedures
    (PROCEDURE, put("revisions.0.number", 2), "revisions: revisions are numbered from 1 without a gap, found [2]"),
    (PROCEDURE, put("revisions", []), "revisions: revisions are numbered from 1 without a gap, found []"),
    (
        PROCEDURE,
        put("position", 2),
        "position: position “2” stands twice, first at procedures/cong-nghe-chien-luoc.json: position",
    ),
    (
        PROCEDURE,
        define("legal_basis.0.instrument", "x"),
        "revisions[0].definition.legal_basis[0]: there is no instrument “x”",
    ),
    (
        PROCEDURE,
        define("catalogue_day", "2020-01-01"),
        "revisions[0].definition.catalogue_day: no list of “key-digital” is in force on 2020-01-01",
    ),
    (
        PROCEDURE,
        define("catalogue_day", "mai"),
        "revisions[0].definition: procedure.catalogue_day: expected a day like 2026-01-31, found 'mai'",
    ),
    (PROCEDURE, define("catalogue_family", "toys"), "procedure.catalogue_family: unknown family “toys”"),
    (PROCEDURE, define("sections", {}), "procedure.sections: expected a list, found dict"),
    (
        PROCEDURE,
        define("outcomes.granted.articles", [{"a": 1}]),
        "procedure.outcomes.granted.articles[0]: expected text, found dict",
    ),
    (LIST, put("note", "x\0"), "note: holds U+0000, which no database keeps"),
    (PROCEDURE, define("sections.0.questions.0.type", "colour"), "question product_name: unknown type “colour”"),
    (PROCEDURE, define("sections.0.questions.1.key", "product_name"), "question “product_name” stands twice"),
    (PROCEDURE, define("sections.0.key", "Sản phẩm"), "“Sản phẩm” is no key"),
    (PROCEDURE, define("sections.1.key", "san-pham"), "section “san-pham” stands twice"),
    (PROCEDURE, define("documents.2.condition.question", "colour"), "tieu-chuan: there is no question “colour”"),
    (PROCEDURE, define("deadlines.0.unit", "weeks"), "deadline acceptance: 8 weeks"),
    (PROCEDURE, drop("revisions.0.definition.deadlines"), "missing 1 required positional argument: 'deadlines'"),
    (PROCEDURE, define("outcomes", []), "procedure.outcomes: expected an object, found list"),
    (PROCEDURE, define("outcomes.granted.subject", "{colour}"), "outcomes.granted: unknown placeholder {colour}"),
    (PROCEDURE, define("outcomes.granted.subject", "{title"), "outcomes.granted: "),
    (
        PROCEDURE,
        define("outcomes.granted.valid_until", "released_on"),
        "outcomes.granted: “released_on” is no date that everybody must give",
    ),
    (PROCEDURE, define("statements", []), "a self-certification needs at least one statement"),
    (PROCEDURE, define("applicant_kinds", ["robot"]), "procedure.applicant_kinds: unknown kind"),
]


@pytest.mark.parametrize("slug", ["tim", "doi-chieu"])
def test_no_list_takes_the_address_of_another_page(folder, slug):
    content = json.loads((folder / LIST).read_text(encoding="utf-8")) | {"slug": slug}
    (folder / "catalogues" / f"{slug}.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InvalidData, match=f"slug: “{slug}” is the address of another page"):
        read(folder)


@pytest.mark.parametrize(("name", "edit", "message"), MISTAKES, ids=[message for _, _, message in MISTAKES])
def test_a_mistake_is_named_by_file_and_place(folder, name, edit, message):
    path = folder / name
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(InvalidData) as refusal:
        read(folder)
    assert message in str(refusal.value)
    assert str(refusal.value).startswith(("catalogues/", "instruments/", "procedures/", "programmes/"))


def test_broken_json_is_named_by_line_and_column(folder):
    path = folder / LIST
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[4] = lines[4].rstrip(",")
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InvalidData, match=r"^catalogues/tt-31-2025\.json: line 6, column 3: Expecting ',' delimiter"):
        read(folder)


def test_an_empty_file_is_named(folder):
    (folder / LIST).write_text("", encoding="utf-8")
    with pytest.raises(InvalidData, match=r"^catalogues/tt-31-2025\.json: line 1, column 1: "):
        read(folder)


def test_bytes_that_are_not_utf_8_are_named(folder):
    (folder / LIST).write_bytes(b'{"slug": "\xff"}')
    with pytest.raises(InvalidData, match=r"^catalogues/tt-31-2025\.json: byte 10: not UTF-8"):
        read(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n "slug": "a",\n "title": "",\n "slug": "b"\n}', "line 4: the key “slug” stands twice in one object"),
        ('{\n "a": [1,\n {"slug": 1,\n "b": {},\n "slug": 2}\n]}', "line 5: the key “slug” stands twice"),
        (f'{{\n "a": 1,\n "b": {"1" * 5000}\n}}', "line 3: a number has too many digits"),
        ('{"a":\n' + "[" * 100_000 + "]" * 100_000 + "}", "line 2: too many objects and lists in each other"),
        ('{"a":\n' + '{"a":' * 100_000, "line 2: too many objects and lists in each other"),
    ],
    ids=["key twice", "key twice further in", "digits", "lists", "objects"],
)
def test_what_json_allows_and_no_data_file_holds_is_named_by_its_line(folder, text, message):
    (folder / LIST).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidData) as refusal:
        read(folder)
    assert str(refusal.value).startswith(f"{LIST}: {message}")


@pytest.mark.parametrize(
    ("edit", "looked_for", "message"),
    [
        (put("groups.2.name", 7), '"name": 7', "groups[2].name: text is expected, found a number"),
        (put("groups.2.items.1.references", ["x"]), '"x"', "groups[2].items[1].references[0]: there is no instrument"),
        (put("groups.2.colour", "red"), '"colour": "red"', "groups[2]: unknown key “colour”"),
        (put("colour", "red"), '"colour": "red"', "unknown key “colour”"),
        (put("groups.1", {"kind": "product"}), '"kind": "product"\n', "groups[1].code: is missing"),
        (put("groups.1.items.0", "text"), '"text"', "groups[1].items[0]: an object is expected, found text"),
        (put("slug", "x"), '"slug": "x"', "slug: “x” is not the file's name"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_value_is_named_by_its_line_too(folder, edit, looked_for, message):
    path = folder / LIST
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    text = json.dumps(content, ensure_ascii=False, indent=1)
    path.write_text(text, encoding="utf-8")
    line = text[: text.index(looked_for)].count("\n") + 1
    if "is missing" in message:
        line -= 1  # what is missing is missing from the object, which begins a line earlier
    with pytest.raises(InvalidData) as refusal:
        read(folder)
    assert str(refusal.value).startswith(f"{LIST}: line {line}: {message}")


def test_half_of_a_character_is_named_where_nothing_else_reads_the_text(folder):
    path = folder / PROCEDURE
    content = json.loads(path.read_text("utf-8"))
    content["revisions"][0]["definition"]["summary"] = "x\ud800"
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(InvalidData, match=r"definition\.summary: holds U\+D800, which no database keeps"):
        read(folder)


def test_a_mistake_in_a_text_too_deep_to_find_it_in_is_named_by_its_place(folder):
    (folder / LIST).write_text('{"slug": ' + "[" * 600 + "]" * 600 + "}", encoding="utf-8")
    with pytest.raises(InvalidData, match=r"^catalogues/tt-31-2025\.json: slug: text is expected, found a list$"):
        read(folder)


def test_a_folder_without_data_is_refused(tmp_path):
    with pytest.raises(InvalidData, match="there are no instruments"):
        read(tmp_path)
