"""A list from a spreadsheet to the public: prepared by one manager, published by another."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.conftest import breaches, sign_in

PREPARES, PUBLISHES = "danh-muc@bo.example", "danh-muc-2@bo.example"


def to_the_draft(page: Page) -> None:
    page.goto("/quan-ly/danh-muc/")
    page.get_by_role("link", name=re.compile("^Dự thảo danh mục")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dự thảo danh mục")


def test_a_list_is_mended_linked_proposed_published_and_compared(open_page: Callable[..., Page]) -> None:
    page = open_page(width=390, javascript=False, expects="422")
    sign_in(page, PREPARES)
    expect(page).to_have_url(re.compile(r"/quan-ly/danh-muc/$"))
    to_the_draft(page)
    page.locator("main .steps a[href$='/noi-dung/']").click()

    # A slip is named with its line and mended in the text.
    text = page.get_by_label("Nội dung").first
    sound = text.input_value()
    text.fill(f"{sound}\n1\tTrùng\t1.1\tTrùng mã")
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.locator("main .errors")).to_contain_text("Mã “1.1” đã có ở dòng 2")
    page.get_by_label("Nội dung").first.fill(sound)
    page.get_by_role("button", name="Kiểm tra").click()
    page.get_by_role("button", name="Lưu nội dung").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mục kế tiếp")

    # What is proposed is confirmed, what is open is left out.
    while page.get_by_role("button", name=re.compile("^Đúng")).count():
        page.get_by_role("button", name=re.compile("^Đúng")).first.click()
    while page.get_by_role("link", name=re.compile("^Chọn")).count():
        page.get_by_role("link", name=re.compile("^Chọn")).first.click()
        page.get_by_label("Bị bỏ").check()
        page.get_by_role("button", name="Lưu").click()
    expect(page.locator("main")).to_contain_text("Mọi mục của phiên bản trước đã rõ")
    page.get_by_role("link", name="Tiếp tục: so sánh").click()
    expect(page.locator("main ins").first).to_be_visible()
    page.get_by_role("link", name="Tiếp tục: trình và công bố").click()
    page.get_by_role("link", name="Trình công bố").click()
    page.get_by_role("button", name="Trình công bố").click()
    expect(page.locator("main")).to_contain_text("bạn đã tham gia soạn danh mục này")

    other = open_page()
    sign_in(other, PUBLISHES)
    to_the_draft(other)
    assert breaches(other) == []
    other.get_by_role("link", name="Công bố", exact=True).click()
    other.get_by_role("button", name="Công bố").click()
    other.get_by_role("link", name="Xem trang danh mục").click()

    public = open_page()
    public.goto(other.url.removesuffix("#") + "so-sanh/")
    expect(public.locator("main")).to_contain_text("Tách ra")
    assert breaches(public) == []


def test_the_pages_of_a_draft_can_be_used_by_everybody(open_page: Callable[..., Page]) -> None:
    page = open_page(expects="422")
    sign_in(page, PREPARES)
    page.goto("/quan-ly/danh-muc/moi/")
    assert breaches(page) == []
    page.get_by_role("button", name="Lưu và nhập nội dung").click()
    expect(page.locator("main .errors")).to_contain_text("Tên danh mục")
    assert breaches(page) == []
    for path in ("", "tt-31-2025/", "tt-31-2025/noi-dung/", "tt-31-2025/so-sanh/"):
        page.goto(f"/quan-ly/danh-muc/{path}")
        assert breaches(page) == []
