"""The pages of a dossier's messages, for both sides."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import MembershipRole, Role
from intake import conversation
from intake.models import Conversation, Message, MessageFile, MessageReading
from intake.states import State
from notifications.models import Event
from tests.factories import (
    NOW,
    PDF,
    OrganisationFactory,
    StaffFactory,
    UserFactory,
    case_in,
    complete_dossier,
    member_of,
    said,
)
from tests.intake.test_pages import ask_for_supplement
from workflow.models import Capacity, Participation

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


@pytest.fixture
def case():
    return case_in(State.IN_REVIEW)


@pytest.fixture
def officer(case):
    official = StaffFactory(role=Role.SPECIALIST, full_name="Nguyễn Minh Anh")
    Participation.objects.create(case_id=case.pk, person=official, capacity=Capacity.SPECIALIST, since=NOW)
    return official


def address(case, *, office=False):
    return reverse("case_messages" if office else "dossier_messages", args=[case.public_id])


def words(answer):
    return answer.content.decode()


def post(client, case, text="Xin hỏi thời hạn.", *, office=False, seen=0, files=(), **more):
    data = {"text": text, "seen": seen, "message": uuid.uuid4(), **more}
    if files:
        data["files"] = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(address(case, office=office), data)


def test_an_applicant_asks_and_an_officer_answers(sign_in, case, officer, clock):
    client = sign_in(case.created_by)
    assert "Chưa có tin nhắn nào" in words(client.get(address(case)))
    sent = post(client, case, "Bao giờ có kết quả?\nXin cảm ơn.")
    assert sent.url == address(case) + "#gui"
    page = words(client.get(address(case)))
    assert "Đã gửi tin nhắn." in page
    assert "Chưa xem" in page
    client = sign_in(officer)
    desk = words(client.get(reverse("case_detail", args=[case.public_id])))
    assert '1<span class="sr"> tin chưa đọc' in desk
    clock.shift(timedelta(hours=4, minutes=53))
    page = words(client.get(address(case, office=True)))
    assert "Bao giờ có kết quả?" in page
    assert '<span class="tag info">Mới</span>' in page
    assert post(client, case, "Chậm nhất ngày 16/12.", office=True, seen=1).status_code == 302
    client = sign_in(case.created_by)
    page = words(client.get(address(case)))
    assert "Đã xem</" not in page
    assert "Đã xem 14:05" in " ".join(page.split())
    assert "Nguyễn Minh Anh" in page
    assert "Chuyên viên, Phòng Công nghiệp số" in page
    assert "1 tin nhắn mới" not in words(client.get(reverse("dossier_list")))


def test_a_reading_of_another_day_says_the_day(sign_in, case, officer, clock):
    said(case)
    sign_in(officer).get(address(case, office=True))
    clock.shift(timedelta(days=2))
    page = words(sign_in(case.created_by).get(address(case)))
    assert "Đã xem 18/11/2026, 09:12" in " ".join(page.split())


def test_both_lists_say_what_is_new_and_lead_there(sign_in, case, officer):
    said(case)
    said(case)
    page = words(sign_in(officer).get(reverse("queue"), {"tab": "tat-ca"}))
    assert f'<a class="sub" href="{address(case, office=True)}">2 tin nhắn mới</a>' in page
    said(case, by=officer)
    page = words(sign_in(case.created_by).get(reverse("dossier_list")))
    assert f'<a class="sub" href="{address(case)}">1 tin nhắn mới</a>' in page
    assert "1 tin nhắn mới" in words(sign_in(case.created_by).get(reverse("dossier_detail", args=[case.public_id])))


def test_the_list_says_it_too_of_a_dossier_that_waits_for_the_applicant(sign_in):
    case = case_in(State.SUPPLEMENT_REQUESTED)
    ask_for_supplement(case)
    said(case, by=StaffFactory())
    assert "1 tin nhắn mới" in words(sign_in(case.created_by).get(reverse("dossier_list")))


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CLERK])
def test_an_official_who_only_reads_leaves_it_unread(sign_in, case, role):
    said(case)
    page = sign_in(StaffFactory(role=role)).get(address(case, office=True))
    assert "Xin hỏi về hồ sơ." in words(page)
    assert "Gửi tin nhắn" not in words(page)
    assert "Hiện là: Chuyên viên." in words(page)
    assert Conversation.objects.get(dossier=case.pk).unread_by_office == 1


def test_a_viewer_reads_and_neither_writes_nor_counts_as_the_applicant(sign_in, case, officer):
    said(case, by=officer)
    client = sign_in(member_of(case.organisation, MembershipRole.VIEWER))
    page = words(client.get(address(case)))
    assert "Bạn có quyền xem." in page
    assert "Gửi tin nhắn" not in page
    refused = post(client, case, "Tôi thử", seen=1)
    assert refused.status_code == 409
    assert "Tôi thử" in words(refused)
    assert Conversation.objects.get(dossier=case.pk).unread_by_applicant == 1
    assert Message.objects.count() == 1


@pytest.mark.parametrize("headers", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}])
def test_a_page_fetched_ahead_of_time_was_not_seen(sign_in, case, officer, headers):
    said(case)
    assert sign_in(officer).get(address(case, office=True), headers=headers).status_code == 200
    assert not MessageReading.objects.exists()


def test_neither_was_one_of_which_only_the_head_was_asked_for(sign_in, case, officer):
    said(case)
    assert sign_in(officer).head(address(case, office=True)).status_code == 200
    assert not MessageReading.objects.exists()


def test_older_messages_are_a_link_away_and_reading_them_marks_nothing(sign_in, case, officer, monkeypatch):
    monkeypatch.setattr(conversation, "PAGE_SIZE", 2)
    for n in range(5):
        said(case, f"tin số {n + 1}")
    client = sign_in(officer)
    older = client.get(address(case, office=True) + "?truoc=4")
    assert not MessageReading.objects.exists()
    assert "tin số 3" in words(older)
    assert "tin số 4" not in words(older)
    assert 'id="id_text"' not in words(older)
    newest = words(client.get(address(case, office=True)))
    assert "?truoc=4" in newest
    assert MessageReading.objects.get().up_to == 5


@pytest.mark.parametrize("before", ["x", "-1", "0", "9" * 40, "\x00", "²"])
def test_a_broken_place_shows_a_page(sign_in, case, before):
    said(case)
    assert sign_in(case.created_by).get(address(case), {"truoc": before}).status_code == 200


# --- what is sent ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Hãy viết nội dung"),
        (" \n\t ", "Hãy viết nội dung"),
        ("a" * 5001, "dài 5.001 ký tự; tối đa 5.000"),
        ("đổi \u202e hướng", "ký tự ẩn"),
        ("nul \x00", "ký tự ẩn"),
    ],
)
def test_what_is_no_message_comes_back_as_it_was_typed(sign_in, case, text, why):
    answer = post(sign_in(case.created_by), case, text)
    assert answer.status_code == 422
    assert why in words(answer)
    assert answer.context["form"].data["text"] == text
    assert not Message.objects.exists()


def test_markup_is_shown_and_not_obeyed(sign_in, case):
    client = sign_in(case.created_by)
    post(client, case, "<script>alert(1)</script> <b>đậm</b> http://xau.example")
    page = words(client.get(address(case)))
    assert "<script>alert" not in page
    assert "&lt;b&gt;đậm" in page
    assert 'href="http://xau' not in page


def test_a_file_that_is_refused_keeps_the_words(sign_in, case):
    answer = post(sign_in(case.created_by), case, "Kèm tệp", files=[("a.pdf", b"<html>"), ("b.pdf", PDF)])
    assert answer.status_code == 422
    page = words(answer)
    assert "a.pdf: " in page
    assert "hãy chọn lại" in page
    assert "Kèm tệp</textarea>" in page
    assert not Message.objects.exists()


def test_files_go_with_the_message_and_open_as_what_they_are(sign_in, case, officer):
    client = sign_in(case.created_by)
    assert post(client, case, files=[("phụ lục.pdf", PDF)]).status_code == 302
    file = MessageFile.objects.get()
    assert "phụ lục.pdf" in words(client.get(address(case)))
    answer = sign_in(officer).get(reverse("message_file_open", args=[file.pk]))
    assert b"".join(answer) == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Content-Disposition"].startswith("inline")
    answer = sign_in(officer).get(reverse("message_file_open", args=[file.pk]) + "?tai=1")
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"".join(answer) == PDF


def test_a_file_that_is_gone_from_the_disk_is_not_found(sign_in, case):
    client = sign_in(case.created_by)
    post(client, case, files=[("a.pdf", PDF)])
    file = MessageFile.objects.get()
    file.file.storage.delete(file.file.name)
    assert client.get(reverse("message_file_open", args=[file.pk])).status_code == 404


def test_two_clicks_are_one_message(sign_in, case):
    client = sign_in(case.created_by)
    same = uuid.uuid4()
    for _click in range(2):
        assert post(client, case, message=same).status_code == 302
    assert Message.objects.count() == 1


@pytest.mark.parametrize("sent", ["", "x", "\x00", "1" * 400])
def test_a_page_without_a_sensible_id_is_still_a_message(sign_in, case, sent):
    assert post(sign_in(case.created_by), case, message=sent).status_code == 302
    assert Message.objects.count() == 1


@pytest.mark.parametrize("seen", ["0", "", "x", "-1", "9" * 30])
def test_an_old_page_shows_what_came_meanwhile_and_keeps_what_was_typed(sign_in, case, officer, seen):
    said(case, "Câu trả lời vừa tới", by=officer)
    client = sign_in(case.created_by)
    answer = post(client, case, "Tôi đang viết dở", seen=seen)
    assert answer.status_code == 409
    page = words(answer)
    assert "Có tin nhắn mới từ khi bạn mở trang này" in page
    assert "Câu trả lời vừa tới" in page
    assert "Tôi đang viết dở</textarea>" in page
    assert 'name="seen" value="1"' in page
    assert Message.objects.count() == 1
    assert post(client, case, "Tôi đang viết dở", seen=1).status_code == 302


def test_what_was_typed_is_not_lost_when_it_has_closed_meanwhile(sign_in, clock):
    case = case_in(State.WITHDRAWN)
    client = sign_in(case.created_by)
    assert "còn nhận tin nhắn đến 18/12/2026, 09:12" in words(client.get(address(case)))
    clock.shift(timedelta(days=31))
    client = sign_in(case.created_by)
    answer = post(client, case, "Quá muộn rồi")
    assert answer.status_code == 409
    page = words(answer)
    assert "Quá muộn rồi</blockquote>" in page
    assert "đã khép lại ngày 18/12/2026" in page
    assert not Message.objects.exists()


def test_an_officer_whose_turn_is_over_keeps_what_was_typed(sign_in):
    case = case_in(State.APPROVAL)
    answer = post(sign_in(StaffFactory(role=Role.SPECIALIST)), case, "Viết từ trước", office=True)
    assert answer.status_code == 409
    assert "Viết từ trước</blockquote>" in words(answer)
    assert "Hiện là: Người ký ban hành." in words(answer)


def test_nobody_floods_the_other_side(sign_in, case, settings):
    settings.MESSAGES_PER_MINUTE = 2
    client = sign_in(case.created_by)
    for n in range(2):
        assert post(client, case, seen=n).status_code == 302
    answer = post(client, case, "Một tin nữa", seen=2)
    assert answer.status_code == 429
    assert "Một tin nữa</textarea>" in words(answer)
    assert Message.objects.count() == Event.objects.count() == 2


# --- who may open it -------------------------------------------------------------------------


def test_a_draft_has_no_conversation(sign_in):
    draft = complete_dossier()
    assert sign_in(draft.created_by).get(address(draft)).status_code == 404
    assert post(sign_in(draft.created_by), draft).status_code == 404
    assert sign_in(StaffFactory()).get(address(draft, office=True)).status_code == 404
    assert "Trao đổi" not in words(sign_in(draft.created_by).get(reverse("dossier_summary", args=[draft.public_id])))


def test_a_stranger_finds_neither_messages_nor_files(sign_in, case):
    post(sign_in(case.created_by), case, files=[("a.pdf", PDF)])
    file = reverse("message_file_open", args=[MessageFile.objects.get().pk])
    others = [member_of(OrganisationFactory()), UserFactory(), StaffFactory(role=Role.CATALOGUE_MANAGER)]
    for person in others:
        client = sign_in(person)
        assert client.get(file).status_code == 404
        assert client.get(address(case)).status_code == 404
        assert client.get(address(case, office=True)).status_code == 404
        assert post(client, case).status_code == 404
    assert Message.objects.count() == 1


# --- what it costs ---------------------------------------------------------------------------


def queries(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("office", [False, True])
def test_a_page_of_messages_costs_the_same_however_long_it_is(sign_in, case, officer, office):
    url = address(case, office=office)
    client = sign_in(officer if office else case.created_by)
    said(case)
    said(case, by=officer)
    client.get(url)
    few = queries(client, url)
    for _n in range(5):
        said(case)
        said(case, by=officer)
    client.get(url)
    assert queries(client, url) == few
    assert few <= MOST_QUERIES
