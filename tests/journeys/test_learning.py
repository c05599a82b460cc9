"""From a decided product to a configuration in force, and back, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import breaches, sign_in

MANAGER = "danh-muc@bo.example"


def test_a_manager_accepts_tries_applies_and_takes_out_again(open_page):
    page = open_page()
    sign_in(page, MANAGER)
    page.goto("/quan-ly/doi-chieu/")
    first = page.locator("article.card").first
    product = first.locator(".h3").inner_text()
    assert breaches(page) == []
    first.get_by_role("button", name=re.compile("Chọn để học")).click()
    expect(page.get_by_text("Đã chọn 1 sản phẩm để học.")).to_be_visible()

    _try_and_apply(page)

    page.goto("/quan-ly/doi-chieu/?trang-thai=live")
    row = page.locator("article.card", has_text=product)
    row.get_by_role("button", name=re.compile("Thôi áp dụng")).click()
    expect(page.get_by_text("1 sản phẩm sẽ thôi áp dụng sau khi thử và áp dụng cấu hình.")).to_be_visible()
    _try_and_apply(page)
    page.goto("/quan-ly/doi-chieu/?trang-thai=live")
    expect(page.locator("article.card", has_text=product)).to_have_count(0)


def _try_and_apply(page):
    page.get_by_role("link", name="Thử và áp dụng").click()
    assert breaches(page) == []
    page.get_by_role("button", name="Thử trước khi áp dụng").click()
    page.get_by_role("link", name="Xem kết quả").click(timeout=240_000)
    assert breaches(page) == []
    page.get_by_role("button", name="Áp dụng cấu hình này").click()
    expect(page.get_by_text("Đã áp dụng.")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_anybody_may_ask_without_javascript(open_page, width):
    page = open_page(width=width, javascript=False)
    page.goto("/danh-muc/doi-chieu/")
    page.get_by_label("Tên sản phẩm, dịch vụ").fill("EdgeSight S2")
    page.get_by_label("Mô tả").fill("Camera ngoài trời tự nhận diện biển số, suy luận ngay trên thiết bị")
    page.get_by_role("button", name="Đối chiếu").click()
    expect(page.locator("main mark").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"
