"""The office's page of a dossier's messages."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from intake.models import Side
from intake.views.conversations import converse
from workflow import casefile, talking
from workflow.views import header


@require_http_methods(["GET", "HEAD", "POST"])
def case_messages(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    case = casefile.case_for(request.user, public_id)
    if case is None:
        raise Http404
    hindrance = talking.hindrance(casefile.standing_of(request.user, case))
    return converse(
        request,
        case,
        Side.OFFICE,
        writes=not hindrance,
        send=lambda pk, written, by, at: talking.send(pk, written, by=by, at=at),
        address=reverse("case_messages", args=[public_id]),
        template="workflow/case_messages.html",
        context={**header(case), "hindrance": hindrance},
    )
