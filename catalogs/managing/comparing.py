"""What a version of a list changed: item by item along the successor links, and word by word."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product
from typing import Generic, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogs.changes import changes_of, pair
from catalogs.managing.linking import similar_pairs
from catalogs.models import Catalogue, CatalogueGroup, CatalogueItem
from catalogs.wording import Piece, differences, folded, is_same, under_one_name


class Difference(models.TextChoices):
    ADDED = "added", _("Thêm mới")
    REMOVED = "removed", _("Bị bỏ")
    SPLIT = "split", _("Tách ra")
    MERGED = "merged", _("Gộp lại")
    RENAMED = "renamed", _("Đổi lời văn")
    RENUMBERED = "renumbered", _("Đổi số")
    MOVED = "moved", _("Chuyển nhóm")
    UNCHANGED = "unchanged", _("Giữ nguyên")


Part = TypeVar("Part", CatalogueItem, CatalogueGroup)


@dataclass
class Row(Generic[Part]):
    """Items, or groups, that belong together: before, and after."""

    before: list[Part]
    after: list[Part]
    changes: tuple[Difference, ...] = ()
    wording: tuple[Piece, ...] = ()

    @property
    def is_pair(self) -> bool:
        return len(self.before) == len(self.after) == 1


ItemRow = Row[CatalogueItem]
GroupRow = Row[CatalogueGroup]


@dataclass
class Comparison:
    rows: list[ItemRow]
    groups: list[GroupRow]  # those that changed otherwise than in their number
    by_wording: bool  # nobody has linked the items: they are compared by the same words
    counts: Counter[Difference] = field(default_factory=Counter)
    only: Difference | None = None  # the one change whose items are shown

    def narrowed(self, change: str) -> "Comparison":
        """With the items of one change alone; whole for what is no change."""
        return replace(self, only=Difference(change)) if change in Difference.values else self

    def counted(self) -> list[tuple[Difference, int]]:
        return [(change, self.counts[change]) for change in Difference if self.counts[change]]

    def changed(self) -> list[ItemRow]:
        return [row for row in self.rows if Difference.UNCHANGED not in row.changes and self._is_shown(row)]

    def unchanged(self) -> list[ItemRow]:
        return [row for row in self.rows if Difference.UNCHANGED in row.changes and self._is_shown(row)]

    def _is_shown(self, row: ItemRow) -> bool:
        return self.only is None or self.only in row.changes


def compare(before: Catalogue, after: Catalogue) -> Comparison:
    """Six queries."""
    old = list(before.items.select_related("group").order_by("position", "pk"))
    new = list(after.items.select_related("group").order_by("position", "pk"))
    pairs = pair(old, new, catalogue=after)
    links = pairs.links()
    if pairs.by_wording:
        # Nobody has looked at them yet: what is nearly the same is shown as one item with other words.
        linked = {pk for link in links for pk in link}
        loose, free = ([item for item in items if item.pk not in linked] for items in (old, new))
        links += [(item.pk, other.pk) for item, other, _origin in similar_pairs(loose, free)]
    rows = _together(old, new, links)
    groups = _Groups(before, after, rows)
    for row in rows:
        _describe(row, groups)
    comparison = Comparison(rows, groups.rows(), pairs.by_wording)
    for row in rows:
        comparison.counts.update(row.changes)
    return comparison


def _together(old: list[CatalogueItem], new: list[CatalogueItem], links: Iterable[tuple[int, int]]) -> list[ItemRow]:
    """Rows of what hangs together, in the order of the new list; what is gone stands where it stood."""
    parent: dict[int, int] = {item.pk: item.pk for item in (*old, *new)}

    def root(pk: int) -> int:
        while parent[pk] != pk:
            pk = parent[pk]
        return pk

    for old_pk, new_pk in links:
        parent[root(old_pk)] = root(new_pk)
    rows: dict[int, ItemRow] = {}
    for item in new:
        rows.setdefault(root(item.pk), Row([], [])).after.append(item)
    order = list(rows)
    last = -1
    for item in old:
        key = root(item.pk)
        if key in rows and rows[key].after:
            rows[key].before.append(item)
            last = order.index(key)
        else:
            rows[key] = Row([item], [])
            last += 1
            order.insert(last, key)
    return [rows[key] for key in order]


def _describe(row: ItemRow, groups: "_Groups") -> None:
    if not row.before:
        row.changes = (Difference.ADDED,)
        return
    row.changes = tuple(Difference(change.value) for change in changes_of(row.before, row.after))
    if not row.is_pair:
        return
    (item,), (other,) = row.before, row.after
    if Difference.RENAMED in row.changes:
        row.wording = differences(item.name, other.name)
    # Groups of another kind are another order of the whole list, and no item's move.
    if item.group.kind == other.group.kind and not groups.is_same(item.group, other.group):
        row.changes += (Difference.MOVED,)
    row.changes = row.changes or (Difference.UNCHANGED,)


# Twice the words that two names share, of all their words: 0 to 1. Chosen on QĐ 1131 → QĐ 21, whose groups were read
# by hand (tests): the least like of those that belong together have 0,73, the most like of the others 0,31.
ALIKE = 0.6
# No list has nearly as many groups; of more, names are compared as a whole, for somebody waits for the page.
MANY = 300
# "Công nghệ", "và", "các" stand in nearly every name of a group.
_SAY_LITTLE = frozenset({"cong", "nghe", "va", "cac"})
_PARTS = re.compile(r"[,;/()]|\bvà\b", re.IGNORECASE)


Scored = tuple[float, CatalogueGroup, CatalogueGroup]


class _Groups:
    """Which groups of the new version stand for which of the one before.

    By their words first, then by the items they hold; the number only decides between equals, for a list that gets a
    new group in front renumbers all others. A group left over joins the one that names a part of it: then it was
    merged with others, or split from them.
    """

    def __init__(self, before: Catalogue, after: Catalogue, rows: Iterable[ItemRow]) -> None:
        self.old = list(before.groups.order_by("position", "pk"))
        self.new = list(after.groups.order_by("position", "pk"))
        self._pairs: dict[int, CatalogueGroup] = {}  # of the old group, by its id
        self._pair(_of_one_name(self.old, self.new))
        self._pair(_alike(*self._loose()))
        self._pair(_holding_the_same(rows, self.old, self.new))
        self.found = self._joined()
        self._row_of = {group.pk: row for row in self.found for group in (*row.before, *row.after)}

    def _loose(self) -> tuple[list[CatalogueGroup], list[CatalogueGroup]]:
        taken = {group.pk for group in self._pairs.values()}
        return [g for g in self.old if g.pk not in self._pairs], [g for g in self.new if g.pk not in taken]

    def _pair(self, scored: Iterable[Scored]) -> None:
        """The best pairs first, each group once; of equals, those of one number, then in the order of the list."""
        taken = {group.pk for group in self._pairs.values()}
        best = sorted(scored, key=lambda s: (-s[0], s[1].code != s[2].code, s[1].position, s[2].position))
        for _score, old, new in best:
            if old.kind == new.kind and old.pk not in self._pairs and new.pk not in taken:
                self._pairs[old.pk] = new
                taken.add(new.pk)

    def _joined(self) -> list[GroupRow]:
        """In the order of the new list; what is gone stands last."""
        rows = {group.pk: Row([], [group]) for group in self.new}
        loose = []
        for group in self.old:
            if follower := self._pairs.get(group.pk):
                rows[follower.pk].before.append(group)
            else:
                loose.append(group)
        gone = []
        for group in loose:
            if (other := _sharing(group, self.new)) and rows[other.pk].after:
                rows[other.pk].before.append(group)
            else:
                gone.append(Row([group], []))
        leaders = {old_pk: group.pk for old_pk, group in self._pairs.items()}
        for group in self.new:
            if not rows[group.pk].before and (source := _sharing(group, self.old)) and source.pk in leaders:
                rows[leaders[source.pk]].after.append(group)
                del rows[group.pk]
        for row in rows.values():
            row.before.sort(key=lambda group: group.position)
        return [*rows.values(), *gone]

    def is_same(self, old: CatalogueGroup, new: CatalogueGroup) -> bool:
        return self._row_of[old.pk] is self._row_of[new.pk]

    def rows(self) -> list[GroupRow]:
        """Those that changed otherwise than in their number."""
        changed = []
        for row in self.found:
            if not row.before or not row.after:
                row.changes = (Difference.REMOVED if row.before else Difference.ADDED,)
            elif not row.is_pair:
                row.changes = ((Difference.SPLIT,) if len(row.after) > 1 else ()) + (
                    (Difference.MERGED,) if len(row.before) > 1 else ()
                )
            elif not is_same(row.before[0].name, row.after[0].name):
                row.changes = (Difference.RENAMED,)
                row.wording = differences(row.before[0].name, row.after[0].name)
            if row.changes:
                changed.append(row)
        return changed


def _of_one_name(old: list[CatalogueGroup], new: list[CatalogueGroup]) -> Iterator[Scored]:
    by_name: dict[str, list[CatalogueGroup]] = {}
    for group in new:
        by_name.setdefault(folded(group.name), []).append(group)
    return ((1, group, other) for group in old for other in by_name.get(folded(group.name), ()))


def _alike(old: list[CatalogueGroup], new: list[CatalogueGroup]) -> Iterator[Scored]:
    """Those whose names share enough of their words."""
    if max(len(old), len(new)) > MANY:
        return
    for group, other in product(old, new):
        first, second = _words(group.name), _words(other.name)
        shared = 2 * (first & second).total() / ((first.total() + second.total()) or 1)
        if shared >= ALIKE:
            yield shared, group, other


def _holding_the_same(
    rows: Iterable[ItemRow], old: list[CatalogueGroup], new: list[CatalogueGroup]
) -> Iterator[Scored]:
    """Those of which at least half of the items, of the larger, went from one to the other."""
    groups = {group.pk: group for group in (*old, *new)}
    held: Counter[int] = Counter()
    both: Counter[tuple[int, int]] = Counter()
    for row in rows:
        held.update(item.group_id for item in (*row.before, *row.after))
        if row.is_pair:
            both[row.before[0].group_id, row.after[0].group_id] += 1
    for (one, other), number in both.items():
        if 2 * number >= max(held[one], held[other]):
            yield number / max(held[one], held[other]), groups[one], groups[other]


@lru_cache(maxsize=4 * MANY)
def _words(name: str) -> Counter[str]:
    words = under_one_name(name).split()
    return Counter([word for word in words if word not in _SAY_LITTLE] or words)


def _sharing(group: CatalogueGroup, among: list[CatalogueGroup]) -> CatalogueGroup | None:
    """The group that names the longest part of the other's name, which must be a term of at least two words."""
    parts = _terms(group.name)
    best, most = None, 1
    if len(among) > MANY:
        return None
    for other in among:
        length = max((len(part.split()) for part in parts & _terms(other.name)), default=0)
        if other.kind == group.kind and length > most:
            best, most = other, length
    return best


@lru_cache(maxsize=4 * MANY)
def _terms(name: str) -> set[str]:
    terms = (" ".join(_words(part)) for part in _PARTS.split(name))
    return {term for term in terms if term}
