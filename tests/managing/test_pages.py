"""The pages of a catalogue manager: what they show, refuse and keep."""

import re
from datetime import date
from html import unescape

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalogs.managing import importing, publishing
from catalogs.models import Catalogue, WordingCorrection
from tests.factories import NOW, CatalogueFactory, InstrumentFactory, rewording
from tests.managing.builders import CONTENT, HEADER, draft, fresh, manager, new_instrument, proposed, published, ready

pytestmark = pytest.mark.django_db
DETAILS = {
    "family": "key-digital",
    "title": "Danh mục năm 2027",
    "effective_from": "01/03/2027",
    "replaces": "tt-31-2025",
    "replaces_instrument": "on",
    "instrument": "",
    "number": "12/2027/TT-BKHCN",
    "kind": "circular",
    "instrument_title": "Ban hành danh mục mới",
    "issuer": "Bộ Khoa học và Công nghệ",
    "signer": "Nguyễn Văn An",
    "signed_on": "10/11/2026",
    "instrument_effective_from": "1/3/2027",
    "note": "",
}


@pytest.fixture
def as_manager(client):
    client.force_login(manager())
    return client


def url(name: str, made: Catalogue, *more: str) -> str:
    return reverse(name, args=[made.slug, *more])


def text(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_the_first_page_says_what_to_do_when_there_is_nothing(as_manager):
    assert "Chưa có dự thảo nào" in text(as_manager.get(reverse("managing_index")))


def test_the_first_page_lists_drafts_and_what_is_published(as_manager, django_assert_max_num_queries):
    made = draft(by=manager())
    reverse("managing_index")
    with django_assert_max_num_queries(6):
        shown = text(as_manager.get(reverse("managing_index")))
    assert made.title in shown
    assert "Đang soạn" in shown
    assert "Có sẵn trong hệ thống" in shown


def test_a_draft_is_started_and_leads_to_its_content(as_manager):
    CatalogueFactory()
    answer = as_manager.post(reverse("managing_new"), DETAILS)
    made = Catalogue.objects.get(stage="draft")
    assert answer.url == url("managing_content", made)
    assert made.effective_from == date(2027, 3, 1)
    assert made.replaces.slug == "tt-31-2025"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"effective_from": "31/02/2027"}, "Ngày này không có trong lịch"),
        ({"effective_from": "01/03/0207"}, "kiểm tra lại năm"),
        ({"effective_from": "09/11/2026"}, "trước ngày ký văn bản"),
        ({"title": ""}, "Tên danh mục:"),
        ({"number": ""}, "Với văn bản mới, ô này phải có"),
        ({"number": "mười hai"}, "có dạng 31/2025/TT-BKHCN"),
        ({"number": "\u0663\u0661/2026/TT-BKHCN"}, "có dạng 31/2025/TT-BKHCN"),
        ({"number": "31/\u0662\u0660\u0662\u0666/TT-BKHCN"}, "có dạng 31/2025/TT-BKHCN"),
        ({"number": "31/2025/TT-BKHCN\u200b"}, "có dạng 31/2025/TT-BKHCN"),
        ({"number": "xx \u202e 78/2026/TT-BKHCN <b>"}, "có dạng 31/2025/TT-BKHCN"),
        ({"number": "1" * 50 + "/TT-BKHCN"}, "có dạng 31/2025/TT-BKHCN"),
        ({"number": "31/2025/TT-BKHCN"}, "đã có"),
        ({"instrument": "khong-co"}, "khong-co"),
        ({"replaces": ""}, "vẫn còn hiệu lực"),
        ({"title": "Danh mục\u202e"}, "Danh mục"),
        ({"title": "x\x00y"}, "ký tự"),
        ({"note": "x" * 2001}, "2000"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(as_manager, changes, words):
    CatalogueFactory()
    answer = as_manager.post(reverse("managing_new"), DETAILS | changes)
    if changes == {"title": "Danh mục\u202e"}:
        assert Catalogue.objects.get(stage="draft").title == "Danh mục"
        return
    assert answer.status_code == 422
    assert words in text(answer)
    assert "Nguyễn Văn An" in answer.content.decode()
    assert not Catalogue.objects.filter(stage="draft").exists()


def test_a_known_instrument_and_a_new_one_are_not_both_taken(as_manager):
    CatalogueFactory()
    known = InstrumentFactory(number="2618/QĐ-BKHCN")
    answer = as_manager.post(reverse("managing_new"), DETAILS | {"instrument": known.slug})
    assert answer.status_code == 422
    assert "hãy để trống ô này" in text(answer)


def test_details_are_changed_and_a_stale_page_is_told(as_manager):
    made = draft(by=manager())
    page = as_manager.get(url("managing_details", made)).content.decode()
    assert 'value="12/2027/TT-BKHCN"' in page
    stale = as_manager.post(url("managing_details", made), DETAILS | {"version": made.version - 1, "title": "Của tôi"})
    assert stale.status_code == 409
    assert "đã được thay đổi sau khi bạn mở trang này" in text(stale)
    assert "Của tôi" in text(stale)
    token = re.search(r'name="version" value="(\d+)"', stale.content.decode())[1]
    assert as_manager.post(url("managing_details", made), DETAILS | {"version": token, "title": "Của tôi"}).url
    assert fresh(made).title == "Của tôi"


@pytest.mark.parametrize("version", ["", "x", "-1", "²", "9" * 40, "9" * 5000, "0" * 5000 + "1"])
def test_a_page_without_a_sensible_version_is_stale(as_manager, version):
    made = draft(by=manager())
    answer = as_manager.post(url("managing_content", made), {"text": CONTENT, "action": "save", "version": version})
    assert answer.status_code == 409


def test_a_file_is_put_into_the_text_to_be_mended_there(as_manager):
    made = draft(by=manager(), content="")
    book = importing.text_of_rows([list(importing.HEADINGS), ["1", "A", "1.1", "Một"], ["1", "A", "1.1", "Hai"]])
    file = SimpleUploadedFile("danh-muc.csv", book.replace("\t", ";").encode())
    answer = as_manager.post(url("managing_content", made), {"file": file, "action": "save", "version": made.version})
    assert answer.status_code == 422
    assert "Dòng 3, cột C (Mã mục): Mã “1.1” đã có ở dòng 2." in text(answer)
    assert "1\tA\t1.1\tHai" in answer.content.decode()
    assert not made.items.exists()


def test_a_sound_file_is_shown_before_it_is_kept(as_manager):
    made = draft(by=manager(), content="")
    file = SimpleUploadedFile("danh-muc.csv", CONTENT.encode())
    given = {"file": file, "action": "save", "version": made.version}
    answer = as_manager.post(url("managing_content", made), given)
    assert answer.status_code == 200
    assert "Không có vấn đề gì" in text(answer)
    assert not made.items.exists()
    sent = {"text": CONTENT, "action": "save", "version": made.version}
    assert as_manager.post(url("managing_content", made), sent).url == url("managing_links", made)
    assert made.items.count() == 5


def test_the_preview_says_how_many_lines_were_read_and_what_becomes_of_the_items(as_manager):
    made = draft(by=manager())
    brought = "\n".join(
        [
            HEADER,
            "1\tTrí tuệ nhân tạo",
            "",
            "1\tTrí tuệ nhân tạo\t1.1\tThiết bị thông minh xử lý AI tại biên\t1.1.",  # as it is kept
            "1\tTrí tuệ nhân tạo\t1.2\tCamera đọc biển số\t1.2.",
            "2\tMạng và kết nối\t2.1\tThiết bị mạng viễn thông 5G cố định\t2.1.",
            "2\tMạng và kết nối\t1.3\tTrợ lý ảo tiếng Việt",
            "2\tMạng và kết nối\t2.9\tTrạm gốc 6G",
            "2\tMạng và kết nối\t2.10\tBộ thu phát 6G",
        ]
    )
    sent = {"text": brought, "action": "check", "version": made.version}
    shown = text(as_manager.post(url("managing_content", made), sent))
    assert "Đã đọc 7 dòng, không kể tiêu đề và dòng trống. Có 6 dòng thành mục." in shown
    assert "Có 1 dòng chỉ ghi tên nhóm, không thành mục." in shown
    assert (
        "So với nội dung dự thảo đang lưu: 2 mục mới 3 mục đổi tên, số in hoặc nhóm 1 mục bị bỏ 1 mục giữ nguyên"
        in shown
    )
    as_manager.post(url("managing_content", made), {**sent, "action": "save"})
    assert sorted(made.items.values_list("code", flat=True)) == ["1.1", "1.2", "1.3", "2.1", "2.10", "2.9"]


def test_of_a_first_content_the_preview_compares_nothing(as_manager):
    made = draft(by=manager(), content="")
    shown = text(as_manager.post(url("managing_content", made), {"text": CONTENT, "version": made.version}))
    assert "Đã đọc 5 dòng" in shown
    assert "Dự thảo chưa có nội dung nên tất cả đều là mục mới." in shown
    assert "chỉ ghi tên nhóm" not in shown
    assert "So với" not in shown


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"%PDF-1.7", "không phải bảng tính"), (b"", "Tệp trống"), (b"x" * 1_048_577, "lớn hơn 1 MB")],
)
def test_a_file_that_cannot_be_read_leaves_the_text(as_manager, content, words):
    made = draft(by=manager(), content="")
    file = SimpleUploadedFile("x.xlsx", content)
    answer = as_manager.post(url("managing_content", made), {"file": file, "text": "của tôi", "version": made.version})
    assert answer.status_code == 422
    assert words in text(answer)
    assert "của tôi" in text(answer)


