"""What time does: reminders once, and closing after the 15 days."""

from datetime import timedelta

import pytest

from intake.models import SupplementRequest
from intake.states import State
from notifications.models import Event
from tests.factories import NOW, StaffFactory, case_in
from workflow import tasks
from workflow.models import Case, Deadline

pytestmark = pytest.mark.django_db


def waiting_case(due_at):
    case = case_in(State.SUPPLEMENT_REQUESTED, due_at=due_at)
    SupplementRequest.objects.create(
        dossier_id=case.pk, stage="intake", requested_by=StaffFactory(), requested_at=NOW, due_at=due_at
    )
    return case


def test_an_unanswered_request_closes_the_dossier_after_its_day_and_not_before():
    due_at = NOW + timedelta(days=15)
    case = waiting_case(due_at)
    assert tasks.close_expired(at=due_at) == 0
    assert tasks.close_expired(at=due_at + timedelta(seconds=1)) == 1
    assert Case.objects.get(pk=case.pk).state == State.CLOSED
    assert tasks.close_expired(at=due_at + timedelta(seconds=2)) == 0


def test_the_applicant_is_reminded_once_three_days_before():
    due_at = NOW + timedelta(days=15)
    waiting_case(due_at)
    assert tasks.remind(at=due_at - timedelta(days=3, seconds=1)) == 0
    assert tasks.remind(at=due_at - timedelta(days=3)) == 1
    assert tasks.remind(at=due_at - timedelta(days=2)) == 0
    assert Event.objects.get().kind == "supplement_deadline_near"


def test_the_office_is_reminded_when_two_working_days_are_left():
    case_in(State.IN_REVIEW, due_at=NOW + timedelta(days=14))
    assert tasks.remind(at=NOW) == 0
    assert tasks.remind(at=NOW + timedelta(days=12)) == 1
    assert Event.objects.get().kind == "deadline_near"


def test_a_period_that_ended_is_not_reminded_of():
    case = case_in(State.IN_REVIEW, due_at=NOW + timedelta(hours=1))
    Deadline.objects.filter(case_id=case.pk).update(ended_at=NOW)
    assert tasks.remind(at=NOW) == 0
