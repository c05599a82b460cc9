from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from documents import codes
from documents.models import DocumentKind, IssuedDocument, Validity
from tests.documents.builders import AT, DATA, ITEM, NOT_GRANTED, issue, rendered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_pdf")]


@pytest.fixture(autouse=True)
def today(time_machine_at):
    time_machine_at(AT)


@pytest.fixture
def time_machine_at():
    travellers = []

    def travel(moment):
        traveller = time_machine.travel(moment, tick=False)
        traveller.start()
        travellers.append(traveller)

    yield travel
    for traveller in reversed(travellers):
        traveller.stop()


def page_of(document, client):
    return client.get(reverse("verify_code", args=[document.verification_code]))


def text_of(response):
    return " ".join(response.content.decode().split())


# --- the form -----------------------------------------------------------------------------------


def test_the_form_is_open_to_everybody(client):
    response = client.get(reverse("verify"))
    assert response.status_code == 200
    assert 'name="ma"' in text_of(response)


@pytest.mark.parametrize("shape", ["{0}-{1}-{2}", "{0}{1}{2}", " {0} {1} {2} "])
def test_a_code_leads_to_its_page_however_it_is_typed(client, shape):
    document = rendered()
    code = document.verification_code
    typed = shape.format(code[:4], code[4:8], code[8:]).lower()
    response = client.get(reverse("verify"), {"ma": typed}, follow=True)
    assert response.redirect_chain == [(reverse("verify_code", args=[code]), 302)]
    assert "Văn bản là thật" in text_of(response)


@pytest.mark.parametrize(("typed", "words"), [("", "Hãy nhập mã"), ("abc", "mới nhập 3"), ("0" * 12, "không có số 0")])
def test_a_slip_of_the_hand_is_explained_at_the_field_and_kept(client, typed, words):
    response = client.get(reverse("verify"), {"ma": typed})
    assert response.status_code == 200
    assert words in text_of(response)
    assert f'value="{typed}"' in text_of(response) or not typed
    assert 'aria-invalid="true"' in text_of(response)


# --- the answer ---------------------------------------------------------------------------------


def test_a_valid_decision_is_shown_with_what_it_says(client):
    document = rendered()
    response = page_of(document, client)
    assert response.status_code == 200
    text = text_of(response)
    for expected in (
        "Văn bản là thật và còn hiệu lực",
        "01/QĐ-CNCNTT",
        "24/11/2026",
        "Đồng ý với đề nghị",
        "Công ty Cổ phần Thị giác Sao Mai",
        "Camera EdgeSight S2",
        "<b>1.8</b> Camera thông minh",
        "Lê Hoàng Nam",
        "Không ghi thời hạn",
        "Còn hiệu lực",
        document.sha256,
        codes.grouped(document.verification_code),
        "không có giá trị pháp lý",
    ):
        assert expected in text
    assert 'class="verdict ok"' in text


def test_nothing_is_shown_that_the_decision_does_not_say(client):
    text = text_of(page_of(rendered(), client))
    applicant = DATA[DocumentKind.DECISION]["applicant"]
    for key in ("address", "phone", "email", "representative"):
        assert applicant[key] not in text


def test_the_page_says_what_the_paper_says_whatever_became_of_the_dossier(client):
    document = rendered()
    document.dossier.title = "Tên khác"
    type(document.dossier).objects.filter(pk=document.dossier_id).update(title="Tên khác")
    text = text_of(page_of(document, client))
    assert "Camera EdgeSight S2" in text
    assert "Tên khác" not in text


def test_a_decision_that_grants_nothing_is_genuine_but_not_green(client):
    text = text_of(page_of(rendered(**NOT_GRANTED), client))
    assert "đề nghị không được chấp thuận" in text
    assert "Không đồng ý với đề nghị" in text
    assert 'class="verdict ok"' not in text


@pytest.mark.parametrize(
    ("validity", "heading", "tone"),
    [
        (Validity.CORRECTED, "đã được đính chính", "warn"),
        (Validity.REPLACED, "đã được thay thế", "warn"),
        (Validity.REVOKED, "đã bị thu hồi", "late"),
        (Validity.EXPIRED, "đã hết hiệu lực", "warn"),
    ],
)
def test_a_paper_that_no_longer_holds_says_so_first(client, validity, heading, tone):
    document = rendered()
    IssuedDocument.objects.update(validity=validity)
    text = text_of(page_of(document, client))
    assert heading in text.split("</h1>")[0]
    assert f'class="verdict {tone}"' in text
    assert "còn hiệu lực" not in text.split("</h1>")[0]


def test_a_paper_expires_by_itself_after_its_last_day(client, time_machine_at):
    last_day = AT.date() + timedelta(days=10)
    document = rendered(valid_until=last_day)
    time_machine_at(AT + timedelta(days=10))
    assert "còn hiệu lực" in text_of(page_of(document, client)).split("</h1>")[0]
    assert f"Đến hết ngày {last_day:%d/%m/%Y}" in text_of(page_of(document, client))
    time_machine_at(AT + timedelta(days=11))
    assert "đã hết hiệu lực" in text_of(page_of(document, client)).split("</h1>")[0]


@pytest.mark.parametrize("kind", [kind for kind in DocumentKind if kind != DocumentKind.DECISION])
def test_of_other_papers_only_the_existence_is_shown(client, kind):
    document = rendered(kind)
    text = text_of(page_of(document, client))
    assert "Văn bản là thật" in text
    assert document.symbol in text
    assert document.dossier.code in text
    assert "Sao Mai" not in text
    assert "EdgeSight" not in text


