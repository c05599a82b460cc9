"""Reads who makes what: sentences that open with a maker and what is made, and what is enumerated after them.

Knows no list and no item; `products` decides whether what is found here are products. Everything is compared without
diacritics, so that "công ty còn làm" and "cong ty con lam" are read alike; places count in the text as given.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalogs.text import FOLDING

BEGINNING = 80  # characters in which a sentence says what it is about
_SENTENCE = re.compile(r"(?:[.!?;](?=\s)|\n)\s*")

# --- how a sentence opens that tells of a product --------------------------------------------------
_NUMBERED = "nhat|hai|ba|tu|nam|sau|bay|tam"
_NTH = "first|second|third|fourth|fifth|sixth"
_ORDINAL = rf"(?:thu (?:{_NUMBERED})|(?:mot|hai|ba|bon|nam|sau) la|(?:{_NTH}|last)(?:ly)?|finally)"
_FURTHER = (
    r"(?:ngoai ra|ben canh do|ben canh san pham tren|dong thoi|them vao do|khong chi vay|cung voi do|song song do"
    r"|in addition|besides(?: that)?|also|moreover|furthermore|additionally|separately|on top of that)"
)
_MAKER = (
    r"(?:(?:cong ty|doanh nghiep|don vi|tap doan|xi nghiep|vien|startup)(?: (?:cua )?(?:chung toi|toi|minh))?"
    r"(?:(?! (?:da|dang|se|con|cung|hien|chuyen|vua|co|khong)\b)[ -][\w&-]+){0,5}?"
    r"|chung toi|ben toi|ben minh|nhom chung toi|we|our (?:company|firm|startup|team|group)"
    r"|the (?:company|firm|startup))"
)
_ALREADY = (
    r"(?:da|dang|se|con|cung|hien(?: nay| tai)?|chuyen|truc tiep|tu|da va dang|moi|khong chi|ma con|vua"
    r"|also|currently|now|both|mainly|have|has|are|is)"
)
_MAKES = (
    r"(?:(?:nghien cuu|san xuat|che tao|cung cap|phat trien|thiet ke|xay dung|lap rap|lam(?: ra)?|dua ra|ra mat"
    r"|gioi thieu|cho ra doi|van hanh|so huu|ke khai|dang ky|cung ung)"
    r"|(?:make|build|develop|manufactur|produc|offer|provid|design|operat|launch|creat)(?:e?s|e|ing|e?d)?"
    r"|suppl(?:y|ies)|run|runs|making|made|built|have|has|sells?"
    # What a company has besides products.
    r"|co(?! (?:the|hon|tren|gan|kinh nghiem|doi|mot doi|nang luc|ky su|chung chi|chung nhan|nha may|nha xuong"
    r"|van phong|chi nhanh|khach hang|doi tac|tru so|von|ke hoach|giay phep|bang sang che|trach nhiem|nhieu"
    r"|nguoi|\d)\b))"
)
_MAKING = rf"{_MAKES}\b(?:(?:,| va| and| &|,? roi) {_MAKES}\b)*(?: (?:ra|thanh cong|duoc|them))*"
_THING = r"(?:dong san pham|san pham|dich vu|giai phap|he thong|product|service|solution|product line)(?: s)?"
_NAMED = (
    rf"(?:(?:mot|cac|the|our|another|one|their|its) )?(?:(?:{_NTH}|other|main|next|last|new|flagship) )?{_THING}"
    rf"(?: (?:thu (?:{_NUMBERED})|so|chinh|chu luc|khac|con lai|tiep theo|moi|cua (?:cong ty|chung toi)|\d{{1,2}}"
    r"|[a-h]|one|two|three|four|five|number|no)){0,4}"
    r"\s?(?:la|:|is|are)(?=\s)"
)
_OPENING = re.compile(
    rf"(?P<named>{_NAMED})\s*"
    rf"|(?P<further>{_FURTHER})(?:\s*,)?\s+(?:(?:{_MAKER}|it|they)\s)?\s*(?:{_ALREADY}\s+)*(?:{_MAKING}(?=\s)|co\s)?\s*"
    rf"|(?P<ordinal>{_ORDINAL})(?:\s*[,:]| la| is)?\s+(?:(?:{_MAKER}|it)\s+(?:{_ALREADY}\s+)*{_MAKING}\s+)?"
    rf"|(?P<maker>{_MAKER})\s+(?P<more>{_ALREADY}\s+)*{_MAKING}(?=[\s:])[\s:]*"
    rf"|(?P<it>it|they)\s+(?:{_ALREADY}\s+)*{_MAKING}\s+"
    rf"|(?P<less>con|cung)\s+{_MAKING}\s+"
)
_MORE = re.compile(r"\b(?:con|cung(?! (?:cap|ung)\b)|also|ma con)\b")
_HAS = re.compile(r"\b(?:co|have|has)\s*$")
# "Công ty có trung tâm dữ liệu riêng"
_OWNS = re.compile(r"\bco\b.{1,60}\brieng\W*$|\b(?:have|has) (?:our|its|their) own\b")
# "Công ty cũng làm pin và cánh quạt cho thiết bị bay này": parts of what was told of before.
_FOR_THAT = re.compile(r"\b(?:cho|cua|di kem|for|of)\b[^,.;]{1,60}\b(?:nay|noi tren|this|these)\b")
# What comes with a product.
_SERVES = re.compile(
    r"(?:(?:cac|dich vu|goi|the|a|free|full|our)\s+)*(?:bao hanh|bao tri|bao duong|dao tao|tu van|lap dat|huong dan"
    r"|ho tro|sua chua|khoa hoc|hau mai|train|training|maintenance|support|installation|warranty|consult\w*|courses?"
    r"|(?:ung dung di dong|mobile app|app|website|cong thong tin|web portal)(?=\s*(?:[,.;]|va\b|and\b|$))"
    r"|after-sales|technical support|spare)\b"
)
# After "ngoài ra": something that is already known does something more. It is no product of its own.
_DOES_MORE = re.compile(
    r"(?:\w+ ){1,6}?(?:con|cung|also|co the|ho tro|duoc|giup|cho phep|can|could|supports?|is|are|includes?)\b"
)

# --- what stands between and within the things that are enumerated ---------------------------------
_AND = re.compile(
    r"\s*[,;+&]\s*(?:(?:va|and|cung|as well as|cung nhu)\s+)?|\s+(?:va|and|cung voi|cung nhu|as well as|plus)\s+"
)
# "…, vừa làm …", "…, thứ hai là …"
_AGAIN = re.compile(rf"(?:{_ORDINAL}(?:\s*[,:]| la| is)?\s+)?(?:{_ALREADY}\s+)*(?:{_MAKING}\s+)?")
# From here on, everything is what the thing before uses or does.
_USES = re.compile(
    r"\b(?:(?<!ung )(?<!nguoi )(?<!noi )dung|su dung|tich hop|trang bi|(?<!dong )co(?! (?:so|khi|quan|dien|nho|lon)\b)"
    r"|voi|nho vao|gom|ket hop|dua tren|kem|di kem|bang(?! (?:rong|tai|chuyen|dien|thong))|giup|ho tro|de|khi"
    r"|with|using|uses|powered|featuring|combines|combining|based|including|which|(?<!noi )that|to help|plus)\b"
)
_FOR = re.compile(r"\b(?:cho|phuc vu|cua|tai|trong|tren|giua|danh cho|for|of|between|from|in|on|at)\b")


@dataclass(frozen=True)
class Told:
    """What a sentence, with those after it that open otherwise, tells as made: its place in the text.

    `opens`: where the sentence itself begins.
    `listed`: the things enumerated in the sentence, at least two, or nothing.
    """

    start: int
    end: int
    opens: int = 0
    ordinal: bool = False  # it counts: "thứ nhất", "second"
    before: bool = False  # it is what stands before the first sentence that opens so
    only_had: bool = False  # who tells it only says to have it
    listed: tuple["Thing", ...] = ()


@dataclass(frozen=True)
class Thing:
    """One of the things that are enumerated, and where it tells for what or whom it is ("… cho ngân hàng")."""

    start: int
    end: int
    purpose: tuple[int, int, int] | None = None  # from "cho", from "ngân hàng", to its end


@dataclass(frozen=True)
class _Opening:
    start: int
    end: int
    more: bool  # it says that there is something besides what was told before
    ordinal: bool
    only_had: bool
    lists: bool  # what follows may be an enumeration


class Flat:
    """A text without diacritics and capitals, line by line, and where each of its characters stands in the text."""

    def __init__(self, text: str) -> None:
        self.text = "\n".join(line.translate(FOLDING) for line in text.split("\n"))
        self._places: Sequence[int] = range(len(text) + 1)
        if not FOLDING.uneven.isdisjoint(text):
            pieces = ((n, "\n" if letter == "\n" else FOLDING[ord(letter)]) for n, letter in enumerate(text))
            self._places = [n for n, piece in pieces for _each in piece] + [len(text)]

    def at(self, place: int) -> int:
        return self._places[place]


def told(text: str) -> tuple[Told, ...]:
    """What the text tells as made, in order; nothing where no sentence opens so."""
    flat = Flat(text)
    openings = list(_openings(flat.text))
    if not openings:
        return ()
    after = [one.start for one in openings[1:]] + [len(flat.text)]
    found = [
        Told(
            flat.at(one.end),
            flat.at(end),
            opens=flat.at(one.start),
            ordinal=one.ordinal,
            only_had=one.only_had,
            listed=_listed(flat, one.end, _sentence_end(flat.text, one.end, end)) if one.lists else (),
        )
        for one, end in zip(openings, after, strict=True)
    ]
    if openings[0].more and flat.text[: openings[0].start].strip():
        found.insert(0, Told(0, flat.at(openings[0].start), before=True))
    return tuple(found)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Places of the sentences that may be about a product, without what they open with."""
    flat = Flat(text)
    for start, end in _sentences(flat.text):
        opening = _OPENING.match(flat.text, start, end)
        place = opening.end() if opening else start
        if not _SERVES.match(flat.text, place, end):
            yield flat.at(place), flat.at(end)


