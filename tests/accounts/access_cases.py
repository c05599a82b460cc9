from django.urls import reverse

from accounts.models import Membership
from tests.access_objects import ObjectUrl, object_url
from tests.notifications.builders import organisation, person


@object_url("organisation_edit")
def organisation_edit() -> ObjectUrl:
    company = organisation()
    owner, viewer, stranger = (person(f"{name}@saomai.example") for name in ("ha", "xem", "la"))
    Membership.objects.create(user=owner, organisation=company, role="representative")
    Membership.objects.create(user=viewer, organisation=company, role="viewer")
    return ObjectUrl(reverse("organisation_edit", args=[company.pk]), admits=[owner], refuses=[viewer, stranger])
