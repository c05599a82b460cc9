"""Who is told of what happens to a dossier. `notifications` asks when it expands an event."""

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Role, User
from catalogs.models import Catalogue
from intake.models import Dossier, Message, Side
from notifications import recipients
from notifications.models import Event
from notifications.recipients import Recipient
from workflow.models import Capacity
from workflow.policy import CAPACITY, in_hand

TO_APPLICANT = (
    "dossier_submitted",
    "dossier_screening",
    "supplement_requested",
    "supplement_received",
    "supplement_deadline_near",
    "dossier_received",
    "dossier_taken",
    "dossier_assessed",
    "dossier_endorsed",
    "dossier_approved",
    "dossier_refused",
    "dossier_closed",
    "dossier_withdrawn",
    "decision_issued",
    "deadline_changed",
    "draft_items_changed",
)
TO_ROLE = {
    "dossier_arrived": Role.INTAKE_OFFICER,
    "dossier_to_endorse": Role.HEAD_OF_UNIT,
    "dossier_to_approve": Role.SIGNATORY,
    "dossier_to_issue": Role.CLERK,
    "dossier_to_assess": Role.SPECIALIST,
}
TO_HANDLER = (
    "supplement_answered",
    "dossier_sent_back",
    "dossier_withdrawn_staff",
    "dossier_closed_staff",
    "deadline_near",
    "decision_delivered",
    "file_infected_staff",
)
# What the resolvers read of a dossier.
_READ = ("public_id", "organisation_id", "state", "specialist_id", "received_at")


def register() -> None:
    for kind in TO_APPLICANT:
        recipients.register(kind, applicant_side)
    for kind in TO_ROLE:
        recipients.register(kind, office_side)
    for kind in TO_HANDLER:
        recipients.register(kind, handler_side)
    recipients.register("message_to_applicant", applicant_reads)
    recipients.register("message_to_office", office_reads)
    recipients.register("list_affects", managers_side)
    recipients.register("list_affects_mine", managers_side)


def applicant_side(event: Event) -> list[Recipient]:
    """Everybody of the organisation that filed."""
    dossier = _dossier(event)
    return _at(reverse("dossier_detail", args=[dossier.public_id]), _of_applicant(dossier))


def applicant_reads(event: Event) -> list[Recipient]:
    """The same people, of a message to them."""
    dossier = _dossier(event)
    return _at(reverse("dossier_messages", args=[dossier.public_id]), _of_applicant(dossier))


def office_reads(event: Event) -> list[Recipient]:
    """Those who have the dossier in hand, and whoever has written to its applicant before and is still an official."""
    dossier = _dossier(event)
    wrote = Message.objects.filter(dossier=dossier.pk, side=Side.OFFICE).values("author")
    officials = User.objects.filter(pk__in=wrote, is_active=True).exclude(role_assignments=None).distinct()
    people = {person.pk: person for person in [*_in_hand(dossier), *officials]}
    url = reverse("case_messages", args=[dossier.public_id])
    return [Recipient(people[pk], url) for pk in sorted(people)]


def office_side(event: Event) -> list[Recipient]:
    """Everybody in the role whose turn it is, except who has acted on the dossier in another capacity."""
    dossier = _dossier(event)
    if event.kind == "dossier_to_assess" and dossier.specialist_id:
        return handler_side(event)
    return _at_desk(_may_act(dossier, TO_ROLE[event.kind]), dossier)


def handler_side(event: Event) -> list[Recipient]:
    """Those who have the dossier in hand at that moment."""
    dossier = _dossier(event)
    if handlers := event.context.get("handlers"):
        return _at_desk(User.objects.filter(pk__in=handlers, is_active=True), dossier)
    return _at_desk(_in_hand(dossier), dossier)


def managers_side(event: Event) -> list[Recipient]:
    """Those named, or the catalogue managers; of a restricted list only the cleared."""
    people = User.objects.filter(is_active=True)
    if handlers := event.context.get("handlers"):
        people = people.filter(pk__in=handlers)
    else:
        people = people.filter(role_assignments__role=Role.CATALOGUE_MANAGER)
    if event.context.get("restricted"):
        people = people.filter(pk__in=User.objects.filter(role_assignments__role=Role.CLEARED))
    url = reverse("affected_list", args=[Catalogue.objects.get(pk=event.subject_id).slug])
    return [Recipient(person, url) for person in people.order_by("pk")]


def _in_hand(dossier: Dossier) -> QuerySet[User]:
    """Whose turn it is: the person who screens or assesses it, or everybody in the role of its step."""
    role = in_hand(dossier)
    if role == Role.SPECIALIST and dossier.specialist_id:
        return User.objects.filter(pk=dossier.specialist_id, is_active=True)
    screening = User.objects.filter(
        pk__in=dossier.participations.filter(capacity=Capacity.INTAKE).values("person"), is_active=True
    )
    if role == Role.INTAKE_OFFICER and screening.exists():
        return screening
    return _may_act(dossier, role)


def _may_act(dossier: Dossier, role: str) -> QuerySet[User]:
    """The role without the applicant's own people and without who acted before in another capacity."""
    elsewhere = dossier.participations.exclude(capacity=CAPACITY[role])
    return (
        User.objects.filter(role_assignments__role=role, is_active=True)
        .exclude(memberships__organisation_id=dossier.organisation_id)
        .exclude(pk__in=elsewhere.values("person"))
    )


def _of_applicant(dossier: Dossier) -> QuerySet[User]:
    return User.objects.filter(memberships__organisation_id=dossier.organisation_id, is_active=True)


def _at_desk(people: QuerySet[User], dossier: Dossier) -> list[Recipient]:
    return _at(reverse("case_detail", args=[dossier.public_id]), people)


def _at(url: str, people: QuerySet[User]) -> list[Recipient]:
    return [Recipient(person, url) for person in people.order_by("pk")]


def _dossier(event: Event) -> Dossier:
    """Without the answers and texts, which may be long."""
    return Dossier.objects.only(*_READ).get(pk=event.subject_id)
