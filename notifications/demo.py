"""Messages of the demonstration: told at their time, so that the first worker does not mail weeks of the past."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from notifications import expansion
from notifications.models import Channel, Delivery, DeliveryState, Event

# Somebody left the company: each demonstration shows what a mail that fails looks like at its dossier.
GONE = "quang@saomai.example"
GONE_ERROR = "Máy chủ thư từ chối địa chỉ nhận: 550 5.1.1 mailbox does not exist"
READ_AFTER = timedelta(days=2)


@transaction.atomic
def settle_demo_messages(*, at: datetime) -> int:
    """Make the deliveries of every event that waits, as if sent when it happened; returns how many events.

    Notices older than two days count as read. Nothing is mailed.
    """
    events = list(Event.objects.filter(expanded_at=None).order_by("happened_at", "id"))
    for event in events:
        expansion.expand(Event.objects.filter(pk=event.pk), at=event.happened_at)
    told = Delivery.objects.filter(event__in=[event.pk for event in events])
    mails = told.filter(channel=Channel.EMAIL, state=DeliveryState.PENDING)
    mails.filter(recipient__email=GONE).update(state=DeliveryState.FAILED, attempts=1, last_error=GONE_ERROR)
    mails.update(state=DeliveryState.SENT, sent_at=F("happened_at"), attempts=1)
    told.filter(channel=Channel.IN_APP, happened_at__lt=at - READ_AFTER).update(read_at=F("happened_at"))
    return len(events)
