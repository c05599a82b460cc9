"""One filing of a dossier as it was filed, and what it says otherwise than the one before."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalogs.services import definition_of
from intake.differences import differences
from intake.filing import is_intact
from intake.models import Dossier, Revision
from intake.views import loading
from intake.views.dossiers import content_context


@require_safe
def dossier_filing(request: HttpRequest, public_id: uuid.UUID, number: int) -> HttpResponse:
    dossier = loading.of_applicant(request, public_id)
    back = reverse("dossier_detail", args=[public_id])
    context = filing_context(dossier, number, page="dossier_filing", own=True)
    return render(request, "intake/filing.html", {**context, "back_url": back})


def filing_context(dossier: Dossier, number: int, *, page: str, own: bool) -> dict[str, Any]:
    """What intake/filing.html reads; `page` names the address of a filing, `own`: for the applicant's people.

    Two queries. Raises Http404.
    """
    revisions = {
        one.number: one for one in Revision.objects.filter(dossier=dossier.pk).select_related("certification")
    }
    revision = revisions.get(number)
    if revision is None:
        raise Http404
    before = revisions.get(number - 1)
    return {
        "dossier": dossier,
        "definition": definition_of(dossier.revision_of_procedure),
        "revision": revision,
        "intact": is_intact(revision),
        "before": before,
        "changes": differences(before.content, revision.content) if before else None,
        "filings": [
            {"number": n, "filed_at": one.filed_at, "url": reverse(page, args=[dossier.public_id, n])}
            for n, one in revisions.items()
        ],
        "supplement": revision.content.get("supplement"),
        **content_context(dossier, revision.content, before=before.content if before else None, own=own),
    }
