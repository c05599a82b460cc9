from django.db import migrations

SEARCHED = ("catalogueitem", "cataloguegroup", "itemalias")


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        for table in SEARCHED:
            schema_editor.execute(
                f"CREATE INDEX catalogs_{table}_search ON catalogs_{table} USING gin (search_text gin_trgm_ops)"
            )


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in SEARCHED:
            schema_editor.execute(f"DROP INDEX IF EXISTS catalogs_{table}_search")


class Migration(migrations.Migration):
    """PostgreSQL finds parts of words by it; SQLite searches its few rows without."""

    dependencies = [("catalogs", "0003_search_of_groups")]

    operations = [migrations.RunPython(create, drop)]
