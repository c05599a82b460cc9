"""Demonstration dossiers in every state and age, made by the real moves at earlier times.

What `dossiers.json` names is filed, examined and decided by the demonstration people; so each has its audit
entries, papers, deadlines and messages, and nothing on a page is painted on.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.models import MembershipRole, Organisation, Role, User
from catalogs.models import Procedure, ProcedureRevision
from catalogs.procedures import Definition, Question
from catalogs.services import catalogue_for, definition_of, revision_in_force
from intake import attachments
from intake.models import DeclaredItem, Dossier
from intake.states import Outcome, State
from workflow import transitions
from workflow.demo import questions
from workflow.demo.learning import teach
from workflow.demo.papers import sample_pdf
from workflow.demo.talk import lines, talk
from workflow.models import Case, Verdict
from workflow.transitions import Point
from workflow.workingdays import ZONE, Calendar, current_calendar

PLANS = Path(__file__).parent / "dossiers.json"
FILING_HOUR = time(9, 12)

# The moves that lead to each state, besides the filing itself.
_TO_REVIEW = ("start_screening", "receive")
_TO_PROPOSAL = (*_TO_REVIEW, "take", "assess", "propose")
MOVES: dict[str, tuple[str, ...]] = {
    "draft": (),
    "submitted": (),
    "screening": ("start_screening",),
    "supplement_requested": ("start_screening", "request_supplement"),
    "supplement_at_review": (*_TO_REVIEW, "take", "find", "request_supplement_at_review"),
    "in_review": _TO_REVIEW,
    "taken": (*_TO_REVIEW, "take", "find"),
    "endorsement": _TO_PROPOSAL,
    "approval": (*_TO_PROPOSAL, "endorse"),
    "issuing": (*_TO_PROPOSAL, "endorse", "approve"),
    "issued": (*_TO_PROPOSAL, "endorse", "approve", "issue"),
    "delivered": (*_TO_PROPOSAL, "endorse", "approve", "issue", "deliver"),
    "refused": ("start_screening", "refuse"),
    "withdrawn": (*_TO_REVIEW, "withdraw"),
    "closed": ("start_screening", "request_supplement"),
}


@dataclass
class Plan:
    """One dossier of the file, and what happens to it when."""

    procedure: str
    state: str
    company: int
    title: str
    description: str
    technology: str
    items: list[str] = field(default_factory=list)
    age: int = 0  # days since it was filed
    # Or the day on which it was filed, for what is about the list of that day, and the days until it was decided.
    filed_on: str = ""
    took: int = 0
    outcome: str = Outcome.GRANTED
    answers: dict[str, Any] = field(default_factory=dict)  # by the question's key, where those for all would not fit


@dataclass(frozen=True)
class Step:
    at: datetime
    run: Callable[[datetime], None]


class Seeder:
    """Makes the dossiers of the file once; a second run finds them and does nothing."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now
        self.calendar: Calendar = current_calendar()
        self.staff = {role: User.objects.filter(role_assignments__role=role).order_by("pk").first() for role in Role}
        self.companies = list(Organisation.objects.order_by("pk"))

    @transaction.atomic
    def run(self) -> int:
        """Returns how many dossiers were made, all or none; the moves happen in the order of their times."""
        if Dossier.objects.exists():
            return 0
        steps: list[Step] = []
        plans = [Plan(**raw) for raw in json.loads(PLANS.read_text(encoding="utf-8"))]
        for plan in plans:
            steps.extend(self._steps(plan))
        steps += [Step(at, run) for at, run in questions.steps(staff=self.staff, now=self.now)]
        for step in sorted(steps, key=lambda s: s.at):
            step.run(step.at)
        manager = self.staff[Role.CATALOGUE_MANAGER]
        if manager:
            teach(by=manager, at=self.now)
        # Papers and mails of these are left to the sweeps: hundreds of tasks would stand before the first
        # dossier of whoever tries the product.
        transaction.get_connection().run_on_commit.clear()
        return len(plans)

    def _steps(self, plan: Plan) -> Iterator[Step]:
        filed_at = self._filed_at(plan)
        history = History(self, plan)
        yield Step(filed_at - timedelta(hours=1), history.draft)
        if plan.state == State.DRAFT:
            return
        yield Step(filed_at, history.submit)
        moves = MOVES[plan.state]
        end = min(self.now, filed_at + timedelta(days=plan.took)) if plan.took else self.now
        hours = self.calendar.hours_between(filed_at, end)
        for n, move in enumerate(moves, start=1):
            # The first two within the hours for acceptance; the rest spread over the time that has passed.
            share = n * 2 if n <= 2 else 4 + (hours - 4) * (n - 2) / (len(moves) - 1)
            at = self.calendar.add(max(1, math.floor(share)), "working_hours", filed_at)
            yield Step(min(at + timedelta(minutes=n * 7), self.now), getattr(history, move))
        for n in range(lines(plan.title)):
            # Within the last day, after everything else.
            yield Step(self.now - timedelta(minutes=40 + 95 * (lines(plan.title) - n)), history.talk)
        if plan.state == State.CLOSED:
            yield Step(self.now - timedelta(minutes=1), history.close)

    def _filed_at(self, plan: Plan) -> datetime:
        day = (self.now - timedelta(days=plan.age)).astimezone(ZONE).date()
        if plan.filed_on:
            day = date.fromisoformat(plan.filed_on)
        minutes = (sum(map(ord, plan.title)) * 7) % 300
        filed_at = datetime.combine(day, FILING_HOUR, ZONE) + timedelta(minutes=minutes)
        return min(filed_at, self.now - timedelta(hours=2, minutes=minutes % 50))


