"""What became of the items of a list in the version that takes its place.

By the successors that were linked, and where nobody has said anything of an item, by its wording: an item of the same
words is the same item under another number. The comparison of two versions, the history of an item and the search for
who is affected read the same pairs and the same kinds of change.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from catalogs.models import Catalogue, CatalogueItem, ItemRelation, ItemRemoval, shown_code_of
from catalogs.wording import folded, is_same


class Change(TextChoices):
    """From the gravest to the lightest: a dossier with several is known by the first."""

    REMOVED = "removed", _("Không còn trong danh mục")
    ENDED = "ended", _("Danh mục cũ hết hiệu lực")
    SPLIT = "split", _("Tách thành nhiều mục")
    MERGED = "merged", _("Gộp với mục khác")
    RENAMED = "renamed", _("Thay đổi tên gọi")
    RENUMBERED = "renumbered", _("Thay đổi số thứ tự")


@dataclass(frozen=True)
class ItemChange:
    """An item of the list that is replaced, and the items that took its place; those related, if the list ended."""

    before: CatalogueItem
    change: Change
    after: tuple[CatalogueItem, ...]


def predecessors(catalogue: Catalogue) -> QuerySet[Catalogue]:
    """The lists whose place it takes: the version before, and those of an instrument that its own replaces."""
    earlier = Catalogue.objects.exclude(pk=catalogue.pk)
    if not catalogue.restricted:
        # QĐ 1131/QĐ-TTg Đ3: a restricted list stands beside the public one; its items are named in no public rows.
        earlier = earlier.filter(restricted=False)
    return earlier.filter(Q(pk=catalogue.replaces_id) | Q(instrument__replaced_by=catalogue.instrument_id))


@dataclass(frozen=True)
class Pairs:
    successors: dict[int, list[int]]  # of each old item that has any, in the order of the new list
    related: dict[int, list[int]]  # whatever the old item was linked to, as its successor or not
    by_wording: bool  # nobody has said anything: all were found by their words

    def links(self) -> list[tuple[int, int]]:
        return [(old, new) for old, found in self.successors.items() for new in found]


def pair(old: Collection[CatalogueItem], new: Collection[CatalogueItem], *, catalogue: Catalogue) -> Pairs:
    """Which items of `catalogue`, the new version, took the place of which of the old. Two queries."""
    successors: dict[int, list[int]] = {}
    related: dict[int, list[int]] = {}
    ids = [item.pk for item in old]
    relations = ItemRelation.objects.filter(item__in=ids, other__in=[item.pk for item in new])
    rows = relations.order_by("other__position", "pk").values_list("item_id", "other_id", "successor")
    for item_id, other_id, successor in rows:
        related.setdefault(item_id, []).append(other_id)
        if successor:
            successors.setdefault(item_id, []).append(other_id)
    left_out = set(ItemRemoval.objects.filter(catalogue=catalogue, item__in=ids).values_list("item_id", flat=True))
    by_wording = not successors and not left_out
    taken = {pk for found in successors.values() for pk in found}
    # What was left out, or linked to something though not as its successor, was looked at by somebody.
    open_items = [i for i in old if i.pk not in related and i.pk not in left_out]
    free = [item for item in new if item.pk not in taken]
    # Of several with the same words those of the same number first, the others in their order.
    for numbered in (True, False):
        found_by: dict[tuple[str, str], list[int]] = {}
        for item in free:
            found_by.setdefault((folded(item.name), item.code if numbered else ""), []).append(item.pk)
        for item in open_items:
            same = found_by.get((folded(item.name), item.code if numbered else ""))
            if same and item.pk not in successors:
                successors[item.pk] = [same.pop(0)]
                taken.add(successors[item.pk][0])
        free = [item for item in free if item.pk not in taken]
    return Pairs(successors, related, by_wording)


def changes_of(before: Sequence[CatalogueItem], after: Sequence[CatalogueItem]) -> tuple[Change, ...]:
    """What happened to items that became others, the gravest first; empty if nothing did."""
    if not after:
        return (Change.REMOVED,)
    if len(before) > 1 or len(after) > 1:
        return ((Change.SPLIT,) if len(after) > 1 else ()) + ((Change.MERGED,) if len(before) > 1 else ())
    (item,), (other,) = before, after
    # A handle is no number: where either list gives none, none has changed.
    numbers = {shown_code_of(item.code), shown_code_of(other.code)}
    renumbered = len(numbers) > 1 and "" not in numbers
    return (() if is_same(item.name, other.name) else (Change.RENAMED,)) + ((Change.RENUMBERED,) if renumbered else ())


def changed_items(catalogue: Catalogue) -> dict[int, ItemChange]:
    """The items of its predecessors that changed, by id. Four queries, however long the lists are.

    Of a list of another kind, every item ended: TT 31/2025/TT-BKHCN does not continue the list of TT 19/2021/TT-BTTTT.
    """
    earlier = {one.pk: one for one in predecessors(catalogue)}
    items = CatalogueItem.objects.filter(catalogue__in=[*earlier, catalogue.pk]).order_by("position", "pk")
    old = [item for item in items if item.catalogue_id in earlier]
    new = {item.pk: item for item in items if item.catalogue_id == catalogue.pk}
    pairs = pair(old, new.values(), catalogue=catalogue)

    def named(pks: Iterable[int]) -> tuple[CatalogueItem, ...]:
        return tuple(new[pk] for pk in pks)

    count = Counter(other for _item, other in pairs.links())
    changed = {}
    for item in old:
        if earlier[item.catalogue_id].family != catalogue.family:
            changed[item.pk] = ItemChange(item, Change.ENDED, named(pairs.related.get(item.pk, [])))
            continue
        after = named(pairs.successors.get(item.pk, []))
        merged = any(count[other.pk] > 1 for other in after)
        # An item that was split and merged is known by the first.
        if found := changes_of([item, item] if merged else [item], after):
            changed[item.pk] = ItemChange(item, found[0], after)
    return changed
