from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogs", "0014_guards_lifted_for_sectors")]

    operations = [
        migrations.AddField("sector", "name_en", models.CharField(blank=True, default="", max_length=200), preserve_default=False)
    ]
