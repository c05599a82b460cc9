from celery import shared_task
from django.utils import timezone

from documents import keeping

# Papers in one sweep: some seconds of work, so that the worker stays free for other tasks.
SWEEP_SIZE = 100


@shared_task(ignore_result=True)
def render_document(document_id: int) -> None:
    """Render a paper that has just been issued. Safe to run twice, also at the same time."""
    keeping.render_and_keep(document_id, at=timezone.now())


@shared_task(ignore_result=True)
def render_pending() -> int:
    """Take up what a crashed worker or a lost message left behind, and what failed before."""
    return keeping.render_due(at=timezone.now(), limit=SWEEP_SIZE)
