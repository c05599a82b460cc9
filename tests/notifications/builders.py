"""People, events and deliveries for these tests; the moment is always given."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from accounts.models import Organisation, Role, RoleAssignment, User
from notifications import outbox, recipients
from notifications.models import Delivery, Event
from notifications.recipients import Recipient

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
CONTEXT = {
    "code": "G06-261118-0042",
    "title": "Camera EdgeSight S2",
    "organisation": "Công ty Cổ phần Thị giác Sao Mai",
    "due": "2026-11-24T17:00:00+07:00",
}


def person(email: str = "ha@saomai.example", name: str = "Trần Thu Hà", *, role: Role | None = None) -> User:
    user = User.objects.create_user(email, full_name=name)
    if role:
        RoleAssignment.objects.create(user=user, role=role)
    return user


def organisation(**fields) -> Organisation:
    """Stands in for a dossier: notifications knows a subject only by its type and id."""
    values = {
        "name": "Công ty Cổ phần Thị giác Sao Mai",
        "kind": "enterprise",
        "tax_code": "9900000018",
        "province": "01",
        "representative_name": "Trần Thu Hà",
    }
    return Organisation.objects.create(**(values | fields))


def tell(monkeypatch, kind: str, people: list[User], *, url: str = "/ho-so/1/") -> None:
    """Make `people` the recipients of a kind, for the length of a test."""
    monkeypatch.setitem(recipients._resolvers, kind, lambda event: [Recipient(user, url) for user in people])


def event(subject: Organisation, kind: str = "dossier_received", *, at: datetime = NOON, **context) -> Event:
    return outbox.enqueue(kind, subject, at=at, context=CONTEXT | context)


def only(happening: Event) -> QuerySet[Event]:
    return Event.objects.filter(pk=happening.pk)


def mails(user: User, count: int, *, at: datetime = NOON, kind: str = "dossier_received") -> list[Delivery]:
    """So many mails to one person, due at `at`, each of an event of its own, a second apart."""
    made = []
    for number in range(count):
        happened_at = at - timedelta(seconds=count - number)
        happening = Event.objects.create(
            kind=kind,
            subject_type="accounts.organisation",
            subject_id="1",
            context=CONTEXT | {"code": f"G06-{number}"},
            happened_at=happened_at,
            next_attempt_at=happened_at,
            expanded_at=happened_at,
        )
        made.append(
            Delivery.objects.create(
                event=happening,
                recipient=user,
                channel="email",
                url="/ho-so/1/",
                happened_at=happened_at,
                next_attempt_at=happened_at,
            )
        )
    return made


def notices(user: User, count: int, *, at: datetime = NOON, url: str = "/ho-so/1/") -> list[Delivery]:
    """So many lines on a person's bell, oldest first."""
    made = mails(user, count, at=at)
    Delivery.objects.filter(pk__in=[d.pk for d in made]).update(channel="in_app", state="sent", sent_at=at, url=url)
    return list(Delivery.objects.filter(pk__in=[d.pk for d in made]).order_by("happened_at"))
