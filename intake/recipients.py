"""Who is told of a draft or a file: those named, the applicant's people, the administrators."""

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Role, User
from intake.models import Dossier
from notifications import recipients
from notifications.models import Event
from notifications.recipients import Recipient


def register() -> None:
    recipients.register("dossier_handed_over", of_a_dossier)
    recipients.register("draft_transferred", of_a_dossier)
    recipients.register("dossiers_handed_over", of_a_list)
    recipients.register("file_infected", of_the_applicant)
    recipients.register("scanning_fails", administrators)


def of_a_dossier(event: Event) -> list[Recipient]:
    """Nobody, if it was deleted meanwhile. Who cannot open it is led to the list, which is theirs."""
    dossier = Dossier.objects.filter(pk=event.subject_id).only("public_id", "organisation_id").first()
    if dossier is None:
        return []
    inside, outside = reverse("dossier_detail", args=[dossier.public_id]), reverse("dossier_list")
    members = set(
        _people(event).filter(memberships__organisation=dossier.organisation_id).values_list("pk", flat=True)
    )
    return [Recipient(person, inside if person.pk in members else outside) for person in _people(event)]


def of_a_list(event: Event) -> list[Recipient]:
    """Leads to the dossiers of the organisation."""
    url = f"{reverse('dossier_list')}?don-vi={event.subject_id}"
    return [Recipient(person, url) for person in _people(event)]


def of_the_applicant(event: Event) -> list[Recipient]:
    """Everybody of its organisation; nobody, if the draft was deleted meanwhile."""
    dossier = Dossier.objects.filter(pk=event.subject_id).only("public_id", "organisation_id").first()
    if dossier is None:
        return []
    url = reverse("dossier_detail", args=[dossier.public_id])
    people = User.objects.filter(memberships__organisation=dossier.organisation_id, is_active=True)
    return [Recipient(person, url) for person in people.order_by("pk")]


def administrators(event: Event) -> list[Recipient]:
    """Those who see to the scanner; there is no page to open."""
    people = User.objects.filter(role_assignments__role=Role.ADMINISTRATOR, is_active=True)
    return [Recipient(person, "") for person in people.order_by("pk")]


def _people(event: Event) -> QuerySet[User]:
    return User.objects.filter(pk__in=event.context.get("people", []), is_active=True).order_by("pk")
