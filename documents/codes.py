"""Verification codes: twelve characters that a person can read off paper and type."""

import secrets
import unicodedata

from django.utils.translation import gettext as _

# 32 characters, five bits each: without 0 and O, 1 and I.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 12


class InvalidCode(ValueError):
    """What was typed cannot be a code; the text says why and how to mend it."""


def new_code() -> str:
    """60 random bits from the system's source: nobody finds a paper by trying."""
    return "".join(secrets.choice(ALPHABET) for _position in range(LENGTH))


def grouped(code: str) -> str:
    """7KQ2M9DX4HTR as it is printed: 7KQ2-M9DX-4HTR."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def read_code(typed: str) -> str:
    """The code in what a person typed or pasted: with or without dashes and spaces, in any case, or the whole
    address of the page. Raises InvalidCode."""
    text = unicodedata.normalize("NFKC", typed).strip().rstrip("/")
    if "://" in text:
        text = text.rsplit("/", 1)[-1]
    code = "".join(char for char in text.upper() if not char.isspace() and unicodedata.category(char) != "Pd")
    if not code:
        raise InvalidCode(_("Hãy nhập mã kiểm tra in trên văn bản."))
    strange = sorted({char for char in code[:40] if char not in ALPHABET}, key=code.index)
    if strange:
        raise InvalidCode(_explain_strange(strange))
    if len(code) != LENGTH:
        message = (
            _("Mã kiểm tra có %(length)d ký tự, bạn mới nhập %(given)d.")
            if len(code) < LENGTH
            else _("Mã kiểm tra có %(length)d ký tự, bạn đã nhập %(given)d.")
        )
        raise InvalidCode(message % {"length": LENGTH, "given": len(code)})
    return code


def _explain_strange(strange: list[str]) -> str:
    listed = ", ".join(f"“{char}”" for char in strange[:5])
    if set(strange) <= set("01OI"):
        return _("Mã kiểm tra không có số 0, số 1, chữ O, chữ I; bạn đã nhập %(listed)s. Hãy xem lại bản in.") % {
            "listed": listed
        }
    return _("Mã kiểm tra chỉ gồm chữ cái không dấu và chữ số; bạn đã nhập %(listed)s.") % {"listed": listed}
