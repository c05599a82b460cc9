import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from accounts.models import ACTING_MEMBERS, Organisation, User
from catalogs.models import CatalogueItem, ProcedureRevision
from intake import states
from intake.states import Outcome, State


def attachment_path(attachment: "Attachment", filename: str) -> str:
    """The stored name holds nothing that the uploader chose."""
    return f"dossiers/{attachment.dossier.public_id}/{attachment.pk}"


# Who may change a dossier of their organisation.
EDITING_ROLES = ACTING_MEMBERS


class DossierQuerySet(models.QuerySet["Dossier"]):
    def of_applicant(self, user: User) -> "DossierQuerySet":
        """The dossiers of the organisations that the person belongs to."""
        return self.filter(organisation__memberships__user=user)

    def editable_by(self, user: User) -> "DossierQuerySet":
        """Those that the person may change: a viewer only reads."""
        return self.filter(organisation__memberships__user=user, organisation__memberships__role__in=EDITING_ROLES)

    def looked_after_by(self, user: User) -> "DossierQuerySet":
        return self.filter(Q(contact_person=user) | Q(contact_person=None, created_by=user))

    def left_behind(self, organisation: Organisation) -> "DossierQuerySet":
        """Those not over whose contact person acts for the organisation no more."""
        acting = organisation.memberships.filter(role__in=EDITING_ROLES).values("user")
        own = self.filter(organisation=organisation).exclude(state__in=[*states.ENDED_WITHOUT_RESULT, State.DELIVERED])
        return own.exclude(contact_person__in=acting).exclude(contact_person=None, created_by__in=acting)

    def submitted(self) -> "DossierQuerySet":
        return self.exclude(state=State.DRAFT)


