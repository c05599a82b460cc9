from django.db import migrations


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(
            "CREATE INDEX dossier_search_trigrams ON intake_dossier USING gin (search_text gin_trgm_ops)"
        )


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS dossier_search_trigrams")


class Migration(migrations.Migration):
    """Search as one types, on PostgreSQL. SQLite has no such index and searches its few rows without one."""

    dependencies = [("intake", "0002_revision_guard")]

    operations = [migrations.RunPython(create, drop)]