@pytest.mark.parametrize("given", ["", "🤖", "\u202e\u200f", "x" * 1_048_577, "\x00\x01", "a\tb\n" * 5000])
def test_whatever_is_pasted_gets_an_answer(as_manager, given):
    made = draft(by=manager(), content="")
    answer = as_manager.post(
        url("managing_content", made), {"text": given, "action": "save", "version": made.version}, format="multipart"
    )
    assert answer.status_code == 422
    assert "chưa lưu gì" in text(answer)
    assert not made.items.exists()


def test_the_forms_to_fill_in_are_downloaded(as_manager):
    for kind in ("csv", "xlsx"):
        answer = as_manager.get(reverse("managing_template", args=[kind]))
        assert answer["Content-Disposition"] == f'attachment; filename="mau-danh-muc.{kind}"'
    assert as_manager.get(reverse("managing_template", args=["exe"])).status_code == 404


def test_links_are_confirmed_and_chosen_on_their_pages(as_manager, django_assert_max_num_queries):
    made = draft(by=manager())
    with django_assert_max_num_queries(14):
        shown = text(as_manager.get(url("managing_links", made)))
    assert "Còn 2 mục của phiên bản trước cần xác nhận" in shown
    as_manager.post(url("managing_links", made), {"code": "1.8", "version": made.version})
    page = as_manager.get(url("managing_link", made, "4.2"))
    assert page.status_code == 200
    wrong = as_manager.post(url("managing_link", made, "4.2"), {"kind": "same", "version": fresh(made).version})
    assert wrong.status_code == 422
    assert "Hãy chọn mục kế tiếp, hoặc chọn “Bị bỏ”" in text(wrong)
    given = {"successors": ["1.3"], "kind": "overlaps", "version": fresh(made).version}
    assert as_manager.post(url("managing_link", made, "4.2"), given).status_code == 302
    assert "Mọi mục của phiên bản trước đã rõ" in text(as_manager.get(url("managing_links", made)))
    assert as_manager.get(url("managing_link", made, "9.9")).status_code == 404


