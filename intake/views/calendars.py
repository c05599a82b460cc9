"""A dossier's due dates for a calendar."""

import uuid

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from intake import calendar_file
from intake.views import loading


@require_safe
def dossier_calendar(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The file; a 404 where nothing is due, as its page then has no link to it."""
    dossier = loading.of_applicant(request, public_id)
    at = timezone.now()
    dates = calendar_file.due_dates(dossier, on=timezone.localdate(at))
    if not dates:
        raise Http404
    link = f"{settings.SITE_URL}{reverse('dossier_detail', args=[public_id])}"
    content = calendar_file.calendar_of(dossier, dates, link=link, at=at)
    response = HttpResponse(content, content_type=calendar_file.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{calendar_file.file_name(dossier)}"'
    response["Cache-Control"] = "private, no-store"
    return response
