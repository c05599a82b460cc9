# ruff: noqa: S608  the statements are made of names in this file, and of no input
"""A published list stays as it was published: database triggers refuse to change, empty or add to it.

With a list that people published go its instrument's number, title and days, and what became of each item of the
version before. For a list that came with the product these are the loader's, which learns more with each release.

On PostgreSQL and SQLite alike; on SQLite also INSERT OR REPLACE, which deletes the row in its way without firing a
DELETE trigger. What is no wording stays free: notes, translations, folded texts, marks of how sure the source is. An
open `WordingCorrection` lets the wording change, for the transaction that opened it; what the list holds it lets come
and go only where the list came with the product.

Used by migrations and by nothing else in the product. SQLite makes a table anew for most changes of its columns,
which loses its triggers and stumbles over those of other tables: a migration that alters one of TABLES stands between
`lifting()` and `renewal()`, each in a migration of its own.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper

LIST, GROUP, ITEM = "catalogs_catalogue", "catalogs_cataloguegroup", "catalogs_catalogueitem"
SECTOR, MARK, CORRECTION = "catalogs_sector", "catalogs_sectormark", "catalogs_wordingcorrection"
INSTRUMENT, RELATION, REMOVAL = "catalogs_instrument", "catalogs_itemrelation", "catalogs_itemremoval"
TABLES = (LIST, GROUP, ITEM, SECTOR, MARK, CORRECTION, INSTRUMENT, RELATION, REMOVAL)

MESSAGE = "a published list is read-only"
# Of a published list: what never changes, and what changes only by a correction.
FIXED = ("id", "slug", "stage", "restricted", "prepared_by_id", "published_by_id", "published_at")
WORDING = (
    "family",
    "instrument_id",
    "title",
    "effective_from",
    "sectors_title",
    "sectors_note",
    "replaces_id",
    "replaces_instrument",
)
# Of the instrument of a list that people published.
SIGNED = (
    *("id", "number", "kind", "title", "issuer", "signer", "signed_on", "effective_from", "restricted"),
    "drafted",
)


class Part(NamedTuple):
    """A table whose rows belong to a list."""

    place: tuple[str, ...]  # where a row stands: to change it is to remove the row and to add another
    wording: tuple[str, ...]
    catalogue: str  # the list, as it stands in the row OLD or NEW


PARTS = {
    GROUP: Part(("catalogue_id",), ("kind", "code", "name", "position", "sectors_marked"), "{row}.catalogue_id"),
    ITEM: Part(("catalogue_id",), ("group_id", "code", "printed_code", "name", "position"), "{row}.catalogue_id"),
    SECTOR: Part(("catalogue_id",), ("name", "position"), "{row}.catalogue_id"),
    MARK: Part(
        ("group_id", "sector_id"), ("mark",), f"(SELECT catalogue_id FROM {GROUP} WHERE id = {{row}}.group_id)"
    ),
}


class Rule(NamedTuple):
    """Refuse the event for the rows of which the condition holds."""

    table: str
    event: str  # UPDATE, DELETE or INSERT
    name: str
    condition: str


def protect(connection: BaseDatabaseWrapper) -> None:
    """Install the triggers, in place of those that are there."""
    unprotect(connection)
    on_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for rule in rules():
            for statement in _on_postgresql(rule) if on_postgresql else _on_sqlite(rule):
                cursor.execute(statement)
        if on_postgresql:
            for table in TABLES:
                cursor.execute(
                    f"CREATE TRIGGER {table}_keeps_truncate BEFORE TRUNCATE ON {table}"
                    f" FOR EACH STATEMENT EXECUTE FUNCTION {LIST}_keeps_refuse()"
                )


def unprotect(connection: BaseDatabaseWrapper) -> None:
    """Remove them: to migrate back, to alter a table, and to empty a test database."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for rule in rules():
                cursor.execute(f"DROP TRIGGER IF EXISTS {rule.name} ON {rule.table}")
            for table in TABLES:
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_keeps_truncate ON {table}")
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {LIST}_keeps_refuse() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$"
            )
        else:
            for rule in rules():
                cursor.execute(f"DROP TRIGGER IF EXISTS {rule.name}")


