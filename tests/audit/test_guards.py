"""The append-only tables survive tests that commit; without this every such test would fail the ones after it."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection

from accounts.models import Unit
from audit import trail
from audit.models import Entry


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [1, 2])
def test_the_database_refuses_changes_after_a_commit_too(run):
    from django.db import transaction

    with transaction.atomic():
        trail.record(Unit.objects.create(name="Phòng"), "open", by=None, at=datetime(2026, 11, 18, tzinfo=UTC))
    assert Entry.objects.get().number == 1
    with pytest.raises(DatabaseError, match="only grows"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_entry")
    assert trail.verify().entries == 1
