"""A list as somebody brings it, a spreadsheet or pasted text: what stands in it, and what is wrong with it.

Two steps. A file becomes tab-separated text, one line for each row of the sheet, so that a line's number is the row's
(`text_of_file`). Text is read into groups and items (`read`), with every problem named by line and column: so what a
file got wrong is mended in the text, without uploading again.
"""

import csv
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO, StringIO
from typing import Any

import openpyxl
from defusedxml.ElementTree import iterparse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from catalogs.models import UNNUMBERED
from catalogs.search import words_of
from catalogs.text import composed, fold

MAX_BYTES = 1024 * 1024  # of a file
MAX_CHARACTERS = 1024 * 1024  # of the text
MAX_UNPACKED = 12 * 1024 * 1024  # bytes of what a spreadsheet holds once unpacked
MAX_ROWS = 2000
MAX_SHEET_ROWS = 20_000  # empty ones included
MAX_COLUMNS = 20
MAX_CODE = 10
MAX_NAME = 1000
PROBLEMS_SHOWN = 100
MAX_PROBLEMS = 1000  # after so many nothing more is read
MAX_SHEETS = 20  # that are looked at for one with content
MAX_ELEMENTS = 100_000  # of the XML of all parts; 2000 rows of six filled cells are 45,000
MAX_MERGED = 200
MAX_FILLED = 2 * MAX_SHEET_ROWS  # rows in the two columns of a group, unless merged cells overlap
QUOTED = 60  # characters of what was brought that a message repeats

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CODE = re.compile(r"(?=.*\d)[0-9A-Za-z][0-9A-Za-z.\-]*")
_FIXED_PLACES = re.compile(r"0\.(0+)")
_SEPARATORS = "\t;,"


@dataclass(frozen=True)
class Column:
    key: str
    label: str | Promise
    required: bool
    names: frozenset[str]  # folded headings by which it is known


def _column(key: str, label: Any, *names: str, required: bool = False) -> Column:
    return Column(key, label, required, frozenset(names))


COLUMNS = (
    _column("group_code", gettext_lazy("Mã nhóm"), "ma nhom", "so nhom", "group code", required=True),
    _column("group_name", gettext_lazy("Tên nhóm"), "ten nhom", "nhom", "group name", "group", required=True),
    _column("code", gettext_lazy("Mã mục"), "ma muc", "ma san pham", "ma", "item code", "code", required=True),
    _column(
        "name",
        gettext_lazy("Tên mục"),
        *("ten muc", "ten san pham", "ten san pham, dich vu", "ten", "item name", "name"),
        required=True,
    ),
    _column("printed_code", gettext_lazy("Số in trong văn bản"), "so in trong van ban", "so in", "printed code"),
    _column("succeeds", gettext_lazy("Thay cho"), "thay cho", "ke thua", "succeeds"),
)
HEADINGS = ("Mã nhóm", "Tên nhóm", "Mã mục", "Tên mục", "Số in trong văn bản", "Thay cho")


class Unreadable(ValueError):
    """Nothing can be read of the file; the text says why and what to do."""


@dataclass(frozen=True)
class Problem:
    line: int  # 0: the whole
    column: str  # "C (Mã mục)"; empty: the whole line
    text: str


@dataclass(frozen=True)
class ReadItem:
    line: int
    code: str
    printed_code: str
    name: str
    succeeds: tuple[str, ...]  # codes of the version before


@dataclass
class ReadGroup:
    line: int
    code: str
    name: str
    items: list[ReadItem] = field(default_factory=list)


@dataclass
class Reading:
    """What the text says. Groups are whole only where there are no problems."""

    text: str  # cleaned of what cannot be seen
    groups: list[ReadGroup] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def shown_problems(self) -> list[Problem]:
        return self.problems[:PROBLEMS_SHOWN]

    def more_problems(self) -> int:
        return max(0, len(self.problems) - PROBLEMS_SHOWN)

    def items(self) -> Iterator[ReadItem]:
        return (item for group in self.groups for item in group.items)


# --- from a file to text ---------------------------------------------------------------------------


