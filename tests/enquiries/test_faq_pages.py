"""The pages of what was published, and those on which officers get it there."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from catalogs.enquiries import desk
from catalogs.models import FaqDraft, FaqEntry
from tests.enquiries.builders import answered, corrected, edited, enquiry, published, version_of, withdrawn
from tests.factories import NOW, CatalogueFactory, ProcedureRevisionFactory, StaffFactory

pytestmark = pytest.mark.django_db
INDEX = "/hoi-dap/"
MOST_QUERIES = 6


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def one():
    CatalogueFactory()
    return answered(enquiry(about="muc:tt-31-2025:1.8")).enquiry


@pytest.fixture
def editor(client):
    made = StaffFactory(role=Role.SPECIALIST, full_name="Lê Biên Tập")
    client.force_login(made)
    return made


def words(answer):
    return answer.content.decode()


def address(one):
    return reverse("faq_edit", args=[one.public_id])


def post(client, one, deed="trinh", version=None, **fields):
    texts = {"title": "Thuê camera thì sao?", "question": "Thuê rồi bán dịch vụ.", "answer": "Được, nếu…", "ve": "1"}
    expected = version_of(one) if version is None else version
    return client.post(address(one), {**texts, "viec": deed, "version": expected, **fields})


# --- getting there ---------------------------------------------------------------------------


def test_from_an_answer_to_a_page_that_everybody_reads(client, one, editor):
    work = reverse("enquiry_work", args=[one.public_id])
    assert "Biên tập để công bố" in words(client.get(work))
    page = words(client.get(address(one)))
    assert one.text in page
    assert "Người hỏi:" in page
    assert post(client, one).url == work
    page = words(client.get(work))
    assert "Đã trình công bố." in page
    assert "Lê Biên Tập đã trình, chờ công bố." in page
    assert 'value="cong-bo"' not in words(client.get(address(one)))
    client.force_login(StaffFactory(role=Role.HEAD_OF_UNIT))
    assert one.code in words(client.get("/tra-loi-hoi-dap/", {"tab": "cho-cong-bo"}))
    assert 'value="cong-bo"' in words(client.get(address(one)))
    answer = client.post(address(one), {"viec": "cong-bo", "version": version_of(one)})
    entry = FaqEntry.objects.get()
    assert answer.url == reverse("faq_detail", args=[entry.pk]) == f"/hoi-dap/{entry.pk}/"
    assert "Xem nội dung đã công bố" in words(client.get(work))
    client.logout()
    page = words(client.get(answer.url))
    assert "Thuê camera thì sao?" in page
    assert "/danh-muc/tt-31-2025/1.8/" in page
    asker = one.asker
    for telling in (asker.full_name, asker.email, one.organisation.name, one.code, one.text):
        assert telling not in page


def test_each_page_links_what_was_published_about_it(client):
    catalogue = CatalogueFactory()
    slug = ProcedureRevisionFactory().procedure.slug
    for about, path in {
        "muc:tt-31-2025:1.8": "/danh-muc/tt-31-2025/1.8/",
        f"van-ban:{catalogue.instrument.slug}": f"/van-ban/{catalogue.instrument.slug}/",
        f"thu-tuc:{slug}": f"/thu-tuc/{slug}/",
    }.items():
        assert "Hỏi đáp về nội dung này" not in words(client.get(path))
        entry = published(about=about)
        link = f'href="/hoi-dap/{entry.pk}/"'
        assert link in words(client.get(path)), path
        withdrawn(entry)
        assert link not in words(client.get(path)), path


def test_the_editor_may_leave_the_subject_out(client, one, editor):
    post(client, one, ve="")
    assert FaqDraft.objects.get().item is None
    assert 'name="ve" value="1">' in words(client.get(address(one)))


def test_saving_does_not_propose(client, one, editor):
    post(client, one, deed="luu")
    draft = FaqDraft.objects.get()
    assert draft.proposed_at is None
    assert "Lê Biên Tập đang biên tập." in words(client.get(reverse("enquiry_work", args=[one.public_id])))
    assert "Thuê camera thì sao?" in words(client.get(address(one)))


def test_whoever_answered_is_told_that_another_edits(client, one):
    client.force_login(one.reply.replied_by)
    assert "người khác biên tập để công bố" in words(client.get(reverse("enquiry_work", args=[one.public_id])))
    answer = post(client, one, question="Tôi thử vậy")
    assert answer.status_code == 409
    assert "Tôi thử vậy</blockquote>" in words(answer)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"title": ""}, "Hãy ghi câu hỏi."),
        ({"title": "a" * 201}, "Nhiều nhất 200 ký tự"),
        ({"question": ""}, "Hãy viết nội dung câu hỏi."),
        ({"answer": "a" * 10_001}, "Nhiều nhất 10000 ký tự"),
        ({"answer": "nul \x00"}, "ký tự ẩn"),
        ({"answer": "Gửi về ai@do.vn"}, "chi tiết nhận ra người hỏi: ai@do.vn"),
    ],
)
def test_what_cannot_be_published_comes_back_as_it_was_typed(client, one, editor, fields, why):
    answer = post(client, one, **fields)
    assert answer.status_code == 422
    page = words(answer)
    assert why in page
    if "title" not in fields:
        assert "Thuê camera thì sao?" in page
    assert not FaqDraft.objects.exists()


@pytest.mark.parametrize("version", ["", "x", "7", "-1", "9" * 30])
def test_a_stale_page_keeps_what_was_typed(client, one, editor, version):
    edited(one)
    answer = post(client, one, version=version, answer="Lời mới viết")
    assert answer.status_code == 409
    assert "Lời mới viết</textarea>" in words(answer)
    assert FaqDraft.objects.get().answer == "Có, nếu…"


def test_two_who_publish_at_once_publish_once(client, one):
    edited(one)
    client.force_login(StaffFactory(role=Role.HEAD_OF_UNIT))
    version = version_of(one)
    assert client.post(address(one), {"viec": "cong-bo", "version": version}).status_code == 302
    assert client.post(address(one), {"viec": "cong-bo", "version": version}).status_code == 409
    assert FaqEntry.objects.count() == 1


def test_a_draft_is_given_up_from_its_page(client, one, editor):
    edited(one)
    assert client.post(address(one), {"viec": "bo", "version": version_of(one)}).status_code == 302
    assert not FaqDraft.objects.exists()


def test_nothing_of_the_asker_stands_in_the_form_at_first(client, one, editor):
    fields = client.get(address(one)).context["form"].initial
    assert fields == {"answer": one.reply.text}


def test_the_editor_sees_what_stands_and_corrects_it(client, editor):
    entry = published(answer="Lời cũ.")
    one = entry.enquiry
    page = words(client.get(address(one)))
    assert "Đính chính nội dung đã công bố" in page
    assert "Lời cũ.</textarea>" in page
    refused = post(client, one, answer="Lời mới.")
    assert refused.status_code == 422
    assert "Hãy ghi nội dung đính chính." in words(refused)
    assert "Lời mới.</textarea>" in words(refused)
    assert post(client, one, answer="Lời mới.", change="Sửa theo <i>văn bản</i> mới.").status_code == 302
    assert "Lời cũ." in words(client.get(f"/hoi-dap/{entry.pk}/"))
    client.force_login(StaffFactory(role=Role.HEAD_OF_UNIT))
    assert "Sửa theo &lt;i&gt;văn bản" in words(client.get(address(one)))
    answer = client.post(address(one), {"viec": "cong-bo", "version": version_of(one)})
    assert answer.url == f"/hoi-dap/{entry.pk}/"
    history = words(client.get(address(one)))
    assert "Lời cũ." in history
    assert "đã thay" in history
    client.logout()
    page = words(client.get(answer.url))
    assert "Lời mới." in page
    assert "đính chính ngày 18/11/2026" in page
    assert "Sửa theo &lt;i&gt;văn bản" in page
    assert "Lời cũ." not in page


@pytest.mark.parametrize("deed", ["trinh", "luu"])
def test_a_page_from_before_it_was_published_overwrites_nothing(client, one, editor, deed):
    before = version_of(one)
    edited(one)
    head = StaffFactory(role=Role.HEAD_OF_UNIT)
    client.force_login(head)
    client.post(address(one), {"viec": "cong-bo", "version": version_of(one)})
    client.force_login(editor)
    assert post(client, one, deed=deed, version=before).status_code == 422  # asks what it corrects
    assert post(client, one, deed=deed, version=before, change="Sửa.").status_code == 409
    assert not FaqDraft.objects.exists()


# --- reading ---------------------------------------------------------------------------------


def test_a_withdrawn_entry_says_when_and_why_under_its_address(client):
    entry = published(answer="Có, xem Phụ lục.")
    client.force_login(StaffFactory(role=Role.HEAD_OF_UNIT))
    link = reverse("faq_withdraw", args=[entry.pk])
    assert link in words(client.get(f"/hoi-dap/{entry.pk}/"))
    version = version_of(entry.enquiry)
    refused = client.post(link, {"reason": " ", "version": version})
    assert refused.status_code == 422
    assert "Hãy nêu lý do rút." in words(refused)
    assert client.post(link, {"reason": "Văn bản <b>mới</b> thay thế.", "version": version}).status_code == 302
    again = client.post(link, {"reason": "Lần nữa, dài dòng.", "version": version})
    assert again.status_code == 409
    assert "Lần nữa, dài dòng." in words(again)
    client.logout()
    answer = client.get(f"/hoi-dap/{entry.pk}/")
    assert answer.status_code == 410
    page = words(answer)
    assert "Văn bản &lt;b&gt;mới&lt;/b&gt; thay thế." in page
    assert "rút ngày 18/11/2026" in page
    assert "xem Phụ lục" not in page
    assert entry.title not in page
    assert entry.title not in words(client.get(INDEX))


def test_an_address_of_a_correction_leads_to_the_one_that_holds(client):
    entry = published()
    second = corrected(entry, title="Câu đã sửa")
    answer = client.get(f"/hoi-dap/{second.pk}/")
    assert (answer.status_code, answer.url) == (301, f"/hoi-dap/{entry.pk}/")
    assert f'href="/hoi-dap/{entry.pk}/"' in words(client.get(INDEX))
    withdrawn(entry)
    assert client.get(f"/hoi-dap/{entry.pk}/").status_code == 410


def test_an_entry_costs_the_same_however_often_it_was_corrected(client):
    entry = published()
    costs = []
    for _n in range(3):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/hoi-dap/{entry.pk}/")
        costs.append(len(queries))
        corrected(entry)
    assert costs[0] == costs[-1] <= MOST_QUERIES


def test_nobody_else_is_offered_to_withdraw(client):
    entry = published()
    for person in (None, StaffFactory(role=Role.SPECIALIST), entry.enquiry.asker):
        client.force_login(person) if person else client.logout()
        assert "/rut/" not in words(client.get(f"/hoi-dap/{entry.pk}/"))


def test_markup_in_an_entry_is_shown_and_not_obeyed(client):
    entry = published(title="<script>alert(1)</script>", answer="<img src=x onerror=alert(1)>")
    for page in (words(client.get(INDEX)), words(client.get(f"/hoi-dap/{entry.pk}/"))):
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_an_entry_that_never_was_is_not_found(client):
    assert client.get("/hoi-dap/999999/").status_code == 404
    assert client.get("/hoi-dap/99999999999999999999999/").status_code == 404


def test_the_search_finds_and_says_when_there_is_nothing(client):
    published(title="Robot thuê có được tính không?")
    assert "Robot thuê" in words(client.get(INDEX, {"q": "robot thue"}))
    page = words(client.get(INDEX, {"q": "vệ tinh"}))
    assert "Không có câu nào khớp" in page
    assert 'value="vệ tinh"' in page


def test_an_empty_page_says_what_will_stand_there(client):
    assert "Chưa có câu trả lời nào được công bố" in words(client.get(INDEX))


@pytest.mark.parametrize(
    "query", [{"q": "\x00"}, {"q": "a" * 10_000}, {"q": "%' OR 1=1 --"}, {"sau": "x"}, {"truoc": "1"}]
)
def test_hostile_addresses_show_a_page(client, query):
    published()
    assert client.get(INDEX, query).status_code == 200


def test_the_list_goes_by_key_and_costs_the_same(client, monkeypatch):
    monkeypatch.setattr(desk, "PAGE_SIZE", 3)
    for n in range(7):
        published(title=f"Câu số {n}", at=NOW - timedelta(days=7 - n))
    seen, url = [], INDEX + "?q=dich+vu"
    client.get(INDEX)
    costs = set()
    while url:
        with CaptureQueriesContext(connection) as queries:
            page = client.get(url)
        costs.add(len(queries))
        seen += [entry.title for entry, _about in page.context["rows"]]
        url = page.context["older_url"]
        assert not url or "q=dich+vu" in url
    assert seen == [f"Câu số {n}" for n in range(6, -1, -1)]
    assert max(costs) <= MOST_QUERIES
    assert len(costs) == 1