class Dossier(models.Model):
    """What a business files. Its state belongs to `workflow.models.Case`, a proxy of the same row."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Agency code, date, number of the day: G06-261118-0042. Empty until submission.
    code = models.CharField(max_length=40, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="dossiers")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Who of the applicant looks after it since it was handed over; nobody named: whoever started it.
    contact_person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    revision_of_procedure = models.ForeignKey(ProcedureRevision, on_delete=models.PROTECT, related_name="dossiers")
    state = FSMField(choices=State.choices, default=State.DRAFT, protected=True)
    # Grows with every change; a page sends back the one it showed.
    version = models.PositiveIntegerField(default=0)
    title = models.CharField(_("Tên"), max_length=300, blank=True)
    answers = models.JSONField(default=dict)
    # What stands in a field of a draft and is no answer, as it was typed; a question is in one of the two at most.
    malformed = models.JSONField(default=dict)
    # Code, title, organisation and tax code without diacritics and in lower case.
    search_text = models.TextField(blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)

    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    # The day for which the result was promised; the appointment slip prints it.
    appointment_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    specialist = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    endorsed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = DossierQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="dossier_state_is_known"),
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="dossier_code_is_given_once"),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT, submitted_at=None, code="")
                | ~Q(state=State.DRAFT) & Q(submitted_at__isnull=False) & ~Q(code=""),
                name="dossier_has_code_and_submitted_at_iff_not_draft",
            ),
            models.CheckConstraint(
                condition=Q(state__in=states.AFTER_RECEIPT, received_at__isnull=False, appointment_at__isnull=False)
                | Q(state__in=states.BEFORE_RECEIPT, received_at=None, appointment_at=None)
                | Q(state__in=[State.SUPPLEMENT_REQUESTED, State.WITHDRAWN, State.CLOSED]),
                name="dossier_received_at_follows_state",
            ),
            models.CheckConstraint(
                condition=Q(state__in=states.WITH_CLOCK, due_at__isnull=False)
                | ~Q(state__in=states.WITH_CLOCK) & Q(due_at=None),
                name="dossier_has_due_date_iff_a_clock_runs",
            ),
            models.CheckConstraint(
                condition=Q(state__in=states.WITH_OUTCOME) & ~Q(outcome="")
                | Q(state__in=states.WITHOUT_OUTCOME, outcome="")
                | Q(state__in=[State.IN_REVIEW, State.SUPPLEMENT_REQUESTED, State.WITHDRAWN, State.CLOSED]),
                name="dossier_outcome_follows_state",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.ISSUING, State.ISSUED, State.DELIVERED], decided_at__isnull=False)
                | ~Q(state__in=[State.ISSUING, State.ISSUED, State.DELIVERED, State.WITHDRAWN]) & Q(decided_at=None)
                | Q(state=State.WITHDRAWN),
                name="dossier_decided_at_follows_state",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.ISSUED, State.DELIVERED], issued_at__isnull=False)
                | ~Q(state__in=[State.ISSUED, State.DELIVERED]) & Q(issued_at=None),
                name="dossier_has_issued_at_iff_issued",
            ),
            models.CheckConstraint(
                condition=Q(state=State.DELIVERED, delivered_at__isnull=False)
                | ~Q(state=State.DELIVERED) & Q(delivered_at=None),
                name="dossier_has_delivered_at_iff_delivered",
            ),
            models.CheckConstraint(
                condition=Q(state__in=states.ENDED_WITHOUT_RESULT, ended_at__isnull=False)
                | ~Q(state__in=states.ENDED_WITHOUT_RESULT) & Q(ended_at=None),
                name="dossier_has_ended_at_iff_ended_without_result",
            ),
            # workflow.Participation holds the same over the whole history; this holds it for the row itself.
            models.CheckConstraint(
                condition=~Q(received_by=F("specialist"))
                & ~Q(received_by=F("endorsed_by"))
                & ~Q(received_by=F("approved_by"))
                & ~Q(received_by=F("issued_by"))
                & ~Q(specialist=F("endorsed_by"))
                & ~Q(specialist=F("approved_by"))
                & ~Q(specialist=F("issued_by"))
                & ~Q(endorsed_by=F("approved_by"))
                & ~Q(endorsed_by=F("issued_by"))
                & ~Q(approved_by=F("issued_by")),
                name="nobody_acts_on_a_dossier_in_two_capacities",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at", "id"], name="dossier_queue"),
            models.Index(fields=["due_at", "id"], condition=Q(due_at__isnull=False), name="dossier_by_due_date"),
            models.Index(fields=["specialist", "state", "due_at", "id"], name="dossier_of_specialist"),
            models.Index(fields=["organisation", "-edited_at", "-id"], name="dossier_of_organisation"),
            models.Index(fields=["-submitted_at", "-id"], name="dossier_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.code or 'draft'} {self.title}"

    def looked_after_by(self) -> User:
        """The contact person; `contact_person` and `created_by` are read."""
        return self.contact_person or self.created_by


class AnswerEdit(models.Model):
    """Who saved what stands at a question of a draft now, when and from which page; and what somebody else had there
    before. Gone once the dossier is filed."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="answer_edits")
    key = models.CharField(max_length=60)  # of the question
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()
    # Drawn by lot for each page that is opened: a page never conflicts with what it saved itself.
    page = models.CharField(max_length=12, blank=True)
    # Of what was saved; another one stands there if something else than a person at a form has changed it since.
    token = models.CharField(max_length=16)
    # {"answer"} or {"malformed"}, like in the dossier.
    replaced = models.JSONField(null=True)
    replaced_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dossier", "key"], name="an_answer_is_last_saved_once"),
            models.CheckConstraint(
                condition=Q(replaced__isnull=True, replaced_by=None, replaced_at=None)
                | Q(replaced__isnull=False, replaced_by__isnull=False, replaced_at__isnull=False),
                name="what_was_replaced_has_its_author_and_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.key}"


class DeclaredItem(models.Model):
    """An item of a catalogue that the applicant says the product falls under."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="declared_items")
    item = models.ForeignKey(CatalogueItem, on_delete=models.PROTECT, related_name="+")
    # True if matching proposed it when it was chosen.
    suggested = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dossier", "item"], name="an_item_is_declared_once")]
        indexes = [models.Index(fields=["item", "dossier"], name="dossiers_of_an_item")]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.item}"


class Attachment(models.Model):
    """An uploaded file, kept as the bytes that were checked. Never changed; a replaced one stays readable."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="attachments")
    document_key = models.CharField(max_length=60)  # of the procedure's document list
    file = models.FileField(upload_to=attachment_path, max_length=200)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)  # found from the content
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["dossier", "document_key"], name="attachments_of_dossier")]

    def __str__(self) -> str:
        return self.name

    def is_infected(self) -> bool:
        """Whether something was found in it; `scan` is read."""
        scan = getattr(self, "scan", None)
        return scan is not None and scan.state == ScanState.INFECTED


