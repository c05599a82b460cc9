"""The pages of the papers, measured in the PDF against NĐ 30/2020/NĐ-CP, Phụ lục I."""

import io
import re
import subprocess
import sys
from functools import cache
from typing import Any

import pypdf
import pytest
import segno
import zxingcpp
from django.utils import translation
from PIL import Image

from documents import rendering, sources
from documents.freezing import frozen
from documents.models import DocumentKind
from tests.documents import measuring
from tests.documents.builders import AT, DATA, ITEM, NOT_GRANTED

pytestmark = pytest.mark.django_db

URL = "https://hoso.example/kiem-tra/7KQ2M9DX4HTR/"
PAPER = {
    "symbol": "05/QĐ-CNCNTT",
    "number": 5,
    "year": 2026,
    "issued_at": AT,
    "code": "7KQ2-M9DX-4HTR",
    "url": URL,
    "lookup_url": "https://hoso.example/kiem-tra/",
}
DECISION = DATA[DocumentKind.DECISION]
LEFT, RIGHT = 32, 210 - 16
_cache: dict[str, bytes] = {}


def html_of(kind: DocumentKind = DocumentKind.DECISION, **changes: Any) -> str:
    data = {**DATA[kind], **changes}
    office = {"head_title": "Cục trưởng", **data["office"]}
    return rendering.draw_html(sources.newest(kind), frozen({**data, "office": office, "paper": PAPER}))


def pdf_of(kind: DocumentKind = DocumentKind.DECISION, **changes: Any) -> bytes:
    html = html_of(kind, **changes)
    if html not in _cache:
        _cache[html] = rendering.draw_pdf(html)
    return _cache[html]


@pytest.fixture
def page() -> measuring.Page:
    """The first page of an ordinary decision."""
    return measured(pdf_of())[0]


@cache
def measured(pdf: bytes) -> list[measuring.Page]:
    return measuring.pages_of(pdf)


def long_decision() -> bytes:
    reasons = "Sản phẩm đáp ứng yêu cầu của mục trong Danh mục theo tài liệu đã nộp. " * 40
    return pdf_of(
        items=[{**ITEM, "code": f"{1 + n // 9}.{1 + n % 9}"} for n in range(30)],
        articles=[DECISION["articles"][0], f"{reasons}\n{reasons}", *DECISION["articles"][1:]],
    )


def letters() -> str:
    """Every Vietnamese letter with its marks."""
    return "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"


# --- paper and margins --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", DocumentKind)
def test_every_paper_is_a4_with_text_between_its_margins(kind):
    for page in measured(pdf_of(kind)):
        assert (round(page.width), round(page.height)) == (210, 297)
        body = [word for word in page.words if not word.bottom > 297 - 20]  # the demonstration's mark is below
        assert 30 <= min(word.left for word in body) <= 35
        assert 15 <= 210 - max(word.right for word in body) <= 20
        assert 20 <= min(word.top for word in body) <= 25


def test_a_list_without_numbers_has_no_column_for_them():
    text = measuring.text_of(pdf_of(items=[{**ITEM, "code": ""}]))
    assert ITEM["name"].split()[0] in text
    assert "Tên mục trong Danh mục" in text
    assert "Mục Tên mục" not in re.sub(r"\s+", " ", text)


def test_a_full_page_ends_20_to_25_mm_above_the_edge():
    for page in measured(long_decision())[1:3]:
        body = [word for word in page.words if word.bottom < 280]
        assert 20 <= 297 - max(word.bottom for word in body) <= 40
        assert min(word.top for word in body if word.top > 19) >= 20


def test_pages_are_numbered_from_the_second_on_in_the_middle_of_the_top_margin():
    first, *others = measured(long_decision())
    assert not [word for word in first.words if word.bottom < 20]
    assert len(others) >= 3
    for number, page in enumerate(others, start=2):
        (word,) = [word for word in page.words if word.bottom < 20]
        assert word.text == str(number)
        assert word.middle == pytest.approx((LEFT + RIGHT) / 2, abs=1)
        assert 13 <= page.run(str(number)).size <= 14


