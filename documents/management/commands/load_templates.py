from django.core.management.base import BaseCommand, CommandError

from documents import sources


class Command(BaseCommand):
    help = "Load the texts of official papers. A text that was loaded before is left alone."

    def handle(self, **options: object) -> None:
        try:
            new = sources.ensure_templates()
        except (sources.TemplateChanged, sources.InvalidTemplate) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{len(new)} new templates: {', '.join(map(str, new))}" if new else "no new templates")
