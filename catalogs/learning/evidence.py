"""Decided products: what officers found, what a catalogue manager makes of it, and what is like a new product.

A finding of a decided dossier becomes a row here at once, and officers are shown it beside later dossiers. Matching
learns from it only after a catalogue manager has accepted it and put it into force (`catalogs.learning.candidate`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from catalogs.learning.acting import LearningError, require_manager
from catalogs.matching.words import Word, is_common, joins, once, words_of
from catalogs.models import Evidence, EvidenceQuerySet, EvidenceState

# Rows read of each item to find what is like a product, the latest first: an item with more has enough that is recent.
CASES_PER_ITEM = 25
ITEMS_COMPARED = 8
SHOWN_PER_ITEM = 3
# Words that two descriptions must share before one is held against the other.
ALIKE = 3
COMPARED = 1_000  # characters of each; what a product is stands at the beginning


# Written out, because putting it together took longer than reading the rows. Each ends at its bound, by the index of
# the item; nested, as SQLite allows no LIMIT inside a UNION.
DECIDED_ABOUT = """SELECT * FROM (
    SELECT known.id, item_id, fits, reason, known.name, description, dossier_id, dossier_code, granted, decided_on,
        state, COALESCE(organisation.name, '') AS organisation_name
    FROM catalogs_evidence known LEFT JOIN accounts_organisation organisation ON organisation.id = organisation_id
    WHERE {where} ORDER BY decided_on DESC, known.id DESC LIMIT %s) part"""


# --- what officers found ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Decided:
    """A decided dossier, as far as it may become evidence."""

    dossier_id: UUID  # public
    code: str
    organisation_id: int
    name: str
    description: str
    granted: bool
    on: date


@dataclass(frozen=True)
class Found:
    """What was found about one item, or (without one) that no item of the list fits."""

    catalogue_id: int
    item_id: int | None
    fits: bool
    reason: str = ""


def propose(decided: Decided, findings: Iterable[Found]) -> int:
    """Write what is not there yet, for a catalogue manager to review; returns how many it set out to write.

    Where somebody else writes the same at the same moment, some of these may be theirs.
    """
    known = set(
        Evidence.objects.filter(dossier_id=decided.dossier_id).order_by("pk").values_list("item_id", "catalogue_id")
    )
    rows = [
        Evidence(
            catalogue_id=found.catalogue_id,
            item_id=found.item_id,
            fits=found.fits,
            reason=found.reason,
            name=decided.name,
            description=decided.description,
            organisation_id=decided.organisation_id,
            dossier_id=decided.dossier_id,
            dossier_code=decided.code,
            granted=decided.granted,
            decided_on=decided.on,
        )
        for found in findings
        if (found.item_id, found.catalogue_id) not in known
    ]
    # Whoever writes the same at the same moment has written it as well.
    Evidence.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


# --- what a catalogue manager makes of it ----------------------------------------------------------


class Stale(LearningError):
    def __init__(self) -> None:
        super().__init__(
            _("Có sản phẩm đã được người khác xem xét từ khi bạn mở trang này nên chưa có gì thay đổi. Hãy xem lại.")
        )


class NothingChosen(LearningError):
    def __init__(self) -> None:
        super().__init__(_("Hãy chọn ít nhất một sản phẩm."))


class NotThisMove(LearningError):
    pass


# What a manager may do, from which state, and what comes of it.
MOVES: dict[str, tuple[frozenset[str], EvidenceState]] = {
    "accept": (frozenset({EvidenceState.PROPOSED, EvidenceState.REJECTED}), EvidenceState.ACCEPTED),
    "reject": (frozenset({EvidenceState.PROPOSED, EvidenceState.ACCEPTED}), EvidenceState.REJECTED),
    "retire": (frozenset({EvidenceState.LIVE}), EvidenceState.RETIRING),
    "keep": (frozenset({EvidenceState.RETIRING}), EvidenceState.LIVE),
}


@transaction.atomic
def review(seen: Mapping[int, str], move: str, *, among: EvidenceQuerySet, by: User, at: datetime) -> list[Evidence]:
    """Accept, reject, or take out of force the rows that the person saw, by id with the state that was shown.

    All or none. Raises NotManager, NothingChosen, Stale, NotThisMove. What goes out of force no longer counts at once.
    """
    require_manager(by)
    if not seen:
        raise NothingChosen
    if move not in MOVES:
        raise NotThisMove(_("Hãy chọn một việc để làm với các sản phẩm đã đánh dấu."))
    from_states, to = MOVES[move]
    rows = list(
        among.filter(pk__in=seen).select_related("catalogue", "item").select_for_update(of=("self",)).order_by("pk")
    )
    if len(rows) != len(seen) or any(row.state != seen[row.pk] for row in rows):
        raise Stale
    if any(row.state not in from_states for row in rows):
        raise NotThisMove(_("Có sản phẩm không ở bước làm được việc này. Hãy chỉ chọn các sản phẩm phù hợp."))
    for row in rows:
        before = row.state
        row.state, row.reviewed_by, row.reviewed_at = to, by, at
        row.save(update_fields=["state", "reviewed_by", "reviewed_at"])
        data = {"from": before, "to": str(to), "item": str(row.item or ""), "catalogue": row.catalogue.slug}
        trail.record(row, f"{move}_evidence", by=by, at=at, data=data)
    return rows


# --- what is like a new product --------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A product decided before, beside a new one."""

    evidence: Evidence
    shared: tuple[str, ...]  # folded words that both descriptions use
    words: tuple[str, ...] = ()  # the same in phrases, as they are written in the new one
    organisation: str = ""

    @property
    def is_alike(self) -> bool:
        return len(self.shared) >= ALIKE


