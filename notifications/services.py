"""What the other apps ask of notifications, beside `outbox.enqueue`."""

import uuid
from datetime import datetime

from django.apps import apps
from django.db import models, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit import trail
from audit.models import subject_type_of
from notifications import texts
from notifications.models import Channel, Delivery, DeliveryState


class AlreadyOnItsWay(Exception):
    def __init__(self) -> None:
        super().__init__(_("Thư đang chờ gửi, không cần gửi lại."))


def deliveries_of(subject: models.Model, *, limit: int = 50) -> list[Delivery]:
    """The mails about a subject, newest first: one query, at most `limit` rows.

    Each has `recipient`, `event` and `line`, what it says in one line.
    """
    mails = Delivery.objects.filter(
        event__subject_type=subject_type_of(subject), event__subject_id=str(subject.pk), channel=Channel.EMAIL
    )
    deliveries = list(mails.select_related("event", "recipient").order_by("-happened_at", "-id")[:limit])
    for delivery in deliveries:
        delivery.line = texts.render(delivery, "line", language=get_language())  # type: ignore[attr-defined]
    return deliveries


@transaction.atomic
def resend(delivery_id: uuid.UUID, *, by: User, at: datetime) -> Delivery:
    """Put a mail that was sent or given up in the queue again, under the same Message-ID, and record who asked.

    Raises AlreadyOnItsWay, or Delivery.DoesNotExist.
    """
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("event")
        .get(pk=delivery_id, channel=Channel.EMAIL)
    )
    if delivery.state == DeliveryState.CLAIMED or (
        delivery.state == DeliveryState.PENDING and delivery.next_attempt_at <= at
    ):
        raise AlreadyOnItsWay
    delivery.state, delivery.sent_at, delivery.attempts = DeliveryState.PENDING, None, 0
    delivery.next_attempt_at = at
    delivery.save(update_fields=["state", "sent_at", "attempts", "next_attempt_at"])
    event = delivery.event
    subject = apps.get_model(event.subject_type)(pk=event.subject_id)
    trail.record(subject, "mail_resent", by=by, at=at, data={"delivery": str(delivery.pk), "kind": event.kind})
    return delivery
