import pytest
from django.core.exceptions import ValidationError
from vietnam_provinces import Province

from accounts import provinces
from accounts.demo import APPLICANTS
from accounts.identifiers import clean_personal_id, clean_phone, clean_tax_code, write_phone
from accounts.models import ApplicantKind


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0100233488", "0100233488"),
        (" 0100 233 488 ", "0100233488"),
        ("0100233488001", "0100233488-001"),
        ("0100233488-001", "0100233488-001"),
        ("0100233488 - 001", "0100233488-001"),
        ("0100233488–001", "0100233488-001"),
    ],
)
def test_a_tax_code_is_stored_in_one_way_however_it_is_typed(typed, stored):
    assert clean_tax_code(typed) == stored


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("0100233480", "chữ số kiểm tra"),
        ("0100233489-001", "chữ số kiểm tra"),
        ("010023348", "10 chữ số"),
        ("01002334880", "10 chữ số"),
        ("0100233488-0001", "10 chữ số"),
        ("010023348A", "chỉ gồm chữ số"),
        ("٠١٠٠٢٣٣٤٨٨", "chỉ gồm chữ số"),
        ("0100233488-000", "không đúng"),
        ("0100000000", "không đúng"),
        ("<script>", "10 chữ số"),
        ("9" * 10_000, "10 chữ số"),
    ],
)
def test_a_wrong_tax_code_is_refused_with_what_is_wrong(typed, message):
    with pytest.raises(ValidationError, match=message):
        clean_tax_code(typed)


def test_each_digit_of_a_tax_code_counts():
    good = "0100233488"
    for place in range(10):
        bad = good[:place] + str((int(good[place]) + 1) % 10) + good[place + 1 :]
        with pytest.raises(ValidationError):
            clean_tax_code(bad)


@pytest.mark.parametrize("typed", ["001083012345", "001 083 012 345", "096-199-000-001"])
def test_a_personal_id_has_twelve_digits(typed):
    assert len(clean_personal_id(typed)) == 12


@pytest.mark.parametrize("typed", ["", "00108301234", "0010830123456", "00108301234a", "000083012345", "097083012345"])
def test_a_wrong_personal_id_is_refused(typed):
    with pytest.raises(ValidationError, match="Số định danh"):
        clean_personal_id(typed)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0901 234 567", "0901234567"),
        ("+84 901 234 567", "0901234567"),
        ("84901234567", "0901234567"),
        ("0084 24 3943 7056", "02439437056"),
        ("(024) 3943.7056", "02439437056"),
        ("+84 (0)24 3943 7056", "02439437056"),
        ("1900 6035", "19006035"),
        ("", ""),
    ],
)
def test_a_telephone_number_is_stored_as_digits(typed, stored):
    assert clean_phone(typed) == stored


@pytest.mark.parametrize("typed", ["123", "abc", "09012345678901", "+1 202 555 0100", "0101234567"])
def test_a_wrong_telephone_number_is_refused(typed):
    with pytest.raises(ValidationError, match="Số điện thoại không đúng"):
        clean_phone(typed)


def test_the_provinces_are_the_34_of_the_resolution():
    official = {
        f"{p.code:02d}": p.name.removeprefix("Thành phố ")
        .removeprefix("Tỉnh ")
        .replace("Hồ Chí Minh", "TP. Hồ Chí Minh")
        for p in Province.iter_all()
    }
    assert dict(provinces.choices()) == official
    assert len(official) == 34


def test_the_provinces_stand_in_vietnamese_order():
    names = [name for _code, name in provinces.choices()]
    assert names[:2] == ["Hà Nội", "TP. Hồ Chí Minh"]
    for before, after in [
        ("Cần Thơ", "Đà Nẵng"),
        ("Đắk Lắk", "Điện Biên"),
        ("Đồng Tháp", "Gia Lai"),
        ("Hưng Yên", "Khánh Hòa"),
    ]:
        assert names.index(before) < names.index(after)


def test_a_code_of_another_time_is_shown_as_it_is():
    assert provinces.name_of("79") == "TP. Hồ Chí Minh"
    assert provinces.name_of("99") == "99"


@pytest.mark.parametrize("applicant", APPLICANTS, ids=lambda applicant: applicant.name)
def test_the_demonstrations_applicants_have_numbers_that_hold_and_belong_to_nobody(applicant):
    if applicant.kind == ApplicantKind.INDIVIDUAL:
        assert clean_personal_id(applicant.number) == applicant.number
        assert applicant.number[3] == "9", "born in the twenty-fourth century"
    else:
        assert clean_tax_code(applicant.number) == applicant.number
        assert applicant.number.startswith("99"), "no province has this number"
    assert applicant.province in dict(provinces.choices())
    assert clean_phone(applicant.phone) == applicant.phone
    assert applicant.email.endswith(".example")


@pytest.mark.parametrize(
    ("stored", "written"),
    [
        ("0912345678", "0912 345 678"),
        ("02439436700", "024 3943 6700"),
        ("02838221234", "028 3822 1234"),
        ("02363822041", "0236 3822 041"),
        ("18001234", "1800 1234"),
        ("1900123456", "1900 123456"),
        ("024 1234 5678", "024 1234 5678"),
        ("+84 24 3943 6700", "024 3943 6700"),
        ("", ""),
        ("hỏi văn thư", "hỏi văn thư"),
        ("12345", "12345"),
    ],
)
def test_a_telephone_number_is_shown_in_groups(stored, written):
    assert write_phone(stored) == written
