"""Who is affected by the lists of the demonstration."""

from datetime import datetime

from catalogs.models import Catalogue
from notifications import running
from workflow.affected import finding


def compute_affected(*, at: datetime) -> None:
    """Find the affected of every public list that replaces one, at once and without telling anybody."""
    for catalogue in finding.replacing(Catalogue.objects.public()).order_by("effective_from", "pk"):
        job = finding.start(catalogue, by=None, at=at, tell=False)
        running.run(str(job.pk), clock=lambda: at)
