"""Filing, answering a request for supplements, and withdrawing, as the applicant's browser does it."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import MembershipRole, Role
from audit.models import Entry
from documents.models import DocumentKind
from intake import drafts
from intake.models import Attachment, Certification, Dossier, Revision, SupplementPoint
from intake.states import State
from intake.views import loading
from tests.factories import (
    ANSWERS,
    NOW,
    CatalogueFactory,
    MembershipFactory,
    StaffFactory,
    case_in,
    complete_dossier,
    pdf,
)
from workflow import transitions
from workflow.models import Case
from workflow.transitions import Point

pytestmark = pytest.mark.django_db
TICKS = {"statement_accurate": "on", "statement_responsible": "on"}


def text(page):
    return page.content.decode()


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', text(page))[1]


def submit(client, dossier, **changes):
    page = client.get(reverse("dossier_summary", args=[dossier.public_id]))
    shown = {name: hidden(page, name) for name in ("version", "rules")}
    given = {**shown, "certifier_capacity": "Giám đốc", **TICKS, **changes}
    return client.post(
        reverse("dossier_submit", args=[dossier.public_id]), {k: v for k, v in given.items() if v is not None}
    )


def state_of(dossier):
    return Dossier.objects.get(pk=dossier.pk).state


# --- filing ----------------------------------------------------------------------------------------


def test_a_complete_dossier_is_filed_and_gets_its_code_and_acknowledgement(sign_in):
    dossier = complete_dossier()
    client = sign_in(dossier.created_by)
    answer = submit(client, dossier)
    assert answer.url == reverse("dossier_detail", args=[dossier.public_id])
    filed = Dossier.objects.get()
    assert filed.state == State.SUBMITTED
    assert filed.code == "G06-261118-0001"
    assert "camera edgesight s2" in filed.search_text
    assert "g06-261118-0001" in filed.search_text
    certification = Certification.objects.get()
    assert (certification.person, certification.capacity) == (dossier.created_by, "Giám đốc")
    assert certification.ip_address == "127.0.0.1"
    page = text(client.get(answer.url))
    assert "Mã hồ sơ của bạn là G06-261118-0001" in page
    assert "Xác nhận nộp hồ sơ" in page
    assert "Kiểm tra và tiếp nhận" in page
    assert "Còn 8 giờ làm việc" in page or "giờ làm việc" in page
    assert filed.documents.get().kind == DocumentKind.ACKNOWLEDGEMENT


def test_behind_our_proxy_the_certification_keeps_the_visitors_address(sign_in, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    dossier = complete_dossier()
    client = sign_in(dossier.created_by)
    client.defaults["HTTP_X_FORWARDED_FOR"] = "198.51.100.1, 203.0.113.9"
    submit(client, dossier)
    assert Certification.objects.get().ip_address == "203.0.113.9"


@pytest.mark.parametrize("left_out", list(TICKS))
def test_each_statement_has_to_be_ticked_and_the_other_ticks_are_kept(sign_in, left_out):
    dossier = complete_dossier()
    answer = submit(sign_in(dossier.created_by), dossier, **{left_out: None}, certifier_capacity="Phó Giám đốc")
    assert answer.status_code == 422
    assert "Hãy đọc và đánh dấu nội dung này." in text(answer)
    for name in TICKS:
        box = re.search(rf'<input[^>]*name="{name}"[^>]*>', text(answer))[0]
        assert ("checked" in box) == (name != left_out)
    assert 'value="Phó Giám đốc"' in text(answer)
    assert state_of(dossier) == State.DRAFT
    assert not Revision.objects.exists()


def test_statements_left_unticked_are_one_line_of_the_summary_that_leads_to_the_first(sign_in):
    dossier = complete_dossier()
    client = sign_in(dossier.created_by)
    page = text(submit(client, dossier, statement_accurate=None, statement_responsible=None, certifier_capacity=""))
    summary = re.search(r'<div class="errors".*?</div>', page, re.DOTALL)[0]
    assert summary.count("<li>") == 2
    assert '<a href="#id_statement_accurate">Còn 2 nội dung cam kết chưa được đánh dấu.</a>' in summary
    assert '<a href="#id_certifier_capacity">Tư cách của người cam kết: Hãy ghi tư cách của bạn' in summary
    assert "trước pháp luật" not in summary
    # At each of them it still says so.
    assert page.count("Hãy đọc và đánh dấu nội dung này.") == 2
    page = text(submit(client, dossier, statement_responsible=None))
    assert '<a href="#id_statement_responsible">Còn 1 nội dung cam kết chưa được đánh dấu.</a>' in page


@pytest.mark.parametrize(
    ("capacity", "words"),
    [("", "Hãy ghi tư cách"), ("x" * 151, "tối đa 150"), ("Giám đốc\x00", "ký tự ẩn"), ("\u202eGiám đốc", "ký tự ẩn")],
)
def test_the_capacity_has_to_be_readable(sign_in, capacity, words):
    dossier = complete_dossier()
    answer = submit(sign_in(dossier.created_by), dossier, certifier_capacity=capacity)
    assert answer.status_code == 422
    assert words in text(answer)
    assert state_of(dossier) == State.DRAFT


def test_an_incomplete_dossier_comes_back_with_what_is_missing_and_the_ticks(sign_in):
    dossier = complete_dossier(answers={k: v for k, v in ANSWERS.items() if k != "revenue"})
    answer = submit(sign_in(dossier.created_by), dossier)
    assert answer.status_code == 422
    assert "Chưa trả lời: Doanh thu năm gần nhất" in text(answer)
    assert text(answer).count("checked") == 2
    assert state_of(dossier) == State.DRAFT


@pytest.mark.parametrize("version", ["", "-1", "99", "abc", "9" * 50, None])
def test_a_stale_or_broken_version_files_nothing(sign_in, version):
    dossier = complete_dossier()
    answer = submit(sign_in(dossier.created_by), dossier, version=version)
    assert answer.status_code == 422
    assert "Hồ sơ đã thay đổi từ khi bạn mở trang này" in text(answer)
    assert state_of(dossier) == State.DRAFT
    # The page that came back carries the right version.
    again = {"version": hidden(answer, "version"), "certifier_capacity": "Giám đốc", **TICKS}
    sign_in(dossier.created_by).post(reverse("dossier_submit", args=[dossier.public_id]), again)
    assert state_of(dossier) == State.SUBMITTED


def test_a_second_click_files_once(sign_in):
    dossier = complete_dossier()
    client = sign_in(dossier.created_by)
    submit(client, dossier)
    answer = client.post(
        reverse("dossier_submit", args=[dossier.public_id]),
        {"version": "0", "certifier_capacity": "Giám đốc", **TICKS},
    )
    assert answer.url == reverse("dossier_detail", args=[dossier.public_id])
    assert Revision.objects.count() == 1
    assert Dossier.objects.get().code == "G06-261118-0001"


def test_filing_is_not_done_by_a_link(sign_in):
    dossier = complete_dossier()
    assert sign_in(dossier.created_by).get(reverse("dossier_submit", args=[dossier.public_id])).status_code == 405


# --- supplements -----------------------------------------------------------------------------------


@pytest.fixture
def asked(clock):
    """A dossier that an officer asked to supplement: a document, an answer, the items, something else."""
    clock.move_to(NOW + timedelta(hours=1))
    case = case_in(State.SCREENING)
    officer = StaffFactory(role=Role.INTAKE_OFFICER)
    return transitions.request_supplement(
        case.pk,
        by=officer,
        at=NOW + timedelta(minutes=30),
        expected_version=case.version,
        points=[
            Point("document", "thuyet-minh", "unreadable", "Trang 2 bị mờ."),
            Point("question", "description", "unclear"),
            Point("item", "", "inconsistent"),
            Point("other", "", "other", "Nêu rõ đơn vị sản xuất."),
        ],
        note="Liên hệ bộ phận một cửa nếu cần.",
    )


def supplement_url(dossier):
    return reverse("dossier_supplement", args=[dossier.public_id])


def answer_with(client, dossier, *, button="submit", point_answers=("", "", "", ""), files=(), **changes):
    page = client.get(supplement_url(dossier))
    points = page.context["points"]
    given = {
        "version": hidden(page, "version"),
        "seen": hidden(page, "seen"),
        "description": ANSWERS["description"],
        "certifier_capacity": "Giám đốc",
        **TICKS,
        **{f"point-{one['point'].pk}": said for one, said in zip(points, point_answers, strict=True)},
        button: "1",
        "files-thuyet-minh": [SimpleUploadedFile(name, content) for name, content in files],
        **changes,
    }
    return client.post(supplement_url(dossier), {k: v for k, v in given.items() if v is not None})


EVERYTHING = {
    "description": ANSWERS["description"] + " Sản xuất tại Hà Nội.",
    "point_answers": ("", "", "Giữ nguyên mục 1.8 vì đúng chức năng.", "Công ty tự sản xuất."),
    "files": [("Bản rõ.pdf", pdf(catalog=b"/Lang(vi)"))],
}


def test_the_applicant_sees_what_is_asked_and_until_when(sign_in, asked):
    client = sign_in(asked.created_by)
    for url in (reverse("dossier_list"), reverse("dossier_detail", args=[asked.public_id])):
        assert "Cần bạn bổ sung 1 tài liệu, 3 nội dung" in text(client.get(url))
    page = text(client.get(supplement_url(asked)))
    assert "Trang 2 bị mờ." in page
    assert "Còn 15 ngày" in page
    assert "Liên hệ bộ phận một cửa nếu cần." in page
    # Only what was asked is open.
    assert 'name="description"' in page
    assert 'name="revenue"' not in page
    assert 'name="files-hinh-anh"' not in page


def test_everything_is_supplemented_and_filed_again_in_one_go(sign_in, asked):
    client = sign_in(asked.created_by)
    answer = answer_with(client, asked, **EVERYTHING)
    assert answer.url == reverse("dossier_detail", args=[asked.public_id])
    case = Case.objects.get()
    assert case.state == State.SCREENING
    second = Revision.objects.get(number=2)
    assert "Sản xuất tại Hà Nội" in second.content["answers"]["description"]
    assert [file["name"] for file in second.content["attachments"]] == ["Thuyết minh kỹ thuật.pdf", "Bản rõ.pdf"]
    points = second.content["supplement"]["points"]
    assert points[3]["answer"] == "Công ty tự sản xuất."
    assert Certification.objects.count() == 2
    request = case.supplement_requests.get()
    assert request.answered_by_revision == second
    assert "Bạn đã bổ sung" in text(client.get(answer.url))


def test_nothing_is_filed_while_a_point_is_neither_changed_nor_explained(sign_in, asked):
    answer = answer_with(sign_in(asked.created_by), asked, point_answers=("", "", "", "Công ty tự sản xuất."))
    assert answer.status_code == 422
    page = text(answer)
    assert "Chưa bổ sung hoặc giải trình: Thuyết minh kỹ thuật" in page
    assert "Chưa bổ sung hoặc giải trình: Mô tả" in page
    assert "Chưa bổ sung hoặc giải trình: Mục danh mục đã khai" in page
    # What was said is kept.
    assert "Công ty tự sản xuất." in page
    assert state_of(asked) == State.SUPPLEMENT_REQUESTED


def test_the_certification_is_asked_again(sign_in, asked):
    answer = answer_with(sign_in(asked.created_by), asked, **EVERYTHING, statement_accurate=None)
    assert answer.status_code == 422
    assert "Hãy đọc và đánh dấu nội dung này." in text(answer)
    assert state_of(asked) == State.SUPPLEMENT_REQUESTED
    # The work is not lost.
    assert Dossier.objects.get().answers["description"].endswith("Sản xuất tại Hà Nội.")
    assert Attachment.objects.filter(name="Bản rõ.pdf").exists()


def test_work_is_saved_without_filing(sign_in, asked):
    client = sign_in(asked.created_by)
    answer = answer_with(client, asked, button="save", **EVERYTHING)
    assert answer.url == supplement_url(asked)
    assert state_of(asked) == State.SUPPLEMENT_REQUESTED
    assert "Công ty tự sản xuất." in text(client.get(supplement_url(asked)))
    # What the office sees is what was filed.
    assert Revision.objects.count() == 1


def test_parts_that_were_not_asked_for_stay_as_they_were(sign_in, asked):
    client = sign_in(asked.created_by)
    answer_with(client, asked, button="save", revenue="1", product_name="Khác")
    assert Dossier.objects.get().answers["revenue"] == ANSWERS["revenue"]
    assert Dossier.objects.get().title == ANSWERS["product_name"]
    section = reverse("dossier_section", args=[asked.public_id, "san-pham"])
    assert client.post(section, {"product_name": "Khác"}).status_code == 409
    upload = reverse("attachment_upload", args=[asked.public_id, "hinh-anh"])
    assert client.post(upload, {"files": SimpleUploadedFile("a.pdf", b"x")}).status_code == 404


def test_a_bad_file_and_a_bad_text_are_refused_and_the_rest_is_kept_on_the_page(sign_in, asked):
    answer = answer_with(
        sign_in(asked.created_by),
        asked,
        description="Mô tả\x00",
        point_answers=("x" * 4000, "", "", "Có\u202e"),
        files=[("vi-rut.pdf", b"MZ")],
    )
    assert answer.status_code == 422
    page = text(answer)
    assert "vi-rut.pdf" in page
    assert "ký tự ẩn (U+0000)" in page
    assert "Giải trình dài quá" in page
    assert "x" * 4000 in page
    assert Dossier.objects.get().answers["description"] == ANSWERS["description"]
    assert state_of(asked) == State.SUPPLEMENT_REQUESTED


def test_a_document_is_replaced_in_the_same_step(sign_in, asked):
    old = asked.attachments.get()
    answer = answer_with(sign_in(asked.created_by), asked, **EVERYTHING, remove=[str(old.pk)])
    assert answer.status_code == 302
    names = [file["name"] for file in Revision.objects.get(number=2).content["attachments"]]
    assert names == ["Bản rõ.pdf"]


def test_items_are_chosen_again_and_lead_back(sign_in, asked):
    client = sign_in(asked.created_by)
    assert answer_with(client, asked, button="items").url == reverse("dossier_items", args=[asked.public_id])
    page = client.get(reverse("dossier_items", args=[asked.public_id]))
    other = CatalogueFactory().items.get(code="1.7")
    answer = client.post(
        reverse("dossier_items", args=[asked.public_id]), {"seen": hidden(page, "seen"), "items": [other.pk]}
    )
    assert answer.url == supplement_url(asked)
    assert asked.declared_items.get().item == other


def test_another_answer_opens_what_it_brings_with_it(sign_in):
    case = case_in(State.SCREENING)
    asked = transitions.request_supplement(
        case.pk,
        by=StaffFactory(role=Role.INTAKE_OFFICER),
        at=NOW,
        expected_version=case.version,
        points=[Point("question", "has_patent", "inconsistent")],
    )
    client = sign_in(asked.created_by)
    page = client.get(supplement_url(asked))
    given = {
        "version": hidden(page, "version"),
        "seen": hidden(page, "seen"),
        "certifier_capacity": "Giám đốc",
        **TICKS,
    }
    answer = client.post(supplement_url(asked), {**given, "has_patent": "yes", "submit": "1"})
    assert answer.status_code == 422
    assert "Chưa trả lời: Số bằng sáng chế" in text(answer)
    assert "Chưa có tài liệu: Bằng sáng chế" in text(answer)
    given = {
        "version": hidden(answer, "version"),
        "seen": hidden(answer, "seen"),
        "certifier_capacity": "Giám đốc",
        **TICKS,
    }
    answer = client.post(
        supplement_url(asked),
        {
            **given,
            "has_patent": "yes",
            "patent_number": "1-2024-0001",
            "files-bang-sang-che": SimpleUploadedFile("bằng.pdf", pdf(catalog=b"/Lang(vi)")),
            "submit": "1",
        },
    )
    assert answer.status_code == 302
    assert state_of(asked) == State.SCREENING


def test_after_its_due_day_nothing_is_open(sign_in, asked, clock):
    clock.move_to(asked.due_at + timedelta(seconds=1))
    client = sign_in(asked.created_by)
    assert client.get(supplement_url(asked)).url == reverse("dossier_detail", args=[asked.public_id])
    assert "Đã hết hạn bổ sung" in text(client.get(reverse("dossier_detail", args=[asked.public_id])))
    assert client.post(supplement_url(asked), {"description": "Khác"}).status_code == 302
    assert Dossier.objects.get().answers == ANSWERS


@pytest.fixture
def due_while_sending(asked, clock, monkeypatch):
    """The due moment passes right after the page has seen that the request is open."""
    to_edit = loading.to_edit

    def and_then_it_is_late(request, public_id):
        found = to_edit(request, public_id)
        if request.method == "POST":
            clock.move_to(asked.due_at + timedelta(seconds=1))
        return found

    monkeypatch.setattr(loading, "to_edit", and_then_it_is_late)


@pytest.mark.parametrize("removing", [True, False])
@pytest.mark.parametrize("button", ["submit", "save"])
def test_what_is_sent_at_the_due_moment_is_not_kept_and_stays_on_the_page(
    sign_in, asked, due_while_sending, removing, button
):
    old = asked.attachments.get()
    remove = [str(old.pk)] if removing else None
    given = {**EVERYTHING, "files": ()}
    answer = answer_with(sign_in(asked.created_by), asked, button=button, **given, remove=remove)
    assert answer.status_code == 422
    page = text(answer)
    assert "Yêu cầu bổ sung không còn mở" in page
    assert "Sản xuất tại Hà Nội." in page
    assert "Công ty tự sản xuất." in page
    assert Dossier.objects.get().answers == ANSWERS
    assert Attachment.objects.get().removed_at is None
    assert Revision.objects.count() == 1


def test_what_is_sent_while_a_colleague_withdraws_stays_on_the_page(sign_in, asked, monkeypatch):
    to_edit = loading.to_edit

    def and_then_it_is_withdrawn(request, public_id):
        found = to_edit(request, public_id)
        if request.method == "POST" and state_of(asked) == State.SUPPLEMENT_REQUESTED:
            transitions.withdraw(asked.pk, by=asked.created_by, at=NOW, expected_version=found[0].version)
        return found

    monkeypatch.setattr(loading, "to_edit", and_then_it_is_withdrawn)
    answer = answer_with(sign_in(asked.created_by), asked, **EVERYTHING)
    assert answer.status_code == 422
    assert "Yêu cầu bổ sung không còn mở" in text(answer)
    assert "Công ty tự sản xuất." in text(answer)


def test_a_supplement_sent_after_a_colleague_withdrew_says_that_it_was_not_kept(sign_in, asked):
    client = sign_in(asked.created_by)
    transitions.withdraw(asked.pk, by=asked.created_by, at=NOW, expected_version=asked.version)
    answer = client.post(supplement_url(asked), {"description": "Khác"}, follow=True)
    assert "Hồ sơ không còn chờ bổ sung nên nội dung vừa gửi không được lưu." in text(answer)


def test_a_supplement_page_opened_before_somebody_changed_something_files_nothing(sign_in, asked):
    client = sign_in(asked.created_by)
    answer = answer_with(client, asked, **EVERYTHING, version="0")
    assert answer.status_code == 422
    assert "Hồ sơ đã thay đổi từ khi bạn mở trang này" in text(answer)
    assert state_of(asked) == State.SUPPLEMENT_REQUESTED


@pytest.fixture
def colleague(asked):
    """The browser of somebody else who may change the dossier."""
    member = MembershipFactory(organisation=asked.organisation, role=MembershipRole.DRAFTER)
    browser = Client()
    browser.force_login(member.user)
    return browser


def explanations(asked):
    return list(SupplementPoint.objects.filter(request__dossier=asked).order_by("pk").values_list("answer", flat=True))


def sent_from(page, button="save", **changes):
    """What a browser sends from this page."""
    points = {f"point-{one['point'].pk}": one["explanation"] for one in page.context["points"]}
    shown = {"version": hidden(page, "version"), "seen": hidden(page, "seen")}
    return {
        **shown,
        "description": ANSWERS["description"],
        "certifier_capacity": "Giám đốc",
        **TICKS,
        **points,
        button: "1",
        **changes,
    }


@pytest.mark.parametrize("button", ["save", "submit"])
@pytest.mark.parametrize("typed", ["", "Chữ của A"])
def test_a_colleagues_explanation_is_not_overwritten_from_a_page_opened_before(
    sign_in, asked, colleague, button, typed
):
    mine = sign_in(asked.created_by)
    page = mine.get(supplement_url(asked))
    last = f"point-{page.context['points'][3]['point'].pk}"
    answer_with(colleague, asked, button="save", point_answers=("", "", "", "Chữ của B"))
    answer = mine.post(supplement_url(asked), sent_from(page, button, **{last: typed}))
    assert answer.status_code == 422
    assert explanations(asked) == ["", "", "", "Chữ của B"]
    # Both are on the page: the stored one to read, one's own in its field.
    assert answer.context["points"][3]["explanation"] == typed
    (conflict,) = answer.context["conflicts"]
    assert (conflict["stored"], conflict["typed"]) == ("Chữ của B", typed)
    assert "Chữ của B" in text(answer)
    # From here it is replaced knowingly.
    assert mine.post(supplement_url(asked), sent_from(answer)).status_code == 302
    assert explanations(asked) == ["", "", "", typed]


def test_an_answer_and_an_explanation_are_kept_together_or_not_at_all(sign_in, asked, colleague):
    mine = sign_in(asked.created_by)
    page = mine.get(supplement_url(asked))
    answer_with(colleague, asked, button="save", point_answers=("", "", "", "Chữ của B"))
    answer = mine.post(supplement_url(asked), sent_from(page, description=EVERYTHING["description"]))
    assert answer.status_code == 422
    assert Dossier.objects.get().answers == ANSWERS
    assert {(one["stored"], one["typed"]) for one in answer.context["conflicts"]} == {
        (ANSWERS["description"], EVERYTHING["description"]),
        ("Chữ của B", ""),
    }


def test_a_page_with_something_malformed_still_tells_afterwards_that_a_colleague_wrote(sign_in, asked, colleague):
    mine = sign_in(asked.created_by)
    page = mine.get(supplement_url(asked))
    first = f"point-{page.context['points'][0]['point'].pk}"
    answer_with(colleague, asked, button="save", point_answers=("", "", "", "Chữ của B"))
    malformed = mine.post(supplement_url(asked), sent_from(page, **{first: "x" * 4000}))
    assert malformed.status_code == 422
    answer = mine.post(supplement_url(asked), sent_from(malformed, **{first: "Đã sửa"}))
    assert answer.status_code == 422
    assert explanations(asked) == ["", "", "", "Chữ của B"]


def test_a_stale_page_that_is_filed_keeps_nothing_and_asks_for_its_files_again(sign_in, asked, colleague):
    mine = sign_in(asked.created_by)
    page = mine.get(supplement_url(asked))
    answer_with(colleague, asked, button="save", files=[("Của B.pdf", pdf(catalog=b"/Lang(en)"))])
    files = [SimpleUploadedFile("Bản rõ.pdf", pdf(catalog=b"/Lang(vi)"))]
    sent = sent_from(page, "submit", **{"files-thuyet-minh": files, "remove": [str(asked.attachments.first().pk)]})
    answer = mine.post(supplement_url(asked), {**sent, "description": EVERYTHING["description"]})
    assert answer.status_code == 422
    assert "Hồ sơ đã thay đổi từ khi bạn mở trang này" in text(answer)
    assert "Các tệp bạn vừa chọn để thêm hoặc gỡ chưa được xử lý" in text(answer)
    assert EVERYTHING["description"] in text(answer)
    assert not answer.context["conflicts"], "nobody wrote into the fields of this page"
    assert Dossier.objects.get().answers == ANSWERS
    assert not Attachment.objects.filter(name="Bản rõ.pdf").exists()
    assert not Attachment.objects.exclude(removed_at=None).exists()


def test_an_explanation_that_is_not_sent_stays(sign_in, asked):
    client = sign_in(asked.created_by)
    answer_with(client, asked, button="save", point_answers=("", "", "", "Công ty tự sản xuất."))
    page = client.get(supplement_url(asked))
    sent = {key: value for key, value in sent_from(page).items() if not key.startswith("point-")}
    assert client.post(supplement_url(asked), sent).status_code == 302
    assert explanations(asked) == ["", "", "", "Công ty tự sản xuất."]


def test_a_point_of_another_dossier_is_not_answered_from_here(sign_in, asked):
    other = case_in(State.SCREENING)
    transitions.request_supplement(
        other.pk,
        by=StaffFactory(role=Role.INTAKE_OFFICER),
        at=NOW + timedelta(minutes=30),
        expected_version=other.version,
        points=[Point("other", "", "other", "Nêu rõ xuất xứ.")],
    )
    foreign = SupplementPoint.objects.get(explanation="Nêu rõ xuất xứ.")
    before = Dossier.objects.get(pk=other.pk)
    answer = answer_with(
        sign_in(asked.created_by),
        asked,
        button="save",
        point_answers=("", "", "", "Của hồ sơ này."),
        **{f"point-{foreign.pk}": "Chen vào", "remove": [str(other.attachments.get().pk)]},
    )
    assert answer.url == supplement_url(asked)
    foreign.refresh_from_db()
    assert foreign.answer == ""
    assert Dossier.objects.get(pk=other.pk).version == before.version
    assert other.attachments.get().removed_at is None
    assert SupplementPoint.objects.filter(answer="Của hồ sơ này.").count() == 1


def test_answers_to_points_of_another_request_are_refused_as_a_whole(asked):
    mine = SupplementPoint.objects.order_by("pk").last()
    said = {mine.pk: "Đúng", mine.pk + 1000: "Sai"}
    with pytest.raises(drafts.NotOpen):
        drafts.save_supplement(asked, {}, said, seen="", by=asked.created_by, at=NOW)
    assert not SupplementPoint.objects.exclude(answer="").exists()


# --- withdrawing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.SUBMITTED, State.IN_REVIEW, State.ISSUING])
def test_a_dossier_is_withdrawn_with_its_reason_after_a_question(sign_in, state):
    case = case_in(state)
    client = sign_in(case.created_by)
    url = reverse("dossier_withdraw", args=[case.public_id])
    page = client.get(url)
    assert "Rút hồ sơ này?" in text(page)
    answer = client.post(url, {"version": hidden(page, "version"), "reason": "Nộp nhầm thủ tục"})
    assert answer.url == reverse("dossier_detail", args=[case.public_id])
    assert state_of(case) == State.WITHDRAWN
    assert Entry.objects.about(case).order_by("-number").first().data["reason"] == "Nộp nhầm thủ tục"
    assert "Bạn đã rút hồ sơ" in text(client.get(answer.url))


@pytest.mark.parametrize("reason", ["x" * 1001, "Nhầm\x00"])
def test_a_broken_reason_is_refused_and_kept(sign_in, reason):
    case = case_in(State.SUBMITTED)
    answer = sign_in(case.created_by).post(
        reverse("dossier_withdraw", args=[case.public_id]), {"version": case.version, "reason": reason}
    )
    assert answer.status_code == 422
    assert answer.context["reason"] == reason
    assert state_of(case) == State.SUBMITTED


def test_a_stale_withdrawal_is_asked_again(sign_in):
    case = case_in(State.SUBMITTED)
    client = sign_in(case.created_by)
    answer = client.post(reverse("dossier_withdraw", args=[case.public_id]), {"version": "77", "reason": "x"})
    assert answer.status_code == 422
    assert state_of(case) == State.SUBMITTED
    client.post(reverse("dossier_withdraw", args=[case.public_id]), {"version": hidden(answer, "version")})
    assert state_of(case) == State.WITHDRAWN


@pytest.mark.parametrize("state", [State.ISSUED, State.DELIVERED, State.REFUSED, State.WITHDRAWN, State.CLOSED])
def test_what_is_decided_or_ended_is_not_withdrawn(sign_in, state):
    case = case_in(state)
    client = sign_in(case.created_by)
    url = reverse("dossier_withdraw", args=[case.public_id])
    assert client.post(url, {"version": case.version}).status_code == 302
    assert state_of(case) == state
    assert url not in text(client.get(reverse("dossier_detail", args=[case.public_id])))


@pytest.mark.parametrize(
    ("late", "said"),
    [(timedelta(0), "Hồ sơ này đã được nộp nên"), (timedelta(days=60), "Đã hết hạn bổ sung hồ sơ nên")],
    ids=["in time", "too late"],
)
def test_a_page_of_the_draft_says_whether_supplements_are_still_taken(sign_in, asked, clock, late, said):
    clock.shift(late)
    answer = sign_in(asked.created_by).post(reverse("dossier_delete", args=[asked.public_id]), follow=True)
    assert f"{said} nội dung vừa gửi không được lưu." in text(answer)


def test_a_file_that_comes_after_the_day_of_the_supplements_is_told_so(sign_in, asked, clock):
    clock.move_to(asked.due_at + timedelta(seconds=1))
    url = reverse("attachment_upload", args=[asked.public_id, "thuyet-minh"])
    assert "Đã hết hạn bổ sung hồ sơ nên" in text(sign_in(asked.created_by).post(url, follow=True))
