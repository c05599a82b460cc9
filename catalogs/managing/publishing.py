"""From a draft to a list in force, by two people: one proposes, another publishes or sends back.

Publishing is one transaction: whatever fails leaves the draft as it was. What else has to follow registers here and is
called in the same transaction, so that no crash comes between the two; what takes long it leaves to a job.
"""

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from audit import trail
from catalogs.managing import linking
from catalogs.managing.checking import cycle_of_successors, faults_of, write
from catalogs.managing.states import NotPossible, day_of, locked, preparers, touch
from catalogs.matching import service as matching
from catalogs.models import Catalogue, GroupKind, ItemRelation, RelationKind, Stage
from notifications import outbox

REASON_MAX = 2000

# Called with the id of a list that was published, in the transaction that publishes it.
Follower = Callable[[int], object]
_followers: list[Follower] = []


def on_published(follower: Follower) -> None:
    """Have it called for every list that is published from now on; apps register in AppConfig.ready."""
    _followers.append(follower)


def obstacles(catalogue: Catalogue, *, on: date) -> list[str]:
    """Why the version cannot be proposed or published on the day as it stands; empty: it can."""
    reasons = [fault.text for fault in faults_of(catalogue, catalogue.instrument)]
    # A draft may wait for its document to be signed; the world learns of no document that nobody has signed.
    signed = catalogue.instrument.signed_on
    if signed and signed > on:
        text = _("Văn bản ghi ngày ký %(signed)s, chưa đến: văn bản phải được ký trước. Hãy kiểm tra lại ngày ký.")
        reasons.append(str(text % {"signed": write(signed)}))
    if not catalogue.items.exists():
        reasons.append(str(_("Danh mục chưa có mục nào: hãy nhập nội dung.")))
    elif empty := catalogue.groups.filter(kind=GroupKind.PRODUCT, items=None).order_by("position", "pk").first():
        reasons.append(str(_("Nhóm %(code)s không có mục nào.") % {"code": empty.code}))
    if left := len(linking.undecided(linking.links_of(catalogue))):
        reasons.append(
            ngettext(
                "Còn %(count)s mục của phiên bản trước chưa rõ được mục nào kế tiếp.",
                "Còn %(count)s mục của phiên bản trước chưa rõ được mục nào kế tiếp.",
                left,
            )
            % {"count": left}
        )
    if cycle := cycle_of_successors(catalogue):
        codes = ", ".join(item.code for item in cycle)
        reasons.append(str(_("Các mục kế tiếp nhau thành vòng tròn: %(codes)s.") % {"codes": codes}))
    return reasons


@transaction.atomic
def propose(catalogue_id: int, *, by: User, at: datetime, expected_version: int | None) -> Catalogue:
    """Ask another manager to publish the draft, which is locked from now on. Raises Stale or NotPossible."""
    catalogue = locked(catalogue_id, by=by, expected_version=expected_version, stage=Stage.DRAFT)
    if reasons := obstacles(catalogue, on=day_of(at)):
        raise NotPossible(*reasons)
    catalogue.stage, catalogue.prepared_by = Stage.PROPOSED, by
    catalogue.save(update_fields=["stage", "prepared_by"])
    touch(catalogue)
    trail.record(catalogue, "propose_catalogue", by=by, at=at)
    outbox.enqueue("catalogue_proposed", catalogue, at=at, context=_context(catalogue, by))
    return catalogue


@transaction.atomic
def send_back(catalogue_id: int, *, reason: str, by: User, at: datetime, expected_version: int | None) -> Catalogue:
    """Make it a draft again, for whoever prepared it to mend. Raises Stale or NotPossible."""
    catalogue = locked(catalogue_id, by=by, expected_version=expected_version, stage=Stage.PROPOSED)
    if not reason.strip():
        raise NotPossible(_("Hãy ghi lý do trả lại."))
    catalogue.stage = Stage.DRAFT
    catalogue.save(update_fields=["stage"])
    touch(catalogue)
    trail.record(catalogue, "send_back_catalogue", by=by, at=at, data={"reason": reason})
    outbox.enqueue("catalogue_sent_back", catalogue, at=at, context=_context(catalogue, by) | {"reason": reason})
    return catalogue


