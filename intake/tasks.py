from celery import shared_task
from django.utils import timezone

from intake import scanning


@shared_task(ignore_result=True)
def scan_file(scan_id: str) -> None:
    """Scan a file that has just been kept. Safe to run twice, also at the same time."""
    scanning.scan_one(scan_id, clock=timezone.now)


@shared_task(ignore_result=True)
def scan_waiting_files() -> None:
    """Take up what a crashed worker or a lost message left behind, and what failed before."""
    scanning.sweep(clock=timezone.now)


@shared_task(ignore_result=True)
def enlist_unscanned_files() -> None:
    """Have the files scanned that were sent before a scanner was configured."""
    scanning.enlist(clock=timezone.now)
