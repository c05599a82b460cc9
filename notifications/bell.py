"""The bell: what a person was told, newest first."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import User
from notifications import texts
from notifications.models import Channel, Delivery

MOST_COUNTED = 100
PAGE_SIZE = 20
# `on_bell_of` and `unread`, written out: each page asks it, and putting it together took longer than the answer.
UNREAD = """SELECT COUNT(*) FROM (SELECT 1 FROM notifications_delivery
    WHERE recipient_id = %s AND channel = %s AND read_at IS NULL LIMIT %s) bounded"""


@dataclass(frozen=True)
class Notice:
    id: uuid.UUID
    text: str
    at: datetime
    day: date  # in the office's time zone
    unread: bool
    code: str
    title: str


@dataclass(frozen=True)
class Page:
    notices: list[Notice]
    older: str  # cursor of the next page; empty on the last one


def unread_count(user: User) -> int:
    """How many unread notices the person has, counted up to a hundred; one query over a partial index."""
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, [user.pk, Channel.IN_APP.value, MOST_COUNTED])
        return cursor.fetchone()[0]


def unread_label(count: int) -> str:
    return "99+" if count >= MOST_COUNTED else str(count)


def page(user: User, *, cursor: str = "", only_unread: bool = False) -> Page:
    """A page of notices. A cursor that makes no sense is taken for none."""
    deliveries = Delivery.objects.on_bell_of(user).select_related("event", "recipient")
    if only_unread:
        deliveries = deliveries.unread()
    after = _parse(cursor)
    if after:
        at, pk = after
        deliveries = deliveries.filter(Q(happened_at__lt=at) | Q(happened_at=at, pk__lt=pk))
    found = list(deliveries.order_by("-happened_at", "-id")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    older = f"{shown[-1].happened_at.isoformat()}~{shown[-1].pk}" if len(found) > PAGE_SIZE else ""
    return Page([_notice(delivery) for delivery in shown], older)


def mark_read(delivery: Delivery, *, at: datetime) -> None:
    """The first reading counts; reading again changes nothing."""
    Delivery.objects.filter(pk=delivery.pk, read_at=None).update(read_at=at)


def mark_all_read(user: User, *, at: datetime, until: datetime) -> int:
    """Mark what the person could see when the page was shown, not what arrived since; returns how many."""
    return Delivery.objects.on_bell_of(user).unread().filter(happened_at__lte=until).update(read_at=at)


def _notice(delivery: Delivery) -> Notice:
    return Notice(
        id=delivery.pk,
        text=texts.render(delivery, "line", language=get_language()),
        at=delivery.happened_at,
        day=timezone.localdate(delivery.happened_at),
        unread=delivery.read_at is None,
        code=str(delivery.event.context.get("code") or ""),
        title=str(delivery.event.context.get("title") or ""),
    )


def _parse(cursor: str) -> tuple[datetime, uuid.UUID] | None:
    at, _, pk = cursor.partition("~")
    try:
        moment, key = moment_of(at), uuid.UUID(pk)
    except ValueError:
        return None
    return moment, key


def moment_of(text: str) -> datetime:
    """The moment in an address or form, in UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if timezone.is_naive(moment):
        raise ValueError("a moment without its offset")
    try:
        # At the ends of the calendar an offset leads out of it, and databases ask for UTC.
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the calendar") from error
