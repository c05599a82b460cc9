"""Dossier codes with several people filing at the same moment; and the index that search needs."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from intake.filing import next_code
from intake.models import Dossier
from intake.states import State
from tests.factories import NOW, case_in

THREADS, EACH = 8, 5


def take_numbers(which):
    """Takes numbers in transactions of its own; every third is rolled back and its number given to the next."""
    taken = []
    try:
        for n in range(EACH):
            with transaction.atomic():
                code = next_code(NOW)
                if (which + n) % 3 == 0:
                    transaction.set_rollback(True)
                else:
                    taken.append(code)
    finally:
        connection.close()
    return taken


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_filing_at_once_leave_no_gap_and_no_repeat():
    with ThreadPoolExecutor(THREADS) as threads:
        codes = [code for taken in threads.map(take_numbers, range(THREADS)) for code in taken]
    numbers = sorted(int(code.rsplit("-", 1)[1]) for code in codes)
    assert numbers == list(range(1, len(codes) + 1))
    assert 0 < len(codes) < THREADS * EACH


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_search_inside_words_uses_the_index():
    case_in(State.SUBMITTED, title="Camera EdgeSight")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = str(Dossier.objects.filter(search_text__contains="edgesi").explain())
    assert "dossier_search_trigrams" in plan
    assert Dossier.objects.filter(search_text__contains="edgesi").exists()
