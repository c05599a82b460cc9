from django.conf import settings
from django.core.management.base import BaseCommand

from workflow import drawing


class Command(BaseCommand):
    help = "Write docs/workflow.md from the code."

    def handle(self, **options) -> None:
        path = settings.BASE_DIR / "docs" / "workflow.md"
        path.write_text(drawing.document(), encoding="utf-8")
        self.stdout.write(f"{path.relative_to(settings.BASE_DIR)} written.")
