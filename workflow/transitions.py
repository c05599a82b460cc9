"""Every move of a dossier: one function, one transaction.

Lock the row → compare the version the person saw → policy → guards → the move → audit entry → messages → commit.
Mail and PDF follow after the commit. docs/workflow.md is drawn from workflow.models and workflow.policy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from accounts.taxcodes import saying, verifying
from audit import trail
from catalogs.models import CatalogueItem
from catalogs.services import definition_of
from documents import papers
from documents.models import DocumentKind, IssuedDocument
from intake import filing
from intake.listing import catalogue_of
from intake.models import (
    PointKind,
    PointReason,
    SupplementPoint,
    SupplementRequest,
    SupplementStage,
)
from intake.states import Outcome, State
from notifications import outbox
from workflow import contents, deadlines, policy
from workflow.evidence import propose_findings
from workflow.models import Assessment, Case, ItemFinding, Participation, StateCount, Verdict
from workflow.policy import NotAllowed, TransitionError
from workflow.workingdays import ZONE

MAX_TEXT = 5000
TOLD = 300  # characters of an explanation in a mail


class Stale(TransitionError):
    """Somebody changed the dossier after the person opened the page."""

    def __init__(self) -> None:
        super().__init__(_("Hồ sơ đã thay đổi từ khi bạn mở trang này. Hãy xem lại rồi thực hiện tiếp nếu vẫn cần."))


class Blocked(TransitionError):
    """Something is missing or wrong first; `reasons` says all of it."""


@dataclass(frozen=True)
class Point:
    """One thing to supplement."""

    kind: str
    key: str
    reason: str
    explanation: str = ""


# --- what the applicant does -----------------------------------------------------------------------


@transaction.atomic
def submit(
    case_id: int,
    *,
    by: User,
    at: datetime,
    expected_version: int,
    ticked: list[str],
    capacity: str,
    ip_address: str | None,
    user_agent: str,
) -> Case:
    """File the draft. Raises Stale, NotAllowed, and what `intake.filing.file_revision` raises."""
    case = _lock(case_id, expected_version)
    _act(by, "submit", case, at=at)
    revision = filing.file_revision(
        case, by=by, at=at, capacity=capacity, ticked=ticked, ip_address=ip_address, user_agent=user_agent
    )
    deadline = deadlines.start(case, "acceptance", at=at)
    before = _move(case, case.submit, code=filing.next_code(at), at=at, due_at=deadline.due_at)
    case.search_text = filing.search_text(case)
    papers.issue_paper(
        case, DocumentKind.ACKNOWLEDGEMENT, by=None, at=at, data=contents.acknowledgement(case, revision)
    )
    _save(case, "submit", before=before, by=by, at=at, data={"revision": revision.number, "digest": revision.digest})
    _tell(case, "dossier_submitted", at=at, due=deadline.due_at)
    _tell(case, "dossier_arrived", at=at, due=deadline.due_at)
    return case


@transaction.atomic
def answer_supplement(
    case_id: int,
    *,
    by: User,
    at: datetime,
    expected_version: int,
    ticked: list[str],
    capacity: str,
    ip_address: str | None,
    user_agent: str,
) -> Case:
    """File again, in one go, what was asked for. The office's period starts from its beginning."""
    case = _lock(case_id, expected_version)
    _act(by, "answer_supplement", case, at=at)
    request = case.supplement_requests.get(ended_at=None)
    if at > request.due_at:
        raise Blocked(_("Đã hết hạn bổ sung hồ sơ."))
    revision = filing.file_revision(
        case, by=by, at=at, capacity=capacity, ticked=ticked, ip_address=ip_address, user_agent=user_agent
    )
    request.ended_at, request.answered_by_revision = at, revision
    request.save()
    rule = "acceptance" if request.stage == SupplementStage.INTAKE else "assessment"
    deadline = deadlines.start(case, rule, at=at)
    before = _move(case, case.answer_supplement, due_at=deadline.due_at)
    case.search_text = filing.search_text(case)
    _save(
        case,
        "answer_supplement",
        before=before,
        by=by,
        at=at,
        data={"revision": revision.number, "digest": revision.digest},
    )
    _tell(case, "supplement_answered", at=at, due=deadline.due_at)
    if request.stage == SupplementStage.REVIEW:
        _tell(case, "deadline_changed", at=at, due=deadline.due_at, cause="supplemented")
    else:
        _tell(case, "supplement_received", at=at, due=deadline.due_at)
    return case


