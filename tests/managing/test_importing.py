"""Reading a list: every problem is named with its line and column, and nothing that is brought breaks anything."""

import re
import zipfile
from datetime import datetime
from io import BytesIO

import openpyxl
import pytest
from openpyxl.formula import translate
from openpyxl.utils import get_column_letter

from catalogs.managing import importing
from catalogs.managing.importing import Unreadable, read, text_of_file

HEADER = "Mã nhóm\tTên nhóm\tMã mục\tTên mục\tSố in trong văn bản\tThay cho"
GOOD = f"{HEADER}\n1\tTrí tuệ nhân tạo\t1.1\tTrợ lý ảo\t1.1.\t1.2\n1\tTrí tuệ nhân tạo\t1.2\tCamera thông minh\n"
KNOWN = frozenset({"1.2", "1.7"})


def problems(text: str, known: frozenset[str] | None = KNOWN) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.text) for one in read(text, known=known).problems]


def only(text: str, known: frozenset[str] | None = KNOWN) -> tuple[int, str, str]:
    (one,) = problems(text, known)
    return one


def test_a_sound_list_is_read_in_order():
    reading = read(GOOD, known=KNOWN)
    assert reading.problems == []
    (group,) = reading.groups
    assert (group.code, group.name) == ("1", "Trí tuệ nhân tạo")
    assert [(i.code, i.name, i.printed_code, i.succeeds) for i in group.items] == [
        ("1.1", "Trợ lý ảo", "1.1.", ("1.2",)),
        ("1.2", "Camera thông minh", "", ()),
    ]


def test_of_text_that_is_too_long_the_beginning_is_kept_and_that_is_said():
    text = "1\tA\t1.1\tMột\x00\n" * 100_000
    reading = importing.read(text, known=None)
    assert reading.text.startswith("1\tA\t1.1\tMột\n1\tA")
    assert importing.MAX_CHARACTERS * 0.9 < len(reading.text) <= importing.MAX_CHARACTERS
    assert "chỉ giữ phần đầu" in reading.problems[0].text


@pytest.mark.parametrize("separator", ["\t", ";", ","])
def test_each_separator_is_told_by_the_heading(separator):
    text = f"{HEADER}\n1\tTrí tuệ nhân tạo\t1.1\tTrợ lý ảo".replace("\t", separator)
    assert [i.name for i in read(text, known=None).items()] == ["Trợ lý ảo"]


def test_quoted_cells_may_hold_the_separator():
    text = 'Mã nhóm,Tên nhóm,Mã mục,Tên mục\n1,"Mạng, kết nối",1.1,"Thiết bị ""5G"", 6G"'
    reading = read(text, known=None)
    assert reading.groups[0].name == "Mạng, kết nối"
    assert reading.groups[0].items[0].name == 'Thiết bị "5G", 6G'


def test_headings_are_known_without_diacritics_in_any_order_and_in_english():
    text = "item name\tITEM CODE\tten nhom\tMa Nhom\nTrợ lý ảo\t1.1\tAI\t1"
    (group,) = read(text, known=None).groups
    assert (group.code, group.name, group.items[0].code) == ("1", "AI", "1.1")


