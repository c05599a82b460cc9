"""Matching for the lists in the database; what stands outside a list comes from catalogs/data/matching.

The index of a list is kept for the process and made anew when the list's items or aliases change.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Count, Max, Sum
from django.db.models.functions import Length

from catalogs.datafiles import Node, read_file
from catalogs.matching.cues import Cues, Kind
from catalogs.matching.engine import MATCH, Elsewhere, Entry, Index, Result
from catalogs.models import Catalogue, CatalogueItem, ItemAlias
from catalogs.reading import DATA
from catalogs.text import fold

# By primary key of the list: what the index was made from, and the index.
_kept: dict[int, tuple[tuple[Any, ...], Index]] = {}


def suggest(catalogue: Catalogue, *, name: str, description: str, limit: int = 5, explain: bool = True) -> Result:
    """The items for which anything speaks, best first, each with its row and reasons; see engine.Index.match.

    One query, and a second one when the list has changed since the last call.
    """
    items = _items(catalogue)
    result = _index(catalogue, items).match(name, description, limit=limit, explain=explain)
    result.ranked = [suggestion for suggestion in result.ranked if suggestion.score > 0]
    by_code = {item.code: item for item in items}
    for suggestion in result.ranked:
        suggestion.item = by_code[suggestion.code]
    return result


def index_of(catalogue: Catalogue) -> Index:
    """The list made ready for matching, for a caller that matches many texts and asks the database once."""
    return _index(catalogue, _items(catalogue))


def _items(catalogue: Catalogue) -> list[CatalogueItem]:
    """The items of the list, with as much about their aliases as shows whether these have changed."""
    return list(
        CatalogueItem.objects.filter(catalogue=catalogue)
        .select_related("group")
        .annotate(alias_count=Count("aliases"), newest_alias=Max("aliases"), alias_length=Sum(Length("aliases__text")))
        .order_by("position", "pk")
    )


def _index(catalogue: Catalogue, items: list[CatalogueItem]) -> Index:
    state = (catalogue.slug, *((i.pk, i.code, i.name, *_alias_state(i)) for i in items))
    kept = _kept.get(catalogue.pk)
    if kept is None or kept[0] != state:
        kept = _kept[catalogue.pk] = state, _build(catalogue, items)
    return kept[1]


def _alias_state(item: Any) -> tuple[Any, ...]:
    return item.alias_count, item.newest_alias, item.alias_length


def _build(catalogue: Catalogue, items: list[CatalogueItem]) -> Index:
    aliases: dict[int, list[str]] = {item.pk: [] for item in items}
    rows = ItemAlias.objects.filter(item__catalogue=catalogue).order_by("pk").values_list("item_id", "text")
    for item_id, text in rows:
        aliases[item_id].append(text)
    entries = [Entry(item.code, item.name, tuple(aliases[item.pk])) for item in items]
    outside = _outside()
    return Index(
        entries,
        _elsewhere(outside, catalogue.slug, entries),
        cues=_cues(),
        threshold=outside.thresholds.get(catalogue.slug, MATCH),
    )


# --- what stands outside a list ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Trade:
    label: str
    texts: tuple[str, ...]
    only: tuple[str, ...]  # slugs of the lists to which it is foreign; none: to all


@dataclass(frozen=True)
class _Outside:
    thresholds: dict[str, float]  # by list
    trades: tuple[_Trade, ...]
    borrowed: dict[str, tuple[_Trade, ...]]  # by list: items of other lists


def _elsewhere(outside: _Outside, slug: str, entries: list[Entry]) -> list[Elsewhere]:
    own = {fold(text) for entry in entries for text in (entry.name, *entry.aliases)}
    foreign = [trade for trade in outside.trades if not trade.only or slug in trade.only]
    # What an item of this list says of itself is not elsewhere, even if another list says it too.
    return [
        Elsewhere(trade.label, texts)
        for trade in (*foreign, *outside.borrowed.get(slug, ()))
        if (texts := tuple(text for text in trade.texts if fold(text) not in own))
    ]


@lru_cache(maxsize=1)
def _outside() -> _Outside:
    node = read_file(DATA, DATA / "matching" / "elsewhere.json")
    return _Outside(
        thresholds=dict(node.at("thresholds").value),
        trades=tuple(
            _Trade(trade.text("label"), _texts(trade, "texts"), _texts(trade, "only")) for trade in node.each("trades")
        ),
        borrowed={
            slug: tuple(trade for part in node.at("borrowed").each(slug) for trade in _borrow(part))
            for slug in node.at("borrowed").value
        },
    )


def _borrow(part: Node) -> list[_Trade]:
    slug = part.text("catalogue")
    aliases = read_file(DATA, DATA / "aliases" / f"{slug}.json").at("items")
    groups = read_file(DATA, DATA / "catalogues" / f"{slug}.json").each("groups")
    names = {item.text("code"): item.text("name") for group in groups for item in group.each("items")}
    return [
        _Trade(names[code], (names[code], *(alias.text("text") for alias in aliases.each(code))), ())
        for code in _texts(part, "codes")
    ]


@lru_cache(maxsize=1)
def _cues() -> Cues:
    node = read_file(DATA, DATA / "matching" / "cues.json")
    return Cues(
        tuple(
            Kind(
                kind.text("label"),
                kind.at("weight").value,
                anywhere=_texts(kind, "anywhere"),
                head_vi=_texts(kind, "head_vi"),
                head_en=_texts(kind, "head_en"),
                unless=_texts(kind, "unless"),
            )
            for kind in node.each("kinds")
        )
    )


def _texts(node: Node, key: str) -> tuple[str, ...]:
    return tuple(text.as_text() for text in node.each(key))
