"""From the data files to the database: all of it or nothing, and nothing at all the second time.

Everything is read and checked before the first row is written. What the files no longer hold is removed, except
that an item on which a dossier relies, and a revision of a procedure once loaded, never go away.

A list that is published in the database is read-only there. What is no wording follows the files all the same; where
the files say another wording, loading needs a reason, and records a correction of the list with it. To a list that
people published here nothing comes and nothing goes, and what they said of its successors stays.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.db.models.deletion import ProtectedError

from audit import trail
from catalogs import guards
from catalogs.correcting import close
from catalogs.datafiles import InvalidData, Node
from catalogs.matching import service as matching
from catalogs.models import (
    Catalogue,
    CatalogueGroup,
    CatalogueItem,
    Instrument,
    ItemAlias,
    ItemRelation,
    Mark,
    Procedure,
    ProcedureRevision,
    Programme,
    ProgrammePart,
    Provision,
    ReferenceEntry,
    ReferenceList,
    Sector,
    SectorMark,
    Stage,
    WordingCorrection,
)
from catalogs.reading import DATA, Data, read
from catalogs.search import search_text, search_text_en

DIFFERENCES_SHOWN = 20
_GONE, _NEW = "is gone", "is new"


@dataclass(frozen=True)
class Correction:
    """Why the wording of published lists may change, and when that is done."""

    reason: str
    at: datetime


@dataclass(frozen=True)
class _Wording:
    """Which columns of a table a published list keeps, and to which list a row belongs."""

    columns: frozenset[str]
    list_of: Callable[[Any], int]


# Opened only to find every difference, in a transaction that is taken back.
_UNDONE = Correction("…", datetime(2000, 1, 1, tzinfo=UTC))
_OF_LISTS = _Wording(frozenset(guards.WORDING) | {"effective_to"}, lambda row: row.pk)
_OF_PARTS = _Wording(
    frozenset(column for part in guards.PARTS.values() for column in part.place + part.wording),
    lambda row: row.catalogue_id,
)


@dataclass
class Summary:
    """How many rows of each kind the files hold, and how many were created, changed and removed."""

    held: Counter[str] = field(default_factory=Counter)
    created: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)

    def unchanged(self) -> bool:
        return not any((self.created + self.changed + self.removed).values())

    def lines(self) -> list[str]:
        return [
            f"{kind}: {self.held[kind]}"
            f" ({self.created[kind]} new, {self.changed[kind]} changed, {self.removed[kind]} removed)"
            for kind in self.held
        ]


def load(root: Path = DATA, *, correct: Correction | None = None) -> Summary:
    """Brings the database to what the files say. Raises InvalidData, and then changes nothing.

    Without `correct` that is also raised where the files would change the wording of a published list.
    """
    data = read(root)
    with transaction.atomic():
        summary = _Writer(correct).write(data)
    matching.forget_all()
    return summary


class _Writer:
    """Compares what is wanted with what is there, and writes the difference."""

    def __init__(self, correct: Correction | None) -> None:
        self.summary = Summary()
        self.correct = correct
        self.published: dict[int, str] = {}  # the slugs of the lists that were published before, by id
        self.there: list[Catalogue] = []  # all lists, as they were before
        self.by_people: dict[int, Catalogue] = {}  # of these the ones that did not come with the product
        self.opened: dict[int, WordingCorrection] = {}
        self.differences: list[tuple[int, str]] = []  # to their wording: the list's id, and what

    def write(self, data: Data) -> Summary:
        self.there = list(Catalogue.objects.select_related("instrument").order_by("pk"))
        self.by_people = {row.pk: row for row in self.there if row.published_by_id is not None}
        instruments = self._instruments(data.instruments)
        self._catalogues(data, instruments)
        self._programmes(data.programmes, instruments)
        self._procedures(data.procedures)
        self._references(data.references, instruments)
        return self.summary

    def _instruments(self, wanted: dict[str, dict[str, Any]]) -> dict[str, Instrument]:
        plain = {n: _without(i, "provisions", "replaced_by") for n, i in wanted.items()}
        there = Instrument.objects.filter(restricted=False)
        before = {row.number: row for row in there.order_by("pk")}
        for number, values in plain.items():
            values["drafted"] = False
            row = before.get(number)
            if row and row.replaced_by_id and not wanted[number]["replaced_by"]:
                follower = next((n for n, other in before.items() if other.pk == row.replaced_by_id), "")
                if follower not in wanted:
                    # A list that was published here has ended it, of which the files know nothing.
                    values["effective_to"] = values["effective_to"] or row.effective_to
                    wanted[number]["replaced_by"] = follower
        self._note_signed(before, plain)
        rows = self._sync("instruments", there, "number", plain, remove=False)
        for number, values in wanted.items():
            row = rows[number]
            successor = rows.get(values["replaced_by"]) or before.get(values["replaced_by"])
            if row.replaced_by_id != (successor.pk if successor else None):
                row.replaced_by = successor
                row.save(update_fields=["replaced_by"])
                self.summary.changed["instruments"] += number in before
        self._sync(
            "provisions",
            Provision.objects.filter(instrument__in=rows.values()),
            ("instrument_id", "key"),
            {
                (rows[number].pk, provision["key"]): {**_without(provision, "key"), "position": position}
                for number, values in wanted.items()
                for position, provision in enumerate(values["provisions"], 1)
            },
        )
        return rows

    def _note_signed(self, before: dict[str, Instrument], wanted: dict[str, dict[str, Any]]) -> None:
        """What the files would change of an instrument whose list people published is a difference to that list."""
        for catalogue in self.by_people.values():
            number = catalogue.instrument.number
            for name in sorted(set(guards.SIGNED) & set(wanted.get(number, ()))) if number in before else ():
                was, becomes = getattr(before[number], name), wanted[number][name]
                if was != becomes and before[number].pk == catalogue.instrument_id:
                    self.published[catalogue.pk] = catalogue.slug
                    self._differs(catalogue.pk, f"instruments: “{number}” {name}: “{was}” becomes “{becomes}”")

    def _catalogues(self, data: Data, instruments: dict[str, Instrument]) -> None:
        wanted = {
            slug: {
                **_without(c, "sectors", "sectors_en", "groups", "instrument", "replaces"),
                "instrument_id": instruments[c["instrument"]].pk,
            }
            for slug, c in data.catalogues.items()
        }
        self._respect_what_is_there(data, wanted)
        rows = self._sync("catalogues", Catalogue.objects.all(), "slug", wanted, remove=False, wording=_OF_LISTS)
        self._replacing(data, rows)
        ours = {"catalogue__in": rows.values()}
        sectors = self._sync(
            "sectors",
            Sector.objects.filter(**ours),
            ("catalogue_id", "name"),
            {
                (rows[slug].pk, name): {"name_en": c["sectors_en"].get(name, ""), "position": position}
                for slug, c in data.catalogues.items()
                for position, name in enumerate(c["sectors"], 1)
            },
            wording=_OF_PARTS,
        )
        # Items before groups when rows go away, groups before items when they come: hence in two steps.
        groups = self._sync(
            "groups",
            CatalogueGroup.objects.filter(**ours),
            ("catalogue_id", "kind", "code"),
            {
                (rows[slug].pk, group["kind"], group["code"]): {
                    "name": group["name"],
                    "name_en": group["name_en"],
                    "sectors_marked": group["sectors_marked"],
                    "position": position,
                    "search_text": search_text(group["name"]),
                    "search_text_en": search_text_en(group["name_en"]),
                }
                for slug, c in data.catalogues.items()
                for position, group in enumerate(c["groups"], 1)
            },
            remove=False,
            wording=_OF_PARTS,
        )
        items = self._items(data, rows, groups, instruments)
        self._remove_groups(CatalogueGroup.objects.filter(**ours), groups)
        self._marks(data, rows, groups, sectors)
        self._close_corrections()
        Catalogue.objects.filter(pk__in=[row.pk for row in rows.values() if row.pk not in self.published]).update(
            stage=Stage.PUBLISHED
        )
        self._aliases(data, rows, items)
        self._relations(data, rows, items)

    def _respect_what_is_there(self, data: Data, wanted: dict[str, dict[str, Any]]) -> None:
        """Lists that managers draft or have published stay theirs, and so does the end that they gave to another."""
        for row in self.there:
            if row.slug not in wanted:
                same = [s for s, c in wanted.items() if c["instrument_id"] == row.instrument_id]
                if row.stage == Stage.PUBLISHED and any(wanted[s]["family"] == row.family for s in same):
                    raise InvalidData(f"“{row.slug}” is published here and stands for the same list as “{same[0]}”")
                continue
            if row.stage != Stage.PUBLISHED:
                raise InvalidData(f"“{row.slug}” is being drafted here: publish or delete the draft first")
            self.published[row.pk] = row.slug
            ends = [c.effective_from for c in self.there if c.replaces_id == row.pk and c.stage == Stage.PUBLISHED]
            if row.effective_to in ends:
                given = wanted[row.slug]["effective_to"]
                wanted[row.slug]["effective_to"] = min(given, row.effective_to) if given else row.effective_to

    def _replacing(self, data: Data, rows: dict[str, Any]) -> None:
        for slug, c in data.catalogues.items():
            row, before = rows[slug], rows[c["replaces"]].pk if c["replaces"] else None
            if row.replaces_id == before:
                continue
            if row.pk in self.published:
                self._differs(row.pk, f"replaces: “{c['replaces']}”")
            row.replaces_id = before
            row.save(update_fields=["replaces"])

    def _differs(self, catalogue: int, what: str) -> None:
        """Notes a difference to the wording of a published list, and opens a correction so that it can be written."""
        if catalogue not in self.opened:
            why = self.correct or _UNDONE
            self.opened[catalogue] = WordingCorrection.objects.create(
                catalogue_id=catalogue, reason=why.reason, opened_at=why.at
            )
        self.differences.append((catalogue, what))

    def _close_corrections(self) -> None:
        if self.differences and not self.correct:
            lines = [f"“{self.published[catalogue]}”: {what}" for catalogue, what in self.differences]
            more = [f"and {len(lines) - DIFFERENCES_SHOWN} more"] if len(lines) > DIFFERENCES_SHOWN else []
            raise InvalidData(
                "the files change the wording of published lists; give the reason for a correction (--correct):\n  "
                + "\n  ".join(lines[:DIFFERENCES_SHOWN] + more)
            )
        for catalogue, correction in self.opened.items():
            why = self.correct or _UNDONE
            close(correction, at=why.at)
            found = [what for list_id, what in self.differences if list_id == catalogue]
            data = {"reason": why.reason, "differences": found}
            trail.record(correction.catalogue, "correct_catalogue", by=None, at=why.at, data=data)

    def _items(
        self, data: Data, rows: dict[str, Any], groups: dict[Any, Any], instruments: dict[str, Instrument]
    ) -> dict[Any, CatalogueItem]:
        wanted: dict[Any, dict[str, Any]] = {}
        references: dict[Any, list[str]] = {}
        for slug, catalogue in data.catalogues.items():
            position = 0
            for group in catalogue["groups"]:
                for item in group["items"]:
                    position += 1
                    key = (rows[slug].pk, item["code"])
                    references[key] = item["references"]
                    wanted[key] = {
                        "group_id": groups[rows[slug].pk, group["kind"], group["code"]].pk,
                        "printed_code": item["printed_code"],
                        "name": item["name"],
                        "name_en": item["name_en"],
                        "position": position,
                        "search_text": search_text(item["name"]),
                        "search_text_en": search_text_en(item["name_en"]),
                    }
        items = self._sync(
            "items",
            CatalogueItem.objects.filter(catalogue__in=rows.values()),
            ("catalogue_id", "code"),
            wanted,
            wording=_OF_PARTS,
        )
        through = CatalogueItem.references.through
        self._sync(
            "references",
            through.objects.filter(catalogueitem__in=items.values()),
            ("catalogueitem_id", "instrument_id"),
            {(items[key].pk, instruments[number].pk): {} for key, numbers in references.items() for number in numbers},
        )
        return items

    def _remove_groups(self, there: models.QuerySet, kept: dict[Any, CatalogueGroup]) -> None:
        gone = list(there.exclude(pk__in=[group.pk for group in kept.values()]).order_by("pk"))
        self._note("groups", _OF_PARTS, gone, _GONE)
        self._remove("groups", gone)

    def _marks(self, data: Data, rows: dict[str, Any], groups: dict[Any, Any], sectors: dict[Any, Any]) -> None:
        wanted = {}
        for slug, catalogue in data.catalogues.items():
            pk = rows[slug].pk
            for group in catalogue["groups"]:
                for name in catalogue["sectors"]:
                    mark = Mark.MARKED if name in group["marked_sectors"] else Mark.UNKNOWN
                    key = (groups[pk, group["kind"], group["code"]].pk, sectors[pk, name].pk)
                    wanted[key] = {"mark": str(mark)}
        there = SectorMark.objects.filter(group__in=groups.values())
        lists = {group.pk: group.catalogue_id for group in groups.values()}
        wording = _Wording(_OF_PARTS.columns, lambda mark: lists[mark.group_id])
        self._sync("sector marks", there, ("group_id", "sector_id"), wanted, wording=wording)

    def _aliases(self, data: Data, rows: dict[str, Any], items: dict[Any, CatalogueItem]) -> None:
        wanted = {
            (items[rows[slug].pk, code].pk, text): {**values, "search_text": search_text(text)}
            for slug, by_item in data.aliases.items()
            for code, by_text in by_item.items()
            for text, values in by_text.items()
        }
        of_items = ItemAlias.objects.filter(item__in=items.values())
        # Where a catalogue manager has given the item the same alias, theirs stands.
        for key in of_items.exclude(added_by=None).values_list("item_id", "text"):
            wanted.pop(key, None)
        self._sync("aliases", of_items.filter(added_by=None), ("item_id", "text"), wanted)

    def _relations(self, data: Data, rows: dict[str, Any], items: dict[Any, CatalogueItem]) -> None:
        wanted = {
            (items[rows[one[0]].pk, one[1]].pk, items[rows[other[0]].pk, other[1]].pk): values
            for (one, other), values in data.relations.items()
        }
        # Where a catalogue manager has related the same two items, in whichever direction, that stands; and what
        # becomes of the items of one version in the next, where people published that.
        of_people = Q(successor=True, other__catalogue__in=self.by_people)
        kept = {item.pk for item in items.values() if item.catalogue_id in self.by_people}
        wanted = {pair: values for pair, values in wanted.items() if not (values["successor"] and pair[1] in kept)}
        theirs = ItemRelation.objects.filter(~Q(added_by=None) | of_people, item__in=items.values())
        for one, other in theirs.values_list("item_id", "other_id"):
            wanted.pop((one, other), None)
            wanted.pop((other, one), None)
        there = ItemRelation.objects.filter(item__in=items.values(), added_by=None).exclude(of_people)
        self._sync("relations", there, ("item_id", "other_id"), wanted)

    def _references(self, wanted: dict[str, dict[str, Any]], instruments: dict[str, Instrument]) -> None:
        plain = {
            slug: {**_without(r, "entries", "earlier", "instrument"), "instrument_id": instruments[r["instrument"]].pk}
            for slug, r in wanted.items()
        }
        rows = self._sync("reference lists", ReferenceList.objects.all(), "slug", plain)
        through = ReferenceList.earlier.through
        self._sync(
            "earlier instruments",
            through.objects.filter(referencelist__in=rows.values()),
            ("referencelist_id", "instrument_id"),
            {(rows[slug].pk, instruments[number].pk): {} for slug, r in wanted.items() for number in r["earlier"]},
        )
        self._sync(
            "reference entries",
            ReferenceEntry.objects.filter(reference_list__in=rows.values()),
            ("reference_list_id", "name", "added_on"),
            {
                (rows[slug].pk, entry["name"], entry["added_on"]): {
                    **_without(entry, "name", "added_in", "added_on", "removed_in"),
                    "added_in_id": instruments[entry["added_in"]].pk,
                    "removed_in_id": entry["removed_in"] and instruments[entry["removed_in"]].pk,
                    "position": position,
                    "search_text": search_text(f"{entry['name']} {entry['name_en']}"),
                }
                for slug, r in wanted.items()
                for position, entry in enumerate(r["entries"], 1)
            },
        )

    def _programmes(self, wanted: dict[str, dict[str, Any]], instruments: dict[str, Instrument]) -> None:
        plain = {
            slug: {"title": p["title"], "note": p["note"], "instrument_id": instruments[p["instrument"]].pk}
            for slug, p in wanted.items()
        }
        rows = self._sync("programmes", Programme.objects.all(), "slug", plain, remove=False)
        self._sync(
            "programme parts",
            ProgrammePart.objects.filter(programme__in=rows.values()),
            ("programme_id", "kind", "code"),
            {
                (rows[slug].pk, part["kind"], part["code"]): {**_without(part, "kind", "code"), "position": position}
                for slug, programme in wanted.items()
                for position, part in enumerate(programme["parts"], 1)
            },
        )

    def _procedures(self, wanted: dict[str, dict[str, Any]]) -> None:
        plain = {slug: {"name": p["revisions"][-1]["name"], "position": p["position"]} for slug, p in wanted.items()}
        rows = self._sync("procedures", Procedure.objects.all(), "slug", plain, remove=False)
        there = {(r.procedure_id, r.number): r for r in ProcedureRevision.objects.filter(procedure__in=rows.values())}
        new = []
        for slug, procedure in wanted.items():
            for n, revision in enumerate(procedure["revisions"]):
                self.summary.held["revisions"] += 1
                row = there.get((rows[slug].pk, revision["number"]))
                if row is None:
                    new.append(ProcedureRevision(procedure=rows[slug], **_without(revision, "name")))
                elif row.sha256 != revision["sha256"] or row.effective_from != revision["effective_from"]:
                    raise Node(None, procedure["file"], ("revisions", n)).error(
                        f"revision {row.number} of “{slug}” is already loaded with other content, and dossiers may "
                        f"rely on it; put it back as it was and add revision {len(procedure['revisions']) + 1}"
                    )
        ProcedureRevision.objects.bulk_create(new)
        self.summary.created["revisions"] += len(new)

    def _sync(
        self,
        kind: str,
        there: models.QuerySet,
        key: str | tuple[str, ...],
        wanted: dict[Any, dict[str, Any]],
        *,
        remove: bool = True,
        wording: _Wording | None = None,
    ) -> dict[Any, Any]:
        """Makes the rows of `there` equal to `wanted`, by key. Returns the wanted rows by key."""
        names = (key,) if isinstance(key, str) else key
        key_of = attrgetter(*names)
        rows = {key_of(row): row for row in there.order_by("pk")}
        self.summary.held[kind] += len(wanted)
        if remove:
            gone = [row for k, row in rows.items() if k not in wanted]
            self._note(kind, wording, gone, _GONE)
            self._remove(kind, gone)
        new, changed, columns = [], [], set()
        for k, values in wanted.items():
            row = rows.get(k)
            if row is None:
                rows[k] = row = there.model(
                    **dict(zip(names, [k] if isinstance(key, str) else k, strict=True)), **values
                )
                new.append(row)
                continue
            different = {name: value for name, value in values.items() if getattr(row, name) != value}
            if different:
                for name in sorted(wording.columns & set(different)) if wording else ():
                    was = getattr(row, name)
                    self._note(kind, wording, [row], f"{name}: “{was}” becomes “{different[name]}”")
                for name, value in different.items():
                    setattr(row, name, value)
                changed.append(row)
                columns |= set(different)
        if kind != "catalogues":
            self._note(kind, wording, new, _NEW)
        there.model.objects.bulk_create(new)
        if changed:
            there.model.objects.bulk_update(changed, sorted(columns))
        self.summary.created[kind] += len(new)
        self.summary.changed[kind] += len(changed)
        return {k: rows[k] for k in wanted}

    def _note(self, kind: str, wording: _Wording | None, rows: Iterable[models.Model], what: str) -> None:
        """What happens to the rows is a difference where their list was published before."""
        for row in rows if wording else ():
            catalogue = wording.list_of(row) if wording else 0
            if catalogue in self.by_people and what in (_GONE, _NEW):
                raise InvalidData(
                    f"{kind}: “{row}” {what}, but people published “{self.published[catalogue]}” here:"
                    " what it holds stays; publish a new version"
                )
            if catalogue in self.published:
                self._differs(catalogue, f"{kind}: “{row}” {what}")

    def _remove(self, kind: str, rows: Iterable[models.Model]) -> None:
        for row in rows:
            try:
                row.delete()
            except ProtectedError as error:
                raise InvalidData(f"“{row}” ({kind}) is no longer in the files, but dossiers rely on it") from error
            self.summary.removed[kind] += 1


def _without(values: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in keys}
