from django.db import migrations

from audit.guards import operation


class Migration(migrations.Migration):
    """A version of a template is never changed or deleted: papers that name it are drawn from it again and again."""

    dependencies = [("documents", "0002_issued_papers_stay")]

    operations = [operation("documents_template")]
