"""The page of each move: what it shows, what it does, what it says when somebody was faster."""

import html as html_module
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from accounts.models import Role
from catalogs.models import CatalogueItem
from documents import rendering
from documents.models import DocumentKind, IssuedDocument
from documents.sources import ensure_templates
from intake.models import Attachment, SupplementRequest
from intake.states import Outcome, State
from tests.factories import NOW, CatalogueFactory, StaffFactory, case_in, member_of, revision_of
from workflow import transitions
from workflow.models import Assessment, Capacity, Case, ItemFinding, Participation, Verdict
from workflow.moves import MOVES

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_clock(monkeypatch):
    cache.clear()
    ensure_templates()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def signed_in(client, role: str, **fields):
    user = StaffFactory(role=role, **fields)
    client.force_login(user)
    return user


def reload(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def address(case: Case, action: str) -> str:
    if action == "save_assessment":
        return reverse("case_assessment", args=[case.public_id])
    return reverse("case_action", args=[case.public_id, action])


def show(client, case: Case, action: str) -> str:
    response = client.get(address(case, action))
    assert response.status_code == 200
    return response.content.decode()


def post(client, case: Case, action: str, *, version: int | None = None, **data):
    return client.post(address(case, action), {"version": case.version if version is None else version, **data})


def assessed(case: Case, author, **fields) -> Assessment:
    for declared in case.declared_items.order_by("pk"):
        ItemFinding.objects.create(case_id=case.pk, item=declared.item, verdict="confirmed", by=author, at=NOW)
    return Assessment.objects.create(
        case_id=case.pk,
        author=author,
        saved_at=NOW,
        **{
            "answers": {"novelty": {"grade": "high", "comment": "Tự phát triển."}},
            "outcome": Outcome.GRANTED,
            "grounds": "Đáp ứng mô tả của mục 1.8.",
            **fields,
        },
    )


def with_assessment(state: str) -> Case:
    author = StaffFactory(full_name="Phạm Quốc Bảo")
    case = case_in(state, specialist=author)
    assessed(case, author, proposed_at=NOW)
    return case


def own_review(client) -> Case:
    return case_in(State.IN_REVIEW, specialist=signed_in(client, Role.SPECIALIST))


# --- intake ------------------------------------------------------------------------------------------


def test_an_intake_officer_starts_and_receives_with_an_appointment(client):
    case = case_in(State.SUBMITTED)
    signed_in(client, Role.INTAKE_OFFICER)
    response = post(client, case, "start_screening")
    assert response.url == reverse("case_detail", args=[case.public_id])
    case = reload(case)
    assert case.state == State.SCREENING
    page = show(client, case, "receive")
    assert "Hẹn trả kết quả" in page
    assert "17/12/2026, 17:00" in page  # 20 working days after 18/11/2026, with 24/11 a holiday
    response = client.post(address(case, "receive"), {"version": case.version}, follow=True)
    assert "Đã tiếp nhận hồ sơ." in response.content.decode()
    case = reload(case)
    assert case.state == State.IN_REVIEW
    assert f"{case.appointment_at.astimezone(NOW.tzinfo):%d/%m/%Y, %H:%M}" == "17/12/2026, 17:00"
    assert IssuedDocument.objects.filter(dossier_id=case.pk, kind=DocumentKind.RECEIPT).count() == 1


def test_receiving_in_spite_of_a_missing_document_is_warned_of(client):
    case = case_in(State.SCREENING)
    Attachment.objects.filter(dossier=case).update(removed_at=NOW)
    revision_of(case)
    signed_in(client, Role.INTAKE_OFFICER)
    page = show(client, case, "receive")
    assert "Còn thiếu tài liệu bắt buộc:" in page
    assert "Thuyết minh kỹ thuật" in page


def test_a_refusal_needs_a_reason_and_keeps_what_was_typed(client):
    case = case_in(State.SCREENING)
    signed_in(client, Role.INTAKE_OFFICER)
    response = post(client, case, "refuse", reason="   ")
    assert response.status_code == 422
    assert "Lý do từ chối" in response.content.decode()
    assert reload(case).state == State.SCREENING
    post(client, case, "refuse", reason="Không thuộc phạm vi của thủ tục.")
    assert reload(case).state == State.REFUSED


def test_supplements_are_asked_for_in_one_request(client):
    case = case_in(State.SCREENING)
    signed_in(client, Role.INTAKE_OFFICER)
    page = show(client, case, "request_supplement")
    for words in ("Thuyết minh kỹ thuật", "Mô tả", "Mục danh mục đã khai", "Nội dung khác", "03/12/2026"):
        assert words in page
    assert "Bằng sáng chế</" not in page, "a document that was not asked for"
    response = post(
        client,
        case,
        "request_supplement",
        **{
            "document.thuyet-minh.on": "on",
            "document.thuyet-minh.reason": "unreadable",
            "document.thuyet-minh.explanation": "Trang 2 bị mờ.",
            "question.description.on": "on",
            "question.description.reason": "unclear",
            "other.on": "on",
            "other.reason": "other",
            "other.explanation": "Gửi kèm video.",
            "note": "Gọi nếu cần hướng dẫn.",
        },
    )
    assert response.status_code == 302
    request = SupplementRequest.objects.get(dossier_id=case.pk)
    assert sorted(request.points.values_list("kind", "key", "reason")) == [
        ("document", "thuyet-minh", "unreadable"),
        ("other", "", "other"),
        ("question", "description", "unclear"),
    ]
    assert request.note == "Gọi nếu cần hướng dẫn."
    assert reload(case).state == State.SUPPLEMENT_REQUESTED


def test_a_missing_document_is_ticked_beforehand(client):
    case = case_in(State.SCREENING)
    Attachment.objects.filter(dossier=case).update(removed_at=NOW)
    revision_of(case)
    signed_in(client, Role.INTAKE_OFFICER)
    page = show(client, case, "request_supplement")
    assert re.search(r'name="document\.thuyet-minh\.on"[^>]* checked', page)
    assert "chưa có tệp" in page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Hãy đánh dấu ít nhất một nội dung cần bổ sung."),
        ({"document.thuyet-minh.on": "on"}, "Hãy chọn lý do."),
        (
            {"document.thuyet-minh.on": "on", "document.thuyet-minh.reason": "other"},
            "Hãy giải thích lý do khác.",
        ),
        ({"other.on": "on", "other.reason": "missing"}, "Hãy ghi rõ cần bổ sung gì."),
        ({"document.thuyet-minh.explanation": "Quên đánh dấu."}, "Hãy đánh dấu nội dung này"),
        ({"document.thuyet-minh.on": "on", "document.thuyet-minh.reason": "no-such"}, "không"),
        ({"document.khong-co.on": "on", "document.khong-co.reason": "missing"}, "ít nhất một nội dung"),
        ({"note": "x" * 6000}, "tối đa 5.000 ký tự"),
    ],
)
def test_an_incomplete_request_is_refused_at_the_line_and_kept(client, data, words):
    case = case_in(State.SCREENING)
    signed_in(client, Role.INTAKE_OFFICER)
    response = post(client, case, "request_supplement", **data)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    for value in data.values():
        assert value in page or value in ("no-such", "missing")
    assert reload(case).state == State.SCREENING
    assert not SupplementRequest.objects.exists()


