"""Text that somebody sent is composed without work that grows with the square of it."""

import re
import unicodedata

import pytest

from catalogs.learning import aliases
from catalogs.managing import forms, importing
from catalogs.matching import words
from catalogs.text import MARKS_MAX, composed
from documents.freezing import clean_text
from intake import drafts
from intake.answers import normalise
from intake.forms import TextField
from workflow.forms import LongText

PILE = "a" + "\u0315" * 3000 + "\u0300" * 3000
TAKEN_APART = "a" + "\u0f73" * 3000  # no mark itself, two of them once it is taken apart
REAL = [
    "Trợ lý ảo, đặc biệt cho người Việt: Ấ Ề Ổ Ữ Ỵ",
    "ปัญญาประดิษฐ์ น้ำ ผู้ใหญ่ที่นี่",
    "اَلْعَرَبِيَّةُ ٱلذَّكَاءُ ٱلِٱصْطِنَاعِيُّ",
    "שִׁבֹּ֥לֶת",
    "z̴̡̢̛͇̮͎",
]


@pytest.fixture
def work(monkeypatch):
    """The longest run of marks that was normalised, and the longest text."""
    seen = {"run": 0, "length": 0}

    def watched(call):
        def spy(form, text):
            seen["length"] = max(seen["length"], len(text))
            marks = "".join("m" if unicodedata.combining(c) or c == "\u0f73" else "." for c in text)
            seen["run"] = max([seen["run"], *map(len, re.findall("m+", marks))])
            return call(form, text)

        return spy

    composed("ấ")  # its pattern is made with the whole alphabet
    monkeypatch.setattr(unicodedata, "normalize", watched(unicodedata.normalize))
    monkeypatch.setattr(unicodedata, "is_normalized", watched(unicodedata.is_normalized))
    return seen


def refused(call):
    def tried(text):
        try:
            call(text)
        except Exception as error:
            assert str(error)  # noqa: PT017 (each place has its own)

    return tried


PLACES = [
    composed,
    normalise,
    importing.clean,
    clean_text,
    words.words_of,
    refused(aliases.clean),
    refused(drafts.clean_point_answer),
    refused(forms.Text(max_length=2000).clean),
    refused(TextField(limit=5000, lines=True).clean),
    refused(LongText().clean),
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", [PILE, TAKEN_APART, ("a" + "\u0315" * 40) * 10])
def test_piled_up_marks_are_cut_before_anything_is_normalised(work, place, text):
    place(text)
    assert work["run"] <= MARKS_MAX


@pytest.mark.parametrize("text", REAL)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_what_a_language_writes_is_kept(text, form):
    given = unicodedata.normalize(form, text)
    assert composed(given) == unicodedata.normalize("NFC", text)


def test_a_letter_keeps_as_many_marks_as_are_allowed():
    assert composed("x" + "\u0315" * MARKS_MAX + "y") == "x" + "\u0315" * MARKS_MAX + "y"
    assert composed("x" + "\u0315" * (MARKS_MAX + 1) + "y") == "x" + "\u0315" * MARKS_MAX + "y"


@pytest.mark.parametrize("place", [refused(TextField(limit=50, lines=True).clean), refused(LongText().clean)])
def test_what_is_far_too_long_is_refused_without_being_normalised(work, place):
    place("ấ" * 1_000_000)
    assert work["length"] == 0


def test_what_is_far_too_long_is_counted_as_it_was_sent():
    with pytest.raises(Exception, match=r"dài 1\.000 ký tự; tối đa 50"):
        TextField(limit=50, lines=True).clean("ấ" * 1000)


def test_decomposed_text_within_the_limit_is_taken():
    assert TextField(limit=50, lines=True).clean(unicodedata.normalize("NFD", "ấ" * 50)) == "ấ" * 50


def test_words_of_text_with_piled_up_marks_keep_their_places():
    found = words.words_of("tro\u031b\u0323 " + PILE[:100] + " b")
    assert [(word.text, word.start) for word in found] == [("tro", 0), ("a", 6), ("b", 107)]