@transaction.atomic
def withdraw(case_id: int, *, by: User, at: datetime, expected_version: int, reason: str = "") -> Case:
    """NĐ 118/2025 Đ21: until the decision issues."""
    case = _lock(case_id, expected_version)
    _act(by, "withdraw", case, at=at)
    handlers = contents.handlers(case)
    case.supplement_requests.filter(ended_at=None).update(ended_at=at)
    deadlines.stop(case, at=at)
    reason = _text(reason)
    before = _move(case, case.withdraw, at=at)
    _save(case, "withdraw", before=before, by=by, at=at, data={"reason": reason})
    _tell(case, "dossier_withdrawn", at=at, reason=reason)
    _tell(case, "dossier_withdrawn_staff", at=at, reason=reason, handlers=handlers)
    return case


# --- intake ----------------------------------------------------------------------------------------


@transaction.atomic
def start_screening(case_id: int, *, by: User, at: datetime, expected_version: int) -> Case:
    case = _lock(case_id, expected_version)
    _act(by, "start_screening", case, at=at)
    before = _move(case, case.start_screening)
    _save(case, "start_screening", before=before, by=by, at=at)
    _tell(case, "dossier_screening", at=at, due=case.due_at)
    return case


@transaction.atomic
def receive(case_id: int, *, by: User, at: datetime, expected_version: int) -> Case:
    """Receive with an appointment for the result; the receipt slip follows as a paper."""
    case = _lock(case_id, expected_version)
    _act(by, "receive", case, at=at)
    deadline = deadlines.start(case, "assessment", at=at)
    before = _move(case, case.receive, by=by, at=at, due_at=deadline.due_at)
    papers.issue_paper(case, DocumentKind.RECEIPT, by=by, at=at, data=contents.receipt(case, deadline, officer=by))
    _save(case, "receive", before=before, by=by, at=at, data={"appointment": deadline.due_at.isoformat()})
    _tell(case, "dossier_received", at=at, due=deadline.due_at)
    _tell(case, "dossier_to_assess", at=at, due=deadline.due_at)
    return case


@transaction.atomic
def refuse(case_id: int, *, by: User, at: datetime, expected_version: int, reason: str) -> Case:
    """In writing, with reasons (NĐ 118/2025 Đ17.1.c)."""
    reason = _required_text(reason, _("Hãy nêu lý do từ chối tiếp nhận."))
    case = _lock(case_id, expected_version)
    _act(by, "refuse", case, at=at)
    deadlines.stop(case, at=at)
    before = _move(case, case.refuse, at=at)
    papers.issue_paper(case, DocumentKind.REFUSAL, by=by, at=at, data=contents.refusal(case, reason, officer=by))
    _save(case, "refuse", before=before, by=by, at=at, data={"reason": reason})
    _tell(case, "dossier_refused", at=at, reason=reason)
    return case


@transaction.atomic
def request_supplement(
    case_id: int, *, by: User, at: datetime, expected_version: int, points: list[Point], note: str = ""
) -> Case:
    """Ask for everything that is missing in one request, once at intake and once at review."""
    case = _lock(case_id, expected_version)
    _act(by, "request_supplement", case, at=at)
    _check_points(case, points)
    stage = SupplementStage.INTAKE if case.state == State.SCREENING else SupplementStage.REVIEW
    if case.supplement_requests.filter(stage=stage).exists():
        raise Blocked(_("Đã yêu cầu bổ sung một lần ở bước này; quy định chỉ cho phép yêu cầu trong một lần."))
    deadline = deadlines.start(case, "supplement_answer", at=at)
    request = SupplementRequest.objects.create(
        dossier_id=case.pk,
        stage=stage,
        note=_text(note),
        requested_by=by,
        requested_at=at,
        due_at=deadline.due_at,
    )
    SupplementPoint.objects.bulk_create(
        SupplementPoint(request=request, kind=p.kind, key=p.key, reason=p.reason, explanation=_text(p.explanation))
        for p in points
    )
    before = _move(case, case.request_supplement, due_at=deadline.due_at)
    data = contents.supplement_request(case, request, officer=by)
    papers.issue_paper(case, DocumentKind.SUPPLEMENT_REQUEST, by=by, at=at, data=data)
    _save(case, "request_supplement", before=before, by=by, at=at, data={"points": len(points), "stage": stage})
    points_told = [_told(point) for point in data["points"]]
    _tell(case, "supplement_requested", at=at, due=deadline.due_at, points=points_told, note=data["note"][:TOLD])
    return case


