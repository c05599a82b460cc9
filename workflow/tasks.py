"""What time does to a dossier: reminders before a period ends, and closing what was not completed."""

import logging
from datetime import datetime, timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from notifications import outbox
from workflow import transitions
from workflow.models import Case, Deadline
from workflow.policy import TransitionError
from workflow.workingdays import current_calendar

log = logging.getLogger(__name__)

# Told when this much is left: working hours, working days, days.
REMIND_BEFORE = {"working_hours": 2, "working_days": 2, "days": 3}
# No period's reminder falls earlier than this before its end, weekends and the Tết holiday included.
HORIZON = timedelta(days=16)
BATCH = 500


@shared_task
def watch_deadlines() -> None:
    """Safe to run twice: each reminder is marked, each closing checks the version it read."""
    now = timezone.now()
    close_expired(at=now)
    remind(at=now)


def close_expired(*, at: datetime) -> int:
    """Close the dossiers whose 15 days for supplements are over; returns how many.

    One that fails is logged, waits for the next run and stops no other.
    """
    expired = (
        Deadline.objects.filter(ended_at=None, rule="supplement_answer", due_at__lt=at)
        .order_by("due_at", "pk")
        .values_list("case_id", flat=True)[:BATCH]
    )
    closed = 0
    for case_id in expired:
        case = Case.objects.get(pk=case_id)
        try:
            transitions.close(case_id, at=at, expected_version=case.version)
            closed += 1
        except TransitionError as error:
            # The applicant answered in the meantime: that is the better end.
            log.info("dossier %s was not closed: %s", case.code, error)
        except Exception:
            log.exception("dossier %s could not be closed", case.code)
    return closed


def remind(*, at: datetime) -> int:
    """Tell once whoever has to act that a period is about to end; returns how many were told of.

    One that fails is logged, waits for the next run and stops no other.
    """
    calendar = current_calendar()
    running = Deadline.objects.filter(
        ended_at=None, reminded_at=None, due_at__gt=at, due_at__lt=at + HORIZON
    ).order_by("due_at", "pk")
    reminded = 0
    for deadline in running[:BATCH]:
        if deadline.unit == "days":
            near = deadline.due_at - at <= timedelta(days=REMIND_BEFORE["days"])
        else:
            hours = REMIND_BEFORE[deadline.unit] * (8 if deadline.unit == "working_days" else 1)
            near = calendar.hours_between(at, deadline.due_at) <= hours
        if near:
            try:
                reminded += _remind(deadline.pk, at=at)
            except Exception:
                log.exception("nobody was reminded of dossier %s", Case.objects.get(pk=deadline.case_id).code)
    return reminded


@transaction.atomic
def _remind(deadline_id: int, *, at: datetime) -> int:
    deadline = (
        Deadline.objects.select_for_update(of=("self",))
        .filter(pk=deadline_id, ended_at=None, reminded_at=None)
        .first()
    )
    if deadline is None:
        return 0
    case = Case.objects.select_related("organisation").get(pk=deadline.case_id)
    deadline.reminded_at = at
    deadline.save()
    outbox.enqueue(
        "supplement_deadline_near" if deadline.rule == "supplement_answer" else "deadline_near",
        case,
        at=at,
        context={
            "code": case.code,
            "title": case.title,
            "organisation": case.organisation.name,
            "due": deadline.due_at.isoformat(),
        },
    )
    return 1
