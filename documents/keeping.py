"""Rendering a paper once and keeping its file: whoever comes second changes nothing."""

import hashlib
import logging
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import F

from audit import trail
from documents import rendering
from documents.models import DocumentKind, IssuedDocument
from notifications import outbox

logger = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(hours=1)


def render_due(*, at: datetime, limit: int) -> int:
    """Render the papers whose time has come, those that wait longest first; returns how many succeeded."""
    ids = list(IssuedDocument.objects.to_render(at=at).values_list("pk", flat=True)[:limit])
    return sum(render_and_keep(document_id, at=at) for document_id in ids)


def render_and_keep(document_id: int, *, at: datetime) -> bool:
    """Render the paper unless that is done; True if it is rendered now. A failure is written on the row, and
    the sweep tries again after one minute, then two, four, up to an hour."""
    document = IssuedDocument.objects.select_related("template", "dossier__organisation").get(pk=document_id)
    if document.rendered_at:
        return True
    try:
        pdf = rendering.render(document).pdf
        _keep(document, pdf, at=at)
    except (Exception, rendering.ForbiddenFetch) as error:
        logger.exception("paper %s was not rendered", document_id)
        _note_failure(document, error, at=at)
        return False
    return True


def _keep(document: IssuedDocument, pdf: bytes, *, at: datetime) -> None:
    storage = IssuedDocument._meta.get_field("file").storage
    digest = hashlib.sha256(pdf).hexdigest()
    # Rendering gives the same bytes each time, so a file that a crashed run left behind is this file.
    name = _stored(storage, f"documents/{document.year}/{document.public_id}-{digest[:16]}.pdf", pdf)
    won = _settle(document, name, digest, len(pdf), at=at)
    if not won:
        kept = IssuedDocument.objects.values_list("file", flat=True).get(pk=document.pk)
        if kept != name:
            storage.delete(name)


def _stored(storage: Storage, name: str, content: bytes) -> str:
    """The name under which the storage holds exactly these bytes."""
    if storage.exists(name):
        with storage.open(name) as file:
            if file.read() == content:
                return name
    return storage.save(name, ContentFile(content))


@transaction.atomic
def _settle(document: IssuedDocument, name: str, digest: str, size: int, *, at: datetime) -> bool:
    """Compare and set: False if somebody else has rendered the paper meanwhile."""
    changed = IssuedDocument.objects.filter(pk=document.pk, rendered_at=None).update(
        file=name, sha256=digest, size=size, rendered_at=at, render_error=""
    )
    if not changed:
        return False
    if document.kind == DocumentKind.DECISION:
        # In the transaction that sets rendered_at, hence exactly once.
        outbox.enqueue("decision_issued", document.dossier, at=at, context=_announcement(document))
    # In the chain, so that neither the file nor the digest on the row can be exchanged unseen.
    trail.record(
        document, "document_rendered", by=None, at=at, data={"symbol": document.symbol, "sha256": digest, "size": size}
    )
    return True


def _announcement(document: IssuedDocument) -> dict[str, str]:
    return {
        "code": document.dossier.code,
        "title": document.dossier.title,
        "organisation": document.dossier.organisation.name,
        "symbol": document.symbol,
        # Granted, but not for every item that was declared; a release that does not know it says only “decided”.
        "outcome": "partly_granted" if document.data.get("overruled") else document.data["outcome"],
        "document": str(document.public_id),
    }


def _note_failure(document: IssuedDocument, error: BaseException, *, at: datetime) -> None:
    wait = min(timedelta(minutes=2 ** min(document.render_attempts, 10)), LONGEST_WAIT)
    IssuedDocument.objects.filter(pk=document.pk, rendered_at=None).update(
        render_error=f"{type(error).__name__}: {error}"[:500],
        render_attempts=F("render_attempts") + 1,
        render_due_at=at + wait,
    )
