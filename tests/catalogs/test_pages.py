"""The public pages."""

import re
from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Role, RoleAssignment, User
from catalogs.models import (
    Catalogue,
    CatalogueItem,
    Instrument,
    ItemAlias,
    ItemRelation,
    Procedure,
    Programme,
    ReferenceEntry,
)
from catalogs.search import search_text

pytestmark = pytest.mark.usefixtures("loaded")
NOVEMBER = "2026-11-18T09:00:00+07:00"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOVEMBER, tick=False):
        yield


def page(client: Client, name: str, *args: str, **query: str) -> str:
    """The text of the page as a person reads it, without tags."""
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return readable(response.content.decode())


def readable(html: str) -> str:
    body = html[html.index('<main id="content"') : html.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_every_page_that_the_index_leads_to_is_whole(client, django_assert_max_num_queries):
    """Each opens for anybody within thirteen queries; its links, anchors and ids are right; it carries no style."""
    seen: set[str] = set()
    waiting = [reverse("catalogue_index")]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        with django_assert_max_num_queries(13, info=address):
            response = client.get(address)
        assert response.status_code == 200, address
        if not response["Content-Type"].startswith("text/html"):
            continue
        html = response.content.decode()
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert len(ids) == len(set(ids)), address
        assert 'style="' not in html, address
        for href in re.findall(r'href="([^"]+)"', html[html.index("<main") : html.index("</main>")]):
            path, _, fragment = href.partition("#")
            assert path or fragment in ids, (address, href)
            if path.startswith(("/danh-muc", "/van-ban/", "/chuong-trinh/", "/thu-tuc/")):
                waiting.append(path)
    expected = (
        [reverse("catalogue_item", args=[i.catalogue.slug, i.code]) for i in items()]
        + [reverse("catalogue_detail", args=[c.slug]) for c in Catalogue.objects.order_by("pk")]
        + [reverse("instrument_detail", args=[i.slug]) for i in Instrument.objects.order_by("pk")]
        + [reverse("reference_list", args=["nen-tang-so-dung-chung"])]
        + [reverse("catalogue_matrix", args=["qd-1131-2025"])]
        + [reverse("programme_detail", args=[p.slug]) for p in Programme.objects.order_by("pk")]
        + [reverse("procedure_detail", args=[p.slug]) for p in Procedure.objects.order_by("pk")]
    )
    assert set(expected) <= seen


def items():
    return CatalogueItem.objects.select_related("catalogue").order_by("pk")


def test_the_index_shows_what_is_in_force_and_what_was(client):
    text = page(client, "catalogue_index")
    current, past = text.split("Danh mục trước đây")
    assert "31/2025/TT-BKHCN" in current
    assert "21/2026/QĐ-TTg" in current
    assert "1131/QĐ-TTg" not in current
    assert "10 nhóm công nghệ · 2 nhóm sản phẩm · 30 mục" in current
    assert "Chưa đối chiếu Công báo" in current
    assert "1131/QĐ-TTg Từ 12/06/2025 đến hết 30/06/2026 35 21/2026/QĐ-TTg" in past
    assert "Chưa đầy đủ" in past


@pytest.mark.parametrize(
    ("moment", "strategic", "coming"),
    [
        ("2026-06-30T23:59:00+07:00", "1131/QĐ-TTg", True),
        ("2026-07-01T00:00:00+07:00", "21/2026/QĐ-TTg", False),
    ],
)
def test_the_index_turns_over_at_midnight_in_hanoi(client, moment, strategic, coming):
    with time_machine.travel(moment, tick=False):
        text = page(client, "catalogue_index")
    assert strategic in text.split("Sắp có hiệu lực" if coming else "Danh mục trước đây")[0]
    assert ("Sắp có hiệu lực" in text) is coming


def test_a_day_without_a_list_says_so(client):
    with time_machine.travel("2019-01-01T09:00:00+07:00", tick=False):
        text = page(client, "catalogue_index")
    assert "Không có danh mục nào đang có hiệu lực" in text


def test_a_list_shows_its_groups_items_and_printed_codes(client):
    text = page(client, "catalogue_detail", "tt-31-2025")
    assert "3. Chuỗi khối (Blockchain) 3.1. Sản phẩm phần mềm ứng dụng công nghệ blockchain 3.2 Hệ thống" in text
    for name in CatalogueItem.objects.filter(catalogue__slug="tt-31-2025").values_list("name", flat=True):
        assert name in text


def test_the_matrix_says_unknown_and_never_no(client):
    html = client.get(reverse("catalogue_matrix", args=["qd-1131-2025"])).content.decode()
    cells = re.findall(r'<td class="(\w+)" data-label="[^"]+">(.*?)</td>', html)
    assert len(cells) == 110
    assert {(kind, readable(f'<main id="content">{cell}</main>')) for kind, cell in cells} == {
        ("unknown", "? Không rõ")
    }
    text = readable(html)
    assert "Nguồn cho thấy 7 trên 10 lĩnh vực có dấu x, chưa rõ là những lĩnh vực nào." in text
    assert "không bao giờ là căn cứ từ chối" in text
    assert "Bản nguồn làm mất vị trí các dấu x của Phụ lục II." in text
    assert "không bao giờ là căn cứ từ chối" in page(client, "catalogue_detail", "qd-1131-2025")


def test_a_list_without_sectors_has_no_matrix(client):
    assert client.get(reverse("catalogue_matrix", args=["tt-31-2025"])).status_code == 404


def test_a_list_that_ended_points_to_its_successor_and_back(client):
    old = page(client, "catalogue_detail", "qd-1131-2025")
    assert "Danh mục này không còn áp dụng từ ngày 01/07/2026. Danh mục thay thế:" in old
    assert "Bắt đầu hồ sơ" not in old
    new = page(client, "catalogue_detail", "qd-21-2026")
    assert "Lời văn chưa được đối chiếu với Công báo" in new
    assert "Thay thế Danh mục công nghệ chiến lược và sản phẩm công nghệ chiến lược (1131/QĐ-TTg)" in new
    assert "Nguồn đọc được không nói sản phẩm nào thuộc nhóm công nghệ nào" in new


def test_the_old_list_of_the_transition_is_still_offered_to_its_projects(client):
    text = page(client, "catalogue_detail", "tt-19-2021")
    assert "Danh mục ở đây chưa đầy đủ" in text
    assert "Dự án chuyển tiếp Thông tư 19/2021" in text


def test_an_item_names_its_group_instrument_article_and_days(client):
    text = page(client, "catalogue_item", "tt-31-2025", "1.8")
    for said in (
        "Mục 1.8",
        "Đang có hiệu lực",
        "1. Trí tuệ nhân tạo, bản sao số, thực tế ảo/thực tế tăng cường",
        "Thông tư 31/2025/TT-BKHCN , ký ngày 14/11/2025",
        "Điều 1: Ban hành kèm theo Thông tư này",
        "Từ 01/01/2026",
    ):
        assert said in text


def test_an_item_names_the_other_lists_of_its_kind_where_there_are_any(client):
    assert "Danh mục cùng loại" in page(client, "catalogue_item", "qd-1131-2025", "1.2")
    assert "Danh mục cùng loại" not in page(client, "catalogue_item", "tt-31-2025", "1.8")


def test_an_item_with_the_same_words_elsewhere_says_where(client):
    assert "Giống mục này 1131/QĐ-TTg, mục 1.2 Trợ lý ảo" in page(client, "catalogue_item", "tt-31-2025", "1.2")
    ItemRelation.objects.all().delete()
    assert "Cùng lời văn 1131/QĐ-TTg, mục 1.2" in page(client, "catalogue_item", "tt-31-2025", "1.2")


def test_an_item_says_how_it_stands_to_those_of_other_lists_in_both_directions(client):
    narrow = page(client, "catalogue_item", "tt-31-2025", "1.2")
    assert "Rộng hơn mục này 21/2026/QĐ-TTg, mục 1 Mô hình ngôn ngữ lớn tiếng Việt, trợ lý ảo" in narrow
    assert "không phải quy định của pháp luật" in narrow
    assert "Hẹp hơn mục này 31/2025/TT-BKHCN, mục 1.2 Trợ lý ảo" in page(client, "catalogue_item", "qd-21-2026", "1")


def test_an_item_tells_what_became_of_it(client):
    old = page(client, "catalogue_item", "qd-1131-2025", "11.3").split("Lịch sử của mục")[1]
    assert "1131/QĐ-TTg" in old.split("21/2026/QĐ-TTg")[0]
    assert "Đổi lời văn Mục 22: Thiết bị, phương tiện bay không người lái" in old
    assert "So với lời văn trước: Thiết bị thêm , phương tiện bay không người lái thêm ; hệ thống quản lý" in old
    gone = page(client, "catalogue_item", "qd-1131-2025", "1.6")
    assert "21/2026/QĐ-TTg Áp dụng từ 01/07/2026 Không còn mục này" in gone
    new = page(client, "catalogue_item", "qd-21-2026", "29")
    assert "Chưa có mục này" in new
    assert "Mục mới" in new
    merged = page(client, "catalogue_item", "qd-21-2026", "1")
    assert "Gộp Mục 1:" in merged


def test_an_item_that_takes_in_another_list_says_which(client):
    text = page(client, "catalogue_item", "tt-31-2025", "9.1")
    assert "Dẫn chiếu Quyết định 2618/QĐ-BKHCN" in text
    assert "(đã biết tên 13 trên 55)" in text
    assert "chưa có trong hệ thống" not in text


def test_a_reference_list_says_what_it_lacks_and_which_decision_named_what(client):
    text = page(client, "reference_list", "nen-tang-so-dung-chung")
    for said in (
        "mới có tên 13 trên 55 nền tảng, chưa tìm được 42 nền tảng",
        "Chưa đầy đủ",
        "Trợ lý ảo quốc gia Bộ Công an 11/09/2025, 2618/QĐ-BKHCN",
        "31/2025/TT-BKHCN, mục 9.1",
        "Văn bản cùng tên ban hành trước Quyết định 1527/QĐ-BKHCN",
        "11/09/2025 Quyết định 2618/QĐ-BKHCN thêm 13 tên",
    ):
        assert said in text
    for slug in ("quyet-dinh-2618-qd-bkhcn", "quyet-dinh-1527-qd-bkhcn"):
        assert "Danh mục tham chiếu Nền tảng số quốc gia" in page(client, "instrument_detail", slug)


def test_an_entry_that_a_later_decision_removed_is_told_apart(client):
    entry = ReferenceEntry.objects.get(name="Sàn dữ liệu")
    decision = Instrument.objects.create(
        number="9/QĐ-BKHCN", slug="quyet-dinh-9", kind="decision", title="Sửa đổi", signed_on=date(2026, 10, 1)
    )
    entry.removed_in, entry.removed_on = decision, date(2026, 10, 1)
    entry.save()
    text = page(client, "reference_list", "nen-tang-so-dung-chung")
    assert "12 nền tảng đã biết tên" in text
    assert "Đã đưa ra khỏi danh mục Sàn dữ liệu (01/10/2026, 9/QĐ-BKHCN )" in text
    assert "01/10/2026 Quyết định 9/QĐ-BKHCN bỏ 1 tên" in text
    assert "Sàn dữ liệu" not in page(client, "catalogue_search", q="sàn dữ liệu")


def test_an_item_without_a_number_shows_none(client):
    text = page(client, "catalogue_item", "tt-19-2021", "x3")
    assert "Chưa rõ số thứ tự chính thức" in text
    assert "x3" not in text


def test_a_counted_number_is_not_passed_off_as_printed(client):
    assert "1.2 (thứ tự trong nhóm; phụ lục không in số này)" in page(client, "catalogue_item", "qd-1131-2025", "1.2")


@pytest.mark.parametrize(
    "path",
    [
        "/danh-muc/khong-co/",
        "/danh-muc/tt-31-2025/99/",
        "/danh-muc/tt-31-2025/1.1'--/",
        "/van-ban/khong-co/",
        "/chuong-trinh/khong-co/",
        "/thu-tuc/khong-co/",
    ],
)
def test_what_is_not_there_is_a_404(client, path):
    assert client.get(path).status_code == 404


def test_an_instrument_shows_its_clauses_under_their_articles(client):
    text = page(client, "instrument_detail", "thong-tu-31-2025-tt-bkhcn")
    assert "Điều 4. Điều khoản thi hành Khoản 1 Điều 4 Thông tư này có hiệu lực" in text
    assert "tự chịu trách nhiệm về tính chính xác, trung thực" in text
    assert "Thay thế Thông tư 19/2021/TT-BTTTT" in text
    assert "Dự án chuyển tiếp Thông tư 19/2021" in text


def test_an_instrument_says_where_each_of_its_articles_is_applied(client):
    text = page(client, "instrument_detail", "thong-tu-31-2025-tt-bkhcn")
    of_clause = text.split("Khoản 3 Điều 4")[1].split("Khoản 4 Điều 4")[0]
    assert "Công nghệ số trọng điểm : Cam kết: Chúng tôi tự chịu trách nhiệm" in of_clause
    assert "Công nghệ số trọng điểm : Lời văn của quyết định" in of_clause
    assert "Hướng dẫn : Nội dung của trang" in of_clause
    decree = page(client, "instrument_detail", "nghi-dinh-118-2025-nd-cp")
    clause = decree.split("Khoản 5 Điều 19")[1].split("Điều khoản khác")[0]
    assert "Thời hạn: Bạn bổ sung hồ sơ" in clause
    assert "Xử lý hồ sơ : Đóng hồ sơ không được bổ sung đúng hạn" in clause
    others = decree.split("Điều khoản khác được áp dụng, chưa có lời văn ở đây")[1]
    assert "Điều 21 Hướng dẫn : Nội dung của trang Xử lý hồ sơ : Rút hồ sơ" in others


def test_the_index_of_instruments_says_which_apply(client):
    text = page(client, "instrument_index")
    assert "Thông tư 31/2025/TT-BKHCN Ban hành Danh mục sản phẩm, dịch vụ công nghệ số trọng điểm 14/11/2025" in text
    assert "Từ 12/06/2025 đến hết 30/06/2026 Đã hết hiệu lực" in text
    assert "Chưa rõ ngày có hiệu lực Chưa rõ ngày có hiệu lực Chưa đối chiếu Công báo" in text


def test_readers_of_english_see_translations_that_say_what_they_are(client):
    assert "Virtual assistants" not in page(client, "catalogue_item", "tt-31-2025", "1.2")
    client.cookies["django_language"] = "en"
    for name, args in (("catalogue_item", ["tt-31-2025", "1.2"]), ("catalogue_detail", ["tt-31-2025"])):
        assert "Trợ lý ảo Virtual assistants (" in page(client, name, *args)


def test_a_search_in_english_finds_and_shows_the_translation(client):
    html = client.get(reverse("catalogue_search"), {"q": "virtual assistant"}).content.decode()
    assert "<mark>Virtual</mark> <mark>assistant</mark>s" in html
    assert "Trợ lý ảo" in html


def test_a_guess_about_a_source_is_said_to_be_one(client):
    assert "suy luận" in page(client, "instrument_detail", "quyet-dinh-3418-qd-bkhcn")
    assert "suy luận" in page(client, "programme_detail", "cong-nghe-cao-2030")


def test_the_programme_says_that_its_targets_bind_nobody_alone(client):
    text = page(client, "programme_detail", "cong-nghe-cao-2030")
    assert "không phải điều kiện của từng nhiệm vụ" in text
    assert all(f"{target}%" in text for target in (50, 70, 100, 30))


def test_a_procedure_tells_what_to_bring_when_it_ends_and_why(client):
    text = page(client, "procedure_detail", "cong-nghe-so-trong-diem")
    for said in (
        "8 giờ làm việc",
        "20 ngày làm việc",
        "Thời hạn do cơ quan công bố",
        "Doanh nghiệp, tổ chức, cơ quan, cá nhân",
        "Khi bạn trả lời “Đã thương mại hóa” ở câu “Giai đoạn phát triển”",
        "Khoản 3 Điều 4 Thông tư số 31/2025/TT-BKHCN",
        "không phải là giấy chứng nhận",
    ):
        assert said in text
    assert "Đến ngày nêu tại câu “Ngày kết thúc dự án”" in page(client, "procedure_detail", "chuyen-tiep-thong-tu-19")


def test_a_procedure_that_has_not_begun_says_when_it_does(client):
    with time_machine.travel("2025-12-31T12:00:00+07:00", tick=False):
        text = page(client, "procedure_detail", "cong-nghe-so-trong-diem")
    assert "Thủ tục này áp dụng từ ngày 01/01/2026." in text
    assert "Bắt đầu hồ sơ" not in text


def test_a_procedure_that_will_change_says_so(client):
    with time_machine.travel("2026-06-01T12:00:00+07:00", tick=False):
        text = page(client, "procedure_detail", "cong-nghe-chien-luoc")
    assert "sẽ thay đổi từ ngày 01/07/2026" in text
    assert "(1131/QĐ-TTg)" in text


def test_staff_are_not_asked_to_file(client):
    officer = User.objects.create(email="chuyen-vien@bo.example")
    RoleAssignment.objects.create(user=officer, role=Role.SPECIALIST)
    client.force_login(officer)
    assert "Bắt đầu hồ sơ" not in page(client, "procedure_detail", "cong-nghe-so-trong-diem")


def test_a_search_marks_what_it_found(client):
    html = client.get(reverse("catalogue_search"), {"q": "dam may"}).content.decode()
    assert "<mark>đám</mark> <mark>mây</mark>" in html
    assert 'value="dam may"' in html


def test_a_search_without_words_says_what_to_type_and_one_without_hits_what_to_try(client):
    assert "Bạn muốn tìm gì?" in page(client, "catalogue_search")
    assert "Không có mục nào chứa “máy giặt quần áo”" in page(client, "catalogue_search", q="máy giặt quần áo")


def test_another_way_to_say_it_is_shown_as_such(client):
    item = CatalogueItem.objects.get(catalogue__slug="tt-31-2025", code="1.2")
    ItemAlias.objects.create(
        item=item, text="tổng đài tự động", language="vi", origin="tests", added_on=date(2026, 1, 1),
        search_text=search_text("tổng đài tự động"),
    )  # fmt: skip
    assert "Cách gọi khác: tổng đài tự động" in page(client, "catalogue_search", q="tong dai tu dong")
    assert "tổng đài" not in page(client, "catalogue_item", "tt-31-2025", "1.2")


@pytest.mark.parametrize(
    "query", ["<script>alert(1)</script>", "\x00", "%", "a" * 5000, "'\"><b>", "\ud83e\udd16", "..", "1.8\n"]
)
def test_a_hostile_search_is_answered_calmly(client, query):
    response = client.get(reverse("catalogue_search"), {"q": query.encode("utf-8", "surrogatepass")})
    assert response.status_code == 200
    assert b"<script>alert" not in response.content
    assert len(response.content) < 40_000


@pytest.mark.parametrize("query", ["camera", "a", "1.8", "phan mem"])
def test_a_search_costs_few_queries(client, django_assert_max_num_queries, query):
    with django_assert_max_num_queries(5):
        page(client, "catalogue_search", q=query)


@pytest.mark.parametrize(
    ("name", "args", "most"),
    [
        ("catalogue_item", ["tt-31-2025", "9.1"], 13),
        ("catalogue_item", ["qd-21-2026", "1"], 13),
        ("catalogue_matrix", ["qd-1131-2025"], 6),
        ("instrument_index", [], 1),
        ("instrument_detail", ["nghi-dinh-118-2025-nd-cp"], 10),
        ("reference_list", ["nen-tang-so-dung-chung"], 4),
    ],
)
def test_a_page_costs_few_queries(client, django_assert_max_num_queries, name, args, most):
    with django_assert_max_num_queries(most):
        page(client, name, *args)
