"""Who is told of what happens to a dossier. `notifications` asks when it expands an event."""

from django.db.models import Q
from django.urls import reverse

from accounts.models import Role, User
from intake.models import Dossier
from notifications import recipients
from notifications.models import Event
from notifications.recipients import Recipient

TO_APPLICANT = (
    "dossier_submitted",
    "supplement_requested",
    "supplement_deadline_near",
    "dossier_received",
    "dossier_refused",
    "dossier_closed",
    "dossier_withdrawn",
    "decision_issued",
    "deadline_changed",
)
TO_ROLE = {
    "dossier_arrived": Role.INTAKE_OFFICER,
    "dossier_to_endorse": Role.HEAD_OF_UNIT,
    "dossier_to_approve": Role.SIGNATORY,
    "dossier_to_issue": Role.CLERK,
    "dossier_to_assess": Role.SPECIALIST,
}
TO_HANDLER = ("supplement_answered", "dossier_sent_back", "dossier_withdrawn_staff", "deadline_near")


def register() -> None:
    for kind in TO_APPLICANT:
        recipients.register(kind, applicant_side)
    for kind in TO_ROLE:
        recipients.register(kind, office_side)
    for kind in TO_HANDLER:
        recipients.register(kind, handler_side)


def applicant_side(event: Event) -> list[Recipient]:
    """Everybody of the organisation that filed."""
    dossier = _dossier(event)
    url = reverse("dossier_detail", args=[dossier.public_id])
    people = User.objects.filter(memberships__organisation_id=dossier.organisation_id, is_active=True).order_by("pk")
    return [Recipient(person, url) for person in people]


def office_side(event: Event) -> list[Recipient]:
    """Everybody in the role whose turn it is, except who has acted on the dossier in another capacity."""
    dossier = _dossier(event)
    if event.kind == "dossier_to_assess" and dossier.specialist_id:
        return handler_side(event)
    people = (
        User.objects.filter(role_assignments__role=TO_ROLE[event.kind], is_active=True)
        .exclude(memberships__organisation_id=dossier.organisation_id)
        .order_by("pk")
    )
    return [Recipient(person, _desk_url(dossier)) for person in people]


def handler_side(event: Event) -> list[Recipient]:
    """Those who have the dossier in hand at that moment."""
    dossier = _dossier(event)
    ids = event.context.get("handlers") or _in_hand(dossier)
    people = User.objects.filter(Q(pk__in=ids), is_active=True).order_by("pk")
    return [Recipient(person, _desk_url(dossier)) for person in people]


def _in_hand(dossier: Dossier) -> list[int]:
    """The people of the step at which the dossier stands; at intake, whoever screens it, or else all officers."""
    if dossier.specialist_id:
        return [dossier.specialist_id]
    screening = dossier.participations.values_list("person_id", flat=True)
    role = Role.SPECIALIST if dossier.received_at else Role.INTAKE_OFFICER
    if not dossier.received_at and screening:
        return list(screening)
    return list(User.objects.filter(role_assignments__role=role).values_list("pk", flat=True))


def _dossier(event: Event) -> Dossier:
    return Dossier.objects.get(pk=event.subject_id)


def _desk_url(dossier: Dossier) -> str:
    return reverse("case_detail", args=[dossier.public_id])
