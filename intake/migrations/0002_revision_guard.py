from django.db import migrations

from audit.guards import operation


class Migration(migrations.Migration):
    """What was filed and certified is never changed or deleted."""

    dependencies = [("intake", "0001_initial")]

    operations = [operation("intake_revision"), operation("intake_certification")]
