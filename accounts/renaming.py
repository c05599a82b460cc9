"""What else keeps an applicant's name. The apps that do register what follows a change of it, in AppConfig.ready:
`intake` the text by which a dossier is searched.
"""

from typing import Protocol

from accounts.models import Organisation


class Follower(Protocol):
    def __call__(self, organisation: Organisation, name_before: str) -> object: ...


_followers: list[Follower] = []


def register(follower: Follower) -> None:
    _followers.append(follower)


def follow(organisation: Organisation, name_before: str) -> None:
    """Tell everybody who registered, in the transaction that changed the name."""
    for follower in _followers:
        follower(organisation, name_before)
