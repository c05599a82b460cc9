import pytest

from documents import codes


def test_a_code_has_twelve_characters_that_cannot_be_mistaken_for_one_another():
    made = {codes.new_code() for _attempt in range(200)}
    assert len(made) == 200
    assert all(len(code) == 12 for code in made)
    assert not set("01OI") & set("".join(made))
    assert len(codes.ALPHABET) ** codes.LENGTH == 2**60


@pytest.mark.parametrize(
    "typed",
    [
        "7KQ2M9DX4HTR",
        "7KQ2-M9DX-4HTR",
        " 7kq2 m9dx 4htr ",
        "7KQ2–M9DX—4HTR",
        "７ＫＱ２-M9DX-4HTR",
        "https://hoso.example/kiem-tra/7KQ2M9DX4HTR/",
    ],
)
def test_a_code_is_read_as_people_type_and_paste_it(typed):
    assert codes.read_code(typed) == "7KQ2M9DX4HTR"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Hãy nhập mã"),
        (" - ", "Hãy nhập mã"),
        ("7KQ2-M9DX", "mới nhập 8"),
        ("7KQ2-M9DX-4HTR-22", "đã nhập 14"),
        ("0KQ2-M9DX-4HTR", "không có số 0"),
        ("OKQ2-M9DX-4HTR", "“O”"),
        ("7KQ2-M9DX-4HT!", "“!”"),
        ("ĐKQ2-M9DX-4HTR", "“Đ”"),
        ("'; DROP TABLE", "chỉ gồm chữ cái"),
        ("7" * 100_000, "đã nhập 100000"),
    ],
)
def test_what_is_no_code_is_refused_with_the_reason(typed, words):
    with pytest.raises(codes.InvalidCode, match=words):
        codes.read_code(typed)


def test_a_code_is_printed_in_three_groups():
    assert codes.grouped("7KQ2M9DX4HTR") == "7KQ2-M9DX-4HTR"
