"""What time does: reminders once, and closing after the 15 days."""

from datetime import timedelta

import pytest

from intake.models import SupplementRequest
from intake.states import State
from notifications.models import Event
from tests.factories import NOW, StaffFactory, case_in
from workflow import tasks, transitions
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


def test_a_dossier_that_cannot_be_closed_is_logged_and_stops_neither_the_others_nor_the_reminders(monkeypatch, caplog):
    due_at = NOW + timedelta(days=15)
    broken, fine = waiting_case(due_at), waiting_case(due_at + timedelta(hours=1))
    late = case_in(State.IN_REVIEW, due_at=due_at + timedelta(days=2))
    close = transitions.close

    def close_some(case_id, **options):
        if case_id == broken.pk:
            raise LookupError("its procedure is gone")
        return close(case_id, **options)

    monkeypatch.setattr(transitions, "close", close_some)
    monkeypatch.setattr(tasks.timezone, "now", lambda: due_at + timedelta(days=1))
    tasks.watch_deadlines()
    states = {case.pk: case.state for case in Case.objects.filter(pk__in=[broken.pk, fine.pk])}
    assert states == {broken.pk: State.SUPPLEMENT_REQUESTED, fine.pk: State.CLOSED}
    assert f"dossier {broken.code} could not be closed" in caplog.text
    assert "its procedure is gone" in caplog.text
    assert Deadline.objects.get(case_id=late.pk, ended_at=None).reminded_at is not None


def test_a_reminder_that_fails_is_logged_and_stops_no_other(monkeypatch, caplog):
    due_at = NOW + timedelta(days=15)
    broken, fine = waiting_case(due_at), waiting_case(due_at + timedelta(hours=1))
    enqueue = tasks.outbox.enqueue

    def enqueue_some(kind, case, **options):
        if case.pk == broken.pk:
            raise LookupError("no such kind")
        return enqueue(kind, case, **options)

    monkeypatch.setattr(tasks.outbox, "enqueue", enqueue_some)
    assert tasks.remind(at=due_at - timedelta(days=1)) == 1
    reminded = dict(Deadline.objects.filter(ended_at=None).values_list("case_id", "reminded_at"))
    assert reminded[broken.pk] is None
    assert reminded[fine.pk] is not None
    assert f"nobody was reminded of dossier {broken.code}" in caplog.text


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