# --- assessment ------------------------------------------------------------------------------------


@transaction.atomic
def take(case_id: int, *, by: User, at: datetime, expected_version: int) -> Case:
    case = _lock(case_id, expected_version)
    _act(by, "take", case, at=at)
    before = _move(case, case.take, by=by)
    Assessment.objects.get_or_create(case_id=case.pk, defaults={"author": by, "saved_at": at})
    _save(case, "take", before=before, by=by, at=at)
    _tell(case, "dossier_taken", at=at, due=case.appointment_at)
    return case


@transaction.atomic
def record_finding(
    case_id: int, *, by: User, at: datetime, expected_version: int, item_id: int, verdict: str, reason: str = ""
) -> Case:
    """Confirm an item, overrule it, or add another; the latter two take a reason."""
    case = _lock(case_id, expected_version)
    policy.require(by, "record_finding", case)
    if verdict not in Verdict.values:
        raise Blocked(_("Hãy chọn một kết luận cho mục danh mục."))
    declared = case.declared_items.filter(item_id=item_id).exists()
    if (verdict == Verdict.ADDED) == declared:
        raise Blocked(_("Chỉ xác nhận hoặc bác mục đã khai; chỉ bổ sung mục chưa khai."))
    if verdict != Verdict.CONFIRMED:
        reason = _required_text(reason, _("Hãy nêu lý do."))
    item = CatalogueItem.objects.filter(pk=item_id, catalogue=catalogue_of(case)).first()
    if item is None and (not declared or verdict == Verdict.CONFIRMED):
        raise Blocked(_("Mục này không thuộc danh mục áp dụng cho hồ sơ."))
    ItemFinding.objects.update_or_create(
        case_id=case.pk,
        item_id=item_id,
        defaults={"verdict": verdict, "reason": _text(reason), "by": by, "at": at},
    )
    _save(
        case,
        "record_finding",
        by=by,
        at=at,
        data={"item": str(item or item_id), "verdict": verdict, "reason": _text(reason)},
    )
    return case


@transaction.atomic
def remove_finding(case_id: int, *, by: User, at: datetime, expected_version: int, item_id: int) -> Case:
    """Take a finding back while the dossier is in review; the audit trail keeps it."""
    case = _lock(case_id, expected_version)
    policy.require(by, "record_finding", case)
    finding = ItemFinding.objects.select_related("item").filter(case_id=case.pk, item_id=item_id).first()
    if finding is None:
        raise Blocked(_("Mục này chưa có kết luận."))
    item = str(finding.item)
    finding.delete()
    _save(case, "remove_finding", by=by, at=at, data={"item": item})
    return case


@transaction.atomic
def save_assessment(
    case_id: int,
    *,
    by: User,
    at: datetime,
    expected_version: int,
    answers: dict[str, dict[str, str]],
    outcome: str,
    grounds: str,
) -> Case:
    """Keep the assessment as far as it is written; it may be incomplete until it is proposed."""
    case = _lock(case_id, expected_version)
    policy.require(by, "save_assessment", case)
    if outcome and outcome not in Outcome.values:
        raise Blocked(_("Hãy chọn kết quả đề xuất."))
    known = {c.key: c for c in definition_of(case.revision_of_procedure).criteria}
    kept = {
        key: {"grade": str(answer.get("grade", ""))[:40], "comment": _text(answer.get("comment", ""))}
        for key, answer in answers.items()
        if key in known
    }
    Assessment.objects.update_or_create(
        case_id=case.pk,
        defaults={"author": by, "answers": kept, "outcome": outcome, "grounds": _text(grounds), "saved_at": at},
    )
    _save(case, "save_assessment", by=by, at=at, data={"outcome": outcome})
    return case


