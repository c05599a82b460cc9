"""Relations, translations and reference lists: what the files may not say, and that ours forget no item."""

import json

import pytest

from catalogs.datafiles import InvalidData
from catalogs.reading import DATA, read

CHAIN = "relations/qd-1131-2025--qd-21-2026.json"
CROSS = "relations/tt-31-2025--qd-21-2026.json"
ENGLISH = "translations/en.json"
REFERENCE = "references/nen-tang-so-dung-chung.json"


def refusal(folder, name: str, edit) -> str:
    path = folder / name
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(InvalidData) as error:
        read(folder)
    assert str(error.value).startswith(f"{name}: ")
    return str(error.value)


def row(n: int, **changes):
    return lambda content: content["relations"][n].update(changes)


def add(**values):
    return lambda content: content["relations"].append({"kind": "overlaps", **values})


@pytest.mark.parametrize(
    ("name", "edit", "message"),
    [
        (CHAIN, lambda c: c.update(item_list="qd-9"), "item_list: there is no list “qd-9”"),
        (CHAIN, lambda c: c.update(other_list="tt-31-2025"), "the file is not named “qd-1131-2025--tt-31-2025”"),
        (CHAIN, row(0, item="99"), "relations[0].item: the list “qd-1131-2025” has no item “99”"),
        (CHAIN, row(0, other="99"), "relations[0].other: the list “qd-21-2026” has no item “99”"),
        (CHAIN, row(0, kind="equal"), "relations[0].kind: “equal” is none of broader, narrower, overlaps, same"),
        (CHAIN, row(0, successor="yes"), "relations[0].successor: true or false is expected"),
        (CHAIN, row(1, item="1.1"), "relations[1]: relation “1.1 – 1 of qd-1131-2025 and qd-21-2026” stands twice"),
        (CHAIN, row(0, remark="x"), "relations[0]: unknown key “remark”"),
        (CHAIN, lambda c: c["without_successor"].remove("1.6"), "nothing is said of the item “1.6” of “qd-1131-2025”"),
        (CHAIN, lambda c: c["without_successor"].append("1.1"), "“1.1” of “qd-1131-2025” is linked all the same"),
        (CHAIN, lambda c: c["without_predecessor"].append("77"), "the list “qd-21-2026” has no item “77”"),
        (CHAIN, lambda c: c["without_predecessor"].append("2"), "item “2” stands twice"),
        (CHAIN, lambda c: c.pop("added_on"), "added_on: a day like 2026-01-31 is expected"),
        (CROSS, row(0, successor=True), "relations[0].successor: a successor is in a list of the same family"),
        # Through QĐ 1131: 8.4 is the same as 10.2 there, which is the same as 9.
        (CROSS, add(item="8.4", other="1", kind="narrower"), None),
        (ENGLISH, lambda c: c["catalogues"].update({"tt-9": {}}), "catalogues.tt-9: there is no list “tt-9”"),
        (ENGLISH, lambda c: c["catalogues"]["tt-31-2025"]["items"].update({"9.9": "x"}), "unknown key “9.9”"),
        (ENGLISH, lambda c: c["catalogues"]["tt-31-2025"]["groups"].update({"product 99": "x"}), "“product 99”"),
        (ENGLISH, lambda c: c["catalogues"]["tt-31-2025"]["items"].update({"1.1": " "}), "items.1.1: is empty"),
        (ENGLISH, lambda c: c.clear(), "catalogues: is missing"),
        (ENGLISH, lambda c: c.update(catalogues=[]), "catalogues: an object is expected, found a list"),
        (REFERENCE, lambda c: c.update(instrument="9/QĐ"), "instrument: there is no instrument “9/QĐ”"),
        (REFERENCE, lambda c: c.update(announced=3), "announced: 3 are announced and 13 listed"),
        (
            REFERENCE,
            lambda c: c["entries"].append(c["entries"][0]),
            "xác thực điện tử” is already on",
        ),
        (REFERENCE, lambda c: c["entries"][0].update(removed_on="2026-01-01"), "both or neither"),
        (
            REFERENCE,
            lambda c: c["entries"][0].update(removed_on="2025-01-01", removed_in="2618/QĐ-BKHCN"),
            "2025-01-01 is not after 2025-09-11",
        ),
        (REFERENCE, lambda c: c["entries"][0].update(added_in="9/QĐ"), "added_in: there is no instrument “9/QĐ”"),
        (REFERENCE, lambda c: c.update(slug="khac"), "slug: “khac” is not the file's name"),
    ],
)
def test_a_mistake_is_named_with_its_place(folder, name, edit, message):
    if message is None:
        path = folder / name
        content = json.loads(path.read_text(encoding="utf-8"))
        edit(content)
        path.write_text(json.dumps(content), encoding="utf-8")
        read(folder)  # an item may be within two others
        return
    assert message in refusal(folder, name, edit)


