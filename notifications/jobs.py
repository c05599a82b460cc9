"""Work that somebody waits for: started in the transaction of whoever asks for it, followed on a page of its own."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from notifications import outbox, tasks
from notifications.models import OPEN_JOBS, Job, JobState


def start(kind: str, *, title: str, by: User | None, at: datetime, arguments: dict[str, Any], role: str = "") -> Job:
    """Write the job in the caller's transaction; once that commits, a worker is asked to carry it out.

    `title` says what for, without the kind; whoever holds `role` may follow it, and if none is given only `by`.
    Never fails and never waits because of the broker: `notifications.tasks.take_up_jobs` picks up what it missed.
    """
    job = Job.objects.create(
        kind=kind, title=title[:300], started_by=by, role=role, created_at=at, heartbeat_at=at, arguments=arguments
    )
    transaction.on_commit(lambda: outbox.wake(tasks.run_job, job.pk), robust=True)
    return job


def stop(job: Job, *, at: datetime) -> bool:
    """Whether it was stopped; not if it was over already. What it had written by then stays."""
    stopped = Job.objects.filter(pk=job.pk, state__in=OPEN_JOBS).update(
        state=JobState.STOPPED, claim=None, finished_at=at
    )
    return bool(stopped)
