"""What matching learns is for catalogue managers alone."""

from django.urls import reverse

from accounts.models import Role, User
from catalogs.models import Evaluation
from tests import factories
from tests.access_objects import ObjectUrl, object_url
from tests.factories import NOW


def _manager() -> User:
    return factories.StaffFactory(role=Role.CATALOGUE_MANAGER)


def _others() -> list[User]:
    officials = [factories.StaffFactory(role=role) for role in Role if role != Role.CATALOGUE_MANAGER]
    return [*officials, factories.DossierFactory().created_by]


@object_url("evaluation_detail")
def _evaluation() -> ObjectUrl:
    manager = _manager()
    evaluation = Evaluation.objects.create(
        configuration="x",
        requested_by=manager,
        requested_at=NOW,
        finished_at=NOW,
        evidence_count=1,
        alias_count=0,
        figures={"rows": [], "changed": []},
    )
    return ObjectUrl(reverse("evaluation_detail", args=[evaluation.pk]), admits=[manager], refuses=_others())


@object_url("item_aliases")
def _aliases() -> ObjectUrl:
    catalogue = factories.CatalogueFactory()
    return ObjectUrl(reverse("item_aliases", args=[catalogue.slug, "1.8"]), admits=[_manager()], refuses=_others())


@object_url("item_aliases: restricted")
def _restricted() -> ObjectUrl:
    catalogue = factories.CatalogueFactory(restricted=True)
    path = reverse("item_aliases", args=[catalogue.slug, "1.8"])
    return ObjectUrl(path, admits=[], refuses=[_manager()])


@object_url("alias_retire")
def _retire() -> ObjectUrl:
    catalogue = factories.CatalogueFactory()
    path = reverse("alias_retire", args=[catalogue.slug, "1.8"])
    return ObjectUrl(path, admits=[_manager()], refuses=_others(), methods=("POST",))