def lifting() -> migrations.RunPython:
    """The migration operation before one that alters a guarded table."""
    return migrations.RunPython(_unprotect, _protect)


def renewal() -> migrations.RunPython:
    """The migration operation that installs the triggers: at first, and after a guarded table was altered."""
    return migrations.RunPython(_protect, _unprotect)


def _protect(apps: Any, schema_editor: Any) -> None:
    protect(schema_editor.connection)


def _unprotect(apps: Any, schema_editor: Any) -> None:
    unprotect(schema_editor.connection)


def rules() -> Iterator[Rule]:
    yield from _rules_of_lists()
    yield from _rules_of_successors()
    yield from _rules_of_instruments()
    for table, part in PARTS.items():
        locked = " OR ".join(_locked(part.catalogue.format(row=row)) for row in ("OLD", "NEW"))
        old, new, there = (_sealed(part.catalogue.format(row=row)) for row in ("OLD", "NEW", "there"))
        changed, moved = _any_differs(part.wording + part.place), _any_differs(part.place)
        condition = f"(({locked}) AND ({changed})) OR (({old} OR {new}) AND ({moved}))"
        yield _rule(table, "UPDATE", f"OLD.id <> NEW.id OR {condition}")
        yield _rule(table, "DELETE", old)
        yield _rule(table, "INSERT", f"{new} OR {_replaced(table, there)}")
    kept = _any_differs(("id", "catalogue_id", "reason", "opened_at"))
    yield _rule(CORRECTION, "UPDATE", f"OLD.closed_at IS NOT NULL OR {kept}")
    yield _rule(CORRECTION, "DELETE", "1 = 1")
    yield _rule(CORRECTION, "INSERT", f"EXISTS (SELECT 1 FROM {CORRECTION} there WHERE there.id = NEW.id)")


def _rules_of_lists() -> Iterator[Rule]:
    # The day on which a list ends comes from the list that takes its place, and only ever moves forward.
    ended_by_successor = (
        "(OLD.effective_to IS NULL OR NEW.effective_to < OLD.effective_to) AND EXISTS ("
        f"SELECT 1 FROM {LIST} other WHERE other.replaces_id = OLD.id AND other.stage = 'published'"
        " AND other.effective_from = NEW.effective_to)"
    )
    wording = (
        f"{_any_differs(WORDING)}"
        f" OR ({_any_differs(('effective_to',))} AND NOT (NEW.effective_to IS NOT NULL AND {ended_by_successor}))"
    )
    taken = f"EXISTS (SELECT 1 FROM {LIST} there WHERE there.slug = NEW.slug AND there.id <> OLD.id)"
    changed = f"{_any_differs(FIXED)} OR (NOT {_corrected('OLD.id')} AND ({wording}))"
    # Whoever prepared a list is known for good: without, it would be published as one that came with the product.
    forgotten = "(OLD.prepared_by_id IS NOT NULL AND NEW.prepared_by_id IS NULL)"
    yield _rule(
        LIST, "UPDATE", f"OLD.id <> NEW.id OR {taken} OR {forgotten} OR (OLD.stage = 'published' AND ({changed}))"
    )
    yield _rule(LIST, "DELETE", "OLD.stage = 'published'")
    yield _rule(LIST, "INSERT", _replaced(LIST, "there.stage = 'published'", or_same="there.slug = NEW.slug"))