class Revision(models.Model):
    """What was filed, as it was filed. Database triggers refuse to change or delete it."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    filed_at = models.DateTimeField()
    # Everything that was declared: organisation, answers, items with their wording, attachments with digests.
    content = models.JSONField()
    # SHA-256 over the canonical JSON of `content`.
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dossier", "number"], name="a_revision_is_filed_once")]

    def __str__(self) -> str:
        return f"{self.dossier_id} r{self.number}"


class Certification(models.Model):
    """The self-certification of TT 31/2025/TT-BKHCN Đ4.3: who stood for which text, when, over what."""

    revision = models.OneToOneField(Revision, on_delete=models.PROTECT, related_name="certification")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    person_name = models.CharField(max_length=150)
    capacity = models.CharField(max_length=150)
    statements_version = models.CharField(max_length=20)
    # [{"key", "text"}]: each was ticked by itself.
    statements = models.JSONField()
    certified_at = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    # Equals revision.digest at that moment.
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.person_name}, {self.certified_at:%Y-%m-%d %H:%M}"


class SupplementStage(models.TextChoices):
    INTAKE = "intake", _("Khi tiếp nhận")
    REVIEW = "review", _("Khi thẩm định")


class SupplementRequest(models.Model):
    """One request with everything that is missing in it (NĐ 118/2025 Đ16.3, Đ19.5)."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="supplement_requests")
    stage = models.CharField(max_length=10, choices=SupplementStage.choices)
    note = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    answered_by_revision = models.OneToOneField(
        Revision, null=True, on_delete=models.PROTECT, related_name="answers_request"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(ended_at=None), name="one_supplement_request_is_open_at_a_time"
            ),
            # "trong một lần": at most once at intake and once at review.
            models.UniqueConstraint(fields=["dossier", "stage"], name="supplements_are_requested_once_per_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.stage}"


class PointKind(models.TextChoices):
    DOCUMENT = "document", _("Tài liệu")
    QUESTION = "question", _("Nội dung khai báo")
    ITEM = "item", _("Mục danh mục")
    OTHER = "other", _("Nội dung khác")


class PointReason(models.TextChoices):
    MISSING = "missing", _("Thiếu")
    UNREADABLE = "unreadable", _("Không đọc được")
    WRONG_DOCUMENT = "wrong_document", _("Không đúng tài liệu yêu cầu")
    EXPIRED = "expired", _("Hết hiệu lực")
    INCONSISTENT = "inconsistent", _("Không thống nhất giữa các nội dung")
    UNCLEAR = "unclear", _("Chưa rõ, cần giải trình")
    OTHER = "other", _("Lý do khác")


# What may be wrong with an answer or a chosen item, which nobody hands in.
REASONS_OF_ANSWERS = (PointReason.MISSING, PointReason.INCONSISTENT, PointReason.UNCLEAR, PointReason.OTHER)


class SupplementPoint(models.Model):
    request = models.ForeignKey(SupplementRequest, on_delete=models.CASCADE, related_name="points")
    kind = models.CharField(max_length=10, choices=PointKind.choices)
    key = models.CharField(max_length=60, blank=True)  # of the document or question
    reason = models.CharField(max_length=20, choices=PointReason.choices)
    explanation = models.TextField(blank=True)
    # What the applicant says to it besides what was changed; frozen in the revision that answers the request.
    answer = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="other") | ~Q(explanation=""), name="another_reason_is_explained"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.key} {self.reason}"


class DailySequence(models.Model):
    """The last number given out on a day; its row lock keeps dossier codes free of gaps and repeats."""

    day = models.DateField(primary_key=True)
    last_number = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.day}: {self.last_number}"


class Side(models.TextChoices):
    """Who writes on a dossier's conversation."""

    APPLICANT = "applicant", _("Bên nộp")
    OFFICE = "office", _("Cơ quan giải quyết")

    @property
    def other(self) -> "Side":
        return Side.OFFICE if self == Side.APPLICANT else Side.APPLICANT


class Conversation(models.Model):
    """How many messages of a dossier each side has yet to see; moved with each, so that no list has to count."""

    dossier = models.OneToOneField(Dossier, primary_key=True, on_delete=models.PROTECT, related_name="conversation")
    last_number = models.PositiveIntegerField(default=0)
    unread_by_applicant = models.PositiveIntegerField(default=0)
    unread_by_office = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.last_number}"

    def unread_by(self, side: Side) -> int:
        return self.unread_by_applicant if side == Side.APPLICANT else self.unread_by_office


