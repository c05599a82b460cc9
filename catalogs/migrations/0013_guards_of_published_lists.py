from django.db import migrations

from catalogs.guards import renewal


class Migration(migrations.Migration):
    """The last of those that alter a guarded table; see catalogs.guards."""

    dependencies = [("catalogs", "0012_people_publish")]

    operations = [renewal()]
