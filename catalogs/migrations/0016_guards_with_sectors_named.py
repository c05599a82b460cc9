from django.db import migrations

from catalogs.guards import renewal


class Migration(migrations.Migration):
    """The last of those that alter a guarded table; see catalogs.guards."""

    dependencies = [("catalogs", "0015_sectors_in_english")]

    operations = [renewal()]
