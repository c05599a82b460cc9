"""Matches products of a JSONL file against lists; writes what the scorer of labelled examples reads."""

import contextlib
import json
import os
import tempfile
import time
from argparse import ArgumentTypeError
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper
from django.db.models import Q
from django.utils import timezone

from catalogs.management.jsonlines import opened, records_of
from catalogs.matching.engine import Index, Result
from catalogs.matching.scoring import Product, product
from catalogs.matching.service import index_of
from catalogs.models import Catalogue, CatalogueFamily
from catalogs.services import catalogue_in_force

FAMILIES = (CatalogueFamily.KEY_DIGITAL, CatalogueFamily.STRATEGIC)
PROGRESS_EVERY = 500  # records
BAR_EVERY, BAR_WIDTH = 0.2, 30  # seconds, characters


class Command(BaseCommand):
    help = "Match products ({id, name, description}, one a line) against the lists in force on a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("input", type=Path)
        parser.add_argument("--output", type=Path, required=True)
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--on", type=_day, help="the lists in force on this day (2026-07-01); today if not given")
        choice.add_argument(
            "--catalogue",
            action="extend",
            nargs="+",
            metavar="CODE",
            help="lists by number or slug, in force or not",
        )

    def handle(self, *, input: Path, output: Path, on: date | None, catalogue: list[str] | None, **options) -> None:
        lists = _named(catalogue) if catalogue else _in_force(on or timezone.localdate())
        indexes = [(found.instrument.number, index_of(found)) for found in lists]
        with opened(input) as lines, _replacing(output, besides=input) as out:
            count = 0
            progress = _Progress(self.stderr, input)
            for record in records_of(lines, product):
                for number, index in indexes:
                    out.write(_answer(record, number, index) + "\n")
                count += 1
                progress.show(count)
            if not count:
                raise CommandError(f"{input}: there is no record in it")
            progress.end()
        with contextlib.suppress(BrokenPipeError):
            self.stderr.write(f"{count} records against {', '.join(number for number, _index in indexes)}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"a day like 2026-07-01 is expected, found {text!r}") from None


class _Progress:
    """How far the work is: a bar where a person watches, else a line now and then. Nobody has to read it."""

    def __init__(self, stream: OutputWrapper, path: Path) -> None:
        self.stream, self.began, self.shown = stream, time.monotonic(), 0.0
        self.watched = stream.isatty()
        self.total = _lines_in(path) if self.watched else 0

    def show(self, count: int) -> None:
        with contextlib.suppress(BrokenPipeError):
            if not self.watched:
                if count % PROGRESS_EVERY == 0:
                    self.stream.write(f"{count} records")
            elif (now := time.monotonic()) - self.shown >= BAR_EVERY:
                self.shown = now
                share = min(1.0, count / self.total)
                bar = ("#" * round(BAR_WIDTH * share)).ljust(BAR_WIDTH, ".")
                rate = count / max(now - self.began, 0.001)
                self.stream.write(f"\r[{bar}] {count}/{self.total}  {share:.0%}  {rate:.0f}/s ", ending="")
                self.stream.flush()

    def end(self) -> None:
        if self.watched:
            with contextlib.suppress(BrokenPipeError):
                self.stream.write("\r\x1b[K", ending="")


def _lines_in(path: Path) -> int:
    with path.open("rb") as file:
        return max(1, sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")))


# --- the lists ---------------------------------------------------------------------------------------


def _in_force(on: date) -> list[Catalogue]:
    found = [catalogue_in_force(family, on) for family in FAMILIES]
    lists = [catalogue for catalogue in found if catalogue and catalogue.items.exists()]
    if not lists:
        raise CommandError(f"No list with items is in force on {on}. Has load_catalogs been run?")
    return lists


def _named(codes: Iterable[str]) -> list[Catalogue]:
    lists: list[Catalogue] = []
    for code in codes:
        rows = (
            Catalogue.objects.public().filter(Q(slug=code) | Q(instrument__number=code)).select_related("instrument")
        )
        found = list(rows.order_by("effective_from", "pk"))
        if not found:
            known = Catalogue.objects.public().order_by("slug").values_list("instrument__number", "slug")
            raise CommandError(f"There is no list “{code}”. Known: {', '.join(f'{n} ({s})' for n, s in known)}.")
        lists += [catalogue for catalogue in found if catalogue not in lists]
    empty = [catalogue.slug for catalogue in lists if not catalogue.items.exists()]
    if empty:
        raise CommandError(f"The list “{empty[0]}” has no items.")
    return lists


# --- the answers -------------------------------------------------------------------------------------


def _answer(record: Product, number: str, index: Index) -> str:
    result: Result = index.match(record.name, record.description, explain=False)
    ranked = [{"code": s.code, "score": round(s.score, 6)} for s in result.ranked]
    answer = {"id": record.id, "catalogue": number, "ranked": ranked, "decision": result.decision}
    # A lone surrogate, which JSON can carry and UTF-8 cannot, goes out as it came in.
    line = json.dumps(answer, ensure_ascii=False)
    return line if line.isprintable() else json.dumps(answer)


@contextlib.contextmanager
def _replacing(path: Path, *, besides: Path) -> Iterator[TextIO]:
    """A file that takes the place of `path` only when everything is written; never of a device, of a link, or of
    `besides`, from which is read."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise CommandError(f"{path}: is no ordinary file, and would be replaced by one")
    if path.exists() and path.samefile(besides):
        raise CommandError(f"{path}: is the input, and would be replaced by the answers")
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            yield out
        draft.chmod(0o644)
        draft.replace(path)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
