from django.db import migrations

from catalogs.guards import renewal


class Migration(migrations.Migration):
    """A pair of successors is not replaced by another row, and an instrument does not become a draft again."""

    dependencies = [("catalogs", "0017_what_retires_is_evaluated")]

    operations = [renewal()]