@transaction.atomic
def propose(case_id: int, *, by: User, at: datetime, expected_version: int) -> Case:
    """Send the assessment and the drafted outcome to the head of unit. Raises Blocked with all that is missing."""
    case = _lock(case_id, expected_version)
    _act(by, "propose", case, at=at)
    reasons = missing_for_proposal(case, at=at)
    if reasons:
        raise Blocked(*reasons)
    assessment = Assessment.objects.get(case_id=case.pk)
    assessment.proposed_at = at
    assessment.save()
    before = _move(case, case.propose, outcome=assessment.outcome)
    _save(
        case,
        "propose",
        before=before,
        by=by,
        at=at,
        data={"outcome": assessment.outcome, "grounds": assessment.grounds},
    )
    _tell(case, "dossier_to_endorse", at=at, by_name=str(by))
    _tell(case, "dossier_assessed", at=at, due=case.appointment_at)
    return case


def missing_for_proposal(case: Case, *, at: datetime) -> list[str]:
    """What keeps the dossier from being proposed now, each fit to show."""
    definition = definition_of(case.revision_of_procedure)
    assessment = Assessment.objects.filter(case_id=case.pk).first()
    verdicts = dict(ItemFinding.objects.filter(case_id=case.pk).values_list("item_id", "verdict"))
    reasons = []
    if any(item_id not in verdicts for item_id in case.declared_items.values_list("item_id", flat=True)):
        reasons.append(_("Còn mục danh mục chưa được xác nhận hoặc bác."))
    answers = assessment.answers if assessment else {}
    for criterion in definition.criteria:
        answer = answers.get(criterion.key, {})
        if criterion.grades and answer.get("grade") not in {g.value for g in criterion.grades}:
            reasons.append(_("Chưa đánh giá tiêu chí “%(label)s”.") % {"label": criterion.label})
        elif criterion.comment_required and not answer.get("comment"):
            reasons.append(_("Tiêu chí “%(label)s” cần nhận xét.") % {"label": criterion.label})
    if not assessment or not assessment.outcome:
        reasons.append(_("Chưa chọn kết quả đề xuất."))
    if not assessment or not assessment.grounds.strip():
        reasons.append(_("Chưa nêu căn cứ của kết quả đề xuất."))
    fits = {Verdict.CONFIRMED, Verdict.ADDED} & set(verdicts.values())
    if assessment and assessment.outcome == Outcome.GRANTED and definition.items_required and not fits:
        reasons.append(_("Kết quả “Đồng ý” cần ít nhất một mục danh mục được xác nhận."))
    granted = bool(assessment and assessment.outcome == Outcome.GRANTED)
    return [*reasons, *_standing_in_the_way(case, at=at)] if granted else reasons


def _standing_in_the_way(case: Case, *, at: datetime) -> list[str]:
    """What a result that grants would say wrongly."""
    reasons = []
    until = contents.valid_until(case, Outcome.GRANTED)
    if until and until < timezone.localdate(at, ZONE):
        reasons.append(
            _("Kết quả “Đồng ý” chỉ có giá trị đến ngày %(day)s, đã qua.") % {"day": until.strftime("%d/%m/%Y")}
        )
    # A list that was published after it took effect: the dossier was filed, and maybe received, under the one before.
    listed = catalogue_of(case)
    if listed is None:
        return reasons
    fitting = ItemFinding.objects.filter(case_id=case.pk, verdict__in=[Verdict.CONFIRMED, Verdict.ADDED])
    for finding in fitting.exclude(item__catalogue=listed).select_related("item").order_by("pk"):
        reasons.append(
            _("“%(item)s” không thuộc danh mục áp dụng cho hồ sơ (%(list)s): hãy bác mục này, bổ sung mục tương ứng.")
            % {"item": finding.item, "list": listed.instrument}
        )
    return reasons


# --- decision --------------------------------------------------------------------------------------


@transaction.atomic
def endorse(case_id: int, *, by: User, at: datetime, expected_version: int) -> Case:
    case = _lock(case_id, expected_version)
    _act(by, "endorse", case, at=at)
    before = _move(case, case.endorse, by=by)
    _save(case, "endorse", before=before, by=by, at=at)
    _tell(case, "dossier_to_approve", at=at, by_name=str(by))
    _tell(case, "dossier_endorsed", at=at, due=case.appointment_at)
    return case


