"""Search across all lists: by number, or by words typed with or without diacritics.

Every word of the query must begin a word of the item's name or of its group's name, so that "ai" finds "trí tuệ nhân
tạo (AI)" and not "tại", or be a word of another way to say the item: those are many, and "vi mạch" is no "virtual
machine". What the name says comes first, then what the group says. The translations of both count as the names do, and
the names on a list to which the item refers (`ReferenceEntry`) as other ways to say it.
All are kept folded beside the wording (`search_text`), because the databases do not fold đ alike.
Typed diacritics find nothing less, and say more: what is written as typed comes first, so that “xe tăng” is not led by
“xe tầng”. Then come words that stand near each other.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Length
from django.utils.translation import get_language

from catalogs.models import Catalogue, CatalogueItem, ItemAlias, ReferenceEntry, ReferenceList
from catalogs.text import composed, fold, fold_character

QUERY_MAX = 200  # characters that are read
WORDS_MAX = 10
NEAR = 3  # words: two that are sought belong together where no more hold them
ALIAS_HITS_MAX = 5  # items of one list that are found only by another way to say them
_CODE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})*\.?")
_WORD = re.compile(r"[a-z0-9]+")
# Of the translations: “in 3D” is Vietnamese for printing, and “an” begins “an toàn”.
_ENGLISH_SMALL = frozenset(["a", "an", "and", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"])
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # huyền, sắc, ngã, hỏi, nặng
_ENGLISH_BEGINNING = 4  # letters from which a word may be the beginning of an English one


@dataclass(frozen=True)
class Hit:
    item: CatalogueItem
    spans: tuple[tuple[int, int], ...]  # where the query's words stand in the item's name
    group_spans: tuple[tuple[int, int], ...] = ()  # in the group's name, if the item's does not hold all words
    alias: str = ""  # another way to say it, if not even both names hold the words
    alias_spans: tuple[tuple[int, int], ...] = ()
    alias_language: str = ""
    alias_length: int = 0  # of the shortest that holds as much, whatever its language
    entry: bool = False  # that other way is a name on the list to which the item refers
    english_spans: tuple[tuple[int, int], ...] = ()  # in the translation, if the Vietnamese names lack the words
    otherwise: int = 0  # how many of the words are written there only with other diacritics than were typed


@dataclass(frozen=True)
class _Said:
    """Another way to say an item: an alias, or a name on the list to which it refers."""

    text: str
    search_text: str
    language: str
    entry: bool


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


def search_text_en(text: str) -> str:
    """The same for an English translation, without its small words."""
    return "".join(f" {word}" for word in words_of(text) if word not in _ENGLISH_SMALL)


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
    entries = _matching_entries(words)
    typed = _with_marks(query)
    hits = [hit for item in items if (hit := _hit(item, words, typed, code, entries.get(item.pk, [])))]
    as_typed = any(not hit.otherwise for hit in hits)
    by_catalogue: dict[Catalogue, list[Hit]] = {}
    for hit in hits:
        if not (as_typed and hit.alias and hit.otherwise):
            by_catalogue.setdefault(hit.item.catalogue, []).append(hit)
    return sorted(
        (Found(catalogue, tuple(_ranked(of_list, query, words, code))) for catalogue, of_list in by_catalogue.items()),
        key=lambda found: (not found.catalogue.is_in_force(on), -found.catalogue.effective_from.toordinal()),
    )


def items_found(catalogue: Catalogue, query: str) -> set[int]:
    """The ids of the items of one list that the query finds, however far they stand from it. One query at most."""
    words = _words(query[:QUERY_MAX])
    if not words:
        return set()
    return set(catalogue.items.filter(_matching(words, _code(query[:QUERY_MAX]))).values_list("pk", flat=True))


def references_found(query: str) -> list[tuple[ReferenceList, list[ReferenceEntry]]]:
    """The names on reference lists that hold every word of the query, by list. One query, or none without words."""
    words = _words(query[:QUERY_MAX])
    if not words:
        return []
    every_word = Q(*(Q(search_text__contains=f" {word}") for word in words))
    found: dict[ReferenceList, list[ReferenceEntry]] = {}
    rows = ReferenceEntry.objects.filter(every_word, removed_in=None).select_related("reference_list__instrument")
    for entry in rows.order_by("reference_list__title", "reference_list_id", "position", "pk"):
        found.setdefault(entry.reference_list, []).append(entry)
    return list(found.items())


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
            | Q(pk__in=ItemAlias.objects.filter(Q(live=True) & _with_word(word)).values("item"))
            | Q(pk__in=_entries().filter(_with_word(word)).values("reference_list__instrument__referring_items"))
        )
    found |= _matching_in_english(words)
    return found | Q(code=code) | Q(printed_code__in=[code, f"{code}."]) if code else found


def _entries() -> QuerySet[ReferenceEntry]:
    return ReferenceEntry.objects.filter(removed_in=None)


def _matching_in_english(words: list[str]) -> Q:
    """All words in the translations of item and group, and one of them in the item's; nothing if all are small."""
    english = _english(words)
    every, own = Q(), Q()
    for word in english:
        every &= _english_word("search_text_en", word) | _english_word("group__search_text_en", word)
        own |= _english_word("search_text_en", word)
    return every & own if english else Q(pk__in=[])


