"""The candidate: matching as it would be with the evidence that was accepted and the aliases that were proposed.

It is measured beside what is in force, on labelled products that come with the product, and put into force by another
act. What is put into force is what was measured: both carry the same digest.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from catalogs.learning.acting import LearningError, require_manager
from catalogs.matching import scoring, service
from catalogs.matching.scoring import Labelled, Outcome
from catalogs.models import Catalogue, Evaluation, Evidence, EvidenceState, ItemAlias
from catalogs.reading import DATA

# Products on which nothing was tuned: tests/matching/test_quality.py says where they come from.
LABELS = DATA / "matching" / "evaluation.jsonl"
SHOWN = ("r1", "r3", "fa", "fr", "acc")
AT_ONCE = 50  # products between two signs of life
CHANGED_SHOWN = 30

Progress = Callable[[int, int], None]  # done, total


class NothingToTry(LearningError):
    def __init__(self) -> None:
        super().__init__(_("Chưa có gì để thử: hãy chọn sản phẩm để học hoặc đề xuất tên gọi trước."))


class NotMeasured(LearningError):
    def __init__(self) -> None:
        super().__init__(_("Cấu hình này chưa được thử xong nên chưa áp dụng được. Hãy chờ có số liệu, hoặc thử lại."))


class Changed(LearningError):
    def __init__(self) -> None:
        super().__init__(
            _("Cấu hình đã thay đổi từ khi được thử nên số liệu này không còn đúng. Hãy thử lại rồi mới áp dụng.")
        )


class AlreadyApplied(LearningError):
    def __init__(self) -> None:
        super().__init__(_("Cấu hình này đã được áp dụng."))


# --- what is to be tried ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Pending:
    """Where the candidate differs from what is in force: what comes, and what goes."""

    evidence: tuple[tuple[int, str], ...]  # id and state
    aliases: tuple[tuple[int, str, bool], ...]  # id, text, and whether it goes

    def __bool__(self) -> bool:
        return bool(self.evidence or self.aliases)


def pending() -> Pending:
    """Two queries. Only public lists are matched against, so only theirs are tried."""
    return Pending(
        tuple(_evidence().order_by("pk").values_list("pk", "state")),
        tuple(_aliases().order_by("pk").values_list("pk", "text", "retiring")),
    )


def pending_rows(limit: int) -> tuple[list[Evidence], list[ItemAlias]]:
    """The first of what is pending, to be shown; two queries."""
    evidence = _evidence().select_related("catalogue__instrument", "item").defer("description", "reason")
    aliases = _aliases().select_related("item__catalogue__instrument", "added_by")
    return list(evidence.order_by("pk")[:limit]), list(aliases.order_by("pk")[:limit])


def _evidence() -> QuerySet[Evidence]:
    states = [EvidenceState.ACCEPTED, EvidenceState.RETIRING]
    return Evidence.objects.filter(state__in=states, catalogue__in=Catalogue.objects.public())


def _aliases() -> QuerySet[ItemAlias]:
    changing = Q(live=False) | Q(retiring=True)
    return ItemAlias.objects.filter(changing, item__catalogue__in=Catalogue.objects.public())


def digest_of(added: Pending) -> str:
    """A digest of what is in force and what would change; two queries for each public list."""
    lists = Catalogue.objects.public().order_by("pk")
    content = [[service.state_of(catalogue) for catalogue in lists], added.evidence, added.aliases]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def request(*, by: User, at: datetime) -> Evaluation:
    """Note down what is to be measured. Raises NotManager, NothingToTry."""
    require_manager(by)
    added = pending()
    if not added:
        raise NothingToTry
    return Evaluation.objects.create(
        configuration=digest_of(added),
        requested_by=by,
        requested_at=at,
        evidence_count=len(added.evidence),
        alias_count=len(added.aliases),
    )


# --- measuring -------------------------------------------------------------------------------------


def measure(evaluation_id: int, *, clock: Callable[[], datetime], progress: Progress, labels: Path = LABELS) -> None:
    """Measure what is in force and the candidate side by side; some ten seconds. Raises Changed.

    Safe to run twice: the figures are written at the end, and are the same.
    """
    evaluation = Evaluation.objects.get(pk=evaluation_id)
    _require_unchanged(evaluation, pending())
    records = labelled(labels)
    lists = {one.instrument.number: one for one in _lists(records)}
    done, total = 0, 2 * sum(number in record.labels for record in records for number in lists)
    live: list[Outcome] = []
    candidate: list[Outcome] = []
    changed: list[dict[str, str]] = []
    for number, catalogue in lists.items():
        own = [record for record in records if number in record.labels]
        sides: list[list[Outcome]] = []
        for index in (service.fresh_index_of(catalogue), service.candidate_index_of(catalogue)):
            rows: list[Outcome] = []
            for first in range(0, len(own), AT_ONCE):
                rows += scoring.outcomes(own[first : first + AT_ONCE], {number: index})
                done += len(own[first : first + AT_ONCE])
                progress(done, total)
            sides.append(rows)
        before, after = sides
        live, candidate = [*live, *before], [*candidate, *after]
        changed += [
            {"list": number, "name": record.name, "text": record.description, "right": "after" if right else "before"}
            for record, one, other in zip(own, before, after, strict=True)
            if (right := other.right) != one.right
        ]
    # A configuration that changed meanwhile was measured half before and half after.
    _require_unchanged(evaluation, pending())
    evaluation.figures = {"rows": tabulate(live, candidate), "changed": changed[:CHANGED_SHOWN]}
    evaluation.finished_at = clock()
    evaluation.save(update_fields=["figures", "finished_at"])


def _require_unchanged(evaluation: Evaluation, added: Pending) -> None:
    if digest_of(added) != evaluation.configuration:
        raise Changed


@lru_cache(maxsize=2)
def labelled(path: Path = LABELS) -> tuple[Labelled, ...]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(scoring.labelled(json.loads(line)) for line in lines if line.strip())


def _lists(records: tuple[Labelled, ...]) -> list[Catalogue]:
    """The public lists that the labels name; the newest where a number has several."""
    numbers = {number for record in records for number in record.labels}
    rows = Catalogue.objects.public().filter(instrument__number__in=numbers).select_related("instrument")
    newest = {row.instrument.number: row for row in rows.order_by("effective_from", "pk")}
    return list(newest.values())


def tabulate(live: list[Outcome], candidate: list[Outcome]) -> list[dict[str, Any]]:
    """A row for each list as a whole and for each of its groups, both sides beside each other."""
    rows = []
    for (number, group, before), (_number, _group, after) in zip(
        scoring.by_group(live), scoring.by_group(candidate), strict=True
    ):
        now, then = scoring.figures(before), scoring.figures(after)
        rows.append(
            {
                "list": number,
                "group": group,
                "fitting": now.fitting,
                "others": now.others,
                "live": _shares(now),
                "candidate": _shares(then),
            }
        )
    return rows


def _shares(figures: scoring.Figures) -> dict[str, str]:
    """Text, for the trail keeps no floats; empty where there is nothing to count."""
    values = asdict(figures)
    return {key: "" if values[key] is None else f"{values[key]:.3f}" for key in SHOWN}


# --- putting into force ----------------------------------------------------------------------------


_PUT_INTO_FORCE = {EvidenceState.ACCEPTED: EvidenceState.LIVE, EvidenceState.RETIRING: EvidenceState.REJECTED}


@transaction.atomic
def apply(evaluation_id: int, *, by: User, at: datetime) -> Evaluation:
    """Put into force what was measured, all of it. Raises NotManager, AlreadyApplied, NotMeasured, Changed."""
    require_manager(by)
    evaluation = Evaluation.objects.select_for_update(of=("self",)).get(pk=evaluation_id)
    if evaluation.applied_at:
        raise AlreadyApplied
    if not evaluation.finished_at:
        raise NotMeasured
    # What was declared is long, and not needed.
    evidence = list(
        _evidence()
        .select_for_update(of=("self",))
        .select_related("catalogue", "item")
        .defer("name", "description", "reason")
        .order_by("pk")
    )
    aliases = list(_aliases().select_for_update(of=("self",)).select_related("item__catalogue").order_by("pk"))
    changing = Pending(
        tuple((one.pk, one.state) for one in evidence), tuple((one.pk, one.text, one.retiring) for one in aliases)
    )
    _require_unchanged(evaluation, changing)
    for before, after in _PUT_INTO_FORCE.items():
        ids = [one.pk for one in evidence if one.state == before]
        Evidence.objects.filter(pk__in=ids).update(state=after, reviewed_by=by, reviewed_at=at)
    ItemAlias.objects.filter(pk__in=[one.pk for one in aliases if not one.retiring]).update(live=True)
    ItemAlias.objects.filter(pk__in=[one.pk for one in aliases if one.retiring]).delete()
    evaluation.applied_by, evaluation.applied_at = by, at
    evaluation.save(update_fields=["applied_by", "applied_at"])
    data = {
        "configuration": evaluation.configuration,
        "evidence": [_named(one) for one in evidence if one.state == EvidenceState.ACCEPTED],
        "evidence_retired": [_named(one) for one in evidence if one.state == EvidenceState.RETIRING],
        "aliases": [f"{one.item}: {one.text}" for one in aliases if not one.retiring],
        "aliases_retired": [f"{one.item}: {one.text}" for one in aliases if one.retiring],
        "figures": [row for row in evaluation.figures["rows"] if not row["group"]],
    }
    trail.record(evaluation, "apply_matching", by=by, at=at, data=data)
    touched = {one.catalogue for one in evidence} | {one.item.catalogue for one in aliases}
    for catalogue in touched:
        transaction.on_commit(partial(service.forget, catalogue))
    return evaluation


def _named(one: Evidence) -> str:
    return f"{one.dossier_code}: {one.item or '–'}"
