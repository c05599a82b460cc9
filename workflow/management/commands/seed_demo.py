from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.demo import create_demo_people
from catalogs.managing.demo import seed_draft
from notifications.demo import settle_demo_messages
from workflow.demo.affected import compute_affected
from workflow.demo.seeding import Seeder


class Command(BaseCommand):
    help = "Fill an empty product with invented companies, staff in each role and dossiers in every state."

    def handle(self, **options) -> None:
        if not settings.DEMO_MODE:
            raise CommandError("Demonstration data belong only where HOSO_DEMO is on.")
        now = timezone.now()
        create_demo_people(at=now)
        seed_draft(at=now)
        made = Seeder(now=now).run()
        if made:
            compute_affected(at=now)
            settle_demo_messages(at=now)
        self.stdout.write(f"{made} demonstration dossiers made." if made else "Demonstration dossiers are there.")
