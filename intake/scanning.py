"""Scans the files that were sent: claimed without doubles, repeated after failures until each is known."""

import hashlib
import logging
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import IO, Any

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext as _

from audit import trail
from intake import clamd
from intake.filing import was_filed
from intake.models import Attachment, FileScan, FileScanQuerySet, MessageFile, ScanState, Side
from intake.states import State
from notifications import outbox
from notifications.backoff import wait_after

logger = logging.getLogger(__name__)

# A worker that dies holds a file so long; one that lives is done after HOSO_SCAN_SECONDS, five minutes at most.
LEASE = timedelta(minutes=10)
# A scanner that was away is asked again soon after it has come back.
LONGEST_WAIT = timedelta(minutes=15)
# Of one sweep, so that the worker stays free for other tasks.
SWEEP_TIME = timedelta(minutes=3)
SWEEP_SIZE = 200
# Administrators are told when a file has failed for so long, and again while it goes on.
ALERT_AFTER = timedelta(minutes=30)
ALERT_AGAIN = timedelta(hours=12)
_READ = ("attachment__dossier__organisation", "message_file__message__dossier__organisation")


def scan_one(scan_id: str, *, clock: Callable[[], datetime]) -> None:
    """Scan a file if it is due."""
    if clamd.is_configured() and (scan := _claim(FileScan.objects.filter(pk=scan_id), at=clock())):
        _scan(scan, clock=clock)


def sweep(*, clock: Callable[[], datetime]) -> int:
    """Scan what is due, and tell the administrators if that fails for long; returns how many files were tried.

    Stops when the scanner cannot be reached: what is left is due again later.
    """
    if not clamd.is_configured():
        return 0
    started = clock()
    tried = 0
    while tried < SWEEP_SIZE and clock() - started < SWEEP_TIME:
        scan = _claim(FileScan.objects.all(), at=clock())
        if scan is None:
            break
        tried += 1
        if not _scan(scan, clock=clock):
            break
    _alert(at=clock())
    return tried


def enlist(*, clock: Callable[[], datetime]) -> int:
    """Ask for the files that nobody asked about, from before a scanner was configured; returns how many."""
    if not clamd.is_configured():
        return 0
    started, enlisted = clock(), 0
    kinds: tuple[models.QuerySet[Any], ...] = (Attachment.objects.all(), MessageFile.objects.all())
    for files in kinds:
        last = uuid.UUID(int=0)
        while clock() - started < SWEEP_TIME:
            unknown = list(files.filter(scan=None, pk__gt=last).order_by("pk")[:SWEEP_SIZE])
            if not unknown:
                break
            at, last = clock(), unknown[-1].pk
            scans = [FileScan(**FileScan.of(kept), asked_at=at, next_attempt_at=at) for kept in unknown]
            FileScan.objects.bulk_create(scans, ignore_conflicts=True)
            enlisted += len(scans)
    return enlisted


def _claim(among: FileScanQuerySet, *, at: datetime) -> FileScan | None:
    """Take the file that has been due longest, for the time of the lease; two workers never get the same one."""
    token = uuid.uuid4()
    with transaction.atomic():
        chosen = among.due(at=at).select_for_update(skip_locked=True)
        pk = chosen.order_by("next_attempt_at", "id").values_list("pk", flat=True).first()
        # The condition again: SQLite has no row locks, and there it alone keeps two workers apart.
        if pk is not None:
            FileScan.objects.due(at=at).filter(pk=pk).update(claim=token, next_attempt_at=at + LEASE)
    return FileScan.objects.select_related(*_READ).filter(claim=token).first()


def _scan(scan: FileScan, *, clock: Callable[[], datetime]) -> bool:
    """Scan a claimed file and write down what came of it. False if the scanner could not be reached."""
    try:
        found = _look(scan.kept())
    except clamd.Silent as error:
        _write_failure(scan, error, at=clock())
        return False
    except Exception as error:  # whatever the store of files raises; the next file may fare better
        _write_failure(scan, error, at=clock())
    else:
        _write_finding(scan, found, at=clock())
    return True


def _look(kept: Attachment | MessageFile) -> str:
    """What is found in the bytes that are kept. Raises NotScanned, and what the store raises."""
    at = clamd.address_of(settings.CLAMD)
    digest = hashlib.sha256()
    with kept.file.open("rb") as opened:
        found = clamd.scan(_read(opened, digest), at=at, seconds=settings.SCAN_SECONDS)
    if not found and digest.hexdigest() != kept.sha256:
        raise clamd.NotScanned(_("Tệp trong kho không còn là tệp đã nhận."))
    return found


def _read(opened: IO[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    while chunk := opened.read(clamd.CHUNK):
        digest.update(chunk)
        yield chunk


def _write_failure(scan: FileScan, error: Exception, *, at: datetime) -> None:
    attempts = scan.attempts + 1
    logger.warning("file %s could not be scanned (attempt %d): %r", scan.kept().pk, attempts, error)
    text = str(error) if isinstance(error, clamd.NotScanned) else f"{type(error).__name__}: {error}"
    _ours(scan).update(
        state=ScanState.FAILED,
        claim=None,
        attempts=min(attempts, 1000),
        next_attempt_at=at + min(wait_after(attempts), LONGEST_WAIT),
        failing_since=scan.failing_since or at,
        last_error=text[:500],
    )


@transaction.atomic
def _write_finding(scan: FileScan, found: str, *, at: datetime) -> None:
    written = _ours(scan).update(
        state=ScanState.INFECTED if found else ScanState.CLEAN,
        claim=None,
        attempts=models.F("attempts") + 1,
        failing_since=None,
        last_error="",
        ended_at=at,
        found=found,
    )
    if written and found:
        _tell(scan, found, at=at)


def _ours(scan: FileScan) -> models.QuerySet[FileScan]:
    """Only for as long as the claim is ours: a worker that overran its lease has nothing to say any more."""
    return FileScan.objects.filter(pk=scan.pk, claim=scan.claim)


def _tell(scan: FileScan, found: str, *, at: datetime) -> None:
    """Whoever sent the file, and the office if it has it."""
    kept, dossier = scan.kept(), scan.dossier()
    logger.error("file %s of dossier %s is infected: %s", kept.pk, dossier.public_id, ascii(found))
    data = {"name": kept.name, "sha256": kept.sha256, "found": found}
    trail.record(dossier, "file_infected", by=None, at=at, data=data)
    context = {
        "code": dossier.code,
        "title": dossier.title,
        "organisation": dossier.organisation.name,
        "file": kept.name,
    }
    by_office = isinstance(kept, MessageFile) and kept.message.side == Side.OFFICE
    if not by_office:
        outbox.enqueue("file_infected", dossier, at=at, context=context)
    if dossier.state != State.DRAFT and (isinstance(kept, MessageFile) or was_filed(kept)):
        outbox.enqueue("file_infected_staff", dossier, at=at, context=context)


@transaction.atomic
def _alert(*, at: datetime) -> None:
    """Tell the administrators of files that have failed for long: once, and again while it goes on."""
    stuck = FileScan.objects.failing_before(at - ALERT_AFTER)
    first = stuck.order_by("failing_since", "id").first()
    if first is None or stuck.filter(alerted_at__gt=at - ALERT_AGAIN).exists():
        return
    number = stuck.update(alerted_at=at)
    since = first.failing_since or at
    context = {"number": number, "day": since.isoformat(), "reason": first.last_error}
    outbox.enqueue("scanning_fails", first, at=at, context=context)
