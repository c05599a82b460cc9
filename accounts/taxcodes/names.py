"""Whether two spellings are the same name. A registry writes in capitals, and people abbreviate the legal form."""

import re
import unicodedata

# Abbreviations of legal forms, folded; longer ones first.
_FORMS = (
    ("cong ty co phan", ("ctcp", "cty cp", "cong ty cp", "cty co phan")),
    ("cong ty trach nhiem huu han", ("cong ty tnhh", "cty tnhh", "ct tnhh")),
    ("mot thanh vien", ("mtv", "1 thanh vien", "1tv")),
    ("hai thanh vien tro len", ("2 thanh vien tro len", "2tv tro len")),
    ("doanh nghiep tu nhan", ("dntn",)),
)
_ABBREVIATIONS = tuple((re.compile(rf"\b{re.escape(short)}\b"), full) for full, shorts in _FORMS for short in shorts)


def folded(name: str) -> str:
    """The name without what spellings differ in: case, marks, punctuation, spaces, abbreviated legal forms.

    Vietnamese puts the same mark on one vowel or another (Hòa, Hoà), so marks go too: the tax code tells companies
    apart, the name only has to be recognised.
    """
    bare = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    text = " ".join(re.sub(r"[\W_]+", " ", letters).split())
    for short, full in _ABBREVIATIONS:
        text = short.sub(full, text)
    return text


def same(one: str, other: str) -> bool:
    return bool(folded(one)) and folded(one) == folded(other)
