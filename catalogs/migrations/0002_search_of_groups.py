from django.db import migrations, models

from catalogs.search import search_text

SEARCHED = ("catalogueitem", "cataloguegroup", "itemalias")


def fill(apps, schema_editor):
    groups = apps.get_model("catalogs", "CatalogueGroup").objects
    for group in groups.order_by("pk"):
        groups.filter(pk=group.pk).update(search_text=search_text(group.name))


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
    """A group's name is searched with its items. The index is PostgreSQL's; SQLite searches its few rows without."""

    atomic = False  # PostgreSQL does not index a table whose rows were changed in the same transaction

    dependencies = [("catalogs", "0001_initial")]

    operations = [
        migrations.AddField("cataloguegroup", "search_text", models.TextField(blank=True, default=""), preserve_default=False),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(create, drop),
    ]
