"""Data files that say more of the lists than their wording: relations between items, translations, reference lists.

Read by `catalogs.reading`, after the lists themselves; they are guidance and help, never the wording of the law.
"""

from collections import deque
from datetime import date
from pathlib import Path
from typing import Any

from catalogs.datafiles import InvalidData, Node, Unique, read_file, read_folder
from catalogs.models import INVERSE, RelationKind

# An item: the slug of its list and its code.
Place = tuple[str, str]
Relations = dict[tuple[Place, Place], dict[str, Any]]


# --- relations -------------------------------------------------------------------------------------


def read_relations(root: Path, catalogues: dict[str, dict[str, Any]]) -> Relations:
    """How items of two lists stand to each other, by the two places.

    A file that has `without_successor` speaks of a list and of the one that follows it: each item of the old one has a
    successor there or stands under that key, and each of the new one has a predecessor or stands under
    `without_predecessor`, so that none is forgotten.
    """
    found: Relations = {}
    where: dict[tuple[Place, Place], Node] = {}
    once = Unique("relation")
    for node in read_folder(root, "relations"):
        node.only(
            *("item_list", "other_list", "origin", "added_on", "relations"),
            *("without_successor", "without_predecessor"),
        )
        one, other = (_list(node, key, catalogues) for key in ("item_list", "other_list"))
        if Path(node.file).stem != f"{one}--{other}":
            raise node.error(f"the file is not named “{one}--{other}”")
        common = {"origin": node.text("origin", most=60), "added_on": node.day("added_on"), "note": ""}
        for row in node.each("relations"):
            row.only("item", "other", "kind", "successor", "note")
            pair = _item(row, "item", one, catalogues), _item(row, "other", other, catalogues)
            if pair[0] == pair[1]:
                raise row.at("other").error("an item is not related to itself")
            # In whichever direction: the inverse of what was said before would be a second word on the same matter.
            once(row, f"{min(pair)[1]} – {max(pair)[1]} of {min(pair)[0]} and {max(pair)[0]}")
            found[pair] = {
                **common,
                "kind": row.one_of("kind", RelationKind.values),
                "successor": row.flag("successor") if "successor" in row.value else False,
                "note": row.text("note", blank=True),
            }
            where[pair] = row
            if found[pair]["successor"]:
                _check_successor(row, catalogues[one], catalogues[other])
        if "without_successor" in node.value or "without_predecessor" in node.value:
            _check_nobody_is_forgotten(node, one, other, catalogues, found)
    _check_no_circle(found, where)
    return found


def _list(node: Node, key: str, catalogues: dict[str, Any]) -> str:
    slug = node.text(key)
    if slug not in catalogues:
        raise node.at(key).error(f"there is no list “{slug}”")
    return slug


def _codes(catalogue: dict[str, Any]) -> list[str]:
    return [item["code"] for group in catalogue["groups"] for item in group["items"]]


def _item(node: Node, key: str, slug: str, catalogues: dict[str, Any]) -> Place:
    code = node.text(key)
    if code not in _codes(catalogues[slug]):
        raise node.at(key).error(f"the list “{slug}” has no item “{code}”")
    return slug, code


def _check_successor(node: Node, before: dict[str, Any], after: dict[str, Any]) -> None:
    if before["family"] != after["family"]:
        raise node.at("successor").error("a successor is in a list of the same family")
    if after["effective_from"] <= before["effective_from"]:
        raise node.at("successor").error("a successor is in a list that takes effect later")


def _check_nobody_is_forgotten(
    node: Node, before: str, after: str, catalogues: dict[str, dict[str, Any]], found: Relations
) -> None:
    links = [pair for pair, values in found.items() if values["successor"]]
    for key, slug, linked in (
        ("without_successor", before, {old[1] for old, new in links if (old[0], new[0]) == (before, after)}),
        ("without_predecessor", after, {new[1] for old, new in links if (old[0], new[0]) == (before, after)}),
    ):
        once, codes = Unique("item"), _codes(catalogues[slug])
        named = {once(n, n.as_text()): n for n in node.each(key)}
        for code, place in named.items():
            if code not in codes:
                raise place.error(f"the list “{slug}” has no item “{code}”")
            if code in linked:
                raise place.error(f"the item “{code}” of “{slug}” is linked all the same")
        for code in codes:
            if code not in linked and code not in named:
                raise node.at(key).error(f"nothing is said of the item “{code}” of “{slug}”")


def _check_no_circle(found: Relations, where: dict[tuple[Place, Place], Node]) -> None:
    """What is narrower than an item cannot, by way of others, be broader than it or the same."""
    within: dict[Place, set[Place]] = {}
    for (item, other), values in found.items():
        kind = values["kind"]
        if kind in (RelationKind.SAME, RelationKind.NARROWER):
            within.setdefault(item, set()).add(other)
        if kind in (RelationKind.SAME, RelationKind.BROADER):
            within.setdefault(other, set()).add(item)
    for (item, other), values in found.items():
        kind = values["kind"]
        if kind not in INVERSE:
            continue
        small, large = (item, other) if kind == RelationKind.NARROWER else (other, item)
        if _reaches(within, large, small):
            one, other_one = (f"“{code}” of “{slug}”" for slug, code in (large, small))
            raise where[item, other].error(f"a circle: other relations say that {one} is within {other_one}")


