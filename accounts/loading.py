"""Which organisation an address means. Another's is a 404, and so is what one's role does not open."""

from django.http import Http404

from accounts.membership import Standing, standing_of
from accounts.models import User


def for_action(user: User, organisation_id: int, action: str) -> Standing:
    """What the person is to the organisation, whose membership has it."""
    standing = standing_of(user, organisation_id)
    if standing is None or not standing.may(action):
        raise Http404
    return standing
