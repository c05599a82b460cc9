"""Two people on one dossier at the same moment: one succeeds, the others are told. On PostgreSQL, with real locks."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

from accounts.models import Role
from audit import trail
from audit.models import Entry
from intake.states import State
from tests.factories import NOW, StaffFactory, case_in
from workflow import transitions
from workflow.models import Case, Participation, StateCount
from workflow.policy import TransitionError

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(attempts: list[Callable[[], object]]) -> Counter[str]:
    """Run all at the same moment, each on a connection of its own; counts how they ended."""
    barrier = threading.Barrier(len(attempts))
    ends: list[str] = []

    def run(attempt: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=30)
            attempt()
            ends.append("done")
        except TransitionError as error:
            ends.append(type(error).__name__)
        except Exception as error:  # a thread's error must not get lost
            ends.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[attempt]) for attempt in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return Counter(ends)


def test_eight_signatories_approve_at_once_and_one_succeeds():
    case = case_in(State.APPROVAL)
    people = [StaffFactory(role=Role.SIGNATORY) for _n in range(8)]

    def approve(person):
        return lambda: transitions.approve(case.pk, by=person, at=NOW, expected_version=case.version)

    assert at_once([approve(person) for person in people]) == {"done": 1, "Stale": 7}
    case = Case.objects.get(pk=case.pk)
    assert case.state == State.ISSUING
    assert Entry.objects.about(case).filter(action="approve").count() == 1
    assert Participation.objects.get(case_id=case.pk).person == case.approved_by


def test_approving_and_sending_back_at_once_ends_in_one_of_both():
    case = case_in(State.APPROVAL)
    one, other = StaffFactory(role=Role.SIGNATORY), StaffFactory(role=Role.SIGNATORY)
    ends = at_once(
        [
            lambda: transitions.approve(case.pk, by=one, at=NOW, expected_version=case.version),
            lambda: transitions.send_back(
                case.pk, by=other, at=NOW, expected_version=case.version, reason="Xem lại căn cứ."
            ),
        ]
    )
    assert ends == {"done": 1, "Stale": 1}
    assert Case.objects.get(pk=case.pk).state in (State.ISSUING, State.IN_REVIEW)


def test_withdrawing_while_an_officer_receives_ends_in_one_of_both():
    case = case_in(State.SCREENING)
    officer = StaffFactory(role=Role.INTAKE_OFFICER)
    ends = at_once(
        [
            lambda: transitions.withdraw(case.pk, by=case.created_by, at=NOW, expected_version=case.version),
            lambda: transitions.receive(case.pk, by=officer, at=NOW, expected_version=case.version),
        ]
    )
    assert ends == {"done": 1, "Stale": 1}


def test_many_dossiers_moved_at_once_leave_one_unbroken_chain_and_true_counts():
    cases = [case_in(State.SUBMITTED) for _n in range(8)]
    officer = StaffFactory(role=Role.INTAKE_OFFICER)
    StateCount.objects.update_or_create(state=State.SUBMITTED, defaults={"count": 8})

    def start(case):
        return lambda: transitions.start_screening(case.pk, by=officer, at=NOW, expected_version=case.version)

    assert at_once([start(case) for case in cases]) == {"done": 8}
    assert trail.verify() == trail.Verification(8, None)
    assert StateCount.objects.get(state=State.SUBMITTED).count == 0
    assert StateCount.objects.get(state=State.SCREENING).count == 8