def _reaches(within: dict[Place, set[Place]], start: Place, goal: Place) -> bool:
    seen, waiting = {start}, deque([start])
    while waiting:
        for larger in within.get(waiting.popleft(), ()):
            if larger == goal:
                return True
            if larger not in seen:
                seen.add(larger)
                waiting.append(larger)
    return False


# --- translations ----------------------------------------------------------------------------------


def translate(root: Path, catalogues: dict[str, dict[str, Any]]) -> None:
    """Puts the English names of translations/en.json into the groups, items and sectors; what has none stays empty."""
    for catalogue in catalogues.values():
        catalogue["sectors_en"] = {}
        for group in catalogue["groups"]:
            group["name_en"] = ""
            for item in group["items"]:
                item["name_en"] = ""
    path = root / "translations" / "en.json"
    if not path.exists():
        return
    lists = read_file(root, path).only("catalogues").at("catalogues")
    if lists.value is None:
        raise lists.error("is missing")
    lists.only(*lists.value) if isinstance(lists.value, dict) else lists.only()
    for slug in lists.value:
        node = lists.at(slug)
        if slug not in catalogues:
            raise node.error(f"there is no list “{slug}”")
        node.only("groups", "items", "sectors")
        groups = {f"{group['kind']} {group['code']}": group for group in catalogues[slug]["groups"]}
        items = {item["code"]: item for group in groups.values() for item in group["items"]}
        for key, rows in (("groups", groups), ("items", items)):
            if node.at(key).value is None:
                continue
            for code in node.at(key).only(*rows).value:
                rows[code]["name_en"] = node.at(key).text(code)
        if node.at("sectors").value is not None:
            for name in node.at("sectors").only(*catalogues[slug]["sectors"]).value:
                catalogues[slug]["sectors_en"][name] = node.at("sectors").text(name, most=200)


# --- reference lists -------------------------------------------------------------------------------


def read_references(root: Path, instruments: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Lists that an item takes in by naming their instrument, by slug, with who was added and removed when."""
    found: dict[str, dict[str, Any]] = {}
    instrument_once = Unique("reference list of instrument")
    for node in read_folder(root, "references"):
        node.only(
            *("slug", "title", "instrument", "earlier", "announced", "complete", "verified", "note", "source_note"),
            "entries",
        )
        slug = node.text("slug", most=80)
        if slug != Path(node.file).stem:
            raise node.at("slug").error(f"“{slug}” is not the file's name")
        entries = [_entry(entry, instruments) for entry in node.each("entries")]
        announced = node.whole("announced", optional=True)
        held = sum(entry["removed_in"] is None for entry in entries)
        if announced is not None and held > announced:
            raise node.at("announced").error(f"{announced} are announced and {held} listed")
        found[slug] = {
            "title": node.text("title"),
            "instrument": instrument_once(node.at("instrument"), _number(node.at("instrument"), instruments)),
            "earlier": [_number(n, instruments) for n in node.each("earlier")],
            "announced": announced,
            "complete": node.flag("complete"),
            "verified": node.flag("verified"),
            "note": node.text("note", blank=True),
            "source_note": node.text("source_note", blank=True),
            "entries": entries,
        }
        _check_once_at_a_time(node, entries)
    return found


def _number(node: Node, instruments: dict[str, Any]) -> str:
    number = node.as_text()
    if number not in instruments:
        raise node.error(f"there is no instrument “{number}”")
    return number


def _entry(node: Node, instruments: dict[str, Any]) -> dict[str, Any]:
    node.only("name", "name_en", "owner", "added_in", "added_on", "removed_in", "removed_on")
    removed_in, removed_on = node.text("removed_in", blank=True), node.day("removed_on", optional=True)
    added_on = node.day("added_on")
    if bool(removed_in) != bool(removed_on):
        raise node.at("removed_on").error("an entry is removed by a decision on a day: both or neither")
    if removed_on and added_on and removed_on <= added_on:
        raise node.at("removed_on").error(f"{removed_on} is not after {added_on}")
    return {
        "name": node.text("name", most=300),
        "name_en": node.text("name_en", blank=True, most=300),
        "owner": node.text("owner", blank=True, most=200),
        "added_in": _number(node.at("added_in"), instruments),
        "added_on": added_on,
        "removed_in": _number(node.at("removed_in"), instruments) if removed_in else None,
        "removed_on": removed_on,
    }


def _check_once_at_a_time(node: Node, entries: list[dict[str, Any]]) -> None:
    """A name may come back after it was removed, but does not stand twice on the same day."""
    free_from: dict[str, date] = {}
    by_day = sorted(enumerate(entries), key=lambda pair: pair[1]["added_on"])
    for n, entry in by_day:
        if entry["added_on"] < free_from.get(entry["name"], date.min):
            raise InvalidData(f"{node.file}: entries[{n}].name: “{entry['name']}” is already on the list then")
        free_from[entry["name"]] = entry["removed_on"] or date.max
