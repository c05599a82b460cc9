from django.db import migrations

from audit.guards import operation
from catalogs.models import ENQUIRY_FROZEN


class Migration(migrations.Migration):
    """What was asked and what was answered is never changed or deleted."""

    dependencies = [("catalogs", "0019_enquiries")]

    operations = [operation("catalogs_enquiry", ENQUIRY_FROZEN), operation("catalogs_reply")]