def test_a_second_request_at_the_same_step_is_blocked_with_the_reason(client):
    case = case_in(State.SCREENING)
    SupplementRequest.objects.create(
        dossier_id=case.pk, stage="intake", requested_by=StaffFactory(), requested_at=NOW, due_at=NOW, ended_at=NOW
    )
    signed_in(client, Role.INTAKE_OFFICER)
    data = {"other.on": "on", "other.reason": "unclear", "other.explanation": "Giải trình thêm."}
    response = post(client, case, "request_supplement", **data)
    page = response.content.decode()
    assert response.status_code == 409
    assert "quy định chỉ cho phép yêu cầu trong một lần" in page
    assert "Giải trình thêm." in page


# --- assessment --------------------------------------------------------------------------------------


def test_a_specialist_takes_judges_and_proposes(client):
    case = case_in(State.IN_REVIEW)
    me = signed_in(client, Role.SPECIALIST)
    post(client, case, "take")
    case = reload(case)
    assert case.specialist == me
    item = case.declared_items.get().item
    finding = reverse("case_finding", args=[case.public_id])
    response = client.post(finding, {"version": case.version, "item_id": item.pk, "verdict": "confirmed"})
    assert response.url.endswith("#doi-chieu")
    case = reload(case)
    assert "Tính mới" in show(client, case, "save_assessment")
    response = post(
        client,
        case,
        "save_assessment",
        **{"novelty.grade": "high", "novelty.comment": "Tự phát triển.", "outcome": "granted", "grounds": "Phù hợp."},
        trinh="1",
    )
    assert response.url == address(case, "propose")
    page = client.get(response.url).content.decode()
    assert "Bản thảo quyết định" in page
    assert "Công nhận Camera EdgeSight S2" in page
    case = reload(case)
    post(client, case, "propose")
    case = reload(case)
    assert (case.state, case.outcome) == (State.ENDORSEMENT, Outcome.GRANTED)


