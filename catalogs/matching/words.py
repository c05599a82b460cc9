"""Words of a text with their places, and the features by which two texts are compared."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from catalogs.text import FOLDING, composed, fold, is_composed

NAME_LIMIT = 300
# Characters, as many as a form takes for a description: it has then said what it describes.
DESCRIPTION_LIMIT = 4_000
RUN = 3  # letters
LONGEST_WORD = 200  # letters of which runs are made

_WORD = re.compile(r"[^\W_]+")
_BREAK = re.compile(r"[.,;:!?()\[\]\n–—|]")

# Words that join others; they say nothing about what a product is.
_JOINING = """
và của cho các một là được trong với như có từ đến khi theo về này để tại ra vào thì mà đã đang sẽ những mỗi hay
hoặc bởi vì nên rồi cũng không chỉ bị do lên xuống gì đó the and of for with to on in a by at an or from is
that it its no are be as not into their they our we you your this has have can who which than then will
"""
JOINING = frozenset(_JOINING.split())
# Everyday words, rare in the wording of lists and therefore taken too seriously there if nothing is done.
_COMMON = """
người xe máy nước nhà ngày giờ phút giây năm tháng làm đi đến lại biết bằng trên dưới qua ngay xem đầu cuối ba hai
bốn sáu bảy tám chín mười gần xa hết sau trước đây đó kia mình bạn em anh chị ông bà con cái chiếc bộ nhiều ít nhất
hơn mới cũ lớn nhỏ to cao thấp nhanh chậm tốt rẻ đẹp dễ khó cần phải nên muốn dùng sử dụng giúp cho phép lấy đưa mang
đặt gửi nhận mua bán trả tiền giá mở đóng bật tắt tự động cùng chung riêng nơi chỗ khu vùng trong ngoài giữa bên cạnh
mọi từng cả suốt liên tục luôn sẵn còn mất thêm bớt vào tới thành nghìn trăm triệu tỷ kg km m2 cm mm phần việt nam hà
nội tp hcm đà nẵng sài gòn công ty doanh nghiệp khách hàng sản phẩm dịch vụ hệ thống giải pháp thiết bị mềm ứng nền
tảng nghệ chất lượng hiệu quả thông tin quản lý cung cấp phục hỗ trợ minh hiện đại tiên tiến việc cách loại dòng use
used uses using make makes made built build people person user users customer customers company firm business team
one two three four five ten each every any all more less most many few new old big small large high low fast easy get
gets give gives take takes put keep keeps let lets see sees show shows work works working run runs without within
between over under up down out off per via when while where what how own only also just about after before day days
hour hours minute minutes year years vietnam vietnamese hanoi ho chi city system systems solution solutions product
products service services software device devices technology smart help helps first so if do does your our
"""
COMMON = frozenset(_COMMON.split())
_JOINING_FOLDED = frozenset(fold(word) for word in JOINING)
_COMMON_FOLDED = frozenset(fold(word) for word in COMMON)


class Word(NamedTuple):  # of which an index makes a hundred thousand
    text: str  # folded: what is compared
    written: str  # lower case, composed, with its diacritics
    start: int  # in the text as it was given
    end: int
    opens: bool  # the first word of a clause


def words_of(text: str, limit: int = DESCRIPTION_LIMIT) -> list[Word]:
    """The words of the first `limit` characters, with places that count in the text as it was given."""
    text = text[:limit]
    joined = text.translate(FOLDING)
    whole = is_composed(text)
    even = FOLDING.uneven.isdisjoint(text)  # letter for letter
    places = range(len(text)) if even else [n for n, letter in enumerate(text) for _piece in FOLDING[ord(letter)]]
    found = []
    last = -1
    for match in _WORD.finditer(joined):
        start, end = places[match.start()], places[match.end() - 1] + 1
        # In decomposed text the marks of the last letter follow it; they belong to the word.
        while not even and end < len(text) and unicodedata.category(text[end]) in ("Mn", "Cf"):
            end += 1
        opens = last < 0 or (text[last:start] != " " and _BREAK.search(text, last, start) is not None)
        written = text[start:end].lower() if whole else composed(text[start:end]).lower()
        found.append(Word(match.group(), written, start, end, opens))
        last = end
    return found


def has_diacritics(words: Sequence[Word]) -> bool:
    return any(word.text != word.written for word in words)


def joins(word: Word) -> bool:
    return word.written in JOINING or (word.written == word.text and word.text in _JOINING_FOLDED)


def is_common(word: Word) -> bool:
    return word.written in COMMON or (word.written == word.text and word.text in _COMMON_FOLDED)


# Words that carry nothing at the end of a phrase that is shown to people.
_LOOSE = """
trên dưới qua ngay bằng sau trước ngoài giữa cùng hơn nhiều mỗi giúp cần phải nên hai ba bốn nhất
within between over under up down out off per via all any more most use uses used using get gets give make makes
"""
_LOOSE_FOLDED = frozenset(fold(word) for word in _LOOSE.split())
LOOSE = frozenset(_LOOSE.split())


def is_loose(word: Word) -> bool:
    return (
        joins(word)
        or word.text.isdigit()
        or word.written in LOOSE
        or (word.written == word.text and word.text in _LOOSE_FOLDED)
    )


# What a product does not have, up to the end of the clause. Not "không" alone: "không dây", "không người lái", "hàng
# không" and "không gian" say what a product is.
_DENIALS = (
    *("không dùng", "không sử dụng", "không có", "không gồm", "không bao gồm", "không phải", "không tích hợp"),
    *("không ứng dụng", "chưa có", "chưa dùng", "chưa tích hợp", "không hề", "does not use", "does not include"),
    *("doesn t use", "without any", "without using", "there is no"),
)
_DENYING = frozenset(tuple(phrase.split()) for phrase in _DENIALS)
_DENYING_FOLDED = frozenset(tuple(fold(word) for word in phrase) for phrase in _DENYING)
_LONGEST_DENIAL = max(map(len, _DENYING))
DENIED_MOST = 12  # words
_TURNS = frozenset(["mà", "nhưng", "song", "chỉ", "nên", "vì", "để", "but", "only", "yet", "instead"])


def denied(words: Sequence[Word]) -> set[int]:
    """The places of words that say what the product does not have, with the denial itself."""
    found: set[int] = set()
    accented = has_diacritics(words)
    denials = _DENYING if accented else _DENYING | _DENYING_FOLDED
    for start in range(len(words)):
        for length in range(2, _LONGEST_DENIAL + 1):
            if tuple(word.written for word in words[start : start + length]) in denials:
                after = start + length
                while after < min(len(words), start + length + DENIED_MOST):
                    if words[after].opens or words[after].written in _TURNS:
                        break
                    after += 1
                found.update(range(start, after))
    return found


def features(words: Sequence[Word]) -> Iterator[tuple[str, int, int]]:
    """(feature, first word, last word): words and pairs, folded and as written, and runs of letters of a word.

    The runs let a typing mistake or a compound ("EdgeBox") still meet its kin; the written forms let "bán" (sell)
    differ from "bản" (version) wherever both texts have their diacritics.
    """
    yield from word_features(words)
    for n, word in enumerate(words):
        if not joins(word):
            for run in _runs(word.text):
                yield run, n, n


def run_features(words: Sequence[Word]) -> Iterator[str]:
    """Only the runs of letters."""
    for word in words:
        if not joins(word):
            yield from _runs(word.text)


@lru_cache(maxsize=30_000)
def feature_names(text: str) -> tuple[str, ...]:
    """The features of a list's own wording, each once and without places.

    Kept, because every list is compared with the same trades and with the wording of the other lists.
    """
    found: list[str] = []
    before, written_before = "", ""
    for word, written, opens in _plain_words(text):
        found += _said_by(word, written)
        if before and not opens:
            found.append(f"b{before} {word}")
            if written_before != before or written != word:
                found.append(f"d{written_before} {written}")
        before, written_before = word, written
    return tuple(dict.fromkeys(found))


def _plain_words(text: str) -> list[tuple[str, str, bool]]:
    """Text, written form and whether it opens a clause, of each word; like `words_of`, without places and faster."""
    joined = text.translate(FOLDING)
    written = text.lower()
    if len(written) != len(joined) or len(text) > DESCRIPTION_LIMIT or not _is_plain(text):
        return [(word.text, word.written, word.opens) for word in words_of(text)]
    found = []
    last = -1
    for match in _WORD.finditer(joined):
        start, end = match.span()
        gap = text[last:start]
        found.append((match.group(), written[start:end], last < 0 or (gap != " " and bool(_BREAK.search(gap)))))
        last = end
    return found


def _is_plain(text: str) -> bool:
    return FOLDING.uneven.isdisjoint(text) and unicodedata.is_normalized("NFC", text)


@lru_cache(maxsize=30_000)
def _said_by(text: str, written: str) -> tuple[str, ...]:
    """The features of one word, as `features` gives them."""
    word = Word(text, written, 0, 0, False)
    return tuple(feature for feature, _first, _last in features([word]))


@lru_cache(maxsize=30_000)
def _runs(word: str) -> tuple[str, ...]:
    """Runs of letters, the word's bounds being a letter too."""
    line = f" {word[:LONGEST_WORD]} "
    return tuple([f"{RUN}{line[n : n + RUN]}" for n in range(len(line) - RUN + 1)])


def word_features(words: Sequence[Word]) -> Iterator[tuple[str, int, int]]:
    for n, word in enumerate(words):
        if joins(word) or word.text.isdigit():  # a number alone tells nothing; "5G" and "220 kV" do
            continue
        if is_common(word):
            yield f"c{word.text}", n, n
            continue
        yield f"w{word.text}", n, n
        if word.written != word.text:
            yield f"a{word.written}", n, n
    for n in range(len(words) - 1):
        left, right = words[n], words[n + 1]
        if right.opens:
            continue
        yield f"b{left.text} {right.text}", n, n + 1
        if left.written != left.text or right.written != right.text:
            yield f"d{left.written} {right.written}", n, n + 1


def once(phrases: Sequence[str]) -> list[str]:
    """The phrases without those that stand in another one, in whatever case: “Camera AI” also says “camera”."""
    padded = [f" {' '.join(word.written for word in words_of(phrase, NAME_LIMIT))} " for phrase in phrases]
    return [
        phrase
        for n, phrase in enumerate(phrases)
        if not any(padded[n] in other and (padded[n] != other or m < n) for m, other in enumerate(padded) if m != n)
    ]
