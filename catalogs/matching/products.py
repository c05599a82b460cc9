"""Tells apart several products that one declaration names.

A declaration mostly describes one product, and lists its parts and functions in the same way in which another lists
products. So a text is taken apart only where it says that it lists (lines, numbers, "gồm: …; …", "A và B"), or that
somebody makes one thing and another ("Công ty sản xuất A, B và C", "Chúng tôi có A. Chúng tôi cũng có B"), where the
parts lead to different items on their own, and where what stands before the list names no item itself: "Robot giao
hàng gồm: camera AI; pin" is a robot.

Only where no item fits the text as a whole, its sentences are tried one by one: so a list of products without any sign
of being one is not answered with "none".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from catalogs.matching.engine import Index, Result
from catalogs.matching.making import Thing, Told, does_more, sentences, subject_of, told
from catalogs.matching.words import DESCRIPTION_LIMIT, NAME_LIMIT
from catalogs.text import fold

MOST_PRODUCTS = 12
MOST_ASKED = 30  # parts that are matched of one text, in all readings together
PART_FITS = 0.25  # a part is short, so less of it can speak for an item than of a whole text
JOINED_FITS = 0.5  # where only "và" or a comma joins the parts
FEWEST_LETTERS = 6

_LINE = re.compile(r"^[ \t]*(?:[-*•·+–—▪●]|\(?\d{1,2}[.)]|\(?[a-zđ][.)])[ \t]+(?=\S)", re.MULTILINE)
_NUMBER = re.compile(r"(?:(?<=\s)|^)\(?([1-9]\d?)[.)][ \t]+(?=\S)")
_LETTER = re.compile(r"(?:(?<=\s)|^)\(?([a-h])\)[ \t]+(?=\S)")
_ROMAN = re.compile(r"(?:(?<=\s)|^)\(?(i|ii|iii|iv|v|vi|vii|viii)\)[ \t]+(?=\S)")
_LETTERS = ("a", "b", "c", "d", "e", "f", "g", "h")
_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii")
_NUMBERS = tuple(map(str, range(1, 100)))
_ORDINAL = re.compile(
    r"(?:sản phẩm|dịch vụ|giải pháp|hệ thống|san pham|dich vu|giai phap|he thong|product|service|solution)\s+"
    r"(?:(?:thứ|thu)\s+(?:nhất|hai|ba|tư|năm|sáu|nhat|tu|nam|sau)|(?:số\s+|so\s+)?\d{1,2}|[a-h])\s*(?:là\b|la\b|is\b|:)\s*"
    r"|the\s+(?:first|second|third|fourth|fifth)(?:\s+(?:product|one))?\s+is\s+",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"\b(?:bao gồm|gồm có|gồm|sau đây|dưới đây|bao gom|gom|including|consisting of|consists of|comprises|includes"
    r"|as follows|following|products|sản phẩm|san pham)\b[^:;.\n]{0,40}:\s*",
    re.IGNORECASE,
)
_AND = re.compile(
    r"\s*(?:,|;|\+|&)\s*(?:và|va|and|cùng|as well as)?\s+|\s+(?:và|va|and|cùng với|cung voi|as well as|plus)\s+",
    re.IGNORECASE,
)
_ALSO = re.compile(
    r"[.;]\s*(?:ngoài ra|bên cạnh đó|đồng thời|ngoai ra|ben canh do|in addition|besides|we also|separately)\b[ ,]*"
    r"(?:chúng tôi|công ty|doanh nghiệp|chung toi|cong ty|we|the company)?\s*"
    r"(?:còn|cũng|con|cung|also)?\s*(?:có|sản xuất|cung cấp|phát triển|làm|kê khai|co|san xuat|cung cap|make|makes"
    r"|offer|offers|supply|sell|develop)?\s+",
    re.IGNORECASE,
)
# What begins a function or a part of the product before it, not a product.
_PART = re.compile(
    r"^(?:co|ho tro|tich hop|ket noi|dung|su dung|trang bi|cho phep|tu dong|tuong thich|kem|di kem|dieu khien|bang|voi"
    r"|du bao|giam sat|van hanh|luu tru|phat hien|ngan chan|thu thap|bao ve|toi uu|mo phong|huan luyen|trien khai"
    r"|nho|de|giup|chay|xu ly|dat|theo doi|canh bao|quan ly|phan tich|nhan dien|luu|gui|doc|do|tinh|bao hanh"
    r"|ban(?! sao)|khong"
    r"|with|has|have|supports?|integrates?|connects?|uses?|using|works?|runs?|reads?|sends?|stores?|detects?|tracks?"
    r"|includes?|powered|built|compatible|no|for|to|that|which|and its|its|their|cua|trong|tren|cho)\b"
)
# The same, where only the diacritics tell it from a thing: "tự tránh vật cản", but "tủ điện".
_PART_WRITTEN = re.compile(
    r"^(?:tự|tránh|phun|bay|suy luận|phân loại|nhận biết|dự đoán|định vị|điều hướng|hiển thị|truyền|ghi|quét|bám)\b",
    re.IGNORECASE,
)
# A name that says of itself that it stands for several: "Bộ giải pháp …".
_SET = re.compile(r"^(?:bo|goi|he sinh thai|danh muc|combo|cac|nhung|nhieu|to hop|suite|set|range|portfolio|our)\b")
# "Công ty có ba sản phẩm: …"
_SEVERAL = re.compile(
    r"\b(?:hai|ba|bon|nam|sau|cac|nhung|nhieu|\d|two|three|four|five|several)\s+(?:san pham|giai phap|dich vu"
    r"|thiet bi|he thong|products|solutions|services|devices|systems)\b"
)
# In the same clause before "A và B": B is then what A uses.
_USES = re.compile(
    r"\b(?:dung|su dung|tich hop|trang bi|co|voi|nho|bang|gom|ket hop|dua tren|ung dung|cho|phuc vu|cua|tren|trong|de"
    r"|giua|khi|with|using|uses|powered|featuring|combines|combining|based|for|of|between|from|in|on|that|which)\b"
)


# How a list is marked, and how its marks count.
_MARKS: tuple[tuple[re.Pattern[str], Sequence[str]], ...] = (
    (_LINE, ()),
    (_NUMBER, _NUMBERS),
    (_LETTER, _LETTERS),
    (_ROMAN, _ROMANS),
    (_ORDINAL, ()),
)


@dataclass(frozen=True)
class Product:
    """A product named in a declaration: its words, where they stand in the description, and what matches them.

    `start` and `end` count in the description as given; a name that lists products has `in_name`.
    """

    text: str
    start: int
    end: int
    result: Result
    in_name: bool = False


def products_in(index: Index, name: str, description: str, *, limit: int = 3) -> tuple[Product, ...]:
    """Each product that the text names, in order; a text about one product gives exactly one, with all of it.

    Reads the first NAME_LIMIT and DESCRIPTION_LIMIT characters; gives at most MOST_PRODUCTS.
    """
    read = description[:DESCRIPTION_LIMIT]
    asked = _Asked(index, limit)
    for parts, several in _marked(asked, name, read):
        if found := _told_apart(asked, read, parts, several=several):
            return found
    if not _names_item(asked, name, "") and (found := _made(asked, read) or _besides(asked, read)):
        return found
    if not read.strip():
        title = name[:NAME_LIMIT]
        for parts in _joined(title, 0, len(title)):
            if found := _told_apart(asked, title, parts, joined=True, in_name=True):
                return found
    whole = index.match(name, description, limit=limit)
    if whole.decision == "none" and (found := _sentence_by_sentence(asked, name, read)):
        return found
    return (Product(description, 0, len(description), whole),)


class _Asked:
    """What the index says of the parts of one text: each is matched once, and no more than MOST_ASKED of them."""

    def __init__(self, index: Index, limit: int) -> None:
        self._index = index
        self._limit = limit
        self._known: dict[str, Result] = {}

    def about(self, part: str) -> Result:
        if part not in self._known:
            if len(self._known) >= MOST_ASKED:
                return Result((), "none")
            self._known[part] = self._index.match("", part, limit=self._limit)
        return self._known[part]

    def fits(self, part: str) -> bool:
        return self.about(part).decision == "match"


_Parts = list[tuple[int, int]]
_Part = tuple[int, int, bool]  # whether it fits an item


def _marked(asked: _Asked, name: str, text: str) -> Iterator[tuple[_Parts, bool]]:
    """The ways in which the text may mark that it lists products, the plainest first.

    With each, whether the text says that it stands for several.
    """
    for pattern, counts in _MARKS:
        marks = list(pattern.finditer(text))
        if counts:
            marks = _counted(marks, counts)
        if len(marks) > 1 and not _names_item(asked, name, text[: marks[0].start()]):
            ends = [mark.start() for mark in marks[1:]] + [_end_of_list(text, marks[-1].end(), pattern)]
            several = _stands_for_several(name, text[: marks[0].start()])
            yield [(mark.end(), end) for mark, end in zip(marks, ends, strict=True)], several
    opening = _LIST.search(text)
    if opening and not _names_item(asked, name, text[: opening.start()]):
        end = _sentence_end(text, opening.end())
        listed = text[opening.end() : end]
        for sign in (";", "\n", ","):
            if sign in listed.strip():
                several = _stands_for_several(name, text[: opening.end()])
                yield _cut(text, opening.end(), end, sign), several


def _besides(asked: _Asked, text: str) -> tuple[Product, ...]:
    """ "A. Ngoài ra, B", and "A và B" in the first sentence."""
    also = _ALSO.search(text)
    if also and not does_more(text[also.end() :]):
        found = _told_apart(asked, text, [(0, also.start()), (also.end(), len(text))])
        if found:
            return found
    for parts in _joined(text, 0, _sentence_end(text, 0)):
        if found := _told_apart(asked, text, parts, joined=True):
            return found
    return ()


def _made(asked: _Asked, text: str) -> tuple[Product, ...]:
    """What is told as made, as far as it leads to an item."""
    parts: list[_Part] = []
    counting = False
    everything = told(text)
    for one in everything:
        # "Quán cà phê … Chúng tôi có camera AI": who has something without making anything only uses it.
        if one.only_had and not parts and text[: one.opens].strip():
            continue
        # "Robot tự hành. Thứ nhất, robot quét bản đồ": first what it does, or the first product?
        if one.ordinal and not counting and (parts or _names_item(asked, "", text[: one.opens])):
            return ()
        counting = counting or one.ordinal
        parts += _things(asked, text, one.listed) or _one_thing(asked, text, one)
        # "Ngoài ra …", when what was told before is no product.
        if one.before and not parts:
            return ()
        if len(parts) > MOST_PRODUCTS:
            return ()
    found = _distinct(asked, text, parts)
    # What stands before the first of them, unless it was said that there is more than that, is the product.
    return () if found and _names_item(asked, "", text[: everything[0].opens]) else found


def _one_thing(asked: _Asked, text: str, one: Told) -> list[_Part]:
    start, end = _trimmed(text, one.start, one.end)
    if one.listed and not _thing_is_known(asked, text, one.listed[0]):
        return []
    result = _alone(asked, text[start:end])
    return [(start, end, True)] if result and _is_known(result) else []


def _alone(asked: _Asked, part: str) -> Result | None:
    """What the index says of a part, if it may be a product at all."""
    return None if len(part) < FEWEST_LETTERS or _is_part(part) else asked.about(part)


def _things(asked: _Asked, text: str, listed: Sequence[Thing]) -> list[_Part]:
    """What is enumerated, where all but one fit an item; nothing where it may be what one thing has or is for."""
    found: list[_Part] = []
    before: Thing | None = None
    for thing in listed:
        start, end = _trimmed(text, thing.start, thing.end)
        part = text[start:end]
        if len(part) < FEWEST_LETTERS or " " not in part or _is_part(part):
            break
        fits = _thing_is_known(asked, text, thing)
        if before and before.purpose:
            # "… cho ngân hàng, bệnh viện": more of whom it is for.
            if not fits:
                break
            # "Chip cho camera AI và robot": for both, or a chip and a robot?
            if _is_known(asked.about(text[slice(*_trimmed(text, *before.purpose[1:]))])):
                return []
        found.append((start, end, fits))
        if [fits for *_place, fits in found].count(False) > 1:
            return []
        before = thing
    return found if [fits for *_place, fits in found].count(True) > 1 else []


def _thing_is_known(asked: _Asked, text: str, thing: Thing) -> bool:
    """Whether a thing is known, with or without for whom it is."""
    start, end = _trimmed(text, thing.start, thing.end)
    return _is_known(asked.about(text[start:end])) or (
        thing.purpose is not None and asked.fits(text[start : thing.purpose[0]].rstrip())
    )


def _distinct(asked: _Asked, text: str, parts: Sequence[_Part]) -> tuple[Product, ...]:
    """The products, if at least two lead to different items; what fits the same as another is more of the same."""
    found: dict[str, Product] = {}
    codes = set()
    for start, end, fits in parts:
        product = Product(text[start:end], start, end, asked.about(text[start:end]))
        code = product.result.ranked[0].code if fits and product.result.ranked else ""
        found.setdefault(code or product.text, product)
        codes.add(code)
    return tuple(found.values()) if len(codes - {""}) > 1 else ()


def _is_known(result: Result) -> bool:
    return result.decision == "match" or _is_named(result)


def _is_named(result: Result) -> bool:
    """Whether the text opens with a phrase of the item nearest to it, and nothing says that it is something else: of
    two words, such as "robot hàn", not even the item itself makes a match."""
    best = result.ranked[0] if result.ranked else None
    return (
        best is not None
        and any(reason.start == 0 and " " in reason.words for reason in best.reasons)
        and not any(against.kind in ("cue", "nearer", "opening") for against in best.against)
    )


def _sentence_by_sentence(asked: _Asked, name: str, text: str) -> tuple[Product, ...]:
    parts = [_trimmed(text, *part) for part in sentences(text)]
    if not 2 <= len(parts) <= MOST_PRODUCTS or _names_item(asked, name, ""):
        return ()
    fitting = [part for part in parts if (one := _alone(asked, text[slice(*part)])) and one.decision == "match"]
    if len(fitting) < 2:
        return ()
    # What the sentence is about, and not only what it says of it: "Nhà máy dùng robot" is no robot.
    return _distinct(asked, text, [(*part, True) for part in fitting if asked.fits(subject_of(text[slice(*part)]))])


def _joined(text: str, start: int, end: int) -> Iterator[_Parts]:
    """ "A và B", "A, B và C" in the first sentence, unless the last is what the first uses."""
    phrase = text[start:end]
    marks = list(_AND.finditer(phrase))
    for chosen in (marks, [mark for mark in marks if "," not in mark.group()]):
        if not chosen or len(chosen) >= MOST_PRODUCTS:
            continue
        if _USES.search(fold(phrase[: chosen[-1].start()])):
            continue
        starts = [0, *(mark.end() for mark in chosen)]
        ends = [*(mark.start() for mark in chosen), len(phrase)]
        yield [(start + a, start + b) for a, b in zip(starts, ends, strict=True)]


def _counted(marks: list[re.Match[str]], counts: Sequence[str]) -> list[re.Match[str]]:
    """Marks that count 1, 2, 3 … or a, b, c …"""
    found: list[re.Match[str]] = []
    for mark in marks:
        if len(found) < len(counts) and mark.group(1) == counts[len(found)]:
            found.append(mark)
    return found


def _end_of_list(text: str, last: int, pattern: re.Pattern[str]) -> int:
    """A list of lines ends with its last line; others end with the text."""
    line = text.find("\n\n" if pattern is not _LINE else "\n", last)
    return len(text) if line < 0 else line


def _sentence_end(text: str, start: int) -> int:
    found = re.compile(r"[.!?](?=\s|$)|\n\s*\n").search(text, start)
    return found.start() if found else len(text)


def _cut(text: str, start: int, end: int, sign: str) -> _Parts:
    parts = []
    while start < end:
        found = text.find(sign, start, end)
        stop = end if found < 0 else found
        parts.append((start, stop))
        start = stop + 1
    return parts


def _names_item(asked: _Asked, name: str, opening: str) -> bool:
    """Whether what stands before a list, or the name alone, already is a product of the list."""
    if opening.strip():
        return asked.fits(opening)
    if not name.strip() or _SET.match(fold(name)):
        return False
    return asked.fits(name)


def _stands_for_several(name: str, opening: str) -> bool:
    return any(_SET.match(fold(text.strip())) or _SEVERAL.search(fold(text)) for text in (name, opening))


def _told_apart(
    asked: _Asked,
    text: str,
    parts: _Parts,
    *,
    joined: bool = False,
    several: bool = False,
    in_name: bool = False,
) -> tuple[Product, ...]:
    """The products, if the parts are some; else nothing. Where it is said that they are `several`, some may be of no
    item of the list."""
    trimmed = [(start, end) for start, end in (_trimmed(text, *part) for part in parts) if start < end]
    if not 2 <= len(trimmed) <= MOST_PRODUCTS:
        return ()
    for part in (text[start:end] for start, end in trimmed):
        if len(part) < FEWEST_LETTERS or _is_part(part) or (joined and " " not in part):
            return ()
    # Each has to be recognised for itself.
    least = JOINED_FITS if joined else PART_FITS
    found: list[Product] = []
    codes: list[str] = []
    for start, end in trimmed:
        product = Product(text[start:end], start, end, asked.about(text[start:end]), in_name)
        best = product.result.ranked[0] if product.result.ranked else None
        if best and best.score >= least:
            codes.append(best.code)
        elif not several:
            return ()
        found.append(product)
    # They must not all be the same thing told in turn.
    if len(set(codes)) < 2 or (joined and any(a == b for a, b in pairwise(codes))):
        return ()
    return tuple(found)


def _is_part(part: str) -> bool:
    return bool(_PART.match(fold(part)) or _PART_WRITTEN.match(part))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    joint = re.match(r"\s*(?:và|va|and|cùng)\s+", piece, re.IGNORECASE)
    start += joint.end() if joint else len(piece) - len(piece.lstrip())
    return start, start + len(text[start:end].rstrip(" \t\r\n;,."))
