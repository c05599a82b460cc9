import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User


class Event(models.Model):
    """Something people are to be told, written in the transaction in which it happened."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=40)
    # What the texts need, as it was at that moment.
    context = models.JSONField(default=dict)
    happened_at = models.DateTimeField()
    expanded_at = models.DateTimeField(null=True)
    # An event whose recipients cannot be found waits longer each time, so that it never blocks the others.
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], condition=Q(expanded_at=None), name="events_to_expand"),
            models.Index(fields=["subject_type", "subject_id"], name="events_of_a_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type}:{self.subject_id}"


class Channel(models.TextChoices):
    EMAIL = "email"
    IN_APP = "in_app"


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("Chờ gửi")
    CLAIMED = "claimed", _("Đang gửi")
    SENT = "sent", _("Đã gửi")
    FAILED = "failed", _("Không gửi được")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, *, at) -> "DeliveryQuerySet":
        """To be sent now: waiting and due, or claimed by a worker whose lease has run out."""
        return self.filter(state__in=[DeliveryState.PENDING, DeliveryState.CLAIMED], next_attempt_at__lte=at)

    def on_bell_of(self, user) -> "DeliveryQuerySet":
        return self.filter(recipient=user, channel=Channel.IN_APP)

    def unread(self) -> "DeliveryQuerySet":
        return self.filter(read_at=None)


class Delivery(models.Model):
    """One event to one person on one channel, or by mail to an address of which nobody need have an account.

    Its id makes the Message-ID, so a repeat is recognisable.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="deliveries"
    )
    address = models.EmailField(blank=True)  # where there is no recipient
    channel = models.CharField(max_length=10, choices=Channel.choices)
    url = models.CharField(max_length=300, blank=True)
    # Copied from the event: the bell is ordered by it.
    happened_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When it is due; while it is claimed, when the claim runs out.
    next_attempt_at = models.DateTimeField()
    # Who holds it: only the worker with this token may write the result.
    claim = models.UUIDField(null=True)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "recipient", "channel"], name="a_person_is_told_once_per_event_and_channel"
            ),
            models.UniqueConstraint(
                fields=["event", "address"], condition=~Q(address=""), name="an_address_is_written_to_once_per_event"
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False, address="") | Q(recipient=None, channel="email") & ~Q(address=""),
                name="delivery_goes_to_a_person_or_by_mail_to_an_address",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at__isnull=True),
                name="delivery_has_sent_at_iff_sent",
            ),
            models.CheckConstraint(
                condition=Q(state="claimed", claim__isnull=False) | ~Q(state="claimed") & Q(claim__isnull=True),
                name="delivery_has_a_claim_iff_claimed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"], condition=Q(state__in=["pending", "claimed"]), name="deliveries_due"
            ),
            models.Index(
                fields=["recipient", "-happened_at", "-id"], condition=Q(channel="in_app"), name="bell_of_a_person"
            ),
            models.Index(
                fields=["recipient", "-happened_at", "-id"],
                condition=Q(channel="in_app", read_at=None),
                name="unread_of_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.recipient_id or self.address} ({self.channel})"

    def mailbox(self) -> str:
        """The address that the mail goes to; `recipient` is read."""
        return self.recipient.email if self.recipient else self.address


class JobState(models.TextChoices):
    QUEUED = "queued", _("Chờ chạy")
    RUNNING = "running", _("Đang chạy")
    FINISHED = "finished", _("Đã xong")
    FAILED = "failed", _("Không xong")
    STOPPED = "stopped", _("Đã dừng")


OPEN_JOBS = (JobState.QUEUED, JobState.RUNNING)


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User | AnonymousUser) -> "JobQuerySet":
        """One's own, and those of a staff role that the person holds."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(role="", started_by=user) | Q(role__in=user.role_set()))

    def stoppable_by(self, user: User | AnonymousUser) -> "JobQuerySet":
        """Of those visible the ones the person may stop: the clearance says what one may know, not what one may do,
        so that a job of the cleared is stopped by whoever started it, or by a cleared catalogue manager."""
        seen = self.visible_to(user)
        if not user.is_authenticated or Role.CATALOGUE_MANAGER in user.role_set():
            return seen
        return seen.filter(~Q(role=Role.CLEARED) | Q(started_by=user))

    def silent_since(self, moment: datetime) -> "JobQuerySet":
        """Those that should be at work, and of which nothing was heard after the moment."""
        return self.filter(state__in=OPEN_JOBS, heartbeat_at__lte=moment)


class Job(models.Model):
    """Work that somebody waits for. `notifications.jobs` starts it, `notifications.running` carries it out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    arguments = models.JSONField(default=dict)
    # Nobody: the product itself.
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # Whoever holds this role may follow it; empty: only the person who started it.
    role = models.CharField(max_length=30, choices=Role.choices, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)  # 0: not known yet
    # Where the next worker goes on, in the words of the kind; null: from the start.
    place = models.JSONField(null=True)
    # The last sign of life; of one that waits, when a worker was asked for it.
    heartbeat_at = models.DateTimeField()
    # How often it was taken up since it last came forward.
    attempts = models.PositiveSmallIntegerField(default=0)
    # Only the worker with this token may write.
    claim = models.UUIDField(null=True)
    message = models.CharField(max_length=500, blank=True)  # why it failed, fit to show
    # {"url": the page with what came of it, …}.
    result = models.JSONField(default=dict)

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="the_state_of_a_job_is_known"),
            models.CheckConstraint(
                condition=Q(state="running", claim__isnull=False) | ~Q(state="running") & Q(claim=None),
                name="a_job_has_a_claim_iff_it_runs",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_JOBS, finished_at=None)
                | ~Q(state__in=OPEN_JOBS) & Q(finished_at__isnull=False),
                name="a_job_has_an_end_iff_it_is_over",
            ),
        ]
        indexes = [
            models.Index(fields=["heartbeat_at", "id"], condition=Q(state__in=OPEN_JOBS), name="jobs_to_take_up"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.title}"

    @property
    def is_over(self) -> bool:
        return self.state not in OPEN_JOBS

    @property
    def percent(self) -> int | None:
        """None: how much there is to do is not known yet."""
        return min(100, self.done * 100 // self.total) if self.total else None
