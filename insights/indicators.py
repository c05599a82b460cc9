"""The six indicators of the high-technology programme, over the whole portfolio of accepted proposals.

QĐ 3418/QĐ-BKHCN, annex, part IV, sets them for the programme; they are never a condition of a single dossier.
What counts is what the accepted proposals commit themselves to, as it was filed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from catalogs.models import Programme, ProgrammePart, ProgrammePartKind
from intake.models import Revision
from intake.states import Outcome, State

PROCEDURE = "nhiem-vu-cong-nghe-cao"
Answers = dict[str, Any]


def _said_yes(key: str) -> Callable[[Answers], bool]:
    return lambda answers: answers.get(key) == "yes"


def _more_than_nothing(key: str) -> Callable[[Answers], bool]:
    return lambda answers: float(answers.get(key) or 0) > 0


def _every(answers: Answers) -> bool:
    return True


@dataclass(frozen=True)
class Rule:
    """Which proposals an indicator is about, and which of them meet it."""

    among: Callable[[Answers], bool]
    met: Callable[[Answers], bool]


# By the number of the indicator in part IV; the answers are those of the procedure's last section but one.
RULES = {
    "IV.1": Rule(_every, _said_yes("indicator_1")),
    "IV.2": Rule(_every, _said_yes("indicator_2")),
    # Only tasks in the form of a research topic have to publish.
    "IV.3": Rule(lambda answers: answers.get("task_form") == "topic", _more_than_nothing("indicator_3")),
    "IV.4": Rule(_every, _more_than_nothing("indicator_4")),
    "IV.5": Rule(_every, _more_than_nothing("indicator_5")),
    "IV.6": Rule(_every, _said_yes("indicator_6")),
}
# Output III.2 counts the tasks that apply high technology in a sector.
SECTOR_OUTPUT = "III.2"


@dataclass(frozen=True)
class Measure:
    """An indicator and where the portfolio stands: `met` of `among` proposals; `share` in per cent, rounded down."""

    part: ProgrammePart
    met: int
    among: int

    @property
    def share(self) -> int | None:
        return self.met * 100 // self.among if self.among else None

    @property
    def reached(self) -> bool:
        return self.share is not None and self.part.target is not None and self.share >= self.part.target


@dataclass(frozen=True)
class Portfolio:
    proposals: int
    measures: list[Measure]
    sector_tasks: int
    sector_output: ProgrammePart | None


def measure(programme: Programme) -> Portfolio:
    """The indicators over the accepted proposals; two queries, rows read one by one."""
    parts = list(
        programme.parts.filter(kind__in=[ProgrammePartKind.INDICATOR, ProgrammePartKind.OUTPUT]).order_by("position")
    )
    met, among = dict.fromkeys(RULES, 0), dict.fromkeys(RULES, 0)
    proposals = sector_tasks = 0
    for answers in _accepted():
        proposals += 1
        sector_tasks += bool(answers.get("sector"))
        for code, rule in RULES.items():
            if rule.among(answers):
                among[code] += 1
                met[code] += rule.met(answers)
    return Portfolio(
        proposals,
        [Measure(part, met[part.code], among[part.code]) for part in parts if part.code in RULES],
        sector_tasks,
        next((part for part in parts if part.code == SECTOR_OUTPUT), None),
    )


def _accepted() -> Iterable[Answers]:
    """The answers of the last revision of each accepted proposal."""
    last = (
        Revision.objects.filter(
            dossier__revision_of_procedure__procedure__slug=PROCEDURE,
            dossier__outcome=Outcome.GRANTED,
            dossier__state__in=[State.ISSUED, State.DELIVERED],
        )
        .order_by("dossier_id", "number")
        .values_list("dossier_id", "content")
    )
    kept: tuple[int, Answers] | None = None
    for dossier_id, content in last.iterator(chunk_size=500):
        if kept and kept[0] != dossier_id:
            yield kept[1]
        kept = dossier_id, content["answers"]
    if kept:
        yield kept[1]
