from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from config.templatetags import ui
from intake.states import State
from workflow.workingdays import Remaining


def test_money_reads_as_people_write_it():
    assert ui.vnd(1250000000) == "1.250.000.000 đồng"
    assert ui.vnd("1250000000") == "1.250.000.000 đồng"
    assert ui.vnd(12.5) == "12,50 đồng"
    assert ui.vnd(0) == "0 đồng"
    assert ui.vnd("chưa có") == "chưa có"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (20 * 1024 * 1024, "20 MB"),
        (3 * 1024 * 512, "1,5 MB"),
        (1024, "1 KB"),
        (1000, "1000 byte"),
        (0, "0 byte"),
        (10 * 1024, "10 KB"),
    ],
)
def test_a_size_has_decimals_only_where_they_say_something(size, words):
    assert ui.filesize(size).replace("\xa0", " ") == words


@pytest.mark.parametrize(
    ("spans", "html"),
    [
        ([(0, 6)], "<mark>Camera</mark> &lt;b&gt; AI"),
        ([SimpleNamespace(start=0, end=6)], "<mark>Camera</mark> &lt;b&gt; AI"),
        ([{"start": 7, "end": 10}], "Camera <mark>&lt;b&gt;</mark> AI"),
        ([(0, 6), (3, 10)], "<mark>Camera</mark><mark> &lt;b&gt;</mark> AI"),
        ([(11, 99), (5, 2)], "Camera &lt;b&gt; <mark>AI</mark>"),
        ([], "Camera &lt;b&gt; AI"),
        (None, "Camera &lt;b&gt; AI"),
    ],
)
def test_highlight_marks_spans_and_escapes_everything(spans, html):
    assert ui.highlight("Camera <b> AI", spans) == html


def test_moments_are_shown_in_the_time_of_the_office():
    assert ui.when(datetime(2026, 11, 18, 2, 12, tzinfo=UTC)) == "18/11/2026, 09:12"
    assert ui.when(date(2026, 1, 5)) == "05/01/2026"
    assert ui.when("sáng mai") == "sáng mai"
    assert ui.when(None) == ""


def test_every_state_has_words_and_waiting_for_the_applicant_stands_out():
    assert ui.state_tag(State.SUPPLEMENT_REQUESTED) == "warn"
    assert ui.state_tag("issued") == "ok"
    assert ui.state_tag(State.DRAFT) == ""
    assert all(ui.state_label(state) == state.label for state in State)


def test_time_left_warns_in_the_last_three_days():
    def left(amount, unit="days", late=False):
        return ui.days_class(Remaining(amount, unit, late))

    assert left(4) == ""
    assert left(3) == "warn"
    assert left(8, "hours") == "warn"
    assert left(1, late=True) == "late"
    assert ui.days_class(None) == "paused"


def test_number_of_an_instrument_is_not_broken_over_lines():
    html = ui.unbroken("Thông tư 31/2025/TT-BKHCN & Quyết định 1131/QĐ-TTg, 24/11/2026")
    assert html == (
        'Thông tư <span class="nowrap">31/2025/TT-BKHCN</span> &amp; '
        'Quyết định <span class="nowrap">1131/QĐ-TTg</span>, 24/11/2026'
    )


def test_period_says_its_unit():
    rule = SimpleNamespace(amount=20, unit="working_days")
    assert ui.period(rule) == "20 ngày làm việc"
    assert ui.period(SimpleNamespace(amount=15, unit="days")) == "15 ngày"


def test_every_icon_is_a_drawing_without_a_name():
    assert all('aria-hidden="true"' in ui.icon(name) for name in ui.ICONS)
