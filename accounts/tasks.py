from celery import shared_task
from django.utils import timezone

from accounts.taxcodes import verifying


@shared_task(ignore_result=True)
def check_waiting_tax_codes() -> None:
    """Ask about the tax codes that are due. Safe to run twice, also at the same time."""
    verifying.sweep(clock=timezone.now)
