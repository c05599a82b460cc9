"""From an event to its deliveries: one mail and one line on the bell for each recipient."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from notifications import recipients
from notifications.backoff import wait_after
from notifications.models import Channel, Delivery, DeliveryState, Event

logger = logging.getLogger(__name__)

# A fresh event is left so long to the task that was sent for it.
HEAD_START = timedelta(seconds=5)


def expand(event_id: str, *, at: datetime) -> list[Delivery]:
    """Make the deliveries of an event. Safe to run twice.

    Returns the mails that are now due. Someone else expanding the same event at this moment makes it return none.
    """
    with transaction.atomic():
        event = (
            Event.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(pk=event_id, expanded_at=None)
            .first()
        )
        if event is None:
            return []
        deliveries = []
        for recipient in recipients.of(event):
            common = {
                "event": event,
                "recipient": recipient.user,
                "url": recipient.url,
                "happened_at": event.happened_at,
                "next_attempt_at": at,
            }
            deliveries.append(
                Delivery(channel=Channel.IN_APP, state=DeliveryState.SENT, sent_at=event.happened_at, **common)
            )
            deliveries.append(Delivery(channel=Channel.EMAIL, **common))
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        event.expanded_at = at
        event.save(update_fields=["expanded_at"])
    return [delivery for delivery in deliveries if delivery.channel == Channel.EMAIL]


def expand_or_postpone(event_id: str, *, at: datetime) -> list[Delivery]:
    """Like `expand`; an event that fails is logged and tried again later, and never stops the others."""
    try:
        return expand(event_id, at=at)
    except Exception:
        logger.exception("event %s could not be expanded", event_id)
        event = Event.objects.filter(pk=event_id, expanded_at=None).first()
        if event is not None:
            event.attempts = min(event.attempts + 1, 1000)
            event.next_attempt_at = at + wait_after(event.attempts)
            event.save(update_fields=["attempts", "next_attempt_at"])
        return []


def expand_due(*, at: datetime, limit: int = 500) -> int:
    """Expand the events that no worker took; returns how many were looked at."""
    due = Event.objects.filter(expanded_at=None, next_attempt_at__lte=at - HEAD_START)
    event_ids = list(due.order_by("next_attempt_at", "id").values_list("pk", flat=True)[:limit])
    for event_id in event_ids:
        expand_or_postpone(str(event_id), at=at)
    return len(event_ids)