@pytest.mark.parametrize(
    ("row", "line", "column", "words"),
    [
        ("1\tA\t\tTrợ lý ảo", 2, "C (Mã mục)", "Thiếu mã mục"),
        ("1\tA\t1.1\t", 2, "D (Tên mục)", "Thiếu tên mục"),
        ("1\t\t1.1\tTrợ lý ảo", 2, "B (Tên nhóm)", "Thiếu tên nhóm"),
        ("\tA\t1.1\tTrợ lý ảo", 2, "A (Mã nhóm)", "Thiếu mã nhóm"),
        ("1\tA\t1.1\tTrợ lý ảo\t\t9.9", 2, "F (Thay cho)", "Phiên bản trước không có mục “9.9”"),
        ("1\tA\t12345678901\tTrợ lý ảo", 2, "C (Mã mục)", "Dài 11 ký tự, tối đa 10"),
        ("1\tA\t1.1\t" + "à" * 1001, 2, "D (Tên mục)", "tối đa 1000"),
        ("1\tA\t1.1\tTrợ lý ảo\t12345678901", 2, "E (Số in trong văn bản)", "tối đa 10"),
        ("1\tA\tso-sanh\tTrợ lý ảo", 2, "C (Mã mục)", "phải có chữ số"),
        ("1\tA\t../1\tTrợ lý ảo", 2, "C (Mã mục)", "giống ngày tháng"),
        ("1\tA\t01/02/2026\tTrợ lý ảo", 2, "C (Mã mục)", "giống ngày tháng"),
        ("1\tA\t1.1\t=B2&C2", 2, "D (Tên mục)", "công thức"),
        ("1\tA\t1.1\t🤖🤖", 2, "D (Tên mục)", "không có chữ nào đọc được"),
        ("1\tA\t1.1\tСamera thông minh", 2, "D (Tên mục)", "bảng chữ khác"),
        ("1\tA\tx1\tTrợ lý ảo\t1.", 2, "E (Số in trong văn bản)", "để trống"),
        ("1\tA\t1.1\tTrợ lý ảo\t\t\tthừa", 2, "", "Dòng có 7 ô, tiêu đề chỉ có 6 cột"),
        ("Trợ lý ảo", 2, "", "Dòng chỉ có 1 ô, cần 6 ô"),
        ('1\tA\t1.1\t"Trợ lý', 2, "", "Dấu ngoặc kép"),
    ],
)
def test_a_problem_is_named_with_its_line_and_column(row, line, column, words):
    found = [p for p in problems(f"{HEADER}\n{row}") if words in p[2]]
    assert found, problems(f"{HEADER}\n{row}")
    assert found[0][:2] == (line, column)


def test_a_code_that_stands_twice_names_the_first_line():
    text = f"{HEADER}\n1\tA\t1.1\tMột\n\n1\tA\t1.1.\tHai"
    assert only(text) == (4, "C (Mã mục)", "Mã “1.1” đã có ở dòng 2.")


def test_a_group_with_two_names_and_one_without_items_are_named():
    text = f"{HEADER}\n1\tA\t1.1\tMột\n1\tB\t1.2\tHai\n2\tC"
    assert [p[0] for p in problems(text)] == [3, 4]
    assert "hai tên" in problems(text)[0][2]
    assert "Nhóm “2” không có mục nào" in problems(text)[1][2]


def test_a_row_of_a_group_alone_may_stand_above_its_items():
    assert problems(f"{HEADER}\n1\tA\n1\t\t1.1\tMột") == []


def test_successors_without_a_version_before_are_refused():
    assert "không thay thế phiên bản nào" in only(f"{HEADER}\n1\tA\t1.1\tMột\t\t1.2", None)[2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Chưa có nội dung"),
        (" \n\t\n", "Chưa có nội dung"),
        ("\u200f\u200b\ufeff", "Chưa có nội dung"),
        ("🤖🎉🚀", "Không nhận ra cột nào"),
        ("1\tTrí tuệ nhân tạo\t1.1\tTrợ lý ảo", "Không nhận ra cột nào"),
        ("Mã nhóm\tTên nhóm\tMã mục\n1\tA\t1.1", "Tiêu đề thiếu cột: Tên mục"),
        (HEADER + "\tGiá\n1\tA\t1.1\tMột", "Không nhận ra cột “Giá”"),
        (HEADER + "\tTên mục\n1\tA\t1.1\tMột", "Cột “Tên mục” có hai lần"),
        (HEADER, "Chỉ có dòng tiêu đề"),
        ("a" * (importing.MAX_CHARACTERS + 1), "dài hơn 1 MB"),
        (HEADER + "".join(f"\n1\tA\t1.{n}\tMột" for n in range(2001)), "Quá nhiều dòng: tối đa 2000"),
    ],
)
def test_what_is_wrong_as_a_whole_is_said(text, words):
    assert any(words in p[2] for p in problems(text))


def test_a_megabyte_of_anything_is_answered_at_once():
    assert problems(("x" * 99 + "\n") * 10000)
    assert problems('"' + "a\n" * 500_000)


def test_what_cannot_be_seen_is_taken_out_and_told():
    text = f"{HEADER}\n1\tTrí\u00a0tuệ\t1.1\t\u202eTrợ lý\u200b ảo\u00ad"
    reading = read(text, known=None)
    assert reading.problems == []
    assert reading.groups[0].name == "Trí tuệ"
    assert reading.groups[0].items[0].name == "Trợ lý ảo"
    assert reading.notes == ["Đã bỏ ký tự ẩn ở dòng 2."]
    assert "\u202e" not in reading.text


