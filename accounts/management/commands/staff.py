"""Roles of the people of the office. Whoever may run commands on the server decides who they are."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone, translation

from accounts import roles
from accounts.models import Role, Unit, User
from accounts.plaintext import hidden_character


class Command(BaseCommand):
    help = "Show the roles of a person who has signed up; give or take some."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        for option, text in (("--give", "give these"), ("--take", "take these away")):
            parser.add_argument(option, nargs="+", choices=Role.values, default=[], metavar="ROLE", help=text)
        parser.add_argument("--unit", type=_short, help="the unit of the office in which they work; “” for none")
        parser.add_argument("--job-title", type=_short, help="as pages and papers name it: “Chuyên viên chính”")
        parser.epilog = f"Roles: {', '.join(Role.values)}."

    def handle(
        self, *, email: str, give: list[str], take: list[str], unit: str | None, job_title: str | None, **options
    ) -> None:
        at = timezone.now()
        try:
            with transaction.atomic():
                user = roles.change(email, give=give, take=take, at=at)
                roles.place(email, unit=unit, job_title=job_title, at=at)
        except roles.NotGiven as error:
            raise CommandError(str(error)) from error
        user = User.objects.select_related("unit").get(pk=user.pk)
        held = sorted(user.role_set(), key=Role.values.index)
        with translation.override("vi"):
            named = ", ".join(f"{role} ({Role(role).label})" for role in held) or "no role"
        place = ", ".join(part for part in (user.job_title, str(user.unit or "")) if part)
        self.stdout.write(f"{user.email}: {named}" + (f"; {place}" if place else ""))
        companies = user.memberships.order_by("pk").values_list("organisation__name", flat=True)
        if held and companies:
            self.stdout.write(f"They belong to {', '.join(companies)} and cannot file for it while they hold a role.")


def _short(text: str) -> str:
    """A text that fits its column. Raises CommandError."""
    text = " ".join(text.split())
    most = min(Unit._meta.get_field("name").max_length or 0, User._meta.get_field("job_title").max_length or 0)
    if len(text) > most or hidden_character(text):
        raise CommandError(f"At most {most} readable characters are expected.")
    return text
