"""The append-only tables refuse what would change a row, and survive tests that commit."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Unit
from audit import trail
from audit.models import Entry
from intake.filing import file_revision
from tests.conftest import append_only_tables
from tests.factories import NOW, complete_dossier

# Every unique key of every append-only table: by each of them a row could be replaced.
KEYS = [
    ("audit_entry", ("id",)),
    ("audit_entry", ("number",)),
    ("audit_entry", ("hash",)),
    ("intake_revision", ("id",)),
    ("intake_revision", ("dossier_id", "number")),
    ("intake_certification", ("id",)),
    ("intake_certification", ("revision_id",)),
]
# Another value of a column, so that only the key in question is taken.
OTHER = {"id": "id + 1000", "number": "number + 1000", "revision_id": "revision_id + 1000", "hash": "'x'"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [1, 2])
def test_the_database_refuses_changes_after_a_commit_too(run):
    with transaction.atomic():
        trail.record(Unit.objects.create(name="Phòng"), "open", by=None, at=datetime(2026, 11, 18, tzinfo=UTC))
    assert Entry.objects.get().number == 1
    with pytest.raises(DatabaseError, match="only grows"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_entry")
    assert trail.verify().entries == 1


def unique_keys(table: str) -> set[tuple[str, tuple[str, ...]]]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table).values()
    return {(table, tuple(key["columns"])) for key in found if key["unique"] or key["primary_key"]}


@pytest.mark.django_db
def test_each_key_of_each_append_only_table_is_tried_below():
    assert set(KEYS) == set().union(*map(unique_keys, append_only_tables()))


@pytest.mark.django_db
@pytest.mark.parametrize(("table", "key"), KEYS, ids=[f"{table}-{'-'.join(key)}" for table, key in KEYS])
def test_no_row_takes_the_place_of_another(table, key):
    dossier = complete_dossier()
    given = {"capacity": "Giám đốc", "ticked": ["accurate", "responsible"], "ip_address": None, "user_agent": ""}
    file_revision(dossier, by=dossier.created_by, at=NOW, **given)
    trail.record(dossier, "submit", by=None, at=NOW)
    with connection.cursor() as cursor:
        columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
        cursor.execute(f"SELECT * FROM {table}")
        before = cursor.fetchall()
    values = ", ".join(column if column in key else OTHER.get(column, column) for column in columns)
    row = f"INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE true"
    if connection.vendor == "sqlite":
        replace = f"INSERT OR REPLACE {row}"
    else:
        replace = f"INSERT {row} ON CONFLICT ({', '.join(key)}) DO UPDATE SET id = excluded.id"
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(replace)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        assert cursor.fetchall() == before
