"""Matching for the lists in the database.

What stands outside a list, and examples of products whose place is known, come from catalogs/data/matching.

The index of a list is kept for the process and made anew when the list's items or aliases change.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from threading import Lock

from django.core.cache import cache
from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Length

from catalogs.datafiles import Node, read_file
from catalogs.matching.cues import Cues, Kind
from catalogs.matching.decision import Decision, Signals
from catalogs.matching.engine import MATCH, Elsewhere, Entry, Index, Result
from catalogs.matching.products import Product, products_in
from catalogs.matching.words import feature_names
from catalogs.models import Catalogue, CatalogueItem, ItemAlias
from catalogs.reading import DATA
from catalogs.text import fold

# Seconds. An item or alias that changes counts a minute later; `forget` makes it count at once where the processes
# share a cache (Redis), and in the process that calls it where they do not.
LOOKED_AFTER_EVERY = 60


@dataclass(frozen=True, eq=False)  # each is a list as it stood once, and the same as itself alone
class _Ready:
    """A list made ready for matching, and what it looked like then."""

    state: str
    items: dict[str, CatalogueItem]  # by code
    index: Index


LIVE = Q(aliases__live=True)

_ready: dict[int, _Ready] = {}  # by primary key of the list, for the life of the process
_building = Lock()  # the first requests after a start all want the same list: one of them makes it ready


def suggest(
    catalogue: Catalogue,
    *,
    name: str,
    description: str,
    answers: Sequence[str] = (),
    limit: int = 5,
    explain: bool = True,
) -> Result:
    """The items for which anything speaks, best first, each with its row and reasons; see engine.Index.match.

    No query, unless nobody has asked about the list for a minute.
    """
    return _suggest(_ready_for(catalogue), name, description, limit, explain, tuple(answers))


def products(catalogue: Catalogue, *, name: str, description: str, limit: int = 3) -> tuple[Product, ...]:
    """The products that one declaration names, each with its place and suggestions; one where it names one."""
    ready = _ready_for(catalogue)
    return tuple(
        replace(product, result=_with_items(ready, product.result))
        for product in products_in(ready.index, name, description, limit=limit)
    )


def suggest_for_filing(catalogue: Catalogue, *, name: str, description: str, limit: int) -> Result:
    """Like `suggest`, for texts that do not change any more: the officers who open a dossier share one answer."""
    return _suggest_once(_ready_for(catalogue), name, description, limit)


def index_of(catalogue: Catalogue) -> Index:
    """The list made ready for matching, for a caller that matches many texts and asks the database once."""
    return _ready_for(catalogue).index


def made_ready(catalogue: Catalogue) -> Index:
    """The list made ready anew, as after a start: for measuring."""
    feature_names.cache_clear()
    for read in (_file, _examples, _outside, _cues, _decision):
        read.cache_clear()
    return _build(catalogue, list(catalogue.items.order_by("position", "pk")))


def forget(catalogue: Catalogue) -> None:
    """Have the list looked at again before the next answer."""
    cache.delete(_key(catalogue))


def forget_answers() -> None:
    """As after a start: for measuring."""
    _suggest_once.cache_clear()


def _suggest(
    ready: _Ready, name: str, description: str, limit: int, explain: bool = True, answers: tuple[str, ...] = ()
) -> Result:
    found = ready.index.match(name, description, answers=answers, limit=limit, explain=explain)
    return _with_items(ready, found)


def _with_items(ready: _Ready, result: Result) -> Result:
    return replace(result, ranked=tuple(replace(s, item=ready.items[s.code]) for s in result.ranked if s.score > 0))


_suggest_once = lru_cache(maxsize=256)(_suggest)


def _ready_for(catalogue: Catalogue) -> _Ready:
    state = cache.get_or_set(_key(catalogue), lambda: _state_of(catalogue), LOOKED_AFTER_EVERY) or ""
    with _building:
        ready = _ready.get(catalogue.pk)
        if ready is None or ready.state != state:
            items = catalogue.items.select_related("group").order_by("position", "pk")
            by_code = {item.code: item for item in items}
            ready = _ready[catalogue.pk] = _Ready(state, by_code, _build(catalogue, list(by_code.values())))
    return ready


def _key(catalogue: Catalogue) -> str:
    return f"catalogs.matching.{catalogue.pk}"


def _state_of(catalogue: Catalogue) -> str:
    """A digest of the list's items, with as much about their aliases as shows whether these have changed."""
    rows = (
        CatalogueItem.objects.filter(catalogue=catalogue)
        .annotate(
            alias_count=Count("aliases", filter=LIVE),
            newest_alias=Max("aliases", filter=LIVE),
            alias_length=Sum(Length("aliases__text"), filter=LIVE),
        )
        .order_by("pk")
        .values_list("pk", "code", "name", "position", "group__name", "alias_count", "newest_alias", "alias_length")
    )
    return hashlib.sha256(repr((catalogue.slug, list(rows))).encode()).hexdigest()


def _build(catalogue: Catalogue, items: list[CatalogueItem]) -> Index:
    aliases: dict[int, list[str]] = {item.pk: [] for item in items}
    rows = ItemAlias.objects.filter(item__catalogue=catalogue, live=True).order_by("pk").values_list("item_id", "text")
    for item_id, text in rows:
        aliases[item_id].append(text)
    given = [(item.code, item.name, tuple(aliases[item.pk])) for item in items]
    return index_from(DATA, catalogue.slug, given)


