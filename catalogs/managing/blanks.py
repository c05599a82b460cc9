"""Files to fill in: the headings by which a list is read, and an example."""

import csv
from io import BytesIO, StringIO

import openpyxl

from catalogs.managing.importing import HEADINGS


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
