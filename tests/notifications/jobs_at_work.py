"""Kinds of jobs for these tests; a real worker is told to import this module."""

import os
import threading
from pathlib import Path

from django.db import transaction

from accounts.models import Unit
from notifications.running import Work, job

# A worker in another process goes no further than HELD_AT before this file is there.
GATE = "TEST_JOB_GATE"
HELD_AT = 3


@job("count_units")
def count_units(work: Work) -> dict:
    """Makes one unit a step; each is made once, whatever happens to the worker."""
    first = work.place or 0
    for number in range(first, work.arguments["steps"]):
        _wait_for_gate(number)
        with transaction.atomic():
            Unit.objects.create(name=f"unit {number}")
            work.advance(done=number + 1, total=work.arguments["steps"], place=number + 1)
    return {"url": "/huong-dan/", "first": first}


def _wait_for_gate(number: int) -> None:
    gate = os.environ.get(GATE)
    while gate and number >= HELD_AT and not Path(gate).exists():
        threading.Event().wait(0.05)