def subject_of(text: str) -> str:
    """What stands before the first word that tells what it uses, does or is for."""
    flat = Flat(text)
    ends = [found.start() for pattern in (_USES, _FOR) if (found := pattern.search(flat.text, 1))]
    return text[: flat.at(min(ends, default=len(flat.text)))].rstrip()


def _sentences(flat: str) -> Iterator[tuple[int, int]]:
    start = 0
    for mark in _SENTENCE.finditer(flat):
        if flat[start : mark.start()].strip():
            yield start, mark.start()
        start = mark.end()
    if flat[start:].strip():
        yield start, len(flat)


def _openings(flat: str) -> Iterator[_Opening]:
    made = False
    for start, end in _sentences(flat):
        found = _OPENING.match(flat, start, end)
        if not found or found.end() >= end or _SERVES.match(flat, found.end(), end) or _OWNS.search(flat, start, end):
            continue
        if made and _FOR_THAT.search(flat, found.end(), end):
            continue
        kind = found.lastgroup if found.lastgroup != "more" else "maker"
        # "It also …" speaks of a company only where one was spoken of; else of the product.
        if kind == "it" and not made:
            continue
        # "A robot arm …; we make the arm and …": the one that was told of.
        if kind == "maker" and start and flat.startswith("the ", found.end()):
            continue
        if kind == "further" and _DOES_MORE.match(flat, found.end(), end):
            continue
        made = made or kind == "maker"
        more = kind in ("further", "less") or (kind == "maker" and bool(_MORE.search(found.group())))
        yield _Opening(
            start,
            found.end(),
            more=more,
            ordinal=kind == "ordinal",
            only_had=bool(_HAS.search(found.group())),
            lists=kind != "named",
        )


def does_more(text: str) -> bool:
    """Whether a text that goes on from "ngoài ra" tells what something does besides, not what else there is."""
    return bool(_DOES_MORE.match(Flat(text[:BEGINNING]).text))


def _sentence_end(flat: str, start: int, end: int) -> int:
    found = _SENTENCE.search(flat, start, end)
    return found.start() if found else end


def _listed(flat: Flat, start: int, end: int) -> tuple[Thing, ...]:
    """The things between the commas and "và"; once one of them tells what it uses, all after it may be that."""
    things: list[Thing] = []
    place = start
    while place < end:
        mark = _AND.search(flat.text, place, end)
        stop = mark.start() if mark else end
        things.append(_thing(flat, place, stop))
        uses = _USES.search(flat.text, place, stop)
        if mark is None or uses:
            break
        again = _AGAIN.match(flat.text, mark.end(), end)
        place = again.end() if again else mark.end()
    return tuple(things) if len(things) > 1 else ()


def _thing(flat: Flat, start: int, end: int) -> Thing:
    found = _FOR.search(flat.text, start + 1, end)
    purpose = (flat.at(found.start()), flat.at(found.end()), flat.at(end)) if found else None
    return Thing(flat.at(start), flat.at(end), purpose)
