"""What the data files say, checked as a whole: numbers that point somewhere, codes that stand once, periods that end.

The folders of catalogs/data: instruments, catalogues, aliases, programmes, procedures; one file each, named after
the slug of what it holds. What `catalogs.related_files` reads stands beside them: relations, translations, references.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from catalogs.datafiles import InvalidData, Node, Unique, read_folder
from catalogs.models import UNNUMBERED, CatalogueFamily, GroupKind, InstrumentKind, ProgrammePartKind
from catalogs.procedures import Definition, InvalidDefinition
from catalogs.related_files import Relations, read_references, read_relations, translate

DATA = Path(__file__).resolve().parent / "data"
NO_END = date.max
# Addresses below /danh-muc/ and /quan-ly/danh-muc/ that are no lists.
RESERVED = frozenset({"tim", "doi-chieu", "moi", "mau"})


@dataclass(frozen=True)
class Data:
    """What the files hold, checked; plain values, with codes and numbers in place of rows."""

    instruments: dict[str, dict[str, Any]]  # by number
    catalogues: dict[str, dict[str, Any]]  # by slug
    aliases: dict[str, dict[str, dict[str, dict[str, Any]]]]  # by catalogue, item, text
    programmes: dict[str, dict[str, Any]]  # by slug
    procedures: dict[str, dict[str, Any]]  # by slug
    relations: Relations  # by the two items, each by catalogue and code
    references: dict[str, dict[str, Any]]  # by slug


def read(root: Path = DATA) -> Data:
    """Raises InvalidData, whose text names the file and the place of the first mistake."""
    instruments = _read_instruments(root)
    catalogues = _read_catalogues(root, instruments)
    translate(root, catalogues)
    return Data(
        instruments=instruments,
        catalogues=catalogues,
        aliases=_read_aliases(root, catalogues),
        programmes=_read_programmes(root, instruments),
        procedures=_read_procedures(root, instruments, catalogues),
        relations=read_relations(root, catalogues),
        references=read_references(root, instruments),
    )


def _read_instruments(root: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    successors: list[tuple[Node, str]] = []
    number_once, slug_once = Unique("instrument"), Unique("slug")
    for node in read_folder(root, "instruments"):
        node.only(
            *("slug", "number", "kind", "title", "issuer", "signer", "signed_on", "effective_from", "effective_to"),
            *("replaced_by", "verified", "source_note", "provisions"),
        )
        number = number_once(node.at("number"), node.text("number", most=60))
        slug_once(node.at("slug"), _slug(node))
        successor = node.text("replaced_by", blank=True)
        if successor:
            successors.append((node.at("replaced_by"), successor))
        provision_once = Unique("provision")
        found[number] = {
            "slug": node.text("slug"),
            "kind": node.one_of("kind", InstrumentKind.values),
            "title": node.text("title"),
            "issuer": node.text("issuer", blank=True, most=200),
            "signer": node.text("signer", blank=True, most=150),
            "signed_on": node.day("signed_on", optional=True),
            **_period(node, optional=True),
            "verified": node.flag("verified"),
            "source_note": node.text("source_note", blank=True),
            "replaced_by": successor,
            "provisions": [
                {
                    "key": provision_once(p.at("key"), p.text("key", most=30)),
                    "citation": p.text("citation", most=100),
                    "heading": p.text("heading", blank=True, most=300),
                    "text": p.text("text"),
                }
                for p in (p.only("key", "citation", "heading", "text") for p in node.each("provisions"))
            ],
        }
    if not found:
        raise InvalidData(f"{root}: there are no instruments in instruments/*.json")
    for node, successor in successors:
        if successor not in found:
            raise node.error(f"there is no instrument “{successor}”")
    return found


def _read_catalogues(root: Path, instruments: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    slug_once = Unique("slug")
    families: dict[str, list[tuple[Node, dict[str, Any]]]] = {}
    for node in read_folder(root, "catalogues"):
        node.only(
            *("slug", "family", "instrument", "title", "effective_from", "effective_to", "complete", "verified"),
            *("replaces", "note", "sectors_title", "sectors_note", "sectors", "groups"),
        )
        slug = slug_once(node.at("slug"), _slug(node))
        if slug in RESERVED:
            raise node.at("slug").error(f"“{slug}” is the address of another page")
        found[slug] = catalogue = {
            "family": node.one_of("family", CatalogueFamily.values),
            "instrument": _instrument(node, "instrument", instruments),
            "title": node.text("title"),
            **_period(node),
            "replaces": node.text("replaces", blank=True),
            "complete": node.flag("complete"),
            "verified": node.flag("verified"),
            "note": node.text("note", blank=True),
            "sectors_title": node.text("sectors_title", blank=True),
            "sectors_note": node.text("sectors_note", blank=True),
            "sectors": _texts(node, "sectors", "sector", most=200),
            "groups": _read_groups(node, instruments),
        }
        _check_marks(node, catalogue)
        families.setdefault(str(catalogue["family"]), []).append((node, catalogue))
    for lists in families.values():
        _check_one_at_a_time(lists)
        _check_what_they_replace(lists, found)
    return found


def _check_what_they_replace(lists: list[tuple[Node, dict[str, Any]]], found: dict[str, dict[str, Any]]) -> None:
    """A list takes the place of an earlier one of its family; so none can come round to itself."""
    for node, catalogue in lists:
        if not catalogue["replaces"]:
            continue
        before = found.get(catalogue["replaces"])
        if before is None or before["family"] != catalogue["family"]:
            raise node.at("replaces").error(f"there is no list “{catalogue['replaces']}” of the same family")
        if before["effective_from"] >= catalogue["effective_from"]:
            raise node.at("replaces").error(f"the list “{catalogue['replaces']}” does not take effect before this one")


def _read_groups(catalogue: Node, instruments: dict[str, Any]) -> list[dict[str, Any]]:
    group_once, item_once = Unique("group"), Unique("code")
    groups = []
    for node in catalogue.each("groups"):
        node.only("kind", "code", "name", "sectors_marked", "marked_sectors", "items")
        kind = node.one_of("kind", GroupKind.values)
        code = node.text("code", most=10)
        group_once(node.at("code"), f"{kind} {code}")
        groups.append(
            {
                "kind": kind,
                "code": code,
                "name": node.text("name"),
                "sectors_marked": node.whole("sectors_marked", optional=True),
                "marked_sectors": _texts(node, "marked_sectors", "sector"),
                "items": [_read_item(item, item_once, instruments) for item in node.each("items")],
            }
        )
    if not any(group["items"] for group in groups):
        raise catalogue.at("groups").error("a list needs at least one group with an item")
    return groups


def _read_item(node: Node, once: Unique, instruments: dict[str, Any]) -> dict[str, Any]:
    node.only("code", "printed_code", "name", "references")
    code = once(node.at("code"), node.text("code", most=10))
    printed = node.text("printed_code", blank=True, most=10)
    if printed and code.startswith(UNNUMBERED):
        raise node.at("printed_code").error(f"the code “{code}” says that the source gives no number")
    return {
        "code": code,
        "printed_code": printed,
        "name": node.text("name"),
        "references": [_known_instrument(n, n.as_text(), instruments) for n in node.each("references")],
    }


def _check_marks(node: Node, catalogue: dict[str, Any]) -> None:
    sectors = catalogue["sectors"]
    for place, group in zip(node.each("groups"), catalogue["groups"], strict=True):
        for sector in group["marked_sectors"]:
            if sector not in sectors:
                raise place.at("marked_sectors").error(f"there is no sector “{sector}”")
        known = group["sectors_marked"]
        if known is not None and not len(group["marked_sectors"]) <= known <= len(sectors):
            raise place.at("sectors_marked").error(f"{known} does not fit {len(sectors)} sectors and their marks")


def _check_one_at_a_time(lists: list[tuple[Node, dict[str, Any]]]) -> None:
    """A dossier's day must pick one list of the family."""
    lists.sort(key=lambda pair: pair[1]["effective_from"])
    for (first_node, first), (node, second) in pairwise(lists):
        if second["effective_from"] < (first["effective_to"] or NO_END):
            raise node.at("effective_from").error(
                f"on {second['effective_from']} the list of {first_node.file} is still in force"
            )


