"""Putting the wording of a published list right, on the record."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from catalogs.models import Catalogue, WordingCorrection


class NoReason(ValueError):
    """Nothing says why the wording changes; the text is fit to show."""


@contextmanager
def correction(catalogue: Catalogue, *, reason: str, at: datetime) -> Iterator[WordingCorrection]:
    """Within it the wording of the list may change; all in one transaction, which leaves the record of it.

    Raises NoReason.
    """
    reason = reason.strip()
    if not reason:
        raise NoReason(_("Hãy ghi lý do đính chính."))
    with transaction.atomic():
        opened = WordingCorrection.objects.create(catalogue=catalogue, reason=reason, opened_at=at)
        yield opened
        close(opened, at=at)


def close(opened: WordingCorrection, *, at: datetime) -> None:
    opened.closed_at = at
    opened.save(update_fields=["closed_at"])
