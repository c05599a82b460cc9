import pytest

from documents.typesetting import long_date, long_moment


@pytest.mark.parametrize(
    "stored", ["2026-11-21T23:08:30+00:00", "2026-11-22T06:08:30+07:00", "2026-11-22T06:08:30", "2026-11-21T23:08:30Z"]
)
def test_a_paper_shows_the_time_of_the_office_however_it_was_stored(stored):
    assert long_moment(stored) == "06 giờ 08 phút, ngày 22 tháng 11 năm 2026"
    assert long_date(stored) == "ngày 22 tháng 11 năm 2026"


def test_a_day_stays_the_day_it_is():
    assert long_moment("2026-01-05") == long_date("2026-01-05") == "ngày 05 tháng 01 năm 2026"
