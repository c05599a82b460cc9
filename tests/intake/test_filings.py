"""Every filing stays readable as it was filed, and a later one says where it differs."""

import copy

import pytest
from django.urls import reverse

from accounts.models import Role
from intake.differences import differences
from intake.filing import digest_of
from intake.models import Certification, Revision
from intake.states import State
from tests.factories import NOW, StaffFactory, case_in, member_of

pytestmark = pytest.mark.django_db


def filed_again(case, change) -> Revision:
    """A second filing, with what `change` makes of the content of the first."""
    first = case.revisions.get()
    content = copy.deepcopy(first.content)
    change(content)
    second = Revision.objects.create(
        dossier_id=case.pk, number=2, filed_at=NOW, content=content, digest=digest_of(content)
    )
    Certification.objects.create(
        revision=second,
        person=case.created_by,
        person_name="Trần Thu Hà",
        capacity="Giám đốc",
        statements_version="1",
        statements=[{"key": "a", "text": "Chúng tôi chịu trách nhiệm."}],
        certified_at=NOW,
        digest=second.digest,
    )
    return second


def answer(content, key: str) -> dict:
    return next(a for section in content["sections"] for a in section["answers"] if a["key"] == key)


def everything(content) -> None:
    answer(content, "description")["display"] += " Bản sửa."
    content["organisation"]["address"] = "Số 1 phố Mới"
    content["items"] = [{**content["items"][0], "code": "9.9", "shown_code": "9.9", "name": "Mục khác"}]
    content["attachments"][0] |= {"sha256": "0" * 64, "name": "ban-moi.pdf"}


def test_nothing_differs_from_itself():
    content = case_in(State.SUBMITTED).revisions.get().content
    assert not differences(content, copy.deepcopy(content))


def test_answers_applicant_items_and_files_are_told_apart():
    case = case_in(State.SUBMITTED)
    before = case.revisions.get().content
    found = differences(before, filed_again(case, everything).content)
    changed = {change.label: change for part in found.parts for change in part.changes}
    assert set(changed) == {answer(before, "description")["label"], "Địa chỉ"}
    wording = changed[answer(before, "description")["label"]].wording
    assert "Bản sửa" in "".join(piece.text for piece in wording if piece.kind == "in")
    assert changed["Địa chỉ"].after == "Số 1 phố Mới"
    assert [item["code"] for item in found.items_removed] == [before["items"][0]["code"]]
    assert [item["code"] for item in found.items_added] == ["9.9"]
    [files] = found.files
    assert [file["name"] for file in files.removed] == [before["attachments"][0]["name"]]
    assert [file["name"] for file in files.added] == ["ban-moi.pdf"]


def test_what_is_asked_no_more_and_what_is_asked_newly_is_told():
    case = case_in(State.SUBMITTED)
    before = case.revisions.get().content
    after = copy.deepcopy(before)
    gone = after["sections"][0]["answers"].pop()
    after["sections"].append(
        {"key": "moi", "title": "Phần mới", "answers": [gone | {"key": "moi", "label": "Câu mới"}]}
    )
    changes = [
        (part.title, one.label, one.before, one.after)
        for part in differences(before, after).parts
        for one in part.changes
    ]
    assert changes == [
        (before["sections"][0]["title"], gone["label"], gone["display"], ""),
        ("Phần mới", "Câu mới", "", gone["display"]),
    ]


def test_very_long_answers_are_not_compared_word_by_word():
    case = case_in(State.SUBMITTED)
    before = case.revisions.get().content
    after = copy.deepcopy(before)
    answer(after, "description")["display"] = "từ " * 20_000
    [[change]] = [part.changes for part in differences(before, after).parts]
    assert not change.wording
    assert change.before
    assert change.after


@pytest.mark.parametrize("page", ["dossier_filing", "case_filing"])
def test_each_filing_is_shown_as_it_was_filed(client, page):
    case = case_in(State.SUBMITTED)
    filed_again(case, everything)
    client.force_login(case.created_by if page == "dossier_filing" else StaffFactory(role=Role.INTAKE_OFFICER))
    first, second = (client.get(reverse(page, args=[case.public_id, n])).content.decode() for n in (1, 2))
    assert "Mục khác" not in first
    assert "Khác lần nộp" not in first
    assert "Khác lần nộp 1" in second
    assert "ban-moi.pdf" in second
    assert first.count("Không đổi từ khi nộp") == second.count("Không đổi từ khi nộp") == 1
    assert reverse(page, args=[case.public_id, 2]) in first


def test_a_filing_that_changed_nothing_says_so(client):
    case = case_in(State.SUBMITTED)
    filed_again(case, lambda content: None)
    client.force_login(case.created_by)
    assert "Không có gì khác" in client.get(reverse("dossier_filing", args=[case.public_id, 2])).content.decode()


@pytest.mark.parametrize("number", [0, 2, 99999999999999999999])
def test_a_filing_that_there_is_not_is_not_found(client, number):
    case = case_in(State.SUBMITTED)
    client.force_login(case.created_by)
    assert client.get(reverse("dossier_filing", args=[case.public_id, number])).status_code == 404


def test_what_a_business_wrote_is_no_markup(client):
    case = case_in(State.SUBMITTED)

    def hostile(content) -> None:
        answer(content, "description")["display"] = "<script>alert(1)</script>"
        content["attachments"][0] |= {"sha256": "0" * 64, "name": "<img src=x onerror=alert(1)>.pdf"}

    filed_again(case, hostile)
    client.force_login(case.created_by)
    html = client.get(reverse("dossier_filing", args=[case.public_id, 2])).content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_viewers_read_and_strangers_find_nothing(client):
    case = case_in(State.SUBMITTED)
    client.force_login(member_of(case.organisation, "viewer"))
    assert client.get(reverse("dossier_filing", args=[case.public_id, 1])).status_code == 200


@pytest.mark.parametrize("page", ["dossier_filing", "case_filing"])
def test_a_page_costs_no_more_with_more_filings(client, page, django_assert_max_num_queries):
    case = case_in(State.SUBMITTED)
    filed_again(case, everything)
    client.force_login(case.created_by if page == "dossier_filing" else StaffFactory(role=Role.INTAKE_OFFICER))
    with django_assert_max_num_queries(12):
        client.get(reverse(page, args=[case.public_id, 2]))
