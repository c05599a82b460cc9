"""Who is told of an enquiry: its asker, and the officers who may answer it."""

from django.urls import reverse

from accounts.models import Role, User
from catalogs.enquiries import faq
from catalogs.models import Enquiry, UnconfirmedEnquiry
from notifications import recipients
from notifications.models import Event
from notifications.recipients import Recipient

# Everybody in these roles may answer; to these alone it is announced.
ANNOUNCED_TO = (Role.SPECIALIST, Role.HEAD_OF_UNIT)


def register() -> None:
    recipients.register("enquiry_to_confirm", visitor)
    recipients.register("enquiry_received", asker)
    recipients.register("enquiry_answered", asker)
    recipients.register("enquiry_arrived", officers)
    recipients.register("faq_proposed", publishers)


def visitor(event: Event) -> list[Recipient]:
    """Nobody, if it was confirmed or forgotten meanwhile."""
    waiting = UnconfirmedEnquiry.objects.filter(pk=event.subject_id).order_by("pk")
    return [Recipient(None, reverse("enquiry_follow", args=[one.key]), address=one.email) for one in waiting]


def asker(event: Event) -> list[Recipient]:
    enquiry = Enquiry.objects.select_related("asker").get(pk=event.subject_id)
    if enquiry.asker:
        return [Recipient(enquiry.asker, reverse("enquiry_detail", args=[enquiry.public_id]))]
    url = reverse("enquiry_follow", args=[enquiry.follow_key])
    return [Recipient(None, url, address=enquiry.email)]


def officers(event: Event) -> list[Recipient]:
    enquiry = Enquiry.objects.get(pk=event.subject_id)
    people = User.objects.filter(role_assignments__role__in=ANNOUNCED_TO, is_active=True).distinct()
    url = reverse("enquiry_work", args=[enquiry.public_id])
    return [Recipient(person, url) for person in people.order_by("pk") if person.pk != enquiry.asker_id]


def publishers(event: Event) -> list[Recipient]:
    """Those whose role allows it and who had no hand in the text."""
    enquiry = Enquiry.objects.get(pk=event.subject_id)
    people = User.objects.filter(role_assignments__role__in=faq.PUBLISHING, is_active=True).distinct()
    url = reverse("faq_edit", args=[enquiry.public_id])
    had_a_hand = faq.editors(enquiry)
    return [Recipient(person, url) for person in people.order_by("pk") if person.pk not in had_a_hand]
