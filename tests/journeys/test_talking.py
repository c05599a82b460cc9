"""A company asks about its dossier, an officer answers; each sees when the other has read it."""

import re

from tests.journeys import people
from tests.journeys.conftest import Site, sign_in

ASKS = "ha@saomai.example"
TITLE = "AI camera an toàn lao động Bảo Hộ"  # of the demonstration, waiting for a specialist


def test_a_company_without_scripts_and_an_officer_write_to_each_other(site: Site, open_page):
    company = open_page(width=390, javascript=False)
    sign_in(company, ASKS)
    company.goto("/ho-so/")
    company.get_by_role("link", name=TITLE).click()
    dossier = company.url
    company.get_by_role("link", name="Đọc và gửi tin nhắn").click()
    words = "Chúng tôi gửi kèm danh sách thiết bị đã lắp đặt."
    company.get_by_label("Nội dung").fill(words)
    company.locator("input[name=files]").set_input_files(
        {"name": "Thiết bị đã lắp.pdf", "mimeType": "application/pdf", "buffer": people.pdf("Thiet bi")}
    )
    company.get_by_role("button", name="Gửi tin nhắn").click()
    assert "Đã gửi tin nhắn." in company.locator("main").inner_text()
    assert "Chưa xem" in company.locator("ol.talk > li").last.inner_text()

    site.wait_for_mail(people.SPECIALIST, "Bên nộp gửi tin nhắn")
    officer = open_page()
    sign_in(officer, people.SPECIALIST)
    officer.goto("/xu-ly/?tab=tat-ca&q=Bao+Ho")
    officer.get_by_role("link", name=re.compile("tin nhắn mới")).click()
    people.is_well_made(officer)
    assert words in officer.locator("ol.talk > li.fresh").last.inner_text()
    with officer.expect_download() as download:
        officer.get_by_role("link", name=re.compile("Tải về")).click()
    assert download.value.suggested_filename == "Thiết bị đã lắp.pdf"
    officer.get_by_label("Nội dung").fill("Đã nhận, cảm ơn đơn vị.")
    officer.get_by_role("button", name="Gửi tin nhắn").click()
    officer.wait_for_load_state()
    assert "Đã nhận, cảm ơn đơn vị." in officer.locator("ol.talk > li.mine").last.inner_text()

    site.wait_for_mail(ASKS, "Có tin nhắn về hồ sơ")
    company.goto(dossier)
    assert "1 tin nhắn mới" in company.locator("main").inner_text()
    company.get_by_role("link", name="Đọc và gửi tin nhắn").click()
    assert re.search(r"Đã xem \d\d:\d\d", company.locator("ol.talk > li.mine").last.inner_text())
    officer.reload()
    assert re.search(r"Đã xem \d\d:\d\d", officer.locator("ol.talk > li.mine").last.inner_text())

    colleague = open_page(width=390)
    sign_in(colleague, ASKS)
    colleague.goto(f"{dossier}trao-doi/")
    people.is_well_made(colleague)
