"""What is known of the files that were sent, and who may open which. `intake.scanning` finds it out.

Where no scanner is configured every file may be opened, except one in which something was found before. Where one is,
the office opens nothing that is not known to be clean. The applicant's own files stay open to it meanwhile; of what
the office sends it the same holds as for the office.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from intake import clamd, tasks
from intake.models import UNSCANNED, Attachment, FileScan, MessageFile, ScanState
from notifications import outbox


@dataclass(frozen=True)
class Shown:
    """What the page of one side says of a file."""

    state: ScanState
    opens: bool

    @property
    def infected(self) -> bool:
        return self.state == ScanState.INFECTED

    @property
    def tone(self) -> str:
        """The class of its tag."""
        return {ScanState.WAITING: "info", ScanState.FAILED: "warn", ScanState.INFECTED: "late"}.get(self.state, "")


def ask(kept: Attachment | MessageFile, *, at: datetime) -> None:
    """Have a new file scanned, if a scanner is configured: in the transaction that keeps it."""
    if not clamd.is_configured():
        return
    scan = FileScan.objects.create(**FileScan.of(kept), asked_at=at, next_attempt_at=at)
    transaction.on_commit(lambda: outbox.wake(tasks.scan_file, scan.pk), robust=True)


def shown(kept: Attachment | MessageFile, *, own: bool) -> Shown:
    """What a page says of it; `own`: to people of the applicant, of a file that their side sent. `scan` is read."""
    scan = getattr(kept, "scan", None)
    return _shown(scan.state if scan else "", own=own)


def of_attachments(dossier_id: int, ids: Collection[str], *, own: bool) -> dict[str, Shown]:
    """The same by the ids that a filing names; one query, none without ids."""
    rows = FileScan.objects.filter(attachment__dossier=dossier_id).order_by("pk").values_list("attachment", "state")
    return by_id({str(pk): state for pk, state in rows} if ids else {}, ids, own=own)


def by_id(states: Mapping[str, str], ids: Collection[str], *, own: bool) -> dict[str, Shown]:
    """The same, where the states of the scans that there are were read already."""
    return {pk: _shown(states.get(pk, ""), own=own) for pk in ids}


def _shown(row: str, *, own: bool) -> Shown:
    state = ScanState(row or ScanState.WAITING)
    if state in UNSCANNED and not clamd.is_configured():
        state = ScanState.OFF
    opens = state in (ScanState.CLEAN, ScanState.OFF) or (own and state != ScanState.INFECTED)
    return Shown(state, opens)
