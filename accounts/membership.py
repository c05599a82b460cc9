"""Who belongs to an organisation, what each may do there, and changes of both.

Each change locks the organisation first, asks again who may make it, and is told to those concerned.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import (
    ACTING_MEMBERS,
    Invitation,
    InvitationState,
    Membership,
    MembershipRole,
    Organisation,
    User,
)
from accounts.telling import tell
from audit import trail

# The one table; pages draw their buttons from it and every change asks it. What a member may do to a dossier says
# workflow.policy, of the same roles.
ACTIONS: dict[str, tuple[MembershipRole, ...]] = {
    "read": tuple(MembershipRole),
    "leave": tuple(MembershipRole),
    "edit": ACTING_MEMBERS,
    "manage": (MembershipRole.REPRESENTATIVE,),
}


class NotAllowed(Exception):
    """The person may not do this in this organisation, or not any more."""

    def __init__(self) -> None:
        super().__init__(_("Bạn không được thực hiện thao tác này."))


class Stale(Exception):
    """Something else stands there than the page showed."""

    def __init__(self) -> None:
        super().__init__(_("Thành viên này vừa được thay đổi ở nơi khác. Hãy xem lại rồi thao tác lại."))


class LastToManage(Exception):
    """Nobody would be left to look after the organisation."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Đơn vị phải luôn có ít nhất một người đại diện trên hệ thống. "
                "Hãy giao vai trò người đại diện cho người khác trước."
            )
        )


@dataclass(frozen=True)
class Standing:
    """What a person is to an organisation, read once."""

    membership: Membership
    # Whoever registers a company need not represent it. Until a representative joins, those who file look after it.
    represented: bool

    def may(self, action: str) -> bool:
        roles = ACTING_MEMBERS if action == "manage" and not self.represented else ACTIONS[action]
        return self.membership.role in roles


def standing_of(user: User, organisation_id: int) -> Standing | None:
    """None for somebody who does not belong to it. Two queries; the membership comes with its organisation."""
    found = memberships_of(user).filter(organisation_id=organisation_id).first()
    return Standing(found, _is_represented(organisation_id)) if found else None


def memberships_of(user: User) -> QuerySet[Membership]:
    """The organisations of a person with what the person is there, those joined first before the others."""
    return user.memberships.select_related("organisation").order_by("pk")


def members_of(organisation: Organisation) -> list[Membership]:
    """Representatives before drafters before viewers, each with the person. One query."""
    found = organisation.memberships.select_related("user").order_by("pk")
    return sorted(found, key=lambda membership: MembershipRole.values.index(membership.role))


def managers_of(organisation: Organisation) -> list[int]:
    """The ids of those who look after the organisation."""
    roles = ACTIONS["manage"] if _is_represented(organisation.pk) else ACTING_MEMBERS
    return list(organisation.memberships.filter(role__in=roles).order_by("pk").values_list("user_id", flat=True))


def lock(organisation_id: int, action: str, *, by: User) -> Organisation:
    """The organisation, held until the transaction ends. Raises NotAllowed."""
    organisation = Organisation.objects.select_for_update().filter(pk=organisation_id).first()
    standing = standing_of(by, organisation_id)
    if organisation is None or standing is None or not standing.may(action):
        raise NotAllowed
    return organisation


@transaction.atomic
def change_role(membership: Membership, role: str, *, seen: str, by: User, at: datetime) -> None:
    """`seen` is the role that the page showed. Raises NotAllowed, Stale, LastToManage."""
    organisation = lock(membership.organisation_id, "manage", by=by)
    current = _as_seen(membership, seen)
    if current.role == role:
        return
    if current.user_id == by.pk and role == MembershipRole.REPRESENTATIVE:
        # Where nobody represents yet, who files names somebody else; to stand for a company is not one's own to say.
        raise NotAllowed
    current.role = role
    current.save(update_fields=["role"])
    _require_somebody_to_manage(organisation, was=MembershipRole(seen))
    facts = {"role_before": seen, "role": role}
    trail.record(organisation, "member_role_changed", by=by, at=at, data={"person": current.user_id, **facts})
    people = _others([current.user_id, *managers_of(organisation)], by)
    tell("member_role_changed", organisation, at=at, people=people, person=str(current.user), by_name=str(by), **facts)


@transaction.atomic
def remove(membership: Membership, *, seen: str, by: User, at: datetime) -> None:
    """Take somebody else out of the organisation; what they have filed stays with it, and their invitations are taken
    back. `seen` is the role that the page showed. Raises NotAllowed, Stale, LastToManage."""
    organisation = lock(membership.organisation_id, "manage", by=by)
    current = _as_seen(membership, seen)
    if current.user_id == by.pk:
        raise NotAllowed
    _go(organisation, current, "member_removed", by=by, at=at)


@transaction.atomic
def leave(organisation: Organisation, *, by: User, at: datetime) -> None:
    """Raises NotAllowed, LastToManage."""
    organisation = lock(organisation.pk, "leave", by=by)
    _go(organisation, organisation.memberships.select_related("user").get(user=by), "member_left", by=by, at=at)


def _go(organisation: Organisation, membership: Membership, action: str, *, by: User, at: datetime) -> None:
    person, role = membership.user, membership.role
    told = [person.pk, *managers_of(organisation)]
    membership.delete()
    _require_somebody_to_manage(organisation, was=MembershipRole(role))
    taken_back = Invitation.objects.filter(
        organisation=organisation, invited_by=person, state=InvitationState.OPEN
    ).update(state=InvitationState.REVOKED, ended_by=by, ended_at=at)
    facts = {"person": person.pk, "role": role, "invitations": taken_back}
    trail.record(organisation, action, by=by, at=at, data=facts)
    # Whoever leaves gets it in writing.
    people = told if action == "member_left" else _others(told, by)
    tell(action, organisation, at=at, people=people, person=str(person), by_name=str(by), role=role)


def _as_seen(membership: Membership, seen: str) -> Membership:
    current = Membership.objects.select_related("user").filter(pk=membership.pk, role=seen).first()
    if current is None:
        raise Stale
    return current


def _require_somebody_to_manage(organisation: Organisation, *, was: MembershipRole) -> None:
    """After a change to a member who was `was`: the last representative stays one, and where there never was one,
    the last who files stays."""
    if was == MembershipRole.VIEWER:
        return
    needed = ACTIONS["manage"] if was == MembershipRole.REPRESENTATIVE else ACTING_MEMBERS
    if not organisation.memberships.filter(role__in=needed).exists():
        raise LastToManage


def _is_represented(organisation_id: int) -> bool:
    return Membership.objects.filter(organisation_id=organisation_id, role=MembershipRole.REPRESENTATIVE).exists()


def _others(people: list[int], by: User) -> list[int]:
    return [pk for pk in dict.fromkeys(people) if pk != by.pk]
