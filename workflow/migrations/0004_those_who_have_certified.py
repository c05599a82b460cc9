from django.db import migrations


def of_those_who_have_certified(apps, schema_editor):
    Participation = apps.get_model("workflow", "Participation")
    signed = apps.get_model("intake", "Certification").objects.order_by("certified_at", "pk")
    rows = (
        Participation(case_id=dossier, person_id=person, capacity="applicant", since=since)
        for dossier, person, since in signed.values_list("revision__dossier_id", "person_id", "certified_at").iterator()
    )
    # Whoever has another capacity, or has certified before, keeps the first.
    Participation.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0009_draft_edits"),
        ("workflow", "0003_who_filed_has_a_capacity"),
    ]

    operations = [
        migrations.RunPython(of_those_who_have_certified, migrations.RunPython.noop),
    ]
