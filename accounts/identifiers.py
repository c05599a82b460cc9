"""Tax codes, personal ids and telephone numbers, as people write them and as they are stored."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum import exceptions
from stdnum.vn import mst

# 001 (Hà Nội) to 096 (Cà Mau): the place of birth registration that a personal id begins with.
_PLACES = range(1, 97)


def clean_tax_code(text: str) -> str:
    """ "0100 233 488", "0314409058001" → "0100233488", "0314409058-001".

    The check digit is the tenth; a branch adds three. Raises ValidationError that says what is wrong.
    """
    try:
        return mst.format(mst.validate(_digits_only(text)))
    except exceptions.InvalidLength:
        message = _("Mã số thuế có 10 chữ số, hoặc 13 chữ số nếu là đơn vị phụ thuộc (ví dụ 0123456789-001).")
    except exceptions.InvalidFormat:
        message = _("Mã số thuế chỉ gồm chữ số, có thể kèm dấu gạch ngang trước 3 số cuối.")
    except exceptions.InvalidChecksum:
        message = _("Mã số thuế không đúng: chữ số kiểm tra (số thứ 10) không khớp. Hãy xem lại từng chữ số.")
    except exceptions.ValidationError:
        message = _("Mã số thuế không đúng. Hãy xem lại từng chữ số.")
    raise ValidationError(message, code="tax_code")


def clean_personal_id(text: str) -> str:
    """ "001 083 012 345" → "001083012345". It has no check digit, only twelve digits that begin with a place."""
    digits = _digits_only(text)
    if not re.fullmatch(r"[0-9]{12}", digits):
        raise ValidationError(_("Số định danh cá nhân gồm đúng 12 chữ số, in trên thẻ căn cước."), code="personal_id")
    if int(digits[:3]) not in _PLACES:
        raise ValidationError(_("Số định danh cá nhân không đúng. Hãy xem lại từng chữ số."), code="personal_id")
    return digits


def clean_phone(text: str) -> str:
    """ "090 123 4567", "+84 24 3943 7056" → "0901234567", "02439437056". An empty text stays empty."""
    digits = re.sub(r"[\s.()\-]", "", text)
    digits = re.sub(r"^(\+84|0084|84(?=[0-9]{9,10}$))0?", "0", digits)
    if digits and not re.fullmatch(r"0[2-9][0-9]{8,9}|1[89]00[0-9]{4,6}", digits):
        raise ValidationError(_("Số điện thoại không đúng. Ví dụ: 0901 234 567 hoặc 024 3943 7056."), code="phone")
    return digits


# Hà Nội and TP. Hồ Chí Minh; the other provinces; mobile telephones; services.
_PHONES = (r"(02[48])(\d{4})(\d{4})", r"(02\d\d)(\d{3})(\d{4})", r"(0\d{3})(\d{3})(\d{3})", r"(1[89]00)(\d+)")


def write_phone(digits: str) -> str:
    """A stored number in groups that can be read out: "02439437056" → "024 3943 7056", "0901234567" → "0901 234 567".

    What is no stored number comes back as it is.
    """
    groups = (re.fullmatch(pattern, digits) for pattern in _PHONES)
    return next((" ".join(found.groups()) for found in groups if found), digits)


def _digits_only(text: str) -> str:
    return re.sub(r"[\s.\-–]", "", text)
