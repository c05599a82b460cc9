from django.db import migrations

from audit.guards import operation


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [operation("audit_entry")]
