# ruff: noqa: S608  the statements are made of names in this code; what a person chose goes in as a parameter
"""Reading a part of a long list of dossiers from a position on, along an index, whatever the length of the list.

Written out, because putting fifty rows together from querysets takes longer than the database takes to find them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from workflow.joined import converter
from workflow.models import Case

# Of a list that is searched, so many rows are looked through in order before the search by index. A word that every
# twentieth dossier holds fills a page from these; by index all its dossiers would be found and sorted for fifty.
LOOKED_THROUGH = 1500

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Cursor:
    """A position between two rows: the sorting time and the id of the row it stands at."""

    at: datetime
    pk: int
    back: bool = False  # towards the start of the list

    def encode(self) -> str:
        return f"{(self.at - _EPOCH) // _MICROSECOND}-{self.pk}"

    @classmethod
    def decode(cls, text: str, *, back: bool = False) -> "Cursor | None":
        """None for anything that `encode` did not write: the reader then sees the first page."""
        moment, _dash, pk = text.partition("-")
        if not (moment.isascii() and moment.isdigit() and pk.isascii() and pk.isdigit() and len(pk) < 19):
            return None
        if len(moment) > 18:
            return None
        try:
            return cls(_EPOCH + int(moment) * _MICROSECOND, int(pk), back)
        except OverflowError:
            return None


@dataclass(frozen=True)
class Condition:
    """A condition on columns of the dossiers' table, with %s for each of its parameters."""

    text: str
    parameters: tuple[Any, ...] = ()


def contains(word: str) -> Condition:
    """That the folded text of the search holds the folded word."""
    escape = " ESCAPE '\\'" if connection.vendor == "sqlite" else ""  # PostgreSQL's own
    return Condition(f"search_text LIKE %s{escape}", (f"%{connection.ops.prep_for_like_query(word)}%",))


def moment(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


@dataclass(frozen=True)
class Order:
    column: str  # "id", or a time, and by id where it is the same
    descending: bool
    # Columns that are the same in all rows and stand before the others in the index: PostgreSQL reads
    # "IS NULL" as a bound but not as a constant, and would sort instead of walking the index.
    lead: tuple[str, ...] = ()

    def by(self, *, back: bool) -> str:
        direction = "DESC" if self.descending is not back else "ASC"
        return ", ".join(f"{column} {direction}" for column in dict.fromkeys((*self.lead, self.column, "id")))

    def beyond(self, cursor: Cursor) -> Condition:
        """The rows after the cursor. Written so that its first part is an index bound on both databases."""
        sign = "<" if self.descending is not cursor.back else ">"
        if self.column == "id":
            return Condition(f"id {sign} %s", (cursor.pk,))
        at = moment(cursor.at)
        return Condition(
            f"{self.column} {sign}= %s AND ({self.column} {sign} %s OR id {sign} %s)", (at, at, cursor.pk)
        )


_READ = (
    *("id", "public_id", "code", "title", "state", "version", "submitted_at", "due_at"),
    *("organisation_id", "specialist_id"),
)
_SHOWN = (
    *(f"head.{column}" for column in _READ[:-2]),
    *("organisation.name", "specialist_id", "COALESCE(specialist.full_name, '')"),
    "COALESCE(conversation.unread_by_office, 0)",
)


def window(
    arms: Sequence[Sequence[Condition]],
    order: Order,
    cursor: Cursor | None,
    *,
    limit: int,
    sought: Sequence[Condition] = (),
) -> list[tuple[Any, ...]]:
    """The first dossiers beyond the cursor that fulfil all conditions of an arm and those sought, in one query.

    As (id, public id, code, title, state, version, filed at, due at, organisation, id and name of the specialist,
    messages that the office has not read).
    Backwards if the cursor looks back.
    """
    by = order.by(back=bool(cursor and cursor.back))
    beyond = [order.beyond(cursor)] if cursor else []
    walks = [_walk([*arm, *beyond], sought, by, limit) for arm in arms]
    heads = " UNION ALL ".join(f"SELECT * FROM ({walk.text}) walk{n}" for n, walk in enumerate(walks))
    parameters = [value for walk in walks for value in walk.parameters]
    with connection.cursor() as found:
        found.execute(
            f"SELECT {', '.join(_SHOWN)} FROM (SELECT * FROM ({heads}) merged ORDER BY {by} LIMIT {limit:d}) head"
            " JOIN accounts_organisation organisation ON organisation.id = organisation_id"
            " LEFT JOIN accounts_user specialist ON specialist.id = specialist_id"
            " LEFT JOIN intake_conversation conversation ON conversation.dossier_id = head.id"
            f" ORDER BY {_of_head(by)}",
            parameters,
        )
        return _converted(found.fetchall())


def _of_head(by: str) -> str:
    return ", ".join(f"head.{part}" for part in by.split(", "))


def _walk(conditions: Sequence[Condition], sought: Sequence[Condition], by: str, limit: int) -> Condition:
    table, columns = Case._meta.db_table, ", ".join(_READ)
    walked = f"FROM {table} WHERE {_all(conditions)}"
    values = _values(conditions)
    if not sought:
        return Condition(f"SELECT {columns} {walked} ORDER BY {by} LIMIT {limit:d}", values)
    near = (
        f"SELECT {columns} FROM (SELECT * {walked} ORDER BY {by} LIMIT {LOOKED_THROUGH:d}) {table}"
        f" WHERE {_all(sought)} ORDER BY {by} LIMIT {limit:d}"
    )
    enough = f"(SELECT COUNT(*) FROM near) = {limit:d}"
    everywhere = f"SELECT {columns} {walked} AND {_all(sought)} AND NOT {enough} ORDER BY {by} LIMIT {limit:d}"
    return Condition(
        f"WITH near AS MATERIALIZED ({near})"
        f" SELECT * FROM near WHERE {enough} UNION ALL SELECT * FROM ({everywhere}) everywhere",
        (*values, *_values(sought), *values, *_values(sought)),
    )


def _all(conditions: Sequence[Condition]) -> str:
    return " AND ".join(f"({one.text})" for one in conditions)


def _values(conditions: Sequence[Condition]) -> tuple[Any, ...]:
    return tuple(value for one in conditions for value in one.parameters)


def _converted(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """As the fields read them: SQLite gives texts for times and ids."""
    read = [converter(Case._meta.get_field(name)) for name in _READ[:-2]]
    if not any(read):
        return rows
    read += [None] * (len(_SHOWN) - len(read))
    return [tuple(one(value) if one else value for value, one in zip(row, read, strict=True)) for row in rows]