def _english(words: list[str]) -> list[str]:
    return [word for word in words if word not in _ENGLISH_SMALL]


def _english_word(column: str, word: str) -> Q:
    if len(word) >= _ENGLISH_BEGINNING:
        return Q(**{f"{column}__contains": f" {word}"})
    return Q(**{f"{column}__contains": f" {word} "}) | Q(**{f"{column}__endswith": f" {word}"})


def _with_word(word: str) -> Q:
    return Q(search_text__contains=f" {word} ") | Q(search_text__endswith=f" {word}")


def _has_word(alias: "ItemAlias | _Said", word: str) -> bool:
    return f" {word} " in f"{alias.search_text} "


def _matching_aliases(words: list[str]) -> Prefetch:
    # The shortest says least besides the words that were asked for.
    any_word = Q(*(_with_word(word) for word in words), _connector=Q.OR)
    aliases: QuerySet = ItemAlias.objects.filter(any_word, live=True).order_by(Length("text"), "pk")
    return Prefetch("aliases", queryset=aliases, to_attr="matching_aliases")


def _matching_entries(words: list[str]) -> dict[int, list[_Said]]:
    """By the id of the item that refers to their list."""
    any_word = Q(*(_with_word(word) for word in words), _connector=Q.OR)
    rows = _entries().filter(any_word).order_by(Length("name"), "pk")
    found: dict[int, list[_Said]] = {}
    for name, text, item in rows.values_list("name", "search_text", "reference_list__instrument__referring_items"):
        if item is not None:
            found.setdefault(item, []).append(_Said(name, text, "vi", entry=True))
    return found


def _hit(item: CatalogueItem, words: list[str], typed: list[str], code: str, entries: list[_Said]) -> Hit | None:
    """How the item is found; None if its words are scattered over several other ways to say it."""
    if code and code in (item.code, item.printed_code.rstrip(".")):
        return Hit(item, spans(item.name, words))
    in_name = spans(item.name, words)
    otherwise = _written_otherwise(f"{item.name} {item.group.name}", typed)
    left = [word for word in words if f" {word}" not in item.search_text]
    if not left:
        return Hit(item, in_name, otherwise=otherwise)
    in_group = spans(item.group.name, words)
    left = [word for word in left if f" {word}" not in item.group.search_text]
    if not left:
        return Hit(item, in_name, in_group, otherwise=otherwise)
    english = _english(words)
    in_english = f"{item.search_text_en}{item.group.search_text_en} "
    # The words were found somewhere: if not one by one in Vietnamese, together in the translation.
    if english and all(f" {word}" in in_english for word in english):
        return Hit(item, in_name, english_spans=spans(item.name_en, english) or ((0, 0),))
    aliases: list[ItemAlias] = getattr(item, "matching_aliases")  # noqa: B009  set by the prefetch
    said = [_Said(alias.text, alias.search_text, alias.language, entry=False) for alias in aliases] + entries
    found = _best_said(said, left, typed)
    # Two syllables that stand apart are rarely the word that was meant: “bán” and “dẫn” are no “bán dẫn”.
    if not found or (len(words) == 2 and not 0 < _spread(found[0].search_text, words) <= NEAR):
        return None
    best, length = found
    alone = all(_has_word(best, word) for word in words)
    where = best.text if alone else f"{item.name} {item.group.name} {best.text}"
    return Hit(
        item,
        () if alone else in_name,
        () if alone else in_group,
        best.text,
        spans(best.text, words),
        best.language,
        length,
        best.entry,
        otherwise=_written_otherwise(where, typed),
    )


