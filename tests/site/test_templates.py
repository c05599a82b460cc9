"""What the Content-Security-Policy would stop in the browser is found here first, in every app's templates."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import engines
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
# Mail and paper are no pages: no policy applies to them.
PAGES = sorted(
    path.relative_to(ROOT)
    for path in (ROOT / "templates").rglob("*.html")
    if path.relative_to(ROOT).parts[1] not in ("email", "pdf") and "email" not in path.parts
)
FORBIDDEN = {
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "a file from another machine": re.compile(
        r"<(?:script|img|iframe|link)\b[^>]*(?:src|href)\s*=\s*[\"'](?:https?:)?//"
    ),
}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_template_keeps_to_the_security_policy(page):
    text = (ROOT / page).read_text()
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_template_compiles_and_names_static_files_that_exist(page):
    text = (ROOT / page).read_text()
    engines["jinja2" if "jinja2" in page.parts else "django"].from_string(text)
    named = re.findall(r"{%\s*static\s+[\"']([^\"']+)[\"']|{{\s*static\([\"']([^\"']+)[\"']\)", text)
    named = [one or other for one, other in named]
    assert [name for name in named if not finders.find(name)] == []


@pytest.mark.parametrize("part", [page for page in PAGES if "jinja2" in page.parts], ids=str)
def test_every_text_of_a_part_that_jinja2_draws_is_found_by_makemessages(part):
    text = (ROOT / part).read_text()
    found = re.findall(r"""_\(u?("[^"]*"|'[^']*')\)""", templatize(text))
    assert found == re.findall(r"""\b_\(("[^"]*"|'[^']*')\)""", text)
    assert len(found) == len(re.findall(r"\b_\(", text)), "a text that is put together is not found"


def test_style_sheet_names_files_that_exist():
    sheet = ROOT / "static/css/hoso.css"
    named = re.findall(r"url\(\"?([^)\"]+)\"?\)", sheet.read_text())
    assert named
    assert [name for name in named if not (sheet.parent / name).is_file()] == []


@pytest.mark.parametrize("script", sorted((ROOT / "static/js").glob("*.js")), ids=lambda path: path.name)
def test_script_makes_no_inline_style_and_evaluates_nothing(script):
    text = script.read_text()
    assert not re.search(r"\beval\(|new Function\(|\.style\b|setAttribute\(\"style\"|document\.write", text)


def test_fonts_have_every_vietnamese_letter_and_their_licence():
    from fontTools.ttLib import TTFont

    vowels = "aăâeêioôơuưy"
    marks = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
    import unicodedata

    letters = {unicodedata.normalize("NFC", v + m) for v in vowels for m in marks} | {"đ"}
    letters |= {letter.upper() for letter in letters}
    assert len(letters) == 146
    fonts = ROOT / "static/fonts"
    for path in [*fonts.glob("*.woff2"), *(fonts / "pdf").glob("*.ttf")]:
        with TTFont(path) as font:
            missing = sorted(letters - {chr(code) for code in font.getBestCmap()})
        assert missing == [], path.name
    assert (fonts / "OFL.txt").is_file()
    assert (fonts / "pdf/OFL.txt").is_file()
