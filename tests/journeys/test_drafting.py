"""Filling a draft in with an unsteady connection, on several devices, and with a colleague at the same time."""

import re

import pytest
from playwright.sync_api import Error, Page, expect

from tests.journeys import people
from tests.journeys.conftest import PASSWORD, sign_in

COMPANY, COLLEAGUE = "binh@songhong.example", "quan@songhong.example"
PROCEDURE = "cong-nghe-so-trong-diem"
# What the browser itself writes into its console when it is cut off, or answered 409.
CUT = "Failed to load resource"
SHELL = """
from accounts.models import Membership, User
person = User.objects.get(email="{company}")
colleague, made = User.objects.get_or_create(email="{colleague}", defaults={{"full_name": "Lê Minh Quân"}})
if made:
    from allauth.account.models import EmailAddress
    colleague.set_password("{password}")
    colleague.save()
    EmailAddress.objects.create(user=colleague, email=colleague.email, verified=True, primary=True)
    Membership.objects.create(user=colleague, organisation=person.memberships.get().organisation, role="drafter")
"""


@pytest.fixture
def section(open_page):
    """A page of the company with a new draft's first section, and that section's address."""
    page = open_page(expects=CUT)
    sign_in(page, COMPANY)
    people.start_dossier(page, PROCEDURE)
    return page, page.url


@pytest.fixture
def colleague(site, open_page):
    """A page of somebody else of the same company; `colleague(javascript=False)`."""
    site.manage("shell", "-c", SHELL.format(company=COMPANY, colleague=COLLEAGUE, password=PASSWORD))

    def opened(address: str, **options) -> Page:
        page = open_page(expects=CUT, **options)
        sign_in(page, COLLEAGUE)
        page.goto(address)
        return page

    return opened


def state(page: Page):
    return page.locator("[data-save-state]")


def is_saved(page: Page) -> None:
    expect(state(page)).to_have_text(re.compile(r"^Đã lưu lúc \d\d:\d\d$"))


def write(page: Page, name: str, text: str) -> None:
    page.locator(f"[name={name}]").fill(text)


def kill(page: Page) -> None:
    """Ends the page as a browser does that runs out of memory: it may do nothing more."""
    with pytest.raises(Error):
        page.goto("chrome://crash", timeout=5_000)
    page.close()


def test_what_is_typed_is_saved_by_itself_and_found_on_another_device(section, open_page):
    page, address = section
    page.locator("[name=product_name]").press_sequentially("Camera EdgeSight X1")
    is_saved(page)
    write(page, "description", "Camera ngoài trời tự nhận diện biển số.")
    page.locator("[name=form][value=hardware]").check()
    is_saved(page)
    telephone = open_page(width=390)
    sign_in(telephone, COMPANY)
    telephone.goto(address)
    expect(telephone.locator("[name=product_name]")).to_have_value("Camera EdgeSight X1")
    expect(telephone.locator("[name=description]")).to_have_value("Camera ngoài trời tự nhận diện biển số.")
    expect(telephone.locator("[name=form][value=hardware]")).to_be_checked()
    people.is_well_made(telephone)


def test_a_lost_connection_is_said_and_what_was_typed_is_saved_when_it_is_back(section, open_page):
    page, address = section
    page.context.set_offline(True)
    write(page, "product_name", "Camera gõ khi mất mạng")
    expect(state(page)).to_contain_text("Chưa lưu được: mất kết nối, sẽ thử lại.")
    expect(state(page)).to_contain_text("được giữ trong trình duyệt này")
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    expect(state(page)).to_contain_text("mất kết nối")
    assert page.url == address, "the page with the text is not left"
    page.context.set_offline(False)
    is_saved(page)
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    page.wait_for_url(lambda url: url != address)
    page.goto(address)
    expect(page.locator("[name=product_name]")).to_have_value("Camera gõ khi mất mạng")
    expect(page.locator("[data-offer]")).to_be_hidden()


