"""Tells apart several products that one declaration names.

A declaration mostly describes one product, and lists its parts and functions in the same way in which another lists
products. So a text is taken apart only where it says that it lists (lines, numbers, "gồm: …; …", "A và B"), where the
parts lead to different items on their own, and where what stands before the list names no item itself: "Robot giao
hàng gồm: camera AI; pin" is a robot.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from catalogs.matching.engine import Index, Result
from catalogs.matching.words import DESCRIPTION_LIMIT, NAME_LIMIT
from catalogs.text import fold

MOST_PRODUCTS = 12
PART_FITS = 0.25  # a part is short, so less of it can speak for an item than of a whole text
JOINED_FITS = 0.5  # where only "và" or a comma joins the parts
FEWEST_LETTERS = 6

_LINE = re.compile(r"^[ \t]*(?:[-*•·+–—▪●]|\(?\d{1,2}[.)]|\(?[a-zđ][.)])[ \t]+(?=\S)", re.MULTILINE)
_NUMBER = re.compile(r"(?:(?<=\s)|^)\(?([1-9]\d?)[.)][ \t]+(?=\S)")
_ORDINAL = re.compile(
    r"(?:sản phẩm|dịch vụ|giải pháp|hệ thống)\s+(?:thứ\s+(?:nhất|hai|ba|tư|năm|sáu)|số\s+\d{1,2})\s*(?:là|:)\s*"
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
    r"|nho|de|giup|chay|xu ly|dat|theo doi|canh bao|quan ly|phan tich|nhan dien|luu|gui|doc|do|tinh|bao hanh|ban|khong"
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
    for parts, joined, several in _readings(index, name, read):
        if found := _told_apart(index, read, parts, limit, joined=joined, several=several):
            return found
    if not read.strip():
        title = name[:NAME_LIMIT]
        for parts in _joined(title, 0, len(title)):
            if found := _told_apart(index, title, parts, limit, joined=True, in_name=True):
                return found
    return (Product(description, 0, len(description), index.match(name, description, limit=limit)),)


_Parts = list[tuple[int, int]]


def _readings(index: Index, name: str, text: str) -> Iterator[tuple[_Parts, bool, bool]]:
    """The ways in which the text may list products, the plainest first.

    With each, whether the parts are only joined by "và", and whether the text says that it stands for several.
    """
    for pattern in (_LINE, _NUMBER, _ORDINAL):
        marks = list(pattern.finditer(text))
        if pattern is _NUMBER:
            marks = _counted(marks)
        if len(marks) > 1 and not _names_item(index, name, text[: marks[0].start()]):
            ends = [mark.start() for mark in marks[1:]] + [_end_of_list(text, marks[-1].end(), pattern)]
            several = _stands_for_several(name, text[: marks[0].start()])
            yield [(mark.end(), end) for mark, end in zip(marks, ends, strict=True)], False, several
    opening = _LIST.search(text)
    if opening and not _names_item(index, name, text[: opening.start()]):
        end = _sentence_end(text, opening.end())
        listed = text[opening.end() : end]
        for sign in (";", "\n", ","):
            if sign in listed.strip():
                several = _stands_for_several(name, text[: opening.end()])
                yield _cut(text, opening.end(), end, sign), False, several
    if (also := _ALSO.search(text)) and not _names_item(index, name, ""):
        yield [(0, also.start()), (also.end(), len(text))], False, False
    if not _names_item(index, name, ""):
        yield from ((parts, True, False) for parts in _joined(text, 0, _sentence_end(text, 0)))


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


def _counted(marks: list[re.Match[str]]) -> list[re.Match[str]]:
    """Marks that count 1, 2, 3 …"""
    found: list[re.Match[str]] = []
    for mark in marks:
        if int(mark.group(1)) == len(found) + 1:
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


def _names_item(index: Index, name: str, opening: str) -> bool:
    """Whether what stands before a list, or the name alone, already is a product of the list."""
    if opening.strip():
        return index.match("", opening, limit=1, explain=False).decision == "match"
    if not name.strip() or _SET.match(fold(name)):
        return False
    return index.match("", name, limit=1, explain=False).decision == "match"


def _stands_for_several(name: str, opening: str) -> bool:
    return any(_SET.match(fold(text.strip())) or _SEVERAL.search(fold(text)) for text in (name, opening))


def _told_apart(
    index: Index,
    text: str,
    parts: _Parts,
    limit: int,
    *,
    joined: bool,
    several: bool = False,
    in_name: bool = False,
) -> tuple[Product, ...]:
    """The products, if the parts are some; else nothing. Where it is said that they are `several`, some may be of no
    item of the list."""
    trimmed = [(start, end) for start, end in (_trimmed(text, *part) for part in parts) if start < end]
    if not 2 <= len(trimmed) <= MOST_PRODUCTS:
        return ()
    found: list[Product] = []
    for start, end in trimmed:
        part = text[start:end]
        if len(part) < FEWEST_LETTERS or _is_part(part) or (joined and " " not in part):
            return ()
        found.append(Product(part, start, end, index.match("", part, limit=limit), in_name))
    best = [product.result.ranked[0] if product.result.ranked else None for product in found]
    # Each has to be recognised for itself, and they must not all be the same thing told in turn.
    codes = [one.code for one in best if one and one.score >= (JOINED_FITS if joined else PART_FITS)]
    if len(codes) < (2 if several else len(found)):
        return ()
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
