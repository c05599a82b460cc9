"""A visitor asks about an item, confirms the address, and reads what an officer answered; then everybody does."""

import re

from tests.journeys import people
from tests.journeys.conftest import Site, sign_in

EMAIL = "lan@khach.example"


def test_a_visitor_asks_about_an_item_and_gets_an_answer(site: Site, open_page):
    visitor = open_page(width=390, expects="422")
    visitor.goto("/danh-muc/tt-31-2025/1.8/")
    visitor.get_by_role("link", name="Gửi câu hỏi", exact=True).click()
    people.is_well_made(visitor)
    assert "Mục 1.8" in visitor.locator("main form").inner_text()
    visitor.get_by_label("Tóm tắt câu hỏi").fill("Camera thuê có thuộc mục 1.8 không?")
    visitor.get_by_label("Nội dung").fill("Chúng tôi thuê camera rồi bán dịch vụ phân tích hình ảnh.")
    visitor.get_by_label("Họ và tên").fill("Phạm Thị Lan")
    visitor.get_by_role("button", name="Gửi câu hỏi").click()
    people.is_well_made(visitor)
    assert "Hãy nhập địa chỉ thư điện tử." in visitor.locator("main .errors").inner_text()
    assert visitor.get_by_label("Họ và tên").input_value() == "Phạm Thị Lan"
    visitor.get_by_label("Địa chỉ thư điện tử").fill(EMAIL)
    visitor.get_by_role("button", name="Gửi câu hỏi").click()
    visitor.wait_for_url(re.compile("/hoi-dap/da-gui/"))
    people.is_well_made(visitor)

    mail = site.wait_for_mail(EMAIL, "xác nhận câu hỏi")
    (link,) = re.findall(r"http\S+/hoi-dap/theo-doi/\S+", mail.get_content())
    visitor.goto(link)
    people.is_well_made(visitor)
    visitor.get_by_role("button", name="Đúng, gửi câu hỏi").click()
    visitor.wait_for_load_state()
    code = re.search(r"HD-\d{4}-\d{4}", visitor.locator("main").inner_text())
    assert code
    people.is_well_made(visitor)
    site.wait_for_mail(EMAIL, code[0])

    officer = open_page()
    sign_in(officer, people.SPECIALIST)
    officer.get_by_role("link", name="Hỏi đáp", exact=True).first.click()
    people.is_well_made(officer)
    officer.locator("table.list tr", has_text=code[0]).locator("a").first.click()
    people.press(officer, "Nhận trả lời")
    officer.get_by_label("Trả lời", exact=True).fill("Có, nếu phần mềm phân tích hình ảnh do đơn vị cung cấp.")
    people.is_well_made(officer)
    people.press(officer, "Gửi trả lời")
    assert "Đã trả lời" in officer.locator("main").inner_text()

    site.wait_for_mail(EMAIL, "đã được trả lời")
    visitor.goto(link)
    assert "nếu phần mềm phân tích hình ảnh do đơn vị cung cấp" in visitor.locator("main").inner_text()
    people.is_well_made(visitor)

    editor = open_page(width=390, expects="422")
    sign_in(editor, people.OFFICER)
    editor.goto(officer.url)
    people.press(editor, "Biên tập để công bố")
    people.is_well_made(editor)
    assert editor.get_by_label("Câu hỏi", exact=True).input_value() == ""
    editor.get_by_label("Câu hỏi", exact=True).fill("Camera đi thuê có được tính không?")
    editor.get_by_label("Nội dung câu hỏi").fill("Bà Phạm Thị Lan thuê camera rồi bán dịch vụ.")
    people.press(editor, "Trình công bố")
    people.is_well_made(editor)
    assert "“Phạm Thị Lan”" in editor.locator("main .errors").inner_text()
    editor.get_by_label("Nội dung câu hỏi").fill("Đơn vị thuê camera rồi bán dịch vụ phân tích hình ảnh.")
    people.press(editor, "Trình công bố")
    assert "chờ công bố" in editor.locator("main").inner_text()

    head = open_page()
    sign_in(head, people.HEAD)
    head.goto("/tra-loi-hoi-dap/?tab=cho-cong-bo")
    people.is_well_made(head)
    head.locator("table.list tr", has_text=code[0]).locator("a").first.click()
    people.press(head, "Xem bản trình")
    people.is_well_made(head)
    people.press(head, "Công bố")
    people.is_well_made(head)
    address = head.url

    visitor.goto("/hoi-dap/")
    visitor.get_by_role("searchbox").fill("camera di thue")
    visitor.get_by_role("button", name="Tìm", exact=True).click()
    people.is_well_made(visitor)
    visitor.get_by_role("link", name="Camera đi thuê có được tính không?").click()
    assert visitor.url == address
    people.is_well_made(visitor)
    assert "Phạm Thị Lan" not in visitor.content()
    assert code[0] not in visitor.content()
    visitor.goto("/danh-muc/tt-31-2025/1.8/")
    assert visitor.get_by_role("link", name="Camera đi thuê có được tính không?").is_visible()

    people.press(head, "Rút nội dung này")
    people.is_well_made(head)
    head.get_by_label("Lý do rút").fill("Văn bản đã thay đổi.")
    people.press(head, "Rút")
    later = open_page(width=390, expects="410")
    later.goto(address)
    assert "Văn bản đã thay đổi." in later.locator("main").inner_text()
    people.is_well_made(later)