def test_an_assessment_is_saved_at_any_time_and_shown_again(client):
    case = own_review(client)
    response = post(client, case, "save_assessment", grounds="Mới viết được một câu.")
    assert response.status_code == 302
    assert Assessment.objects.get().grounds == "Mới viết được một câu."
    assert "Mới viết được một câu." in show(client, case, "save_assessment")


def test_proposing_names_everything_that_is_missing(client):
    case = own_review(client)
    page = show(client, case, "propose")
    for words in ("Còn mục danh mục chưa được xác nhận", "Chưa đánh giá tiêu chí “Tính mới”", "Chưa chọn kết quả"):
        assert words in page
    response = post(client, case, "propose")
    assert response.status_code == 409
    assert "Chưa nêu căn cứ" in response.content.decode()
    assert reload(case).state == State.IN_REVIEW


def test_overruling_and_adding_take_a_reason(client):
    case = own_review(client)
    finding = reverse("case_finding", args=[case.public_id])
    declared = case.declared_items.get().item
    other = CatalogueItem.objects.get(code="4.1")
    for item, verdict in ((declared, "overruled"), (other, "added")):
        response = client.post(
            finding, {"version": case.version, "item_id": item.pk, "verdict": verdict, "reason": " "}
        )
        assert response.status_code == 422
        assert "Lý do" in response.content.decode()
    client.post(
        finding,
        {"version": case.version, "item_id": declared.pk, "verdict": "overruled", "reason": "Chỉ là ống kính."},
    )
    case = reload(case)
    client.post(finding, {"version": case.version, "item_id": other.pk, "verdict": "added", "reason": "Có mạng 5G."})
    assert sorted(ItemFinding.objects.values_list("item__code", "verdict", "reason")) == [
        ("1.8", Verdict.OVERRULED, "Chỉ là ống kính."),
        ("4.1", Verdict.ADDED, "Có mạng 5G."),
    ]
    case = reload(case)
    client.post(finding, {"version": case.version, "bo": other.pk})
    assert ItemFinding.objects.count() == 1


def test_the_page_for_an_item_names_it(client):
    case = own_review(client)
    finding = reverse("case_finding", args=[case.public_id])
    declared = case.declared_items.get().item
    page = client.get(finding, {"muc": declared.pk}).content.decode()
    assert "Kết luận về mục 1.8" in page
    page = client.get(finding).content.decode()
    assert "Thêm mục danh mục" in page
    assert "4.2 Phần mềm nền tảng IoT" in page
    other = CatalogueItem.objects.get(code="4.2")
    page = client.get(finding, {"muc": other.pk}).content.decode()
    assert re.search(rf'<option value="{other.pk}" selected', page)


