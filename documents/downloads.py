"""Recording who fetched a paper."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.services import may_edit
from documents import delivery
from documents.models import DocumentKind, Download, IssuedDocument
from intake.models import Dossier


@transaction.atomic
def record_download(document: IssuedDocument, *, person: User, at: datetime, ip_address: str | None) -> Download:
    """Write down the download. The first of a decision by somebody who acts for its applicant delivers it.

    A viewer fetches it without having received it for the applicant.
    """
    # Two windows may fetch at once: the second waits, and is not the first.
    IssuedDocument.objects.select_for_update().get(pk=document.pk)
    download = Download.objects.create(document=document, person=person, at=at, ip_address=ip_address)
    if document.kind == DocumentKind.DECISION and not person.is_staff_member():
        # The dossier says whether it was delivered: what people fetched tells nothing of what they were at the time.
        dossier = Dossier.objects.select_related("organisation").get(pk=document.dossier_id)
        if dossier.delivered_at is None and may_edit(person, dossier.organisation):
            for hook in delivery.on_first_download:
                hook(document, person=person, at=at)
    return download
