"""The main path: a company that nobody knows gets a decision that anybody can verify."""

import re
import subprocess
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from tests.journeys import people
from tests.journeys.conftest import Site, sign_in, wait_for


def text_of_pdf(content: bytes) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True
    ).stdout.decode()


def address_on(content: bytes, folder: Path) -> str:
    """What a telephone reads from the QR code that is printed on a decision."""
    subprocess.run(["pdftoppm", "-r", "150", "-png", "-", folder / "page"], input=content, check=True)
    (code,) = (code for page in folder.glob("page*.png") for code in zxingcpp.read_barcodes(Image.open(page)))
    return code.text


def test_a_company_registers_files_and_gets_a_decision_that_anybody_can_verify(site: Site, open_page, tmp_path: Path):
    email = "oanh@thunghiem.example"
    company = open_page()
    people.register(company, site, email)
    people.create_organisation(company, name="Công ty TNHH Thử Nghiệm Biên", tax_code=people.RECORDED)

    dossier = people.choose_procedure(company, "cong-nghe-so-trong-diem")
    people.fill_section(company, people.CAMERA)

    # Another sitting: the draft is in the list, keeps what was said and names what is next.
    people.sign_out(company)
    sign_in(company, email, people.NEW_PASSWORD)
    company.get_by_role("link", name=people.CAMERA["product_name"]).click()
    assert people.CAMERA["description"] in company.locator("main").inner_text()
    company.locator("main .checks .miss a").first.click()
    people.fill_sections(company, people.CAMERA)
    assert company.url.endswith("/muc/")
    # The list names its best items first, with the words of the declaration that speak for them.
    first = company.locator("main").inner_text()
    assert first.index("1.8") < first.index("2.1")
    assert company.locator("main mark").count()
    people.is_well_made(company)
    people.choose_item(company, "1.8")
    people.attach_everything(company, dossier)
    people.is_well_made(company)
    code = people.submit(company, dossier)
    assert "Nộp hồ sơ" in company.locator("main").inner_text()
    site.wait_for_mail(email, code)

    officer = open_page()
    sign_in(officer, people.OFFICER)
    people.look_at_files(officer, code)
    people.receive(officer, code)
    specialist = open_page()
    sign_in(specialist, people.SPECIALIST)
    people.assess(specialist, code)
    people.decide(open_page, code)

    mail = site.wait_for_mail(email, "đã có kết quả", seconds=60)
    assert "QĐ-CNCNTT" in mail.get_content()
    assert code in mail.get_content()
    content = people.download_decision(company, dossier)
    text = text_of_pdf(content)
    assert "Camera EdgeSight X1" in text
    assert "Công ty TNHH Thử Nghiệm Biên" in " ".join(text.split())
    company.goto(dossier)
    wait_for(
        lambda: company.reload() and "Đã trả kết quả" in company.locator("main").inner_text(), "the delivery on record"
    )
    people.follow_bell(company, code)
    assert company.url.endswith(dossier)

    anybody = open_page(width=390)
    verification = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", text)
    assert verification, text
    anybody.goto("/kiem-tra/")
    people.is_well_made(anybody)
    anybody.locator("input[name=ma]").fill(verification.group(0).lower())
    anybody.locator("input[name=ma]").press("Enter")
    anybody.wait_for_load_state()
    assert "QĐ-CNCNTT" in anybody.locator("main").inner_text()
    people.is_well_made(anybody)

    anybody.goto(address_on(content, tmp_path))
    anybody.get_by_role("heading", name="Văn bản là thật và còn hiệu lực").wait_for()
    people.compare(anybody, content.replace(b"%%EOF", b"%%EOG"))
    anybody.get_by_role("heading", name="Tệp của bạn không trùng với bản đã ban hành.").wait_for()
    people.is_well_made(anybody)
    people.compare(anybody, content)
    anybody.get_by_role("heading", name="Tệp của bạn trùng khớp đúng từng byte với bản đã ban hành.").wait_for()