@dataclass(frozen=True)
class Decisions:
    """The products decided about one item, the most similar first."""

    cases: tuple[Case, ...]
    more: int  # how many besides were read and are not shown
    against: tuple[Case, ...]  # similar ones that were found not to fall under the item
    bounded: bool = False  # there are older ones that were not read

    @property
    def total(self) -> str:
        return _counted(len(self.cases) + self.more, self.bounded)

    @property
    def besides(self) -> str:
        return _counted(self.more, self.bounded)


def _counted(n: int, bounded: bool) -> str:
    return f"{n}+" if bounded else str(n)


def similar(
    name: str,
    description: str,
    item_ids: Sequence[int],
    *,
    organisation_id: int | None = None,
    but: UUID | None = None,
) -> dict[int, Decisions]:
    """By item, what was decided about it before, whatever a manager makes of it. One query, or none without items.

    The latest CASES_PER_ITEM of each of the first ITEMS_COMPARED items are read. `organisation_id` keeps to the
    organisation's own; `but` leaves a dossier out. The same for the same rows: ranked by the words shared, then by
    day and id.
    """
    compared = list(dict.fromkeys(item_ids))[:ITEMS_COMPARED]
    if not compared:
        return {}
    where, values = "item_id = %s", []
    if organisation_id is not None:
        where, values = f"{where} AND known.organisation_id = %s", [organisation_id]
    if but is not None:
        where = f"{where} AND dossier_id <> %s"
        values = [*values, Evidence._meta.get_field("dossier_id").get_db_prep_value(but, connection)]
    statement = " UNION ALL ".join([DECIDED_ABOUT.format(where=where)] * len(compared))
    # One more than is compared tells whether there are more.
    parameters = [value for item_id in compared for value in (item_id, *values, CASES_PER_ITEM + 1)]
    rows: Iterable[Any] = Evidence.objects.raw(statement, parameters)
    written = words_of(f"{name}\n{description}", COMPARED)
    words = telling_words(f"{name}\n{description}")
    by_item: dict[int, list[Case]] = {}
    for row in sorted(rows, key=lambda row: (row.decided_on, row.pk), reverse=True):
        shared = words & telling_words(f"{row.name}\n{row.description}")
        told = tuple(sorted(shared))
        by_item.setdefault(row.item_id or 0, []).append(
            Case(row, told, phrases(written, shared), row.organisation_name)
        )
    return {item_id: _ranked(cases) for item_id, cases in by_item.items()}


def _ranked(cases: list[Case]) -> Decisions:
    # They come newest first, and the sort keeps that among equals.
    ranked = sorted(cases[:CASES_PER_ITEM], key=lambda case: -len(case.shared))
    shown = tuple(ranked[:SHOWN_PER_ITEM])
    # A manager who has rejected a finding does not want it held against anybody.
    against = tuple(
        case
        for case in shown
        if case.is_alike and not case.evidence.fits and case.evidence.state != EvidenceState.REJECTED
    )
    return Decisions(shown, len(ranked) - len(shown), against, bounded=len(cases) > CASES_PER_ITEM)


def phrases(words: list[Word], shared: frozenset[str]) -> tuple[str, ...]:
    """The shared words as the new text has them, those that follow one another together: “biển số”, not “biển”.

    A lone syllable with diacritics is rarely a word, and is left out where there is anything else.
    """
    runs: list[list[Word]] = []
    before = None
    for word in words:
        if word.text in shared:
            if before is not None and not word.opens:
                runs[-1].append(word)
            else:
                runs.append([word])
        before = word if word.text in shared else None
    phrases = list(dict.fromkeys(" ".join(word.written for word in run) for run in runs))
    whole = [phrase for phrase in phrases if " " in phrase or phrase.isascii()]
    return tuple(once(whole or phrases))


@lru_cache(maxsize=1_024)
def telling_words(text: str) -> frozenset[str]:
    """The folded words that say what a product is."""
    return frozenset(
        word.text
        for word in words_of(text, COMPARED)
        if len(word.text) > 1 and not word.text.isdigit() and not joins(word) and not is_common(word)
    )