@transaction.atomic
def send_back(case_id: int, *, by: User, at: datetime, expected_version: int, reason: str) -> Case:
    """The head or the signatory returns the dossier to the specialist; the assessment opens again."""
    reason = _required_text(reason, _("Hãy nêu lý do trả lại."))
    case = _lock(case_id, expected_version)
    _act(by, "send_back", case, at=at)
    Assessment.objects.filter(case_id=case.pk).update(proposed_at=None)
    before = _move(case, case.send_back)
    _save(case, "send_back", before=before, by=by, at=at, data={"reason": reason})
    _tell(case, "dossier_sent_back", at=at, reason=reason, by_name=str(by))
    return case


@transaction.atomic
def approve(case_id: int, *, by: User, at: datetime, expected_version: int) -> Case:
    _lock_applicant(case_id)
    case = _lock(case_id, expected_version)
    _act(by, "approve", case, at=at)
    reasons = _standing_in_the_way(case, at=at) if case.outcome == Outcome.GRANTED else []
    if waits := why_approval_waits(case):
        reasons.append(waits)
    if reasons:
        raise Blocked(*reasons)
    before = _move(case, case.approve, by=by, at=at)
    _save(case, "approve", before=before, by=by, at=at, data={"outcome": case.outcome})
    _tell(case, "dossier_to_issue", at=at, by_name=str(by))
    _tell(case, "dossier_approved", at=at, due=case.appointment_at)
    return case


def why_approval_waits(case: Case) -> str:
    """A result that grants waits for the applicant's tax code; one that does not grants nobody anything."""
    return saying.why_approval_waits(case.organisation) if case.outcome == Outcome.GRANTED else ""


@transaction.atomic
def verify_applicant(case_id: int, *, by: User, at: datetime, expected_version: int, reason: str) -> Case:
    """An officer has seen papers, where no registry answers or it errs. The dossier stays where it is."""
    reason = _required_text(reason, _("Hãy nêu căn cứ xác minh."))
    _lock_applicant(case_id)
    case = _lock(case_id, expected_version)
    _act(by, "verify_applicant", case, at=at)
    verifying.verify_by_hand(case.organisation, reason, by=by, at=at)
    _save(case, "verify_applicant", by=by, at=at, data={"reason": reason})
    return case


@transaction.atomic
def issue(case_id: int, *, by: User, at: datetime, expected_version: int) -> Case:
    """Take the number, freeze the decision, hand on its findings as evidence. PDF and message follow."""
    case = _lock(case_id, expected_version)
    _act(by, "issue", case, at=at)
    deadlines.stop(case, at=at)
    before = _move(case, case.issue, by=by, at=at)
    data, valid_until = contents.decision(case)
    decision = papers.issue_paper(case, DocumentKind.DECISION, by=by, at=at, data=data, valid_until=valid_until)
    # Only now: until the decision issues, the applicant may still withdraw.
    propose_findings(case, catalogue=catalogue_of(case), decided_at=at)
    _save(case, "issue", before=before, by=by, at=at, data={"symbol": decision.symbol, "outcome": case.outcome})
    return case


@transaction.atomic
def record_delivery(document: IssuedDocument, *, person: User, at: datetime) -> None:
    """The first download of the decision by who acts for the applicant is its delivery; later ones change nothing."""
    if document.kind != DocumentKind.DECISION:
        return
    case = Case.objects.select_for_update(of=("self",)).get(pk=document.dossier_id)
    if case.state != State.ISSUED:
        return
    # The page shows no version of the dossier: whoever downloads does not act on it, the system notes it.
    policy.require(None, "deliver", case)
    before = _move(case, case.deliver, at=at)
    _save(case, "deliver", before=before, by=person, at=at, data={"symbol": document.symbol})
    _tell(case, "decision_delivered", at=at, symbol=document.symbol, handlers=contents.handlers(case))


@transaction.atomic
def close(case_id: int, *, at: datetime, expected_version: int) -> Case:
    """NĐ 118/2025 Đ19.5: not completed within 15 days of the notice, the dossier is closed."""
    case = _lock(case_id, expected_version)
    policy.require(None, "close", case)
    request = case.supplement_requests.get(ended_at=None)
    if at <= request.due_at:
        raise Blocked(_("Chưa hết hạn bổ sung hồ sơ."))
    request.ended_at = at
    request.save()
    deadlines.stop(case, at=at)
    before = _move(case, case.close, at=at)
    _save(case, "close", before=before, by=None, at=at)
    _tell(case, "dossier_closed", at=at)
    _tell(case, "dossier_closed_staff", at=at, handlers=[request.requested_by_id])
    return case


