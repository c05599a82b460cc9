from django.db import migrations


def publish(apps, schema_editor):
    apps.get_model("catalogs", "Catalogue").objects.update(stage="published")


class Migration(migrations.Migration):
    """Before there were drafts, every list was public."""

    dependencies = [("catalogs", "0005_versions_relations_evidence")]

    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