def index_from(
    folder: Path,
    slug: str,
    items: Iterable[tuple[str, str, tuple[str, ...]]],
    *,
    without: Collection[str] = (),
) -> Index:
    """The index of a list (code, name and aliases of each item) with what else matching needs read from `folder`.

    Examples whose folded text is in `without` are left out: for learning from them.
    """
    examples = _examples(folder)
    if without:
        examples = examples.without(without)
    known = examples.of_items.get(slug, {})
    entries = [Entry(code, name, aliases, known.get(code, ())) for code, name, aliases in items]
    outside = _outside(folder)
    elsewhere = (*outside.foreign_to(slug, examples), *_borrowed(folder, slug, examples))
    return Index(
        entries,
        _elsewhere(elsewhere, entries),
        cues=_cues(folder),
        decision=_decision(folder),
        threshold=outside.thresholds.get(slug, MATCH),
    )


def items_in(folder: Path, slug: str, codes: Collection[str] | None = None) -> list[tuple[str, str, tuple[str, ...]]]:
    """Code, name and aliases of each item, or of those asked for, as the files in `folder` have them, in order."""
    aliases = _file(folder, f"aliases/{slug}.json").at("items")
    groups = _file(folder, f"catalogues/{slug}.json").each("groups")
    items = [item for group in groups for item in group.each("items") if not codes or item.text("code") in codes]
    return [
        (item.text("code"), item.text("name"), tuple(a.text("text") for a in aliases.each(item.text("code"))))
        for item in items
    ]


@lru_cache(maxsize=16)
def _file(folder: Path, name: str) -> Node:
    return read_file(folder, folder / name)


# --- what stands outside a list ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Trade:
    label: str
    texts: tuple[str, ...]
    only: tuple[str, ...]  # slugs of the lists to which it is foreign; none: to all
    borrowed: bool = False  # an item of another list


def _elsewhere(trades: Iterable[_Trade], entries: list[Entry]) -> list[Elsewhere]:
    own = {fold(text) for entry in entries for text in (entry.name, *entry.aliases, *entry.examples)}
    # What an item of this list says of itself is not elsewhere, even if another list says it too.
    return [
        Elsewhere(trade.label, texts, foreign=trade.borrowed)
        for trade in trades
        if (texts := tuple(text for text in trade.texts if fold(text) not in own))
    ]


@dataclass(frozen=True)
class _Examples:
    """Descriptions of products whose place is known, by list and code, and by the label of a trade."""

    of_items: dict[str, dict[str, tuple[str, ...]]]
    of_trades: dict[str, tuple[str, ...]]

    def without(self, texts: Collection[str]) -> "_Examples":
        def kept(by: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
            return {key: tuple(text for text in found if fold(text) not in texts) for key, found in by.items()}

        return _Examples({slug: kept(codes) for slug, codes in self.of_items.items()}, kept(self.of_trades))


@dataclass(frozen=True)
class _Outside:
    thresholds: dict[str, float]  # by list
    trades: tuple[_Trade, ...]

    def foreign_to(self, slug: str, examples: _Examples) -> list[_Trade]:
        """The trades that are none of the list's, with the examples known of them."""
        return [
            replace(trade, texts=(*trade.texts, *examples.of_trades.get(trade.label, ())))
            for trade in self.trades
            if not trade.only or slug in trade.only
        ]


@lru_cache(maxsize=2)
def _examples(folder: Path) -> _Examples:
    of_items: dict[str, dict[str, tuple[str, ...]]] = {}
    of_trades: dict[str, tuple[str, ...]] = {}
    for example in _file(folder, "matching/examples.json").each("examples"):
        text = example.text("text")
        if "trade" in example.value:
            of_trades[example.text("trade")] = (*of_trades.get(example.text("trade"), ()), text)
            continue
        items = example.at("items")
        for slug in items.value:
            codes = of_items.setdefault(slug, {})
            codes[items.text(slug)] = (*codes.get(items.text(slug), ()), text)
    return _Examples(of_items, of_trades)


@lru_cache(maxsize=2)
def _outside(folder: Path) -> _Outside:
    node = _file(folder, "matching/elsewhere.json")
    return _Outside(
        thresholds=dict(node.at("thresholds").value),
        trades=tuple(
            _Trade(trade.text("label"), _texts(trade, "texts"), _texts(trade, "only")) for trade in node.each("trades")
        ),
    )


def _borrowed(folder: Path, slug: str, examples: _Examples) -> list[_Trade]:
    """Items of other lists, for a list to which they are foreign."""
    parts = _file(folder, "matching/elsewhere.json").at("borrowed").each(slug)
    return [trade for part in parts for trade in _borrow(folder, part, examples)]


def _borrow(folder: Path, part: Node, examples: _Examples) -> list[_Trade]:
    slug, codes = part.text("catalogue"), _texts(part, "codes")
    items = {code: (name, *aliases) for code, name, aliases in items_in(folder, slug, codes)}
    known = examples.of_items.get(slug, {})
    return [_Trade(items[code][0], (*items[code], *known.get(code, ())), (), borrowed=True) for code in codes]


@lru_cache(maxsize=2)
def _cues(folder: Path) -> Cues:
    node = _file(folder, "matching/cues.json")
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


@lru_cache(maxsize=2)
def _decision(folder: Path) -> Decision:
    node = _file(folder, "matching/decision.json")
    weights = node.at("weights")
    return Decision(node.at("constant").value, {name: weights.at(name).value for name in Signals._fields})


def _texts(node: Node, key: str) -> tuple[str, ...]:
    return tuple(text.as_text() for text in node.each(key))
