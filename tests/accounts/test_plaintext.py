"""Numbers that a page sends, and nothing else that Python would take for one."""

import pytest

from accounts.plaintext import as_id, as_version


@pytest.mark.parametrize("text", [None, "", "１２", "1_0", "-1", "+1", " 1", "1.0", "x", "9" * 19, "²"])
def test_what_is_no_number_is_none(text):
    assert (as_id(text), as_version(text)) == (None, None)


def test_a_number_has_no_more_digits_than_its_column():
    assert (as_id("9" * 18), as_version("9" * 9)) == (int("9" * 18), int("9" * 9))
    assert as_version("9" * 10) is None
