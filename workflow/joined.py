"""Models with what they refer to, read by a written-out statement.

For the pages that the office opens all day: putting a queryset with joins together takes longer than the database
takes to answer it. What a part leaves out is read when it is first asked for, as after `QuerySet.defer`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.expressions import Col


@dataclass(frozen=True)
class Part:
    """One model among the columns of a statement, under the name that its table has there."""

    table: str
    model: type[models.Model]
    without: tuple[str, ...] = ()  # names of fields that are not read
    only: tuple[str, ...] = ()  # if given, the names of those that are; the first is the primary key

    def fields(self) -> list[Any]:
        every = [field for field in self.model._meta.concrete_fields if field.name not in self.without]
        return [field for field in every if not self.only or field.name in self.only]


def columns(*parts: Part) -> str:
    """The columns of the parts, for the start of a statement."""
    return ", ".join(f"{part.table}.{field.column}" for part in parts for field in part.fields())


def instances(row: Sequence[Any], *parts: Part) -> list[Any]:
    """One instance a part, or None where an outer join found nothing, and then what the row holds besides."""
    found: list[Any] = []
    start = 0
    for part in parts:
        names, read = _reader(part, connection.vendor)
        values = [convert(value) if convert else value for value, convert in zip(row[start:], read, strict=False)]
        start += len(names)
        found.append(None if values[0] is None else part.model.from_db(DEFAULT_DB_ALIAS, names, values))
    return [*found, *row[start:]]


@cache
def _reader(part: Part, vendor: str) -> tuple[list[str], list[Callable[[Any], Any] | None]]:
    fields = part.fields()
    return [field.attname for field in fields], [converter(field) for field in fields]


def converter(field: Any) -> Callable[[Any], Any] | None:
    """What makes the field's value of the database's; None where it comes as it is."""
    column = Col("", field)
    steps = [*connection.ops.get_db_converters(column), *field.get_db_converters(connection)]
    if not steps:
        return None

    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, column, connection)
        return value

    return convert
