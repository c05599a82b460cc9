"""Files become text: whatever is brought, and however much a small one asks for."""

import re
import zipfile
from datetime import datetime
from io import BytesIO

import openpyxl
import pytest
from openpyxl.formula import translate
from openpyxl.utils import get_column_letter

from catalogs.managing import blanks, files, importing
from catalogs.managing.files import Unreadable, text_of_file
from catalogs.managing.importing import read
from tests.managing.test_importing import GOOD, KNOWN, only, problems


def sheet(*rows: tuple, **sheets: list[tuple]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, more in sheets.items():
        other = book.create_sheet(title)
        for row in more:
            other.append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


HEADINGS = importing.HEADINGS


def test_a_spreadsheet_becomes_text_with_the_sheets_own_lines():
    text, notes = text_of_file(sheet(HEADINGS, (), ("1", "A", "1.1", "Trợ lý\nảo")))
    assert text.split("\n")[2] == "1\tA\t1.1\tTrợ lý ảo"
    assert notes == []
    assert [(i.line, i.name) for i in read(text, known=None).items()] == [(3, "Trợ lý ảo")]


def test_a_line_of_a_sheet_that_begins_with_an_empty_row_keeps_its_number():
    text, _notes = text_of_file(sheet((), HEADINGS, ("1", "A", "", "Một")))
    assert only(text)[0] == 3


def test_a_formula_is_named_and_not_taken_for_its_value():
    text, _notes = text_of_file(sheet(HEADINGS, ("1", "A", "1.1", '="Trợ lý "&"ảo"')))
    assert only(text)[:2] == (2, "D (Tên mục)")
    assert "công thức" in only(text)[2]


def test_merged_cells_of_a_group_count_for_each_row_and_others_are_told():
    book = openpyxl.Workbook()
    for row in (HEADINGS, ("1", "A", "1.1", "Một"), (None, None, "1.2", "Hai"), (None, None, "1.3", "Ba")):
        book.active.append(row)
    book.active.merge_cells("A2:A4")
    book.active.merge_cells("B2:B4")
    book.active.merge_cells("D3:D4")
    text, notes = text_of_file(saved(book))
    assert sorted(note.split(":")[0] for note in notes) == ["Ô gộp A2", "Ô gộp B2", "Ô gộp D3"]
    assert only(text)[:2] == (4, "D (Tên mục)")


def test_numbers_and_days_in_the_codes_are_told():
    text, notes = text_of_file(sheet(HEADINGS, (1, "A", 1.1, "Một"), (1, "A", datetime(2026, 2, 1), "Hai")))
    assert "1.10 thành 1.1" in notes[0]
    assert "giống ngày tháng" in only(text)[2]
    assert text.split("\n")[1].startswith("1\tA\t1.1\t")


def test_only_the_first_sheet_is_read_and_that_is_said():
    text, notes = text_of_file(sheet(HEADINGS, ("1", "A", "1.1", "Một"), Khac=[("x",)]))
    assert "Chỉ đọc trang tính “Sheet”" in notes[0]
    assert "x" not in text.split("\n")[-1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_is_read_in_the_usual_encodings(encoding):
    text, _notes = text_of_file(GOOD.replace("\t", ";").encode(encoding))
    assert read(text, known=KNOWN).problems == []


def with_part(name: str, content: bytes = b"x") -> bytes:
    out = BytesIO(sheet(HEADINGS, ("1", "A", "1.1", "Một")))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, content)
    return out.getvalue()


def bomb() -> bytes:
    out = BytesIO(sheet(HEADINGS))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/x.bin", b"\x00" * (files.MAX_UNPACKED + 1))
    return out.getvalue()


def rewritten(part: str, change) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(sheet(HEADINGS, ("1", "A", "1.1", "Một")))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Tệp trống"),
        (b" " * 10, "Tệp trống"),
        (b"x" * (files.MAX_BYTES + 1), "lớn hơn 1 MB"),
        (b"%PDF-1.7 ...", "không phải bảng tính"),
        (b"\x00\x01\x02\x03", "không phải bảng tính"),
        ("Mã nhóm".encode("cp1258", "ignore") + b"\xea\xf5", "UTF-8"),
        (OLE, "Office cũ"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "mật khẩu"),
        (b"PK\x03\x04 cut", "hỏng"),
        (with_part("xl/vbaProject.bin"), "macro"),
        (bomb(), "quá nhiều dữ liệu"),
        (sheet(), "Bảng tính trống"),
        (rewritten("xl/worksheets/sheet1.xml", lambda c: c[:50]), "Không đọc được bảng tính"),
        (rewritten("xl/workbook.xml", lambda c: b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"), "Bảng tính trống"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content, words):
    with pytest.raises(Unreadable, match=words):
        text_of_file(content)


def test_a_document_that_is_no_spreadsheet_says_so():
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "x")
    with pytest.raises(Unreadable, match=r"không phải bảng tính \.xlsx"):
        text_of_file(out.getvalue())


def test_a_sheet_that_claims_to_be_endless_is_read_all_the_same():
    def endless(content: bytes) -> bytes:
        content = content.replace(
            b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
        )
        return content.replace(b'ref="A1:F2"', b'ref="A1:XFD1048576"')

    text, _notes = text_of_file(rewritten("xl/worksheets/sheet1.xml", endless))
    assert len(text.split("\n")) == 2


# --- the forms to fill in ---


def test_the_forms_to_fill_in_are_read_again():
    for content in (blanks.template_csv(), blanks.template_xlsx()):
        text, _notes = text_of_file(content)
        assert [p[2] for p in problems(text)] == ["Chỉ có dòng tiêu đề, chưa có mục nào."]
    assert problems(importing.text_of_rows([list(HEADINGS), *map(list, blanks.EXAMPLE)]), KNOWN | {"1.8"}) == []


# --- files that are small and ask for much ---

SHEET = "xl/worksheets/sheet1.xml"


def with_merged(references: list[str], rows: int) -> bytes:
    """A sheet of so many rows, in the first of which a group stands, with these merged cells."""
    content = sheet(HEADINGS, ("1", "A", "1.1", "Một"), *((None, None, f"1.{n}", "x") for n in range(2, rows)))
    merged = "".join(f'<mergeCell ref="{reference}"/>' for reference in references)
    end = f"</sheetData><mergeCells>{merged}</mergeCells>".encode()
    return replaced(content, **{SHEET: lambda part: part.replace(b"</sheetData>", end)})


def replaced(content: bytes, **changes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, bytes)(old.read(name)))
    return out.getvalue()


def test_of_many_merged_cells_only_the_first_are_looked_at(monkeypatch):
    looked_at = []
    bounds = files.range_boundaries
    monkeypatch.setattr(files, "range_boundaries", lambda ref: looked_at.append(ref) or bounds(ref))
    references = [f"A{n}:A{n + 1}" for n in range(2, 1002, 2)]
    _text, notes = text_of_file(with_merged(references, 10))
    assert looked_at == references[: files.MAX_MERGED]
    assert "hơn 200 ô gộp" in notes[0]


def test_merged_cells_that_cover_each_other_are_refused(monkeypatch):
    monkeypatch.setattr(files, "MAX_FILLED", 100)
    with pytest.raises(Unreadable, match="chồng lên nhau"):
        text_of_file(with_merged(["A2:A20000"] * 4, 40))
    assert text_of_file(with_merged(["A2:A20000", "B2:B20000"], 40))[0].count("\n1\tA\t") == 39


def test_a_text_that_stands_in_many_cells_counts_each_time(monkeypatch):
    cells = []
    text_of = files._cell_text
    monkeypatch.setattr(files, "_cell_text", lambda cell: cells.append(cell) or text_of(cell))
    content = sheet(HEADINGS, *[("x" * 30_000,) * 6] * 200)
    assert len(content) < 60_000
    with pytest.raises(Unreadable, match="quá nhiều dữ liệu"):
        text_of_file(content)
    assert len(cells) < 60


def test_a_text_that_merged_cells_repeat_counts_each_time():
    content = sheet(HEADINGS, ("1", "A" * 30_000, "1.1", "Một"), *[(None, None, "1.2", "Hai")] * 100)
    end = b'</sheetData><mergeCells><mergeCell ref="B2:B102"/></mergeCells>'
    with pytest.raises(Unreadable, match="quá nhiều dữ liệu"):
        text_of_file(replaced(content, **{SHEET: lambda part: part.replace(b"</sheetData>", end)}))


def test_two_sheets_of_one_part_are_refused_before_a_sheet_is_opened(monkeypatch):
    opened = []
    monkeypatch.setattr(files, "_has_content", opened.append)
    monkeypatch.setattr("openpyxl.reader.excel.ReadOnlyWorksheet", lambda *given: opened.append(given))

    def change(part: bytes) -> bytes:
        (one,) = re.findall(rb"<sheet .*?/>", part)
        return part.replace(one, one * 300)

    with pytest.raises(Unreadable, match="Không đọc được"):
        text_of_file(rewritten("xl/workbook.xml", change))
    assert opened == []


def with_rows(*rows: str) -> bytes:
    """A sheet of these rows, each the XML of its cells."""
    data = "".join(f'<row r="{number}">{cells}</row>' for number, cells in enumerate(rows, 1))
    change = lambda part: re.sub(b"<sheetData.*</sheetData>", f"<sheetData>{data}</sheetData>".encode(), part)  # noqa: E731
    return replaced(sheet(HEADINGS), **{SHEET: change})


def shared_formulas(columns: int, text: str) -> str:
    """Cells that all refer to the formula of the first."""
    first = f'<c r="A1"><f t="shared" ref="A1:XFD1" si="0">{text}</f></c>'
    return first + "".join(f'<c r="{get_column_letter(n)}1"><f t="shared" si="0"/></c>' for n in range(2, columns + 1))


def test_shared_formulas_are_not_worked_out_for_each_cell(monkeypatch):
    """Twenty kilobytes in which sixteen thousand cells share a formula of fifty thousand terms."""
    worked_out = []
    monkeypatch.setattr(translate.Translator, "__init__", lambda *given: worked_out.append(given))
    content = with_rows(shared_formulas(16_384, "+".join(["B1"] * 50_000)))
    assert len(content) < 100_000
    text, _notes = text_of_file(content)
    assert worked_out == []
    assert text.startswith("=B1+B1")
    assert text.endswith("\t=")


def test_each_cell_of_a_shared_formula_is_named():
    names = '<c r="D{0}"><f t="shared" {1}</f></c>'
    headings = "".join(
        f'<c r="{letter}1" t="inlineStr"><is><t>{heading}</t></is></c>'
        for letter, heading in zip("ABCDEF", HEADINGS, strict=True)
    )
    rows = [
        "".join(f'<c r="{letter}{n}" t="inlineStr"><is><t>1</t></is></c>' for letter in "ABC")
        + names.format(n, 'ref="D2:D3" si="0">A1' if n == 2 else 'si="0">')
        for n in (2, 3)
    ]
    text, _notes = text_of_file(with_rows(headings, *rows))
    assert [(line, column) for line, column, words in problems(text) if "công thức" in words] == [
        (2, "D (Tên mục)"),
        (3, "D (Tên mục)"),
    ]


@pytest.mark.parametrize("cell", ['<c r="{0}"><f t="shared" si="0"/></c>', '<c r="{0}" s="0"/>', "<x/>"])
def test_a_small_file_of_very_many_elements_is_refused_before_it_is_read(monkeypatch, cell):
    opened = []
    monkeypatch.setattr("openpyxl.reader.excel.ReadOnlyWorksheet", lambda *given: opened.append(given))
    cells = [cell.format(f"{get_column_letter(column)}1") for column in range(1, 1001)]
    content = with_rows(*["".join(cells)] * (files.MAX_ELEMENTS // 1000))
    with pytest.raises(Unreadable, match="quá nhiều dữ liệu"):
        text_of_file(content)
    assert opened == []


def test_a_sheet_under_another_ending_is_counted_too(monkeypatch):
    opened = []
    monkeypatch.setattr("openpyxl.reader.excel.ReadOnlyWorksheet", lambda *given: opened.append(given))
    content = with_rows(*["<x/>" * 1000] * (files.MAX_ELEMENTS // 1000))
    renamed = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as before, zipfile.ZipFile(renamed, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = before.read(name).replace(b"sheet1.xml", b"sheet1.dat")
            after.writestr(name.replace("sheet1.xml", "sheet1.dat"), part)
    with pytest.raises(Unreadable, match="quá nhiều dữ liệu"):
        text_of_file(renamed.getvalue())
    assert opened == []


def test_elements_of_several_parts_are_counted_together(monkeypatch):
    content = sheet(HEADINGS, ("1", "A", "1.1", "Một"), b=[("x",) * 20] * 20)
    monkeypatch.setattr(files, "MAX_ELEMENTS", files._elements(content))
    assert text_of_file(content)[0]
    more = sheet(HEADINGS, ("1", "A", "1.1", "Một"), b=[("x",) * 20] * 20, c=[])
    with pytest.raises(Unreadable, match="quá nhiều dữ liệu"):
        text_of_file(more)


def test_the_longest_list_that_is_taken_fits():
    rows = [("1", "Nhóm", f"1.{n}", f"Sản phẩm {n}", f"1.{n}.", f"{n}") for n in range(importing.MAX_ROWS)]
    text, _notes = text_of_file(sheet(HEADINGS, *rows))
    assert len(text.split("\n")) == importing.MAX_ROWS + 1


def test_sheets_are_looked_at_until_one_is_filled_and_not_more_than_twenty(monkeypatch):
    looked_at = []
    has_content = files._has_content
    monkeypatch.setattr(files, "_has_content", lambda one: looked_at.append(one.title) or has_content(one))
    row = ("1", "A", "1.1", "Một")
    _text, _notes = text_of_file(sheet(b=[HEADINGS, row], c=[HEADINGS, row]))
    assert looked_at == ["Sheet", "b"]
    looked_at.clear()
    with pytest.raises(Unreadable, match="Bảng tính trống"):
        text_of_file(sheet(**{f"s{n}": [] for n in range(25)}, last=[HEADINGS, row]))
    assert len(looked_at) == files.MAX_SHEETS
