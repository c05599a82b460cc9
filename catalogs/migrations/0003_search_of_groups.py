from django.db import migrations

from catalogs.search import search_text


def fill(apps, schema_editor):
    groups = apps.get_model("catalogs", "CatalogueGroup").objects
    for group in groups.order_by("pk"):
        groups.filter(pk=group.pk).update(search_text=search_text(group.name))


class Migration(migrations.Migration):
    dependencies = [("catalogs", "0002_groups_are_searched")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
