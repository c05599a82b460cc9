"""People are told of what happens in their organisation by an app that builds on this one: `notifications` registers
its outbox, in AppConfig.ready.
"""

from datetime import datetime
from typing import Any, Protocol

from accounts.models import Organisation


class Teller(Protocol):
    def __call__(self, kind: str, subject: Organisation, *, at: datetime, context: dict[str, Any]) -> object: ...


_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    _tellers.append(teller)


def tell(kind: str, organisation: Organisation, *, at: datetime, **context: Any) -> None:
    """Write down, in the caller's transaction, that `people` (ids of users) are to hear of it; what else is given is
    for the texts, as it is at that moment."""
    for teller in _tellers:
        teller(kind, organisation, at=at, context={"organisation": organisation.name, **context})
