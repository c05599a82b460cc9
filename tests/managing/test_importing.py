"""Reading a list: every problem is named with its line and column, and nothing that is brought breaks anything."""

import pytest

from catalogs import exporting, spreadsheets
from catalogs.loading import load
from catalogs.managing import importing
from catalogs.managing.files import text_of_file
from catalogs.managing.importing import read
from catalogs.models import Catalogue
from tests.factories import NOW

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
        ("1.2", "Camera thông minh", "1.2", ()),  # the text prints the code
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


@pytest.mark.django_db
@pytest.mark.parametrize(
    "form", [exporting.as_csv, lambda data: spreadsheets.as_xlsx(data, changed_at=NOW)], ids=["csv", "xlsx"]
)
def test_what_the_product_gives_is_read_again(form):
    """QĐ 21/2026/QĐ-TTg: two groups of products, English names, and groups of technologies beside them."""
    load()
    catalogue = Catalogue.objects.get(slug="qd-21-2026")
    text, _notes = text_of_file(form(exporting.list_data(catalogue, among=Catalogue.objects.public())))
    reading = read(text, known=None)
    assert reading.problems == []
    if form is exporting.as_csv:  # the sheet has what is not read on another page
        assert any("Không đọc các cột" in note and "Văn bản" in note for note in reading.notes)
    assert [(g.kind, g.code, i.code, i.name, i.name_en, i.printed_code) for g in reading.groups for i in g.items] == [
        (i.group.kind, i.group.code, i.code, i.name, i.name_en, i.printed_code)
        for i in catalogue.items.select_related("group").order_by("position")
    ]
    assert [(g.kind, g.code, g.name, g.name_en, len(g.items)) for g in reading.groups] == [
        (g.kind, g.code, g.name, g.name_en, g.items.count()) for g in catalogue.groups.order_by("position")
    ]


def test_two_english_names_of_a_group_are_named():
    header = f"{HEADER}\tTên nhóm tiếng Anh"
    text = f"{header}\n1\tA\t1\tRobot\t\t\tRobots\n1\tA\t2\tMáy\t\t\tMachines\n1\tA\t3\tXe\t\t\t"
    [problem] = read(text, known=None).problems
    assert (problem.line, problem.column) == (3, "G (Tên nhóm tiếng Anh)")


def test_groups_of_technologies_may_stand_without_items_and_under_the_same_number():
    header = f"{HEADER}\tLoại nhóm\tTên tiếng Anh"
    text = f"{header}\n1\tSản phẩm\t1\tRobot\t\t\t\tRobots\n1\tCông nghệ số\t\t\t\t\tcông nghệ\t"
    reading = read(text, known=None)
    assert reading.problems == []
    assert [(g.kind, g.code, g.name, [i.name_en for i in g.items]) for g in reading.groups] == [
        ("product", "1", "Sản phẩm", ["Robots"]),
        ("technology", "1", "Công nghệ số", []),
    ]


def test_another_kind_of_group_is_named():
    header = f"{HEADER}\tLoại nhóm"
    [problem] = read(f"{header}\n1\tA\t1\tRobot\t\t\tđồ chơi", known=None).problems
    assert (problem.line, problem.column) == (2, "G (Loại nhóm)")
    assert "đồ chơi" in problem.text
