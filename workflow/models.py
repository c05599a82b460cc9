from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, transition

from accounts.models import Role, User
from catalogs.changes import Change
from catalogs.models import Catalogue, CatalogueItem, Stage
from intake.models import Dossier, DossierQuerySet
from intake.states import WITH_CLOCK, Outcome, State

WITHDRAWABLE = list(WITH_CLOCK)  # NĐ 118/2025 Đ21: until the decision issues


class Case(Dossier):
    """The dossier as the office handles it: the same row, with the moves it can make.

    A move only sets fields. `workflow.transitions` runs it with its lock, policy, guards, audit and messages.
    """

    objects = DossierQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True

    @transition(field="state", source=State.DRAFT, target=State.SUBMITTED)
    def submit(self, *, code: str, at: datetime, due_at: datetime) -> None:
        self.code = code
        self.submitted_at = at
        self.due_at = due_at

    @transition(field="state", source=State.SUBMITTED, target=State.SCREENING)
    def start_screening(self) -> None:
        pass

    @transition(field="state", source=State.SCREENING, target=State.IN_REVIEW)
    def receive(self, *, by: User, at: datetime, due_at: datetime) -> None:
        self.received_by = by
        self.received_at = at
        self.appointment_at = due_at
        self.due_at = due_at

    @transition(field="state", source=State.SCREENING, target=State.REFUSED)
    def refuse(self, *, at: datetime) -> None:
        self.ended_at = at
        self.due_at = None

    @transition(field="state", source=[State.SCREENING, State.IN_REVIEW], target=State.SUPPLEMENT_REQUESTED)
    def request_supplement(self, *, due_at: datetime) -> None:
        self.due_at = due_at

    @transition(
        field="state",
        source=State.SUPPLEMENT_REQUESTED,
        target=GET_STATE(
            lambda self, **kwargs: State.IN_REVIEW if self.received_at else State.SCREENING,
            states=[State.SCREENING, State.IN_REVIEW],
        ),
    )
    def answer_supplement(self, *, due_at: datetime) -> None:
        self.due_at = due_at
        if self.received_at:
            # NĐ 118/2025 Đ19.5: the period starts again, so the result is promised for a new day.
            self.appointment_at = due_at

    @transition(field="state", source=State.SUPPLEMENT_REQUESTED, target=State.CLOSED)
    def close(self, *, at: datetime) -> None:
        self.ended_at = at
        self.due_at = None

    @transition(field="state", source=State.IN_REVIEW, target=State.IN_REVIEW)
    def take(self, *, by: User) -> None:
        self.specialist = by

    @transition(field="state", source=State.IN_REVIEW, target=State.ENDORSEMENT)
    def propose(self, *, outcome: str) -> None:
        self.outcome = outcome

    @transition(field="state", source=State.ENDORSEMENT, target=State.APPROVAL)
    def endorse(self, *, by: User) -> None:
        self.endorsed_by = by

    @transition(field="state", source=[State.ENDORSEMENT, State.APPROVAL], target=State.IN_REVIEW)
    def send_back(self) -> None:
        self.endorsed_by = None

    @transition(field="state", source=State.APPROVAL, target=State.ISSUING)
    def approve(self, *, by: User, at: datetime) -> None:
        self.approved_by = by
        self.decided_at = at

    @transition(field="state", source=State.ISSUING, target=State.ISSUED)
    def issue(self, *, by: User, at: datetime) -> None:
        self.issued_by = by
        self.issued_at = at
        self.due_at = None

    @transition(field="state", source=State.ISSUED, target=State.DELIVERED)
    def deliver(self, *, at: datetime) -> None:
        self.delivered_at = at

    @transition(field="state", source=WITHDRAWABLE, target=State.WITHDRAWN)
    def withdraw(self, *, at: datetime) -> None:
        self.ended_at = at
        self.due_at = None


class Capacity(models.TextChoices):
    INTAKE = "intake", _("Tiếp nhận")
    SPECIALIST = "specialist", _("Thẩm định")
    ENDORSER = "endorser", _("Lãnh đạo phòng")
    SIGNATORY = "signatory", _("Ký ban hành")
    CLERK = "clerk", _("Văn thư")
    # Whoever filed for the applicant, and left, may come back as an official.
    APPLICANT = "applicant", _("Bên nộp hồ sơ")


class Participation(models.Model):
    """In which capacity a person has acted on a dossier. One for good: the constraint holds four eyes."""

    case = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="participations")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    capacity = models.CharField(max_length=20, choices=Capacity.choices)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "person"], name="a_person_has_one_capacity_per_dossier")
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.person} ({self.capacity})"


class Verdict(models.TextChoices):
    CONFIRMED = "confirmed", _("Phù hợp")
    OVERRULED = "overruled", _("Không phù hợp")
    ADDED = "added", _("Bổ sung")


