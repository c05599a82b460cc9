"""How items of different lists stand to each other, and what became of an item from one version to the next.

Guidance, compiled by hand or by a catalogue manager; the law itself says nothing of it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet

from catalogs.changes import changes_of
from catalogs.models import INVERSE, Catalogue, CatalogueItem, ItemRelation, Procedure, RelationKind
from catalogs.procedures import Definition
from catalogs.services import procedures_using
from catalogs.wording import Piece, differences

VERSIONS_MAX = 50  # versions of one list that are followed, so that a circle would end
_CLOSEST = (RelationKind.SAME, RelationKind.NARROWER, RelationKind.BROADER, RelationKind.OVERLAPS)


@dataclass(frozen=True)
class Related:
    """Another item, and how the one that was asked for compares with it."""

    item: CatalogueItem
    kind: RelationKind  # of the item that was asked for: NARROWER means that the other covers more
    note: str
    origin: str
    added_on: date
    # Whether the other item took the place of the one that was asked for, or had it before.
    succeeds: bool = False
    precedes: bool = False


def related_items(item: CatalogueItem, *, among: QuerySet[Catalogue]) -> list[Related]:
    """The items of other lists to which this one is related, in either direction; those of the newest list first,
    and the closest of each list first. One query."""
    return related_to([item.pk], among=among).get(item.pk, [])


def related_to(item_ids: Collection[int], *, among: QuerySet[Catalogue]) -> dict[int, list[Related]]:
    """The same for several items at once, by the id of the item that was asked for. One query."""
    rows = (
        ItemRelation.objects.filter(Q(item__in=item_ids) | Q(other__in=item_ids))
        .filter(item__catalogue__in=among, other__catalogue__in=among)
        .select_related("item__catalogue__instrument", "other__catalogue__instrument")
        .order_by("pk")
    )
    found: dict[int, list[Related]] = {}
    for row in rows:
        kind, rest = RelationKind(row.kind), (row.note, row.origin, row.added_on)
        if row.item_id in item_ids:
            found.setdefault(row.item_id, []).append(Related(row.other, kind, *rest, succeeds=row.successor))
        if row.other_id in item_ids:
            inverse = INVERSE.get(kind, kind)
            found.setdefault(row.other_id, []).append(Related(row.item, inverse, *rest, precedes=row.successor))
    for related in found.values():
        related.sort(key=_by_list_and_closeness)
    return found


def _by_list_and_closeness(related: Related) -> tuple[int, int, int, int, int]:
    catalogue = related.item.catalogue
    place = (related.item.position, related.item.pk)
    return (-catalogue.effective_from.toordinal(), catalogue.pk, _CLOSEST.index(related.kind), *place)


# --- what a product may fall under besides ---------------------------------------------------------


@dataclass(frozen=True)
class Elsewhere:
    """Another list in force, what of it the product may fall under too, and the procedures in which it counts."""

    catalogue: Catalogue
    related: tuple[Related, ...]
    procedures: tuple[tuple[Procedure, Definition], ...]


def elsewhere(item_ids: Collection[int], *, on: date, besides: Catalogue) -> list[Elsewhere]:
    """What a product that falls under these items may fall under in the other public lists in force on the day;
    each item of those once, with its closest relation. One query and one a list, or none without items."""
    if not item_ids:
        return []
    others = Catalogue.objects.public().filter(Q(pk__in=Catalogue.objects.in_force(on=on)) | Q(pk=besides.pk))
    closest: dict[int, Related] = {}
    for related in _all(related_to(item_ids, among=others).values()):
        known = closest.get(related.item.pk)
        if related.item.catalogue_id != besides.pk and (
            known is None or _CLOSEST.index(related.kind) < _CLOSEST.index(known.kind)
        ):
            closest[related.item.pk] = related
    by_list: dict[Catalogue, list[Related]] = {}
    for related in sorted(closest.values(), key=_by_list_and_closeness):
        by_list.setdefault(related.item.catalogue, []).append(related)
    if not by_list:
        return []
    return [
        Elsewhere(catalogue, tuple(related), tuple(procedures_using(catalogue, on)))
        for catalogue, related in by_list.items()
    ]


def _all(lists: Iterable[list[Related]]) -> list[Related]:
    return [related for one in lists for related in one]


# --- history ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stand:
    """An item as it stood in one version, with its wording beside the one before if exactly one became it."""

    item: CatalogueItem
    notes: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = ()  # empty: the wording did not change, or there is nothing to compare with

    @property
    def renamed(self) -> bool:
        return any(piece.kind != "same" for piece in self.pieces)


@dataclass(frozen=True)
class Version:
    """One version of the list. `stands` is empty if the item was not, or no longer, in it."""

    catalogue: Catalogue
    stands: tuple[Stand, ...] = ()
    # merged, split, renamed, renumbered, kept; new for the first; gone or absent where nothing stands.
    change: str = ""
    linked: bool = True  # False: nobody has linked this version with the one before


@dataclass
class _Links:
    after: dict[int, list[ItemRelation]] = field(default_factory=dict)
    before: dict[int, list[ItemRelation]] = field(default_factory=dict)


def history(item: CatalogueItem, *, among: QuerySet[Catalogue]) -> list[Version]:
    """The versions of the item's list, oldest first, and where the item stood in each: what became it, and what it
    became, by successors. Two queries, however many versions there are."""
    # QĐ 1131/QĐ-TTg Đ3: a restricted list stands beside the public one, and is no version of it.
    among = among.filter(restricted=item.catalogue.restricted)
    versions = list(
        among.filter(family=item.catalogue.family)
        .select_related("instrument")
        .order_by("effective_from", "pk")[:VERSIONS_MAX]
    )
    links, linked = _links(item.catalogue.family, among)
    chain: dict[int, dict[int, CatalogueItem]] = {item.catalogue_id: {item.pk: item}}
    for direction in (links.before, links.after):
        reached = {item.pk}
        for _step in range(VERSIONS_MAX):
            rows = [row for pk in reached for row in direction.get(pk, [])]
            ends = [row.item if direction is links.before else row.other for row in rows]
            for one in ends:
                chain.setdefault(one.catalogue_id, {})[one.pk] = one
            reached = {one.pk for one in ends}
            if not reached:
                break
    return _versions(versions, chain, links, linked)


def _links(family: str, among: QuerySet[Catalogue]) -> tuple[_Links, set[int]]:
    """The successors within the family, by both ends, and the lists that were linked with an earlier one."""
    rows = (
        ItemRelation.objects.filter(successor=True, item__catalogue__family=family)
        .filter(item__catalogue__in=among, other__catalogue__in=among)
        .select_related("item__catalogue", "item__group", "other__catalogue", "other__group")
        .order_by("item__position", "other__position", "pk")
    )
    links, linked = _Links(), set()
    for row in rows:
        links.after.setdefault(row.item_id, []).append(row)
        links.before.setdefault(row.other_id, []).append(row)
        linked.add(row.other.catalogue_id)
    return links, linked


def _versions(
    catalogues: list[Catalogue], chain: dict[int, dict[int, CatalogueItem]], links: _Links, linked: set[int]
) -> list[Version]:
    found: list[Version] = []
    for n, catalogue in enumerate(catalogues):
        items = sorted(chain.get(catalogue.pk, {}).values(), key=lambda one: (one.position, one.pk))
        known = n == 0 or catalogue.pk in linked
        if not items:
            here = any(version.stands for version in found)
            found.append(Version(catalogue, change="gone" if here else "absent", linked=known))
            continue
        stands = tuple(_stand(one, links) for one in items)
        found.append(Version(catalogue, stands, change=_change(items, links, first=n == 0), linked=known))
    return found


def _stand(item: CatalogueItem, links: _Links) -> Stand:
    rows = links.before.get(item.pk, [])
    notes = tuple(dict.fromkeys(row.note for row in rows if row.note))
    alone = len(rows) == 1 and len(links.after[rows[0].item_id]) == 1
    return Stand(item, notes, differences(rows[0].item.name, item.name) if alone else ())


def _change(items: list[CatalogueItem], links: _Links, *, first: bool) -> str:
    rows = [row for item in items for row in links.before.get(item.pk, [])]
    if not rows:
        return "first" if first else "new"
    if any(len(links.after[row.item_id]) > 1 for row in rows):
        return "split"
    if len(rows) > 1:
        return "merged"
    found = changes_of([rows[0].item], [rows[0].other])
    return found[0].value if found else "kept"
