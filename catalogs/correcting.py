"""Putting the wording of a published list right, on the record."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from catalogs.models import Catalogue, WordingCorrection


@contextmanager
def correction(catalogue: Catalogue, *, reason: str, at: datetime) -> Iterator[WordingCorrection]:
    """Within it the wording of the list may change; all in one transaction, which leaves the record of it."""
    with transaction.atomic():
        opened = WordingCorrection.objects.create(catalogue=catalogue, reason=reason, opened_at=at)
        yield opened
        close(opened, at=at)


def close(opened: WordingCorrection, *, at: datetime) -> None:
    opened.closed_at = at
    opened.save(update_fields=["closed_at"])
