from django.db import migrations

from audit.guards import renewal


class Migration(migrations.Migration):
    """SQLite refuses INSERT OR REPLACE as well."""

    dependencies = [("intake", "0003_search_index")]

    operations = [renewal("intake_revision"), renewal("intake_certification")]
