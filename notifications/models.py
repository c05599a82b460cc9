import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


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

    class Meta:
        indexes = [models.Index(fields=["happened_at"], condition=Q(expanded_at=None), name="events_to_expand")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type}:{self.subject_id}"


class Channel(models.TextChoices):
    EMAIL = "email"
    IN_APP = "in_app"


class DeliveryState(models.TextChoices):
    PENDING = "pending"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"


class Delivery(models.Model):
    """One event to one person on one channel. Its id makes the Message-ID, so a repeat is recognisable."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    url = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "recipient", "channel"], name="a_person_is_told_once_per_event_and_channel"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at__isnull=True),
                name="delivery_has_sent_at_iff_sent",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"], condition=Q(state__in=["pending", "claimed"]), name="deliveries_due"
            ),
            models.Index(fields=["recipient", "channel", "-next_attempt_at"], name="bell_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.event.kind} → {self.recipient_id} ({self.channel})"