def text_of_file(content: bytes) -> tuple[str, list[str]]:
    """The text of a spreadsheet or CSV file, tab-separated, and notes on how it was read. Raises Unreadable."""
    if len(content) > MAX_BYTES:
        raise Unreadable(_("Tệp lớn hơn 1 MB. Một danh mục nhỏ hơn nhiều: hãy bỏ hình ảnh và các trang tính khác."))
    if not content.strip():
        raise Unreadable(_("Tệp trống. Hãy chọn tệp có danh mục."))
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise Unreadable(_("Tệp có mật khẩu nên không đọc được. Hãy bỏ mật khẩu rồi tải lên lại."))
        raise Unreadable(_("Tệp ở dạng Office cũ (.xls, .doc). Hãy mở bằng Excel và lưu thành .xlsx hoặc .csv."))
    if content.startswith(b"PK"):
        return _text_of_xlsx(content)
    return _text_of_csv(content)


def _text_of_csv(content: bytes) -> tuple[str, list[str]]:
    text = _decode(content)
    cleaned, _hidden = clean(text)
    separator = _separator_of(cleaned)
    try:
        rows = list(csv.reader(StringIO(cleaned), delimiter=separator, strict=True))
    except csv.Error:
        return cleaned, []  # the reading names the line
    return text_of_rows(rows), []


def _decode(content: bytes) -> str:
    not_a_sheet = _("Tệp này không phải bảng tính. Hãy chọn tệp .xlsx hoặc .csv, hoặc dán nội dung vào ô bên dưới.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\x00" in content or content.startswith((b"%PDF", b"{\\rtf", b"\x89PNG", b"GIF8", b"\xff\xd8")):
        raise Unreadable(not_a_sheet)
    else:
        encoding = "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            _("Tệp không ở bảng mã UTF-8, chữ có dấu sẽ sai. Trong Excel, hãy lưu bằng kiểu “CSV UTF-8” hoặc .xlsx.")
        ) from error


class _SheetParser(WorkSheetParser):
    """Leaves a formula as it stands: the library works out a shared one for each cell that refers to it, and a few
    kilobytes can ask for hours of that."""

    def parse_formula(self, element: Any) -> str:
        return "=" + (element.findtext(FORMULA_TAG) or "")


def _rows_of(sheet: Any) -> Iterator[Sequence[Any]]:
    """The cells of each row in the columns that are read, as sheet.iter_rows gives them."""
    book = sheet.parent
    formats = {"date_formats": book._date_formats, "timedelta_formats": book._timedelta_formats}
    with sheet._get_source() as source:
        parser = _SheetParser(source, sheet._shared_strings, epoch=book.epoch, **formats)
        expected = 1
        for number, cells in parser.parse():
            if number > MAX_SHEET_ROWS:
                return
            for _missing in range(expected, number):
                yield (EMPTY_CELL,) * MAX_COLUMNS
            if number >= expected:
                yield sheet._get_row(cells, 1, MAX_COLUMNS)
                expected = number + 1


class _BookReader(ExcelReader):
    """Reads no book in which two sheets are one part: a small file could so hold the same large sheet many times."""

    def read_worksheets(self) -> None:
        parts = [relation.target for _sheet, relation in self.parser.find_sheets()]
        if len(set(parts)) != len(parts):
            raise ValueError("two sheets of one part")
        super().read_worksheets()


def _text_of_xlsx(content: bytes) -> tuple[str, list[str]]:
    _check_archive(content)
    damaged = _("Không đọc được bảng tính: tệp hỏng hoặc không đúng dạng .xlsx. Hãy mở bằng Excel và lưu lại.")
    try:
        if _elements(content) > MAX_ELEMENTS:
            raise _too_much()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that are not read: pictures, validations
            reader = _BookReader(BytesIO(content), read_only=True, data_only=False)
            try:
                reader.read()
                return _text_of_book(reader.wb, content)
            finally:
                reader.archive.close()
    except Unreadable:
        raise
    except Exception as error:  # whatever a made-up file makes the library raise
        raise Unreadable(damaged) from error


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Unreadable(_("Tệp hỏng, không mở được. Hãy mở bằng Excel và lưu lại.")) from error
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(_("Tệp có mật khẩu nên không đọc được. Hãy bỏ mật khẩu rồi tải lên lại."))
    if any(name.lower().endswith("vbaproject.bin") or "/macrosheets/" in name.lower() for name in names):
        raise Unreadable(_("Tệp có macro nên không được nhận. Hãy lưu thành .xlsx (không có macro)."))
    if "xl/workbook.xml" not in names:
        raise Unreadable(
            _("Tệp này không phải bảng tính .xlsx. Nếu là .ods hoặc .xlsb, hãy lưu thành .xlsx hoặc .csv rồi tải lên.")
        )
    # What the table of contents says is what is unpacked at most.
    if sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise _too_much()


