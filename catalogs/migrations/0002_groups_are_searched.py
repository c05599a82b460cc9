from django.db import migrations, models


class Migration(migrations.Migration):
    """A group's name is searched with its items."""

    dependencies = [("catalogs", "0001_initial")]

    operations = [
        migrations.AddField("cataloguegroup", "search_text", models.TextField(blank=True, default=""), preserve_default=False),
    ]
