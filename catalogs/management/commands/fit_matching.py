"""Learns the weights by which matching decides whether an item fits; writes catalogs/data/matching/decision.json."""

import json
from collections.abc import Collection
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalogs.management.jsonlines import opened, records_of
from catalogs.matching import fitting, scoring
from catalogs.matching.decision import Signals
from catalogs.matching.engine import MATCH, Index
from catalogs.matching.service import index_from, items_in
from catalogs.reading import DATA

SHOWN = ("r1", "r3", "fa", "fr", "acc", "auc")


class Command(BaseCommand):
    help = "Learn from labelled products, as evaluate_matching reads them, when an item fits. Needs no database."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("labels", type=Path, nargs="+", metavar="LABELS.jsonl")
        parser.add_argument("--output", type=Path, default=DATA / "matching" / "decision.json")

    def handle(self, *, labels: list[Path], output: Path, **options) -> None:
        if not output.parent.is_dir():
            raise CommandError(f"There is no folder {output.parent} to write to.")
        records: list[scoring.Labelled] = []
        for path in labels:
            with opened(path) as lines:
                records += records_of(lines, scoring.labelled)
        if not records:
            raise CommandError("There is no record to learn from.")
        slugs = _slugs()
        for number in {number for record in records for number in record.labels} - set(slugs):
            raise CommandError(f"There is no list “{number}”. Known: {', '.join(sorted(slugs))}.")

        def index_without(number: str, texts: Collection[str]) -> Index:
            return index_from(DATA, slugs[number], items_in(DATA, slugs[number]), without=texts)

        found = fitting.cases(records, index_without)
        decision = fitting.fitted(found)
        content = {
            "made": f"manage.py fit_matching, from {len(records)} labelled products",
            "constant": decision.constant,
            "weights": {name: decision.weights[name] for name in Signals._fields},
        }
        output.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
        rows = fitting.validated(found, MATCH)
        for number in dict.fromkeys(row.catalogue for row in rows):
            figures = scoring.figures([row for row in rows if row.catalogue == number])
            cells = "".join(f"  {key} {getattr(figures, key) or 0:.3f}" for key in SHOWN)
            self.stdout.write(f"{number:18}{cells}  (each fold decided by weights learned from the others)")


def _slugs() -> dict[str, str]:
    """The slug of each list by the number of its instrument, as the files have them."""
    lists = [json.loads(path.read_text("utf-8")) for path in sorted((DATA / "catalogues").glob("*.json"))]
    return {file["instrument"]: file["slug"] for file in lists}
