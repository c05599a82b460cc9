"""Members and invitations for these tests; the moment is always given."""

from datetime import datetime

from allauth.account.models import EmailAddress

from accounts import inviting
from accounts.models import Invitation, Membership, Organisation, User
from tests.notifications.builders import NOON, person

INVITED = "quang@saomai.example"


def member(company: Organisation, role: str = "representative", email: str = "", name: str = "Trần Thu Hà") -> User:
    """Somebody of the organisation, with a confirmed address."""
    user = confirmed(email or f"{role}-{company.memberships.count()}@saomai.example", name)
    Membership.objects.create(user=user, organisation=company, role=role)
    return user


def confirmed(email: str = INVITED, name: str = "Ngô Đăng Quang") -> User:
    """Somebody who has an account and has confirmed its address."""
    user = person(email, name)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def invitation(
    company: Organisation, *, by: User, email: str = INVITED, role: str = "drafter", at: datetime = NOON
) -> Invitation:
    return inviting.invite(company, email=email, role=role, by=by, at=at)
