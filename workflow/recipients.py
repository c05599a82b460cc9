"""Who is told of what happens to a dossier. `notifications` asks when it expands an event."""

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Role, User
from catalogs.models import Catalogue
from intake.models import Dossier
from intake.states import State
from notifications import recipients
from notifications.models import Event
from notifications.recipients import Recipient
from workflow.models import Capacity
from workflow.policy import ACTIONS

TO_APPLICANT = (
    "dossier_submitted",
    "supplement_requested",
    "supplement_deadline_near",
    "dossier_received",
    "dossier_taken",
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
)
# Who has to act while a dossier stands there.
TURN = {
    State.SUBMITTED: Role.INTAKE_OFFICER,
    State.SCREENING: Role.INTAKE_OFFICER,
    State.IN_REVIEW: Role.SPECIALIST,
    State.ENDORSEMENT: Role.HEAD_OF_UNIT,
    State.APPROVAL: Role.SIGNATORY,
    State.ISSUING: Role.CLERK,
}
# What the resolvers read of a dossier.
_READ = ("public_id", "organisation_id", "state", "specialist_id", "received_at")
CAPACITY = {rule.who: rule.capacity for rules in ACTIONS.values() for rule in rules if rule.capacity}


def register() -> None:
    for kind in TO_APPLICANT:
        recipients.register(kind, applicant_side)
    for kind in TO_ROLE:
        recipients.register(kind, office_side)
    for kind in TO_HANDLER:
        recipients.register(kind, handler_side)
    recipients.register("list_affects", managers_side)
    recipients.register("list_affects_mine", managers_side)


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
    role = TURN.get(State(dossier.state)) or (Role.SPECIALIST if dossier.received_at else Role.INTAKE_OFFICER)
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


def _at_desk(people: QuerySet[User], dossier: Dossier) -> list[Recipient]:
    url = reverse("case_detail", args=[dossier.public_id])
    return [Recipient(person, url) for person in people.order_by("pk")]


def _dossier(event: Event) -> Dossier:
    """Without the answers and texts, which may be long."""
    return Dossier.objects.only(*_READ).get(pk=event.subject_id)