class History:
    """What happens to one dossier."""

    def __init__(self, seeder: Seeder, plan: Plan) -> None:
        self.seeder, self.plan = seeder, plan
        self.organisation = seeder.companies[plan.company % len(seeder.companies)]
        membership = self.organisation.memberships.filter(role=MembershipRole.REPRESENTATIVE).order_by("pk").first()
        if membership is None:
            raise LookupError(f"{self.organisation} has no representative.")
        self.applicant = membership.user
        self.case_id = 0

    # --- the applicant

    def draft(self, at: datetime) -> None:
        revision = self._revision(at)
        definition = definition_of(revision)
        dossier = Dossier.objects.create(
            organisation=self.organisation,
            created_by=self.applicant,
            revision_of_procedure=revision,
            title=self.plan.title,
            answers=dict(answers_for(definition, self.plan, self.organisation)),
            created_at=at,
            edited_at=at,
        )
        self.case_id = dossier.pk
        catalogue = catalogue_for(definition, at.astimezone(ZONE).date())
        if catalogue:
            for item in catalogue.items.filter(code__in=self.plan.items).order_by("position"):
                DeclaredItem.objects.create(dossier=dossier, item=item, suggested=True)
        if self.plan.state == State.DRAFT:
            return
        for document in definition.asked_documents(dossier.answers):
            if document.required or len(self.plan.title) % 3 == 0:
                self._attach(dossier, document.key, document.title, at)

    def _attach(self, dossier: Dossier, key: str, title: str, at: datetime) -> None:
        document = definition_of(dossier.revision_of_procedure).document(key)
        content = sample_pdf(title)
        checked = attachments.Checked(
            "application/pdf", BytesIO(content), len(content), hashlib.sha256(content).hexdigest()
        )
        attachments.keep(dossier, document, checked, name=f"{title}.pdf", by=self.applicant, at=at)

    def submit(self, at: datetime) -> None:
        case = self._case()
        definition = definition_of(case.revision_of_procedure)
        transitions.submit(
            case.pk,
            by=self.applicant,
            at=at,
            expected_version=case.version,
            ticked=[s.key for s in definition.statements],
            capacity=self.organisation.representative_position or "Người đại diện",
            ip_address="192.0.2.10",
            user_agent="",
        )

    def withdraw(self, at: datetime) -> None:
        self._act("withdraw", self.applicant, at, reason="Doanh nghiệp thay đổi kế hoạch sản xuất.")

    def talk(self, at: datetime) -> None:
        specialist = self._staff(Role.SPECIALIST)
        talk(self.case_id, self.plan.title, applicant=self.applicant, specialist=specialist, at=at)

    def deliver(self, at: datetime) -> None:
        decision = self._case().documents.get(kind="decision")
        transitions.record_delivery(decision, person=self.applicant, at=at)

    # --- the office

    def start_screening(self, at: datetime) -> None:
        self._act("start_screening", self._staff(Role.INTAKE_OFFICER), at)

    def receive(self, at: datetime) -> None:
        self._act("receive", self._staff(Role.INTAKE_OFFICER), at)

    def refuse(self, at: datetime) -> None:
        reason = "Sản phẩm khai báo không thuộc phạm vi giải quyết của thủ tục này."
        self._act("refuse", self._staff(Role.INTAKE_OFFICER), at, reason=reason)

    def request_supplement(self, at: datetime) -> None:
        definition = definition_of(self._case().revision_of_procedure)
        document = definition.documents[0]
        question = definition.questions()[-1]
        points = [
            Point("document", document.key, "unreadable", "Bản quét mờ ở trang 2, đề nghị nộp lại bản rõ."),
            Point("question", question.key, "unclear", "Đề nghị nêu cụ thể hơn."),
        ]
        self._act("request_supplement", self._staff(Role.INTAKE_OFFICER), at, points=points)

    def request_supplement_at_review(self, at: datetime) -> None:
        document = definition_of(self._case().revision_of_procedure).documents[0]
        reason = "Tài liệu chưa nêu kết quả thử nghiệm của các chỉ tiêu đã khai báo, đề nghị bổ sung."
        points = [Point("document", document.key, "unclear", reason)]
        self._act("request_supplement", self._staff(Role.SPECIALIST), at, points=points)

    def take(self, at: datetime) -> None:
        self._act("take", self._staff(Role.SPECIALIST), at)

    def find(self, at: datetime) -> None:
        case = self._case()
        refused = self.plan.outcome == Outcome.NOT_GRANTED
        for declared in case.declared_items.order_by("pk")[: 1 if self.plan.state == "taken" else None]:
            self._act(
                "record_finding",
                self._staff(Role.SPECIALIST),
                at,
                item_id=declared.item_id,
                verdict=Verdict.OVERRULED if refused else Verdict.CONFIRMED,
                reason="Sản phẩm chỉ sử dụng hoặc cung ứng lại, không thuộc loại của mục này." if refused else "",
            )

    def assess(self, at: datetime) -> None:
        self.find(at)
        definition = definition_of(self._case().revision_of_procedure)
        refused = self.plan.outcome == Outcome.NOT_GRANTED
        answers = {
            criterion.key: {
                "grade": criterion.grades[-1 if refused else 0].value if criterion.grades else "",
                "comment": "Đã đối chiếu với tài liệu kèm theo hồ sơ.",
            }
            for criterion in definition.criteria
        }
        grounds = (
            "Sản phẩm khai báo không thuộc loại sản phẩm của mục danh mục đã chọn"
            if refused
            else "Hồ sơ đầy đủ; nội dung khai báo phù hợp với danh mục và tài liệu chứng minh"
        )
        self._act(
            "save_assessment",
            self._staff(Role.SPECIALIST),
            at,
            answers=answers,
            outcome=self.plan.outcome,
            grounds=grounds,
        )

    def propose(self, at: datetime) -> None:
        self._act("propose", self._staff(Role.SPECIALIST), at)

    def endorse(self, at: datetime) -> None:
        self._act("endorse", self._staff(Role.HEAD_OF_UNIT), at)

    def approve(self, at: datetime) -> None:
        self._act("approve", self._staff(Role.SIGNATORY), at)

    def issue(self, at: datetime) -> None:
        self._act("issue", self._staff(Role.CLERK), at)

    def close(self, at: datetime) -> None:
        transitions.close(self.case_id, at=at, expected_version=self._case().version)

    def _act(self, name: str, by: User, at: datetime, **fields: Any) -> None:
        getattr(transitions, name)(self.case_id, by=by, at=at, expected_version=self._case().version, **fields)

    def _case(self) -> Case:
        return Case.objects.get(pk=self.case_id)

    def _staff(self, role: Role) -> User:
        person = self.seeder.staff[role]
        if person is None:
            raise LookupError(f"Nobody has the role {role}.")
        return person

    def _revision(self, at: datetime) -> ProcedureRevision:
        procedure = Procedure.objects.get(slug=self.plan.procedure)
        revision = revision_in_force(procedure, at.astimezone(ZONE).date())
        if revision is None:
            raise LookupError(f"{procedure} has no revision on {at:%d/%m/%Y}.")
        return revision