@pytest.mark.parametrize("item_id", ["", "0", "-1", "x", "9" * 30, "\x00", "1.5"])
@pytest.mark.parametrize("verdict", ["confirmed", "added", "no-such", ""])
def test_a_finding_about_nothing_is_refused(client, item_id, verdict):
    case = own_review(client)
    finding = reverse("case_finding", args=[case.public_id])
    client.get(finding, {"muc": item_id})
    response = client.post(finding, {"version": case.version, "item_id": item_id, "verdict": verdict, "reason": "x"})
    assert response.status_code in (409, 422)
    assert not ItemFinding.objects.exists()


@pytest.mark.parametrize("verdict", ["confirmed", "overruled", "added"])
def test_an_item_of_another_list_is_refused(client, verdict):
    case = own_review(client)
    old = CatalogueFactory(slug="tt-19-2021", effective_from=NOW.date() - timedelta(days=900), effective_to=NOW.date())
    item = CatalogueItem.objects.filter(catalogue=old).order_by("pk").first()
    finding = reverse("case_finding", args=[case.public_id])
    response = client.post(finding, {"version": case.version, "item_id": item.pk, "verdict": verdict, "reason": "x"})
    assert response.status_code in (409, 422)
    assert not ItemFinding.objects.exists()


# --- decision ----------------------------------------------------------------------------------------


def test_a_head_endorses_after_seeing_what_is_proposed(client):
    case = with_assessment(State.ENDORSEMENT)
    signed_in(client, Role.HEAD_OF_UNIT)
    page = show(client, case, "endorse")
    for words in ("Tự phát triển.", "Đáp ứng mô tả của mục 1.8.", "Bản thảo quyết định", "Trả lại chuyên viên"):
        assert words in page
    post(client, case, "endorse")
    assert reload(case).state == State.APPROVAL


def test_a_signatory_approves_and_sees_the_own_name_under_the_draft(client):
    case = with_assessment(State.APPROVAL)
    signed_in(client, Role.SIGNATORY, full_name="Lê Hoàng Nam")
    assert ">Lê Hoàng Nam</p>" in show(client, case, "approve")
    post(client, case, "approve")
    assert reload(case).state == State.ISSUING


@pytest.mark.parametrize(("state", "role"), [(State.ENDORSEMENT, Role.HEAD_OF_UNIT), (State.APPROVAL, Role.SIGNATORY)])
def test_a_dossier_is_sent_back_with_a_reason(client, state, role):
    case = with_assessment(state)
    signed_in(client, role)
    assert post(client, case, "send_back", reason="").status_code == 422
    post(client, case, "send_back", reason="Thiếu kết quả thử nghiệm.")
    assert reload(case).state == State.IN_REVIEW


def test_a_clerk_issues_and_the_number_is_given_only_then(client):
    case = with_assessment(State.ISSUING)
    Case.objects.filter(pk=case.pk).update(approved_by=StaffFactory(role=Role.SIGNATORY, full_name="Lê Hoàng Nam"))
    signed_in(client, Role.CLERK)
    page = show(client, case, "issue")
    assert "cấp khi phát hành" in page
    assert ">Lê Hoàng Nam</p>" in page
    assert not IssuedDocument.objects.exists()
    post(client, case, "issue")
    assert reload(case).state == State.ISSUED
    assert IssuedDocument.objects.get().kind == DocumentKind.DECISION


