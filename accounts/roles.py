"""Who is given a role in the office, or loses it; each change stands in the audit trail."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import Role, Unit, User
from audit import trail


class NotGiven(Exception):
    """Nothing was changed; the text says why."""


@transaction.atomic
def change(email: str, *, give: list[str], take: list[str], at: datetime) -> User:
    """Give a person roles and take others. Raises NotGiven; what is so already is no error.

    Only to who has confirmed the address: anybody can sign up under the name of an official.
    """
    user = _person(email)
    confirmed = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()
    if give and not (user.is_active and confirmed):
        raise NotGiven(f"{user.email} has not confirmed the address, or the account is closed.")
    if both := set(give) & set(take):
        raise NotGiven(f"Either give or take: {', '.join(sorted(both))}.")
    had = set(user.role_assignments.select_for_update().values_list("role", flat=True))
    for role in dict.fromkeys(give):
        if role not in had:
            user.role_assignments.create(role=Role(role))
            trail.record(user, "give_role", by=None, at=at, data={"role": role})
    for role in dict.fromkeys(take):
        if role in had:
            user.role_assignments.filter(role=role).delete()
            trail.record(user, "take_role", by=None, at=at, data={"role": role})
    return User.objects.get(pk=user.pk)


@transaction.atomic
def place(email: str, *, unit: str | None, job_title: str | None, at: datetime) -> None:
    """Say in which unit a member of staff works, and as what; a unit that is new is made. Raises NotGiven."""
    user = _person(email)
    before = [str(user.unit or ""), user.job_title]
    if unit is not None:
        user.unit = Unit.objects.get_or_create(name=unit)[0] if unit else None
    if job_title is not None:
        user.job_title = job_title
    after = [str(user.unit or ""), user.job_title]
    if after != before:
        user.save(update_fields=["unit", "job_title"])
        trail.record(user, "place_staff", by=None, at=at, data={"from": before, "to": after})


def _person(email: str) -> User:
    user = User.objects.select_for_update(of=("self",)).filter(email__iexact=email.strip()).first()
    if user is None:
        raise NotGiven(f"Nobody has signed up with {email.strip()}.")
    return user