# Answers by key, for any procedure; a question that is not here is answered by its type.
ANSWERS: dict[str, Any] = {
    "stage": "commercial",
    "ownership": "owned",
    "ownership_detail": "Tự nghiên cứu, phát triển; đơn vị sở hữu thiết kế và mã nguồn, đã đăng ký quyền tác giả.",
    "mastery": "full",
    "mastery_detail": "Làm chủ thiết kế, phần mềm và quy trình sản xuất; linh kiện tiêu chuẩn mua trên thị trường.",
    "has_standards": "yes",
    "standards": "TCVN ISO 9001:2015; tiêu chuẩn cơ sở đã công bố.",
    "national_platform": "no",
    "markets": ["domestic_private", "domestic_public"],
    "customers": "Doanh nghiệp và cơ quan tại Hà Nội, Đà Nẵng, TP. Hồ Chí Minh.",
    "by_proxy": "no",
    "extended": "no",
    "has_incentives": "yes",
    "trl": 8,
    "production_site": "Nhà xưởng của đơn vị tại khu công nghệ cao.",
    "approval": "Giấy chứng nhận đăng ký đầu tư số 12/2023/GCN-KCN ngày 15/5/2023",
    "location": "Khu công nghệ cao Hòa Lạc, Hà Nội",
    "legacy_product": "Sản phẩm thuộc Danh mục sản phẩm công nghệ thông tin trọng điểm",
    "incentives_detail": "Ưu đãi thuế và tiền thuê đất theo giấy chứng nhận đăng ký đầu tư.",
    "need": "Nhu cầu trong nước lớn, hiện phải nhập khẩu thiết bị và giải pháp tương tự với giá cao.",
    "outputs": "Thiết bị mẫu, phần mềm, quy trình công nghệ, hai bài báo và một đơn đăng ký sáng chế.",
    "leader": "TS. Nguyễn Hoài Nam",
    "leader_experience": "Mười lăm năm nghiên cứu trong lĩnh vực, chủ nhiệm ba đề tài cấp bộ đã nghiệm thu.",
    "partners": "Trường đại học và doanh nghiệp trong ngành, theo thỏa thuận phối hợp kèm theo hồ sơ.",
    "has_counterpart": "yes",
    "counterpart": 4_500_000_000,
    "budget": 12_000_000_000,
    "state_budget": 7_500_000_000,
    "indicator_1": "yes",
    "indicator_1_measure": "So với sản phẩm cùng loại đang bán tại khu vực",
    "indicator_2": "yes",
    "indicator_2_partner": "Đơn vị sản xuất trong nước đã cam kết tiếp nhận",
    "indicator_3": 2,
    "indicator_4": 1,
    "indicator_5": 37,
    "indicator_6": "yes",
}