def words_of(html: str) -> str:
    return " ".join(html_module.unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.parametrize("outcome", Outcome)
def test_the_draft_reads_word_for_word_like_the_paper(client, outcome, settings):
    settings.DEMO_MODE = False
    case = with_assessment(State.ISSUING)
    Assessment.objects.filter(case_id=case.pk).update(outcome=outcome)
    signatory = StaffFactory(role=Role.SIGNATORY, full_name="Lê Hoàng Nam")
    Case.objects.filter(pk=case.pk).update(outcome=outcome, title="Camera <Edge> & S2", approved_by=signatory)
    signed_in(client, Role.CLERK)
    draft = show(client, case, "issue").partition('<article class="paper" lang="vi">')[2].partition("</article>")[0]
    assert "style=" not in draft
    assert "<h1" not in draft

    post(client, case, "issue")
    issued = IssuedDocument.objects.get()
    body = rendering.draw_html(issued.template, issued.data).partition("<body>")[2]
    paper = re.sub(r'<div class="verify">.*?</div></div>', "", body, flags=re.DOTALL)
    filled_in = words_of(draft).replace("…/QĐ-", "01/QĐ-").replace("ngày … tháng … năm …", "ngày 18 tháng 11 năm 2026")
    assert filled_in == words_of(paper)


# --- who may not, and who comes too late -------------------------------------------------------------


@pytest.mark.parametrize("action", sorted(MOVES))
def test_a_move_of_another_role_is_not_there(client, action):
    case = case_in(State.IN_REVIEW)
    for role in Role:
        if role in MOVES[action].roles:
            continue
        signed_in(client, role)
        assert client.get(address(case, action)).status_code == 404
        assert post(client, case, action).status_code == 404
    client.force_login(member_of(case.organisation))
    assert post(client, case, action).status_code == 404
    assert reload(case).version == case.version


@pytest.mark.parametrize(
    "action", ["submit", "withdraw", "deliver", "close", "record_finding", "no-such", "save_assessment"]
)
def test_what_is_no_move_of_the_office_is_not_there(client, action):
    case = own_review(client)
    assert client.get(reverse("case_action", args=[case.public_id, action])).status_code == 404


@pytest.mark.parametrize("action", sorted(MOVES))
def test_a_move_that_does_not_fit_the_state_is_explained(client, action):
    case = case_in(State.DELIVERED)
    signed_in(client, next(iter(sorted(MOVES[action].roles))))
    page = show(client, case, action)
    assert "Không thực hiện được lúc này" in page
    assert "Đã trả kết quả" in page
    assert 'name="version"' not in page


def test_the_dossier_of_another_specialist_is_explained_not_changed(client):
    case = case_in(State.IN_REVIEW, specialist=StaffFactory())
    signed_in(client, Role.SPECIALIST)
    assert "do chuyên viên khác thụ lý" in show(client, case, "save_assessment")
    response = post(client, case, "save_assessment", grounds="Của tôi.")
    assert response.status_code == 409
    assert "Của tôi." in response.content.decode()
    assert not Assessment.objects.exists()


def test_nobody_acts_in_two_capacities(client):
    case = with_assessment(State.APPROVAL)
    me = signed_in(client, Role.SIGNATORY)
    Participation.objects.create(case=case, person=me, capacity=Capacity.ENDORSER, since=NOW)
    response = post(client, case, "approve")
    assert response.status_code == 409
    assert "Bạn đã tham gia hồ sơ này" in response.content.decode()
    assert reload(case).state == State.APPROVAL


def test_who_comes_too_late_is_told_who_did_what_and_keeps_what_was_typed(client):
    case = case_in(State.SCREENING)
    colleague = StaffFactory(role=Role.INTAKE_OFFICER, full_name="Nguyễn Thị Hạnh")
    transitions.receive(case.pk, by=colleague, at=NOW, expected_version=case.version)
    signed_in(client, Role.INTAKE_OFFICER)
    response = post(client, case, "refuse", reason="Đã viết rất nhiều.")
    page = response.content.decode()
    assert response.status_code == 409
    assert "Hồ sơ đã thay đổi từ khi bạn mở trang này" in page
    assert "Tiếp nhận hồ sơ" in page
    assert "Nguyễn Thị Hạnh" in page
    assert "Đã viết rất nhiều." in page
    assert reload(case).state == State.IN_REVIEW


def test_after_a_small_change_the_same_form_can_be_sent_again(client):
    case = own_review(client)
    me = case.specialist
    item = case.declared_items.get().item_id
    transitions.record_finding(
        case.pk, by=me, at=NOW, expected_version=case.version, item_id=item, verdict="confirmed"
    )
    response = post(client, case, "save_assessment", grounds="Đã viết rất nhiều.", outcome="granted")
    page = response.content.decode()
    assert response.status_code == 409
    assert "Kết luận về mục danh mục" in page
    assert "Đã viết rất nhiều." in page
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    response = post(client, case, "save_assessment", version=version, grounds="Đã viết rất nhiều.", outcome="granted")
    assert response.status_code == 302
    assert Assessment.objects.get().grounds == "Đã viết rất nhiều."


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "\x00", "1.0"])
def test_a_page_without_its_version_changes_nothing(client, version):
    case = case_in(State.SUBMITTED)
    signed_in(client, Role.INTAKE_OFFICER)
    response = client.post(address(case, "start_screening"), {"version": version})
    assert response.status_code == 409
    assert reload(case).state == State.SUBMITTED