# --- the elements -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "smallest", "largest", "font"),
    [
        ("BỘ", 12, 13, "Tinos"),
        ("CÔNG NGHIỆP", 12, 13, "Tinos-Bold"),
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, 13, "Tinos-Bold"),
        ("Độc lập - Tự do - Hạnh phúc", 13, 14, "Tinos-Bold"),
        ("Số: 05/QĐ-CNCNTT", 13, 13, "Tinos"),
        ("Hà Nội, ngày 24 tháng 11 năm 2026", 13, 14, "Tinos-Italic"),
        ("QUYẾT ĐỊNH", 13, 14, "Tinos-Bold"),
        ("Về việc xác định", 13, 14, "Tinos-Bold"),
        ("Căn cứ Luật", 13, 14, "Tinos-Italic"),
        ("Xét hồ sơ", 13, 14, "Tinos-Italic"),
        ("Điều 1.", 13, 14, "Tinos-Bold"),
        ("Sản phẩm sau đây", 13, 14, "Tinos"),
        ("CỤC TRƯỞNG", 13, 14, "Tinos-Bold"),
        ("Lê Hoàng Nam", 13, 14, "Tinos-Bold"),
        ("Nơi nhận:", 12, 12, "Tinos-Bold-Italic"),
        ("- Như Điều 3;", 11, 11, "Tinos"),
        ("- Lưu: VT", 11, 11, "Tinos"),
    ],
)
def test_each_element_of_a_decision_has_its_size_and_style(page, start, smallest, largest, font):
    run = page.run(start)
    assert smallest <= run.size <= largest
    assert run.font == font


def test_the_issuer_stands_left_of_the_states_name_and_the_date_under_it(page):
    name = next(word for word in page.words if word.text == "BỘ")
    state = next(word for word in page.words if word.text == "CỘNG")
    assert name.right < state.left
    assert name.top == pytest.approx(state.top, abs=0.5)
    # The state's name is on one line.
    assert next(word for word in page.words if word.text == "NAM").top == pytest.approx(state.top, abs=0.1)
    motto, date = page.line("Độc lập"), page.line("Hà Nội, ngày")
    assert motto.middle == pytest.approx(date.middle, abs=1)
    assert motto.top < date.top < page.line("QUYẾT ĐỊNH").top


def test_the_rules_have_the_lengths_that_the_decree_gives_them(page):
    motto, office = page.line("Độc lập"), page.line("CÔNG NGHỆ THÔNG TIN")
    subject = page.line("Về việc")
    under_office, under_motto, under_subject = sorted(page.rules, key=lambda rule: (rule.top > 50, rule.left))
    assert under_motto.width == pytest.approx(motto.width, abs=0.3)
    assert under_motto.middle == pytest.approx(motto.middle, abs=0.3)
    for rule, line in [(under_office, office), (under_subject, subject)]:
        assert 1 / 3 <= rule.width / line.width <= 1 / 2
        assert rule.middle == pytest.approx(line.middle, abs=0.5)
        assert line.bottom - 1.5 <= rule.top <= line.bottom + 3


def test_a_long_office_name_keeps_its_rule_between_a_third_and_a_half():
    office = {**DECISION["office"], "name": "Cục Phát triển công nghiệp công nghệ số và chuyển đổi số quốc gia"}
    page = measured(pdf_of(office=office))[0]
    lines = [line for line in page.lines if line.right < 105 and 25 < line.top < 50 and line.text.isupper()]
    rule = min(page.rules, key=lambda rule: rule.left)
    assert 1 / 3 <= rule.width / max(line.width for line in lines) <= 1 / 2


def test_paragraphs_are_justified_and_their_first_lines_indented(page):
    first = page.line("Điều 3. Quyết định này")
    second = page.line("trưởng các đơn vị")
    assert first.left - LEFT == pytest.approx(12.7, abs=0.1)
    assert second.left == pytest.approx(LEFT, abs=0.1)
    assert first.right == pytest.approx(RIGHT, abs=0.2)
    assert second.right == pytest.approx(RIGHT, abs=0.2)


def test_paragraphs_are_at_least_six_points_apart(page):
    inside = page.line("trưởng các đơn vị").top - page.line("Điều 3. Quyết định này").top
    between = page.line("Điều 3. Quyết định này").top - page.line("31/2025/TT-BKHCN.").top
    assert between - inside >= 6 * measuring.MM_PER_POINT - 0.05
    assert 1 <= inside / (13 * measuring.MM_PER_POINT) <= 1.5 * 1.15


