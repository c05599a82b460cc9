"""Recording who fetched a paper."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from documents import delivery
from documents.models import DocumentKind, Download, IssuedDocument


@transaction.atomic
def record_download(document: IssuedDocument, *, person: User, at: datetime, ip_address: str | None) -> Download:
    """Write down the download. If it is the first of a decision by its applicant, the decision is delivered."""
    # Two windows may fetch at once: the second waits, and is not the first.
    IssuedDocument.objects.select_for_update().get(pk=document.pk)
    delivers = (
        document.kind == DocumentKind.DECISION
        and not person.is_staff_member()
        and not document.downloads.filter(person__role_assignments=None).exists()
    )
    download = Download.objects.create(document=document, person=person, at=at, ip_address=ip_address)
    if delivers:
        for hook in delivery.on_first_download:
            hook(document, person=person, at=at)
    return download
