"""From an event to its deliveries: one mail and one line on the bell for each recipient; an address gets the mail."""

import logging
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from notifications import recipients
from notifications.backoff import wait_after
from notifications.models import Channel, Delivery, DeliveryState, Event
from notifications.sending import BATCH, LEASE

logger = logging.getLogger(__name__)

# A fresh event is left so long to the task that was sent for it.
HEAD_START = timedelta(seconds=5)


class NotExpanded(Exception):
    """None of these events was expanded, for the sake of at least one; the cause says what happened."""

    def __init__(self, events: list[Event]) -> None:
        super().__init__(f"{len(events)} events could not be expanded together")
        self.events = events


def expand(chosen: QuerySet[Event], *, at: datetime, claim: int = 0) -> list[Delivery]:
    """Make the deliveries of at most a batch of events in one transaction. Safe to run twice.

    Returns their mails, which are due; the first `claim` of them are the caller's to send, for the time of the
    lease. Events that someone else expands at this moment are passed over. Raises NotExpanded.
    """
    token = uuid.uuid4()
    events: list[Event] = []
    try:
        with transaction.atomic():
            events = list(
                chosen.filter(expanded_at=None)
                .select_for_update(skip_locked=True, of=("self",))
                .order_by("next_attempt_at", "id")[:BATCH]
            )
            if not events:
                return []
            made = [delivery for event in events for delivery in _deliveries_of(event, at=at)]
            mails = [delivery for delivery in made if delivery.channel == Channel.EMAIL]
            for mail in mails[:claim]:
                mail.state, mail.claim, mail.next_attempt_at = DeliveryState.CLAIMED, token, at + LEASE
            Delivery.objects.bulk_create(made, ignore_conflicts=True)
            Event.objects.filter(pk__in=[event.pk for event in events]).update(expanded_at=at)
    except Exception as error:
        if not events:
            raise
        raise NotExpanded(events) from error
    return mails


def _deliveries_of(event: Event, *, at: datetime) -> list[Delivery]:
    deliveries = []
    for recipient in recipients.of(event):
        common = {
            "event": event,
            "recipient": recipient.user,
            "address": recipient.address,
            "url": recipient.url,
            "happened_at": event.happened_at,
            "next_attempt_at": at,
        }
        if recipient.user:
            deliveries.append(
                Delivery(channel=Channel.IN_APP, state=DeliveryState.SENT, sent_at=event.happened_at, **common)
            )
        deliveries.append(Delivery(channel=Channel.EMAIL, **common))
    return deliveries


def expand_or_postpone(chosen: QuerySet[Event], *, at: datetime, claim: int = 0) -> list[Delivery]:
    """Like `expand`; an event that fails is logged and tried again later, and never stops the others."""
    try:
        return expand(chosen, at=at, claim=claim)
    except NotExpanded as failure:
        # These, not what the query finds now: another worker may have taken some of them since.
        failed = failure.events
        if len(failed) == 1:
            logger.exception("event %s could not be expanded", failed[0].pk)
            _postpone(failed[0], at=at)
            return []
        logger.warning("%s; each is tried by itself", failure, exc_info=True)
    one_by_one = (expand_or_postpone(Event.objects.filter(pk=event.pk), at=at) for event in failed)
    return [mail for mails in one_by_one for mail in mails]


def _postpone(event: Event, *, at: datetime) -> None:
    event.attempts = min(event.attempts + 1, 1000)
    event.next_attempt_at = at + wait_after(event.attempts)
    event.save(update_fields=["attempts", "next_attempt_at"])


def expand_with_company(event_id: str, *, at: datetime) -> list[Delivery]:
    """Expand the event and others that wait, up to a batch; nothing if somebody has done it already.

    Returns the mails; the first ones, up to a batch, are claimed for the caller.
    """
    if not Event.objects.filter(pk=event_id, expanded_at=None).exists():
        return []
    waiting = Event.objects.filter(Q(next_attempt_at__lte=at) | Q(pk=event_id))
    return expand_or_postpone(waiting, at=at, claim=BATCH)


def expand_due(*, at: datetime, limit: int = 500) -> int:
    """Expand the events that no worker took; returns how many were looked at."""
    due = Event.objects.filter(expanded_at=None, next_attempt_at__lte=at - HEAD_START)
    event_ids = list(due.order_by("next_attempt_at", "id").values_list("pk", flat=True)[:limit])
    for start in range(0, len(event_ids), BATCH):
        expand_or_postpone(Event.objects.filter(pk__in=event_ids[start : start + BATCH]), at=at)
    return len(event_ids)
