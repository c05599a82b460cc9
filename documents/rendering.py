"""From a paper's pinned text and frozen data to its PDF. The one place that knows WeasyPrint.

The same text and data give the same bytes, on any day and in any process: dates come from the data, fonts
from `static/fonts/pdf`, and nothing else is read, neither from the network nor from the disk.
"""

import logging
import re
import threading
import warnings
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import weasyprint
from django.conf import settings
from django.template import Context, Engine
from django.template import Template as DjangoTemplate
from django.utils.safestring import SafeString, mark_safe
from fontTools.ttLib import TTFont
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from documents import sources
from documents.models import IssuedDocument, Template

# Level A: archival, Unicode and tagged. The claim to PDF/UA-1 is added by XMP.
PDF_VARIANT = "pdf/a-3a"
FONT_FOLDER = Path(settings.BASE_DIR) / "static" / "fonts" / "pdf"
FONTS = ("Tinos-Regular.ttf", "Tinos-Bold.ttf", "Tinos-Italic.ttf", "Tinos-BoldItalic.ttf")
# Stands for a letter that the font lacks: a reader sees that something is not printed.
UNPRINTABLE = "□"
_HEADING = re.compile(r"<(?P<end>/?)h(?P<level>[12])\b")

logging.getLogger("fontTools").setLevel(logging.ERROR)


class UndefinedValue(LookupError):
    """The text names a value that the data does not hold."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"The paper's text needs “{name}”, which its data does not hold.")


class ForbiddenFetch(FatalURLFetchingError):
    """A paper's text asked for something else than its fonts."""


@dataclass(frozen=True)
class Rendered:
    pdf: bytes
    html: str


def render(document: IssuedDocument) -> Rendered:
    """Draw an issued paper. Writes nothing."""
    html = draw_html(document.template, document.data)
    return Rendered(draw_pdf(html), html)


def draw_html(template: Template, data: dict[str, Any]) -> str:
    """The paper as HTML. Raises UndefinedValue if the text names a value that is not there."""
    # Numbers as they are: a year is no amount, and the language of whoever is signed in must not matter.
    return _printable(_compiled(_bodies(template)).render(Context(data, use_l10n=False)))


def part_of_page(html: str) -> SafeString:
    """What a paper's HTML shows, to stand in a page under a heading of the second level."""
    shown = html.partition("<body>")[2].partition("</body>")[0]
    # From our own engine, which escapes all data.
    return mark_safe(_HEADING.sub(lambda found: f"<{found['end']}h{int(found['level']) + 2}", shown))  # noqa: S308


def draw_pdf(html: str) -> bytes:
    """The PDF of a paper's HTML."""
    # WeasyPrint's font configuration is not made for two threads at once. It also leaves its colour profile's
    # file to the garbage collector, which is harmless and says so each time.
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        return weasyprint.HTML(string=html, url_fetcher=_Fetcher()).write_pdf(
            font_config=_font_configuration(), pdf_variant=PDF_VARIANT, xmp_metadata=[_XMP_URL]
        )


# --- text ---------------------------------------------------------------------------------------


def needs_of(template: Template) -> tuple[sources.Need, ...]:
    """Every value that the text needs, with those of the texts that it extends."""
    return tuple(need for row in _lineage(template) for need in sources.split(row.source)[0])


def _lineage(template: Template) -> list[Template]:
    rows = [template]
    while name := sources.parent_name(rows[-1].source):
        rows.append(sources.row_named(name))
    return rows


class _Undefined(str):
    """Django puts the name of an undefined variable into this; here that is an error."""

    def __contains__(self, item: object) -> bool:
        return True

    def __mod__(self, variable: object) -> str:
        raise UndefinedValue(str(variable))


def _bodies(template: Template) -> tuple[tuple[str, str], ...]:
    """The text and those that it extends, by file name, the text itself first."""
    return tuple((f"{row.key}.v{row.number}.html", sources.split(row.source)[1]) for row in _lineage(template))


@lru_cache(maxsize=64)
def _compiled(bodies: tuple[tuple[str, str], ...]) -> DjangoTemplate:
    engine = Engine(
        dirs=[],
        loaders=[("django.template.loaders.locmem.Loader", dict(bodies))],
        libraries={},
        builtins=["documents.typesetting"],
        string_if_invalid=_Undefined("%s"),
        autoescape=True,
    )
    return engine.get_template(bodies[0][0])


def _printable(html: str) -> str:
    letters = _letters()
    return "".join(char if char in letters or char == "\n" else UNPRINTABLE for char in html)


@cache
def _letters() -> frozenset[str]:
    """What all four faces can print; another font would be mixed in for anything else."""
    faces = []
    for name in FONTS:
        with TTFont(FONT_FOLDER / name, lazy=True) as font:
            faces.append(set(font.getBestCmap()))
    return frozenset(map(chr, set.intersection(*faces)))


# --- PDF ----------------------------------------------------------------------------------------

_lock = threading.Lock()
_FONT_SCHEME = "font:"
_XMP_URL = "xmp:pdfua"
# PDF/A lets no property stand in the metadata that is not described there.
_XMP = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF>"""


@cache
def _font_configuration() -> FontConfiguration:
    # Kept: making one and loading the fonts costs a third of a warm render.
    return FontConfiguration()


class _Fetcher(URLFetcher):
    """Gives out the four faces and the metadata, and stops the rendering at anything else."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url == _XMP_URL:
            return URLFetcherResponse(url, _XMP, {"Content-Type": "application/rdf+xml"})
        name = url.removeprefix(_FONT_SCHEME)
        if url.startswith(_FONT_SCHEME) and name in FONTS:
            return URLFetcherResponse(url, (FONT_FOLDER / name).read_bytes(), {"Content-Type": "font/ttf"})
        raise ForbiddenFetch(f"A paper may not load {url[:100]}")
