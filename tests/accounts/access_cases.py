"""Pages of an organisation: for its members, each as far as their role goes."""

from django.urls import reverse

from accounts.models import Membership, Organisation, User
from tests.access_objects import ObjectUrl, object_url
from tests.accounts.builders import invitation
from tests.notifications.builders import organisation, person


def _company() -> tuple[Organisation, dict[str, User]]:
    """With somebody in each role, and two who are none of its own."""
    company, other = organisation(), organisation(name="Công ty khác", tax_code="9901000001")
    names = ("representative", "drafter", "viewer", "stranger", "newcomer")
    people = {name: person(f"{name}@saomai.example") for name in names}
    for role in names[:3]:
        Membership.objects.create(user=people[role], organisation=company, role=role)
    Membership.objects.create(user=people["stranger"], organisation=other, role="representative")
    return company, people


def _register(name: str, *roles: str, methods: tuple[str, ...] = ("GET", "POST"), what: str = "") -> None:
    def build() -> ObjectUrl:
        company, people = _company()
        arguments = [company.pk]
        if what == "invitation":
            arguments.append(invitation(company, by=people["representative"]).pk)
        elif what == "member":
            arguments.append(people["drafter"].memberships.get().pk)
        admits = [people[role] for role in roles]
        refuses = [user for user in people.values() if user not in admits]
        return ObjectUrl(reverse(name, args=arguments), admits=admits, refuses=refuses, methods=methods)

    object_url(name)(build)


_register("organisation_detail", "representative", "drafter", "viewer", methods=("GET",))
_register("organisation_edit", "representative", "drafter")
_register("invitation_new", "representative")
_register("invitation_resend", "representative", methods=("POST",), what="invitation")
_register("invitation_revoke", "representative", methods=("POST",), what="invitation")
_register("member_role", "representative", what="member")
_register("member_remove", "representative", what="member")
_register("organisation_leave", "representative", "drafter", "viewer", methods=("GET",))