class Message(models.Model):
    """What one side wrote to the other about a filed dossier. Database triggers refuse to change or delete it."""

    # Chosen by the page, so that a form that is sent twice makes one message.
    id = models.UUIDField(primary_key=True, editable=False)
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="messages")
    number = models.PositiveIntegerField()
    side = models.CharField(max_length=10, choices=Side.choices)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # As they were when it was sent: a role of the membership or of the office, and the office's unit.
    author_name = models.CharField(max_length=150)
    author_role = models.CharField(max_length=30)
    author_unit = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dossier", "number"], name="a_message_has_its_number_on_the_dossier"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="the_side_of_a_message_is_known"),
            models.CheckConstraint(condition=~Q(text=""), name="a_message_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} #{self.number}"


def message_file_path(file: "MessageFile", filename: str) -> str:
    """The stored name holds nothing that the sender chose."""
    return f"dossiers/{file.message.dossier.public_id}/messages/{file.pk}"


class MessageFile(models.Model):
    """A file sent with a message, kept as the bytes that were checked. Like its message never changed or deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="files")
    position = models.PositiveSmallIntegerField()
    file = models.FileField(upload_to=message_file_path, max_length=200)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)  # found from the content
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "position"], name="a_file_has_its_place_in_the_message")
        ]

    def __str__(self) -> str:
        return self.name


class MessageReading(models.Model):
    """Up to which message a side had read, when, and by whom. Like the messages it is never changed or deleted."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="message_readings")
    side = models.CharField(max_length=10, choices=Side.choices)
    up_to = models.PositiveIntegerField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dossier", "side", "up_to"], name="a_side_reads_a_message_once"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="the_side_of_a_reading_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.side} ≤ {self.up_to}"


class ScanState(models.TextChoices):
    """What is known of a file. OFF is kept nowhere: no scanner is configured, and none has seen the file."""

    OFF = "off", _("Không quét mã độc")
    WAITING = "waiting", _("Đang chờ quét mã độc")
    CLEAN = "clean", _("Đã quét, không có mã độc")
    INFECTED = "infected", _("Có mã độc")
    FAILED = "failed", _("Chưa quét được, sẽ thử lại")


UNSCANNED = (ScanState.WAITING, ScanState.FAILED)
SCANNED = (ScanState.CLEAN, ScanState.INFECTED)


class FileScanQuerySet(models.QuerySet["FileScan"]):
    def due(self, *, at: datetime) -> "FileScanQuerySet":
        """To be scanned now: waiting, tried in vain, or held by a worker whose lease has run out."""
        return self.filter(state__in=UNSCANNED, next_attempt_at__lte=at)

    def failing_before(self, moment: datetime) -> "FileScanQuerySet":
        return self.filter(state=ScanState.FAILED, failing_since__lte=moment)


class FileScan(models.Model):
    """The scan of a file for malicious content: asked for, or done. A file without one was never asked about."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    attachment = models.OneToOneField(Attachment, null=True, on_delete=models.CASCADE, related_name="scan")
    message_file = models.OneToOneField(MessageFile, null=True, on_delete=models.CASCADE, related_name="scan")
    state = models.CharField(max_length=10, choices=ScanState.choices, default=ScanState.WAITING)
    asked_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    # When it is due; while a worker has it, when its lease runs out.
    next_attempt_at = models.DateTimeField()
    # Only the worker with this token may write the result.
    claim = models.UUIDField(null=True)
    failing_since = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)
    # When the administrators were told that it fails.
    alerted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    found = models.CharField(max_length=200, blank=True)  # what the scanner calls it

    objects = FileScanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(attachment__isnull=False, message_file=None)
                | Q(attachment=None, message_file__isnull=False),
                name="a_scan_is_of_one_file",
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNSCANNED, ended_at=None)
                | Q(state__in=SCANNED, ended_at__isnull=False, claim=None),
                name="a_scan_has_an_end_iff_the_file_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="infected") & ~Q(found="") | ~Q(state="infected") & Q(found=""),
                name="a_scan_names_what_it_found_iff_infected",
            ),
            models.CheckConstraint(
                condition=Q(state="failed", failing_since__isnull=False) | ~Q(state="failed") & Q(failing_since=None),
                name="a_scan_fails_since_a_moment_iff_failed",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], condition=Q(state__in=UNSCANNED), name="scans_due"),
            models.Index(fields=["failing_since"], condition=Q(state="failed"), name="scans_that_fail"),
        ]

    def __str__(self) -> str:
        return f"{self.attachment_id or self.message_file_id}: {self.state}"

    @staticmethod
    def of(kept: Attachment | MessageFile) -> dict[str, Attachment | MessageFile]:
        """The field that names the file."""
        return {"attachment": kept} if isinstance(kept, Attachment) else {"message_file": kept}

    def kept(self) -> Attachment | MessageFile:
        """The file; `attachment` and `message_file` are read."""
        return self.attachment or self.message_file  # type: ignore[return-value]  # a_scan_is_of_one_file

    def dossier(self) -> Dossier:
        """Whose file it is; its dossier, or its message's, is read."""
        return self.attachment.dossier if self.attachment else self.message_file.message.dossier  # type: ignore[union-attr]
