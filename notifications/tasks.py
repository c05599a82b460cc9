from celery import shared_task
from django.utils import timezone

from notifications import expansion, running, sending


@shared_task(ignore_result=True)
def expand_event(event_id: str) -> None:
    """Deliver an event as soon as it is committed, and with it what else waits: under load, many at a time."""
    mails = expansion.expand_with_company(event_id, at=timezone.now())
    sending.send_made(mails, clock=timezone.now)


@shared_task(ignore_result=True)
def deliver_outbox() -> None:
    """Deliver whatever is due: what the broker lost, what a worker left behind, what is to be tried again."""
    expansion.expand_due(at=timezone.now())
    sending.send_due(clock=timezone.now)


@shared_task(ignore_result=True)
def run_job(job_id: str) -> None:
    """Carry out a job that waits."""
    running.run(job_id, clock=timezone.now)


@shared_task(ignore_result=True)
def take_up_jobs() -> None:
    """Ask anew for the jobs whose worker died or whose message was lost."""
    for job_id in running.take_back(at=timezone.now()):
        run_job.delay(str(job_id))
