from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.plaintext import hidden_character
from catalogs.datafiles import InvalidData
from catalogs.loading import Correction, load
from catalogs.reading import DATA, read

MAX_REASON = 1000  # characters


class Command(BaseCommand):
    help = "Load instruments, lists, programmes and procedures from the data files; safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=DATA, help="read from here instead of catalogs/data")
        parser.add_argument(
            "--correct",
            metavar="REASON",
            default="",
            help="let the files change the wording of published lists; the public is shown this reason",
        )
        parser.add_argument("--check", action="store_true", help="only check the files")

    def handle(self, *, folder: Path, check: bool, correct: str, **options) -> None:
        try:
            if check:
                read(folder)
                self.stdout.write("The data files are sound.")
                return
            reason = _reason(correct)
            summary = load(folder, correct=Correction(reason, timezone.now()) if reason else None)
        except InvalidData as error:
            raise CommandError(str(error)) from error
        for line in summary.lines():
            self.stdout.write(line)
        self.stdout.write("Nothing changed." if summary.unchanged() else "Loaded.")


def _reason(text: str) -> str:
    """As the public is shown it. Raises CommandError."""
    reason = text.strip()
    if len(reason) > MAX_REASON:
        raise CommandError(f"--correct: the reason has {len(reason)} characters, {MAX_REASON} at most.")
    if found := hidden_character(reason):
        raise CommandError(f"--correct: the reason holds a hidden character, {found[1]}, at {found[0] + 1}.")
    return reason
