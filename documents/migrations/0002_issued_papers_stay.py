from django.db import migrations

from audit.guards import operation
from documents.models import FROZEN


class Migration(migrations.Migration):
    """A paper that was issued is never deleted, and what it says, under which number, never changed."""

    dependencies = [("documents", "0001_initial")]

    operations = [operation("documents_issueddocument", FROZEN)]
