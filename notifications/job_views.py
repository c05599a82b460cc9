"""The page of a job: how far it is, what came of it, and a button to stop it."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from notifications import jobs
from notifications.models import Job, JobState

# Seconds after which the page reloads itself where there is no JavaScript.
REFRESH_AFTER = 5


def _job(request: HttpRequest, job_id: uuid.UUID) -> Job:
    return get_object_or_404(Job.objects.visible_to(request.user).select_related("started_by"), pk=job_id)


def _may_stop(request: HttpRequest, job: Job) -> bool:
    return not job.is_over and Job.objects.stoppable_by(request.user).filter(pk=job.pk).exists()


@require_safe
def job_detail(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    job = _job(request, job_id)
    context = {
        "job": job,
        "progress": progress_in_words(job),
        "refresh_after": REFRESH_AFTER,
        "may_stop": _may_stop(request, job),
    }
    return render(request, "notifications/job.html", context)


@require_safe
def job_progress(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """What the page's script asks for."""
    job = _job(request, job_id)
    answer = {
        "over": job.is_over,
        "done": job.done,
        "total": job.total,
        "text": progress_in_words(job),
        "state": job.get_state_display(),
    }
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


@require_POST
def job_stop(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    job = get_object_or_404(Job.objects.stoppable_by(request.user), pk=job_id)
    if jobs.stop(job, at=timezone.now()):
        messages.success(request, _("Đã dừng việc này."))
    else:
        messages.warning(request, _("Việc này đã kết thúc trước khi dừng."))
    return redirect("job_detail", job_id=job.pk)


def progress_in_words(job: Job) -> str:
    if job.state == JobState.QUEUED:
        return _("Đang chờ đến lượt")
    if job.state == JobState.RUNNING and not job.done and not job.total:
        return _("Đang bắt đầu")
    done, total = (number_format(number, force_grouping=True) for number in (job.done, job.total))
    if job.percent is None:
        return _("Đã xử lý %(done)s") % {"done": done}
    return _("Đã xử lý %(done)s/%(total)s (%(percent)s%%)") % {"done": done, "total": total, "percent": job.percent}
