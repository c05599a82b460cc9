"""What each move asks a person and says when it is done. `workflow.transitions` makes it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Role, User
from accounts.taxcodes import saying
from catalogs.procedures import length_of
from documents import papers
from documents.models import DocumentKind
from documents.sources import UnknownTemplate
from intake.states import Outcome
from workflow import casefile, contents, deadlines, policy, transitions
from workflow.forms import AssessmentForm, ConfirmForm, RefusalForm, ReturnForm, SupplementForm, VerifyForm
from workflow.models import Case
from workflow.workingdays import current_calendar


def confirm(case: Case, data: Any) -> forms.Form:
    return ConfirmForm(data)


def no_more(case: Case, *, by: User, at: datetime) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Move:
    action: str  # of workflow.policy
    title: str | Promise
    button: str | Promise
    done: str | Promise
    run: Callable[..., Case]
    # The form for the dossier, bound if there is data.
    form: Callable[[Case, Any], forms.Form] = confirm
    # What its page shows besides the form.
    shows: Callable[..., dict[str, Any]] = no_more
    template: str = "workflow/moves/confirm.html"
    # "primary", "danger", or "" for a choice beside the main one.
    weight: str = "primary"
    # One click is enough: the dossier's page has the button itself.
    at_once: bool = False

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(rule.who for rule in policy.ACTIONS[self.action])


# --- what the pages show ---------------------------------------------------------------------------


def _receipt(case: Case, *, by: User, at: datetime) -> dict[str, Any]:
    filing = casefile.filing_of(case)
    rule = filing.definition.deadline("assessment")
    return {
        "filing": filing,
        "appointment": deadlines.due(case, "assessment", at=at, calendar=current_calendar()),
        "rule": rule,
        "duration": length_of(rule),
    }


def _supplement(case: Case, data: Any) -> forms.Form:
    filing = casefile.filing_of(case)
    return SupplementForm(
        data,
        definition=filing.definition,
        answers=filing.content["answers"],
        missing=frozenset(document.key for document in filing.missing()),
    )


def _supplement_period(case: Case, *, by: User, at: datetime) -> dict[str, Any]:
    return {"due": deadlines.due(case, "supplement_answer", at=at, calendar=current_calendar())}


def assessment_form(case: Case, data: Any) -> forms.Form:
    assessment = casefile.assessment_of(case)
    initial = (
        AssessmentForm.initial_of(assessment.answers, assessment.outcome, assessment.grounds) if assessment else {}
    )
    definition = casefile.definition_of(case.revision_of_procedure)
    return AssessmentForm(data, definition=definition, initial=initial)


def _assessing(case: Case, *, by: User, at: datetime) -> dict[str, Any]:
    filing = casefile.filing_of(case)
    return {
        "filing": filing,
        "sections": filing.sections(),
        "rows": casefile.item_rows(case) if filing.definition.catalogue_family else None,
    }


def _proposal(case: Case, *, by: User, at: datetime) -> dict[str, Any]:
    return {**_judged(case, by=by, at=at), "missing": transitions.missing_for_proposal(case, at=at)}


def _judged(case: Case, *, by: User, at: datetime) -> dict[str, Any]:
    return {
        "judgement": casefile.judgement_of(case),
        "rows": casefile.item_rows(case),
        "preview": preview(case, by=by),
    }


def preview(case: Case, *, by: User) -> SafeString | None:
    """The decision as it would read now, drawn like the paper itself; None until an outcome is chosen."""
    assessment = casefile.assessment_of(case)
    if assessment is None or assessment.outcome not in Outcome.values:
        return None
    case.outcome = assessment.outcome
    data, _valid_until = contents.decision(case)
    if case.approved_by is None:
        data["signer"]["name"] = str(by) if Role.SIGNATORY in by.role_set() else ""
    try:
        return papers.preview(DocumentKind.DECISION, data)
    except UnknownTemplate:  # an installation that has not loaded its texts yet; issuing loads them
        return None


def _known_of_applicant(case: Case, *, by: User, at: datetime) -> dict[str, Any]:
    return {"tax_tag": saying.tag_of(case.organisation), "tax_source": saying.source(case.organisation)}


def _approval(case: Case, *, by: User, at: datetime) -> dict[str, Any]:
    return {**_judged(case, by=by, at=at), "waits": transitions.why_approval_waits(case)}


# --- the table -------------------------------------------------------------------------------------

# In the order in which a dossier's page offers them: the way forward first.
MOVES = {
    move.action: move
    for move in (
        Move(
            "start_screening",
            _("Bắt đầu kiểm tra hồ sơ"),
            _("Bắt đầu kiểm tra"),
            _("Bạn đang kiểm tra hồ sơ này."),
            transitions.start_screening,
            at_once=True,
        ),
        Move(
            "receive",
            _("Tiếp nhận hồ sơ"),
            _("Tiếp nhận hồ sơ"),
            _("Đã tiếp nhận hồ sơ. Giấy tiếp nhận và hẹn trả kết quả được gửi cho bên nộp."),
            transitions.receive,
            shows=_receipt,
            template="workflow/moves/receive.html",
        ),
        Move(
            "take",
            _("Nhận xử lý hồ sơ"),
            _("Nhận xử lý"),
            _("Bạn đã nhận xử lý hồ sơ này."),
            transitions.take,
            at_once=True,
        ),
        Move(
            "save_assessment",
            _("Phiếu thẩm định"),
            _("Lưu phiếu thẩm định"),
            _("Đã lưu phiếu thẩm định."),
            transitions.save_assessment,
            form=assessment_form,
            shows=_assessing,
            template="workflow/moves/assessment.html",
        ),
        Move(
            "propose",
            pgettext_lazy("action", "Trình lãnh đạo phòng"),
            pgettext_lazy("action", "Trình lãnh đạo phòng"),
            _("Đã trình lãnh đạo phòng."),
            transitions.propose,
            shows=_proposal,
            template="workflow/moves/propose.html",
        ),
        Move(
            "request_supplement",
            _("Yêu cầu bổ sung hồ sơ"),
            _("Gửi yêu cầu bổ sung"),
            _("Đã gửi yêu cầu bổ sung cho bên nộp. Thời hạn của cơ quan tính lại từ đầu khi hồ sơ được bổ sung."),
            transitions.request_supplement,
            form=_supplement,
            shows=_supplement_period,
            template="workflow/moves/request_supplement.html",
            weight="",
        ),
        Move(
            "refuse",
            _("Từ chối tiếp nhận hồ sơ"),
            _("Từ chối tiếp nhận"),
            _("Đã từ chối tiếp nhận. Phiếu từ chối được gửi cho bên nộp."),
            transitions.refuse,
            form=lambda case, data: RefusalForm(data),
            template="workflow/moves/refuse.html",
            weight="danger",
        ),
        Move(
            "endorse",
            _("Đồng ý và trình ký"),
            _("Đồng ý, trình ký"),
            _("Đã đồng ý và trình ký."),
            transitions.endorse,
            shows=_judged,
            template="workflow/moves/decide.html",
        ),
        Move(
            "approve",
            _("Phê duyệt"),
            _("Phê duyệt"),
            _("Đã phê duyệt. Văn thư sẽ cấp số và phát hành."),
            transitions.approve,
            shows=_approval,
            template="workflow/moves/decide.html",
        ),
        Move(
            "issue",
            _("Phát hành quyết định"),
            _("Cấp số và phát hành"),
            _("Đã phát hành. Văn bản đang được lập và sẽ gửi cho bên nộp."),
            transitions.issue,
            shows=_judged,
            template="workflow/moves/issue.html",
        ),
        Move(
            "send_back",
            _("Trả lại chuyên viên"),
            _("Trả lại"),
            _("Đã trả lại chuyên viên."),
            transitions.send_back,
            form=lambda case, data: ReturnForm(data),
            template="workflow/moves/send_back.html",
            weight="",
        ),
        Move(
            "verify_applicant",
            _("Xác minh mã số thuế theo giấy tờ"),
            _("Ghi nhận đã xác minh"),
            _("Đã ghi nhận mã số thuế của bên nộp được xác minh."),
            transitions.verify_applicant,
            form=lambda case, data: VerifyForm(data),
            shows=_known_of_applicant,
            template="workflow/moves/verify_applicant.html",
            weight="",
        ),
    )
}
