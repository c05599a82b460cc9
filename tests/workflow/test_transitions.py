"""Each move, from filing to delivery: what it sets, records, sends; and what it refuses."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from accounts.models import Role, User
from audit import trail
from audit.models import Entry
from catalogs.models import Catalogue, Evidence
from documents.models import DocumentKind, IssuedDocument
from intake.models import SupplementRequest
from intake.states import Outcome, State
from notifications import expansion, mail
from notifications.models import Delivery, Event
from tests.factories import (
    ANSWERS,
    DEFINITION,
    NOW,
    CatalogueFactory,
    InstrumentFactory,
    ProcedureRevisionFactory,
    StaffFactory,
    case_in,
    complete_dossier,
    member_of,
    rewording,
)
from workflow import contents, transitions
from workflow.models import Assessment, Capacity, Case, Deadline, Participation, StateCount, Verdict
from workflow.policy import NotAllowed
from workflow.recipients import TO_APPLICANT
from workflow.transitions import Blocked, Point, Stale

pytestmark = pytest.mark.django_db

TICKED = [statement["key"] for statement in DEFINITION["statements"]]
CERTIFYING = {"ticked": TICKED, "capacity": "Giám đốc", "ip_address": "192.0.2.7", "user_agent": "test"}
MISSING_DOCUMENT = Point("document", "thuyet-minh", "unreadable", "Trang 2 bị mờ.")


def reload(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def submit(dossier=None, *, at=NOW) -> Case:
    dossier = dossier or complete_dossier()
    return transitions.submit(dossier.pk, by=dossier.created_by, at=at, expected_version=dossier.version, **CERTIFYING)


def act(name: str, case: Case, by, *, at=NOW, **fields) -> Case:
    return getattr(transitions, name)(case.pk, by=by, at=at, expected_version=reload(case).version, **fields)


@pytest.fixture
def staff():
    return {role: StaffFactory(role=role) for role in Role}


def assessed(case: Case, specialist, *, outcome=Outcome.GRANTED) -> Case:
    case = act("take", case, specialist)
    for declared in case.declared_items.order_by("pk"):
        act("record_finding", case, specialist, item_id=declared.item_id, verdict=Verdict.CONFIRMED)
    return act(
        "save_assessment",
        case,
        specialist,
        answers={"novelty": {"grade": "high", "comment": ""}},
        outcome=outcome,
        grounds="Sản phẩm do công ty tự phát triển.",
    )


def answered(case: Case) -> Case:
    """The applicant has said something to each point of the open request."""
    case.supplement_requests.get(ended_at=None).points.update(answer="Đã nộp lại bản rõ.")
    return case


def events_of(case: Case) -> list[str]:
    return list(
        Event.objects.filter(subject_id=str(case.pk)).order_by("happened_at", "kind").values_list("kind", flat=True)
    )


def test_a_dossier_goes_from_filing_to_delivery(staff, django_capture_on_commit_callbacks):
    case = submit()
    assert case.code == "G06-261118-0001"
    case = act("start_screening", case, staff[Role.INTAKE_OFFICER])
    case = act("receive", case, staff[Role.INTAKE_OFFICER])
    case = assessed(case, staff[Role.SPECIALIST])
    case = act("propose", case, staff[Role.SPECIALIST])
    case = act("endorse", case, staff[Role.HEAD_OF_UNIT])
    case = act("approve", case, staff[Role.SIGNATORY])
    case = act("issue", case, staff[Role.CLERK])
    decision = IssuedDocument.objects.get(dossier_id=case.pk, kind=DocumentKind.DECISION)
    transitions.record_delivery(decision, person=case.created_by, at=NOW)
    case = reload(case)

    assert case.state == State.DELIVERED
    assert case.version == 11
    assert decision.symbol == "01/QĐ-CNCNTT"
    assert decision.data["items"][0]["code"] == "1.8"
    assert decision.data["signer"]["name"] == str(staff[Role.SIGNATORY])
    evidence = Evidence.objects.get(dossier_id=case.public_id)
    assert (evidence.item.code, evidence.fits, evidence.state, evidence.granted) == ("1.8", True, "proposed", True)
    assert (evidence.name, evidence.description) == (ANSWERS["product_name"], ANSWERS["description"])
    assert (evidence.organisation, evidence.dossier_code) == (case.organisation, case.code)
    assert list(Entry.objects.about(case).order_by("number").values_list("action", flat=True)) == [
        "submit",
        "start_screening",
        "receive",
        "take",
        "record_finding",
        "save_assessment",
        "propose",
        "endorse",
        "approve",
        "issue",
        "deliver",
    ]
    assert trail.verify().broken is None
    assert dict(StateCount.objects.filter(count__gt=0).values_list("state", "count")) == {State.DELIVERED: 1}
    assert not Deadline.objects.filter(case_id=case.pk, ended_at=None).exists()
    assert {"dossier_submitted", "dossier_arrived", "dossier_received", "dossier_to_assess"} <= set(events_of(case))


def test_submission_gives_a_code_an_acknowledgement_and_eight_working_hours():
    case = submit()
    assert case.due_at == NOW + timedelta(days=1)  # 8 working hours across one night
    assert case.documents.get().kind == DocumentKind.ACKNOWLEDGEMENT
    assert case.revisions.get().certification.statements[0]["text"] == DEFINITION["statements"][0]["text"]
    assert events_of(case) == ["dossier_arrived", "dossier_submitted"]


def test_a_second_click_on_submit_is_told_that_it_is_done():
    dossier = complete_dossier()
    submit(dossier)
    with pytest.raises(Stale):
        submit(dossier)
    assert dossier.revisions.count() == 1


def test_whoever_filed_a_dossier_does_not_handle_it_after_a_change_of_sides():
    """Having left the applicant: the record of having filed is held by the database."""
    case = submit()
    person = case.created_by
    person.memberships.all().delete()
    person.role_assignments.create(role=Role.INTAKE_OFFICER)
    with pytest.raises(NotAllowed, match="từng thay mặt bên nộp"):
        act("start_screening", case, User.objects.get(pk=person.pk))
    assert Participation.objects.get(case_id=case.pk, person=person).capacity == Capacity.APPLICANT


def test_the_applicant_hears_of_each_step(staff):
    case = submit()
    case = act("start_screening", case, staff[Role.INTAKE_OFFICER])
    case = act("receive", case, staff[Role.INTAKE_OFFICER])
    case = assessed(case, staff[Role.SPECIALIST])
    case = act("propose", case, staff[Role.SPECIALIST])
    case = act("endorse", case, staff[Role.HEAD_OF_UNIT])
    act("approve", case, staff[Role.SIGNATORY])
    told = Event.objects.filter(kind__in=TO_APPLICANT).order_by("kind").values_list("kind", flat=True)
    assert list(told) == [
        "dossier_approved",
        "dossier_assessed",
        "dossier_endorsed",
        "dossier_received",
        "dossier_screening",
        "dossier_submitted",
        "dossier_taken",
    ]


def test_a_stale_page_changes_nothing(staff):
    case = case_in(State.SUBMITTED)
    seen = case.version
    act("start_screening", case, staff[Role.INTAKE_OFFICER])
    with pytest.raises(Stale):
        transitions.refuse(
            case.pk, by=staff[Role.INTAKE_OFFICER], at=NOW, expected_version=seen, reason="Không thuộc phạm vi."
        )
    assert reload(case).state == State.SCREENING


def test_a_failure_in_the_middle_leaves_nothing_behind(staff, monkeypatch):
    case = case_in(State.SCREENING)

    def broken(*args, **kwargs):
        raise RuntimeError("disk full")

    monkeypatch.setattr("workflow.transitions.papers.issue_paper", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        act("receive", case, staff[Role.INTAKE_OFFICER])
    assert reload(case).state == State.SCREENING
    assert not Entry.objects.about(case).exists()
    assert not Event.objects.exists()
    assert not Participation.objects.exists()


def test_receiving_promises_a_day_and_gives_a_slip(staff):
    case = act("receive", case_in(State.SCREENING), staff[Role.INTAKE_OFFICER])
    slip = case.documents.get(kind=DocumentKind.RECEIPT)
    assert slip.data["appointment_at"] == case.appointment_at.isoformat()
    assert slip.data["duration"] == "20 ngày làm việc"
    assert case.due_at == case.appointment_at


def test_a_slip_writes_a_short_period_with_a_zero_like_its_days(staff):
    rules = [{**rule, "amount": 5} if rule["key"] == "assessment" else rule for rule in DEFINITION["deadlines"]]
    revision = ProcedureRevisionFactory(changes={"deadlines": rules})
    case = case_in(State.SCREENING, revision_of_procedure=revision)
    case = act("receive", case, staff[Role.INTAKE_OFFICER])
    assert case.documents.get(kind=DocumentKind.RECEIPT).data["duration"] == "05 ngày làm việc"


def test_refusing_takes_a_reason(staff):
    case = case_in(State.SCREENING)
    with pytest.raises(Blocked, match="lý do"):
        act("refuse", case, staff[Role.INTAKE_OFFICER], reason="  ")
    case = act("refuse", case, staff[Role.INTAKE_OFFICER], reason="Không thuộc phạm vi giải quyết.")
    assert case.state == State.REFUSED
    assert case.documents.get(kind=DocumentKind.REFUSAL).data["reason"] == "Không thuộc phạm vi giải quyết."


def test_supplements_restart_the_period_at_review(staff):
    case = case_in(State.IN_REVIEW, specialist=staff[Role.SPECIALIST])
    case = act("request_supplement", case, staff[Role.SPECIALIST], points=[MISSING_DOCUMENT])
    assert case.state == State.SUPPLEMENT_REQUESTED
    later = NOW + timedelta(days=5)
    case = act("answer_supplement", answered(case), case.created_by, at=later, **CERTIFYING)
    assert case.state == State.IN_REVIEW
    running = Deadline.objects.get(case_id=case.pk, ended_at=None)
    assert (running.rule, running.started_at, running.amount) == ("assessment", later, 20)
    assert case.appointment_at == running.due_at
    assert SupplementRequest.objects.get().answered_by_revision.number == 2
    assert "deadline_changed" in events_of(case)


def test_each_reader_is_told_in_their_own_language_why_the_day_changed(staff):
    case = act(
        "request_supplement",
        case_in(State.IN_REVIEW, specialist=staff[Role.SPECIALIST]),
        staff[Role.SPECIALIST],
        points=[MISSING_DOCUMENT],
    )
    english = member_of(case.organisation, language="en")
    with translation.override("en"):
        case = act("answer_supplement", answered(case), case.created_by, **CERTIFYING)
    expansion.expand(Event.objects.filter(kind="deadline_changed"), at=NOW)
    bodies = {
        delivery.recipient_id == english.pk: mail.compose(delivery).body
        for delivery in Delivery.objects.filter(event__kind="deadline_changed", channel="email")
    }
    assert "thời hạn được tính lại từ đầu (khoản 5 Điều 19 Nghị định số 118/2025/NĐ-CP)" in bodies[False]
    assert "the period starts again" in bodies[True]


def test_supplements_at_intake_lead_back_to_intake(staff):
    case = act("request_supplement", case_in(State.SCREENING), staff[Role.INTAKE_OFFICER], points=[MISSING_DOCUMENT])
    case = act("answer_supplement", answered(case), case.created_by, **CERTIFYING)
    assert case.state == State.SCREENING
    assert case.received_at is None


def test_supplements_are_asked_for_in_one_go(staff):
    officer = staff[Role.INTAKE_OFFICER]
    case = act("request_supplement", case_in(State.SCREENING), officer, points=[MISSING_DOCUMENT])
    case = act("answer_supplement", answered(case), case.created_by, **CERTIFYING)
    with pytest.raises(Blocked, match="trong một lần"):
        act("request_supplement", case, officer, points=[MISSING_DOCUMENT])


@pytest.mark.parametrize(
    "points",
    [
        [],
        [Point("document", "khong-co", "missing")],
        [Point("question", "khong-co", "unclear")],
        [Point("spell", "thuyet-minh", "missing")],
        [Point("document", "thuyet-minh", "because")],
        [Point("other", "", "other", "  ")],
        [Point("document", "thuyet-minh", "missing", "x" * 5001)],
    ],
)
def test_a_supplement_request_that_says_nothing_usable_is_refused(staff, points):
    case = case_in(State.SCREENING)
    with pytest.raises(Blocked), transaction.atomic():
        act("request_supplement", case, staff[Role.INTAKE_OFFICER], points=points)
    assert reload(case).state == State.SCREENING


def test_supplements_after_their_day_are_refused_and_the_dossier_is_closed(staff):
    case = act("request_supplement", case_in(State.SCREENING), staff[Role.INTAKE_OFFICER], points=[MISSING_DOCUMENT])
    late = case.due_at + timedelta(seconds=1)
    with pytest.raises(Blocked, match="hết hạn"):
        act("answer_supplement", answered(case), case.created_by, at=late, **CERTIFYING)
    with pytest.raises(Blocked):
        transitions.close(case.pk, at=case.due_at, expected_version=case.version)
    case = transitions.close(case.pk, at=late, expected_version=case.version)
    assert case.state == State.CLOSED
    assert {"dossier_closed", "dossier_closed_staff"} <= set(events_of(case))


@pytest.mark.parametrize(
    "state",
    [State.SUBMITTED, State.SCREENING, State.IN_REVIEW, State.ENDORSEMENT, State.APPROVAL, State.ISSUING],
)
def test_an_applicant_withdraws_until_the_decision_issues(state):
    case = case_in(state)
    case = act("withdraw", case, case.created_by, reason="Đổi kế hoạch.")
    assert case.state == State.WITHDRAWN
    assert case.ended_at == NOW


def test_withdrawing_ends_the_open_supplement_request(staff):
    case = act("request_supplement", case_in(State.SCREENING), staff[Role.INTAKE_OFFICER], points=[MISSING_DOCUMENT])
    act("withdraw", case, case.created_by)
    assert SupplementRequest.objects.get().ended_at == NOW


def test_a_dossier_is_taken_once(staff):
    case = act("take", case_in(State.IN_REVIEW), staff[Role.SPECIALIST])
    with pytest.raises(NotAllowed, match="đã có chuyên viên"):
        act("take", case, StaffFactory(role=Role.SPECIALIST))


def test_overruling_takes_a_reason_and_adding_an_item_of_the_list(staff):
    specialist = staff[Role.SPECIALIST]
    case = act("take", case_in(State.IN_REVIEW), specialist)
    declared = case.declared_items.get().item
    other = declared.catalogue.items.get(code="1.7")
    with pytest.raises(Blocked, match="lý do"):
        act("record_finding", case, specialist, item_id=declared.pk, verdict=Verdict.OVERRULED)
    with pytest.raises(Blocked):
        act("record_finding", case, specialist, item_id=other.pk, verdict=Verdict.CONFIRMED)
    with pytest.raises(Blocked):
        act("record_finding", case, specialist, item_id=999999, verdict=Verdict.ADDED, reason="x")
    act("record_finding", case, specialist, item_id=declared.pk, verdict=Verdict.OVERRULED, reason="Chỉ bán lại.")
    act("record_finding", case, specialist, item_id=other.pk, verdict=Verdict.ADDED, reason="Suy luận tại biên.")
    assert dict(case.findings.values_list("item__code", "verdict")) == {"1.8": "overruled", "1.7": "added"}
    act("remove_finding", case, specialist, item_id=other.pk)
    assert case.findings.count() == 1


def test_a_proposal_names_everything_that_is_missing(staff):
    case = act("take", case_in(State.IN_REVIEW), staff[Role.SPECIALIST])
    with pytest.raises(Blocked) as blocked:
        act("propose", case, staff[Role.SPECIALIST])
    assert blocked.value.reasons == [
        "Còn mục danh mục chưa được xác nhận hoặc bác.",
        "Chưa đánh giá tiêu chí “Tính mới”.",
        "Chưa chọn kết quả đề xuất.",
        "Chưa nêu căn cứ của kết quả đề xuất.",
    ]


def test_granting_needs_an_item_that_fits(staff):
    specialist = staff[Role.SPECIALIST]
    case = assessed(case_in(State.IN_REVIEW), specialist)
    item_id = case.declared_items.get().item_id
    act("record_finding", case, specialist, item_id=item_id, verdict=Verdict.OVERRULED, reason="Chỉ bán lại.")
    with pytest.raises(Blocked, match="ít nhất một mục"):
        act("propose", case, specialist)


def test_a_dossier_sent_back_opens_the_assessment_again(staff):
    specialist = staff[Role.SPECIALIST]
    case = act("propose", assessed(case_in(State.IN_REVIEW), specialist), specialist)
    case = act("send_back", case, staff[Role.HEAD_OF_UNIT], reason="Bổ sung nhận xét.")
    assert case.state == State.IN_REVIEW
    assert case.assessment.proposed_at is None
    case = act("propose", case, specialist)
    case = act("endorse", case, staff[Role.HEAD_OF_UNIT])
    case = act("send_back", case, staff[Role.SIGNATORY], reason="Xem lại căn cứ.")
    assert case.endorsed_by is None
    case = act("propose", case, specialist)
    case = act("endorse", case, staff[Role.HEAD_OF_UNIT])
    assert case.state == State.APPROVAL


def test_nobody_acts_twice_even_with_two_roles(staff):
    person = staff[Role.HEAD_OF_UNIT]
    person.role_assignments.create(role=Role.SIGNATORY)
    specialist = staff[Role.SPECIALIST]
    case = act("propose", assessed(case_in(State.IN_REVIEW), specialist), specialist)
    case = act("endorse", case, person)
    with pytest.raises(NotAllowed, match="vai trò"):
        act("approve", case, person)


def test_the_database_holds_four_eyes():
    case = case_in(State.APPROVAL)
    person = StaffFactory(role=Role.SIGNATORY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(endorsed_by=person, approved_by=person)
    Participation.objects.create(case_id=case.pk, person=person, capacity="endorser", since=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Participation.objects.create(case_id=case.pk, person=person, capacity="signatory", since=NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"state": State.SUBMITTED, "submitted_at": None},
        {"due_at": None},
        {"state": State.ISSUED},
        {"state": "lost"},
        {"ended_at": NOW},
        {"outcome": ""},
    ],
)
def test_the_database_refuses_a_state_without_its_dates(change):
    case = case_in(State.APPROVAL)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**change)


def test_the_state_cannot_be_set_by_hand():
    case = case_in(State.APPROVAL)
    with pytest.raises(AttributeError):
        case.state = State.ISSUED


def test_only_the_first_download_of_the_decision_delivers(staff):
    case = case_in(State.APPROVAL, approved_by=None)
    case.findings.create(item=case.declared_items.get().item, verdict="confirmed", by=staff[Role.SPECIALIST], at=NOW)
    Assessment.objects.create(
        case_id=case.pk, author=staff[Role.SPECIALIST], outcome="granted", grounds="Đủ điều kiện", saved_at=NOW
    )
    case = act("approve", case, staff[Role.SIGNATORY])
    case = act("issue", case, staff[Role.CLERK])
    decision = case.documents.get(kind=DocumentKind.DECISION)
    later = NOW + timedelta(hours=3)
    transitions.record_delivery(decision, person=case.created_by, at=NOW)
    transitions.record_delivery(decision, person=case.created_by, at=later)
    assert reload(case).delivered_at == NOW
    assert Entry.objects.about(case).filter(action="deliver").count() == 1


def test_a_decision_says_which_declared_items_it_does_not_confirm_and_why(staff, client):
    case = case_in(State.APPROVAL, approved_by=None)
    confirmed = case.declared_items.get().item
    overruled, added = (confirmed.catalogue.items.get(code=code) for code in ("1.7", "4.1"))
    case.declared_items.create(item=overruled)
    for item, verdict, reason in (
        (confirmed, Verdict.CONFIRMED, ""),
        (overruled, Verdict.OVERRULED, "Chỉ thu hình,\nkhông phân tích"),
        (added, Verdict.ADDED, "Có bộ thu phát."),
    ):
        case.findings.create(item=item, verdict=verdict, reason=reason, by=staff[Role.SPECIALIST], at=NOW)
    Assessment.objects.create(
        case_id=case.pk, author=staff[Role.SPECIALIST], outcome="granted", grounds="Đủ điều kiện", saved_at=NOW
    )
    case = act("approve", case, staff[Role.SIGNATORY])
    case = act("issue", case, staff[Role.CLERK])
    decision = case.documents.get(kind=DocumentKind.DECISION)
    reason = "Chỉ thu hình, không phân tích"
    assert decision.data["overruled"] == [{"code": "1.7", "name": overruled.name, "reason": reason}]
    assert decision.data["articles"][1] == f"Không xác nhận đối với mục 1.7 “{overruled.name}”: {reason}."
    assert decision.data["recipients"][0] == f"Như Điều {len(decision.data['articles'])}"
    client.force_login(case.created_by)
    page = client.get(reverse("dossier_detail", args=[case.public_id])).content.decode()
    assert f"{reason}</span>" in page
    assert "Đồng ý một phần" in page


def test_a_decision_that_confirms_all_that_was_declared_names_no_refusal(staff):
    case = case_in(State.APPROVAL)
    case.findings.create(item=case.declared_items.get().item, verdict="confirmed", by=staff[Role.SPECIALIST], at=NOW)
    Assessment.objects.create(
        case_id=case.pk, author=staff[Role.SPECIALIST], outcome="granted", grounds="Đủ điều kiện", saved_at=NOW
    )
    data, _valid_until = contents.decision(case)
    assert data["overruled"] == []
    assert not any("Không xác nhận" in article for article in data["articles"])


def _granting(state: str, staff, **fields) -> Case:
    case = case_in(state, specialist=staff[Role.SPECIALIST], **fields)
    Assessment.objects.create(
        case_id=case.pk,
        author=staff[Role.SPECIALIST],
        outcome="granted",
        grounds="Đủ điều kiện",
        answers={"novelty": {"grade": "high", "comment": ""}},
        saved_at=NOW,
    )
    item = case.declared_items.get().item
    case.findings.create(item=item, verdict=Verdict.CONFIRMED, by=staff[Role.SPECIALIST], at=NOW)
    return case


def _until(day: str) -> dict:
    granted = {
        "subject": "Về việc công nhận {title}",
        "articles": ["Có giá trị đến ngày {valid_until}."],
        "valid_until": "started_on",
    }
    revision = ProcedureRevisionFactory(changes={"outcomes": {**DEFINITION["outcomes"], "granted": granted}})
    return {"revision_of_procedure": revision, "answers": {**ANSWERS, "started_on": day}}


def test_a_result_is_valid_until_the_day_that_was_declared(staff):
    case = _granting(State.ISSUING, staff, **_until("2026-12-31"))
    data, until = contents.decision(case)
    assert (until, data["valid_until"]) == (date(2026, 12, 31), "2026-12-31")
    assert data["articles"][0] == "Có giá trị đến ngày 31/12/2026."


@pytest.mark.parametrize(
    ("state", "action", "role"), [(State.IN_REVIEW, "propose", "specialist"), (State.APPROVAL, "approve", "signatory")]
)
def test_a_result_that_would_have_ended_already_is_neither_proposed_nor_approved(staff, state, action, role):
    case = _granting(state, staff, **_until("2026-11-17"))
    with pytest.raises(Blocked, match="chỉ có giá trị đến ngày 17/11/2026, đã qua"):
        act(action, case, staff[Role(role)])
    act(action, _granting(state, staff, **_until("2026-11-18")), staff[Role(role)])


def test_an_item_of_another_list_than_the_dossiers_is_not_granted(staff):
    """A list was published after it took effect, and the item had been confirmed by then."""
    case = _granting(State.IN_REVIEW, staff)
    before = case.declared_items.get().item
    newer = CatalogueFactory(
        slug="tt-99-2026", effective_from=date(2026, 6, 1), instrument=InstrumentFactory(number="99/2026/TT-BKHCN")
    )
    with rewording(before.catalogue):
        Catalogue.objects.filter(pk=before.catalogue_id).update(effective_to=date(2026, 6, 1))
    with pytest.raises(Blocked, match="không thuộc danh mục áp dụng cho hồ sơ"):
        act("propose", case, staff[Role.SPECIALIST])
    with pytest.raises(Blocked, match="không thuộc danh mục áp dụng cho hồ sơ"):
        act("record_finding", case, staff[Role.SPECIALIST], item_id=before.pk, verdict=Verdict.CONFIRMED)
    act("record_finding", case, staff[Role.SPECIALIST], item_id=before.pk, verdict=Verdict.OVERRULED, reason="Mục cũ.")
    act(
        "record_finding",
        case,
        staff[Role.SPECIALIST],
        item_id=newer.items.get(code="1.8").pk,
        verdict=Verdict.ADDED,
        reason="Cùng mục, danh mục mới.",
    )
    act("propose", case, staff[Role.SPECIALIST])
