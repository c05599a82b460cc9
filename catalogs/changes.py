"""What became of the items of a list in the version that takes its place.

By the successors that were linked, and where nobody has linked an item, by its wording: an item of the same words is
the same item under another number.
"""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from catalogs.models import Catalogue, CatalogueItem, ItemRelation, shown_code_of


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
    return earlier.filter(Q(pk=catalogue.replaces_id) | Q(instrument__replaced_by=catalogue.instrument_id))


def changed_items(catalogue: Catalogue) -> dict[int, ItemChange]:
    """The items of its predecessors that changed, by id. Three queries, however long the lists are.

    Of a list of another kind, every item ended: TT 31/2025/TT-BKHCN does not continue the list of TT 19/2021/TT-BTTTT.
    """
    earlier = {one.pk: one for one in predecessors(catalogue)}
    items = CatalogueItem.objects.filter(catalogue__in=[*earlier, catalogue.pk]).order_by("position", "pk")
    old = {item.pk: item for item in items if item.catalogue_id in earlier}
    new = {item.pk: item for item in items if item.catalogue_id == catalogue.pk}
    linked, related = _links(old, new)
    count = Counter(pk for successors in linked.values() for pk in successors)
    changed = {}
    for pk, item in old.items():
        if earlier[item.catalogue_id].family != catalogue.family:
            changed[pk] = ItemChange(item, Change.ENDED, tuple(new[other] for other in related.get(pk, [])))
            continue
        after = tuple(new[other] for other in linked.get(pk, []))
        if change := _change(item, after, shared=any(count[other.pk] > 1 for other in after)):
            changed[pk] = ItemChange(item, change, after)
    return changed


def _links(
    old: dict[int, CatalogueItem], new: dict[int, CatalogueItem]
) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """The successors of each old item, and all that it is related to, both in the order of the new list."""
    linked: dict[int, list[int]] = {}
    related: dict[int, list[int]] = {}
    relations = ItemRelation.objects.filter(item__in=old, other__in=new).order_by("other__position", "pk")
    for item, other, successor in relations.values_list("item_id", "other_id", "successor"):
        related.setdefault(item, []).append(other)
        if successor:
            linked.setdefault(item, []).append(other)
    taken = {pk for successors in linked.values() for pk in successors}
    by_wording = {_wording(item): pk for pk, item in new.items() if pk not in taken}
    for pk, earlier in old.items():
        # What was linked to something, though not as its successor, was looked at by somebody.
        if pk not in related and (same := by_wording.get(_wording(earlier))):
            linked[pk] = [same]
    return linked, related


def _change(item: CatalogueItem, after: tuple[CatalogueItem, ...], *, shared: bool) -> Change | None:
    if not after:
        return Change.REMOVED
    if len(after) > 1:
        return Change.SPLIT
    if shared:
        return Change.MERGED
    if _wording(item) != _wording(after[0]):
        return Change.RENAMED
    # A handle is no number: where either list gives none, none has changed.
    numbers = {shown_code_of(item.code), shown_code_of(after[0].code)}
    return Change.RENUMBERED if len(numbers) > 1 and "" not in numbers else None


def _wording(item: CatalogueItem) -> str:
    return " ".join(item.name.split()).rstrip(".;").casefold()
