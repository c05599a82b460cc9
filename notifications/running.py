"""Carries jobs out: one worker at a time, from the place the last one reached, safe to be killed at any moment.

An app says what a kind of job does:

    @job("who_is_affected")
    def who_is_affected(work: Work) -> dict:
        for batch in batches(after=work.place):
            with transaction.atomic():
                …
                work.advance(done=…, total=…, place=…)
        return {"url": "/…/"}

What is written together with `advance` is written once: a worker that was killed, stopped or overtaken in between
loses both. The module must be imported where Celery runs: from the app's `tasks`, or in `AppConfig.ready`.
"""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.db.models import F
from django.utils.translation import gettext as _

from notifications.models import Job, JobState

logger = logging.getLogger(__name__)

# A worker that was not heard of for so long is taken for dead. A batch has to be shorter by far.
SILENCE = timedelta(minutes=2)
# A job that ends its worker, or is ended by the database, so often without coming forward would do it again.
MAX_ATTEMPTS = 5

Clock = Callable[[], datetime]


class JobError(Exception):
    """The job cannot be done; the text says why and is shown to the person."""


class Overtaken(Exception):
    """The job was stopped, or another worker has it: what this one was about to write does not count."""


class Work:
    """A job in the hands of its worker."""

    def __init__(self, job: Job, clock: Clock) -> None:
        self._job, self.clock = job, clock
        self.id: uuid.UUID = job.pk
        self.arguments: dict[str, Any] = job.arguments
        self.place: Any = job.place  # as the last `advance` left it; None at the start
        self.done, self.total = job.done, job.total

    def advance(self, *, done: int, total: int, place: Any = None) -> None:
        """Say how far the work is and where it would go on; call it at least every half minute. Raises Overtaken."""
        self.done, self.total, self.place = done, total, place
        _write(self._job, done=done, total=total, place=place, heartbeat_at=self.clock(), attempts=0)


Function = Callable[[Work], dict[str, Any]]
_kinds: dict[str, Function] = {}


def job(kind: str) -> Callable[[Function], Function]:
    """Registers what a kind of job does. The function returns what is kept as `Job.result`, and may raise JobError."""

    def register(function: Function) -> Function:
        _kinds[kind] = function
        return function

    return register


def run(job_id: str, *, clock: Clock) -> None:
    """Carry the job out if it waits; nothing if somebody has it already or it is over."""
    taken = _take(job_id, at=clock())
    if taken is None:
        return
    try:
        if taken.kind not in _kinds:
            raise LookupError(f"nobody has said what a job of kind {taken.kind!r} does")
        result = _kinds[taken.kind](Work(taken, clock))
        _write(taken, **_end(JobState.FINISHED, at=clock()), result=result)
    except Overtaken:
        logger.info("job %s goes on without this worker", taken.pk)
    except JobError as error:
        _fail(taken, str(error), at=clock())
    except (OperationalError, InterfaceError):
        # A deadlock, a connection that was lost: it may go well the next time. The batch at hand was rolled back.
        logger.exception("the database ended job %s (%s)", taken.pk, taken.kind)
        connection.close_if_unusable_or_obsolete()
        _let_wait_or_fail(taken, at=clock())
    except Exception:
        logger.exception("job %s (%s) failed", taken.pk, taken.kind)
        _fail(taken, _broken(), at=clock())


def take_back(*, at: datetime, limit: int = 100) -> list[uuid.UUID]:
    """Let the jobs wait again whose worker is dead or whose message was lost; returns those to run."""
    waiting = []
    silent = Job.objects.silent_since(at - SILENCE).order_by("heartbeat_at", "id")[:limit]
    for one in silent:
        # The condition again: its worker may have come back meanwhile.
        same = Job.objects.silent_since(at - SILENCE).filter(pk=one.pk)
        if one.attempts >= MAX_ATTEMPTS:
            logger.error("job %s (%s) was given up: each of %s workers died", one.pk, one.kind, one.attempts)
            same.update(**_end(JobState.FAILED, at=at), message=_broken())
        elif same.update(state=JobState.QUEUED, claim=None, heartbeat_at=at):
            waiting.append(one.pk)
    return waiting


def _take(job_id: str, *, at: datetime) -> Job | None:
    token = uuid.uuid4()
    taken = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING, claim=token, heartbeat_at=at, attempts=F("attempts") + 1
    )
    if not taken:
        return None
    Job.objects.filter(pk=job_id, started_at=None).update(started_at=at)
    return Job.objects.get(pk=job_id)


def _write(taken: Job, **values: Any) -> None:
    if not Job.objects.filter(pk=taken.pk, claim=taken.claim).update(**values):
        raise Overtaken


def _fail(taken: Job, message: str, *, at: datetime) -> None:
    Job.objects.filter(pk=taken.pk, claim=taken.claim).update(**_end(JobState.FAILED, at=at), message=message[:500])


def _let_wait_or_fail(taken: Job, *, at: datetime) -> None:
    """It goes on from its place after SILENCE, when `take_back` asks for a worker again."""
    mine = Job.objects.filter(pk=taken.pk, claim=taken.claim)
    # As the row has it: `advance` begins to count anew.
    if not mine.filter(attempts__lt=MAX_ATTEMPTS).update(state=JobState.QUEUED, claim=None, heartbeat_at=at):
        _fail(taken, _broken(), at=at)


def _end(state: JobState, *, at: datetime) -> dict[str, Any]:
    return {"state": state, "claim": None, "finished_at": at}


def _broken() -> str:
    return _(
        "Việc dừng lại vì lỗi của hệ thống. Lỗi đã được ghi lại; hãy chạy lại, nếu vẫn lỗi thì báo quản trị hệ thống."
    )
