"""Records of a JSONL file, one object a line; a line that is none is named by its number."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

from django.core.management.base import CommandError

LINE_LIMIT = 4 * 1024 * 1024  # bytes


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


Record = TypeVar("Record", bound=_HasId)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Iterator[bytes]]:
    try:
        with path.open("rb") as file:
            yield _lines(file)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error


def _lines(file: Any) -> Iterator[bytes]:
    """Lines as bytes; one that is longer than the limit is cut there, so that memory stays bounded."""
    while line := file.readline(LINE_LIMIT + 1):
        yield line


def records_of(lines: Iterator[bytes], made: Callable[[Any], Record]) -> Iterator[Record]:
    """The record of each line that is not empty.

    `made` turns a JSON value into a record with an id and raises ValueError if it cannot. Raises CommandError with the
    number of the first line that is no record or has an id that stood before.
    """
    seen: dict[str, int] = {}
    for number, raw in enumerate(lines, 1):
        if len(raw) > LINE_LIMIT:
            raise CommandError(f"line {number}: longer than {LINE_LIMIT} bytes")
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise CommandError(f"line {number}: byte {error.start + 1} is not UTF-8") from error
        if not text.strip():
            continue
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            raise CommandError(f"line {number}: not JSON: {error.msg}") from error
        except RecursionError as error:
            raise CommandError(f"line {number}: not JSON: too deep") from error
        except ValueError as error:  # Python reads no number of more than 4300 digits
            raise CommandError(f"line {number}: not JSON: a number has too many digits") from error
        try:
            record = made(value)
        except ValueError as error:
            raise CommandError(f"line {number}: {error}") from error
        if record.id in seen:
            raise CommandError(f"line {number}: the id “{record.id}” stands already on line {seen[record.id]}")
        seen[record.id] = number
        yield record
