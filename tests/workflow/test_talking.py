"""Which officers write to an applicant, and who is told of what."""

import uuid

import pytest

from accounts.models import Role, RoleAssignment
from audit import trail
from intake.conversation import NotSent, Written
from intake.models import Message, Side
from intake.states import State
from notifications.models import Event
from tests.factories import NOW, MembershipFactory, StaffFactory, case_in, complete_dossier, member_of, said
from workflow import history, recipients, talking
from workflow.models import Capacity, Participation
from workflow.policy import Standing

pytestmark = pytest.mark.django_db

HANDLES = {
    State.SUBMITTED: Role.INTAKE_OFFICER,
    State.SCREENING: Role.INTAKE_OFFICER,
    State.SUPPLEMENT_REQUESTED: Role.INTAKE_OFFICER,
    State.IN_REVIEW: Role.SPECIALIST,
    State.ENDORSEMENT: Role.HEAD_OF_UNIT,
    State.APPROVAL: Role.SIGNATORY,
    State.ISSUING: Role.CLERK,
    State.ISSUED: Role.SPECIALIST,
    State.DELIVERED: Role.SPECIALIST,
    State.REFUSED: Role.INTAKE_OFFICER,
    State.WITHDRAWN: Role.INTAKE_OFFICER,
    State.CLOSED: Role.INTAKE_OFFICER,
}


def send(case, person, *, text="Xin trả lời.", seen=0):
    return talking.send(case.pk, Written(uuid.uuid4(), text, seen), by=person, at=NOW)


def takes_part(case, person, capacity):
    Participation.objects.create(case_id=case.pk, person=person, capacity=capacity, since=NOW)


@pytest.mark.parametrize("state", HANDLES)
def test_the_role_that_has_the_dossier_in_hand_writes_and_no_other(state):
    case = case_in(state)
    writers = []
    for role in Role:
        official = StaffFactory(role=role)
        try:
            send(case, official, seen=len(writers))
        except NotSent:
            continue
        writers.append(role)
    assert writers == [HANDLES[state]]


def test_whoever_has_acted_on_it_writes_whatever_its_step():
    case = case_in(State.APPROVAL)
    specialist, clerk = StaffFactory(role=Role.SPECIALIST), StaffFactory(role=Role.CLERK)
    takes_part(case, specialist, Capacity.SPECIALIST)
    message = send(case, specialist)
    assert (message.side, message.author_role, message.author_unit) == ("office", "specialist", specialist.unit.name)
    with pytest.raises(NotSent, match="Người ký ban hành"):
        send(case, clerk, seen=1)


def test_whoever_lost_the_role_since_does_not():
    case = case_in(State.APPROVAL)
    person = StaffFactory(role=Role.AUDITOR)
    takes_part(case, person, Capacity.SPECIALIST)
    with pytest.raises(NotSent, match="không còn ở vai trò"):
        send(case, person)


def test_another_specialist_keeps_out_of_a_dossier_that_was_taken():
    case = case_in(State.IN_REVIEW, specialist=StaffFactory())
    with pytest.raises(NotSent, match="chuyên viên khác"):
        send(case, StaffFactory())


def test_nobody_of_the_applicant_writes_for_the_office():
    case = case_in(State.IN_REVIEW)
    official = StaffFactory()
    MembershipFactory(user=official, organisation=case.organisation)
    with pytest.raises(NotSent, match="bên nộp"):
        send(case, official)
    with pytest.raises(NotSent):
        send(case, member_of(case.organisation))


def test_somebody_whose_account_is_closed_does_not_write():
    case = case_in(State.IN_REVIEW)
    official = StaffFactory(is_active=False)
    with pytest.raises(NotSent):
        send(case, official)


def test_writing_takes_nobody_out_of_another_capacity():
    case = case_in(State.SUBMITTED)
    person = StaffFactory(role=Role.INTAKE_OFFICER)
    RoleAssignment.objects.create(user=person, role=Role.SPECIALIST)
    send(case, person)
    assert Standing.of(person, case).capacity == ""


def test_a_draft_takes_no_message_of_an_official():
    draft = complete_dossier()
    for role in Role:
        with pytest.raises(NotSent):
            send(draft, StaffFactory(role=role))
    assert not Message.objects.exists()


def told(event):
    return recipients.recipients.of(event)


def test_everybody_of_the_applicant_is_told_and_led_to_the_conversation():
    case = case_in(State.IN_REVIEW)
    colleague = member_of(case.organisation)
    send(case, StaffFactory())
    event = Event.objects.get(kind="message_to_applicant")
    assert {one.user for one in told(event)} == {case.created_by, colleague}
    assert {one.url for one in told(event)} == {f"/ho-so/{case.public_id}/trao-doi/"}


def test_whoever_has_it_in_hand_and_whoever_wrote_before_is_told():
    specialist, head = StaffFactory(), StaffFactory(role=Role.HEAD_OF_UNIT)
    StaffFactory(role=Role.SPECIALIST)
    gone = StaffFactory(role=Role.CLERK)
    case = case_in(State.ENDORSEMENT, specialist=specialist)
    said(case, by=specialist)
    said(case, by=gone)
    gone.role_assignments.all().delete()
    said(case)
    event = Event.objects.get(kind="message_to_office")
    assert {one.user for one in told(event)} == {specialist, head}
    assert {one.url for one in told(event)} == {f"/xu-ly/{case.public_id}/trao-doi/"}


def test_the_record_names_the_message_and_not_its_words():
    case = case_in(State.IN_REVIEW)
    said(case, "Bí mật kinh doanh")
    (event,) = history.record(case)
    assert (event.title, event.detail) == ("Gửi tin nhắn", "tin 1")


def test_messages_hide_no_change_from_a_page_that_is_stale():
    case = case_in(State.IN_REVIEW)
    trail.record(case, "take", by=None, at=NOW)
    type(case).objects.filter(pk=case.pk).update(version=case.version + 1)
    said(case)
    case = type(case).objects.get(pk=case.pk)
    assert [event.action for event in history.since(case, case.version - 1)] == ["take"]


def test_the_sides_are_each_others_other():
    assert Side.OFFICE.other == Side.APPLICANT
    assert Side.APPLICANT.other == Side.OFFICE
