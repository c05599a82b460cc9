"""Which items of the list fit what is declared: advice with reasons, for the pages of a draft."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from catalogs.matching import service
from catalogs.matching.engine import Reason, Suggestion
from catalogs.matching.words import once
from catalogs.models import Catalogue
from catalogs.services import definition_of
from intake.answers import normalise
from intake.listing import catalogue_of
from intake.models import Dossier

# Characters; what is longer adds no words that matter, and the page asks while somebody types.
NAME_MAX = 300
DESCRIPTION_MAX = 8_000
UNLIKELY_SHOWN = 2


@dataclass(frozen=True)
class Advice:
    """`ranked` holds the likely items, best first, or the nearest unlikely ones; it is empty if nothing was
    described yet or nothing fits at all."""

    catalogue: Catalogue | None
    described: bool
    ranked: list[Suggestion] = field(default_factory=list)
    none_fits: bool = False

    def item_ids(self) -> set[int]:
        return {suggestion.item.pk for suggestion in self.ranked}


def _each_word_once(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """The same words speak only once to a reader, wherever they stand."""
    by_words = {reason.words: reason for reason in reversed(reasons)}
    return tuple(by_words[words] for words in once(list(dict.fromkeys(reason.words for reason in reasons))))


def advise(dossier: Dossier, answers: dict[str, Any], *, at: datetime, limit: int = 5) -> Advice:
    """Advice for these answers, which need not be saved."""
    definition = definition_of(dossier.revision_of_procedure)
    catalogue = catalogue_of(dossier, at)
    name = normalise(str(answers.get(definition.title_question) or ""))[:NAME_MAX].strip()
    texts = (str(answers.get(key) or "") for key in definition.matching_questions)
    description = normalise("\n".join(texts))[:DESCRIPTION_MAX].strip()
    if catalogue is None or not (name or description):
        return Advice(catalogue, described=bool(name or description))
    result = service.suggest(catalogue, name=name, description=description, limit=limit)
    ranked = [replace(one, reasons=_each_word_once(one.reasons)) for one in result.ranked]
    likely = [one for one in ranked if one.strength != "weak" and one.reasons]
    # Where nothing is likely, the nearest are shown as what they are, so that a person can judge.
    nearest = [one for one in ranked if one.reasons][:UNLIKELY_SHOWN]
    return Advice(catalogue, True, likely or nearest, none_fits=result.decision == "none")