# --- the recipe ------------------------------------------------------------------------------------


def _lock_applicant(case_id: int) -> None:
    """Before the dossier, in the order in which a change of the organisation's name takes the two."""
    organisation = Case.objects.filter(pk=case_id).values("organisation_id")
    Organisation.objects.select_for_update().get(pk__in=organisation)


def _lock(case_id: int, expected_version: int) -> Case:
    # refresh_from_db() would fail on the protected state, so a locked row is always read anew.
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("organisation", "revision_of_procedure__procedure", "specialist")
        .get(pk=case_id)
    )
    if case.version != expected_version:
        raise Stale
    return case


def _act(person: User, action: str, case: Case, *, at: datetime) -> None:
    """Policy, and then the record that binds the person to one capacity; its unique constraint has the last word."""
    rule = policy.require(person, action, case)
    try:
        with transaction.atomic():
            participation, _created = Participation.objects.get_or_create(
                case_id=case.pk, person=person, defaults={"capacity": rule.capacity, "since": at}
            )
    except IntegrityError as error:
        raise NotAllowed(_("Bạn đã tham gia hồ sơ này ở một vai trò khác.")) from error
    if participation.capacity != rule.capacity:
        raise NotAllowed(_("Bạn đã tham gia hồ sơ này ở một vai trò khác."))


def _move(case: Case, move: Callable[..., None], **values: Any) -> str:
    """Let the state machine set its fields; returns the state that was left."""
    before = str(case.state)
    move(**values)
    return before


def _save(
    case: Case,
    action: str,
    *,
    by: User | None,
    at: datetime,
    before: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Save and record; `before` is the state that was left, if the dossier moved."""
    before = before or case.state
    case.version += 1
    case.edited_at = at
    case.save()
    # From here on the lock of the audit chain is held: last, and short.
    trail.record(case, action, by=by, at=at, data={"from": before, "to": case.state, **(data or {})})
    if before != case.state:
        _count(before, -1)
        _count(case.state, 1)


def _count(state: str, change: int) -> None:
    if state == State.DRAFT:
        return
    if not StateCount.objects.filter(state=state).update(count=F("count") + change):
        StateCount.objects.create(state=state, count=change)


def _tell(case: Case, kind: str, *, at: datetime, due: datetime | None = None, **context: Any) -> None:
    outbox.enqueue(
        kind,
        case,
        at=at,
        context={
            "code": case.code,
            "title": case.title,
            "organisation": case.organisation.name,
            **({"due": due.isoformat()} if due else {}),
            **context,
        },
    )


def _told(point: dict[str, str]) -> str:
    """A point of a request for supplements in a line of a mail; its page has all of it."""
    explanation = " ".join(point["explanation"].split())
    return f"{point['what']}: {point['reason']}" + (f". {Truncator(explanation).chars(TOLD)}" if explanation else "")


def _check_points(case: Case, points: list[Point]) -> None:
    if not points:
        raise Blocked(_("Hãy chọn ít nhất một nội dung cần bổ sung."))
    definition = definition_of(case.revision_of_procedure)
    known = {
        PointKind.DOCUMENT: {d.key for d in definition.documents},
        PointKind.QUESTION: {q.key for q in definition.questions()},
    }
    reasons = []
    for point in points:
        if point.kind not in PointKind.values or point.reason not in PointReason.values:
            reasons.append(_("Mỗi nội dung cần bổ sung phải có lý do."))
        elif point.kind in known and point.key not in known[PointKind(point.kind)]:
            reasons.append(_("Thủ tục này không có nội dung “%(key)s”.") % {"key": point.key[:60]})
        elif point.reason == PointReason.OTHER and not point.explanation.strip():
            reasons.append(_("Lý do khác cần được giải thích."))
    if reasons:
        raise Blocked(*dict.fromkeys(reasons))


def _text(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Blocked(_("Nội dung dài quá %(max)s ký tự.") % {"max": MAX_TEXT})
    return text.replace("\x00", "").strip()


def _required_text(text: str, message: str) -> str:
    text = _text(text)
    if not text:
        raise Blocked(message)
    return text
