"""Somebody looks a product up, sees where else it belongs and what became of it, and takes the list away."""

import csv

import pytest

from tests.journeys.conftest import breaches


def sideways(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.parametrize("width", [1280, 390])
def test_from_a_search_to_the_history_and_the_file(open_page, width):
    page = open_page(width=width, javascript=False)
    page.goto("/danh-muc/tim/?q=robot+cong+nghiep")
    page.locator("main h3 a").first.click()
    page.wait_for_url("**/danh-muc/qd-21-2026/7/")
    assert page.get_by_role("heading", name="Ở danh mục khác").is_visible()
    history = page.get_by_role("region", name="Lịch sử của mục")
    history.get_by_role("link", name="Robot công nghiệp.").click()
    page.wait_for_url("**/danh-muc/qd-1131-2025/5.2/")
    page.get_by_role("link", name="Danh mục công nghệ chiến lược và sản phẩm công nghệ chiến lược").first.click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV").click()
    assert waiting.value.suggested_filename == "qd-1131-2025.csv"
    with open(waiting.value.path(), encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 35


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    "path",
    [
        "/danh-muc/qd-1131-2025/ma-tran/",
        "/danh-muc/qd-21-2026/7/",
        "/danh-muc/qd-1131-2025/",
        "/danh-muc-tham-chieu/nen-tang-so-dung-chung/",
        "/van-ban/",
        "/van-ban/nghi-dinh-118-2025-nd-cp/",
        "/danh-muc/tim/?q=tro+ly+ao",
    ],
)
def test_the_pages_of_lists_serve_everybody(open_page, width, path):
    page = open_page(width=width)
    assert page.goto(path).status == 200
    assert not sideways(page), "the page scrolls sideways"
    assert breaches(page) == []
