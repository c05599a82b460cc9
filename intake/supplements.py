"""Answering a request for supplements: only what was asked is open, and everything is answered in one go."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from catalogs.procedures import Definition
from intake.models import Dossier, PointKind, SupplementPoint, SupplementRequest


@dataclass(frozen=True)
class Asked:
    """What a request opens for change."""

    questions: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    items: bool = False
    points: tuple[SupplementPoint, ...] = field(default=())


def open_request(dossier: Dossier) -> SupplementRequest | None:
    """The request that waits for an answer, with its points; two queries, none if prefetched."""
    requests = [r for r in dossier.supplement_requests.all() if r.ended_at is None]
    return requests[0] if requests else None


def asked(request: SupplementRequest) -> Asked:
    points = tuple(sorted(request.points.all(), key=lambda point: point.pk))
    return Asked(
        questions=frozenset(p.key for p in points if p.kind == PointKind.QUESTION),
        documents=frozenset(p.key for p in points if p.kind == PointKind.DOCUMENT),
        items=any(p.kind == PointKind.ITEM for p in points),
        points=points,
    )


def title_of(point: SupplementPoint, definition: Definition) -> str:
    """What the point is about, in the words of the procedure."""
    if point.kind == PointKind.DOCUMENT:
        return next((d.title for d in definition.documents if d.key == point.key), point.key)
    if point.kind == PointKind.QUESTION:
        return next((q.label for q in definition.questions() if q.key == point.key), point.key)
    return _("Mục danh mục đã khai") if point.kind == PointKind.ITEM else str(PointKind(point.kind).label)


def unanswered(
    dossier: Dossier, request: SupplementRequest, definition: Definition
) -> list[tuple[SupplementPoint, str]]:
    """The points for which nothing was changed since the last filing and no explanation was given."""
    filed = _last_content(dossier)
    return [
        (point, title_of(point, definition))
        for point in asked(request).points
        if not point.answer.strip() and not _changed(dossier, request, point, filed)
    ]


def _changed(dossier: Dossier, request: SupplementRequest, point: SupplementPoint, filed: dict[str, Any]) -> bool:
    if point.kind == PointKind.DOCUMENT:
        return any(
            a.document_key == point.key and a.removed_at is None and a.uploaded_at > request.requested_at
            for a in dossier.attachments.all()
        )
    if point.kind == PointKind.QUESTION:
        return dossier.answers.get(point.key) != filed.get("answers", {}).get(point.key)
    if point.kind == PointKind.ITEM:
        declared = sorted(one.item.code for one in dossier.declared_items.select_related("item"))
        return declared != sorted(item["code"] for item in filed.get("items", []))
    return False


def _last_content(dossier: Dossier) -> dict[str, Any]:
    revision = dossier.revisions.order_by("-number").first()
    return revision.content if revision else {}
