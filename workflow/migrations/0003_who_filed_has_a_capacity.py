from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflow", "0002_affected_cases")]

    operations = [
        migrations.AlterField(
            model_name="participation",
            name="capacity",
            field=models.CharField(
                choices=[
                    ("intake", "Tiếp nhận"),
                    ("specialist", "Thẩm định"),
                    ("endorser", "Lãnh đạo phòng"),
                    ("signatory", "Ký ban hành"),
                    ("clerk", "Văn thư"),
                    ("applicant", "Bên nộp hồ sơ"),
                ],
                max_length=20,
            ),
        ),
    ]