def _best_said(said: list[_Said], left: list[str], typed: list[str]) -> tuple[_Said, int] | None:
    """Of those that hold all words, if possible as they were typed: the first in the reader's language, else the
    first; and the length of the first in characters."""
    phrase = "".join(f" {word}" for word in left)
    holding = [one for one in said if all(_has_word(one, word) for word in left)]
    if not holding:
        return None

    def merits(one: _Said) -> tuple[bool, int]:
        return phrase in one.search_text, -_written_otherwise(one.text, typed)

    most = max(merits(one) for one in holding)
    best = [one for one in holding if merits(one) == most]
    return next((one for one in best if one.language == get_language()), best[0]), len(best[0].text)


def _ranked(hits: list[Hit], query: str, words: list[str], code: str) -> list[Hit]:
    """The asked number, then the words as one phrase in the name, then near each other in it, then as one phrase in
    the group's name, then anywhere in both, then in other ways to say it; above all, what is written as typed."""
    phrase = search_text(query)

    def rank(hit: Hit) -> tuple[int, int, int, int]:
        if code and hit.item.code == code:
            return 0, 0, 0, hit.item.position
        item, group = hit.item, hit.item.group
        if hit.group_spans:
            return hit.otherwise, 3 if phrase in group.search_text else 5, 0, item.position
        text = item.search_text_en if hit.english_spans else item.search_text
        spread = _spread(text, words)
        nearness = 1 if phrase in text else 2 if spread < len(words) + NEAR else 4
        return hit.otherwise, nearness, spread, item.position

    by_name = sorted((hit for hit in hits if not hit.alias), key=rank)
    by_alias = sorted(
        (hit for hit in hits if hit.alias),
        key=lambda hit: (hit.otherwise, phrase not in search_text(hit.alias), hit.alias_length, hit.item.position),
    )
    return by_name + by_alias[:ALIAS_HITS_MAX]


def _with_marks(query: str) -> list[str]:
    """The words of the query that were typed with diacritics."""
    return [word for word in _spellings(query) if not word.isascii()]


def _spellings(text: str) -> list[str]:
    """The words with their diacritics, the tone behind the word: “hoá” and “hóa” are two ways to write one."""
    return [_spelling(word) for word in re.findall(r"\w+", composed(text).lower())]


def _spelling(word: str) -> str:
    apart = unicodedata.normalize("NFD", word)
    return "".join(c for c in apart if c not in _TONES) + "".join(c for c in apart if c in _TONES)


def _written_otherwise(text: str, typed: list[str]) -> int:
    """How many of the words begin no word of the text with the diacritics that they were typed with."""
    written = _spellings(text) if typed else []
    return sum(not any(word.startswith(one) for word in written) for one in typed)


def _spread(text: str, words: list[str]) -> int:
    """How many words the shortest stretch of a folded text has that holds all the given ones; 0 if none does."""
    text_words = text.split()
    places = [[n for n, word in enumerate(text_words) if word.startswith(sought)] for sought in words]
    stretches = []
    for start in sorted({n for one in places for n in one}):
        following = [[n for n in one if n >= start] for one in places]
        if all(following):
            stretches.append(max(one[0] for one in following) - start + 1)
    return min(stretches, default=0)
