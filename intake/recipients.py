"""Who is told when a dossier is handed over or taken to another organisation: those named."""

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from intake.models import Dossier
from notifications import recipients
from notifications.models import Event
from notifications.recipients import Recipient


def register() -> None:
    recipients.register("dossier_handed_over", of_a_dossier)
    recipients.register("draft_transferred", of_a_dossier)
    recipients.register("dossiers_handed_over", of_a_list)


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


def _people(event: Event) -> QuerySet[User]:
    return User.objects.filter(pk__in=event.context.get("people", []), is_active=True).order_by("pk")
