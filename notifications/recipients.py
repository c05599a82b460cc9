"""Who is told of an event. The apps that know register a resolver for each kind, in AppConfig.ready."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import User
from notifications.models import Event


@dataclass(frozen=True)
class Recipient:
    user: User | None
    url: str  # the path of the page to open: "/ho-so/…/"
    address: str = ""  # to write to where there is no user


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
    found = [one for one in reversed(resolver(event)) if one.user is None or one.user.is_active]
    once = {one.user.pk if one.user else one.address: one for one in found}
    return list(reversed(once.values()))
