"""Tables that only grow: database triggers refuse UPDATE, DELETE and TRUNCATE, on PostgreSQL and SQLite alike.

Used by migrations (`operation`) and by nothing else in the product.
"""

from typing import Any

from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper


def protect(connection: BaseDatabaseWrapper, table: str) -> None:
    """Install the triggers on a table."""
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor, table):
            cursor.execute(statement)


def unprotect(connection: BaseDatabaseWrapper, table: str) -> None:
    """Remove the triggers again: to migrate back, and to empty a test database."""
    with connection.cursor() as cursor:
        for event in ("update", "delete", "truncate"):
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event} ON {table}")
            elif event != "truncate":
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event}")


def operation(table: str) -> migrations.RunPython:
    """The migration operation that makes a table append-only."""

    def forwards(apps: Any, schema_editor: Any) -> None:
        protect(schema_editor.connection, table)

    def backwards(apps: Any, schema_editor: Any) -> None:
        unprotect(schema_editor.connection, table)

    return migrations.RunPython(forwards, backwards)


def _statements(vendor: str, table: str) -> list[str]:
    message = f"{table} only grows: what was recorded is never changed or deleted"
    if vendor == "postgresql":
        return [
            f"""
            CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION '{message}'; END $$
            """,
            *(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
                f" FOR EACH {'STATEMENT' if event == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION {table}_refuse()"
                for event in ("UPDATE", "DELETE", "TRUNCATE")
            ),
        ]
    return [
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for event in ("UPDATE", "DELETE")
    ]