def test_decomposed_letters_are_composed():
    assert read(f"{HEADER}\n1\tA\t1.1\tTro\u031b\u0323 lý", known=None).groups[0].items[0].name == "Trợ lý"


# --- files ---


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
        archive.writestr("xl/media/x.bin", b"\x00" * (importing.MAX_UNPACKED + 1))
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
        (b"x" * (importing.MAX_BYTES + 1), "lớn hơn 1 MB"),
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
    for content in (importing.template_csv(), importing.template_xlsx()):
        text, _notes = text_of_file(content)
        assert [p[2] for p in problems(text)] == ["Chỉ có dòng tiêu đề, chưa có mục nào."]
    assert problems(importing.text_of_rows([list(HEADINGS), *map(list, importing.EXAMPLE)]), KNOWN | {"1.8"}) == []


# --- files and texts that are small and ask for much ---

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
    bounds = importing.range_boundaries
    monkeypatch.setattr(importing, "range_boundaries", lambda ref: looked_at.append(ref) or bounds(ref))
    references = [f"A{n}:A{n + 1}" for n in range(2, 1002, 2)]
    _text, notes = text_of_file(with_merged(references, 10))
    assert looked_at == references[: importing.MAX_MERGED]
    assert "hơn 200 ô gộp" in notes[0]


def test_merged_cells_that_cover_each_other_are_refused(monkeypatch):
    monkeypatch.setattr(importing, "MAX_FILLED", 100)
    with pytest.raises(Unreadable, match="chồng lên nhau"):
        text_of_file(with_merged(["A2:A20000"] * 4, 40))
    assert text_of_file(with_merged(["A2:A20000", "B2:B20000"], 40))[0].count("\n1\tA\t") == 39


def test_a_text_that_stands_in_many_cells_counts_each_time(monkeypatch):
    cells = []
    text_of = importing._cell_text
    monkeypatch.setattr(importing, "_cell_text", lambda cell: cells.append(cell) or text_of(cell))
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
    monkeypatch.setattr(importing, "_has_content", opened.append)
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
    content = with_rows(*["".join(cells)] * (importing.MAX_ELEMENTS // 1000))
    with pytest.raises(Unreadable, match="quá nhiều dữ liệu"):
        text_of_file(content)
    assert opened == []


def test_elements_of_several_parts_are_counted_together(monkeypatch):
    content = sheet(HEADINGS, ("1", "A", "1.1", "Một"), b=[("x",) * 20] * 20)
    monkeypatch.setattr(importing, "MAX_ELEMENTS", importing._elements(content))
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
    has_content = importing._has_content
    monkeypatch.setattr(importing, "_has_content", lambda one: looked_at.append(one.title) or has_content(one))
    row = ("1", "A", "1.1", "Một")
    _text, _notes = text_of_file(sheet(b=[HEADINGS, row], c=[HEADINGS, row]))
    assert looked_at == ["Sheet", "b"]
    looked_at.clear()
    with pytest.raises(Unreadable, match="Bảng tính trống"):
        text_of_file(sheet(**{f"s{n}": [] for n in range(25)}, last=[HEADINGS, row]))
    assert len(looked_at) == importing.MAX_SHEETS


def test_what_problems_repeat_of_the_text_is_short():
    long = "n" * 100_000
    rows = [f"1\t{long}\t1.1\tx", *(f"1\tkhác {n}\t1.{n}\tx" for n in range(2, 1500)), f"{long}\tA"]
    reading = read("\n".join([HEADER, *rows]), known=None)
    assert len(reading.problems) == importing.MAX_PROBLEMS
    assert max(len(problem.text) for problem in reading.problems) < 300


def test_a_long_code_of_a_group_is_not_repeated_whole():
    text = "\n".join([HEADER, f"{'1' * 5000}\tA", f"{'1' * 5000}\tB"])
    assert max(len(one[2]) for one in problems(text)) < 300


def test_a_heading_of_thousands_of_columns_is_answered_briefly():
    reading = read(HEADER + "\tx" * 200_000, known=None)
    assert len(reading.problems) == importing.MAX_PROBLEMS