def test_each_ground_ends_with_a_semicolon_and_the_last_with_a_full_stop():
    text = measuring.text_of(pdf_of())
    assert "ngày 14 tháng 6 năm 2025; Căn cứ Thông tư" in text
    assert "công nghệ số trọng điểm; Xét hồ sơ" in text
    assert "của Công ty Cổ phần Thị giác Sao Mai. QUYẾT ĐỊNH:" in text


def test_without_considerations_the_last_ground_ends_with_a_full_stop():
    text = measuring.text_of(pdf_of(considering=[]))
    assert "công nghệ số trọng điểm. QUYẾT ĐỊNH:" in text


def test_the_last_article_ends_with_the_sign_of_the_end_once():
    articles = [*DECISION["articles"][:-1], DECISION["articles"][-1] + "/."]
    assert measuring.text_of(pdf_of(articles=articles)).count("./.") == 1
    assert "thi hành Quyết định này./." in measuring.text_of(pdf_of())


def test_the_signature_stands_right_and_the_recipients_left(page):
    to, name = page.line("Nơi nhận:"), page.line("Lê Hoàng Nam")
    role = [line for line in page.lines if line.text == "CỤC TRƯỞNG"][-1]
    assert to.left == pytest.approx(LEFT, abs=0.2)
    assert role.left > 105 < name.left
    assert role.middle == pytest.approx(name.middle, abs=0.5)
    assert 20 < name.top - role.bottom < 40


def test_an_authority_line_of_a_deputy_takes_two_lines():
    text = measuring.text_of(
        pdf_of(signer={"role_line": "KT. CỤC TRƯỞNG\nPHÓ CỤC TRƯỞNG", "name": "Ngô Thị Hoa"}, demo=False)
    )
    assert text.index("KT. CỤC TRƯỞNG") < text.index("PHÓ CỤC TRƯỞNG") < text.index("Ngô Thị Hoa")


def test_days_below_ten_and_the_first_two_months_get_a_zero(monkeypatch):
    monkeypatch.setitem(PAPER, "issued_at", AT.replace(month=2, day=5))
    assert "Hà Nội, ngày 05 tháng 02 năm 2026" in measuring.text_of(pdf_of())
    monkeypatch.setitem(PAPER, "issued_at", AT.replace(month=3, day=15))
    assert "Hà Nội, ngày 15 tháng 3 năm 2026" in measuring.text_of(pdf_of())


# --- breaks -------------------------------------------------------------------------------------


def test_no_line_ends_inside_the_number_of_an_instrument():
    """The same sentence is pushed along a line, word by word, so that every break has its chance."""
    for words in range(1, 8, 2):
        line = "thêm " * words + "theo khoản 3 Điều 4 Thông tư số 31/2025/TT-BKHCN và hồ sơ G06-261118-0042, rồi thôi"
        (page,) = measured(pdf_of(articles=[line], items=[]))
        found = {word.text.rstrip(".,") for word in page.words}
        assert {"31/2025/TT-BKHCN", "G06-261118-0042"} <= found
        for box in page.lines:
            assert not box.text.endswith((" khoản", " Điều"))


def test_no_article_heading_stands_alone_at_the_end_of_a_page():
    """Text above the articles grows line by line, until each of them has been at the page's end."""
    filler = "Theo đề nghị của Trưởng phòng Công nghiệp số"
    for lines in range(6, 20, 4):
        pages = measured(pdf_of(considering=[filler] * lines))
        for page in pages[:-1]:
            body = sorted((line for line in page.lines if line.bottom < 278), key=lambda line: line.top)
            assert not body[-1].text.startswith("Điều ")
        # The signature never comes without a line of the text that it stands under.
        last = [line.text for line in pages[-1].lines]
        assert any("./." in text for text in last)
        assert "Lê Hoàng Nam" in last


def test_the_article_that_announces_the_table_stays_with_it():
    filler = "Theo đề nghị của Trưởng phòng Công nghiệp số"
    for lines in range(10, 16, 2):
        for page in measured(pdf_of(considering=[filler] * lines)):
            texts = [line.text for line in page.lines]
            assert any(text.startswith("Điều 1.") for text in texts) == any("Tên mục" in text for text in texts)


