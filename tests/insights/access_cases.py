"""Figures over all dossiers: for the office, whatever the role."""

from django.urls import reverse

from accounts.models import Role
from catalogs.models import Programme
from tests import factories
from tests.access_objects import ObjectUrl, object_url


@object_url("programme_indicators")
def _programme() -> ObjectUrl:
    programme = Programme.objects.create(slug="cong-nghe-cao-2030", title="Chương trình công nghệ cao")
    return ObjectUrl(
        reverse("programme_indicators", args=[programme.slug]),
        admits=[factories.StaffFactory(role=role) for role in Role],
        refuses=[factories.DossierFactory().created_by],
        methods=("GET",),
    )
