"""Matching for the lists in the database.

What stands outside a list, and examples of products whose place is known, come from catalogs/data/matching; examples
from decided products too, once a catalogue manager has put them into force (`catalogs.learning.evidence`).

The index of a list is kept for the process and made anew when the list's items, aliases or evidence change.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from threading import Lock

from django.core.cache import cache
from django.db.models import BigIntegerField, Count, F, Max, Q, QuerySet, Sum, TextField, Value, Window
from django.db.models.functions import Cast, RowNumber

from accounts.plaintext import harmless
from catalogs.datafiles import Node, read_file
from catalogs.matching.cues import Cues, Kind
from catalogs.matching.decision import Decision, Signals
from catalogs.matching.engine import MATCH, Elsewhere, Entry, Index, Reason, Result, Suggestion
from catalogs.matching.products import products_in as told_apart
from catalogs.matching.saying import NONE_FITTED, Said
from catalogs.matching.words import feature_names, once
from catalogs.models import Catalogue, CatalogueItem, Evidence, ItemAlias, ItemRelation, RelationKind
from catalogs.reading import DATA
from catalogs.text import fold

# Seconds. An item or alias that changes counts a minute later; `forget` makes it count at once where the processes
# share a cache (Redis), and in the process that calls it where they do not.
LOOKED_AFTER_EVERY = 60


class _Ready:
    """A list made ready for matching, what it looked like then, and what it answered about texts that do not change:
    the answers go with it when the list changes."""

    def __init__(self, state: str, items: dict[str, CatalogueItem], index: Index) -> None:
        self.state = state
        self.items = items  # by code
        self.index = index
        self.suggest_once = lru_cache(maxsize=ANSWERS_KEPT)(partial(_suggest, self))
        self.products_once = lru_cache(maxsize=ANSWERS_KEPT)(partial(_products_in, self))


# Characters of a decided product's description: as long as the other examples may get, so that none outweighs them.
EXAMPLE_LIMIT = 1_000
# Decided products of which the index learns, the newest of each item and the newest for which none fits: an item with
# more is known well enough, and the index would grow without end.
EXAMPLES_READ = 50
ANSWERS_KEPT = 256  # about filed texts, of each list
# Relations by which what fits one item fits another.
COVERING = (RelationKind.SAME, RelationKind.NARROWER, RelationKind.BROADER)
# Names that an item takes from the same items of other lists.
ALIASES_BORROWED = 40
_ready: dict[int, _Ready] = {}  # by primary key of the list, for the life of the process
# The first requests after a start all want the same list: one of them makes it ready.
_building: dict[int, Lock] = defaultdict(Lock)


def suggest(
    catalogue: Catalogue,
    *,
    name: str,
    description: str,
    limit: int = 5,
    explain: bool = True,
) -> Result:
    """The items for which anything speaks, best first, each with its row and reasons; see engine.Index.match.

    No query, unless nobody has asked about the list for a minute.
    """
    return _suggest(_ready_for(catalogue), name, description, limit, explain)


def suggest_for_filing(catalogue: Catalogue, *, name: str, description: str, limit: int) -> Result:
    """Like `suggest`, for texts that do not change any more: the officers who open a dossier share one answer."""
    return _ready_for(catalogue).suggest_once(name, description, limit)


def index_of(catalogue: Catalogue) -> Index:
    """The list made ready for matching, for a caller that matches many texts and asks the database once."""
    return _ready_for(catalogue).index


def fresh_index_of(catalogue: Catalogue) -> Index:
    """What is in force at this moment, for measuring: `index_of` may be a minute behind. Made anew each time."""
    return _build(catalogue, list(catalogue.items.order_by("position", "pk")))


def candidate_index_of(catalogue: Catalogue) -> Index:
    """The list with what was accepted or proposed and is not in force yet. Made anew each time: some 0.8 s."""
    return _build(catalogue, list(catalogue.items.order_by("position", "pk")), candidate=True)


def each_once(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """The same words speak only once to a reader, wherever they stand."""
    by_words = {reason.words: reason for reason in reversed(reasons)}
    return tuple(by_words[words] for words in once(list(dict.fromkeys(reason.words for reason in reasons))))


@dataclass(frozen=True)
class Part:
    """One of the products of which a text speaks, fit to show, and the item nearest to it."""

    text: str
    best: Suggestion | None = None


def products_in(catalogue: Catalogue, *, name: str, description: str) -> tuple[Part, ...]:
    """The products that the text speaks of; one where it speaks of one, or where that cannot be told."""
    return _products_in(_ready_for(catalogue), name, description)


def products_in_filing(catalogue: Catalogue, *, name: str, description: str) -> tuple[Part, ...]:
    """Like `products_in`, for texts that do not change any more: the officers who open a dossier share one answer."""
    return _ready_for(catalogue).products_once(name, description)


def _products_in(ready: _Ready, name: str, description: str) -> tuple[Part, ...]:
    return tuple(
        Part(harmless(product.text), _best(_with_items(ready, product.result)))
        for product in told_apart(ready.index, name, description, limit=1)
    )


def _best(result: Result) -> Suggestion | None:
    return result.ranked[0] if result.ranked and result.decision == "match" else None


def state_of(catalogue: Catalogue) -> str:
    """A digest of all from which the index of the list is made; two queries."""
    return _state_of(catalogue)


def made_ready(catalogue: Catalogue) -> Index:
    """The list made ready anew, as after a start: for measuring."""
    feature_names.cache_clear()
    for read in (_file, _examples, _outside, _cues, _decision):
        read.cache_clear()
    return fresh_index_of(catalogue)


def forget(catalogue: Catalogue) -> None:
    """Have the list looked at again before the next answer, and those that learn from its items. One query."""
    lists = ItemRelation.objects.filter(kind__in=COVERING).order_by()
    pairs = lists.values_list("item__catalogue", "other__catalogue").distinct()
    touched = _classes(pairs).get(catalogue.pk, frozenset({catalogue.pk}))
    cache.delete_many([_key(pk) for pk in touched])


def forget_all() -> None:
    """Have every list looked at again. One query."""
    cache.delete_many([_key(pk) for pk in Catalogue.objects.order_by("pk").values_list("pk", flat=True)])


def forget_answers() -> None:
    """As after a start: for measuring."""
    for ready in _ready.values():
        ready.suggest_once.cache_clear()
        ready.products_once.cache_clear()


def _suggest(ready: _Ready, name: str, description: str, limit: int, explain: bool = True) -> Result:
    return _with_items(ready, ready.index.match(name, description, limit=limit, explain=explain))


def _with_items(ready: _Ready, result: Result) -> Result:
    """The rows of the items, and what is said of the text fit to show: anybody may have typed it."""
    ranked = [
        replace(
            s,
            item=ready.items[s.code],
            reasons=tuple(replace(reason, words=harmless(reason.words)) for reason in s.reasons),
            against=tuple(map(Said, s.against)),
        )
        for s in result.ranked
        if s.score > 0
    ]
    return replace(result, ranked=tuple(ranked))


def _ready_for(catalogue: Catalogue) -> _Ready:
    state = cache.get_or_set(_key(catalogue.pk), lambda: _state_of(catalogue), LOOKED_AFTER_EVERY) or ""
    ready = _ready.get(catalogue.pk)
    if ready is None or ready.state != state:
        with _building[catalogue.pk]:
            ready = _ready.get(catalogue.pk)
            if ready is None or ready.state != state:
                items = catalogue.items.select_related("group").order_by("position", "pk")
                by_code = {item.code: item for item in items}
                ready = _ready[catalogue.pk] = _Ready(state, by_code, _build(catalogue, list(by_code.values())))
    return ready


def _key(pk: int) -> str:
    return f"catalogs.matching.{pk}"


def _state_of(catalogue: Catalogue) -> str:
    """A digest of the list's items, with what shows whether aliases and evidence have changed, its own and those of
    the same and of narrower items elsewhere. Two queries."""
    none, zero = Value("", TextField()), Value(0, BigIntegerField())
    items = CatalogueItem.objects.filter(catalogue=catalogue).annotate(row=Value("item"))
    rows = list(
        items.order_by()
        .values_list("row", "pk", "position", "code", "name", "group__name")
        .union(
            _pairs(catalogue)
            .annotate(row=Value("pair"), second=none, third=none)
            .order_by()
            .values_list("row", "item_id", "other_id", "kind", "second", "third"),
            all=True,
        )
    )
    own = {row[1] for row in rows if row[0] == "item"}
    every = _Crosswalk.of(own, [row[1:4] for row in rows if row[0] == "pair"]).every()
    # An alias is never reworded, but its text costs little. Evidence that comes into force has a later review.
    learned = (
        ItemAlias.objects.in_use()
        .filter(item__in=every)
        .annotate(n=zero, total=zero, words=Cast("text", TextField()))
        .order_by()
        .values_list("item_id", "pk", "n", "total", "words")
        .union(
            Evidence.objects.in_use()
            .filter(Q(item__in=every) | Q(item=None, catalogue=catalogue))
            .order_by()
            .values("item_id")
            .annotate(none=zero, n=Count("pk"), total=Sum("pk"), words=Cast(Max("reviewed_at"), TextField()))
            .values_list("item_id", "none", "n", "total", "words"),
            all=True,
        )
    )
    content = (catalogue.slug, sorted(map(repr, rows)), sorted(map(repr, learned)))
    return hashlib.sha256(repr(content).encode()).hexdigest()


def _pairs(catalogue: Catalogue) -> QuerySet[ItemRelation]:
    """How items of the list and of lists that anybody may see cover each other: no other is told of by its words."""
    lists = Catalogue.objects.filter(Q(pk=catalogue.pk) | Q(pk__in=Catalogue.objects.public().values("pk"))).values(
        "pk"
    )
    return ItemRelation.objects.filter(
        kind__in=COVERING,
        item__catalogue__in=lists,
        other__catalogue__in=lists,
    )


@dataclass(frozen=True)
class _Crosswalk:
    """What an item has to do with those of other lists, by its id."""

    same: Mapping[int, frozenset[int]]  # all that cover the same, itself among them: its names may be theirs
    covered: Mapping[int, frozenset[int]]  # these, and all narrower ones: a product that fits them fits it

    @classmethod
    def of(cls, own: Iterable[int], relations: Iterable[tuple[int, int, str]]) -> "_Crosswalk":
        relations = list(relations)
        classes = _classes((one, other) for one, other, kind in relations if kind == RelationKind.SAME)
        narrower: dict[int, set[int]] = {}
        for one, other, kind in relations:
            if kind != RelationKind.SAME:
                wide, narrow = (other, one) if kind == RelationKind.NARROWER else (one, other)
                narrower.setdefault(wide, set()).add(narrow)
        same = {pk: classes.get(pk, frozenset({pk})) for pk in own}
        return cls(same, {pk: _reached(pk, classes, narrower) for pk in same})

    def every(self) -> set[int]:
        return {pk for pks in self.covered.values() for pk in pks}


def _reached(
    start: int, classes: Mapping[int, frozenset[int]], narrower: Mapping[int, Collection[int]]
) -> frozenset[int]:
    """All that cover no more than an item: what is narrower than the narrower is narrower."""
    found: set[int] = set()
    waiting = [start]
    while waiting:
        pk = waiting.pop()
        if pk not in found:
            found.add(pk)
            waiting += [*classes.get(pk, ()), *narrower.get(pk, ())]
    return frozenset(found)


def _classes(pairs: Iterable[tuple[int, int]]) -> dict[int, frozenset[int]]:
    """By item, all that cover the same, itself among them: what is the same as the same is the same."""
    found: dict[int, set[int]] = {}
    for one, other in pairs:
        merged = found.get(one, {one}) | found.get(other, {other})
        for pk in merged:
            found[pk] = merged
    return {pk: frozenset(pks) for pk, pks in found.items()}


@dataclass(frozen=True)
class Learned:
    """What decided products say of a list: examples by code, and products for which none of its items fits."""

    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()

    def also(self, examples: Mapping[str, tuple[str, ...]]) -> "Learned":
        codes = dict.fromkeys([*examples, *self.examples])
        return replace(
            self, examples={code: (*examples.get(code, ()), *self.examples.get(code, ())) for code in codes}
        )


NOTHING_LEARNED = Learned()


def _build(catalogue: Catalogue, items: list[CatalogueItem], *, candidate: bool = False) -> Index:
    relations = _pairs(catalogue).order_by("pk").values_list("item_id", "other_id", "kind")
    crosswalk = _Crosswalk.of([item.pk for item in items], relations)
    aliases = _aliases(items, crosswalk.same, candidate=candidate)
    given = [(item.code, item.name, aliases[item.pk]) for item in items]
    learned = _learned(catalogue, items, crosswalk, candidate=candidate)
    slug = _stands_for(catalogue)
    if slug != catalogue.slug:
        learned = learned.also(_known_elsewhere(items, crosswalk))
    return index_from(DATA, slug, given, learned=learned, same_codes=slug == catalogue.slug)


def _stands_for(catalogue: Catalogue) -> str:
    """The slug of the list that the files of matching know: its own, or that of the version before, of which a newly
    published one takes what stands outside it and how sure a match has to be. One query for each version back."""
    known = _examples(DATA).of_items
    one: Catalogue | None = catalogue
    while one and one.slug not in known:
        one = one.replaces
    return one.slug if one else catalogue.slug


def _known_elsewhere(items: list[CatalogueItem], crosswalk: _Crosswalk) -> dict[str, tuple[str, ...]]:
    """By code, the examples that came with the product of the items of other lists that it covers. One query."""
    known = _examples(DATA).of_items
    others = CatalogueItem.objects.filter(pk__in=crosswalk.every()).order_by("catalogue__effective_from", "pk")
    by_item = {
        pk: known.get(slug, {}).get(code, ()) for pk, slug, code in others.values_list("pk", "catalogue__slug", "code")
    }
    return {
        item.code: tuple(
            dict.fromkeys(text for pk, texts in by_item.items() if pk in crosswalk.covered[item.pk] for text in texts)
        )
        for item in items
    }


def _aliases(
    items: list[CatalogueItem], same: Mapping[int, frozenset[int]], *, candidate: bool
) -> dict[int, tuple[str, ...]]:
    """The names of each item, by id. Those of a list that came without any, as a newly published one does, also take
    the names of the same items of other lists; where names were written for a list, these are its names."""
    every = {pk for pks in same.values() for pk in pks}
    rows = ItemAlias.objects.in_use(candidate=candidate).filter(item__in=every).order_by("pk")
    by_item: dict[int, list[str]] = {}
    came_with_any = False
    for item_id, text, added_by in rows.values_list("item_id", "text", "added_by"):
        by_item.setdefault(item_id, []).append(text)
        came_with_any = came_with_any or (added_by is None and item_id in same)
    names: dict[int, tuple[str, ...]] = {}
    for item in items:
        own = by_item.get(item.pk, [])
        others = [] if came_with_any else [t for pk in sorted(same[item.pk] - {item.pk}) for t in by_item.get(pk, ())]
        by_folded = {fold(text): text for text in reversed([*own, *others[:ALIASES_BORROWED]])}
        names[item.pk] = tuple(own) if not others else tuple(reversed(by_folded.values()))
    return names


def _learned(catalogue: Catalogue, items: list[CatalogueItem], crosswalk: _Crosswalk, *, candidate: bool) -> Learned:
    """Of an item that was overruled nothing is learned: the product may be of another one. It is told to officers.

    What fits an item fits the same and the broader items of other lists. The newest EXAMPLES_READ of each item are
    read, in one query.
    """
    every = crosswalk.every()
    newest_first = Window(RowNumber(), partition_by=[F("item_id")], order_by=[F("decided_on").desc(), F("pk").desc()])
    rows = (
        Evidence.objects.in_use(candidate=candidate)
        .filter(Q(fits=True, item__in=every) | Q(item=None, catalogue=catalogue))
        .annotate(place=newest_first)
        .filter(place__lte=EXAMPLES_READ)
        .order_by("-decided_on", "-pk")
        .values_list("item_id", "name", "description")
    )
    by_item: dict[int, list[tuple[int, str]]] = {}  # with the place among all, by which the newest are taken
    elsewhere: dict[str, None] = {}
    for n, (item_id, name, description) in enumerate(rows):
        text = (description.strip() or name.strip())[:EXAMPLE_LIMIT]
        if item_id is None:
            elsewhere[text] = None
        else:
            by_item.setdefault(item_id, []).append((n, text))
    examples = {}
    for item in items:
        if found := sorted(one for pk in crosswalk.covered[item.pk] for one in by_item.get(pk, ())):
            examples[item.code] = tuple(dict.fromkeys(text for _n, text in found[:EXAMPLES_READ]))
    return Learned(examples, tuple(elsewhere))


def index_from(
    folder: Path,
    slug: str,
    items: Iterable[tuple[str, str, tuple[str, ...]]],
    *,
    learned: Learned = NOTHING_LEARNED,
    without: Collection[str] = (),
    same_codes: bool = True,
) -> Index:
    """The index of a list (code, name and aliases of each item) with what else matching needs read from `folder`.

    Examples whose folded text is in `without` are left out: for fitting the decision to them. `same_codes`: whether
    the codes are those of the list that the files know under the slug.
    """
    examples = _examples(folder)
    if without:
        examples = examples.without(without)
    known = examples.of_items.get(slug, {}) if same_codes else {}
    entries = [
        Entry(code, name, aliases, (*known.get(code, ()), *learned.examples.get(code, ())))
        for code, name, aliases in items
    ]
    outside = _outside(folder)
    unfitting = [_Trade(NONE_FITTED, (text,), ()) for text in learned.elsewhere]
    elsewhere = (*outside.foreign_to(slug, examples), *_borrowed(folder, slug, examples), *unfitting)
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
