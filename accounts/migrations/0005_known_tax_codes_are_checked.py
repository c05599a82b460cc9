from django.db import migrations
from django.utils import timezone


def have_them_checked(apps, schema_editor):
    """Who is registered already is unverified, and the next sweep asks."""
    organisations = apps.get_model("accounts", "Organisation").objects.exclude(tax_code="")
    organisations.update(tax_next_check_at=timezone.now())


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_tax_codes_are_looked_up'),
    ]

    operations = [
        migrations.RunPython(have_them_checked, migrations.RunPython.noop),
    ]