@pytest.mark.parametrize(
    ("email", "name", "number"),
    [
        ("khanh@thunghiem.example", "Lý Thị Kim Khánh", {"personal_id": "001 083 012 345"}),
        ("chi-nhanh@thunghiem.example", "Chi nhánh Công ty Thử Nghiệm", {"tax_code": f"{people.a_new_tax_code()}001"}),
    ],
    ids=["individual", "branch"],
)
def test_an_individual_and_a_branch_register_under_their_own_numbers(site: Site, open_page, email, name, number):
    applicant = open_page()
    people.register(applicant, site, email)
    people.create_organisation(applicant, name=name, **number)
    people.choose_procedure(applicant, "cong-nghe-so-trong-diem")
    applicant.goto("/tai-khoan/toi/")
    text = applicant.locator("main").inner_text()
    assert name in text
    if "personal_id" in number:
        assert "001083012345" in text.replace(" ", "")
    else:
        assert f"{number['tax_code'][:10]}-001" in text


@pytest.mark.parametrize(
    ("procedure", "title", "item", "statement", "outcome"),
    [
        (
            "cong-nghe-chien-luoc",
            {"product_name": "Robot kho tự hành Sếu 1"},
            "7",
            "thông tin về sản phẩm, công nghệ và mức độ làm chủ công nghệ",
            "tự kê khai với Danh mục sản phẩm công nghệ chiến lược",
        ),
        (
            "chuyen-tiep-thong-tu-19",
            {"project_name": "Dự án sản xuất máy tính giáo dục"},
            "",
            "chỉ kéo dài cho đến hết thời hạn của dự án",
            f"cho đến hết thời hạn của dự án, ngày {people.ENDS_ON}",
        ),
        (
            "nhiem-vu-cong-nghe-cao",
            {"task_name": "Làm chủ cảm biến độ mặn năng lượng thấp"},
            "",
            "không trùng với nhiệm vụ khác",
            "là phù hợp với nội dung của Chương trình nghiên cứu, ứng dụng và phát triển công nghệ cao",
        ),
    ],
)
def test_every_procedure_goes_from_its_own_form_to_its_own_decision(
    site: Site, open_page, procedure, title, item, statement, outcome
):
    description = "Robot di động tự hành chở kệ hàng trong kho, tự tìm đường, tự tránh vật cản và tự sạc pin."
    company = open_page()
    sign_in(company, "ngoc@hoalu.example")
    dossier = people.start_dossier(company, procedure)
    people.fill_sections(company, {**title, "description": description})
    if company.url.endswith("/muc/"):
        if item:
            people.choose_item(company, item)
        else:
            company.get_by_role("button", name="Lưu và tiếp tục").click()
    people.attach_everything(company, dossier)
    company.goto(f"{dossier}tom-tat/")
    assert statement in company.locator("main").inner_text(), "its own statement is certified"
    code = people.submit(company, dossier)

    officer, specialist = open_page(), open_page()
    sign_in(officer, people.OFFICER)
    people.receive(officer, code)
    sign_in(specialist, people.SPECIALIST)
    people.assess(specialist, code)
    people.decide(open_page, code)
    text = " ".join(text_of_pdf(people.download_decision(company, dossier)).split())
    assert next(iter(title.values())) in text
    assert outcome in text, "its own outcome is decided"


def test_a_decision_may_refuse_and_says_why(open_page):
    company = open_page()
    sign_in(company, "son@hoalu.example")
    dossier = people.start_dossier(company, "cong-nghe-so-trong-diem")
    people.fill_sections(company, {**people.CAMERA, "product_name": "Camera Chợ Phiên"})
    people.choose_item(company, "1.8")
    people.attach_everything(company, dossier)
    code = people.submit(company, dossier)
    officer, specialist = open_page(), open_page()
    sign_in(officer, people.OFFICER)
    people.receive(officer, code)
    sign_in(specialist, people.SPECIALIST)
    people.assess(specialist, code, outcome="not_granted", against="Camera không tự suy luận trên thiết bị.")
    people.decide(open_page, code)
    text = " ".join(text_of_pdf(people.download_decision(company, dossier)).split())
    assert "Lý do: Hồ sơ đầy đủ, nội dung khai báo phù hợp với tài liệu chứng minh." in text
