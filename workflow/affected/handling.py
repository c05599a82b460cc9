"""Working through who is affected by a new list: the rows as they are filtered, and marking them as looked at."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from catalogs.models import Catalogue
from intake.models import DeclaredItem
from notifications import jobs
from notifications.models import Job, JobState
from notifications.running import Work, job
from workflow.affected.finding import followers_of, last_job
from workflow.affected.rules import TO_ACT_ON
from workflow.models import AffectedCase, ItemFinding

KIND = "handle_affected"
MAX_NOTE = 2000
AT_ONCE = 1000  # rows that are marked while the person waits; more are for a job
BATCH = 500


class Stale(Exception):
    """Somebody handled some of the rows, or they were computed anew, after the person opened the page."""

    def __init__(self) -> None:
        super().__init__(
            _("Có dòng đã thay đổi từ khi bạn mở trang này nên chưa dòng nào được ghi. Hãy xem lại rồi chọn lại.")
        )


# --- the rows --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filters:
    """What the person narrowed the rows to; each part may be empty."""

    kind: str = ""
    change: str = ""
    rule: str = ""
    handled: bool | None = None
    to_act_on: bool | None = None  # whether the rule asks for anything to be done
    item: int | None = None  # of the earlier list

    def apply(self, rows: QuerySet[AffectedCase]) -> QuerySet[AffectedCase]:
        chosen = {"kind": self.kind, "change": self.change, "rule": self.rule}
        rows = rows.filter(**{name: value for name, value in chosen.items() if value})
        if self.handled is not None:
            rows = rows.filter(handled_at__isnull=not self.handled)
        if self.to_act_on is not None:
            needing = Q(rule__in=TO_ACT_ON)
            rows = rows.filter(needing if self.to_act_on else ~needing)
        if self.item:
            declared = DeclaredItem.objects.filter(item=self.item, dossier=OuterRef("case"))
            found = ItemFinding.objects.filter(item=self.item, case=OuterRef("case"))
            rows = rows.filter(Exists(declared) | Exists(found))
        return rows


def rows_of(catalogue: Catalogue, *, visible_to: User) -> QuerySet[AffectedCase]:
    """Each with its dossier and the name of who filed it. Nothing of the declaration is read."""
    return (
        AffectedCase.objects.visible_to(visible_to)
        .filter(catalogue=catalogue)
        .select_related("case__organisation", "handled_by")
        .only(
            *("kind", "change", "rule", "items", "version", "handled_at", "note", "catalogue"),
            *("case__public_id", "case__code", "case__title", "case__state", "case__submitted_at"),
            *("case__organisation__name", "handled_by__full_name", "handled_by__email"),
        )
    )


# --- handling --------------------------------------------------------------------------------------


@transaction.atomic
def handle(catalogue: Catalogue, versions: dict[int, int], *, by: User, at: datetime, note: str = "") -> int:
    """Mark rows as looked at, all or none; `versions` are those that the person saw, by the row's id.

    Returns how many. Raises Stale.
    """
    rows = _locked(catalogue, versions, by=by)
    _mark(catalogue, rows, by=by, at=at, note=note)
    return len(rows)


@transaction.atomic
def reopen(catalogue: Catalogue, versions: dict[int, int], *, by: User, at: datetime) -> int:
    """Let rows wait again; their notes stay. Raises Stale."""
    rows = _locked(catalogue, versions, by=by)
    for row in rows:
        row.handled_by = row.handled_at = None
        row.version += 1
    AffectedCase.objects.bulk_update(rows, ["handled_by", "handled_at", "version"])
    _record(catalogue, "reopen_affected", rows, by=by, at=at)
    return len(rows)


# --- all rows of a filter --------------------------------------------------------------------------


@dataclass(frozen=True)
class Selection:
    """All rows that wait under some filters, as somebody saw them."""

    number: int
    more: bool  # than the number
    token: str  # changes with them


def selected(catalogue: Catalogue, filters: Filters, *, by: User) -> Selection:
    rows = list(_waiting(catalogue, filters, by=by).values_list("pk", "version")[: AT_ONCE + 1])
    return _selection(catalogue, rows)


def _waiting(catalogue: Catalogue, filters: Filters, *, by: User) -> QuerySet[AffectedCase]:
    rows = AffectedCase.objects.visible_to(by).filter(catalogue=catalogue, handled_at=None)
    return filters.apply(rows).order_by("pk")


def _selection(catalogue: Catalogue, rows: list[tuple[int, int]]) -> Selection:
    if len(rows) > AT_ONCE:
        return Selection(AT_ONCE, more=True, token=_computation(catalogue))
    text = ",".join(f"{pk}:{version}" for pk, version in rows)
    return Selection(len(rows), more=False, token=hashlib.sha256(text.encode()).hexdigest())


def _computation(catalogue: Catalogue) -> str:
    """The id of the job that found the rows last; empty if none did."""
    job = last_job(catalogue, states=[JobState.FINISHED])
    return str(job.pk) if job else ""


@transaction.atomic
def handle_all(
    catalogue: Catalogue, filters: Filters, *, token: str, by: User, at: datetime, note: str = ""
) -> int | Job:
    """Mark all rows that wait under the filters, if they are still those of the token: at once, and then it returns
    how many, or where they are too many for that by the job that is returned.

    Raises Stale, also where none is left to mark.
    """
    chosen = _waiting(catalogue, filters, by=by).select_for_update(of=("self",)).select_related("case")
    rows = list(chosen.only("version", "catalogue", "case__code")[: AT_ONCE + 1])
    if not rows or not token or _selection(catalogue, [(row.pk, row.version) for row in rows]).token != token:
        raise Stale
    if len(rows) <= AT_ONCE:
        _mark(catalogue, rows, by=by, at=at, note=note)
        return len(rows)
    return jobs.start(
        KIND,
        title=_("Ghi là đã xem xét: %(list)s") % {"list": catalogue.instrument},
        by=by,
        at=at,
        arguments={
            "catalogue": catalogue.pk,
            "filters": asdict(filters),
            "computation": token,
            "by": by.pk,
            "note": note,
        },
        role=followers_of(catalogue),
    )


@job(KIND)
def handle_affected(work: Work) -> dict[str, Any]:
    """Mark the rows that waited when the person said so: not those that were computed anew since."""
    catalogue = Catalogue.objects.get(pk=work.arguments["catalogue"])
    by, note = User.objects.get(pk=work.arguments["by"]), work.arguments["note"]
    filters = Filters(**work.arguments["filters"])
    waiting = _waiting(catalogue, filters, by=by).filter(computed_by=work.arguments["computation"])
    total = work.total or waiting.count()
    batch: list[AffectedCase] | None = None
    while batch is None or batch:
        with transaction.atomic():
            chosen = waiting.filter(pk__gt=work.place or 0).select_for_update(of=("self",)).select_related("case")
            batch = list(chosen.only("version", "catalogue", "case__code")[:BATCH])
            if batch:
                _mark(catalogue, batch, by=by, at=work.clock(), note=note, of=total)
                done = work.done + len(batch)
                work.advance(done=done, total=max(total, done), place=batch[-1].pk)
    return {"url": reverse("affected_list", args=[catalogue.slug])}


def _mark(
    catalogue: Catalogue, rows: list[AffectedCase], *, by: User, at: datetime, note: str, of: int | None = None
) -> None:
    """The rows have to be locked. `of`: how many are marked in all, if these are only some."""
    AffectedCase.objects.filter(pk__in=[row.pk for row in rows]).update(
        handled_by=by, handled_at=at, note=note, version=F("version") + 1
    )
    _record(catalogue, "handle_affected", rows, by=by, at=at, note=note, of=of or len(rows))


# --- both ------------------------------------------------------------------------------------------


def _locked(catalogue: Catalogue, versions: dict[int, int], *, by: User) -> list[AffectedCase]:
    seen = AffectedCase.objects.visible_to(by).filter(catalogue=catalogue, pk__in=versions)
    chosen = seen.select_for_update(of=("self",))
    rows = list(chosen.select_related("case").only("version", "catalogue", "case__code").order_by("pk"))
    if {row.pk: row.version for row in rows} != versions:
        raise Stale
    return rows


def _record(
    catalogue: Catalogue, action: str, rows: list[AffectedCase], *, by: User, at: datetime, **data: Any
) -> None:
    cases = [row.case.code for row in rows]
    trail.record(catalogue, action, by=by, at=at, data={"cases": cases, **data})
