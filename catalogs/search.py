"""Search across all lists: by number, or by words typed with or without diacritics.

A word of the query must begin a word of the name, so that "ai" finds "trí tuệ nhân tạo (AI)" and not "tại".
Names are kept folded beside the wording (`search_text`), because the databases do not fold đ alike.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Length

from catalogs.models import Catalogue, CatalogueItem, ItemAlias
from catalogs.text import fold, fold_character

QUERY_MAX = 200  # characters that are read
WORDS_MAX = 10
ALIAS_HITS_MAX = 5  # items of one list that are found only by another way to say them
_CODE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})*\.?")
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Hit:
    item: CatalogueItem
    spans: tuple[tuple[int, int], ...]  # where the query's words stand in the item's name
    alias: str = ""  # another way to say it, if the name itself does not hold the words
    alias_spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Found:
    catalogue: Catalogue
    hits: tuple[Hit, ...]


def words_of(text: str) -> list[str]:
    """The words of the text as they are compared: folded, without punctuation."""
    return _WORD.findall(fold(text))


def search_text(text: str) -> str:
    """What is stored for a search: every word behind a space, so that " cam" finds where a word begins."""
    return "".join(f" {word}" for word in words_of(text))


def spans(text: str, words: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Where the given words stand in the text, or words that begin with one that stands nowhere whole:
    (start, end) in the text, in order."""
    folded, origin = "", []
    for position, character in enumerate(text):
        piece = fold_character(character)
        folded += piece
        origin += [position] * len(piece)
    found = set()
    # “tri” of “tri tue” is half a word in “triển”, which the person did not look for.
    whole = {word for word in _WORD.findall(folded) if word in words}
    for word in _WORD.finditer(folded):
        lengths = [len(w) for w in words if word.group() == w or (w not in whole and word.group().startswith(w))]
        if lengths:
            found.add((origin[word.start()], origin[word.start() + max(lengths) - 1] + 1))
    return tuple(sorted(found))


def search(query: str, *, on: date) -> list[Found]:
    """What the query finds, by list: those in force on the day first, then the newest. Three queries at most."""
    query = query[:QUERY_MAX]
    code = _code(query)
    words = list(dict.fromkeys(words_of(query)))[:WORDS_MAX]
    if not words:
        return []
    matching = Q(*(Q(search_text__contains=f" {word}") for word in words))
    items = (
        CatalogueItem.objects.filter(
            matching
            | Q(pk__in=ItemAlias.objects.filter(matching).values("item_id"))
            | (Q(code=code) | Q(printed_code=code) if code else Q(pk__in=[]))
        )
        .select_related("catalogue__instrument", "group")
        .prefetch_related(_matching_aliases(matching))
        .order_by("position", "pk")
    )
    by_catalogue: dict[Catalogue, list[Hit]] = {}
    for item in items:
        hit = _hit(item, words, code)
        if hit:
            by_catalogue.setdefault(item.catalogue, []).append(hit)
    return sorted(
        (Found(catalogue, tuple(_ranked(hits, query, code))) for catalogue, hits in by_catalogue.items()),
        key=lambda found: (not found.catalogue.is_in_force(on), -found.catalogue.effective_from.toordinal()),
    )


def _code(query: str) -> str:
    text = query.strip()
    return text.rstrip(".") if _CODE.fullmatch(text) else ""


def _matching_aliases(matching: Q) -> Prefetch:
    # The shortest says least besides the words that were asked for.
    aliases: QuerySet = ItemAlias.objects.filter(matching).order_by(Length("text"), "pk")
    return Prefetch("aliases", queryset=aliases, to_attr="matching_aliases")


def _hit(item: CatalogueItem, words: list[str], code: str) -> Hit | None:
    if all(f" {word}" in item.search_text for word in words):
        return Hit(item, spans(item.name, words))
    if code and code in (item.code, item.printed_code.rstrip(".")):
        return Hit(item, ())
    # An alias that says much else besides ("camera and propulsion for satellites") does not answer "camera".
    longest = len(words) + max(1, len(words) // 2)
    aliases: list[ItemAlias] = getattr(item, "matching_aliases")  # noqa: B009  set by the prefetch
    close = [alias.text for alias in aliases if len(alias.search_text.split()) <= longest]
    return Hit(item, (), close[0], spans(close[0], words)) if close else None


def _ranked(hits: list[Hit], query: str, code: str) -> list[Hit]:
    """The asked number, then the words as one phrase, then the words anywhere, then other ways to say it."""
    phrase = search_text(query)

    def rank(hit: Hit) -> tuple[int, int]:
        if code and hit.item.code == code:
            return 0, hit.item.position
        return 1 if phrase in hit.item.search_text else 2, hit.item.position

    by_name = sorted((hit for hit in hits if not hit.alias), key=rank)
    by_alias = sorted((hit for hit in hits if hit.alias), key=lambda hit: (len(hit.alias), hit.item.position))
    return by_name + by_alias[:ALIAS_HITS_MAX]