def _elements(content: bytes) -> int:
    """How many XML elements the book holds at most. Each is read up to three times, cells and what is none alike."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        parts = (archive.read(name) for name in archive.namelist() if name.lower().endswith((".xml", ".rels")))
        return sum(part.count(b"<") - part.count(b"</") for part in parts)


def _text_of_book(book: Any, content: bytes) -> tuple[str, list[str]]:
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    sheet = next((sheet for sheet in visible[:MAX_SHEETS] if _has_content(sheet)), None)
    if sheet is None:
        raise Unreadable(_("Bảng tính trống. Hãy chọn tệp có danh mục."))
    notes = []
    if len(book.worksheets) > 1:
        notes.append(
            _("Chỉ đọc trang tính “%(sheet)s”; các trang khác được bỏ qua.") % {"sheet": sheet.title[:QUOTED]}
        )
    rows: list[list[str]] = []
    numbers = characters = 0
    for cells in _rows_of(sheet):
        row = [_cell_text(cell) for cell in cells]
        # Counted as it grows: a file keeps a text once that stands in thousands of cells.
        characters = _counted(characters, *row)
        rows.append(row)
        numbers += sum(isinstance(cell.value, float) for cell in cells)
    notes += _fill_merged(rows, content, sheet, characters)
    if numbers:
        notes.append(
            _(
                "Có %(count)s ô chứa số thập phân: Excel có thể đã đổi mã 1.10 thành 1.1. Hãy xem lại các mã, "
                "hoặc đặt kiểu “Văn bản” cho cột mã rồi tải lên lại."
            )
            % {"count": numbers}
        )
    while rows and not any(rows[-1]):
        rows.pop()
    return text_of_rows(rows), notes


def _counted(characters: int, *texts: str) -> int:
    """So many characters with these. Raises Unreadable."""
    characters += sum(map(len, texts))
    if characters > MAX_CHARACTERS:
        raise _too_much()
    return characters


def _too_much() -> Unreadable:
    return Unreadable(_("Bảng tính chứa quá nhiều dữ liệu. Hãy chỉ giữ trang tính có danh mục."))


def _has_content(sheet: Any) -> bool:
    return any(cell.value not in (None, "") for row in _rows_of(sheet) for cell in row)


def _cell_text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return str(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        places = _FIXED_PLACES.fullmatch(str(cell.number_format))
        return f"{value:.{len(places[1])}f}" if places else repr(value).removesuffix(".0")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return str(value)


def _fill_merged(rows: list[list[str]], content: bytes, sheet: Any, characters: int) -> list[str]:
    """A group that stands once beside its items counts for each of them; of other merged cells it is only told."""
    notes: list[str] = []
    filled = 0
    references = _merged_cells(content, sheet)
    if len(references) > MAX_MERGED:
        notes.append(_("Có hơn %(most)s ô gộp: các ô gộp sau đó không được điền giá trị.") % {"most": MAX_MERGED})
    for reference in references[:MAX_MERGED]:
        left, top, right, bottom = range_boundaries(reference)
        if left is None or top is None or right is None or bottom is None or bottom > MAX_SHEET_ROWS:
            continue
        if left == right and left <= 2 and top <= len(rows):
            value = rows[top - 1][left - 1] if left <= len(rows[top - 1]) else ""
            below = range(top, min(bottom, len(rows)))
            filled += len(below)
            if filled > MAX_FILLED:
                raise Unreadable(_("Các ô gộp chồng lên nhau. Hãy bỏ gộp ô rồi tải lên lại."))
            for row in (rows[number] for number in below):
                if left <= len(row) and not row[left - 1]:
                    characters = _counted(characters, value)
                    row[left - 1] = value
            notes.append(_("Ô gộp %(cells)s: giá trị được điền cho từng dòng.") % {"cells": reference[:QUOTED]})
        else:
            notes.append(
                _("Ô gộp %(cells)s: giá trị chỉ được giữ ở ô đầu. Hãy bỏ gộp nếu nó thuộc về các ô khác.")
                % {"cells": reference[:QUOTED]}
            )
    return notes[:20]


def _merged_cells(content: bytes, sheet: Any) -> list[str]:
    """The references, at most one more than are filled."""
    found: list[str] = []
    with zipfile.ZipFile(BytesIO(content)) as archive, archive.open(sheet._worksheet_path) as part:
        for _event, element in iterparse(part):
            if element.tag.endswith("}mergeCell"):
                found.append(str(element.get("ref", "")))
                if len(found) > MAX_MERGED:
                    break
            element.clear()
    return found


def text_of_rows(rows: list[list[str]]) -> str:
    """Tab-separated, a line for each row, so that an empty row keeps its line."""
    out = StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        writer.writerow(cells) if len(cells) != 1 or cells[0] else out.write("\n")
    return out.getvalue().rstrip("\n")


# --- from text to groups and items -----------------------------------------------------------------


def clean(text: str) -> tuple[str, list[int]]:
    """The text in composed form, without what cannot be seen; and the lines that had such signs.

    Signs that turn the reading direction, joiners and soft hyphens go; every kind of space becomes a plain one.
    """
    for line_end in ("\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"):
        text = text.replace(line_end, "\n")
    lines, hidden = [], []
    for number, line in enumerate(composed(text).split("\n"), 1):
        kept = "".join(" " if unicodedata.category(c) == "Zs" else c for c in line if _visible(c))
        if len(kept) != len(line):
            hidden.append(number)
        lines.append(kept)
    return "\n".join(lines), hidden


def _visible(character: str) -> bool:
    return character == "\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co")


def read(text: str, *, known: frozenset[str] | None) -> Reading:
    """Groups and items of the text, and every problem. `known`: codes of the version before; None: there is none."""
    if len(text) > MAX_CHARACTERS:
        reason = _(
            "Nội dung dài hơn 1 MB nên ô bên dưới chỉ giữ phần đầu. Một danh mục nhỏ hơn nhiều: hãy kiểm tra lại."
        )
        return Reading(text=clean(text[:MAX_CHARACTERS])[0], problems=[Problem(0, "", reason)])
    cleaned, hidden = clean(text)
    reading = Reading(text=cleaned.rstrip("\n"))
    if hidden:
        reading.notes.append(_("Đã bỏ ký tự ẩn ở dòng %(lines)s.") % {"lines": _some(hidden)})
    if not cleaned.strip():
        reading.problems.append(Problem(0, "", _("Chưa có nội dung. Hãy dán danh mục vào đây, hoặc tải tệp lên.")))
        return reading
    _Reader(reading, known).run(_records(cleaned, reading))
    reading.problems.sort(key=lambda problem: problem.line)
    return reading


def _some(lines: list[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:10])
    return f"{shown}…" if len(lines) > 10 else shown


def _separator_of(text: str) -> str:
    first = next((line for line in text.split("\n") if line.strip()), "")
    if "\t" in first:
        return "\t"
    known = {name for column in COLUMNS for name in column.names}

    def recognised(separator: str) -> tuple[int, int]:
        headings = [fold(part.strip(' "')) for part in first.split(separator)]
        return sum(heading in known for heading in headings), len(headings)

    return max(_SEPARATORS[1:], key=recognised)


def _records(text: str, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """(line on which it begins, cells) of each line that is not empty."""
    reader = csv.reader(StringIO(text), delimiter=_separator_of(text), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            reading.problems.append(
                Problem(line, "", _('Dấu ngoặc kép (") mở mà không đóng, hoặc đóng sai chỗ; không đọc tiếp được.'))
            )
            return
        cells = [" ".join(cell.split()) for cell in cells]
        if any(cells):
            yield line, cells
        line = reader.line_num + 1


class _Reader:
    def __init__(self, reading: Reading, known: frozenset[str] | None) -> None:
        self.reading, self.known = reading, known
        self.places: dict[str, int] = {}  # where each column stands
        self.width = 0
        self.groups: dict[str, ReadGroup] = {}
        self.first_seen: dict[str, int] = {}  # line of each item's code

    def run(self, records: Iterator[tuple[int, list[str]]]) -> None:
        header = next(records, None)
        if header is None or not self._read_header(*header):
            return
        count = 0
        for line, cells in records:
            count += 1
            if count > MAX_ROWS:
                self._problem(line, "", _("Quá nhiều dòng: tối đa %(most)s dòng.") % {"most": MAX_ROWS})
                break
            self._read_row(line, cells)
            if len(self.reading.problems) >= MAX_PROBLEMS:
                break
        for group in self.groups.values():
            if not group.items:
                text = _("Nhóm “%(group)s” không có mục nào.") % {"group": group.code[:QUOTED]}
                self._problem(group.line, "group_code", text)
        if not count:
            self._problem(header[0], "", _("Chỉ có dòng tiêu đề, chưa có mục nào."))
        self.reading.groups = list(self.groups.values())

    def _problem(self, line: int, key: str, text: str) -> None:
        if len(self.reading.problems) >= MAX_PROBLEMS:
            return
        column = next((column for column in COLUMNS if column.key == key), None)
        where = ""
        if column and key in self.places:
            where = f"{get_column_letter(self.places[key] + 1)} ({column.label})"
        elif column:
            where = str(column.label)
        self.reading.problems.append(Problem(line, where, text))

    def _read_header(self, line: int, cells: list[str]) -> bool:
        unknown, twice = [], []
        for place, cell in enumerate(cells):
            heading = fold(cell[:MAX_NAME]).strip(" .:*")
            column = next((column for column in COLUMNS if heading in column.names), None)
            if column is None:
                unknown += [cell] if cell else []
            elif column.key in self.places:
                twice.append(cell)
            else:
                self.places[column.key] = place
        self.width = len(cells)
        lacking = [str(column.label) for column in COLUMNS if column.required and column.key not in self.places]
        if not self.places:
            text = _("Dòng đầu phải là tiêu đề các cột: %(columns)s. Không nhận ra cột nào trong “%(found)s”.")
            self._problem(line, "", text % {"columns": ", ".join(HEADINGS), "found": " | ".join(cells)[:120]})
        elif lacking:
            self._problem(line, "", _("Tiêu đề thiếu cột: %(columns)s.") % {"columns": ", ".join(lacking)})
        for heading in unknown[:MAX_PROBLEMS] if self.places else ():
            text = _("Không nhận ra cột “%(column)s”. Các cột được đọc: %(columns)s.")
            self._problem(line, "", text % {"column": heading[:60], "columns": ", ".join(HEADINGS)})
        for heading in twice[:MAX_PROBLEMS]:
            self._problem(line, "", _("Cột “%(column)s” có hai lần.") % {"column": heading[:60]})
        return not self.reading.problems

    def _read_row(self, line: int, cells: list[str]) -> None:
        if any(cells[self.width :]):
            text = _(
                'Dòng có %(found)s ô, tiêu đề chỉ có %(expected)s cột. Nếu tên có dấu phân cách, hãy đặt trong “"”.'
            )
            self._problem(line, "", text % {"found": len(cells), "expected": self.width})
            return
        if len(cells) == 1 and self.width > 1:
            self._problem(line, "", _("Dòng chỉ có 1 ô, cần %(expected)s ô.") % {"expected": self.width})
            return
        row = {key: cells[place] if place < len(cells) else "" for key, place in self.places.items()}
        formulas = [key for key, text in row.items() if text.startswith("=")]
        for key in formulas:
            self._problem(line, key, _("Ô chứa công thức. Hãy thay bằng giá trị (chữ) của nó."))
        if formulas:
            return
        group = self._group_of(line, row)
        if any(row.get(key) for key in ("code", "name", "printed_code", "succeeds")):
            item = self._item_of(line, row)
            if group is not None:
                group.items.append(item)

    def _group_of(self, line: int, row: dict[str, str]) -> ReadGroup | None:
        code, name = row["group_code"].rstrip("."), row["group_name"]
        if not code:
            self._problem(line, "group_code", _("Thiếu mã nhóm."))
            return None
        if code in self.groups:
            group = self.groups[code]
            if name and name != group.name:
                text = _("Nhóm “%(code)s” có hai tên: “%(one)s” ở dòng %(line)s và “%(other)s”.")
                one, other = group.name[:QUOTED], name[:QUOTED]
                values = {"code": code[:QUOTED], "one": one, "line": group.line, "other": other}
                self._problem(line, "group_name", text % values)
            return group
        self._check_code(line, "group_code", code)
        if not name:
            self._problem(line, "group_name", _("Thiếu tên nhóm."))
        else:
            self._check_name(line, "group_name", name)
        self.groups[code] = ReadGroup(line, code, name)
        return self.groups[code]

    def _item_of(self, line: int, row: dict[str, str]) -> ReadItem:
        given, name = row["code"], row["name"]
        code = given.rstrip(".")
        if not code:
            text = _(
                "Thiếu mã mục. Nếu văn bản không đánh số, hãy ghi %(handle)s1, %(handle)s2…: mã ấy không hiển thị."
            )
            self._problem(line, "code", text % {"handle": UNNUMBERED})
        elif self._check_code(line, "code", code) and code in self.first_seen:
            text = _("Mã “%(code)s” đã có ở dòng %(line)s.") % {"code": code, "line": self.first_seen[code]}
            self._problem(line, "code", text)
        self.first_seen.setdefault(code, line)
        if not name:
            self._problem(line, "name", _("Thiếu tên mục."))
        else:
            self._check_name(line, "name", name)
        printed = row.get("printed_code", "") or (given if given != code else "")
        if len(printed) > MAX_CODE:
            self._problem(line, "printed_code", _too_long(printed, MAX_CODE))
        if printed and code.startswith(UNNUMBERED):
            text = _("Mã bắt đầu bằng “%(handle)s” nghĩa là văn bản không đánh số: hãy để trống ô này.")
            self._problem(line, "printed_code", text % {"handle": UNNUMBERED})
        return ReadItem(line, code, printed, name, self._succeeds(line, row.get("succeeds", "")))

    def _succeeds(self, line: int, text: str) -> tuple[str, ...]:
        codes = tuple(dict.fromkeys(c.rstrip(".") for c in re.split(r"[\s,;]+", text) if c.rstrip(".")))
        if codes and self.known is None:
            self._problem(
                line, "succeeds", _("Dự thảo không thay thế phiên bản nào: hãy chọn phiên bản, hoặc để trống.")
            )
            return ()
        for code in codes:
            if self.known is not None and code not in self.known:
                text = _("Phiên bản trước không có mục “%(code)s”.") % {"code": code[:30]}
                self._problem(line, "succeeds", text)
        return codes

    def _check_code(self, line: int, key: str, code: str) -> bool:
        if len(code) > MAX_CODE:
            self._problem(line, key, _too_long(code, MAX_CODE))
        elif "/" in code:
            text = _("“%(code)s” giống ngày tháng: Excel có thể đã đổi mã. Hãy gõ lại mã, kiểu “Văn bản”.")
            self._problem(line, key, text % {"code": code})
        elif not _CODE.fullmatch(code):
            text = _("Mã “%(code)s” chỉ được gồm chữ không dấu, chữ số, dấu chấm, gạch nối, và phải có chữ số.")
            self._problem(line, key, text % {"code": code})
        else:
            return True
        return False

    def _check_name(self, line: int, key: str, name: str) -> None:
        if len(name) > MAX_NAME:
            self._problem(line, key, _too_long(name, MAX_NAME))
        elif not words_of(name):
            self._problem(line, key, _("“%(name)s” không có chữ nào đọc được.") % {"name": name[:30]})
        elif mixed := _mixed_word(name):
            text = _("“%(word)s” lẫn chữ cái của bảng chữ khác nhìn giống chữ Latinh. Hãy gõ lại.")
            self._problem(line, key, text % {"word": mixed[:QUOTED]})


def _too_long(text: str, most: int) -> str:
    return _("Dài %(length)s ký tự, tối đa %(most)s.") % {"length": len(text), "most": most}


def _mixed_word(text: str) -> str:
    """A word with Latin letters and with Cyrillic ones, which look alike and are never found by a search."""
    for word in re.findall(r"\w+", text):
        names = {unicodedata.name(c, "").split(" ")[0] for c in word if c.isalpha()}
        if {"LATIN", "CYRILLIC"} <= names:
            return word
    return ""


# --- a form to fill in -----------------------------------------------------------------------------


def template_csv() -> bytes:
    """The headings, for a spreadsheet program to open: with a mark by which it knows UTF-8."""
    out = StringIO()
    csv.writer(out).writerow(HEADINGS)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


EXAMPLE = (
    ("1", "Trí tuệ nhân tạo", "1.1", "Trợ lý ảo tiếng Việt", "1.1.", "1.2"),
    ("1", "Trí tuệ nhân tạo", "1.2", "Camera thông minh", "1.2.", "1.7, 1.8"),
    ("2", "Bán dẫn", "2.1", "Chip chuyên dụng", "2.1.", ""),
)


def template_xlsx() -> bytes:
    """A sheet with the headings, its cells text so that 1.10 stays 1.10, and one with an example."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Danh mục"
    sheet.append(HEADINGS)
    for row in sheet.iter_rows(min_row=1, max_row=300, max_col=len(HEADINGS)):
        for cell in row:
            cell.number_format = "@"
    example = book.create_sheet("Ví dụ")
    for line in (HEADINGS, *EXAMPLE):
        example.append(line)
    for each in (sheet, example):
        for letter, width in zip("ABCDEF", (10, 32, 10, 60, 14, 16), strict=True):
            each.column_dimensions[letter].width = width
    out = BytesIO()
    book.save(out)
    return out.getvalue()