def _read_aliases(root: Path, catalogues: dict[str, Any]) -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
    found: dict[str, dict[str, dict[str, dict[str, Any]]]] = {}
    once = Unique("alias")
    for node in read_folder(root, "aliases"):
        node.only("catalogue", "items", "origin", "added_on")
        slug = node.text("catalogue")
        if slug not in catalogues:
            raise node.at("catalogue").error(f"there is no list “{slug}”")
        codes = {item["code"] for group in catalogues[slug]["groups"] for item in group["items"]}
        items = node.at("items")
        common = {"origin": node.text("origin", most=60), "added_on": node.day("added_on")}
        for code in items.only(*codes).value:
            for alias in items.each(code):
                alias.only("text", "language")
                text = alias.text("text", most=300)
                once(alias.at("text"), (slug, code, text))
                of_item = found.setdefault(slug, {}).setdefault(code, {})
                of_item[text] = {"language": alias.text("language", most=5), **common}
    return found


def _read_programmes(root: Path, instruments: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    slug_once = Unique("slug")
    for node in read_folder(root, "programmes"):
        node.only("slug", "title", "instrument", "note", "parts")
        part_once = Unique("part")
        parts = []
        for part in node.each("parts"):
            part.only("kind", "code", "title", "text", "target")
            kind, code = part.one_of("kind", ProgrammePartKind.values), part.text("code", most=20)
            part_once(part.at("code"), f"{kind} {code}")
            title = part.text("title", blank=True)
            parts.append(
                {
                    "kind": kind,
                    "code": code,
                    "title": title,
                    "text": part.text("text", blank=bool(title)),
                    "target": part.whole("target", optional=True),
                }
            )
        found[slug_once(node.at("slug"), _slug(node))] = {
            "title": node.text("title"),
            "instrument": _instrument(node, "instrument", instruments),
            "note": node.text("note", blank=True),
            "parts": parts,
        }
    return found


def _read_procedures(
    root: Path, instruments: dict[str, Any], catalogues: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    slug_once, position_once = Unique("slug"), Unique("position")
    for node in read_folder(root, "procedures"):
        node.only("slug", "position", "revisions")
        revisions = [_read_revision(revision, instruments, catalogues) for revision in node.each("revisions")]
        numbers = [revision["number"] for revision in revisions]
        if not numbers or numbers != list(range(1, len(numbers) + 1)):
            raise node.at("revisions").error(f"revisions are numbered from 1 without a gap, found {numbers}")
        days = [revision["effective_from"] for revision in revisions]
        if days != sorted(set(days)):
            raise node.at("revisions").error("each revision takes effect later than the one before")
        found[slug_once(node.at("slug"), _slug(node))] = {
            "file": node.file,
            "position": position_once(node.at("position"), node.whole("position")),
            "revisions": revisions,
        }
    return found


def _read_revision(node: Node, instruments: dict[str, Any], catalogues: dict[str, dict[str, Any]]) -> dict[str, Any]:
    node.only("number", "effective_from", "definition")
    raw = node.at("definition")
    try:
        definition = Definition.read(raw.value)
    except InvalidDefinition as error:
        raise raw.error(str(error)) from error
    for place, basis in zip(raw.each("legal_basis"), definition.legal_basis, strict=True):
        if basis.instrument:
            _known_instrument(place, basis.instrument, instruments)
    lists = [c for c in catalogues.values() if c["family"] == definition.catalogue_family]
    if definition.catalogue_family and not lists:
        raise raw.at("catalogue_family").error(f"there is no list of “{definition.catalogue_family}”")
    day = definition.catalogue_day
    if day and not any(c["effective_from"] <= day < (c["effective_to"] or NO_END) for c in lists):
        raise raw.at("catalogue_day").error(f"no list of “{definition.catalogue_family}” is in force on {day}")
    return {
        "number": node.whole("number"),
        "effective_from": node.day("effective_from"),
        "name": definition.name,
        "definition": raw.value,
        "sha256": digest(raw.value),
    }


def digest(definition: dict[str, Any]) -> str:
    """SHA-256 of a definition, whatever the order of its keys and the white space of its file."""
    text = json.dumps(definition, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _slug(node: Node) -> str:
    """The slug, which is also the file's name, so that a file is found by the address of its page."""
    slug = node.text("slug", most=80)
    if slug != Path(node.file).stem:
        raise node.at("slug").error(f"“{slug}” is not the file's name")
    return slug


def _period(node: Node, *, optional: bool = False) -> dict[str, date | None]:
    start, end = node.day("effective_from", optional=optional), node.day("effective_to", optional=True)
    if start and end and end <= start:
        raise node.at("effective_to").error(f"{end} is not after {start}")
    return {"effective_from": start, "effective_to": end}


def _texts(node: Node, key: str, what: str, *, most: int | None = None) -> list[str]:
    once = Unique(what)
    return [once(part, part.as_text(most=most)) for part in node.each(key)]


def _instrument(node: Node, key: str, instruments: dict[str, Any]) -> str:
    return _known_instrument(node.at(key), node.text(key), instruments)


def _known_instrument(node: Node, number: str, instruments: dict[str, Any]) -> str:
    if number not in instruments:
        raise node.error(f"there is no instrument “{number}”")
    return number
