"""The same product filed twice: other dossiers of the organisation that speak of what a draft speaks of.

A hint for people. It keeps nobody from filing, is stored nowhere and is no part of what is certified.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, F, FilteredRelation, Q, QuerySet, TextField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Concat, Substr
from django.utils import timezone

from catalogs.learning.evidence import ALIKE, COMPARED, phrases, telling_words
from catalogs.matching.words import NAME_LIMIT, words_of
from catalogs.services import definition_of
from catalogs.text import fold
from intake.describing import answered, joined
from intake.models import Dossier
from intake.states import WITH_CLOCK, Outcome, State

# Of the organisation's dossiers under the procedure: those with the draft's name first, then the last changed.
READ = 60
SHOWN = 3
# Of all the words that either description uses, how many both use; below it, products of one maker are all alike.
SHARE = 0.5


@dataclass(frozen=True)
class Duplicate:
    """Another dossier that may be about the same product."""

    public_id: uuid.UUID
    title: str
    code: str  # empty for a draft
    state: str
    symbol: str  # of the valid decision, empty if there is none yet
    decided_on: date | None
    same_name: bool
    words: tuple[str, ...]  # what both say, as the draft writes it

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFT


def duplicates_of(dossier: Dossier, answers: Mapping[str, Any], *, at: datetime) -> list[Duplicate]:
    """What is open or validly decided and seems to be about the product of these answers, which need not be saved.

    The most alike first: same name, then by the words shared, then the last changed. Only dossiers of the same
    organisation under the same procedure; each procedure is about something else. One query, or none if the product
    has no name yet.
    """
    definition = definition_of(dossier.revision_of_procedure)
    name, description = joined(answered(definition, answers))
    name, description = name[:NAME_LIMIT], description[:COMPARED]
    if not _plain(name):
        return []
    keys = [key for key in definition.matching_questions if key != definition.title_question]
    alike = []
    for row in _others(dossier, fold(name), keys, timezone.localdate(at)):
        same_name = _plain(name) == _plain(row["title"])
        text, shared = _shared(name, description, row)
        if same_name or shared:
            alike.append((same_name, len(shared), row, text, shared))
    # They come in the order of the query, and the sort keeps that among equals.
    alike.sort(key=lambda one: (not one[0], -one[1]))
    return [
        Duplicate(
            row["public_id"],
            row["title"],
            row["code"],
            row["state"],
            row["symbol"] or "",
            timezone.localdate(row["decided_on"]) if row["decided_on"] else None,
            same_name,
            phrases(words_of(text, COMPARED), shared or telling_words(name)),
        )
        for same_name, _words, row, text, shared in alike[:SHOWN]
    ]


def _others(dossier: Dossier, named: str, keys: list[str], on: date) -> QuerySet[Dossier, dict[str, Any]]:
    decided = Q(
        Q(paper__valid_until=None) | Q(paper__valid_until__gte=on),
        state__in=[State.ISSUED, State.DELIVERED],
        outcome=Outcome.GRANTED,
        paper__validity__in=["valid", "corrected"],
    )
    is_named = Case(When(search_text__contains=named, then=Value(1)), default=Value(0))
    own = Dossier.objects.annotate(paper=_decision(), is_named=is_named).filter(
        Q(state__in=[State.DRAFT, *WITH_CLOCK]) | decided,
        organisation=dossier.organisation_id,
        revision_of_procedure__procedure=dossier.revision_of_procedure.procedure_id,
    )
    read = own.exclude(pk=dossier.pk).exclude(title="").order_by("-is_named", "-edited_at", "-pk")[:READ]
    # Answers are long: those of what is read, and not of all that was sorted.
    found = Dossier.objects.annotate(paper=_decision(), described=_description(keys)).filter(pk__in=read.values("pk"))
    return found.order_by("-edited_at", "-pk").values(
        *("public_id", "title", "code", "state", "described"),
        symbol=F("paper__symbol"),
        decided_on=F("paper__issued_at"),
    )


def _decision() -> FilteredRelation:
    return FilteredRelation("documents", condition=Q(documents__kind="decision"))  # a_dossier_gets_one_decision


def _description(keys: list[str]) -> Any:
    """The beginning of the answers that describe the product. The rest of a declaration, which may be long, is not
    read; a draft's answer that is malformed is none."""
    texts = [Coalesce(Cast(KT(f"answers__{key}"), TextField()), Value("", output_field=TextField())) for key in keys]
    if not texts:
        return Value("", output_field=TextField())
    lines = [part for text in texts for part in (text, Value("\n", output_field=TextField()))]
    return Substr(Concat(*lines, output_field=TextField()), 1, COMPARED)


def _shared(name: str, description: str, row: dict[str, Any]) -> tuple[str, frozenset[str]]:
    """What of the draft was compared, and the telling words that both use; none if the two are not alike."""
    other = row["described"].strip()
    # Of two texts of which one is only a name, the names are compared.
    both = bool(other and description.strip())
    mine, theirs = (f"{name}\n{description}", f"{row['title']}\n{other}") if both else (name, row["title"])
    words, others = telling_words(mine), telling_words(theirs)
    shared = words & others
    alike = len(shared) >= ALIKE and len(shared) >= SHARE * len(words | others)
    return mine, shared if alike else frozenset()


def _plain(name: str) -> list[str]:
    """The words of a name, folded, in whatever order."""
    return sorted(word.text for word in words_of(name, NAME_LIMIT))