def test_a_stale_link_is_told(as_manager):
    made = draft(by=manager())
    assert as_manager.post(url("managing_links", made), {"code": "1.8", "version": 1}).status_code == 409
    given = {"successors": ["1.3"], "kind": "same", "version": 1}
    assert as_manager.post(url("managing_link", made, "4.2"), given).status_code == 409


def test_two_managers_bring_a_list_into_the_world(client):
    one, other = manager(), manager()
    made = ready(by=one)
    client.force_login(one)
    assert client.post(url("managing_propose", made), {"version": made.version}).status_code == 302
    assert "bạn đã tham gia soạn danh mục này" in text(client.get(url("managing_list", made)))
    refused = client.post(url("managing_publish", made), {"version": made.version + 1})
    assert refused.status_code == 409
    assert "phải do người khác thực hiện" in text(refused)
    client.force_login(other)
    assert client.post(url("managing_send_back", made), {"reason": "", "version": made.version + 1}).status_code == 422
    assert client.get(url("managing_publish", made)).status_code == 200
    assert client.post(url("managing_publish", made), {"version": made.version + 1}).status_code == 302
    assert fresh(made).stage == "published"
    assert "Lời văn không thay đổi được nữa" in text(client.get(url("managing_list", made)))


def test_what_was_sent_back_says_why(as_manager):
    made = proposed(by=manager())
    publishing.send_back(made.pk, reason="Mục 1.2 sai.", by=manager(), at=NOW, expected_version=made.version)
    assert "Mục 1.2 sai." in text(as_manager.get(url("managing_list", made)))


def test_a_list_that_is_known_to_be_incomplete_says_so_before_and_after_publication(as_manager):
    CatalogueFactory()
    as_manager.post(reverse("managing_new"), DETAILS | {"incomplete": "on"})
    made = Catalogue.objects.get(title=DETAILS["title"])
    assert not made.complete
    page = as_manager.get(url("managing_list", made))
    assert "Chưa đầy đủ" in text(page)
    form = as_manager.get(url("managing_details", made))
    assert form.context["form"].initial["incomplete"]
    as_manager.post(url("managing_details", made), DETAILS | {"version": made.version})
    assert fresh(made).complete
    assert "Chưa đầy đủ" not in text(as_manager.get(url("managing_list", made)))


