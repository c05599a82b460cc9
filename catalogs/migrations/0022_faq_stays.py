from django.db import migrations

from audit.guards import operation
from catalogs.models import FAQ_FROZEN


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE INDEX catalogs_faqentry_search ON catalogs_faqentry USING gin (search_text gin_trgm_ops)"
        )


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS catalogs_faqentry_search")


class Migration(migrations.Migration):
    """What was published stays, and PostgreSQL finds parts of its words by an index."""

    dependencies = [("catalogs", "0021_faq")]

    operations = [operation("catalogs_faqentry", FAQ_FROZEN), migrations.RunPython(create, drop)]
