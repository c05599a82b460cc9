"""Who is affected by a new version of a list: the dossiers and decisions whose items are others in it.

Found by a job that walks an index from item to dossiers, five hundred at a time, so that its memory does not grow
with the number of dossiers and a worker that is killed costs one batch.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, User
from audit.models import subject_type_of
from catalogs.changes import Change, ItemChange, changed_items, predecessors
from catalogs.models import Catalogue, CatalogueItem, Instrument, ProcedureRevision, Stage
from catalogs.services import catalogue_for, definition_of
from documents.models import DocumentKind, IssuedDocument, Validity
from intake.listing import matching_day
from intake.models import DeclaredItem, Dossier
from intake.states import WITH_CLOCK, Outcome, State
from notifications import jobs, outbox
from notifications.models import OPEN_JOBS, Event, Job, JobState
from notifications.running import JobError, Work, job
from workflow.models import AffectedCase, AffectedKind, AffectedRule, ItemFinding, Verdict, lists_weighed_by

KIND = "who_is_affected"
TOLD_MANAGERS, TOLD_SPECIALIST, TOLD_APPLICANT = "list_affects", "list_affects_mine", "draft_items_changed"
BATCH = 500
ENDED_DECISIONS = (Validity.REPLACED, Validity.REVOKED, Validity.EXPIRED)


class ReplacesNothing(Exception):
    def __init__(self) -> None:
        super().__init__(_("Danh mục này không thay thế danh mục nào nên không ảnh hưởng tới hồ sơ nào."))


def catalogues_for(user: User) -> QuerySet[Catalogue]:
    return lists_weighed_by(user).select_related("instrument", "replaces__instrument")


def replacing(catalogues: QuerySet[Catalogue]) -> QuerySet[Catalogue]:
    """Those that take the place of an earlier list."""
    repealed = Instrument.objects.filter(replaced_by=OuterRef("instrument"), catalogues__isnull=False)
    return catalogues.filter(Q(replaces__isnull=False) | Exists(repealed))


# --- starting --------------------------------------------------------------------------------------


def after_publishing(catalogue_id: int) -> None:
    """Find who is affected by a list that was just published, and tell them. Nothing for one that replaces none."""
    catalogue = Catalogue.objects.select_related("published_by").get(pk=catalogue_id)
    if catalogue.published_at and predecessors(catalogue).exists():
        start(catalogue, by=catalogue.published_by, at=catalogue.published_at, tell=True)


def is_untold(catalogue: Catalogue) -> bool:
    """Whether people are still to be told of a list that was published here: the job that should have done it never
    began, failed or was stopped. Lists that came with the product were announced elsewhere."""
    if catalogue.stage != Stage.PUBLISHED or catalogue.published_at is None:
        return False
    # The last that a job does: written in one transaction with the end of its walks.
    return not Event.objects.filter(kind=TOLD_MANAGERS, **_subject(catalogue)).exists()


def _subject(catalogue: Catalogue) -> dict[str, str]:
    return {"subject_type": subject_type_of(catalogue), "subject_id": str(catalogue.pk)}


@transaction.atomic
def start(catalogue: Catalogue, *, by: User | None, at: datetime, tell: bool | None = None) -> Job:
    """The job that finds the affected, or the one that is at it already. `tell`: the applicants of drafts, the
    specialists and the catalogue managers get a message; unless it is said, if they are still to be told.
    Raises ReplacesNothing."""
    locked = Catalogue.objects.select_for_update(of=("self",)).select_related("instrument").get(pk=catalogue.pk)
    if not predecessors(locked).exists():
        raise ReplacesNothing
    if tell is None:
        tell = is_untold(locked)
    at_it = Job.objects.filter(kind=KIND, state__in=OPEN_JOBS, arguments__catalogue=locked.pk)
    for found in at_it.order_by("created_at", "pk"):
        if found.arguments["tell"] or not tell:
            return found
        # Two at once would each drop what the other has found.
        jobs.stop(found, at=at)
    return jobs.start(
        KIND,
        title=_("Ai bị ảnh hưởng: %(list)s") % {"list": locked.instrument},
        by=by,
        at=at,
        arguments={"catalogue": locked.pk, "tell": tell},
        role=followers_of(locked),
    )


def followers_of(catalogue: Catalogue) -> Role:
    """Who may follow a job about the list. Of a restricted one even the title of the job is for the cleared alone."""
    return Role.CLEARED if catalogue.restricted else Role.CATALOGUE_MANAGER


def last_job(catalogue: Catalogue, *, states: Iterable[str] = JobState.values) -> Job | None:
    """The newest job about the list, of those in the states."""
    about = Job.objects.filter(kind=KIND, arguments__catalogue=catalogue.pk, state__in=list(states))
    return about.order_by("-created_at", "-pk").first()


# --- finding ---------------------------------------------------------------------------------------

# The walks, in their order. A place in the work is [walk, key, the last dossier, drafts so far].
DECLARED, FOUND, TRANSITION, TOLD = 0, 1, 2, 3


@job(KIND)
def who_is_affected(work: Work) -> dict[str, Any]:
    """Compute the rows of one list; what was handled stays handled unless its items changed otherwise since."""
    catalogue = (
        Catalogue.objects.select_related("instrument", "replaces__instrument")
        .filter(pk=work.arguments["catalogue"])
        .first()
    )
    if catalogue is None:
        raise JobError(_("Danh mục này không còn nữa."))
    search = _Search(catalogue, work)
    walk, key, after, drafts = work.place or [DECLARED, 0, 0, 0]
    total = work.total or search.size()
    for step in search.steps():
        if step < (walk, key):
            continue
        after = after if step == (walk, key) else 0
        while dossiers := search.batch(step, after):
            with transaction.atomic():
                drafts += search.keep(step, dossiers)
                after = dossiers[-1]
                done = work.done + len(dossiers)
                work.advance(done=done, total=max(total, done), place=[*step, after, drafts])
    if walk != TOLD:
        with transaction.atomic():
            search.finish(drafts)
            work.advance(done=work.done, total=work.done, place=[TOLD, 0, 0, drafts])
    return {"url": reverse("affected_list", args=[catalogue.slug]), "drafts": drafts}


@dataclass(frozen=True)
class _Items:
    """What of a dossier's items changed: those that count for it, by the id of the item."""

    declared: set[int]
    counting: set[int]  # declared and not overruled, or added by the specialist


