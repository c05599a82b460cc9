"""What a version of a list changed: item by item along the successor links, and word by word."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogs.changes import changes_of, pair
from catalogs.models import Catalogue, CatalogueGroup, CatalogueItem
from catalogs.text import fold
from catalogs.wording import Piece, differences, is_same


class Change(models.TextChoices):
    ADDED = "added", _("Thêm mới")
    REMOVED = "removed", _("Bị bỏ")
    SPLIT = "split", _("Tách ra")
    MERGED = "merged", _("Gộp lại")
    RENAMED = "renamed", _("Đổi lời văn")
    RENUMBERED = "renumbered", _("Đổi số")
    MOVED = "moved", _("Chuyển nhóm")
    UNCHANGED = "unchanged", _("Giữ nguyên")


@dataclass
class Row:
    """Items that belong together: before, and after."""

    before: list[CatalogueItem]
    after: list[CatalogueItem]
    changes: tuple[Change, ...] = ()
    wording: tuple[Piece, ...] = ()

    @property
    def is_pair(self) -> bool:
        return len(self.before) == len(self.after) == 1


@dataclass
class GroupRow:
    before: CatalogueGroup | None
    after: CatalogueGroup | None
    wording: tuple[Piece, ...] = ()


@dataclass
class Comparison:
    rows: list[Row]
    groups: list[GroupRow]  # those that were added, removed or renamed
    by_wording: bool  # nobody has linked the items: they are compared by the same words

    counts: Counter[Change] = field(default_factory=Counter)

    def counted(self) -> list[tuple[Change, int]]:
        return [(change, self.counts[change]) for change in Change if self.counts[change]]

    def changed(self) -> list[Row]:
        return [row for row in self.rows if Change.UNCHANGED not in row.changes]

    def unchanged(self) -> list[Row]:
        return [row for row in self.rows if Change.UNCHANGED in row.changes]


def compare(before: Catalogue, after: Catalogue) -> Comparison:
    """Six queries."""
    old = list(before.items.select_related("group").order_by("position", "pk"))
    new = list(after.items.select_related("group").order_by("position", "pk"))
    pairs = pair(old, new, catalogue=after)
    groups = _Groups(before, after)
    rows = [_described(row, groups) for row in _together(old, new, pairs.links())]
    comparison = Comparison(rows, groups.rows(), pairs.by_wording)
    for row in rows:
        comparison.counts.update(row.changes)
    return comparison


def _together(old: list[CatalogueItem], new: list[CatalogueItem], links: Iterable[tuple[int, int]]) -> list[Row]:
    """Rows of what hangs together, in the order of the new list; what is gone stands where it stood."""
    parent: dict[int, int] = {item.pk: item.pk for item in (*old, *new)}

    def root(pk: int) -> int:
        while parent[pk] != pk:
            pk = parent[pk]
        return pk

    for old_pk, new_pk in links:
        parent[root(old_pk)] = root(new_pk)
    rows: dict[int, Row] = {}
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


def _described(row: Row, groups: "_Groups") -> Row:
    if not row.before:
        row.changes = (Change.ADDED,)
        return row
    row.changes = tuple(Change(change.value) for change in changes_of(row.before, row.after))
    if not row.is_pair:
        return row
    (item,), (other,) = row.before, row.after
    if Change.RENAMED in row.changes:
        row.wording = differences(item.name, other.name)
    if not groups.is_same(item.group, other.group):
        row.changes += (Change.MOVED,)
    row.changes = row.changes or (Change.UNCHANGED,)
    return row


class _Groups:
    """Which group of the new version stands for which of the one before: by name, else by number."""

    def __init__(self, before: Catalogue, after: Catalogue) -> None:
        self.old = list(before.groups.order_by("position", "pk"))
        self.new = list(after.groups.order_by("position", "pk"))
        by_name = {(group.kind, fold(group.name)): group for group in self.new}
        self.follower: dict[int, CatalogueGroup] = {}
        for group in self.old:
            if found := by_name.pop((group.kind, fold(group.name)), None):
                self.follower[group.pk] = found
        left = {(group.kind, group.code): group for group in by_name.values()}
        for group in self.old:
            if group.pk not in self.follower and (found := left.pop((group.kind, group.code), None)):
                self.follower[group.pk] = found

    def is_same(self, old: CatalogueGroup, new: CatalogueGroup) -> bool:
        follower = self.follower.get(old.pk)
        return follower is not None and follower.pk == new.pk

    def rows(self) -> list[GroupRow]:
        followers = {group.pk for group in self.follower.values()}
        renamed = [
            GroupRow(group, self.follower[group.pk], differences(group.name, self.follower[group.pk].name))
            for group in self.old
            if group.pk in self.follower and not is_same(group.name, self.follower[group.pk].name)
        ]
        gone = [GroupRow(group, None) for group in self.old if group.pk not in self.follower]
        come = [GroupRow(None, group) for group in self.new if group.pk not in followers]
        return [*renamed, *gone, *come]
