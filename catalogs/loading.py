"""From the data files to the database: all of it or nothing, and nothing at all the second time.

Everything is read and checked before the first row is written. What the files no longer hold is removed, except
that an item on which a dossier relies, and a revision of a procedure once loaded, never go away.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.db.models.deletion import ProtectedError

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
)
from catalogs.reading import DATA, Data, read
from catalogs.search import search_text, search_text_en


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


def load(root: Path = DATA) -> Summary:
    """Brings the database to what the files say. Raises InvalidData, and then changes nothing."""
    data = read(root)
    with transaction.atomic():
        summary = _Writer().write(data)
    for catalogue in Catalogue.objects.order_by("pk"):
        matching.forget(catalogue)
    return summary


class _Writer:
    """Compares what is wanted with what is there, and writes the difference."""

    def __init__(self) -> None:
        self.summary = Summary()

    def write(self, data: Data) -> Summary:
        instruments = self._instruments(data.instruments)
        self._catalogues(data, instruments)
        self._programmes(data.programmes, instruments)
        self._procedures(data.procedures)
        self._references(data.references, instruments)
        return self.summary

    def _instruments(self, wanted: dict[str, dict[str, Any]]) -> dict[str, Instrument]:
        plain = {n: _without(i, "provisions", "replaced_by") for n, i in wanted.items()}
        before = set(Instrument.objects.values_list("number", flat=True))
        rows = self._sync("instruments", Instrument.objects.all(), "number", plain, remove=False)
        for number, values in wanted.items():
            row, successor = rows[number], rows.get(values["replaced_by"])
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

    def _catalogues(self, data: Data, instruments: dict[str, Instrument]) -> None:
        wanted = {
            slug: {
                **_without(c, "sectors", "groups", "instrument", "replaces"),
                "instrument_id": instruments[c["instrument"]].pk,
                "stage": str(Stage.PUBLISHED),
            }
            for slug, c in data.catalogues.items()
        }
        rows = self._sync("catalogues", Catalogue.objects.all(), "slug", wanted, remove=False)
        for slug, c in data.catalogues.items():
            before = rows[c["replaces"]].pk if c["replaces"] else None
            if rows[slug].replaces_id != before:
                rows[slug].replaces_id = before
                rows[slug].save(update_fields=["replaces"])
        ours = {"catalogue__in": rows.values()}
        sectors = self._sync(
            "sectors",
            Sector.objects.filter(**ours),
            ("catalogue_id", "name"),
            {
                (rows[slug].pk, name): {"position": position}
                for slug, c in data.catalogues.items()
                for position, name in enumerate(c["sectors"], 1)
            },
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
        )
        items = self._items(data, rows, groups, instruments)
        self._remove_groups(CatalogueGroup.objects.filter(**ours), groups)
        self._marks(data, rows, groups, sectors)
        self._aliases(data, rows, items)
        self._relations(data, rows, items)

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
            "items", CatalogueItem.objects.filter(catalogue__in=rows.values()), ("catalogue_id", "code"), wanted
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
        gone = there.exclude(pk__in=[group.pk for group in kept.values()])
        self.summary.removed["groups"] += gone.count()
        gone.delete()

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
        self._sync("sector marks", there, ("group_id", "sector_id"), wanted)

    def _aliases(self, data: Data, rows: dict[str, Any], items: dict[Any, CatalogueItem]) -> None:
        self._sync(
            "aliases",
            ItemAlias.objects.filter(item__in=items.values(), added_by=None),
            ("item_id", "text"),
            {
                (items[rows[slug].pk, code].pk, text): {**values, "search_text": search_text(text)}
                for slug, by_item in data.aliases.items()
                for code, by_text in by_item.items()
                for text, values in by_text.items()
            },
        )

    def _relations(self, data: Data, rows: dict[str, Any], items: dict[Any, CatalogueItem]) -> None:
        wanted = {
            (items[rows[one[0]].pk, one[1]].pk, items[rows[other[0]].pk, other[1]].pk): values
            for (one, other), values in data.relations.items()
        }
        # Where a catalogue manager has related the same two items, in whichever direction, that stands.
        theirs = ItemRelation.objects.exclude(added_by=None).filter(item__in=items.values())
        for one, other in theirs.values_list("item_id", "other_id"):
            wanted.pop((one, other), None)
            wanted.pop((other, one), None)
        there = ItemRelation.objects.filter(item__in=items.values(), added_by=None)
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
    ) -> dict[Any, Any]:
        """Makes the rows of `there` equal to `wanted`, by key. Returns the wanted rows by key."""
        names = (key,) if isinstance(key, str) else key
        key_of = attrgetter(*names)
        rows = {key_of(row): row for row in there.order_by("pk")}
        self.summary.held[kind] += len(wanted)
        if remove:
            self._remove(kind, [row for k, row in rows.items() if k not in wanted])
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
                for name, value in different.items():
                    setattr(row, name, value)
                changed.append(row)
                columns |= set(different)
        there.model.objects.bulk_create(new)
        if changed:
            there.model.objects.bulk_update(changed, sorted(columns))
        self.summary.created[kind] += len(new)
        self.summary.changed[kind] += len(changed)
        return {k: rows[k] for k in wanted}

    def _remove(self, kind: str, rows: Iterable[models.Model]) -> None:
        for row in rows:
            try:
                row.delete()
            except ProtectedError as error:
                raise InvalidData(f"“{row}” ({kind}) is no longer in the files, but dossiers rely on it") from error
            self.summary.removed[kind] += 1


def _without(values: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in keys}
