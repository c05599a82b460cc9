"""What else happens: supplements, refusal, sending back, withdrawal; by keyboard, by phone, without scripts."""

import re

import pytest

from tests.journeys import people
from tests.journeys.conftest import Site, sign_in

COMPANY = "binh@songhong.example"
TWO_ROLES = "chuyen-vien-2@bo.example"  # a specialist, who receives dossiers too in one of the journeys


@pytest.fixture
def filed(open_page):
    """A company's page, its dossier's address and code, just filed."""
    company = open_page()
    sign_in(company, COMPANY)
    dossier = people.start_dossier(company, "cong-nghe-so-trong-diem")
    people.fill_sections(company, people.CAMERA)
    people.choose_item(company, "1.8")
    people.attach_everything(company, dossier)
    return company, dossier, people.submit(company, dossier)


def test_supplements_are_asked_for_and_answered_in_one_go(site: Site, open_page, filed):
    company, dossier, code = filed
    officer = open_page()
    sign_in(officer, people.OFFICER)
    people.open_case(officer, code)
    people.press(officer, "Bắt đầu kiểm tra")
    people.open_case(officer, code)
    people.press(officer, "Yêu cầu bổ sung hồ sơ")
    people.is_well_made(officer)
    for name in ("document.thuyet-minh", "question.technology"):
        officer.locator(f"[name='{name}.on']").check()
        officer.locator(f"[name='{name}.reason']").select_option("unclear")
        officer.locator(f"[name='{name}.explanation']").fill("Đề nghị nêu rõ thuật toán và phần cứng.")
    officer.locator("main form[method=post] button").last.click()
    officer.wait_for_load_state()
    site.wait_for_mail(COMPANY, code)

    company.goto(dossier)
    assert "Chờ bổ sung" in company.locator("main").inner_text()
    company.goto(f"{dossier}bo-sung/")
    people.is_well_made(company)
    company.locator("[name=technology]").fill("Mạng nơ-ron tích chập nén 8 bit trên bộ tăng tốc 4 TOPS tự thiết kế.")
    company.locator("input[type=file]").first.set_input_files(
        {"name": "Thuyết minh bản 2.pdf", "mimeType": "application/pdf", "buffer": people.pdf("Ban 2")}
    )
    for explanation in company.locator("textarea[name^=point-]").all():
        explanation.fill("Đã bổ sung theo yêu cầu.")
    people.certify(company)
    company.get_by_role("button", name="Nộp bổ sung").click()
    company.wait_for_load_state()
    if "/bo-sung/" in company.url:  # the file went up by itself; what is left is to file again
        people.certify(company)
        company.get_by_role("button", name="Nộp bổ sung").click()
        company.wait_for_load_state()

    people.open_case(officer, code)
    assert "Đang kiểm tra hồ sơ" in officer.locator("main").inner_text()
    assert "4 TOPS tự thiết kế" in officer.locator("main").inner_text()


def test_an_officer_refuses_with_reasons(site: Site, open_page, filed):
    company, dossier, code = filed
    officer = open_page()
    sign_in(officer, people.OFFICER)
    people.open_case(officer, code)
    people.press(officer, "Bắt đầu kiểm tra")
    people.open_case(officer, code)
    people.press(officer, "Từ chối tiếp nhận hồ sơ")
    officer.locator("[name=reason]").fill("Sản phẩm không thuộc phạm vi của thủ tục này.")
    people.is_well_made(officer)
    people.press(officer, "Từ chối tiếp nhận")
    site.wait_for_mail(COMPANY, "không thuộc phạm vi")
    company.goto(dossier)
    assert "Từ chối tiếp nhận" in company.locator("main").inner_text()


