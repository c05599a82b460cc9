from django.db import migrations

from audit.guards import operation


class Migration(migrations.Migration):
    """What was sent, and when it was read, is never changed or deleted."""

    dependencies = [("intake", "0007_messages")]

    operations = [operation("intake_message"), operation("intake_messagefile"), operation("intake_messagereading")]