@pytest.mark.parametrize("reason", ["x" * 5001, "a\x00b", "y" * 300_000])
def test_a_hostile_reason_is_refused_at_its_field(client, reason):
    case = case_in(State.SCREENING)
    signed_in(client, Role.INTAKE_OFFICER)
    response = post(client, case, "refuse", reason=reason)
    assert response.status_code == 422
    assert 'id="id_reason_error"' in response.content.decode()
    assert reload(case).state == State.SCREENING


@pytest.mark.parametrize("hidden", ["\u202e", "\x00"])
@pytest.mark.parametrize(
    ("state", "role", "action", "data"),
    [
        (State.SCREENING, Role.INTAKE_OFFICER, "refuse", {"reason": "Không thuộc%s phạm vi."}),
        (
            State.SCREENING,
            Role.INTAKE_OFFICER,
            "request_supplement",
            {"other.on": "on", "other.reason": "unclear", "other.explanation": "Gửi%s kèm video."},
        ),
        (
            State.SCREENING,
            Role.INTAKE_OFFICER,
            "request_supplement",
            {"other.on": "on", "other.reason": "unclear", "other.explanation": "Video.", "note": "Gọi%s nếu cần."},
        ),
        (State.IN_REVIEW, Role.SPECIALIST, "save_assessment", {"novelty.comment": "Tự%s phát triển."}),
        (State.IN_REVIEW, Role.SPECIALIST, "save_assessment", {"grounds": "Đáp ứng%s mô tả."}),
        (State.ENDORSEMENT, Role.HEAD_OF_UNIT, "send_back", {"reason": "Thiếu%s kết quả."}),
    ],
)
def test_a_hidden_character_is_refused_as_it_is_from_applicants_and_the_text_kept(
    client, state, role, action, data, hidden
):
    user = signed_in(client, role)
    case = case_in(state, specialist=user if role == Role.SPECIALIST else StaffFactory())
    typed = {name: value.replace("%s", hidden) for name, value in data.items()}
    response = post(client, case, action, **typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert f"Có ký tự ẩn (U+{ord(hidden):04X}) không đọc được ở vị trí" in page
    assert all(value.replace("\x00", "") in page.replace("\x00", "") for value in typed.values())
    assert reload(case).version == case.version


def test_what_a_word_processor_leaves_behind_is_no_hidden_character(client):
    case = case_in(State.SCREENING)
    signed_in(client, Role.INTAKE_OFFICER)
    post(client, case, "refuse", reason="Không thuộc phạm vi.\r\nXem\u200b Thông tư\x0b31.\ufeff")
    data = IssuedDocument.objects.get(dossier_id=case.pk, kind=DocumentKind.REFUSAL).data
    assert data["reason"] == "Không thuộc phạm vi.\nXem Thông tư\n31."


def test_what_is_typed_is_shown_as_text(client):
    case = case_in(State.SCREENING)
    signed_in(client, Role.INTAKE_OFFICER)
    page = post(client, case, "refuse", version=99, reason="<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_move_asks_for_post_and_other_methods_are_refused(client):
    case = case_in(State.SUBMITTED)
    signed_in(client, Role.INTAKE_OFFICER)
    show(client, case, "start_screening")
    assert reload(case).state == State.SUBMITTED
    assert client.put(address(case, "start_screening")).status_code == 405
