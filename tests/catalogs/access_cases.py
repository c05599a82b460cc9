"""The pages of a draft and of what matching learns: for managers; of a restricted list only with clearance."""

from django.urls import reverse

from accounts.models import Role, User
from catalogs.enquiries import answering, faq
from catalogs.models import Evaluation
from tests import factories
from tests.access_objects import ObjectUrl, object_url
from tests.enquiries import builders as enquiries
from tests.factories import NOW
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


@object_url("enquiry_detail")
def _enquiry() -> ObjectUrl:
    one = enquiries.enquiry()
    others = [factories.member_of(one.organisation), factories.UserFactory(), factories.StaffFactory()]
    return ObjectUrl(reverse("enquiry_detail", args=[one.public_id]), admits=[one.asker], refuses=others, methods=GET)


@object_url("enquiry_work")
def _enquiry_at_the_desk() -> ObjectUrl:
    one = enquiries.enquiry()
    readers = [factories.StaffFactory(role=role) for role in answering.READING]
    others = [factories.StaffFactory(role=role) for role in Role if role not in answering.READING]
    return ObjectUrl(
        reverse("enquiry_work", args=[one.public_id]), admits=readers, refuses=[*others, one.asker], methods=BOTH
    )


@object_url("faq_edit")
def _faq_edit() -> ObjectUrl:
    one = enquiries.answered(enquiries.enquiry()).enquiry
    officers = [factories.StaffFactory(role=role) for role in answering.ANSWERING]
    others = [factories.StaffFactory(role=role) for role in Role if role not in answering.ANSWERING]
    path = reverse("faq_edit", args=[one.public_id])
    return ObjectUrl(path, admits=officers, refuses=[*others, one.asker], methods=BOTH)


@object_url("faq_edit: not answered")
def _faq_edit_too_early() -> ObjectUrl:
    one = enquiries.enquiry()
    officers = [factories.StaffFactory(role=role) for role in answering.ANSWERING]
    return ObjectUrl(reverse("faq_edit", args=[one.public_id]), admits=[], refuses=officers, methods=BOTH)


@object_url("faq_withdraw")
def _faq_withdraw() -> ObjectUrl:
    entry = enquiries.published()
    publishers = [factories.StaffFactory(role=role) for role in faq.PUBLISHING]
    others = [factories.StaffFactory(role=role) for role in Role if role not in faq.PUBLISHING]
    path = reverse("faq_withdraw", args=[entry.pk])
    return ObjectUrl(path, admits=publishers, refuses=[*others, entry.enquiry.asker], methods=BOTH)