def test_a_decision_whose_pdf_is_still_being_made_is_genuine_already(client):
    document = issue()
    text = text_of(page_of(document, client))
    assert "Văn bản là thật" in text
    assert "đang được tạo" in text
    assert 'type="file"' not in text


def test_names_are_escaped(client):
    title = "<script>alert(1)</script>"
    document = rendered(
        dossier={**DATA[DocumentKind.DECISION]["dossier"], "title": title}, items=[{**ITEM, "name": "<b>x</b>"}]
    )
    text = text_of(page_of(document, client))
    assert title not in text
    assert "&lt;b&gt;x" in text


def test_the_pages_are_kept_out_of_search_engines_and_caches(client):
    document = rendered()
    for url in (reverse("verify"), reverse("verify_code", args=[document.verification_code])):
        response = client.get(url)
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["Cache-Control"] == "no-store"
        assert '<meta name="robots" content="noindex">' in text_of(response)


# --- unknown codes ------------------------------------------------------------------------------


def test_an_unknown_code_gets_a_calm_answer_with_hints(client):
    response = client.get("/kiem-tra/7KQ2M9DX4HTR/")
    assert response.status_code == 404
    text = text_of(response)
    assert "Không tìm thấy văn bản có mã này" in text
    assert "7KQ2-M9DX-4HTR" in text
    assert 'name="ma"' in text


@pytest.mark.parametrize("code", ["abc", "0" * 12, "<script>", "x" * 500, "7KQ2M9DX4HT\u0130"])
def test_an_impossible_code_says_what_is_wrong(client, code):
    response = client.get(reverse("verify_code", args=[code]))
    assert response.status_code == 404
    assert "<script>" not in text_of(response)


def test_lower_case_and_dashes_work_in_the_address_too(client):
    document = rendered()
    response = client.get(f"/kiem-tra/{codes.grouped(document.verification_code).lower()}/")
    assert response.status_code == 200


def test_an_address_may_ask_only_so_often_in_a_minute(client, settings, time_machine_at):
    settings.VERIFY_LOOKUPS_PER_MINUTE = 3
    document = rendered()
    url = reverse("verify_code", args=[document.verification_code])
    assert [client.get(url).status_code for _look in range(4)] == [200, 200, 200, 429]
    busy = client.get(url)
    assert "nhiều lần" in text_of(busy)
    assert busy["Retry-After"] == "60"
    assert client.get(url, REMOTE_ADDR="192.0.2.9").status_code == 200
    time_machine_at(AT + timedelta(minutes=1))
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("forwarded", ["not-an-address", "203.0.113.9"])
def test_a_visitor_whose_address_cannot_be_told_is_answered_all_the_same(client, settings, forwarded):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    url = reverse("verify_code", args=["7KQ2M9DX4HTR"])
    assert client.get(url, headers={"x-forwarded-for": forwarded}).status_code == 404


# --- comparing a file ---------------------------------------------------------------------------


def send(client, document, content, name="quyet-dinh.pdf"):
    upload = SimpleUploadedFile(name, content, "application/pdf")
    return client.post(reverse("verify_code", args=[document.verification_code]), {"tep": upload})


def bytes_of(document):
    with document.file.open() as file:
        return file.read()


def test_the_paper_itself_matches_to_the_byte(client):
    document = rendered()
    response = send(client, document, bytes_of(document))
    assert response.status_code == 200
    assert "trùng khớp đúng từng byte" in text_of(response)


def test_one_changed_byte_is_found(client):
    document = rendered()
    content = bytearray(bytes_of(document))
    content[-10] ^= 1
    text = text_of(send(client, document, bytes(content)))
    assert "không trùng với bản đã ban hành" in text
    assert "trùng khớp đúng" not in text


def test_another_paper_does_not_match(client):
    document, other = rendered(), rendered(DocumentKind.RECEIPT)
    assert "không trùng" in text_of(send(client, document, bytes_of(other)))


def test_nothing_of_the_file_is_kept(client, storage, settings, tmp_path_factory):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path_factory.mktemp("uploads")
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    document = rendered()
    before = sorted(storage.rglob("*"))
    send(client, document, b"x" * 300_000)
    assert sorted(storage.rglob("*")) == before
    assert list(settings.FILE_UPLOAD_TEMP_DIR.iterdir()) == []


def test_no_file_an_empty_file_and_a_huge_file_are_explained(client, settings):
    settings.VERIFY_UPLOAD_MAX_BYTES = 100_000
    document = rendered()
    url = reverse("verify_code", args=[document.verification_code])
    assert "Hãy chọn tệp PDF" in text_of(client.post(url))
    assert "trống (0 byte)" in text_of(send(client, document, b""))
    huge = text_of(send(client, document, b"x" * 100_001))
    assert "Tệp lớn hơn" in huge
    assert "không trùng" not in huge
    assert "không trùng" in text_of(send(client, document, b"x" * 100_000))


def test_a_file_for_an_unknown_code_gets_the_same_not_found_page(client):
    upload = SimpleUploadedFile("a.pdf", b"x")
    response = client.post("/kiem-tra/7KQ2M9DX4HTR/", {"tep": upload})
    assert response.status_code == 404


def test_comparing_needs_the_forms_token():
    document = rendered()
    client = Client(enforce_csrf_checks=True)
    assert send(client, document, b"x").status_code == 403
    token = client.get(reverse("verify_code", args=[document.verification_code])).context["csrf_token"]
    upload = SimpleUploadedFile("a.pdf", b"x")
    url = reverse("verify_code", args=[document.verification_code])
    assert client.post(url, {"tep": upload, "csrfmiddlewaretoken": str(token)}).status_code == 200
