"""Inviting a colleague into an organisation, by a link that goes to an address and to nobody else.

Whether somebody has an account under the address, neither the inviter nor a page is told: what happens and what is
said is the same, and accepting takes an account that has confirmed the address.
"""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import membership
from accounts.models import Invitation, InvitationState, Membership, Organisation, User
from accounts.telling import tell
from audit import trail

VALID = timedelta(days=14)
# A mail on its way is given so long before it is sent again.
PAUSE = timedelta(minutes=10)
# Somebody else's mailbox gets these, so an organisation sends no more than an office would.
MOST_OPEN = 50
MOST_A_DAY = 100


class CannotInvite(Exception):
    """`field` is the one of the form that it is about; empty: none."""

    def __init__(self, field: str, message: object) -> None:
        super().__init__(message)
        self.field = field


class CannotAnswer(Exception):
    """The invitation cannot be accepted or declined by this person; the text says why."""


class Ended(CannotAnswer):
    def __init__(self, invitation: Invitation) -> None:
        texts = {
            InvitationState.OPEN: _("Lời mời này đã hết hạn."),
            InvitationState.ACCEPTED: _("Lời mời này đã được chấp nhận."),
            InvitationState.DECLINED: _("Lời mời này đã bị từ chối."),
            InvitationState.REVOKED: _("Lời mời này đã được thu hồi."),
        }
        super().__init__(texts[InvitationState(invitation.state)])


def open_in(organisation: Organisation) -> list[Invitation]:
    """Those that wait for an answer or have expired without one, the newest first. One query."""
    found = organisation.invitations.filter(state=InvitationState.OPEN).select_related("invited_by")
    return list(found.order_by("-invited_at", "-pk"))


def waiting_for(user: User, *, at: datetime) -> QuerySet[Invitation]:
    """Those that the person can answer now: sent to an address that they have confirmed."""
    addresses = EmailAddress.objects.filter(user=user, verified=True).values("email")
    found = Invitation.objects.filter(email__in=addresses, state=InvitationState.OPEN, expires_at__gt=at)
    return found.select_related("organisation", "invited_by").order_by("-invited_at", "-pk")


@transaction.atomic
def invite(organisation: Organisation, *, email: str, role: str, by: User, at: datetime) -> Invitation:
    """Raises membership.NotAllowed, CannotInvite."""
    organisation = membership.lock(organisation.pk, "manage", by=by)
    email = email.lower()
    if organisation.memberships.filter(user__email__iexact=email).exists():
        raise CannotInvite("email", _("Người có địa chỉ này đã là thành viên của đơn vị."))
    earlier = organisation.invitations.filter(email=email, state=InvitationState.OPEN)
    if earlier.filter(expires_at__gt=at).exists():
        raise CannotInvite("email", _("Địa chỉ này đã được mời. Bạn gửi lại được thư mời ở trang của đơn vị."))
    earlier.update(state=InvitationState.REVOKED, ended_by=by, ended_at=at)
    _require_moderation(organisation, at=at)
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=email,
        role=role,
        invited_by=by,
        invited_at=at,
        mailed_at=at,
        expires_at=at + VALID,
    )
    # The trail keeps no address: it can never be taken out again.
    trail.record(organisation, "member_invited", by=by, at=at, data={"invitation": invitation.pk, "role": role})
    _mail(invitation, at=at)
    people = [pk for pk in membership.managers_of(organisation) if pk != by.pk]
    if people:
        tell("member_invited", organisation, at=at, people=people, person=email, role=role, by_name=str(by))
    return invitation


@transaction.atomic
def resend(invitation: Invitation, *, by: User, at: datetime) -> Invitation:
    """Send the mail again, with time enough to answer. Raises membership.NotAllowed, Ended, CannotInvite."""
    organisation = membership.lock(invitation.organisation_id, "manage", by=by)
    invitation = _locked(invitation)
    if invitation.state != InvitationState.OPEN:
        raise Ended(invitation)
    if at < invitation.mailed_at + PAUSE:
        raise CannotInvite("", _("Thư mời vừa được gửi. Hãy đợi ít nhất 10 phút rồi gửi lại."))
    invitation.mailed_at, invitation.expires_at = at, at + VALID
    invitation.save(update_fields=["mailed_at", "expires_at"])
    trail.record(organisation, "invitation_resent", by=by, at=at, data={"invitation": invitation.pk})
    _mail(invitation, at=at)
    return invitation


