import multiprocessing
import random
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connections, transaction

from documents.models import NumberBook
from documents.registers import TakenNumber, take_number
from tests.documents.builders import AT, ZONE

PROCESSES, ATTEMPTS = 6, 40


@pytest.mark.django_db
def test_numbers_follow_one_another_and_start_at_one():
    assert [take_number("decision", at=AT).number for _attempt in range(3)] == [1, 2, 3]


@pytest.mark.django_db
def test_each_book_and_each_year_counts_by_itself():
    take_number("decision", at=AT)
    assert take_number("receipt", at=AT).number == 1
    assert take_number("decision", at=AT.replace(year=2027)).number == 1
    assert take_number("decision", at=AT).number == 2


@pytest.mark.django_db
def test_the_year_changes_at_midnight_in_hanoi_whatever_zone_the_moment_is_given_in():
    last = datetime(2026, 12, 31, 23, 59, 59, tzinfo=ZONE)
    first = datetime(2026, 12, 31, 17, 0, tzinfo=ZoneInfo("UTC"))
    assert take_number("decision", at=last).year == 2026
    assert take_number("decision", at=first) == TakenNumber("decision", 2027, 1)


@pytest.mark.django_db
def test_a_number_that_is_rolled_back_is_given_to_the_next():
    take_number("decision", at=AT)
    with transaction.atomic():
        assert take_number("decision", at=AT).number == 2
        transaction.set_rollback(True)
    assert take_number("decision", at=AT).number == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_processes_that_take_numbers_at_once_leave_no_gap_and_no_repeat():
    """Some roll back, and nobody has opened the year's register before."""
    connections.close_all()  # a connection must not be shared with a child
    context = multiprocessing.get_context("fork")
    results: multiprocessing.Queue = context.Queue()
    start = context.Barrier(PROCESSES)
    workers = [context.Process(target=_take_some, args=(seed, start, results)) for seed in range(PROCESSES)]
    for worker in workers:
        worker.start()
    kept = [number for _worker in workers for number in results.get(timeout=60)]
    for worker in workers:
        worker.join(timeout=60)
        assert worker.exitcode == 0
    assert len(kept) > PROCESSES * ATTEMPTS / 2
    assert sorted(kept) == list(range(1, len(kept) + 1))
    assert NumberBook.objects.get(book="decision", year=2026).last_number == len(kept)


def _take_some(seed, start, results):
    """What one process does: take numbers, give some back, report those it kept."""
    chance = random.Random(seed)
    kept = []
    start.wait(timeout=60)
    for _attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                number = take_number("decision", at=AT).number
                if chance.random() < 0.3:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            continue
        kept.append(number)
    connections.close_all()
    results.put(kept)
