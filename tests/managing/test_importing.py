"""Reading a list: every problem is named with its line and column, and nothing that is brought breaks anything."""

import pytest

from catalogs.managing import importing
from catalogs.managing.importing import read

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
        (",,,", "Chưa có nội dung"),
        (';\n;;\n""', "Chưa có nội dung"),
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