def may_publish(catalogue: Catalogue, user: User) -> bool:
    """Nobody publishes what they had a hand in."""
    return user.pk not in preparers(catalogue)


@transaction.atomic
def publish(catalogue_id: int, *, by: User, at: datetime, expected_version: int | None) -> Catalogue:
    """Put the list into the world, and end the version whose place it takes. Raises Stale or NotPossible."""
    family = Catalogue.objects.filter(pk=catalogue_id).values("family")
    # All versions of the family, so that two drafts of it are never published at the same moment.
    list(Catalogue.objects.select_for_update(of=("self",)).filter(family__in=family).order_by("pk"))
    catalogue = locked(catalogue_id, by=by, expected_version=expected_version, stage=Stage.PROPOSED)
    if not may_publish(catalogue, by):
        raise NotPossible(_("Bạn đã tham gia soạn danh mục này: việc công bố phải do người khác thực hiện."))
    if reasons := obstacles(catalogue, on=day_of(at)):
        raise NotPossible(*reasons)
    catalogue.stage, catalogue.published_by, catalogue.published_at = Stage.PUBLISHED, by, at
    catalogue.version += 1
    # Before the list: with it, what its instrument says is kept.
    _announce_instrument(catalogue)
    _carry_references_over(catalogue)
    catalogue.save(update_fields=["stage", "published_by", "published_at", "version"])
    _end_what_is_replaced(catalogue)
    trail.record(catalogue, "publish_catalogue", by=by, at=at, data=_published_facts(catalogue))
    outbox.enqueue("catalogue_published", catalogue, at=at, context=_context(catalogue, by))
    for follower in _followers:
        follower(catalogue.pk)
    transaction.on_commit(lambda: matching.forget(catalogue), robust=True)
    return catalogue


def _announce_instrument(catalogue: Catalogue) -> None:
    instrument = catalogue.instrument
    if instrument.drafted:
        instrument.drafted = False
        instrument.save(update_fields=["drafted"])


def _carry_references_over(catalogue: Catalogue) -> None:
    """What an item takes in by naming its instrument, as 9.1 of TT 31/2025/TT-BKHCN does, the same item takes in."""
    same = ItemRelation.objects.filter(successor=True, kind=RelationKind.SAME, other__catalogue=catalogue)
    for relation in same.exclude(item__references=None).select_related("other").order_by("pk").distinct():
        relation.other.references.add(*relation.item.references.order_by("pk"))


def _end_what_is_replaced(catalogue: Catalogue) -> None:
    before, start = catalogue.replaces, catalogue.effective_from
    if before is None:
        return
    if before.effective_to is None or before.effective_to > start:
        before.effective_to = start
        before.save(update_fields=["effective_to"])
    instrument = before.instrument
    if not catalogue.replaces_instrument or instrument.pk == catalogue.instrument_id or instrument.replaced_by_id:
        return
    instrument.replaced_by = catalogue.instrument
    # Its list applies up to that day, so it does too.
    if instrument.effective_to is None or instrument.effective_to > start:
        instrument.effective_to = start
    instrument.save(update_fields=["replaced_by", "effective_to"])


def _published_facts(catalogue: Catalogue) -> dict[str, str]:
    return {
        "number": catalogue.instrument.number,
        "slug": catalogue.slug,
        "effective_from": catalogue.effective_from.isoformat(),
        "replaces": catalogue.replaces.slug if catalogue.replaces else "",
    }


def _context(catalogue: Catalogue, by: User) -> dict[str, str]:
    """What a message says. Of a restricted list nothing that a mail server should not read."""
    if catalogue.restricted:
        return {"code": "", "title": "", "by_name": str(by)}
    return {"code": catalogue.instrument.number, "title": catalogue.title, "by_name": str(by)}
