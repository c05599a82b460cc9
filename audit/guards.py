"""Tables that only grow: database triggers refuse UPDATE, DELETE and TRUNCATE, on PostgreSQL and SQLite alike.

Where only some columns are frozen, an UPDATE of the others is let through.

On SQLite also INSERT OR REPLACE, which deletes the row in its way without firing a DELETE trigger.

Used by migrations (`operation`, `renewal`) and by nothing else in the product.
"""

import re
from collections.abc import Sequence
from typing import Any

from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper


def protect(connection: BaseDatabaseWrapper, table: str, frozen: Sequence[str] = ()) -> None:
    """Install the triggers on a table, in place of those that are there; `frozen`: the columns, unless all are."""
    unprotect(connection, table)
    on_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        statements = _on_postgresql(table, frozen) if on_postgresql else _on_sqlite(connection, table, frozen)
        for statement in statements:
            cursor.execute(statement)


def unprotect(connection: BaseDatabaseWrapper, table: str) -> None:
    """Remove the triggers again: to migrate back, and to empty a test database."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for event in ("update", "delete", "truncate"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event} ON {table}")
        else:
            for event in ("update", "delete", "replace"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event}")


def operation(table: str, frozen: Sequence[str] = ()) -> migrations.RunPython:
    """The migration operation that makes a table append-only, or some of its columns."""

    def forwards(apps: Any, schema_editor: Any) -> None:
        protect(schema_editor.connection, table, frozen)

    def backwards(apps: Any, schema_editor: Any) -> None:
        unprotect(schema_editor.connection, table)

    return migrations.RunPython(forwards, backwards)


def renewal(table: str) -> migrations.RunPython:
    """The migration operation that installs the triggers anew: when they learned something, or the table a key."""

    def forwards(apps: Any, schema_editor: Any) -> None:
        protect(schema_editor.connection, table)

    return migrations.RunPython(forwards, migrations.RunPython.noop)


def _message(table: str) -> str:
    return f"{table} only grows: what was recorded is never changed or deleted"


def _on_postgresql(table: str, frozen: Sequence[str]) -> list[str]:
    differs = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in frozen)
    changed = f"WHEN ({differs})" if frozen else ""
    return [
        f"""
        CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{_message(table)}'; END $$
        """,
        *(
            f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
            f" FOR EACH {'STATEMENT' if event == 'TRUNCATE' else 'ROW'} {changed if event == 'UPDATE' else ''}"
            f" EXECUTE FUNCTION {table}_refuse()"
            for event in ("UPDATE", "DELETE", "TRUNCATE")
        ),
    ]


def _on_sqlite(connection: BaseDatabaseWrapper, table: str, frozen: Sequence[str]) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_message(table)}'); END"
    with connection.cursor() as cursor:
        # NEW.id is -1 while the database has yet to give it: no row has that.
        taken = ["id = NEW.id", *_taken_on_sqlite(cursor, table)]
    same = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {one})" for one in taken)  # noqa: S608  names, no input
    differs = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in frozen)
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {f'WHEN {differs}' if frozen else ''} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {same} {refuse}",
    ]


def _taken_on_sqlite(cursor: Any, table: str) -> list[str]:
    """For each unique index, that a row has the key of the new one; of a partial index, if both are in it."""
    cursor.execute('SELECT name, partial FROM pragma_index_list(%s) WHERE "unique" ORDER BY name', [table])
    taken = []
    for name, partial in cursor.fetchall():
        cursor.execute("SELECT name FROM pragma_index_info(%s) ORDER BY seqno", [name])
        conditions = [f"{column} = NEW.{column}" for (column,) in cursor.fetchall()]
        if partial:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [name])
            condition = cursor.fetchone()[0].partition(" WHERE ")[2]
            conditions += [condition, re.sub(r'"(\w+)"', r'NEW."\1"', condition)]
        taken.append(" AND ".join(f"({condition})" for condition in conditions))
    return taken