def answers_for(definition: Definition, plan: Plan, organisation: Organisation) -> Iterator[tuple[str, Any]]:
    """An answer to every question that is asked, plausible for the product."""
    given: dict[str, Any] = {}
    for question in definition.questions():
        if question.condition and not question.condition.holds(given):
            continue
        given[question.key] = _answer(definition, question, plan, organisation)
        yield question.key, given[question.key]


def _form(title: str) -> str:
    """What kind of thing a name speaks of: value of the question "form"."""
    words = title.lower()
    kinds = (
        ("service", ("dịch vụ", "khóa học", "phân phối", "trung tâm", "phòng thí nghiệm")),
        ("software", ("phần mềm", "nền tảng", "mô hình", "trợ lý", "sổ ", "hạ tầng", "bản sao", "tường lửa")),
        ("system", ("camera", "robot", "hệ thống", "giải pháp", "mạng", "bộ gõ")),
    )
    return next((kind for kind, known in kinds if any(word in words for word in known)), "hardware")


def _answer(definition: Definition, question: Question, plan: Plan, organisation: Organisation) -> Any:
    own = {
        definition.title_question: plan.title,
        "description": plan.description,
        "technology": plan.technology,
        "form": _form(plan.title),
        "contact_name": organisation.representative_name,
        "contact_position": organisation.representative_position or "Chủ nhiệm",
        "contact_phone": organisation.phone,
        "contact_email": "lien-he@donvi.example",
        **plan.answers,
    }
    if question.key in own:
        return own[question.key]
    values = [choice.value for choice in question.choices]
    known = ANSWERS.get(question.key)
    if known is not None and (not values or known in values or isinstance(known, list)):
        return known
    by_type: dict[str, Any] = {
        "choice": values[len(plan.title) % len(values)] if values else "",
        "multi_choice": values[:2],
        "yes_no": "no",
        "date": (date(2027, 12, 31) if question.after else date(2023, 6, 1)).isoformat(),
        "money": 1_000_000 * (500 + 37 * len(plan.title)),
        "percent": 60,
        "number": int(question.min or 6),
        "province": organisation.province,
        "table": [{c.key: _answer(definition, c, plan, organisation) for c in question.columns}],
    }
    return by_type.get(question.type, question.example or "Có tài liệu kèm theo hồ sơ.")
