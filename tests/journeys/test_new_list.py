"""A new list: the catalogue manager finds whom it affects, follows the search, and works through the rows."""

import re

from tests.journeys import people
from tests.journeys.conftest import sign_in

MANAGER = "danh-muc@bo.example"
LIST = "/danh-muc-anh-huong/qd-21-2026/"


def test_a_manager_finds_who_is_affected_and_works_through_the_rows(open_page):
    manager = open_page()
    sign_in(manager, MANAGER)
    manager.locator(".nav").get_by_role("link", name="Ảnh hưởng").click()
    people.is_well_made(manager)
    manager.locator(f"main a[href='{LIST}']").click()
    people.is_well_made(manager)
    manager.get_by_role("button", name="Tính lại").click()
    manager.wait_for_url(re.compile("/viec/"))
    manager.get_by_role("link", name="Xem kết quả").click(timeout=60_000)
    manager.wait_for_url(re.compile(re.escape(LIST)))

    # What asks for something comes first; here those that one need only know of are worked through.
    assert manager.locator("main input[name=chon]").count() >= 2
    manager.get_by_role("link", name="Chỉ cần biết").click()
    manager.wait_for_url(re.compile("xem=de-biet"))
    boxes = manager.locator("main input[name=chon]")
    total = boxes.count()
    assert total >= 4
    boxes.nth(0).check()
    boxes.nth(1).check()
    manager.locator("[name=note]").fill("Đã gọi điện cho doanh nghiệp.")
    manager.locator("main form[data-unsaved] .btn.primary").click()
    manager.get_by_text("Đã ghi 2 dòng là đã xem xét.").wait_for()
    assert manager.locator("main input[name=chon]").count() == total - 2
    manager.get_by_label("chờ xem xét của bộ lọc này").check()
    manager.locator("main form[data-unsaved] .btn.primary").click()
    people.is_well_made(manager)
    manager.get_by_role("button", name=f"Ghi {total - 2} dòng").click()
    manager.get_by_text(f"Đã ghi {total - 2} dòng là đã xem xét.").wait_for()
    manager.get_by_role("link", name="Đã xem xét").click()
    manager.get_by_text("Đã gọi điện cho doanh nghiệp.").first.wait_for()
    people.is_well_made(manager)


def test_a_jobs_progress_is_followed_by_phone_and_without_scripts(open_page):
    manager = open_page(width=390, javascript=False)
    sign_in(manager, MANAGER)
    manager.goto(LIST)
    manager.get_by_role("button", name="Tính lại").click()
    manager.wait_for_url(re.compile("/viec/"))
    # The page reloads itself until it is over.
    manager.get_by_role("link", name="Xem kết quả").click(timeout=60_000)
    manager.wait_for_url(re.compile(re.escape(LIST)))
