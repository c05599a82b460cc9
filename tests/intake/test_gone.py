"""A draft that somebody deletes or files in another tab while this one is sending something to it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import Entry
from intake import attachments
from intake.models import Attachment, Dossier
from intake.states import State
from intake.views import loading
from tests.factories import PDF, case_in, complete_dossier, pdf
from tests.intake.test_attachments import stored_files

pytestmark = pytest.mark.django_db

TICKS = {"statement_accurate": "on", "statement_responsible": "on"}
SENT = {
    "dossier_section": (["san-pham"], {"seen": "x", "product_name": "Tên khác"}),
    "dossier_items": ([], {"seen": "x", "items": []}),
    "dossier_submit": ([], {"version": "0", "capacity": "Giám đốc", **TICKS}),
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


def test_saving_in_the_background_does_not_end_in_an_error_either(sign_in, deleted_meanwhile):
    dossier = complete_dossier()
    args, given = SENT["dossier_section"]
    answer = sign_in(dossier.created_by).post(
        reverse("dossier_section", args=[dossier.public_id, *args]), given, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 404


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