def test_a_table_of_thirty_rows_repeats_its_heading_and_parts_no_row():
    pages = [page for page in measured(long_decision()) if page.strokes]
    assert len(pages) >= 2
    rows = []
    for page in pages:
        texts = [line.text for line in page.lines]
        assert any("Tên mục trong Danh mục" in text for text in texts)
        assert sum("Camera thông minh" in text for text in texts) == sum(
            "thu được từ camera" in text for text in texts
        )
        rows += [word.text for word in page.words if 34 < word.left < 45 and word.text.isdigit() and word.top > 20]
    assert rows == [str(number) for number in range(1, 31)]


# --- what is printed ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", DocumentKind)
def test_only_tinos_is_embedded(kind):
    fonts = measuring.fonts_of(pdf_of(kind))
    assert fonts
    assert all(name.split("-")[0] == "Tinos" and embedded for name, embedded in fonts)


def test_every_vietnamese_letter_can_be_copied_out():
    alphabet = letters() + letters().upper()
    text = measuring.text_of(pdf_of(articles=[f"Chữ cái: {alphabet}"], items=[]))
    assert alphabet in text.replace(" ", "")


@pytest.mark.parametrize("kind", DocumentKind)
def test_a_paper_stays_below_sixty_kilobytes(kind):
    assert len(pdf_of(kind)) <= 60_000
    assert len(long_decision()) <= 60_000


@pytest.mark.parametrize("kind", DocumentKind)
def test_in_demonstration_mode_every_page_says_so(kind):
    for page in measured(pdf_of(kind)):
        assert any(line.text == "Bản trình diễn, không có giá trị pháp lý" for line in page.lines)
    assert "không có giá trị pháp lý" not in measuring.text_of(pdf_of(kind, demo=False))


def test_every_page_of_a_long_decision_carries_the_mark():
    for page in measured(long_decision()):
        assert any(line.text == "Bản trình diễn, không có giá trị pháp lý" for line in page.lines)


def test_the_drawn_seal_and_signature_say_sample_and_are_drawn_in_demonstrations_only():
    assert measuring.text_of(pdf_of()).count("MẪU") == 2
    real = pdf_of(demo=False)
    assert "MẪU" not in measuring.text_of(real)
    assert "Dấu và chữ ký mẫu" not in html_of(demo=False)


def test_the_qr_code_leads_to_the_verification_page():
    for kind in DocumentKind:
        picture = subprocess.run(
            ["pdftoppm", "-r", "150", "-png", "-"], input=pdf_of(kind), capture_output=True, check=True
        ).stdout
        (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
        assert code.text == URL


def test_the_drawn_modules_are_those_of_the_code():
    svg = html_of().split('class="qr"')[1].split("</svg>")[0]
    path = svg.split(' d="')[1].split('"')[0]
    drawn = set()
    for run in path.strip("Mz").split("zM"):
        (column, row), length = run.split("h")[0].split(), int(run.split("h")[1].split("v")[0])
        drawn |= {(int(row), int(column) + step) for step in range(length)}
    matrix = segno.make(URL, error="m", micro=False).matrix
    assert drawn == {(row, column) for row, line in enumerate(matrix) for column, dark in enumerate(line) if dark}


def test_the_code_is_printed_in_groups_beside_the_qr_code():
    assert "7KQ2-M9DX-4HTR" in measuring.text_of(pdf_of())
    assert "https://hoso.example/kiem-tra/" in measuring.text_of(pdf_of())


def test_a_refusal_to_grant_prints_its_reasons_and_no_table():
    pages = measured(pdf_of(**NOT_GRANTED))
    text = measuring.text_of(pdf_of(**NOT_GRANTED))
    assert "Về việc không xác định" in text
    assert "Lý do: sản phẩm chỉ ghi hình và lưu trữ" in text
    assert not any(page.strokes for page in pages)


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (
            DocumentKind.RECEIPT,
            [
                "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
                "Mã hồ sơ: G06-261118-0042",
                "Tiếp nhận hồ sơ của: Công ty Cổ phần Thị giác Sao Mai",
                "phường Cầu Giấy, Hà Nội",
                "1. Thành phần hồ sơ nộp gồm:",
                "2. Số lượng hồ sơ: 01 (bộ)",
                "theo quy định là: 20 ngày làm việc",
                "4. Thời gian nhận hồ sơ: 10 giờ 40 phút, ngày 18 tháng 11 năm 2026",
                "17 giờ 00 phút, ngày 16 tháng 12 năm 2026",
                "6. Đăng ký nhận kết quả tại:",
                "Quyển số: 2026, Số thứ tự: 05",
                "NGƯỜI TIẾP NHẬN HỒ SƠ",
            ],
        ),
        (
            DocumentKind.SUPPLEMENT_REQUEST,
            ["PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ", "Không đọc được:", "trong một lần", "NGƯỜI HƯỚNG DẪN"],
        ),
        (DocumentKind.REFUSAL, ["PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ", "dịch vụ vận tải"]),
        (
            DocumentKind.ACKNOWLEDGEMENT,
            ["XÁC NHẬN NỘP HỒ SƠ", "1. Tôi cam kết", "2. Tôi là người đại diện", "3f79bb7b 435b0532", "Trần Thu Hà"],
        ),
    ],
)
def test_the_slips_hold_what_their_forms_ask_for(kind, texts):
    text = measuring.text_of(pdf_of(kind))
    for expected in texts:
        assert expected in text


