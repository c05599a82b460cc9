"""Tables that only grow: database triggers refuse UPDATE, DELETE and TRUNCATE, on PostgreSQL and SQLite alike.

On SQLite also INSERT OR REPLACE, which deletes the row in its way without firing a DELETE trigger.

Used by migrations (`operation`, `renewal`) and by nothing else in the product.
"""

from typing import Any

from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper


def protect(connection: BaseDatabaseWrapper, table: str) -> None:
    """Install the triggers on a table, in place of those that are there."""
    unprotect(connection, table)
    with connection.cursor() as cursor:
        statements = _on_postgresql(table) if connection.vendor == "postgresql" else _on_sqlite(connection, table)
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


def operation(table: str) -> migrations.RunPython:
    """The migration operation that makes a table append-only."""

    def forwards(apps: Any, schema_editor: Any) -> None:
        protect(schema_editor.connection, table)

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


def _on_postgresql(table: str) -> list[str]:
    return [
        f"""
        CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{_message(table)}'; END $$
        """,
        *(
            f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
            f" FOR EACH {'STATEMENT' if event == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION {table}_refuse()"
            for event in ("UPDATE", "DELETE", "TRUNCATE")
        ),
    ]


def _on_sqlite(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_message(table)}'); END"
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table).values()
    keys = [found["columns"] for found in constraints if found["unique"] or found["primary_key"]]
    # NEW.id is -1 while the database has yet to give it: no row has that.
    rows = (" AND ".join(f"{column} = NEW.{column}" for column in key) for key in keys)
    same = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {row})" for row in rows)  # noqa: S608  names, no input
    return [
        *(
            f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} {refuse}"
            for event in ("UPDATE", "DELETE")
        ),
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {same} {refuse}",
    ]
