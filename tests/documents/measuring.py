"""Reading a PDF with tools that had no part in making it."""

import io
import re
import subprocess
from dataclasses import dataclass

import pypdf

MM_PER_POINT = 25.4 / 72
MM_PER_PIXEL = 25.4 / 96
_STROKE = re.compile(rb"([\d.]+) w\n([\d.]+) ([\d.]+) m\n([\d.]+) ([\d.]+) l\nS")
# A border on one side: the inner and the outer rectangle, which differ by its thickness.
_BORDER = re.compile(rb"([\d.]+) [\d.]+ ([\d.]+) [\d.]+ re\n\1 ([\d.]+) \2 ([\d.]+) re")
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')
_LINE = re.compile(r'<line xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">\s*(.*?)</line>', re.DOTALL)


@dataclass(frozen=True)
class Box:
    """Millimetres from the page's left and top edge."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class Run:
    """Letters set in one go: their size in points, and the name of their font without the subset's mark."""

    text: str
    size: float
    font: str


@dataclass(frozen=True)
class Page:
    width: float
    height: float
    words: list[Box]
    lines: list[Box]
    strokes: list[Box]  # of tables
    rules: list[Box]  # under headings; `top` is where the rule lies
    runs: list[Run]

    def line(self, start: str) -> Box:
        return next(line for line in self.lines if line.text.startswith(start))

    def run(self, start: str) -> Run:
        return next(run for run in self.runs if run.text.startswith(start))


def tool(*arguments: str, given: bytes) -> str:
    return subprocess.run(arguments, input=given, capture_output=True, check=True).stdout.decode()


def text_of(pdf: bytes) -> str:
    """The text as a reader copies it, with single spaces."""
    return " ".join(tool("pdftotext", "-layout", "-", "-", given=pdf).split())


def fonts_of(pdf: bytes) -> list[tuple[str, bool]]:
    """Each font's name, and whether it is embedded."""
    rows = tool("pdffonts", "-", given=pdf).splitlines()[2:]
    return [(row.split()[0].split("+")[-1], row.split()[-5] == "yes") for row in rows]


def pages_of(pdf: bytes) -> list[Page]:
    boxes = tool("pdftotext", "-bbox-layout", "-", "-", given=pdf).split("<page ")[1:]
    return [_page(page, source) for page, source in zip(pypdf.PdfReader(io.BytesIO(pdf)).pages, boxes, strict=True)]


def _page(page: pypdf.PageObject, source: str) -> Page:
    runs: list[Run] = []

    def note(text, matrix, text_matrix, font, size):
        if text.strip() and font:
            name = font["/BaseFont"].split("+")[-1].lstrip("/")
            runs.append(Run(text.strip(), round(size * abs(matrix[0] * text_matrix[0]), 2), name))

    page.extract_text(visitor_text=note)
    return Page(
        width=float(page.mediabox.width) * MM_PER_POINT,
        height=float(page.mediabox.height) * MM_PER_POINT,
        words=[_box(found) for found in _WORD.findall(source)],
        lines=[_line(found) for found in _LINE.findall(source)],
        strokes=[_stroke(found) for found in _STROKE.findall(page.get_contents().get_data())],
        rules=[_rule(found) for found in _BORDER.findall(page.get_contents().get_data())],
        runs=runs,
    )


def _box(found: tuple[str, ...]) -> Box:
    left, top, right, bottom = (float(value) * MM_PER_POINT for value in found[:4])
    return Box(found[4], left, top, right, bottom)


def _line(found: tuple[str, ...]) -> Box:
    box = _box(found)
    return Box(" ".join(word[4] for word in _WORD.findall(box.text)), box.left, box.top, box.right, box.bottom)


def _rule(found: tuple[bytes, ...]) -> Box:
    left, width, top, height = (float(value) * MM_PER_PIXEL for value in found)
    below = top + (height if height > 1 else 0)
    return Box("", left, below, left + width, below)


def _stroke(found: tuple[bytes, ...]) -> Box:
    _thickness, left, top, right, bottom = (float(value) * MM_PER_PIXEL for value in found)
    return Box("", left, top, right, bottom)
