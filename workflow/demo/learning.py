"""What the demonstration's catalogue manager has made of the decided products: something of each state to look at."""

from datetime import datetime

from accounts.models import User
from catalogs.learning import candidate, evidence
from catalogs.learning.aliases import propose_alias
from catalogs.models import CatalogueItem, Evidence, EvidenceState

IN_FORCE, CHOSEN, REJECTED = 3, 2, 1
# (list, item, the name that is proposed)
ALIAS = ("tt-31-2025", "1.8", "hộp đen phân tích hình ảnh giao thông")


def teach(*, by: User, at: datetime) -> None:
    """Put a few decided products into force, choose some, reject one, leave the others; propose a name. Once."""
    if Evidence.objects.exclude(state=EvidenceState.PROPOSED).exists():
        return
    rows = [row.pk for row in Evidence.objects.filter(fits=True, catalogue__restricted=False).order_by("pk")]
    every = Evidence.objects.all()

    def review(ids: list[int], move: str) -> None:
        if ids:
            evidence.review(dict.fromkeys(ids, str(EvidenceState.PROPOSED)), move, among=every, by=by, at=at)

    review(rows[:IN_FORCE], "accept")
    if rows:
        evaluation = candidate.request(by=by, at=at)
        candidate.measure(evaluation.pk, clock=lambda: at, progress=lambda done, total: None)
        candidate.apply(evaluation.pk, by=by, at=at)
    review(rows[IN_FORCE : IN_FORCE + CHOSEN], "accept")
    review(rows[IN_FORCE + CHOSEN : IN_FORCE + CHOSEN + REJECTED], "reject")
    slug, code, name = ALIAS
    item = CatalogueItem.objects.filter(catalogue__slug=slug, code=code).select_related("catalogue").first()
    if item:
        propose_alias(item, name, language="vi", by=by, at=at)
