"""Number registers: one for each book and year, without gap or repeat."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from documents.models import NumberBook


@dataclass(frozen=True)
class TakenNumber:
    book: str
    year: int
    number: int


@transaction.atomic
def take_number(book: str, *, at: datetime) -> TakenNumber:
    """The next number of the book in the year of `at`, by the office's clock; the first is 1.

    Belongs inside the transaction that uses the number: the row stays locked until it ends, and if it is
    rolled back, the number is given to the next one who asks (NĐ 30/2020/NĐ-CP Đ15: from 01 on the first
    of January to the last of December, in order).
    """
    year = timezone.localtime(at, timezone.get_default_timezone()).year
    row = _locked(book, year)
    row.last_number += 1
    row.save(update_fields=["last_number"])
    return TakenNumber(book, year, row.last_number)


def _locked(book: str, year: int) -> NumberBook:
    rows = NumberBook.objects.select_for_update().filter(book=book, year=year)
    row = rows.first()
    if row is None:
        # Two people may open the year's register at once: the second waits here for the first to commit.
        NumberBook.objects.bulk_create([NumberBook(book=book, year=year)], ignore_conflicts=True)
        row = rows.get()
    return row
