"""A draft that somebody deletes or files in another tab while this one is sending something to it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import Entry
from intake import attachments, drafts
from intake.models import Attachment, Dossier
from intake.states import State
from intake.views import loading
from tests.factories import NOW, PDF, case_in, complete_dossier, pdf
from tests.intake.test_attachments import stored_files

pytestmark = pytest.mark.django_db

TICKS = {"statement_accurate": "on", "statement_responsible": "on"}
SENT = {
    "dossier_section": (["san-pham"], {"seen": "x", "product_name": "Tên khác"}),
    "dossier_items": ([], {"seen": "x", "items": []}),
    "dossier_submit": ([], {"version": "0", "certifier_capacity": "Giám đốc", **TICKS}),
    "attachment_upload": (["thuyet-minh"], {"files": [pdf(catalog=b"/Lang(vi)"), PDF]}),
    "dossier_delete": ([], {}),
}


@pytest.fixture
def deleted_meanwhile(monkeypatch):
    """Right after a page has loaded the draft it is deleted, as another tab would."""
    to_edit = loading.to_edit

    def then_delete(request, public_id):
        found = to_edit(request, public_id)
        for attachment in Attachment.objects.order_by("pk"):
            attachment.file.storage.delete(attachment.file.name)
        Dossier.objects.filter(public_id=public_id).delete()
        return found

    monkeypatch.setattr(loading, "to_edit", then_delete)


@pytest.mark.parametrize("name", SENT)
def test_what_is_sent_to_a_draft_deleted_meanwhile_is_a_404_that_says_so(sign_in, deleted_meanwhile, name):
    dossier = complete_dossier()
    args, given = SENT[name]
    if "files" in given:
        given = {"files": [SimpleUploadedFile(f"{n}.pdf", content) for n, content in enumerate(given["files"])]}
    answer = sign_in(dossier.created_by).post(reverse(name, args=[dossier.public_id, *args]), given)
    assert answer.status_code == 404
    assert "Bản soạn này vừa bị xóa" in answer.content.decode()
    assert not Dossier.objects.exists()
    assert not Attachment.objects.exists()
    assert not Entry.objects.exists()
    assert stored_files() == []


def test_a_file_taken_out_of_a_draft_deleted_meanwhile_is_a_404_that_says_so(sign_in, monkeypatch):
    dossier = complete_dossier()
    attachment = dossier.attachments.get()
    remove = reverse("attachment_remove", args=[attachment.pk])
    client = sign_in(dossier.created_by)
    take_out = attachments.remove

    def deleted_before(*args, **options):
        Dossier.objects.filter(pk=dossier.pk).delete()
        return take_out(*args, **options)

    monkeypatch.setattr(attachments, "remove", deleted_before)
    answer = client.post(remove)
    assert answer.status_code == 404
    assert "Bản soạn này vừa bị xóa" in answer.content.decode()


def save_in_background(client, dossier, **given):
    url = reverse("dossier_section", args=[dossier.public_id, "san-pham"])
    return client.post(url, {"seen": "x", **given}, headers={"Accept": "application/json"})


def test_a_background_save_of_a_draft_deleted_meanwhile_says_so_to_the_script(sign_in, deleted_meanwhile):
    dossier = complete_dossier()
    answer = save_in_background(sign_in(dossier.created_by), dossier, product_name="Tên khác")
    assert answer.status_code == 410
    assert "Bản soạn này vừa bị xóa" in answer.json()["error"]


def test_a_background_save_of_what_is_not_there_says_so_to_the_script_and_no_more_to_a_stranger(sign_in):
    dossier, other = complete_dossier(), complete_dossier()
    answer = save_in_background(sign_in(other.created_by), dossier, product_name="Tên khác")
    assert answer.status_code == 404
    dossier.delete()
    assert save_in_background(sign_in(other.created_by), dossier).json() == answer.json()
    assert "Không tìm thấy bản soạn này" in answer.json()["error"]


def test_a_background_save_of_a_filed_draft_says_so_to_the_script_and_not_on_the_next_page(sign_in):
    case = case_in(State.SUBMITTED)
    client = sign_in(case.created_by)
    answer = save_in_background(client, case, product_name="Tên khác")
    assert answer.status_code == 409
    assert answer.json() == {"error": "Hồ sơ này đã được nộp nên nội dung vừa gửi không được lưu."}
    page = client.get(reverse("dossier_detail", args=[case.public_id])).content.decode()
    assert "nội dung vừa gửi" not in page


@pytest.fixture
def filed_meanwhile(monkeypatch):
    """Right after a page has loaded the draft it is filed, as a colleague would."""
    save = drafts.save_answers

    def filed_before(dossier, *args, **options):
        now = {"state": State.SUBMITTED, "code": "G06-261118-0001", "submitted_at": NOW, "due_at": NOW}
        Dossier.objects.filter(pk=dossier.pk).update(**now)
        return save(dossier, *args, **options)

    monkeypatch.setattr(drafts, "save_answers", filed_before)


def test_a_background_save_that_meets_the_filing_says_so_too(sign_in, filed_meanwhile):
    dossier = complete_dossier()
    answer = save_in_background(sign_in(dossier.created_by), dossier, product_name="Tên khác")
    assert (answer.status_code, list(answer.json())) == (409, ["error"])


TYPED = {"product_name": "Tên <khác>", "description": "Dòng một\nDòng hai", "kind": "product"}


def test_what_was_typed_into_a_draft_filed_meanwhile_stays_on_the_page(sign_in, filed_meanwhile):
    dossier = complete_dossier()
    url = reverse("dossier_section", args=[dossier.public_id, "san-pham"])
    answer = sign_in(dossier.created_by).post(url, {"seen": "x", **TYPED})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Hồ sơ này đã được nộp nên nội dung vừa gửi không được lưu." in page
    assert "Tên &lt;khác&gt;" in page
    assert "Dòng một\nDòng hai" in page
    assert reverse("dossier_detail", args=[dossier.public_id]) in page
    assert Dossier.objects.get().answers == dossier.answers


@pytest.mark.parametrize(
    ("section", "typed", "shown"),
    [
        ("san-pham", {"product_name": "x" * 9000}, "x" * 9000),
        ("thi-truong", {"revenue": "1.250.000"}, "1.250.000"),
        ("thi-truong", {"revenue": "12,,5"}, "12,,5"),
        ("thi-truong", {"started_on": "31/02/2026"}, "31/02/2026"),
    ],
)
def test_it_stays_as_it_was_typed_even_if_it_could_not_be_saved(sign_in, section, typed, shown):
    case = case_in(State.IN_REVIEW)
    url = reverse("dossier_section", args=[case.public_id, section])
    answer = sign_in(case.created_by).post(url, typed)
    assert answer.status_code == 409
    assert f">{shown}<" in answer.content.decode()


def test_choices_stay_in_words(sign_in):
    case = case_in(State.IN_REVIEW)
    url = reverse("dossier_section", args=[case.public_id, "thi-truong"])
    page = sign_in(case.created_by).post(url, {"markets": ["none", "lạ"]}).content.decode()
    assert ">Chưa có thị trường; lạ<" in page


def test_a_section_that_the_filed_dossier_does_not_have_leads_to_the_dossier(sign_in):
    case = case_in(State.IN_REVIEW)
    answer = sign_in(case.created_by).post(reverse("dossier_section", args=[case.public_id, "khong-co"]), {})
    assert answer.url == reverse("dossier_detail", args=[case.public_id])


BECAME = {
    State.SUBMITTED: "Hồ sơ này đã được nộp",
    State.IN_REVIEW: "Hồ sơ này đã được nộp",
    State.WITHDRAWN: "Hồ sơ này đã được rút",
    State.CLOSED: "Hồ sơ này đã đóng do không được bổ sung đúng hạn",
    State.REFUSED: "Hồ sơ này đã bị từ chối tiếp nhận",
}


@pytest.mark.parametrize("state", BECAME, ids=str)
@pytest.mark.parametrize("name", ["dossier_items", "attachment_upload"])
def test_what_is_sent_to_a_dossier_that_is_closed_to_changes_is_told_why(sign_in, state, name):
    case = case_in(state)
    args, given = SENT[name]
    answer = sign_in(case.created_by).post(reverse(name, args=[case.public_id, *args]), given, follow=True)
    assert answer.redirect_chain == [(reverse("dossier_detail", args=[case.public_id]), 302)]
    assert f"{BECAME[state]} nên nội dung vừa gửi không được lưu." in answer.content.decode()


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.CLOSED, State.REFUSED], ids=str)
def test_filing_what_has_ended_without_a_result_does_not_claim_that_it_is_filed(sign_in, state):
    case = case_in(state)
    args, given = SENT["dossier_submit"]
    answer = sign_in(case.created_by).post(reverse("dossier_submit", args=[case.public_id, *args]), given, follow=True)
    assert BECAME[state] in answer.content.decode()
    assert "Hồ sơ này đã được nộp" not in answer.content.decode()