def _rules_of_successors() -> Iterator[Rule]:
    """What became of each item is part of the version that people published, and no wording."""
    of_relation = f"(SELECT catalogue_id FROM {ITEM} WHERE id = {{row}}.other_id)"
    for table, key, columns, catalogue, counts in (
        (RELATION, ("item_id", "other_id"), ("kind", "successor"), of_relation, "{row}.successor AND "),
        (REMOVAL, ("catalogue_id", "item_id"), (), "{row}.catalogue_id", ""),
    ):
        old, new, there = (
            f"({counts.format(row=row)}{_by_people(f'kept.id = {catalogue.format(row=row)}')})"
            for row in ("OLD", "NEW", "there")
        )
        same = " AND ".join(f"there.{column} = NEW.{column}" for column in key)
        taken = f"EXISTS (SELECT 1 FROM {table} there WHERE {same} AND there.id <> OLD.id AND {there})"
        changed = _any_differs((*key, *columns))
        yield _rule(table, "UPDATE", f"OLD.id <> NEW.id OR {taken} OR (({old} OR {new}) AND ({changed}))")
        yield _rule(table, "DELETE", old)
        yield _rule(table, "INSERT", f"{new} OR {_replaced(table, there, or_same=f'({same})')}")


def _rules_of_instruments() -> Iterator[Rule]:
    uncorrected = _by_people(f"kept.instrument_id = OLD.id AND NOT {_corrected('kept.id')}")
    yield _rule(INSTRUMENT, "UPDATE", f"OLD.id <> NEW.id OR ({uncorrected} AND ({_any_differs(SIGNED)}))")
    same = "there.slug = NEW.slug OR (there.number = NEW.number AND there.restricted = NEW.restricted)"
    yield _rule(INSTRUMENT, "INSERT", _replaced(INSTRUMENT, _by_people("kept.instrument_id = there.id"), or_same=same))


def _by_people(condition: str) -> str:
    """There is a list of which this is true, and people published it."""
    return (
        f"EXISTS (SELECT 1 FROM {LIST} kept WHERE kept.stage = 'published' AND kept.published_by_id IS NOT NULL"
        f" AND {condition})"
    )


def _replaced(table: str, condition: str, *, or_same: str = "1 = 0") -> str:
    """A row stands where the new one would, and this is true of it."""
    return f"EXISTS (SELECT 1 FROM {table} there WHERE (there.id = NEW.id OR {or_same}) AND {condition})"


def _rule(table: str, event: str, condition: str) -> Rule:
    return Rule(table, event, f"{table}_keeps_{event.lower()}", condition)


def _locked(catalogue: str) -> str:
    """The list with this id is published, and no correction of it is open."""
    published = f"EXISTS (SELECT 1 FROM {LIST} kept WHERE kept.id = {catalogue} AND kept.stage = 'published')"
    return f"({published} AND NOT {_corrected(catalogue)})"


def _sealed(catalogue: str) -> str:
    """The list with this id is published, and nothing comes to it or goes, not even by a correction."""
    return (
        f"EXISTS (SELECT 1 FROM {LIST} kept WHERE kept.id = {catalogue} AND kept.stage = 'published'"
        f" AND (kept.published_by_id IS NOT NULL OR NOT {_corrected('kept.id')}))"
    )


def _corrected(catalogue: str) -> str:
    return f"EXISTS (SELECT 1 FROM {CORRECTION} w WHERE w.catalogue_id = {catalogue} AND w.closed_at IS NULL)"


def _any_differs(columns: tuple[str, ...]) -> str:
    # Both databases read this; SQLite knows IS DISTINCT FROM only since 3.39.
    return " OR ".join(f"(OLD.{c} <> NEW.{c} OR (OLD.{c} IS NULL) <> (NEW.{c} IS NULL))" for c in columns)


def _on_postgresql(rule: Rule) -> list[str]:
    given = "OLD" if rule.event == "DELETE" else "NEW"
    return [
        f"""
        CREATE OR REPLACE FUNCTION {rule.name}() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF {rule.condition} THEN RAISE EXCEPTION '{MESSAGE}'; END IF; RETURN {given}; END $$
        """,
        f"CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {rule.table} FOR EACH ROW EXECUTE FUNCTION {rule.name}()",
    ]


def _on_sqlite(rule: Rule) -> list[str]:
    return [
        f"CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {rule.table} FOR EACH ROW WHEN {rule.condition}"
        f" BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    ]
