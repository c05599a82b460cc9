"""The job that measures the candidate; catalogs.tasks imports it where jobs are carried out."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Role, User
from catalogs.learning import candidate
from catalogs.learning.acting import LearningError
from catalogs.models import Evaluation
from notifications import jobs
from notifications.models import Job
from notifications.running import JobError, Work, job

KIND = "evaluate_matching"


@transaction.atomic
def start(*, by: User, at: datetime) -> tuple[Evaluation, Job]:
    """Have the candidate measured. Raises candidate.NothingToTry."""
    evaluation = candidate.request(by=by, at=at)
    started = jobs.start(
        KIND,
        title=_("Thử cấu hình đối chiếu"),
        by=by,
        at=at,
        arguments={"evaluation": evaluation.pk},
        role=Role.CATALOGUE_MANAGER,
    )
    return evaluation, started


def jobs_of(evaluation_ids: Collection[int]) -> dict[int, Job]:
    """The job that measures, or failed to measure, each of the evaluations; one query, or none."""
    if not evaluation_ids:
        return {}
    rows = Job.objects.filter(kind=KIND, arguments__evaluation__in=list(evaluation_ids)).order_by("created_at", "pk")
    return {row.arguments["evaluation"]: row for row in rows}


@job(KIND)
def evaluate_matching(work: Work) -> dict[str, Any]:
    """From the start each time: it takes some ten seconds, and the figures are one."""
    evaluation_id = work.arguments["evaluation"]
    try:
        candidate.measure(
            evaluation_id, clock=work.clock, progress=lambda done, total: work.advance(done=done, total=total)
        )
    except LearningError as error:
        raise JobError(str(error)) from error
    return {"url": reverse("evaluation_detail", args=[evaluation_id])}
