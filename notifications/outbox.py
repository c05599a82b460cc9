"""The outbox: an event is written in the transaction of the change that it tells of, and delivered after it."""

import logging
import time
import uuid
from datetime import datetime
from typing import Any

from django.db import models, transaction

from audit.models import subject_type_of
from notifications import tasks
from notifications.models import Event

logger = logging.getLogger(__name__)

# A broker that does not answer is left alone for so long (seconds); meanwhile beat delivers.
BROKER_PAUSE = 30.0


class _Broker:
    silent_until = 0.0


def enqueue(kind: str, subject: models.Model, *, at: datetime, context: dict[str, Any]) -> Event:
    """Write an event in the caller's transaction; once that commits, a worker is asked to deliver it.

    Never fails and never waits because of the broker: `notifications.tasks.deliver_outbox` picks up what it missed.
    """
    event = Event.objects.create(
        kind=kind,
        subject_type=subject_type_of(subject),
        subject_id=str(subject.pk),
        context=context,
        happened_at=at,
        next_attempt_at=at,
    )
    transaction.on_commit(lambda: _wake_worker(event), robust=True)
    return event


def _wake_worker(event: Event) -> None:
    wake(tasks.expand_event, event.pk)


def wake(task: Any, row_id: uuid.UUID) -> None:
    """Ask a worker for the task on a row that is committed. A broker that does not answer is no error: beat asks."""
    if time.monotonic() < _Broker.silent_until:
        return
    try:
        task.apply_async((str(row_id),), retry=False)
    except Exception as error:  # whatever the broker's client raises; the row itself is safe in the database
        _Broker.silent_until = time.monotonic() + BROKER_PAUSE
        logger.warning("the broker did not take %s for %s, beat will deliver it: %r", task.name, row_id, error)
