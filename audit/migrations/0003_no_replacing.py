from django.db import migrations

from audit.guards import renewal


class Migration(migrations.Migration):
    """SQLite refuses INSERT OR REPLACE as well."""

    dependencies = [("audit", "0002_append_only")]

    operations = [renewal("audit_entry")]
