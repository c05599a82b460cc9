"""A list that somebody brings as a file, a spreadsheet or CSV: what it says, as text.

Tab-separated, one line for each row of the sheet, so that a line's number is the row's. `importing` reads the text.
"""

import csv
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from io import BytesIO, StringIO
from typing import Any

from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext as _
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from catalogs.managing.importing import MAX_CHARACTERS, QUOTED, clean, separator_of, text_of_rows

MAX_BYTES = 1024 * 1024  # of a file
MAX_UNPACKED = 12 * 1024 * 1024  # bytes of what a spreadsheet holds once unpacked
MAX_SHEET_ROWS = 20_000  # empty ones included
MAX_COLUMNS = 20
MAX_SHEETS = 20  # that are looked at for one with content
MAX_ELEMENTS = 100_000  # of the XML of all parts; 2000 rows of six filled cells are 45,000
MAX_MERGED = 200
MAX_FILLED = 2 * MAX_SHEET_ROWS  # rows in the two columns of a group, unless merged cells overlap

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FIXED_PLACES = re.compile(r"0\.(0+)")


class Unreadable(ValueError):
    """Nothing can be read of the file; the text says why and what to do."""


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
    separator = separator_of(cleaned)
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
    """How many XML elements the book holds at most. Each is read up to three times, cells and what is none alike.

    Of every part, whatever it is called: the book says itself under which name its sheets are.
    """
    with zipfile.ZipFile(BytesIO(content)) as archive:
        parts = (archive.read(name) for name in archive.namelist())
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
