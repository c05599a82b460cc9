"""Who is told of what happens to a draft: the others when it awaits publication, its preparers when it was decided."""

from django.urls import reverse

from accounts.models import Role, User
from catalogs.managing.states import preparers
from catalogs.models import Catalogue
from notifications import recipients
from notifications.models import Event
from notifications.recipients import Recipient


def register() -> None:
    recipients.register("catalogue_proposed", others)
    recipients.register("catalogue_sent_back", those_who_prepared)
    recipients.register("catalogue_published", those_who_prepared)


def others(event: Event) -> list[Recipient]:
    """The managers who may publish it."""
    catalogue = _catalogue(event)
    if catalogue is None:
        return []
    return _told(catalogue, set(_managers(catalogue)) - preparers(catalogue))


def those_who_prepared(event: Event) -> list[Recipient]:
    catalogue = _catalogue(event)
    if catalogue is None:
        return []
    return _told(catalogue, preparers(catalogue) & set(_managers(catalogue)))


def _catalogue(event: Event) -> Catalogue | None:
    """None: the draft was deleted meanwhile, and there is nothing to tell of."""
    return Catalogue.objects.filter(pk=event.subject_id).first()


def _managers(catalogue: Catalogue) -> list[int]:
    people = User.objects.filter(role_assignments__role=Role.CATALOGUE_MANAGER, is_active=True)
    if catalogue.restricted:
        people = people.filter(pk__in=User.objects.filter(role_assignments__role=Role.CLEARED).values("pk"))
    return list(people.order_by("pk").values_list("pk", flat=True))


def _told(catalogue: Catalogue, people: set[int]) -> list[Recipient]:
    url = reverse("managing_list", args=[catalogue.slug])
    return [Recipient(person, url) for person in User.objects.filter(pk__in=people).order_by("pk")]