def test_a_receipt_for_six_documents_is_one_page():
    titles = [
        "Bản thuyết minh kỹ thuật của sản phẩm, dịch vụ",
        "Tài liệu chứng minh quyền sở hữu trí tuệ hoặc quyền sử dụng hợp pháp công nghệ",
        "Kết quả thử nghiệm, chứng nhận hợp chuẩn, hợp quy (nếu có)",
        "Tài liệu chứng minh hoạt động nghiên cứu và phát triển",
        "Hình ảnh, video giới thiệu sản phẩm, dịch vụ",
        "Giấy chứng nhận đăng ký doanh nghiệp hoặc quyết định thành lập",
    ]
    documents = [{"title": title, "copies": 2, "form": "Bản điện tử"} for title in titles]
    dossier = {
        **DECISION["dossier"],
        "procedure": "Đối chiếu sản phẩm, dịch vụ tự kê khai với Danh mục sản phẩm, dịch vụ công nghệ số trọng điểm",
    }
    assert len(measured(pdf_of(DocumentKind.RECEIPT, documents=documents, dossier=dossier))) == 1


def test_a_product_with_a_very_long_name_leaves_a_decision_on_one_page():
    title = "Hệ thống giám sát giao thông thông minh đa phương thức ứng dụng trí tuệ nhân tạo tại biên, " * 3
    assert len(measured(pdf_of(dossier={**DECISION["dossier"], "title": title.strip(" ,")[:220]}))) == 1


def test_thirty_points_of_a_supplement_request_fill_several_pages():
    point = {"what": "Bản thuyết minh", "reason": "Thiếu", "explanation": "Cần nêu rõ thông số kỹ thuật. " * 12}
    pages = measured(pdf_of(DocumentKind.SUPPLEMENT_REQUEST, points=[point] * 30))
    assert len(pages) >= 4
    numbers = [
        w.text for page in pages for w in page.words if abs(w.middle - 38.5) < 1 and w.text.isdigit() and w.top > 20
    ]
    assert numbers == [str(number) for number in range(1, 31)]


# --- hostile and odd names ----------------------------------------------------------------------


def test_markup_in_a_name_is_printed_and_not_obeyed():
    name = '<script>alert("x")</script> & <img src="file:///etc/passwd"> {{ office.name }} {% now "Y" %}'
    html = html_of(
        dossier={**DECISION["dossier"], "title": name}, subject=name, signer={"role_line": "A", "name": "<b>X</b>"}
    )
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;b&gt;X" in html
    assert '<script>alert("x")</script>' in measuring.text_of(rendering.draw_pdf(html)).replace(" ", "")


def test_a_word_of_three_hundred_letters_stays_on_the_page():
    (page, *_more) = measured(pdf_of(dossier={**DECISION["dossier"], "title": "Đ" * 300}))
    assert max(word.right for word in page.words) <= RIGHT + 0.5


