"""The record of who did what: append-only, and chained by hash so that a change shows.

One chain runs through all entries. Its head is a row that `record` locks, so entries get their numbers
in the order of their commits and without a gap; call `record` late in a transaction.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction

from audit.models import ChainHead, Entry, subject_type_of

SYSTEM_NAME = "Hệ thống"


def record(
    subject: models.Model, action: str, *, by: Any | None, at: datetime, data: dict[str, Any] | None = None
) -> Entry:
    """Append an entry in the caller's transaction. `by=None` is the system itself.

    `data` holds only what JSON holds exactly (no floats): it is hashed. Raises TransactionManagementError
    outside a transaction.
    """
    head, _ = ChainHead.objects.select_for_update().get_or_create(pk=1)
    entry = Entry(
        number=head.number + 1,
        at=at,
        actor=by,
        actor_name=str(by) if by else SYSTEM_NAME,
        action=action,
        subject_type=subject_type_of(subject),
        subject_id=str(subject.pk),
        data=data or {},
        previous_hash=head.hash,
    )
    entry.hash = digest(entry)
    entry.save(force_insert=True)
    head.number, head.hash = entry.number, entry.hash
    head.save()
    return entry


def digest(entry: Entry) -> str:
    """SHA-256 over everything an entry says and the hash of the entry before it."""
    content = [
        entry.number,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor_id,
        entry.actor_name,
        entry.action,
        entry.subject_type,
        entry.subject_id,
        entry.data,
        entry.previous_hash,
    ]
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True)
class Break:
    """The first place at which the chain does not hold."""

    number: int
    reason: str


@dataclass(frozen=True)
class Verification:
    entries: int
    broken: Break | None


def verify() -> Verification:
    """Read the whole chain and name the first entry that is altered, missing or out of place."""
    with transaction.atomic():
        head, _ = ChainHead.objects.select_for_update().get_or_create(pk=1)
        count, previous_hash = 0, ""
        for entry in _in_order():
            if entry.number != count + 1:
                return Verification(count, Break(count + 1, "the entry is missing"))
            if entry.previous_hash != previous_hash:
                return Verification(count, Break(entry.number, "it does not follow from the entry before it"))
            if entry.hash != digest(entry):
                return Verification(count, Break(entry.number, "its content was altered"))
            count, previous_hash = entry.number, entry.hash
        if (head.number, head.hash) != (count, previous_hash):
            return Verification(count, Break(count + 1, f"the chain was cut off: its head is at {head.number}"))
        return Verification(count, None)


def _in_order() -> Iterator[Entry]:
    return Entry.objects.order_by("number").iterator(chunk_size=2000)
