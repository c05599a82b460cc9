import pytest

from notifications import mail, texts
from tests.notifications.builders import mails, person

pytestmark = pytest.mark.django_db

TO_APPLICANTS = (
    "dossier_submitted",
    "dossier_screening",
    "supplement_received",
    "dossier_taken",
    "dossier_assessed",
    "dossier_endorsed",
    "dossier_approved",
    "supplement_requested",
    "supplement_deadline_near",
    "dossier_received",
    "dossier_refused",
    "dossier_closed",
    "dossier_withdrawn",
    "decision_issued",
    "deadline_changed",
    "message_to_applicant",
    "file_infected",
)
TO_STAFF = (
    "dossier_arrived",
    "supplement_answered",
    "decision_delivered",
    "dossier_to_assess",
    "dossier_to_endorse",
    "dossier_to_approve",
    "dossier_to_issue",
    "dossier_sent_back",
    "dossier_withdrawn_staff",
    "dossier_closed_staff",
    "deadline_near",
    "message_to_office",
    "file_infected_staff",
)
ABOUT_ENQUIRIES = ("enquiry_to_confirm", "enquiry_received", "enquiry_answered", "enquiry_arrived", "faq_proposed")
RICH = {
    "due": "2026-11-24T17:00:00+07:00",
    "cause": "supplemented",
    "reason": "Bản thuyết minh chưa nêu chỉ tiêu kỹ thuật.",
    "symbol": "12/QĐ-CNCNTT",
    "outcome": "granted",
    "points": ["Thuyết minh kỹ thuật", "Giấy chứng nhận quyền tác giả"],
    "by_name": "Nguyễn Minh Anh",
}


def delivery(kind: str, **context):
    (made,) = mails(person(), 1, kind=kind)
    plain = {"code": "G06-261118-0042", "title": "Camera EdgeSight S2", "organisation": "Công ty Sao Mai"}
    made.event.context = plain | context
    return made


@pytest.mark.parametrize("kind", [*TO_APPLICANTS, *TO_STAFF, "a_kind_of_the_future"])
@pytest.mark.parametrize("context", [{}, RICH], ids=["bare", "rich"])
def test_every_kind_says_what_happened_with_much_or_little_known(kind, context):
    made = delivery(kind, **context)
    message, line = mail.compose(made), texts.render(made, "line")
    assert "G06-261118-0042" in message.subject
    assert "G06-261118-0042" in line
    assert "Camera EdgeSight S2" in message.body
    assert "http://localhost:8000/ho-so/1/" in message.body
    assert "None" not in message.subject + message.body + line
    assert "\n\n\n" not in message.body
    assert message.subject == message.subject.strip()
    assert "\n" not in line
    assert line.endswith((".", ":"))


@pytest.mark.parametrize("kind", TO_APPLICANTS + TO_STAFF)
def test_every_kind_has_a_text_of_its_own(kind):
    assert mail.compose(delivery(kind)).subject != "[Hồ Sơ] Hồ sơ G06-261118-0042 có cập nhật"


def test_a_request_for_supplements_lists_them_and_says_by_when():
    message = mail.compose(delivery("supplement_requested", **RICH))
    assert message.subject == "[Hồ Sơ] Cần bổ sung hồ sơ G06-261118-0042 trước 24/11/2026, 17:00"
    assert "- Thuyết minh kỹ thuật\n- Giấy chứng nhận quyền tác giả\n" in message.body
    assert "chậm nhất 24/11/2026, 17:00" in message.body


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("granted", "Kết quả: đồng ý."),
        ("partly_granted", "Kết quả: đồng ý một phần."),
        ("not_granted", "Kết quả: không đồng ý."),
    ],
)
def test_the_mail_of_a_decision_says_which_way_it_went(outcome, words):
    body = mail.compose(delivery("decision_issued", **RICH | {"outcome": outcome})).body
    assert words in body
    assert "12/QĐ-CNCNTT" in body


def test_a_title_cannot_add_headers_or_markup():
    evil = delivery("dossier_sent_back", reason="x", by_name="A\r\nBcc: all@example.com", code="G06\r\nBcc: b@c.d")
    evil.recipient.full_name = "Hà\r\nBcc: x@y.z"
    message = mail.compose(evil)
    headers = message.message()
    assert headers["Bcc"] is None
    assert message.subject == "[Hồ Sơ] Hồ sơ G06 Bcc: b@c.d được trả lại"
    assert "Bcc" not in str(headers["To"]).splitlines()[0].split("<")[-1]


def test_a_mail_is_plain_text_and_shows_signs_as_they_are():
    body = mail.compose(delivery("dossier_received", title="R&D <AI> “Sao Mai”")).body
    assert "R&D <AI> “Sao Mai”" in body


def test_a_long_title_does_not_make_a_long_subject():
    message = mail.compose(delivery("dossier_received", code="G" * 400))
    assert len(message.subject) <= 160
    assert message.subject.endswith("…")


@pytest.mark.parametrize("demo", [True, False])
def test_in_demonstration_mode_each_mail_says_so(settings, demo):
    settings.DEMO_MODE = demo
    body = mail.compose(delivery("dossier_received")).body
    assert ("BẢN TRÌNH DIỄN" in body) is demo


def test_the_message_id_follows_the_delivery_and_the_public_address(settings):
    settings.SITE_URL = "https://hoso.most.example"
    made = delivery("dossier_received")
    headers = mail.compose(made).message()
    assert headers["Message-ID"] == f"<{made.pk}@hoso.most.example>"
    assert mail.compose(made).message()["Message-ID"] == headers["Message-ID"]


@pytest.mark.parametrize("due", ["soon", 7, [], ""])
def test_a_date_that_is_none_is_left_out(due):
    assert mail.compose(delivery("dossier_received", due=due)).subject == "[Hồ Sơ] Đã tiếp nhận hồ sơ G06-261118-0042"


@pytest.mark.parametrize("kind", ABOUT_ENQUIRIES)
def test_what_is_said_of_a_question_is_whole(kind):
    made = delivery(kind, code="HD-2026-0001", title="Camera thuê có thuộc mục 1.8 không?")
    message, line = mail.compose(made), texts.render(made, "line")
    assert "câu hỏi" in message.subject.lower()
    assert "Camera thuê" in message.body
    assert ("HD-2026-0001" in line) is (kind != "enquiry_to_confirm")
    assert "None" not in message.subject + message.body + line
    assert "Xem hồ sơ" not in message.body
