from django.core.management.base import BaseCommand, CommandError

from audit import trail


class Command(BaseCommand):
    help = "Read the whole audit trail and name the first entry that does not hold."

    def handle(self, **options) -> None:
        result = trail.verify()
        if result.broken:
            raise CommandError(f"Audit entry {result.broken.number}: {result.broken.reason}.")
        self.stdout.write(f"{result.entries} audit entries, unbroken.")
