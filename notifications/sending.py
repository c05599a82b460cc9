"""Sends the mails that are due: claimed without doubles, repeated after failures, at least once each."""

import logging
import smtplib
import uuid
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import models, transaction
from django.utils.translation import gettext as _

from notifications import mail
from notifications.backoff import MAX_ATTEMPTS, wait_after
from notifications.models import Channel, Delivery, DeliveryState

logger = logging.getLogger(__name__)

BATCH = 20
# What was sent is written down after so many: a worker that is killed repeats no more than these.
WRITTEN_AFTER = 10
# A worker that dies holds its batch so long.
LEASE = timedelta(minutes=10)
# One that lives renews its claim before the next mail once it is so old. So a mail has nine minutes, and the dozen
# steps of SMTP, 15 s at most each, take a third of that; a batch may take as long as it likes.
RENEWED_AFTER = timedelta(minutes=1)


class ServerSilent(Exception):
    """The mail server cannot be talked to; the rest of the batch need not try."""


def send_made(mails: list[Delivery], *, clock: Callable[[], datetime]) -> int:
    """Send mails that were just made: those that came claimed at once, the others as they can be claimed."""
    token = next((mail.claim for mail in mails if mail.claim), None)
    sent = 0
    if token:
        try:
            sent = _send_batch(_claimed(token), clock=clock)
        except ServerSilent:
            return 0
    others = [mail.pk for mail in mails if not mail.claim]
    return sent + (send_due(clock=clock, among=others) if others else 0)


def send_due(*, clock: Callable[[], datetime], among: Collection[uuid.UUID] | None = None) -> int:
    """Send every mail that is due, or those `among` the given ones; returns how many the server took.

    Stops when the mail server is silent: what is left is due again later.
    """
    sent = 0
    while batch := claim(at=clock(), among=among):
        try:
            sent += _send_batch(batch, clock=clock)
        except ServerSilent:
            break
    return sent


def _send_batch(batch: list[Delivery], *, clock: Callable[[], datetime]) -> int:
    connection = get_connection()
    try:
        return send(batch, clock=clock, connection=connection)
    finally:
        _close(connection)


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
    return _claimed(token)


def _claimed(token: uuid.UUID) -> list[Delivery]:
    claimed = Delivery.objects.filter(claim=token).select_related("event", "recipient")
    return list(claimed.order_by("happened_at", "id"))


class _Hold:
    """What a worker holds of its batch; renewed in time, so that no other worker takes it meanwhile."""

    def __init__(self, batch: list[Delivery]) -> None:
        self.ours = {delivery.pk for delivery in batch}
        self.ends_at = min(delivery.next_attempt_at for delivery in batch)

    def covers(self, delivery: Delivery, *, at: datetime) -> bool:
        """Whether the mail is still ours to send; not if we were held up so long that another worker has it."""
        if at >= self.ends_at - LEASE + RENEWED_AFTER:
            self.ends_at = at + LEASE
            held = Delivery.objects.filter(claim=delivery.claim)
            held.update(next_attempt_at=self.ends_at)
            self.ours = set(held.values_list("pk", flat=True))
        return delivery.pk in self.ours


def send(batch: list[Delivery], *, clock: Callable[[], datetime], connection: BaseEmailBackend) -> int:
    """Send claimed mails over one connection and write down what became of each; returns how many were taken.

    Raises ServerSilent after releasing the rest of the batch.
    """
    sent = hung_up = 0
    taken: list[Delivery] = []
    if not batch:
        return 0
    hold = _Hold(batch)
    try:
        for position, delivery in enumerate(batch):
            if not hold.covers(delivery, at=clock()):
                continue
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
                taken.append(delivery)
                if len(taken) == WRITTEN_AFTER:
                    sent += _write_success(taken, at=clock())
                    taken = []
    finally:
        sent += _write_success(taken, at=clock())
    return sent


def _write_success(taken: list[Delivery], *, at: datetime) -> int:
    """Like `_write`, for mails of one claim at once."""
    if not taken:
        return 0
    ours = Delivery.objects.filter(pk__in=[delivery.pk for delivery in taken], claim=taken[0].claim)
    return ours.update(
        claim=None, state=DeliveryState.SENT, sent_at=at, attempts=models.F("attempts") + 1, last_error=""
    )


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
