"""Which item of the new version takes the place of which of the version before.

Proposed from the column “thay cho”, from the same words, and from similar ones; the last wait for somebody to confirm
them. Every item of the version before has in the end successors, or somebody has said that it is left out.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz, process

from accounts.models import User
from audit import trail
from catalogs.managing.states import NotPossible, day_of, locked, touch
from catalogs.models import Catalogue, CatalogueItem, ItemRelation, ItemRemoval, RelationKind, Stage
from catalogs.wording import folded, under_one_name

# Of the folded names, 0 to 100. Chosen on the pairs of versions that came with the product (TT 19 → TT 31, QĐ 1131 →
# QĐ 21): there 21 of 48 items get such a proposal, and reading them found none wrong. From 71 down wrong ones begin.
SIMILAR = 72.0
# Words that one wording must hold of the other, all of it, to be proposed however much else the longer one says.
CONTAINED_WORDS = 3
CANDIDATES_SHOWN = 6


class Origin(models.TextChoices):
    """Where a link comes from."""

    IMPORTED = "import", _("Cột “Thay cho”")
    EXACT = "exact-wording", _("Cùng lời văn")
    SIMILAR = "similar-wording", _("Lời văn gần giống, chờ xác nhận")
    MANAGER = "manager", _("Người quản lý danh mục")


@dataclass
class Linked:
    """An item of the version before, and what becomes of it."""

    item: CatalogueItem
    successors: list[ItemRelation] = field(default_factory=list)  # each with `other`
    removed: bool = False

    @property
    def state(self) -> str:
        """open, proposed, linked or removed."""
        if any(relation.origin == Origin.SIMILAR for relation in self.successors):
            return "proposed"
        return "linked" if self.successors else "removed" if self.removed else "open"


def links_of(catalogue: Catalogue) -> list[Linked]:
    """All items of the version before, in order, with their successors in this one. Three queries."""
    if catalogue.replaces_id is None:
        return []
    items = CatalogueItem.objects.filter(catalogue=catalogue.replaces_id).select_related("group")
    found = {item.pk: Linked(item) for item in items.order_by("position", "pk")}
    for relation in _relations(catalogue).select_related("other__group").order_by("other__position", "pk"):
        found[relation.item_id].successors.append(relation)
    for pk in catalogue.removals.order_by("pk").values_list("item_id", flat=True):
        if pk in found:
            found[pk].removed = True
    return list(found.values())


def undecided(links: list[Linked]) -> list[Linked]:
    return [link for link in links if link.state in ("open", "proposed")]


def candidates(item: CatalogueItem, among: list[CatalogueItem]) -> list[CatalogueItem]:
    """The items of the new version most like it, best first."""
    words = under_one_name(item.name)
    return sorted(
        among, key=lambda other: (-fuzz.token_sort_ratio(words, under_one_name(other.name)), other.position)
    )[:CANDIDATES_SHOWN]


def _relations(catalogue: Catalogue) -> models.QuerySet[ItemRelation]:
    return ItemRelation.objects.filter(
        successor=True, other__catalogue=catalogue, item__catalogue=catalogue.replaces_id
    )


def propose_links(catalogue: Catalogue, succeeds: dict[str, tuple[str, ...]], *, by: User | None, on: date) -> None:
    """Make the proposals anew, in the caller's transaction; what a manager decided stays.

    `succeeds` gives by the code of a new item the codes of those whose place it takes.
    """
    _relations(catalogue).exclude(origin=Origin.MANAGER).delete()
    # A list that no longer replaces the version for which they were made.
    ItemRelation.objects.filter(successor=True, other__catalogue=catalogue).exclude(
        item__catalogue=catalogue.replaces_id
    ).delete()
    catalogue.removals.exclude(item__catalogue=catalogue.replaces_id).delete()
    if catalogue.replaces_id is None:
        return
    old = list(CatalogueItem.objects.filter(catalogue=catalogue.replaces_id).order_by("position", "pk"))
    new = list(catalogue.items.order_by("position", "pk"))
    decided = set(_relations(catalogue).values_list("item", flat=True))
    decided |= set(catalogue.removals.values_list("item", flat=True))
    pairs = _proposed([item for item in old if item.pk not in decided], new, old, succeeds)
    items = Counter(item.pk for item, _other, _origin in pairs)
    taken = Counter(other.pk for _item, other, _origin in pairs)
    ItemRelation.objects.bulk_create(
        ItemRelation(
            item=item,
            other=other,
            kind=_kind((item, other, origin), items, taken),
            successor=True,
            origin=origin,
            added_on=on,
            added_by=by,
        )
        for item, other, origin in pairs
    )


Pair = tuple[CatalogueItem, CatalogueItem, str]


def _proposed(
    free: list[CatalogueItem],
    new: list[CatalogueItem],
    old: list[CatalogueItem],
    succeeds: dict[str, tuple[str, ...]],
) -> list[Pair]:
    by_code = {item.code: item for item in old}
    open_items = {item.pk for item in free}
    pairs: list[Pair] = [
        (by_code[code], other, Origin.IMPORTED)
        for other in new
        for code in succeeds.get(other.code, ())
        if code in by_code and by_code[code].pk in open_items
    ]
    done = {item.pk for item, _other, _origin in pairs}
    # Somebody who says of one item whose place it takes has said it of that item wholly.
    told = {other.pk for _item, other, _origin in pairs}
    by_words: dict[str, list[CatalogueItem]] = {}
    for other in new:
        by_words.setdefault(folded(other.name), []).append(other)
    for item in free:
        same = [other for other in by_words.get(folded(item.name), []) if other.pk not in told]
        if item.pk not in done and same:
            best = next((other for other in same if other.code == item.code), same[0])
            pairs.append((item, best, Origin.EXACT))
            done.add(item.pk)
    taken = {other.pk for _item, other, _origin in pairs}
    return pairs + similar_pairs([i for i in free if i.pk not in done], [o for o in new if o.pk not in taken])


def similar_pairs(old: list[CatalogueItem], new: list[CatalogueItem]) -> list[Pair]:
    """Pairs of which each is the other's best, and items that the new wording takes in whole.

    One call for each item, which compares it with all the others at once: by the pair it would take half a minute
    for two lists of the greatest length, with the list locked.
    """
    index = _Words(new)
    # As fuzz.token_sort_ratio has it, with the words put in order once. Best first, of equals the first by position.
    alike = {item.pk: process.extract(_sorted(item), index.sorted, **_SCORE, limit=None) for item in old}
    best_of: dict[int, float] = {}
    for found in alike.values():
        for _text, score, place in found:
            best_of[place] = max(score, best_of.get(place, 0.0))
    pairs: list[Pair] = []
    for item in old:
        place = None
        if alike[item.pk] and best_of[alike[item.pk][0][2]] == alike[item.pk][0][1]:
            place = alike[item.pk][0][2]
        elif contained := index.containing(under_one_name(item.name)):
            place = process.extractOne(_sorted(item), contained, scorer=fuzz.ratio)[2]
        if place is not None:
            pairs.append((item, index.items[place], Origin.SIMILAR))
    return pairs


_SCORE: dict[str, Any] = {"scorer": fuzz.ratio, "score_cutoff": SIMILAR}


def _sorted(item: CatalogueItem) -> str:
    return " ".join(sorted(under_one_name(item.name).split()))


class _Words:
    """The words of items, and where each of them stands."""

    def __init__(self, items: list[CatalogueItem]) -> None:
        self.items = items
        self.sorted = [_sorted(item) for item in items]
        self._sets = [frozenset(text.split()) for text in self.sorted]
        self._with: dict[str, set[int]] = {}
        for place, words in enumerate(self._sets):
            for word in words:
                self._with.setdefault(word, set()).add(place)
        # By the rarest word of each: an item that holds all its words holds that one.
        self._rarest: dict[str, list[int]] = {}
        for place, words in enumerate(self._sets):
            if len(words) >= CONTAINED_WORDS:
                rarest = min(words, key=lambda word: (len(self._with[word]), word))
                self._rarest.setdefault(rarest, []).append(place)

    def containing(self, text: str) -> dict[int, str]:
        """By their place the items of which one wording holds all words of the other."""
        words = frozenset(text.split())
        found = {place for word in words for place in self._rarest.get(word, ()) if self._sets[place] <= words}
        if len(words) >= CONTAINED_WORDS:
            found |= set.intersection(*sorted((self._with.get(word, set()) for word in words), key=len))
        return {place: self.sorted[place] for place in sorted(found)}


def _kind(pair: Pair, items: Counter[int], taken: Counter[int]) -> str:
    """What the shape of the links says; where it says nothing, that they meet."""
    item, other, origin = pair
    if items[item.pk] > 1:
        return RelationKind.BROADER
    if taken[other.pk] > 1:
        return RelationKind.NARROWER
    if folded(item.name) == folded(other.name) or origin == Origin.IMPORTED:
        return RelationKind.SAME
    return RelationKind.OVERLAPS


@transaction.atomic
def decide(
    catalogue_id: int,
    code: str,
    *,
    successors: list[str],
    removed: bool,
    kind: str,
    by: User,
    at: datetime,
    expected_version: int | None,
) -> Catalogue:
    """Say what becomes of an item of the version before. Raises Stale or NotPossible."""
    catalogue = locked(catalogue_id, by=by, expected_version=expected_version, stage=Stage.DRAFT)
    item = CatalogueItem.objects.filter(catalogue=catalogue.replaces_id, code=code).first()
    if item is None:
        raise NotPossible(_("Phiên bản trước không có mục này."))
    others = list(catalogue.items.filter(code__in=successors).order_by("position", "pk"))
    if len(others) != len(set(successors)):
        raise NotPossible(_("Danh mục mới không có mục đã chọn."))
    if removed == bool(others):
        raise NotPossible(_("Hãy chọn mục kế tiếp, hoặc chọn “Bị bỏ”; không chọn cả hai."))
    _relations(catalogue).filter(item=item).delete()
    catalogue.removals.filter(item=item).delete()
    if removed:
        ItemRemoval.objects.create(catalogue=catalogue, item=item, added_on=day_of(at), added_by=by)
    for other in others:
        ItemRelation.objects.create(
            item=item,
            other=other,
            kind=kind,
            successor=True,
            origin=Origin.MANAGER,
            added_on=day_of(at),
            added_by=by,
        )
    touch(catalogue)
    data = {"item": code, "successors": [other.code for other in others], "kind": kind if others else ""}
    trail.record(catalogue, "link_catalogue", by=by, at=at, data=data)
    return catalogue


@transaction.atomic
def confirm(catalogue_id: int, code: str, *, by: User, at: datetime, expected_version: int | None) -> Catalogue:
    """Take over what was proposed for an item. Raises Stale or NotPossible."""
    catalogue = locked(catalogue_id, by=by, expected_version=expected_version, stage=Stage.DRAFT)
    proposed = _relations(catalogue).filter(Q(item__code=code), origin=Origin.SIMILAR)
    codes = list(proposed.order_by("other__position", "pk").values_list("other__code", flat=True))
    if not codes:
        raise NotPossible(_("Không có đề xuất nào cho mục này."))
    proposed.update(origin=Origin.MANAGER, added_by=by, added_on=day_of(at))
    touch(catalogue)
    trail.record(
        catalogue, "link_catalogue", by=by, at=at, data={"item": code, "successors": codes, "confirmed": True}
    )
    return catalogue
