import pytest

from tests.journeys.conftest import breaches


@pytest.mark.parametrize("width", [1280, 390])
def test_a_stranger_finds_the_door(open_page, width):
    page = open_page(width=width)
    answer = page.goto("/")
    assert answer.status == 200
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"
    assert breaches(page) == []


def test_the_front_page_can_be_read_without_javascript(open_page):
    page = open_page(javascript=False)
    page.goto("/")
    assert page.locator("main").inner_text().strip()