def test_a_name_of_three_hundred_letters_stays_on_the_page():
    name = ("Tập đoàn Công nghiệp Công nghệ Viễn thông và Giải pháp số " * 6)[:300].strip()
    applicant = {**DECISION["applicant"], "name": name}
    for kind in DocumentKind:
        for page in measured(pdf_of(kind, applicant=applicant)):
            assert max(word.right for word in page.words) <= RIGHT + 0.5


def test_letters_in_two_parts_are_printed_as_one():
    decomposed = "Ha\u0300 No\u0302\u0323i"
    assert "Hà Nội X1" in measuring.text_of(pdf_of(dossier={**DECISION["dossier"], "title": f"{decomposed} X1"}))


def test_what_the_font_cannot_print_is_shown_as_a_box_and_brings_no_other_font():
    pdf = pdf_of(dossier={**DECISION["dossier"], "title": "Camera 📷 thông minh 株 👨‍👩‍👧"})
    assert {name.split("-")[0] for name, _embedded in measuring.fonts_of(pdf)} == {"Tinos"}
    assert "Camera □ thông minh □" in measuring.text_of(pdf)


def test_characters_that_reorder_or_hide_text_are_dropped():
    title = "Camera\u202eX\u2066 S2\u200b\u0000\u0007"
    assert "CameraX S2" in measuring.text_of(pdf_of(dossier={**DECISION["dossier"], "title": title}))


# --- the file -----------------------------------------------------------------------------------


def test_the_file_names_itself_its_language_and_its_moment():
    reader = pypdf.PdfReader(io.BytesIO(pdf_of()))
    assert reader.metadata.title == "Quyết định số 05/QĐ-CNCNTT"
    assert reader.metadata.author == "Cục Công nghiệp công nghệ thông tin"
    assert reader.metadata.creation_date == AT
    assert reader.trailer["/Root"]["/Lang"] == "vi"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"]


def test_the_file_says_that_it_is_archival_and_accessible():
    metadata = pypdf.PdfReader(io.BytesIO(pdf_of())).trailer["/Root"]["/Metadata"].get_data().decode()
    assert 'part="3"' in metadata
    assert 'conformance="A"' in metadata
    assert 'pdfuaid:part="1"' in metadata
    assert "/OutputIntents" in pypdf.PdfReader(io.BytesIO(pdf_of())).trailer["/Root"]


def test_pictures_have_words_and_tables_have_headings_for_a_screen_reader():
    root = pypdf.PdfReader(io.BytesIO(pdf_of())).trailer["/Root"]["/StructTreeRoot"]
    found = list(walk(root))
    figures = [node for node in found if node.get("/S") == "/Figure"]
    assert {str(node["/Alt"]) for node in figures} == {"Mã QR dẫn đến trang kiểm tra văn bản", "Dấu và chữ ký mẫu"}
    kinds = [node.get("/S") for node in found]
    assert kinds.count("/H1") == 1
    assert kinds.count("/Table") == 1
    assert kinds.count("/TH") == 3


def walk(node):
    node = node.get_object()
    if not isinstance(node, dict):
        return
    yield node
    children = node.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        yield from walk(child) if hasattr(child, "get_object") else ()


def test_the_same_data_give_the_same_bytes_here_and_in_another_process():
    html = html_of()
    assert rendering.draw_pdf(html) == rendering.draw_pdf(html)
    script = (
        "import os, sys, django, hashlib; django.setup();"
        "from documents import rendering;"
        "print(hashlib.sha256(rendering.draw_pdf(sys.stdin.read())).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            input=html,
            capture_output=True,
            check=True,
            text=True,
            encoding="utf-8",
            env={
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "PYTHONPATH": ".",
                "PYTHONHASHSEED": seed,
                "PYTHONUTF8": "1",
                "TZ": zone,
            },
        ).stdout
        for seed, zone in [("1", "UTC"), ("2", "America/New_York")]
    }
    assert len(digests) == 1


def test_the_language_of_the_one_who_asks_changes_nothing():
    usual = html_of()
    with translation.override("en"):
        assert html_of() == usual


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://127.0.0.1/x.png", "data:image/png;base64,AAAA"])
def test_a_text_that_asks_for_a_file_or_the_network_is_not_rendered(url):
    with pytest.raises(rendering.ForbiddenFetch):
        rendering.draw_pdf(f'<html lang="vi"><title>x</title><img alt="x" src="{url}">')
