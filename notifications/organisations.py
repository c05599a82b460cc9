"""Who is told of what happens in an organisation: whom `accounts` names, and whoever is invited."""

from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts import telling
from accounts.models import Invitation, Membership, User
from notifications import outbox, recipients
from notifications.models import Event
from notifications.recipients import Recipient

KINDS = (
    "invitation_sent",
    "invitation_revoked",
    "invitation_declined",
    "member_invited",
    "member_joined",
    "member_role_changed",
    "member_removed",
    "member_left",
)


def register() -> None:
    telling.register(outbox.enqueue)
    for kind in KINDS:
        recipients.register(kind, concerned)


def concerned(event: Event) -> list[Recipient]:
    """Those named. Who belongs to the organisation no more is led to a page that is still theirs."""
    people = User.objects.filter(pk__in=event.context.get("people", []), is_active=True).order_by("pk")
    members = set(Membership.objects.filter(organisation_id=event.subject_id).values_list("user_id", flat=True))
    inside, outside = reverse("organisation_detail", args=[event.subject_id]), reverse("profile")
    told = [Recipient(person, inside if person.pk in members else outside) for person in people]
    return [*told, *_invited(event)]


def _invited(event: Event) -> list[Recipient]:
    """Whoever confirmed the invited address, as themselves; otherwise the address alone."""
    if not event.context.get("invitation"):
        return []
    invitation = Invitation.objects.get(pk=event.context["invitation"])
    url = reverse("invitation", args=[invitation.key])
    confirmed = EmailAddress.objects.filter(email__iexact=invitation.email, verified=True, user__is_active=True)
    owner = confirmed.select_related("user").order_by("pk").first()
    return [Recipient(owner.user, url) if owner else Recipient(None, url, address=invitation.email)]
