"""Sends the mails that are due: claimed without doubles, repeated after failures, at least once each."""

import logging
import smtplib
import uuid
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils.translation import gettext as _

from notifications import mail
from notifications.backoff import MAX_ATTEMPTS, wait_after
from notifications.models import Channel, Delivery, DeliveryState

logger = logging.getLogger(__name__)

BATCH = 20
# A worker that dies holds its batch so long. Far more than a batch takes, or it would be sent twice.
LEASE = timedelta(minutes=10)


class ServerSilent(Exception):
    """The mail server cannot be talked to; the rest of the batch need not try."""


def send_due(*, clock: Callable[[], datetime], among: Collection[uuid.UUID] | None = None) -> int:
    """Send every mail that is due, or those `among` the given ones; returns how many the server took.

    Stops when the mail server is silent: what is left is due again later.
    """
    sent = 0
    while batch := claim(at=clock(), among=among):
        connection = get_connection()
        try:
            sent += send(batch, clock=clock, connection=connection)
        except ServerSilent:
            break
        finally:
            _close(connection)
    return sent


def claim(*, at: datetime, limit: int = BATCH, among: Collection[uuid.UUID] | None = None) -> list[Delivery]:
    """Take mails that are due, for the time of the lease; two workers never get the same one."""
    token = uuid.uuid4()
    due = Delivery.objects.due(at=at).filter(channel=Channel.EMAIL)
    if among is not None:
        due = due.filter(pk__in=among)
    with transaction.atomic():
        chosen = due.select_for_update(skip_locked=True).order_by("next_attempt_at", "id").values_list("pk", flat=True)
        # The condition again: SQLite has no row locks, and there it alone keeps two workers apart.
        Delivery.objects.due(at=at).filter(pk__in=list(chosen[:limit])).update(
            state=DeliveryState.CLAIMED, claim=token, next_attempt_at=at + LEASE
        )
    claimed = Delivery.objects.filter(claim=token).select_related("event", "recipient")
    return list(claimed.order_by("happened_at", "id"))


def send(batch: list[Delivery], *, clock: Callable[[], datetime], connection: BaseEmailBackend) -> int:
    """Send claimed mails over one connection and write down what became of each; returns how many were taken.

    Raises ServerSilent after releasing the rest of the batch.
    """
    sent = hung_up = 0
    for position, delivery in enumerate(batch):
        try:
            connection.open()
            mail.compose(delivery, connection=connection).send()
        except Exception as error:
            _write_failure(delivery, error, at=clock())
            _close(connection)
            hung_up += isinstance(error, smtplib.SMTPServerDisconnected)
            if _is_silence(error) or hung_up > 1:
                for other in batch[position + 1 :]:
                    _write_failure(other, error, at=clock())
                raise ServerSilent from error
        else:
            sent += _write_success(delivery, at=clock())
    return sent


def _write_success(delivery: Delivery, *, at: datetime) -> int:
    return _write(delivery, state=DeliveryState.SENT, sent_at=at, attempts=delivery.attempts + 1, last_error="")


def _write_failure(delivery: Delivery, error: Exception, *, at: datetime) -> int:
    attempts = delivery.attempts + 1
    gives_up = attempts >= MAX_ATTEMPTS or _is_final(error)
    logger.warning("mail %s failed (attempt %d): %r", delivery.pk, attempts, error)
    return _write(
        delivery,
        state=DeliveryState.FAILED if gives_up else DeliveryState.PENDING,
        attempts=attempts,
        next_attempt_at=at + wait_after(attempts),
        last_error=_describe(error)[:500],
    )


def _write(delivery: Delivery, **values) -> int:
    """Only for as long as the claim is ours: a worker that overran its lease has nothing to say any more."""
    return Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim).update(claim=None, **values)


def _is_final(error: Exception) -> bool:
    """The server says for good that there is no such mailbox."""
    return isinstance(error, smtplib.SMTPRecipientsRefused) and all(
        500 <= code < 600 for code, _reply in error.recipients.values()
    )


def _is_silence(error: Exception) -> bool:
    """Nobody answers, or the server turned us away as a whole: the next mail would fare the same."""
    if isinstance(error, smtplib.SMTPException):
        return isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError | smtplib.SMTPAuthenticationError)
    return isinstance(error, OSError)


def _describe(error: Exception) -> str:
    """For the officer who reads it at the dossier."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        return _("Máy chủ thư từ chối địa chỉ nhận: %(reply)s") % {"reply": f"{code} {_text(reply)}"}
    if isinstance(error, smtplib.SMTPResponseException):
        reply = f"{error.smtp_code} {_text(error.smtp_error)}"
        return _("Máy chủ thư không nhận thư: %(reply)s") % {"reply": reply}
    if isinstance(error, OSError):
        return _("Không kết nối được máy chủ thư: %(error)s") % {"error": error}
    return _("Lỗi khi soạn hoặc gửi thư: %(error)s") % {"error": f"{type(error).__name__}: {error}"}


def _text(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else str(reply)


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except OSError:
        logger.debug("the mail server was gone before we said goodbye")
