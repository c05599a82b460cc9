"""An e-mail of a delivery: text, subject and a Message-ID that stays the same however often it is sent."""

from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from notifications import texts
from notifications.models import Delivery

# A subject is read on a telephone.
LONGEST_SUBJECT = 150


def message_id(delivery: Delivery) -> str:
    return f"<{delivery.pk}@{_host()}>"


def compose(delivery: Delivery, *, connection: BaseEmailBackend | None = None) -> EmailMessage:
    """The mail of a delivery, in the language of its recipient; `delivery.event` and `.recipient` are read."""
    subject = " ".join(texts.render(delivery, "subject").split())
    if len(subject) > LONGEST_SUBJECT:
        subject = subject[: LONGEST_SUBJECT - 1].rstrip() + "…"
    event = delivery.event
    return EmailMessage(
        subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{subject}",
        body=texts.render(delivery, "mail"),
        to=[_address(delivery)],
        headers={
            "Message-ID": message_id(delivery),
            # Mail programs then show the mails about one dossier together.
            "References": f"<{event.subject_type}.{event.subject_id}@{_host()}>",
            "Auto-Submitted": "auto-generated",
        },
        connection=connection,
    )


def _address(delivery: Delivery) -> str:
    name = " ".join(delivery.recipient.full_name.split()) if delivery.recipient else ""
    return formataddr((name, delivery.mailbox())) if name else delivery.mailbox()


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"