@pytest.mark.parametrize(("day", "warned"), [(date(2026, 11, 18), True), (date(2026, 11, 19), False)])
def test_who_publishes_a_list_that_applies_already_is_told_whom_it_meets(client, day, warned):
    """NOW is 18/11/2026: dossiers were filed that day under the list before."""
    made = proposed(by=manager(), effective_from=day, instrument=new_instrument(effective_from=day))
    client.force_login(manager())
    with time_machine.travel(NOW, tick=False):
        shown = text(client.get(url("managing_publish", made)))
    assert ("Ngày áp dụng 18/11/2026 đã đến" in shown) == warned


@pytest.mark.parametrize("name", ["managing_details", "managing_content", "managing_links"])
def test_a_proposed_list_says_that_it_is_locked(as_manager, name):
    made = proposed(by=manager())
    answer = as_manager.get(url(name, made))
    assert answer.status_code == 200
    assert "đang chờ duyệt công bố nên không sửa được" in text(answer)
    posted = as_manager.post(url(name, made), {"text": f"{HEADER}\n1\tA\t1.1\tGiữ lại", "version": made.version})
    assert posted.status_code == 409
    assert made.items.count() == 5


def test_a_draft_is_deleted(as_manager):
    made = draft(by=manager())
    assert as_manager.post(url("managing_delete", made), {"version": 1}).status_code == 409
    answer = as_manager.post(url("managing_delete", made), {"version": made.version})
    assert answer.url == reverse("managing_index")


def test_the_comparison_of_a_draft_marks_what_came_and_what_went(as_manager, django_assert_max_num_queries):
    made = ready(by=manager())
    with django_assert_max_num_queries(20):
        answer = as_manager.get(url("managing_comparison", made))
    page = answer.content.decode()
    assert re.search(r"<ins>.*?dữ liệu.*?</ins>", page)
    for words in ("Thêm mới", "Bị bỏ", "Tách ra", "Đổi lời văn", "Đổi số"):
        assert words in text(answer)


def test_a_counter_of_the_comparison_narrows_it_and_can_be_taken_off(as_manager):
    made = ready(by=manager())
    whole = as_manager.get(url("managing_comparison", made))
    assert {row.changes[0] for row in whole.context["comparison"].changed()} == {
        "renumbered",
        "renamed",
        "added",
        "split",
        "removed",
    }
    page = as_manager.get(url("managing_comparison", made), {"thay-doi": "split"})
    assert [row.changes for row in page.context["comparison"].changed()] == [("split",)]
    html = page.content.decode()
    assert re.search(r'<a class="chip on" href="\?" aria-current="true">Tách ra <b>1</b>', html)
    assert 'href="?thay-doi=removed"' in html
    assert "Trợ lý ảo tiếng Việt" not in html
    nothing = as_manager.get(url("managing_comparison", made), {"thay-doi": "moved"})
    assert "Không mục nào có thay đổi này" in text(nothing)


@pytest.mark.parametrize("value", ["", "x", "\x00", "a" * 10_000, "RENAMED"])
def test_a_filter_that_is_none_shows_the_whole_comparison(as_manager, value):
    made = ready(by=manager())
    page = as_manager.get(url("managing_comparison", made), {"thay-doi": value})
    assert len(page.context["comparison"].changed()) == 5


def test_unchanged_items_are_folded_away_unless_they_are_asked_for(client):
    before = CatalogueFactory()
    after = CatalogueFactory(slug="moi", replaces=before, instrument=InstrumentFactory(number="9/2027/TT-BKHCN"))
    assert '<details class="card"><summary>' in client.get(url("catalogue_comparison", after)).content.decode()
    asked = client.get(url("catalogue_comparison", after), {"thay-doi": "unchanged"}).content.decode()
    assert '<details class="card" open><summary>' in asked
    assert "Các mục thay đổi" not in asked


def test_the_public_reads_what_a_published_version_changed(client):
    made = draft(by=manager())
    assert client.get(url("catalogue_comparison", made)).status_code == 404
    made = published(
        by=manager(),
        publisher=manager(),
        instrument=InstrumentFactory(number="2/2027/TT-BKHCN"),
        replaces=made.replaces,
    )
    answer = client.get(url("catalogue_comparison", made))
    assert answer.status_code == 200
    assert "Tách ra" in text(answer)
    assert url("catalogue_comparison", made) in client.get(url("catalogue_detail", made)).content.decode()
    first = client.get(url("catalogue_comparison", made.replaces))
    assert "Không có phiên bản trước để so sánh" in text(first)


def test_a_correction_is_shown_with_its_day_and_reason(client):
    made = CatalogueFactory()
    with rewording(made):
        made.items.filter(code="1.7").update(name="Thiết bị xử lý AI tại biên")
    assert WordingCorrection.objects.count() == 1
    assert "Đã đính chính ngày 18/11/2026: Đính chính lỗi đánh máy." in text(client.get(url("catalogue_detail", made)))
