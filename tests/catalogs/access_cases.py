"""The pages of a draft: for managers; of a restricted one for those with clearance alone."""

from django.urls import reverse

from accounts.models import Role
from tests import factories
from tests.access_objects import ObjectUrl, object_url
from tests.managing import builders

GET, BOTH = ("GET",), ("GET", "POST")


def _register(name: str, *, methods: tuple[str, ...] = BOTH, **arguments: str) -> None:
    def plain() -> ObjectUrl:
        manager = builders.manager()
        draft = builders.draft(by=manager)
        path = reverse(name, kwargs={"slug": draft.slug, **arguments})
        others = [factories.StaffFactory(role=role) for role in Role if role != Role.CATALOGUE_MANAGER]
        return ObjectUrl(path, admits=[manager], refuses=[*others, factories.UserFactory()], methods=methods)

    def restricted() -> ObjectUrl:
        cleared = builders.manager(cleared=True)
        before = builders.published(
            by=cleared, publisher=builders.manager(cleared=True), restricted=True, replaces=None
        )
        draft = builders.draft(
            by=cleared,
            restricted=True,
            replaces=before,
            effective_from=builders.LATER,
            instrument=builders.new_instrument(number="13/2027/TT-BKHCN"),
            content=builders.CONTENT.replace("\t4.1", "\t2.1"),
        )
        path = reverse(name, kwargs={"slug": draft.slug, **arguments, **({"code": "2.1"} if arguments else {})})
        auditor = factories.StaffFactory(role=Role.CLEARED)
        return ObjectUrl(path, admits=[cleared], refuses=[builders.manager(), auditor], methods=methods)

    object_url(name)(plain)
    object_url(f"{name}: restricted")(restricted)


_register("managing_list", methods=GET)
_register("managing_details")
_register("managing_content")
_register("managing_links")
_register("managing_link", code="4.2")
_register("managing_comparison", methods=GET)
_register("managing_propose")
_register("managing_send_back")
_register("managing_publish")
_register("managing_delete")


@object_url("managing_template")
def _template() -> ObjectUrl:
    others = [factories.StaffFactory(role=role) for role in Role if role != Role.CATALOGUE_MANAGER]
    path = reverse("managing_template", args=["csv"])
    return ObjectUrl(path, admits=[builders.manager()], refuses=[*others, factories.UserFactory()], methods=GET)
