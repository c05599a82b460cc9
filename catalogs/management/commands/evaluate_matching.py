"""Measures matching on records whose place is known, beside another configuration if one is given."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalogs.datafiles import InvalidData
from catalogs.management.jsonlines import opened, records_of
from catalogs.management.pipes import reader_may_leave
from catalogs.matching import scoring
from catalogs.matching.engine import Index
from catalogs.matching.scoring import Figures, Labelled, Outcome
from catalogs.matching.service import candidate_index_of, index_from, index_of, items_in
from catalogs.models import Catalogue
from catalogs.reading import DATA

SHOWN = ("r1", "r3", "best1", "mrr", "fa", "fr", "bacc", "acc", "auc")
WITH_INTERVAL = ("r1", "r3", "fa")


class Command(BaseCommand):
    help = (
        "Measure matching on labelled products ({id, name, description, labels: {list: [codes]}}, one a line) by list,"
        " difficulty and language."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("labels", type=Path, metavar="LABELS.jsonl")
        beside = parser.add_mutually_exclusive_group()
        beside.add_argument(
            "--candidate",
            action="store_true",
            help="with the evidence that was accepted and the aliases that were proposed, measured side by side",
        )
        beside.add_argument(
            "--against",
            type=Path,
            metavar="FOLDER",
            help=f"a folder like {DATA.name}/ (aliases/, catalogues/, matching/), measured side by side",
        )
        parser.add_argument(
            "--exclude-borderline",
            action="store_true",
            help="leave out the lists on which a record's label says that two honest examiners could differ",
        )

    def handle(
        self, *, labels: Path, against: Path | None, candidate: bool, exclude_borderline: bool, **options
    ) -> None:
        with opened(labels) as lines:
            records = list(records_of(lines, scoring.labelled))
        if not records:
            raise CommandError(f"{labels}: there is no record in it")
        lists = _lists(records)
        _check_codes(records, lists)
        live = scoring.outcomes(records, {number: index_of(found) for number, found in lists.items()})
        if candidate:
            indexes = {number: candidate_index_of(found) for number, found in lists.items()}
        else:
            indexes = _indexes_in(against, lists) if against else {}
        other = scoring.outcomes(records, indexes) if indexes else None
        if exclude_borderline:
            live = [row for row in live if not row.borderline]
            other = other and [row for row in other if not row.borderline]
        with reader_may_leave():
            self._print(live, other, "candidate" if candidate else against)

    def _print(self, live: Sequence[Outcome], other: Sequence[Outcome] | None, against: Path | str | None) -> None:
        if against:
            self.stdout.write(f"in force -> {against}")
        width = 7 if other is None else 15
        headings = "".join(f"{key:>{width}}" + ("     [95%]" if _spread(key, other) else "") for key in SHOWN)
        self.stdout.write(f"{'list':18} {'group':20} {'fit':>5} {'none':>5}{headings}")
        others = None if other is None else [rows for _number, _group, rows in scoring.by_group(other)]
        for n, (number, group, rows) in enumerate(scoring.by_group(live)):
            now = scoring.figures(rows)
            then = None if others is None else scoring.figures(others[n])
            cells = "".join(
                f"{_cell(now, then, key):>{width}}" + (f"{_interval(now, key):>10}" if _spread(key, other) else "")
                for key in SHOWN
            )
            self.stdout.write(f"{'' if group else number:18} {group:20} {now.fitting:5} {now.others:5}{cells}")


def _spread(key: str, other: Sequence[Outcome] | None) -> bool:
    """Whether the interval is shown: beside another configuration there is no room."""
    return other is None and key in WITH_INTERVAL


def _interval(now: Figures, key: str) -> str:
    found = now.intervals[key]
    return "-" if found is None else f"{found[0]:.2f}-{found[1]:.2f}"


def _cell(now: Figures, then: Figures | None, key: str) -> str:
    figures = [now] if then is None else [now, then]
    return " -> ".join("-" if (value := getattr(f, key)) is None else f"{value:.3f}" for f in figures)


def _lists(records: Iterable[Labelled]) -> dict[str, Catalogue]:
    """The lists that the labels name, by number."""
    numbers = list(dict.fromkeys(number for record in records for number in record.labels))
    rows = Catalogue.objects.public().select_related("instrument").order_by("effective_from", "pk")
    known = {catalogue.instrument.number: catalogue for catalogue in rows}
    for number in numbers:
        if number not in known:
            raise CommandError(f"There is no list “{number}”. Known: {', '.join(sorted(known)) or 'none'}.")
    return {number: known[number] for number in numbers}


def _check_codes(records: Iterable[Labelled], lists: dict[str, Catalogue]) -> None:
    codes = {number: set(found.items.order_by("pk").values_list("code", flat=True)) for number, found in lists.items()}
    for record in records:
        for number, accepted in record.labels.items():
            for code in accepted:
                if code not in codes[number]:
                    raise CommandError(f"record “{record.id}”: the list {number} has no item “{code}”")


def _indexes_in(folder: Path, lists: dict[str, Catalogue]) -> dict[str, Index]:
    try:
        return {
            number: index_from(folder, found.slug, items_in(folder, found.slug)) for number, found in lists.items()
        }
    except (InvalidData, OSError) as error:
        raise CommandError(str(error)) from error
