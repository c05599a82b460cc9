"""A published list is read-only, and the database holds it, whoever asks."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from catalogs import guards
from catalogs.correcting import NoReason, correction
from catalogs.models import Catalogue, CatalogueItem, WordingCorrection
from tests.factories import NOW, CatalogueFactory, InstrumentFactory

pytestmark = pytest.mark.django_db
WORDING = {
    "catalogs_catalogue": [
        "title = 'x'",
        "family = 'key-it'",
        "slug = 'x'",
        "effective_from = '2020-01-01'",
        "effective_to = '2030-01-01'",
        "stage = 'draft'",
        "restricted = NOT restricted",
        "sectors_title = 'x'",
        "sectors_note = 'x'",
    ],
    "catalogs_cataloguegroup": [
        "code = 'x'",
        "name = 'x'",
        "kind = 'technology'",
        "position = 9",
        "sectors_marked = 1",
    ],
    "catalogs_catalogueitem": ["code = 'x'", "name = 'x'", "printed_code = 'x'", "position = 9"],
    "catalogs_sector": ["name = 'x'", "position = 9"],
    "catalogs_sectormark": ["mark = 'marked'"],
}
CHANGES = [f"UPDATE {table} SET {change}" for table, changes in WORDING.items() for change in changes]
CHANGES += [f"DELETE FROM {table}" for table in WORDING if table != "catalogs_catalogue"]


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def published() -> Catalogue:
    catalogue = CatalogueFactory(stage="draft")
    sector = catalogue.sectors.create(name="Công thương", position=1)
    for group in catalogue.groups.order_by("pk"):
        group.marks.create(sector=sector, mark="unknown")
    Catalogue.objects.filter(pk=catalogue.pk).update(stage="published")
    return Catalogue.objects.get(pk=catalogue.pk)


@pytest.mark.parametrize("sql", CHANGES)
def test_a_change_of_a_published_list_is_refused(published, sql):
    with pytest.raises(DatabaseError, match=guards.MESSAGE):
        run(sql)


def test_a_published_list_is_not_deleted(published):
    with correction(published, reason="Xóa mục", at=NOW):
        published.items.all().delete()
    with pytest.raises(DatabaseError, match=guards.MESSAGE):
        run("DELETE FROM catalogs_catalogue")


@pytest.mark.parametrize("reason", ["", " ", "\n\t", "\u00a0"])
def test_a_correction_without_a_reason_opens_nothing(published, reason):
    with pytest.raises(NoReason), correction(published, reason=reason, at=NOW):
        pass
    assert not WordingCorrection.objects.exists()


def test_the_reason_of_a_correction_is_kept_without_spaces_around_it(published):
    with correction(published, reason=" Lỗi đánh máy\n", at=NOW) as opened:
        assert opened.reason == "Lỗi đánh máy"


@pytest.mark.parametrize("table", [*guards.PARTS])
def test_nothing_is_added_to_a_published_list(published, table):
    with connection.cursor() as cursor:
        columns = [c.name for c in connection.introspection.get_table_description(cursor, table) if c.name != "id"]
    values = ["'zz'" if c in ("code", "name") else c for c in columns]
    with pytest.raises(DatabaseError, match=guards.MESSAGE):
        run(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table}")


@pytest.mark.parametrize("table", ["catalogs_catalogue", *guards.PARTS])
def test_no_row_takes_the_place_of_one_of_a_published_list(published, table):
    with connection.cursor() as cursor:
        columns = [c.name for c in connection.introspection.get_table_description(cursor, table)]
        cursor.execute(f"SELECT count(*) FROM {table}")
        before = cursor.fetchone()
    row = f"INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns)} FROM {table} WHERE true"
    replace = (
        f"INSERT OR REPLACE {row}"
        if connection.vendor == "sqlite"
        else f"INSERT {row} ON CONFLICT (id) DO UPDATE SET id = excluded.id + 1000"
    )
    with pytest.raises(DatabaseError, match=guards.MESSAGE):
        run(replace)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone() == before


def test_an_item_is_not_moved_into_a_published_list(published):
    draft = CatalogueFactory(slug="khac", stage="draft", instrument=InstrumentFactory(number="9/2027/TT-BKHCN"))
    with pytest.raises(DatabaseError, match=guards.MESSAGE), transaction.atomic():
        CatalogueItem.objects.filter(catalogue=draft, code="1.7").update(catalogue=published, code="9.9")


def test_what_is_no_wording_may_change(published):
    Catalogue.objects.filter(pk=published.pk).update(note="Ghi chú", verified=False, version=2)
    CatalogueItem.objects.filter(catalogue=published).update(name_en="x", search_text="x")
    assert set(published.items.values_list("name_en", flat=True)) == {"x"}


def test_a_draft_may_change_and_go():
    draft = CatalogueFactory(stage="draft")
    draft.items.update(name="x")
    draft.items.all().delete()
    draft.groups.all().delete()
    draft.delete()
    assert not Catalogue.objects.exists()


def test_a_list_ends_only_on_the_day_on_which_its_successor_takes_effect(published):
    after = CatalogueFactory(
        slug="moi",
        stage="draft",
        effective_from=date(2027, 3, 1),
        replaces=published,
        instrument=InstrumentFactory(number="9/2027/TT-BKHCN"),
    )
    ended = Catalogue.objects.filter(pk=published.pk)
    with pytest.raises(DatabaseError, match=guards.MESSAGE), transaction.atomic():
        ended.update(effective_to=date(2027, 3, 1))
    Catalogue.objects.filter(pk=after.pk).update(stage="published")
    with pytest.raises(DatabaseError, match=guards.MESSAGE), transaction.atomic():
        ended.update(effective_to=date(2027, 2, 1))
    ended.update(effective_to=date(2027, 3, 1))
    with pytest.raises(DatabaseError, match=guards.MESSAGE), transaction.atomic():
        ended.update(effective_to=None)


def test_an_open_correction_lets_the_wording_change_and_stays_on_record(published):
    with correction(published, reason="Lỗi đánh máy", at=NOW):
        published.items.filter(code="1.7").update(name="Tên đúng")
    assert published.items.get(code="1.7").name == "Tên đúng"
    with pytest.raises(DatabaseError, match=guards.MESSAGE), transaction.atomic():
        published.items.update(name="x")
    for change in (
        "UPDATE catalogs_wordingcorrection SET reason = 'x'",
        "UPDATE catalogs_wordingcorrection SET closed_at = NULL",
        "DELETE FROM catalogs_wordingcorrection",
    ):
        with pytest.raises(DatabaseError, match=guards.MESSAGE):
            run(change)
    assert WordingCorrection.objects.get().reason == "Lỗi đánh máy"


def test_even_a_correction_does_not_unpublish(published):
    with pytest.raises(DatabaseError, match=guards.MESSAGE), correction(published, reason="x", at=NOW):
        Catalogue.objects.filter(pk=published.pk).update(stage="draft")
    assert not WordingCorrection.objects.exists()


def test_every_guard_is_in_place():
    """A later migration that makes a table anew on SQLite would lose them: see catalogs.guards."""
    source = (
        "SELECT DISTINCT trigger_name FROM information_schema.triggers"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(source)
        there = {name for (name,) in cursor.fetchall()}
    assert {rule.name for rule in guards.rules()} <= there


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run_number", [1, 2])
def test_the_guards_hold_after_a_commit_too(run_number):
    CatalogueFactory()
    with pytest.raises(DatabaseError, match=guards.MESSAGE):
        run("DELETE FROM catalogs_catalogueitem")
