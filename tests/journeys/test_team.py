"""A company's team: one invites, the other joins with a new account, gets a dossier, and is taken out again.

The colleague has a telephone and no scripts, so axe, which is one, looks at the pages of the other.
"""

import re

from tests.journeys.conftest import text_of
from tests.journeys.people import (
    NEW_PASSWORD,
    a_new_tax_code,
    create_organisation,
    is_well_made,
    register,
    start_dossier,
)

OWNER, COLLEAGUE = "chu-nhom@nhom.example", "dong-nghiep@nhom.example"


def join(page, site):
    """With a telephone and without scripts: from the mail to the organisation's page."""
    invitation = re.search(r"http://\S+/loi-moi/\S+", text_of(site.wait_for_mail(COLLEAGUE, "mời Ông/Bà")))
    assert invitation
    page.goto(invitation.group(0))
    page.locator("main").get_by_role("link", name="Đăng ký", exact=True).click()
    assert page.locator("[name=email]").input_value() == COLLEAGUE
    page.locator("[name=full_name]").fill("Ngô Đăng Quang")
    page.locator("[name=password1]").fill(NEW_PASSWORD)
    page.locator("[name=password2]").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Đăng ký").click()
    confirm = re.search(r"http://\S+/confirm-email/\S+", text_of(site.wait_for_mail(COLLEAGUE, "xác nhận")))
    assert confirm
    page.goto(confirm.group(0))
    page.locator("main form button[type=submit]").first.click()
    page.get_by_role("button", name="Tham gia").click()
    page.wait_for_url(re.compile(r"/to-chuc/\d+/$"))


def test_a_team_forms_works_and_parts(site, open_page):
    owner, colleague = open_page(), open_page(width=390, javascript=False, expects="404")
    register(owner, site, OWNER)
    create_organisation(owner, name="Công ty Cả Nhóm", tax_code=a_new_tax_code())
    dossier = start_dossier(owner, "cong-nghe-so-trong-diem")
    owner.goto("/tai-khoan/toi/")
    owner.get_by_role("link", name="Thành viên và thông tin").click()
    home = owner.url
    is_well_made(owner)
    owner.get_by_role("link", name="Mời đồng nghiệp").click()
    is_well_made(owner)
    owner.locator("[name=email]").fill(COLLEAGUE)
    owner.locator("[name=role][value=viewer]").check()
    owner.get_by_role("button", name="Gửi lời mời").click()
    owner.get_by_text("Đã gửi lời mời tới").wait_for()

    join(colleague, site)
    assert colleague.get_by_role("link", name="Mời đồng nghiệp").count() == 0
    colleague.goto("/ho-so/")
    assert colleague.get_by_role("link", name="Lập hồ sơ mới").count() == 0, "a viewer files nothing"
    site.wait_for_mail(OWNER, "đã tham gia Công ty Cả Nhóm")

    owner.goto(home)
    row = owner.locator("tr", has_text="Ngô Đăng Quang")
    row.get_by_role("link", name="Đổi vai trò").click()
    is_well_made(owner)
    owner.locator("[name=role][value=drafter]").check()
    owner.get_by_role("button", name="Lưu").click()
    owner.get_by_text("Đã lưu vai trò").wait_for()

    owner.goto(f"{dossier}ban-giao/")
    is_well_made(owner)
    owner.get_by_label("Ngô Đăng Quang").check()
    owner.get_by_role("button", name="Bàn giao").click()
    owner.get_by_text("là người phụ trách hồ sơ từ nay").wait_for()
    site.wait_for_mail(COLLEAGUE, "bàn giao")
    assert colleague.goto(f"{dossier}tom-tat/").status == 200

    owner.goto(home)
    row.get_by_role("link", name="Cho rời").click()
    is_well_made(owner)
    owner.get_by_role("button", name="Cho rời đơn vị").click()
    owner.get_by_role("heading", name="Hồ sơ cần bàn giao").wait_for()
    is_well_made(owner)
    owner.get_by_label("Lý Thị Kim Oanh").check()
    owner.get_by_role("button", name="Bàn giao tất cả").click()
    owner.get_by_text("Không có hồ sơ nào cần bàn giao").wait_for()
    site.wait_for_mail(COLLEAGUE, "đưa Ngô Đăng Quang ra khỏi")
    assert colleague.goto(dossier).status == 404
