"""The append-only tables refuse what would change a row, and survive tests that commit."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Unit
from audit import trail
from audit.models import Entry
from documents.models import FROZEN, DocumentKind, IssuedDocument, Template
from intake import conversation
from intake.filing import file_revision
from intake.models import MessageFile, Side
from intake.states import State
from tests.conftest import append_only_tables
from tests.documents.builders import issue
from tests.enquiries.builders import published
from tests.factories import NOW, StaffFactory, case_in, complete_dossier, said

# Every unique key of every append-only table: by each of them a row could be replaced.
KEYS = [
    ("audit_entry", ("id",)),
    ("audit_entry", ("number",)),
    ("audit_entry", ("hash",)),
    ("intake_revision", ("id",)),
    ("intake_revision", ("dossier_id", "number")),
    ("intake_certification", ("id",)),
    ("intake_certification", ("revision_id",)),
    ("documents_template", ("id",)),
    ("documents_template", ("key", "number")),
    ("documents_issueddocument", ("id",)),
    ("documents_issueddocument", ("public_id",)),
    ("documents_issueddocument", ("verification_code",)),
    ("documents_issueddocument", ("book", "year", "number")),
    ("documents_issueddocument", ("dossier_id",)),  # of decisions
    ("intake_message", ("id",)),
    ("intake_message", ("dossier_id", "number")),
    ("intake_messagefile", ("id",)),
    ("intake_messagefile", ("message_id", "position")),
    ("intake_messagereading", ("id",)),
    ("intake_messagereading", ("dossier_id", "side", "up_to")),
    ("catalogs_enquiry", ("id",)),
    ("catalogs_enquiry", ("public_id",)),
    ("catalogs_enquiry", ("follow_key",)),
    ("catalogs_enquiry", ("code",)),
    ("catalogs_reply", ("id",)),
    ("catalogs_reply", ("enquiry_id",)),
    ("catalogs_faqentry", ("id",)),
    ("catalogs_faqentry", ("enquiry_id", "number")),
    ("catalogs_faqentry", ("enquiry_id",)),  # of those that stand
]
PARTIAL = {
    ("documents_issueddocument", ("dossier_id",)): " WHERE kind = 'decision'",
    ("catalogs_faqentry", ("enquiry_id",)): " WHERE replaced_at IS NULL AND withdrawn_at IS NULL",
}
# Another value of a column, so that only the key in question is taken.
OTHER = {
    "id": "id + 1000",
    "number": "number + 1000",
    "revision_id": "revision_id + 1000",
    "hash": "'x'",
    "verification_code": "'x'",
    "position": "position + 1000",
    "up_to": "up_to + 1000",
    "code": "'x'",
    "enquiry_id": "enquiry_id + 1000",
}


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
    issue(DocumentKind.DECISION, of=dossier)
    message = said(case_in(State.IN_REVIEW))
    MessageFile.objects.create(message=message, position=1, file="x", name="x.pdf", size=1)
    conversation.mark_read(message.dossier, Side.OFFICE, up_to=1, by=StaffFactory(), at=NOW)
    published()
    on_sqlite = connection.vendor == "sqlite"
    uuid = "hex(randomblob(16))" if on_sqlite else "gen_random_uuid()"
    other = (
        OTHER
        | {"public_id": uuid, "follow_key": uuid}
        | ({"id": uuid} if table in ("intake_message", "intake_messagefile") else {})
    )
    with connection.cursor() as cursor:
        columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
        cursor.execute(f"SELECT * FROM {table}")
        before = cursor.fetchall()
    values = ", ".join(column if column in key else other.get(column, column) for column in columns)
    row = f"INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE true"
    if on_sqlite:
        replace = f"INSERT OR REPLACE {row}"
    else:
        partial = PARTIAL.get((table, key), "")
        frozen = {
            "documents_issueddocument": "symbol = 'x'",
            "catalogs_enquiry": "title = 'x'",
            "catalogs_faqentry": "title = 'x'",
        }
        change = frozen.get(table, "id = excluded.id")
        replace = f"INSERT {row} ON CONFLICT ({', '.join(key)}){partial} DO UPDATE SET {change}"
    # PostgreSQL names another unique key that the row meets, where it comes first.
    refused = "only grows" if on_sqlite else "only grows|duplicate key"
    with pytest.raises(DatabaseError, match=refused), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(replace)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        assert cursor.fetchall() == before


@pytest.mark.django_db
@pytest.mark.parametrize("column", FROZEN)
def test_what_an_issued_paper_says_stays(column):
    paper = issue(DocumentKind.DECISION)
    value = {"data": "'{}'", "public_id": "'00000000-0000-0000-0000-000000000000'"}.get(column)
    if value is None:
        value = "'x'" if isinstance(getattr(paper, column), str) else "1000"
    if column == "issued_at":
        value = "'2020-01-01 00:00:00+00:00'"
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE documents_issueddocument SET {column} = {value}")


@pytest.mark.django_db
def test_the_template_of_a_paper_that_is_not_drawn_yet_stays():
    paper = issue(DocumentKind.DECISION)
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        Template.objects.filter(pk=paper.template_id).update(source="x")
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        Template.objects.filter(pk=paper.template_id)._raw_delete("default")


@pytest.mark.django_db
def test_an_issued_paper_is_not_deleted_and_may_still_be_made_and_judged():
    paper = issue(DocumentKind.DECISION)
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        IssuedDocument.objects.all().delete()
    IssuedDocument.objects.filter(pk=paper.pk).update(validity="revoked", render_attempts=3)
    assert IssuedDocument.objects.get().validity == "revoked"
