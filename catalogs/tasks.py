"""What a worker has to know of: importing a module here registers its kinds of jobs."""

from celery import shared_task
from django.utils import timezone

from catalogs.enquiries import asking
from catalogs.learning import evaluating

__all__ = ["evaluating"]


@shared_task(ignore_result=True)
def forget_unconfirmed_enquiries() -> None:
    """Delete what visitors asked whose address nobody confirmed in time."""
    asking.purge(at=timezone.now())
