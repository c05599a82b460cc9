"""Two people on one dossier at the same moment: one succeeds, the others are told. On PostgreSQL, with real locks."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

from accounts.models import Role
from audit import trail
from audit.models import Entry
from documents.models import DocumentKind, IssuedDocument
from intake import conversation, drafts
from intake.models import Certification, Conversation, Dossier, Message, Revision, Side
from intake.states import State
from notifications.models import Event
from tests.factories import DEFINITION, NOW, StaffFactory, case_in, complete_dossier, member_of
from workflow import talking, transitions
from workflow.models import Case, Participation, StateCount
from workflow.policy import TransitionError

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(
    attempts: list[Callable[[], object]], expected: tuple[type[Exception], ...] = (TransitionError,)
) -> Counter[str]:
    """Run all at the same moment, each on a connection of its own; counts how they ended."""
    barrier = threading.Barrier(len(attempts))
    ends: list[str] = []

    def run(attempt: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=30)
            attempt()
            ends.append("done")
        except expected as error:
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


def submit(dossier, person):
    return lambda: transitions.submit(
        dossier.pk,
        by=person,
        at=NOW,
        expected_version=dossier.version,
        ticked=[statement["key"] for statement in DEFINITION["statements"]],
        capacity="Giám đốc",
        ip_address=None,
        user_agent="",
    )


def test_eight_people_file_one_dossier_at_once_and_it_is_filed_once():
    dossier = complete_dossier()
    people = [member_of(dossier.organisation) for _n in range(8)]
    assert at_once([submit(dossier, person) for person in people]) == {"done": 1, "Stale": 7}
    case = Case.objects.get()
    assert (case.state, case.code) == (State.SUBMITTED, "G06-261118-0001")
    assert Revision.objects.count() == Certification.objects.count() == 1
    assert [paper.kind for paper in IssuedDocument.objects.all()] == [DocumentKind.ACKNOWLEDGEMENT]
    assert Event.objects.filter(kind="dossier_submitted").count() == 1
    assert Entry.objects.about(case).filter(action="submit").count() == 1
    assert trail.verify().broken is None


def test_dossiers_filed_at_once_several_times_each_get_numbers_without_gap_or_repeat():
    dossiers = [complete_dossier() for _n in range(5)]
    attempts = [submit(dossier, dossier.created_by) for dossier in dossiers for _twice in range(2)]
    assert at_once(attempts) == {"done": 5, "Stale": 5}
    codes = sorted(Case.objects.values_list("code", flat=True))
    assert codes == [f"G06-261118-{number:04d}" for number in range(1, 6)]
    numbers = sorted(IssuedDocument.objects.values_list("number", flat=True))
    assert numbers == [1, 2, 3, 4, 5]
    assert Certification.objects.count() == 5
    assert trail.verify().broken is None


def test_filing_and_deleting_a_draft_at_once_ends_in_one_of_both():
    dossier = complete_dossier()
    deleting = member_of(dossier.organisation)
    ends = at_once(
        [submit(dossier, dossier.created_by), lambda: drafts.delete(dossier, by=deleting, at=NOW)],
        expected=(TransitionError, drafts.NotOpen, Dossier.DoesNotExist),
    )
    assert ends["done"] == 1
    assert sum(ends.values()) == 2
    assert set(ends) <= {"done", "NotOpen", "DoesNotExist"}
    filed = Case.objects.filter(state=State.SUBMITTED).count()
    assert (Case.objects.count(), Revision.objects.count(), IssuedDocument.objects.count()) == (filed, filed, filed)


def test_filing_and_saving_at_once_never_files_what_was_not_certified():
    dossier = complete_dossier()
    by = member_of(dossier.organisation)
    ends = at_once(
        [
            submit(dossier, dossier.created_by),
            lambda: drafts.save_answers(dossier, {"product_name": "Tên khác"}, seen=None, by=by, at=NOW),
        ],
        expected=(TransitionError, drafts.NotOpen),
    )
    # Saved first, what the page showed is stale; filed first, nothing is open any more.
    assert ends in ({"done": 1, "Stale": 1}, {"done": 1, "NotOpen": 1})
    for revision in Revision.objects.all():
        assert revision.content["title"] == dossier.title


def test_eight_people_write_at_once_and_the_others_are_shown_the_first_message():
    case = case_in(State.IN_REVIEW)
    people = [member_of(case.organisation) for _n in range(4)]
    officers = [StaffFactory(role=Role.SPECIALIST) for _n in range(4)]

    def write(person):
        sends = talking.send if person.is_staff_member() else conversation.send
        written = conversation.Written(uuid.uuid4(), "Xin hỏi.", 0)
        return lambda: sends(case.pk, written, by=person, at=NOW)

    ends = at_once([write(person) for person in [*people, *officers]], expected=(conversation.NotSent,))
    assert ends == {"done": 1, "MovedOn": 7}
    message = Message.objects.get()
    assert Entry.objects.about(case).filter(action="send_message").count() == 1
    assert Event.objects.count() == 1
    assert Conversation.objects.get().unread_by(Side(message.side).other) == 1


def test_one_message_sent_by_two_clicks_at_once_is_one():
    case = case_in(State.IN_REVIEW)
    written = conversation.Written(uuid.uuid4(), "Xin hỏi.", 0)
    ends = at_once([lambda: conversation.send(case.pk, written, by=case.created_by, at=NOW)] * 4)
    assert ends == {"done": 4}
    assert Message.objects.count() == Event.objects.count() == 1
