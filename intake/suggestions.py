"""Which items of the list fit what is declared: advice with reasons, for the pages of a draft."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from catalogs.learning.evidence import Decisions, similar
from catalogs.matching import service
from catalogs.matching.engine import Reason, Suggestion
from catalogs.models import Catalogue
from catalogs.services import definition_of
from intake.answers import RAW_LENGTH, normalise
from intake.describing import answered, joined
from intake.listing import catalogue_of
from intake.models import Dossier

# Characters; what is longer adds no words that matter, and the page asks while somebody types.
NAME_MAX = 300
DESCRIPTION_MAX = 8_000
UNLIKELY_SHOWN = 2
# Beside the form; the page of items shows more.
SHOWN_BESIDE = 3


@dataclass(frozen=True)
class Advice:
    """`ranked` holds the likely items, best first, or the nearest unlikely ones; it is empty if nothing was
    described yet or nothing fits at all."""

    catalogue: Catalogue | None
    described: bool
    ranked: list[Suggestion] = field(default_factory=list)
    none_fits: bool = False
    # What was read, and the products that it speaks of.
    name: str = ""
    description: str = ""
    products: tuple[service.Part, ...] = ()

    def item_ids(self) -> set[int]:
        return {suggestion.item.pk for suggestion in self.ranked}

    def name_marks(self) -> list[Reason]:
        return [reason for one in self.ranked for reason in one.reasons if reason.field == "name"]

    def description_marks(self) -> list[Reason]:
        return [reason for one in self.ranked for reason in one.reasons if reason.field == "description"]


def matching_fields(dossier: Dossier) -> str:
    """The questions that matching reads, by their keys."""
    definition = definition_of(dossier.revision_of_procedure)
    return " ".join([definition.title_question, *definition.matching_questions])


def _start(text: str, most: int) -> str:
    return normalise(text[: RAW_LENGTH * most])[:most].strip()


def advise(dossier: Dossier, answers: dict[str, Any], *, at: datetime, limit: int = 5) -> Advice:
    """Advice for these answers, which need not be saved."""
    definition = definition_of(dossier.revision_of_procedure)
    catalogue = catalogue_of(dossier, at)
    name, description = joined(answered(definition, answers))
    name, description = _start(name, NAME_MAX), _start(description, DESCRIPTION_MAX)
    if catalogue is None or not (name or description):
        return Advice(catalogue, described=bool(name or description))
    result = service.suggest(catalogue, name=name, description=description, limit=limit)
    ranked = [replace(one, reasons=service.each_once(one.reasons)) for one in result.ranked]
    likely = [one for one in ranked if one.strength != "weak" and one.reasons]
    # Where nothing is likely, the nearest are shown as what they are, so that a person can judge.
    nearest = [one for one in ranked if one.reasons][:UNLIKELY_SHOWN]
    return Advice(
        catalogue,
        True,
        _against_once(likely or nearest),
        none_fits=result.decision == "none",
        name=name,
        description=description,
        products=service.products_in(catalogue, name=name, description=description),
    )


def _against_once(ranked: list[Suggestion]) -> list[Suggestion]:
    """What speaks against all of them is told beside the first."""
    told: set[str] = set()
    kept = []
    for one in ranked:
        kept.append(replace(one, against=tuple(line for line in one.against if line not in told)))
        told.update(one.against)
    return kept


def decided_before(dossier: Dossier, advice: Advice) -> dict[int, Decisions]:
    """What the same organisation had decided about the suggested items, by item; one query, or none."""
    items = [one.item.pk for one in advice.ranked]
    return similar(
        advice.name,
        advice.description,
        items,
        organisation_id=dossier.organisation_id,
        but=dossier.public_id,
    )
