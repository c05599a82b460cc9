"""Search across all lists: by number, or by words typed with or without diacritics.

Every word of the query must begin a word of the item's name or of its group's name, so that "ai" finds "trí tuệ nhân
tạo (AI)" and not "tại", or be a word of another way to say the item: those are many, and "vi mạch" is no "virtual
machine". What the name says comes first, then what the group says.
All three are kept folded beside the wording (`search_text`), because the databases do not fold đ alike.
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
    group_spans: tuple[tuple[int, int], ...] = ()  # in the group's name, if the item's does not hold all words
    alias: str = ""  # another way to say it, if not even both names hold the words
    alias_spans: tuple[tuple[int, int], ...] = ()
    scattered: bool = False  # not even the names and that one alias together hold all words as they were meant


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


def search(query: str, *, on: date, among: QuerySet[Catalogue]) -> list[Found]:
    """What the query finds in the lists, by list: those in force on the day first, then the newest. Three queries."""
    query = query[:QUERY_MAX]
    code = _code(query)
    words = _words(query)
    if not words:
        return []
    items = (
        CatalogueItem.objects.filter(_matching(words, code), catalogue__in=among)
        .select_related("catalogue__instrument", "group")
        .prefetch_related(_matching_aliases(words))
        .order_by("position", "pk")
    )
    by_catalogue: dict[Catalogue, list[Hit]] = {}
    for item in items:
        by_catalogue.setdefault(item.catalogue, []).append(_hit(item, words, code))
    return sorted(
        (Found(catalogue, tuple(_ranked(hits, query, code))) for catalogue, hits in by_catalogue.items()),
        key=lambda found: (not found.catalogue.is_in_force(on), -found.catalogue.effective_from.toordinal()),
    )


def items_found(catalogue: Catalogue, query: str) -> set[int]:
    """The ids of the items of one list that the query finds, however far they stand from it. One query at most."""
    words = _words(query[:QUERY_MAX])
    if not words:
        return set()
    return set(catalogue.items.filter(_matching(words, _code(query[:QUERY_MAX]))).values_list("pk", flat=True))


def _code(query: str) -> str:
    text = query.strip()
    return text.rstrip(".") if _CODE.fullmatch(text) else ""


def _words(query: str) -> list[str]:
    return list(dict.fromkeys(words_of(query)))[:WORDS_MAX]


def _matching(words: list[str], code: str) -> Q:
    found = Q()
    for word in words:
        found &= (
            Q(search_text__contains=f" {word}")
            | Q(group__search_text__contains=f" {word}")
            | Q(pk__in=ItemAlias.objects.filter(_with_word(word)).values("item"))
        )
    return found | Q(code=code) | Q(printed_code__in=[code, f"{code}."]) if code else found


def _with_word(word: str) -> Q:
    return Q(live=True) & (Q(search_text__contains=f" {word} ") | Q(search_text__endswith=f" {word}"))


def _has_word(alias: ItemAlias, word: str) -> bool:
    return f" {word} " in f"{alias.search_text} "


def _matching_aliases(words: list[str]) -> Prefetch:
    # The shortest says least besides the words that were asked for.
    any_word = Q(*(_with_word(word) for word in words), _connector=Q.OR)
    aliases: QuerySet = ItemAlias.objects.filter(any_word).order_by(Length("text"), "pk")
    return Prefetch("aliases", queryset=aliases, to_attr="matching_aliases")


def _hit(item: CatalogueItem, words: list[str], code: str) -> Hit:
    if code and code in (item.code, item.printed_code.rstrip(".")):
        return Hit(item, spans(item.name, words))
    in_name = spans(item.name, words)
    left = [word for word in words if f" {word}" not in item.search_text]
    if not left:
        return Hit(item, in_name)
    in_group = spans(item.group.name, words)
    left = [word for word in left if f" {word}" not in item.group.search_text]
    if not left:
        return Hit(item, in_name, in_group)
    aliases: list[ItemAlias] = getattr(item, "matching_aliases")  # noqa: B009  set by the prefetch
    # The first of those that hold most of what the names lack, if possible as it was typed.
    phrase = "".join(f" {word}" for word in left)
    best = max(aliases, key=lambda alias: (sum(_has_word(alias, w) for w in left), phrase in alias.search_text))
    # Two syllables that stand apart are rarely the word that was meant: “bán” and “dẫn” are no “bán dẫn”.
    apart = len(words) == 2 and "".join(f" {word}" for word in words) not in best.search_text
    scattered = apart or not all(_has_word(best, word) for word in left)
    return Hit(item, in_name, in_group, best.text, spans(best.text, words), scattered)


def _ranked(hits: list[Hit], query: str, code: str) -> list[Hit]:
    """The asked number, then the words as one phrase in the name, then anywhere in it, then in the group's name, then
    in other ways to say it."""
    phrase = search_text(query)

    def rank(hit: Hit) -> tuple[int, int]:
        if code and hit.item.code == code:
            return 0, hit.item.position
        if hit.group_spans:
            return 3 if phrase in hit.item.group.search_text else 4, hit.item.position
        return 1 if phrase in hit.item.search_text else 2, hit.item.position

    by_name = sorted((hit for hit in hits if not hit.alias), key=rank)
    # Such hits are told only where the list has nothing better.
    together = [hit for hit in hits if not hit.scattered]
    by_alias = sorted(
        (hit for hit in together or hits if hit.alias),
        key=lambda hit: (phrase not in search_text(hit.alias), len(hit.alias), hit.item.position),
    )
    return by_name + by_alias[:ALIAS_HITS_MAX]