def test_head_and_signatory_send_back_and_the_specialist_proposes_again(open_page, filed):
    _company, _dossier, code = filed
    officer, specialist, head, signatory = open_page(), open_page(), open_page(), open_page()
    sign_in(officer, people.OFFICER)
    people.receive(officer, code)
    sign_in(specialist, people.SPECIALIST)
    people.assess(specialist, code)
    sign_in(head, people.HEAD)
    people.send_back(head, code, "Bổ sung nhận xét về tài liệu chứng minh quyền.")
    people.open_case(specialist, code)
    assert "Đang thẩm định" in specialist.locator("main").inner_text()
    assert "Bổ sung nhận xét về tài liệu" in specialist.locator("main").inner_text()

    people.propose(specialist)
    people.move(head, code, "endorse")
    sign_in(signatory, people.SIGNATORY)
    people.send_back(signatory, code, "Nêu rõ căn cứ của mức tự chủ công nghệ.")
    people.open_case(specialist, code)
    assert "Đang thẩm định" in specialist.locator("main").inner_text()
    assert "Nêu rõ căn cứ của mức tự chủ" in specialist.locator("main").inner_text()


def test_whoever_received_a_dossier_may_not_assess_it_and_is_told_why(site: Site, open_page, filed):
    _company, _dossier, code = filed
    site.manage("staff", TWO_ROLES, "--give", "intake_officer")
    person = open_page()
    sign_in(person, TWO_ROLES)
    people.receive(person, code)
    people.open_case(person, code)
    main = person.locator("main")
    assert "không thể làm thêm vai trò khác" in main.inner_text()
    assert not person.locator("form[action$='/take/']").count()
    person.goto(f"{person.url.split('?')[0]}take/")
    assert "Không thực hiện được lúc này" in main.inner_text()
    assert "Bạn đã tham gia hồ sơ này ở vai trò" in main.inner_text()
    assert not person.locator("main form[method=post]").count()
    people.is_well_made(person)


def test_an_applicant_withdraws(open_page, filed):
    company, dossier, _code = filed
    company.goto(f"{dossier}rut/")
    people.is_well_made(company)
    company.locator("main form[method=post] button").last.click()
    company.wait_for_load_state()
    assert "Đã rút" in company.locator("main").inner_text()


def test_a_stale_tab_is_told_what_happened(open_page, filed):
    _company, _dossier, code = filed
    one, other = open_page(), open_page(expects="409 (Conflict)")
    for page in (one, other):
        sign_in(page, people.OFFICER)
        people.open_case(page, code)
    people.press(one, "Bắt đầu kiểm tra")
    people.press(other, "Bắt đầu kiểm tra")
    assert "đã thay đổi" in other.locator("main").inner_text()


def test_filing_works_by_phone_and_without_scripts(open_page):
    company = open_page(width=390, javascript=False)
    sign_in(company, COMPANY)
    dossier = people.start_dossier(company, "cong-nghe-so-trong-diem")
    people.fill_sections(company, {**people.CAMERA, "stage": "pilot"})
    assert company.url.endswith("/muc/")
    people.choose_item(company, "1.8")
    people.attach_everything(company, dossier, scripts=False)
    company.goto(f"{dossier}tom-tat/")
    people.certify(company)
    company.get_by_role("button", name="Nộp hồ sơ").click()
    assert re.search(r"G06-\d{6}-\d{4}", company.locator("main").inner_text())


def test_the_queue_is_worked_from_the_keyboard(open_page):
    page = open_page()
    sign_in(page, people.SPECIALIST)
    page.goto("/xu-ly/")
    page.locator("body").press("j")
    page.locator("body").press("j")
    page.locator("body").press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/xu-ly/[0-9a-f-]{36}/"))


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/huong-dan/",
        "/danh-muc/",
        "/danh-muc/tim/?q=dien toan dam may",
        "/danh-muc/tt-31-2025/",
        "/danh-muc/qd-1131-2025/",
        "/danh-muc/tt-31-2025/1.8/",
        "/van-ban/thong-tu-31-2025-tt-bkhcn/",
        "/thu-tuc/cong-nghe-so-trong-diem/",
        "/chuong-trinh/cong-nghe-cao-2030/",
        "/kiem-tra/",
        "/tai-khoan/login/",
    ],
)
def test_the_public_pages_are_well_made(open_page, path, width):
    page = open_page(width=width)
    page.goto(path)
    people.is_well_made(page)


def test_searching_needs_no_diacritics(open_page):
    page = open_page()
    page.goto("/danh-muc/")
    page.locator("main input[type=search]").fill("dien toan dam may")
    page.locator("main input[type=search]").press("Enter")
    page.wait_for_url(re.compile("tim"))
    assert "Dịch vụ điện toán đám mây" in page.locator("main").inner_text()
