"""Who is told of an event. The apps that know register a resolver for each kind, in AppConfig.ready."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import User
from notifications.models import Event


@dataclass(frozen=True)
class Recipient:
    user: User
    url: str  # the path of the page to open: "/ho-so/…/"


Resolver = Callable[[Event], list[Recipient]]

_resolvers: dict[str, Resolver] = {}


class UnknownKind(LookupError):
    """No app has said who is told of this kind of event."""


def register(kind: str, resolver: Resolver) -> None:
    _resolvers[kind] = resolver


def of(event: Event) -> list[Recipient]:
    """The people to tell, each once and only those who can still sign in."""
    resolver = _resolvers.get(event.kind)
    if resolver is None:
        raise UnknownKind(f"no resolver is registered for {event.kind!r}")
    by_user = {recipient.user.pk: recipient for recipient in reversed(resolver(event)) if recipient.user.is_active}
    return list(reversed(by_user.values()))
