"""A draft that becomes restricted: what was written about it while everybody who manages lists might know of it."""

from django.urls import reverse

from accounts.models import Role, User
from audit.models import subject_type_of
from catalogs.models import Catalogue
from notifications.models import Delivery, Event, Job

# What an event about a restricted list may say; see publishing._context.
SAID = ("by_name",)


def hide(catalogue: Catalogue) -> None:
    """In the caller's transaction: who may not know of it loses what they were told, and the rest names nothing.

    A mail that has left, or that a worker has in its hands at this moment, is not called back.
    """
    events = Event.objects.filter(subject_type=subject_type_of(catalogue), subject_id=str(catalogue.pk))
    # First the events, which waits for a worker that is just looking up whom to tell; then what it wrote.
    for event in events.order_by("pk"):
        event.context = {key: value for key, value in event.context.items() if key in SAID}
        event.save(update_fields=["context"])
    told = Delivery.objects.filter(event__in=events)
    cleared = User.objects.filter(role_assignments__role=Role.CLEARED)
    told.exclude(recipient__in=cleared).delete()
    # The address that it had holds its number.
    told.update(url=reverse("managing_list", args=[catalogue.slug]))
    # As jobs about restricted lists are started: only the cleared follow them, not even whoever asked for one.
    Job.objects.filter(arguments__catalogue=catalogue.pk).update(role=Role.CLEARED)