@transaction.atomic
def revoke(invitation: Invitation, *, by: User, at: datetime) -> Invitation:
    """Once more changes nothing. Raises membership.NotAllowed, Ended."""
    organisation = membership.lock(invitation.organisation_id, "manage", by=by)
    invitation = _locked(invitation)
    if invitation.state == InvitationState.REVOKED:
        return invitation
    if invitation.state != InvitationState.OPEN:
        raise Ended(invitation)
    _end(invitation, InvitationState.REVOKED, by=by, at=at)
    trail.record(organisation, "invitation_revoked", by=by, at=at, data={"invitation": invitation.pk})
    people = [pk for pk in membership.managers_of(organisation) if pk != by.pk]
    facts = {"person": invitation.email, "by_name": str(by)}
    tell("invitation_revoked", organisation, at=at, people=people, invitation=invitation.pk, **facts)
    return invitation


@transaction.atomic
def accept(invitation: Invitation, *, by: User, at: datetime) -> Organisation:
    """Whoever confirmed the invited address becomes a member. Once more changes nothing. Raises CannotAnswer."""
    organisation = Organisation.objects.select_for_update().get(pk=invitation.organisation_id)
    invitation = _locked(invitation)
    if invitation.state == InvitationState.ACCEPTED and invitation.ended_by_id == by.pk:
        return organisation
    require_may_answer(invitation, by=by, at=at)
    # Who got in by another way meanwhile keeps what they are.
    joined, _created = Membership.objects.get_or_create(
        user=by, organisation=organisation, defaults={"role": invitation.role}
    )
    _end(invitation, InvitationState.ACCEPTED, by=by, at=at)
    data = {"invitation": invitation.pk, "person": by.pk, "role": joined.role}
    trail.record(organisation, "member_joined", by=by, at=at, data=data)
    people = _inviter_and_managers(organisation, invitation, by=by)
    tell("member_joined", organisation, at=at, people=people, person=str(by), role=joined.role)
    return organisation


@transaction.atomic
def decline(invitation: Invitation, *, by: User, at: datetime) -> None:
    """Once more changes nothing. Raises CannotAnswer."""
    organisation = Organisation.objects.select_for_update().get(pk=invitation.organisation_id)
    invitation = _locked(invitation)
    if invitation.state == InvitationState.DECLINED and invitation.ended_by_id == by.pk:
        return
    require_may_answer(invitation, by=by, at=at)
    _end(invitation, InvitationState.DECLINED, by=by, at=at)
    trail.record(organisation, "invitation_declined", by=by, at=at, data={"invitation": invitation.pk})
    people = _inviter_and_managers(organisation, invitation, by=by)
    tell("invitation_declined", organisation, at=at, people=people, person=invitation.email)


def require_may_answer(invitation: Invitation, *, by: User, at: datetime) -> None:
    """Raises CannotAnswer."""
    if invitation.state != InvitationState.OPEN or invitation.expires_at <= at:
        raise Ended(invitation)
    if by.is_staff_member():
        raise CannotAnswer(_("Tài khoản của cán bộ cơ quan không tham gia đơn vị nộp hồ sơ."))
    if not EmailAddress.objects.filter(user=by, email__iexact=invitation.email, verified=True).exists():
        raise CannotAnswer(
            _(
                "Lời mời gửi tới %(invited)s, còn bạn đang đăng nhập bằng %(mine)s. "
                "Hãy đăng xuất rồi mở lại liên kết này."
            )
            % {"invited": invitation.email, "mine": by.email}
        )


def _require_moderation(organisation: Organisation, *, at: datetime) -> None:
    if organisation.invitations.filter(state=InvitationState.OPEN).count() >= MOST_OPEN:
        raise CannotInvite("", _("Đơn vị đang có quá nhiều lời mời chưa trả lời. Hãy thu hồi bớt rồi mời tiếp."))
    if organisation.invitations.filter(invited_at__gt=at - timedelta(days=1)).count() >= MOST_A_DAY:
        raise CannotInvite("", _("Đơn vị đã gửi quá nhiều lời mời trong một ngày. Hãy mời tiếp vào ngày mai."))


def _locked(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)


def _end(invitation: Invitation, state: InvitationState, *, by: User, at: datetime) -> None:
    invitation.state, invitation.ended_by, invitation.ended_at = state, by, at
    invitation.save(update_fields=["state", "ended_by", "ended_at"])


def _mail(invitation: Invitation, *, at: datetime) -> None:
    facts = {"role": invitation.role, "by_name": str(invitation.invited_by), "due": invitation.expires_at.isoformat()}
    tell("invitation_sent", invitation.organisation, at=at, invitation=invitation.pk, **facts)


def _inviter_and_managers(organisation: Organisation, invitation: Invitation, *, by: User) -> list[int]:
    """Those who look after the organisation, and the inviter, if still a member."""
    people = dict.fromkeys(membership.managers_of(organisation))
    if organisation.memberships.filter(user=invitation.invited_by_id).exists():
        people[invitation.invited_by_id] = None
    return [pk for pk in people if pk != by.pk]
