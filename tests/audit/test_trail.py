from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import Unit, User
from audit import guards, trail
from audit.models import ChainHead, Entry

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 18, 2, 12, 30, 123456, tzinfo=UTC)


@pytest.fixture
def subject() -> Unit:
    return Unit.objects.create(name="Phòng Công nghiệp số")


def record_three(subject: Unit) -> list[Entry]:
    person = User.objects.create_user("hanh@bo.example", full_name="Nguyễn Thị Hạnh")
    return [
        trail.record(subject, "open", by=person, at=AT, data={"note": "tiếng Việt có dấu", "n": 1}),
        trail.record(subject, "move", by=None, at=AT),
        trail.record(subject, "close", by=person, at=AT, data={"list": ["b", "a"]}),
    ]


def tamper(sql: str, *params: object) -> None:
    """What somebody with the database password could do after removing the triggers."""
    guards.unprotect(connection, "audit_entry")
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
    guards.protect(connection, "audit_entry")


def test_an_untouched_chain_holds(subject):
    record_three(subject)
    assert trail.verify() == trail.Verification(3, None)


def test_an_empty_chain_holds():
    assert trail.verify() == trail.Verification(0, None)


def test_entries_are_numbered_without_gap_and_name_their_actor(subject):
    entries = record_three(subject)
    assert [e.number for e in entries] == [1, 2, 3]
    assert [e.actor_name for e in entries] == ["Nguyễn Thị Hạnh", "Hệ thống", "Nguyễn Thị Hạnh"]
    assert list(Entry.objects.about(subject).order_by("number")) == entries


@pytest.mark.parametrize("sql", ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_or_delete_an_entry(subject, sql):
    record_three(subject)
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert trail.verify().broken is None


def test_an_altered_entry_is_named(subject):
    record_three(subject)
    tamper("UPDATE audit_entry SET actor_name = 'Người khác' WHERE number = 2")
    assert trail.verify().broken == trail.Break(2, "its content was altered")


def test_a_deleted_entry_is_named(subject):
    record_three(subject)
    tamper("DELETE FROM audit_entry WHERE number = 2")
    assert trail.verify().broken == trail.Break(2, "the entry is missing")


def test_an_entry_rehashed_after_a_change_breaks_the_next_one(subject):
    entries = record_three(subject)
    changed = entries[1]
    changed.action = "other"
    tamper("UPDATE audit_entry SET action = 'other', hash = %s WHERE number = 2", trail.digest(changed))
    assert trail.verify().broken == trail.Break(3, "it does not follow from the entry before it")


def test_a_cut_off_tail_is_noticed(subject):
    record_three(subject)
    tamper("DELETE FROM audit_entry WHERE number = 3")
    broken = trail.verify().broken
    assert broken is not None
    assert broken.number == 3


def test_an_entry_goes_with_its_transaction(subject):
    record_three(subject)
    with transaction.atomic():
        trail.record(subject, "undone", by=None, at=AT)
        transaction.set_rollback(True)
    assert ChainHead.objects.get().number == 3
    assert trail.verify() == trail.Verification(3, None)


def test_the_command_says_that_the_chain_holds_or_where_it_breaks(subject, capsys):
    record_three(subject)
    call_command("verify_audit")
    assert "3 audit entries, unbroken." in capsys.readouterr().out
    tamper("UPDATE audit_entry SET action = 'x' WHERE number = 1")
    with pytest.raises(CommandError, match="Audit entry 1"):
        call_command("verify_audit")
