from celery import shared_task
from django.utils import timezone

from notifications import expansion, sending


@shared_task(ignore_result=True)
def expand_event(event_id: str) -> None:
    """Deliver one event as soon as it is committed."""
    at = timezone.now()
    mails = expansion.expand_or_postpone(event_id, at=at)
    sending.send_due(clock=timezone.now, among=[mail.pk for mail in mails])


@shared_task(ignore_result=True)
def deliver_outbox() -> None:
    """Deliver whatever is due: what the broker lost, what a worker left behind, what is to be tried again."""
    expansion.expand_due(at=timezone.now())
    sending.send_due(clock=timezone.now)