def write(folder, one: str, other: str, *rows: dict, **more) -> None:
    content = {"item_list": one, "other_list": other, "origin": "tests", "added_on": "2026-11-18", "relations": rows}
    path = folder / "relations" / f"{one}--{other}.json"
    path.write_text(json.dumps({**content, **more}), encoding="utf-8")


def test_an_item_is_not_related_to_itself(folder):
    write(folder, "tt-31-2025", "tt-31-2025", {"item": "1.1", "other": "1.1", "kind": "same"})
    with pytest.raises(InvalidData, match="an item is not related to itself"):
        read(folder)


def test_a_successor_does_not_come_earlier(folder):
    (folder / CHAIN).unlink()
    write(folder, "qd-21-2026", "qd-1131-2025", {"item": "1", "other": "1.1", "kind": "broader", "successor": True})
    with pytest.raises(InvalidData, match="a successor is in a list that takes effect later"):
        read(folder)


def test_the_same_two_items_are_not_related_again_from_the_other_side(folder):
    write(folder, "qd-21-2026", "tt-31-2025", {"item": "1", "other": "1.1", "kind": "broader"})
    with pytest.raises(InvalidData, match=r"relation “1\.1 – 1|relation “1 – 1\.1"):
        read(folder)


def test_relations_do_not_go_round_in_a_circle(folder):
    for path in (folder / "relations").glob("*.json"):
        path.unlink()
    write(folder, "tt-31-2025", "qd-21-2026", {"item": "1.1", "other": "1", "kind": "narrower"})
    write(folder, "qd-21-2026", "tt-19-2021", {"item": "1", "other": "x10", "kind": "same"})
    read(folder)
    write(folder, "tt-19-2021", "tt-31-2025", {"item": "x10", "other": "1.1", "kind": "narrower"})
    with pytest.raises(InvalidData, match="a circle: other relations say"):
        read(folder)


def test_a_name_may_come_back_after_it_was_removed(folder):
    path = folder / REFERENCE
    content = json.loads(path.read_text(encoding="utf-8"))
    first = content["entries"][0]
    again = {**first, "added_on": "2026-09-01"}
    first.update(removed_in="2618/QĐ-BKHCN", removed_on="2026-03-01")
    content["entries"].append(again)
    path.write_text(json.dumps(content), encoding="utf-8")
    assert len(read(folder).references["nen-tang-so-dung-chung"]["entries"]) == 14


def test_without_the_folders_there_is_nothing_besides_the_lists(folder):
    for name in (ENGLISH, REFERENCE, *(f"relations/{p.name}" for p in (folder / "relations").glob("*.json"))):
        (folder / name).unlink()
    data = read(folder)
    assert (data.relations, data.references) == ({}, {})


def test_every_item_and_group_that_the_product_brings_is_translated():
    for slug, catalogue in read(DATA).catalogues.items():
        for group in catalogue["groups"]:
            assert group["name_en"], (slug, group["code"])
            assert all(item["name_en"] for item in group["items"]), slug


def test_the_relations_that_the_product_brings_say_where_they_come_from():
    relations = read(DATA).relations
    assert {values["origin"] for values in relations.values()} == {"Biên soạn nội bộ"}
    assert all(values["note"] for values in relations.values() if values["kind"] == "overlaps")
