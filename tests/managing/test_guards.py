"""A published list is read-only, and the database holds it, whoever asks."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Role
from catalogs import guards
from catalogs.correcting import NoReason, correction
from catalogs.models import Catalogue, CatalogueItem, Instrument, ItemRelation, ItemRemoval, WordingCorrection
from tests.factories import NOW, CatalogueFactory, InstrumentFactory, StaffFactory

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


@pytest.fixture
def by_people(published) -> Catalogue:
    """The version that took the place of `published`: 1.7 went on, 1.8 was left out."""
    prepares, publishes = (StaffFactory(role=Role.CATALOGUE_MANAGER) for _ in range(2))
    after = CatalogueFactory(
        slug="moi",
        stage="draft",
        effective_from=date(2027, 3, 1),
        replaces=published,
        prepared_by=prepares,
        instrument=InstrumentFactory(number="9/2027/TT-BKHCN"),
    )
    relation = {"kind": "same", "origin": "x", "added_on": date(2027, 1, 1)}
    old = {item.code: item for item in published.items.order_by("pk")}
    ItemRelation.objects.create(item=old["1.7"], other=after.items.get(code="1.7"), successor=True, **relation)
    ItemRelation.objects.create(item=old["4.1"], other=after.items.get(code="4.1"), **relation)
    ItemRemoval.objects.create(catalogue=after, item=old["1.8"], added_on=date(2027, 1, 1))
    Catalogue.objects.filter(pk=after.pk).update(stage="published", published_by=publishes, published_at=NOW)
    return Catalogue.objects.get(pk=after.pk)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE catalogs_itemrelation SET successor = NOT successor",
        "UPDATE catalogs_itemrelation SET other_id = item_id, item_id = other_id WHERE successor",
        "UPDATE catalogs_itemrelation SET kind = 'narrower'",
        "DELETE FROM catalogs_itemrelation",
        "DELETE FROM catalogs_itemremoval",
        "UPDATE catalogs_itemremoval SET item_id = item_id + 1",
        "INSERT INTO catalogs_itemremoval (catalogue_id, item_id, added_on)"
        " SELECT catalogue_id, item_id + 1, added_on FROM catalogs_itemremoval",
        "INSERT INTO catalogs_itemrelation (item_id, other_id, kind, successor, note, origin, added_on)"
        " SELECT item_id + 1, other_id, kind, successor, note, origin, added_on FROM catalogs_itemrelation",
        "UPDATE catalogs_instrument SET number = 'x' WHERE number = '9/2027/TT-BKHCN'",
        "UPDATE catalogs_instrument SET title = 'x' WHERE number = '9/2027/TT-BKHCN'",
        "UPDATE catalogs_instrument SET signed_on = '2020-01-01' WHERE number = '9/2027/TT-BKHCN'",
        "UPDATE catalogs_instrument SET effective_from = NULL WHERE number = '9/2027/TT-BKHCN'",
        "UPDATE catalogs_catalogue SET replaces_id = NULL WHERE slug = 'moi'",
        "UPDATE catalogs_catalogue SET replaces_instrument = NOT replaces_instrument WHERE slug = 'moi'",
    ],
)
def test_what_people_published_with_a_list_stays_too(by_people, sql):
    with pytest.raises(DatabaseError, match=guards.MESSAGE):
        run(sql)


def test_a_published_list_that_replaced_none_takes_no_place_later(published):
    other = CatalogueFactory(slug="moi", instrument=InstrumentFactory(number="9/2027/TT-BKHCN"))
    with pytest.raises(DatabaseError, match=guards.MESSAGE), transaction.atomic():
        Catalogue.objects.filter(pk=published.pk).update(replaces=other)


def test_a_correction_of_what_people_published_changes_wording_and_lets_nothing_come_or_go(by_people):
    item, group = by_people.items.order_by("pk").first(), by_people.groups.order_by("pk").first()
    draft = CatalogueFactory(slug="khac", stage="draft", instrument=InstrumentFactory(number="8/2027/TT-BKHCN"))
    refused = [
        lambda: item.delete(),
        lambda: CatalogueItem.objects.create(catalogue=by_people, group=group, code="9.9", name="x", position=99),
        lambda: CatalogueItem.objects.filter(pk=item.pk).update(catalogue=draft, code="9.9"),
        lambda: draft.items.filter(code="1.7").update(catalogue=by_people, code="9.9"),
        lambda: by_people.sectors.create(name="Y tế", position=1),
        lambda: by_people.removals.all().delete(),
        lambda: ItemRelation.objects.filter(successor=True).delete(),
    ]
    with correction(by_people, reason="Lỗi đánh máy", at=NOW):
        for act in refused:
            with pytest.raises(DatabaseError, match=guards.MESSAGE), transaction.atomic():
                act()
        by_people.items.filter(pk=item.pk).update(name="Tên đúng")
        Catalogue.objects.filter(pk=by_people.pk).update(title="Tên đúng")
        Instrument.objects.filter(pk=by_people.instrument_id).update(title="Tên đúng")
    by_people.refresh_from_db()
    assert by_people.title == by_people.instrument.title == by_people.items.get(pk=item.pk).name == "Tên đúng"


def test_whoever_prepared_a_list_is_not_forgotten():
    draft = CatalogueFactory(stage="draft", prepared_by=StaffFactory(role=Role.CATALOGUE_MANAGER))
    with pytest.raises(DatabaseError, match=guards.MESSAGE), transaction.atomic():
        Catalogue.objects.filter(pk=draft.pk).update(stage="published", prepared_by=None)


@pytest.mark.parametrize("table", ["catalogs_itemrelation", "catalogs_itemremoval"])
def test_what_became_of_an_item_is_not_replaced_by_another_row(by_people, table):
    """By the pair that is unique, under another id; SQLite deletes what is in the way without a DELETE trigger."""
    with connection.cursor() as cursor:
        columns = [c.name for c in connection.introspection.get_table_description(cursor, table) if c.name != "id"]
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        before = cursor.fetchall()
    assert before
    values = ["NOT successor" if c == "successor" else c for c in columns]
    row = f"INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table} WHERE true"
    with pytest.raises(DatabaseError, match=guards.MESSAGE):
        run(f"INSERT OR REPLACE {row}" if connection.vendor == "sqlite" else f"INSERT {row}")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        assert cursor.fetchall() == before


@pytest.mark.parametrize("change", [{"drafted": True}, {"kind": "law"}, {"issuer": "x"}, {"signer": "x"}])
def test_the_instrument_of_a_list_that_people_published_stays_what_it_is(by_people, change):
    with pytest.raises(DatabaseError, match=guards.MESSAGE), transaction.atomic():
        Instrument.objects.filter(pk=by_people.instrument_id).update(**change)


def test_what_is_no_part_of_the_publication_may_change(by_people):
    """Notes, other relations, and that a later instrument takes the place of this one."""
    ItemRelation.objects.filter(successor=True).update(note="x")
    ItemRelation.objects.filter(successor=False).delete()
    later = InstrumentFactory(number="10/2028/TT-BKHCN")
    Instrument.objects.filter(pk=by_people.instrument_id).update(
        replaced_by=later, effective_to=date(2028, 1, 1), source_note="x"
    )
    assert ItemRelation.objects.get().note == "x"


def test_a_draft_that_takes_the_id_of_a_published_list_does_not_take_its_place(published):
    draft = CatalogueFactory(slug="khac", stage="draft", instrument=InstrumentFactory(number="9/2027/TT-BKHCN"))
    replace = "OR REPLACE " if connection.vendor == "sqlite" else ""
    with pytest.raises(DatabaseError, match=guards.MESSAGE):
        run(f"UPDATE {replace}catalogs_catalogue SET id = {published.pk} WHERE id = {draft.pk}")
    assert Catalogue.objects.get(pk=published.pk).slug == published.slug


@pytest.mark.parametrize("publisher", ["nobody", "whoever prepared it"])
def test_a_list_that_somebody_prepared_is_published_by_somebody_else(publisher):
    manager = StaffFactory(role=Role.CATALOGUE_MANAGER)
    draft = CatalogueFactory(stage="draft", prepared_by=manager)
    by, at = (None, None) if publisher == "nobody" else (manager, NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Catalogue.objects.filter(pk=draft.pk).update(stage="published", published_by=by, published_at=at)


@pytest.mark.parametrize("reason", ["", "  ", "\n\t", "\u00a0"])
def test_the_database_wants_the_reason_of_a_correction_too(published, reason):
    with pytest.raises(IntegrityError), transaction.atomic():
        WordingCorrection.objects.create(catalogue=published, reason=reason, opened_at=NOW)


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
