"""What a version of a list changed: item by item along the successor links, and word by word."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogs.models import Catalogue, CatalogueGroup, CatalogueItem, ItemRelation
from catalogs.search import words_of
from catalogs.text import composed, fold

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


class Change(models.TextChoices):
    ADDED = "added", _("Thêm mới")
    REMOVED = "removed", _("Bị bỏ")
    SPLIT = "split", _("Tách ra")
    MERGED = "merged", _("Gộp lại")
    RENAMED = "renamed", _("Đổi lời văn")
    RENUMBERED = "renumbered", _("Đổi số")
    MOVED = "moved", _("Chuyển nhóm")
    UNCHANGED = "unchanged", _("Giữ nguyên")


def folded(item: CatalogueItem) -> str:
    """The words of the item's name, without diacritics and punctuation: the same words are the same item."""
    return " ".join(words_of(item.name))


@dataclass(frozen=True)
class Piece:
    """A part of a wording: `same`, `out` (only in the one before) or `in` (only in the new one)."""

    kind: str
    text: str


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


def differences(before: str, after: str) -> tuple[Piece, ...]:
    """The two wordings as one text, in which what went and what came are told apart by whole words."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    pieces: list[Piece] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            pieces.append(Piece("same", "".join(old[a:b])))
            continue
        if a < b:
            pieces.append(Piece("out", "".join(old[a:b])))
        if c < d:
            pieces.append(Piece("in", "".join(new[c:d])))
    return tuple(_joined(pieces))


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Changes with only a space between them are read as one."""
    runs: list[list[Piece]] = []
    for number, piece in enumerate(pieces):
        between = piece.kind == "same" and not piece.text.strip() and 0 < number < len(pieces) - 1
        if runs and (piece.kind != "same" or between) and runs[-1][0].kind != "same":
            runs[-1].append(piece)
        else:
            runs.append([piece])
    joined = []
    for run in runs:
        if run[0].kind == "same":
            joined += run
            continue
        for kind in ("out", "in"):
            text = "".join(piece.text for piece in run if piece.kind in (kind, "same"))
            if any(piece.kind == kind for piece in run):
                joined.append(Piece(kind, text))
    return joined


def compare(before: Catalogue, after: Catalogue) -> Comparison:
    """Four queries. Where no link was ever made, items of the same words count as each other."""
    old = list(before.items.select_related("group").order_by("position", "pk"))
    new = list(after.items.select_related("group").order_by("position", "pk"))
    links = list(
        ItemRelation.objects.filter(successor=True, item__catalogue=before, other__catalogue=after)
        .order_by("pk")
        .values_list("item_id", "other_id")
    )
    by_wording = not links and not after.removals.exists()
    if by_wording:
        links = _same_words(old, new)
    groups = _Groups(before, after)
    rows = [_described(row, groups) for row in _together(old, new, links)]
    comparison = Comparison(rows, groups.rows(), by_wording)
    for row in rows:
        comparison.counts.update(row.changes)
    return comparison


def _same_words(old: list[CatalogueItem], new: list[CatalogueItem]) -> list[tuple[int, int]]:
    free: dict[str, list[int]] = {}
    for item in new:
        free.setdefault(folded(item), []).append(item.pk)
    return [(item.pk, free[words].pop(0)) for item in old if free.get(words := folded(item))]


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
    if not row.before or not row.after:
        row.changes = (Change.ADDED,) if row.after else (Change.REMOVED,)
        return row
    if not row.is_pair:
        split, merged = len(row.after) > 1, len(row.before) > 1
        row.changes = ((Change.SPLIT,) if split else ()) + ((Change.MERGED,) if merged else ())
        return row
    (item,), (other,) = row.before, row.after
    changes = []
    if _plain(item.name) != _plain(other.name):
        changes.append(Change.RENAMED)
        row.wording = differences(item.name, other.name)
    if item.shown_code != other.shown_code:
        changes.append(Change.RENUMBERED)
    if not groups.is_same(item.group, other.group):
        changes.append(Change.MOVED)
    row.changes = tuple(changes) or (Change.UNCHANGED,)
    return row


def _plain(text: str) -> str:
    return " ".join(composed(text).split())


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
            if group.pk in self.follower and _plain(group.name) != _plain(self.follower[group.pk].name)
        ]
        gone = [GroupRow(group, None) for group in self.old if group.pk not in self.follower]
        come = [GroupRow(None, group) for group in self.new if group.pk not in followers]
        return [*renamed, *gone, *come]