class Assessment(models.Model):
    """The specialist's judgement. Open while the dossier is in review, locked when it is proposed."""

    case = models.OneToOneField(Dossier, on_delete=models.CASCADE, related_name="assessment")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Answers to the criteria of the procedure's revision: {key: {"grade": …, "comment": …}}.
    answers = models.JSONField(default=dict)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    grounds = models.TextField(blank=True)
    saved_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.case_id} {self.outcome}"


class ItemFinding(models.Model):
    """Does the product fall under the item? The specialist's answer; overruling takes a reason."""

    case = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="findings")
    item = models.ForeignKey(CatalogueItem, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "item"], name="an_item_is_found_once"),
            models.CheckConstraint(
                condition=Q(verdict="confirmed") | ~Q(reason=""), name="an_overruled_or_added_item_has_a_reason"
            ),
        ]
        indexes = [models.Index(fields=["item", "case"], name="cases_of_an_item")]

    def __str__(self) -> str:
        return f"{self.item} {self.verdict}"


class Deadline(models.Model):
    """A period that runs, and the rule that made it."""

    case = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="deadlines")
    rule = models.CharField(max_length=40)  # key in the procedure's revision
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=20)  # working_hours, working_days, days
    basis = models.CharField(max_length=200)  # the article it comes from
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at=None), name="one_clock_runs_at_a_time")
        ]
        indexes = [models.Index(fields=["due_at", "id"], condition=Q(ended_at=None), name="deadlines_running")]

    def __str__(self) -> str:
        return f"{self.rule} → {self.due_at:%Y-%m-%d %H:%M}"


class CalendarDay(models.Model):
    """A day on which the calendar differs from the library's: a swap, a make-up day, a new holiday."""

    day = models.DateField(primary_key=True)
    working = models.BooleanField()
    name = models.CharField(max_length=200)
    source = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y} {self.name}"


class StateCount(models.Model):
    """How many dossiers are in a state; moved with each transition, so that no page has to count."""

    state = models.CharField(max_length=30, choices=State.choices, primary_key=True)
    count = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.state}: {self.count}"


class AffectedKind(models.TextChoices):
    OPEN = "open", _("Hồ sơ đang giải quyết")
    DECIDED = "decided", _("Quyết định còn hiệu lực")


class AffectedRule(models.TextChoices):
    """Which list applies, and what is to be done; `workflow.affected.rules` says it with its articles."""

    FILING_DAY = "filing_day", _("Giữ danh mục của ngày nộp")
    NEW_LIST = "new_list", _("Nộp khi danh mục mới đã có hiệu lực")
    STANDS = "stands", _("Quyết định giữ nguyên hiệu lực")
    RECHECK = "recheck", _("Quyết định nên được rà soát")
    TRANSITION = "transition", _("Chuyển tiếp theo Điều 3 Thông tư 31")


def lists_weighed_by(user: User) -> QuerySet[Catalogue]:
    """The lists of which the person may ask who is affected: what is published, and for catalogue managers also
    what is not yet; a restricted list only with the clearance."""
    lists = Catalogue.objects.all()
    if Role.CATALOGUE_MANAGER not in user.role_set():
        lists = lists.filter(stage=Stage.PUBLISHED)
    return lists if user.reads_restricted() else lists.filter(restricted=False)


class AffectedCaseQuerySet(models.QuerySet["AffectedCase"]):
    def visible_to(self, user: User) -> "AffectedCaseQuerySet":
        """Those of the lists that the person may weigh, for who reads dossiers or keeps the lists: catalogue managers
        open no dossier, but cannot work through the rows without code, product and company."""
        if not user.reads_dossiers() and Role.CATALOGUE_MANAGER not in user.role_set():
            return self.none()
        return self.filter(catalogue__in=lists_weighed_by(user))


class AffectedCase(models.Model):
    """A dossier whose items are others in a new version of its list, to be looked at by somebody."""

    catalogue = models.ForeignKey(Catalogue, on_delete=models.CASCADE, related_name="+")  # the new version
    case = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=AffectedKind.choices)
    change = models.CharField(max_length=20, choices=Change.choices)  # the gravest of its items
    rule = models.CharField(max_length=20, choices=AffectedRule.choices)
    # [{"before": {"code", "name"}, "change", "after": [{"code", "name"}]}], as they were when it was computed.
    items = models.JSONField(default=list)
    # Grows with every change; a page sends back the one it showed.
    version = models.PositiveIntegerField(default=1)
    computed_by = models.UUIDField()  # the job that found it last
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    handled_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)

    objects = AffectedCaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["catalogue", "case"], name="a_case_is_affected_once_by_a_list"),
            models.CheckConstraint(
                condition=Q(handled_by=None, handled_at=None) | Q(handled_by__isnull=False, handled_at__isnull=False),
                name="an_affected_case_was_handled_by_somebody_at_some_time",
            ),
        ]
        indexes = [
            models.Index(fields=["catalogue", "id"], name="affected_by_a_list"),
            models.Index(fields=["catalogue", "id"], condition=Q(handled_at=None), name="affected_and_waiting"),
            models.Index(fields=["catalogue", "kind", "id"], name="affected_of_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.catalogue_id} → {self.case_id} ({self.change})"