class _Search:
    def __init__(self, catalogue: Catalogue, work: Work) -> None:
        self.catalogue, self.work = catalogue, work
        self.changes = changed_items(catalogue)
        self.today = timezone.localdate(work.clock(), timezone.get_default_timezone())
        self.lists = set(predecessors(catalogue).values_list("pk", flat=True))
        # A procedure that holds on to the list of a fixed day: TT 31/2025/TT-BKHCN Đ3.
        self.transitions = {
            revision.pk
            for revision in ProcedureRevision.objects.order_by("pk")
            if (definition := definition_of(revision)).catalogue_day
            and (fixed := catalogue_for(definition, definition.catalogue_day))
            and fixed.pk in self.lists
        }

    def steps(self) -> Iterator[tuple[int, int]]:
        for walk, keys in ((DECLARED, self.changes), (FOUND, self.changes), (TRANSITION, self.transitions)):
            yield from ((walk, key) for key in sorted(keys))

    def size(self) -> int:
        """How many rows there are to walk; one dossier may be met more than once."""
        return (
            DeclaredItem.objects.filter(item__in=self.changes).count()
            + ItemFinding.objects.filter(item__in=self.changes, verdict=Verdict.ADDED).count()
            + Dossier.objects.filter(revision_of_procedure__in=self.transitions).count()
        )

    def batch(self, step: tuple[int, int], after: int) -> list[int]:
        """The next dossiers of a walk, by id."""
        return list(self.walk(step, after))

    def walk(self, step: tuple[int, int], after: int) -> QuerySet[Any]:
        """The same as a queryset: one walk along an index, dossiers_of_an_item or cases_of_an_item."""
        walk, key = step
        rows: QuerySet[Any]
        if walk == DECLARED:
            rows, column = DeclaredItem.objects.filter(item_id=key), "dossier_id"
        elif walk == FOUND:
            rows, column = ItemFinding.objects.filter(item_id=key, verdict=Verdict.ADDED), "case_id"
        else:
            rows, column = Dossier.objects.filter(revision_of_procedure_id=key), "pk"
        beyond = rows.filter(**{f"{column}__gt": after}).order_by(column)
        return beyond.values_list(column, flat=True)[:BATCH]

    def keep(self, step: tuple[int, int], dossier_ids: list[int]) -> int:
        """Write the rows of these dossiers; returns how many drafts were among them, each counted once."""
        filed = Q(state__in=WITH_CLOCK)
        granted = Q(state__in=[State.ISSUED, State.DELIVERED], outcome=Outcome.GRANTED)
        dossiers = (
            Dossier.objects.filter(Q(state=State.DRAFT) | filed | granted, pk__in=dossier_ids)
            .select_related("revision_of_procedure", "organisation")
            .defer("answers", "search_text", "revision_of_procedure__definition")
            .order_by("pk")
        )
        items = self._items(dossier_ids)
        ended = self._ended(dossier_ids)
        told = self._told(dossier_ids)
        rows, drafts = [], 0
        for dossier in dossiers:
            of_dossier = items.get(dossier.pk, _Items(set(), set()))
            if dossier.state == State.DRAFT:
                # Met once for each of its items: it counts at the first.
                if step == (DECLARED, min(of_dossier.declared, default=0)) and not self._fixed(dossier):
                    drafts += 1
                    if dossier.pk not in told:
                        self._tell_applicant(dossier, of_dossier.declared)
            elif dossier.pk not in ended and (of_dossier.counting or self._fixed(dossier)):
                rows.append(self._row(dossier, of_dossier.counting))
        self._save(rows)
        return drafts

    def _fixed(self, dossier: Dossier) -> bool:
        return dossier.revision_of_procedure_id in self.transitions

    def _items(self, dossier_ids: list[int]) -> dict[int, _Items]:
        found: dict[int, _Items] = {}
        declared = DeclaredItem.objects.filter(dossier__in=dossier_ids, item__in=self.changes)
        for dossier, item in declared.values_list("dossier_id", "item_id"):
            one = found.setdefault(dossier, _Items(set(), set()))
            one.declared.add(item)
            one.counting.add(item)
        findings = ItemFinding.objects.filter(case__in=dossier_ids, item__in=self.changes)
        for dossier, item, verdict in findings.values_list("case_id", "item_id", "verdict"):
            one = found.setdefault(dossier, _Items(set(), set()))
            (one.counting.discard if verdict == Verdict.OVERRULED else one.counting.add)(item)
        return found

    def _told(self, dossier_ids: list[int]) -> set[int]:
        """The drafts whose applicants an earlier job told of this list before it failed or was stopped."""
        if not self.work.arguments.get("tell"):
            return set()
        events = Event.objects.filter(
            kind=TOLD_APPLICANT,
            subject_type=subject_type_of(Dossier()),
            subject_id__in=[str(pk) for pk in dossier_ids],
            context__catalogue=self.catalogue.pk,
        )
        return {int(pk) for pk in events.values_list("subject_id", flat=True)}

    def _ended(self, dossier_ids: list[int]) -> set[int]:
        """The dossiers whose decision holds no longer."""
        decisions = IssuedDocument.objects.filter(dossier__in=dossier_ids, kind=DocumentKind.DECISION)
        over = decisions.filter(Q(validity__in=ENDED_DECISIONS) | Q(valid_until__lt=self.today))
        return set(over.values_list("dossier_id", flat=True))

    def _row(self, dossier: Dossier, items: set[int]) -> AffectedCase:
        changes = sorted((self.changes[pk] for pk in items), key=lambda c: (c.before.position, c.before.pk))
        kinds = {change.change for change in changes}
        kind = AffectedKind.OPEN if dossier.state in WITH_CLOCK else AffectedKind.DECIDED
        return AffectedCase(
            catalogue=self.catalogue,
            case_id=dossier.pk,
            kind=kind,
            change=next((change for change in Change if change in kinds), Change.ENDED),
            rule=self._rule(dossier, kind, kinds),
            items=[_frozen(change) for change in changes],
            computed_by=self.work.id,
        )

    def _rule(self, dossier: Dossier, kind: AffectedKind, kinds: set[Change]) -> AffectedRule:
        if self._fixed(dossier):
            return AffectedRule.TRANSITION
        if kind == AffectedKind.DECIDED:
            return AffectedRule.RECHECK if Change.REMOVED in kinds else AffectedRule.STANDS
        if matching_day(dossier) >= self.catalogue.effective_from:
            return AffectedRule.NEW_LIST
        return AffectedRule.FILING_DAY

    def _save(self, rows: list[AffectedCase]) -> None:
        """New rows wait; of those that are there, the ones that say something else now wait again."""
        there = {
            row.case_id: row
            # In the order in which `_locked` takes them: two that lock the same rows wait, and never for each other.
            for row in AffectedCase.objects.select_for_update(of=("self",))
            .filter(catalogue=self.catalogue, case__in=[row.case_id for row in rows])
            .order_by("pk")
        }
        AffectedCase.objects.bulk_create([row for row in rows if row.case_id not in there])
        same, other = [], []
        for row in rows:
            if kept := there.get(row.case_id):
                before = (kept.kind, kept.change, kept.rule, kept.items)
                if before == (row.kind, row.change, row.rule, row.items):
                    same.append(kept.pk)
                    continue
                kept.kind, kept.change, kept.rule, kept.items = row.kind, row.change, row.rule, row.items
                kept.handled_by = kept.handled_at = None
                kept.version += 1
                kept.computed_by = self.work.id
                other.append(kept)
        AffectedCase.objects.filter(pk__in=same).update(computed_by=self.work.id)
        AffectedCase.objects.bulk_update(
            other, ["kind", "change", "rule", "items", "handled_by", "handled_at", "version", "computed_by"]
        )

    def finish(self, drafts: int) -> None:
        """Drop what was not found again, unless somebody had looked at it, and tell the office."""
        rows = AffectedCase.objects.filter(catalogue=self.catalogue)
        rows.filter(handled_at=None).exclude(computed_by=self.work.id).delete()
        if not self.work.arguments.get("tell"):
            return
        # What was handled and is affected no longer stays as a record, and is nobody's matter now.
        rows = rows.filter(computed_by=self.work.id)
        counts = dict(rows.values_list("kind").annotate(Count("pk")).order_by("kind"))
        known = {"open": counts.get(AffectedKind.OPEN, 0), "decided": counts.get(AffectedKind.DECIDED, 0)}
        self._tell(TOLD_MANAGERS, self.catalogue, **known, drafts=drafts)
        taken = rows.filter(kind=AffectedKind.OPEN, case__specialist__isnull=False)
        for specialist, count in (
            taken.values_list("case__specialist").annotate(Count("pk")).order_by("case__specialist")
        ):
            self._tell(TOLD_SPECIALIST, self.catalogue, open=count, handlers=[specialist])

    def _tell_applicant(self, draft: Dossier, items: set[int]) -> None:
        # Of a restricted list an applicant is told nothing: even the words of its items are not theirs to know.
        if self.work.arguments.get("tell") and not self.catalogue.restricted:
            changes = sorted((self.changes[pk] for pk in items), key=lambda c: (c.before.position, c.before.pk))
            points = [f"{change.before}: {change.change.label}" for change in changes]
            self._tell(TOLD_APPLICANT, draft, title=draft.title, points=points)

    def _tell(self, kind: str, subject: Catalogue | Dossier, **context: Any) -> None:
        known = {
            # Of a restricted list nothing that a mail server should not read.
            "list": "" if self.catalogue.restricted else f"{self.catalogue.title} ({self.catalogue.instrument})",
            "day": self.catalogue.effective_from.isoformat(),
            "restricted": self.catalogue.restricted,
            "catalogue": self.catalogue.pk,
        }
        outbox.enqueue(kind, subject, at=self.work.clock(), context=known | context)


def _frozen(change: ItemChange) -> dict[str, Any]:
    return {
        "before": _written(change.before),
        "change": change.change.value,
        "after": [_written(item) for item in change.after],
    }


def _written(item: CatalogueItem) -> dict[str, str]:
    return {"code": item.shown_code, "name": item.name}


# --- reading ---------------------------------------------------------------------------------------
