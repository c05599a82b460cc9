"""A list as a workbook: its items, their relations, and where it comes from."""

from datetime import datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from catalogs.exporting import ITEM_COLUMNS, KIND_WORDS, LIST_COLUMNS, NOTICE, item_rows_of, list_cells
from catalogs.models import RelationKind

_RELATION_COLUMNS = (
    "Mã mục",
    "Tên mục",
    "Quan hệ",
    "Danh mục khác",
    "Mã mục kia",
    "Tên mục kia",
    "Kế tiếp",
    "Ghi chú",
)
_CELL_MAX = 32_767  # characters that a cell holds


def as_xlsx(data: dict[str, Any], *, changed_at: datetime) -> bytes:
    """`data` is exporting.list_data(). Every cell is text, so nothing in it is a formula."""
    book = Workbook()
    book.properties.title = _clean(data["title"])
    book.properties.creator = "Hồ Sơ"
    book.properties.created = book.properties.modified = changed_at.replace(tzinfo=None)
    items = book.active
    assert isinstance(items, Worksheet)  # noqa: S101  a new workbook has one
    items.title = "Danh mục"
    _fill(items, ITEM_COLUMNS, item_rows_of(data), widths=(12, 9, 36, 36, 9, 9, 12, 70, 60))
    _fill(book.create_sheet("Quan hệ"), _RELATION_COLUMNS, _relations(data), widths=(9, 50, 12, 16, 10, 50, 12, 60))
    _fill(book.create_sheet("Nguồn"), ("Thông tin", "Nội dung"), _source(data), widths=(28, 90))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Worksheet, columns: tuple[str, ...], rows: list[list[str]], *, widths: tuple[int, ...]) -> None:
    for at, row in enumerate([list(columns), *rows], 1):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(at, column)
            assert isinstance(cell, Cell)  # noqa: S101  nothing is merged
            if clean := _clean(text):
                cell.value = clean
                cell.data_type = "s"  # and so no formula, whatever the text begins with
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if at == 1:
                cell.font = Font(bold=True)
    for letter, width in zip("ABCDEFGHI", widths, strict=False):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"


def _relations(data: dict[str, Any]) -> list[list[str]]:
    return [
        [
            item["code"],
            item["name"],
            KIND_WORDS[RelationKind(one["kind"])],
            one["list"],
            one["code"],
            one["name"],
            "mục kế tiếp" if one["successor"] else "mục trước đó" if one["predecessor"] else "",
            one["note"],
        ]
        for group in data["groups"]
        for item in group["items"]
        for one in item["relations"]
    ]


def _source(data: dict[str, Any]) -> list[list[str]]:
    rows = [list(pair) for pair in zip(LIST_COLUMNS, list_cells(data), strict=True)]
    return [*rows, ["Ghi chú", data["note"]], ["Lưu ý", NOTICE]]


def _clean(text: str) -> str:
    return ILLEGAL_CHARACTERS_RE.sub("", text)[:_CELL_MAX]