def test_a_killed_tab_leaves_what_it_had_not_saved_to_the_next_one(section):
    page, address = section
    write(page, "product_name", "Camera")
    is_saved(page)
    context = page.context
    context.set_offline(True)
    write(page, "product_name", "Camera EdgeSight X1")
    write(page, "description", "Đoạn mô tả dài gõ trên xe, khi không có mạng.")
    page.locator("[name=form][value=service]").check()
    expect(state(page)).to_contain_text("mất kết nối")
    kill(page)
    context.set_offline(False)

    page = context.new_page()
    page.goto(address)
    offer = page.locator("[data-offer]")
    expect(offer).to_contain_text("Đoạn mô tả dài gõ trên xe, khi không có mạng.")
    expect(offer).to_contain_text("Dịch vụ")
    expect(page.locator("[name=product_name]")).to_have_value("Camera")
    people.is_well_made(page)
    offer.get_by_role("button", name="Đưa lại vào các ô").click()
    expect(page.locator("[name=product_name]")).to_have_value("Camera EdgeSight X1")
    expect(page.locator("[name=form][value=service]")).to_be_checked()
    is_saved(page)
    page.reload()
    expect(page.locator("[name=description]")).to_have_value("Đoạn mô tả dài gõ trên xe, khi không có mạng.")
    expect(offer).to_be_hidden()


def test_what_a_colleague_wrote_while_one_was_cut_off_is_not_overwritten_by_what_is_brought_back(section, colleague):
    page, address = section
    context = page.context
    context.set_offline(True)
    write(page, "product_name", "Tên gõ khi mất mạng")
    expect(state(page)).to_contain_text("mất kết nối")
    kill(page)
    other = colleague(address)
    write(other, "product_name", "Tên của Quân")
    is_saved(other)
    context.set_offline(False)

    page = context.new_page()
    page.goto(address)
    page.get_by_role("button", name="Đưa lại vào các ô").click()
    conflict = page.locator(".conflict")
    expect(conflict).to_contain_text("Tên của Quân")
    expect(conflict).to_contain_text("Tên gõ khi mất mạng")
    expect(conflict).to_contain_text("Lê Minh Quân")
    other.reload()
    expect(other.locator("[name=product_name]")).to_have_value("Tên của Quân")


def test_two_people_write_different_fields_and_see_each_others(section, colleague):
    page, address = section
    other = colleague(address)
    write(other, "description", "Mô tả của Quân.")
    is_saved(other)
    write(page, "product_name", "Camera của Bình")
    is_saved(page)
    expect(page.get_by_text("Lê Minh Quân vừa sửa: Mô tả sản phẩm, dịch vụ.")).to_be_visible()
    expect(page.locator("[name=description]")).to_have_value("Mô tả của Quân.")


def test_two_people_write_the_same_field_and_choose(section, colleague):
    page, address = section
    other = colleague(address)
    write(other, "description", "Mô tả của Quân.")
    is_saved(other)
    write(page, "description", "Mô tả của Bình.")
    write(page, "product_name", "Camera")
    expect(state(page)).to_contain_text("có hai bản khác nhau, hãy chọn")
    conflict = page.locator("[data-question=description] .conflict")
    expect(conflict).to_contain_text(re.compile(r"Lê Minh Quân, \d\d:\d\d"))
    people.is_well_made(page)
    other.reload()
    expect(other.locator("[name=product_name]")).to_have_value("Camera")
    expect(other.locator("[name=description]")).to_have_value("Mô tả của Quân.")
    conflict.get_by_label("Giữ cả hai").check()
    is_saved(page)
    expect(conflict).to_be_hidden()
    expect(page.locator("[name=description]")).to_have_value("Mô tả của Quân.\n\nMô tả của Bình.")


def test_two_people_write_the_same_field_and_choose_without_scripts(section, colleague):
    page, address = section
    other = colleague(address, javascript=False, width=390)
    write(page, "product_name", "Camera của Bình")
    is_saved(page)
    write(other, "product_name", "Camera của Quân")
    other.get_by_role("button", name="Lưu", exact=True).click()
    conflict = other.locator(".conflict")
    assert "Camera của Bình" in conflict.inner_text()
    assert other.locator("[name=product_name]").input_value() == "Camera của Quân"
    conflict.get_by_label("Giữ bản trong ô này").check()
    other.get_by_role("button", name="Lưu", exact=True).click()
    assert "Đã lưu lúc" in other.locator("main").inner_text()
    write(page, "product_name", "Camera của Bình, bản hai")
    expect(page.locator(".conflict")).to_contain_text("Camera của Quân")


def test_a_session_that_ends_while_somebody_types_loses_nothing(section):
    page, address = section
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    write(page, "product_name", "Camera gõ sau khi hết phiên")
    expect(state(page)).to_contain_text("phiên làm việc đã hết")
    assert cookies
    again = page.context.new_page()
    sign_in(again, COMPANY)
    write(page, "product_name", "Camera gõ sau khi đăng nhập lại")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    is_saved(page)
    again.goto(address)
    expect(again.locator("[name=product_name]")).to_have_value("Camera gõ sau khi đăng nhập lại")
