"""Who is told of what happens to a dossier."""

import pytest

from accounts.models import Role, RoleAssignment
from intake.states import State
from notifications.models import Event
from tests.factories import NOW, MembershipFactory, StaffFactory, case_in
from workflow import recipients
from workflow.models import Capacity, Participation

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return {role: StaffFactory(role=role) for role in Role}


def told(case, kind, **context):
    event = Event(kind=kind, subject_type="intake.dossier", subject_id=str(case.pk), context=context, happened_at=NOW)
    side = recipients.office_side if kind in recipients.TO_ROLE else recipients.handler_side
    return [recipient.user for recipient in side(event)]


@pytest.mark.parametrize(
    ("state", "role"),
    [
        (State.SUBMITTED, Role.INTAKE_OFFICER),
        (State.SCREENING, Role.INTAKE_OFFICER),
        (State.IN_REVIEW, Role.SPECIALIST),
        (State.ENDORSEMENT, Role.HEAD_OF_UNIT),
        (State.APPROVAL, Role.SIGNATORY),
        (State.ISSUING, Role.CLERK),
    ],
)
def test_a_period_that_ends_is_told_to_whose_turn_it_is(staff, state, role):
    case = case_in(state, specialist=staff[Role.SPECIALIST])
    assert told(case, "deadline_near") == [staff[role]]


def test_only_the_specialist_who_took_it_is_told(staff):
    StaffFactory(role=Role.SPECIALIST)
    case = case_in(State.IN_REVIEW, specialist=staff[Role.SPECIALIST])
    assert told(case, "supplement_answered") == [staff[Role.SPECIALIST]]


def test_only_the_officer_who_screens_is_told(staff):
    StaffFactory(role=Role.INTAKE_OFFICER)
    case = case_in(State.SCREENING)
    person = staff[Role.INTAKE_OFFICER]
    Participation.objects.create(case_id=case.pk, person=person, capacity=Capacity.INTAKE, since=NOW)
    assert told(case, "supplement_answered") == [person]


def test_who_acted_in_another_capacity_is_not_asked_to_act_again(staff):
    case = case_in(State.ENDORSEMENT, specialist=staff[Role.SPECIALIST])
    both = StaffFactory(role=Role.HEAD_OF_UNIT)
    RoleAssignment.objects.create(user=both, role=Role.INTAKE_OFFICER)
    Participation.objects.create(case_id=case.pk, person=both, capacity=Capacity.INTAKE, since=NOW)
    assert told(case, "dossier_to_endorse") == [staff[Role.HEAD_OF_UNIT]]


def test_nobody_of_the_applicant_is_asked_to_act(staff):
    case = case_in(State.APPROVAL)
    MembershipFactory(user=StaffFactory(role=Role.SIGNATORY), organisation=case.organisation)
    assert told(case, "dossier_to_approve") == [staff[Role.SIGNATORY]]


def test_those_who_had_a_withdrawn_dossier_in_hand_are_told(staff):
    case = case_in(State.WITHDRAWN, specialist=staff[Role.SPECIALIST])
    people = [staff[Role.INTAKE_OFFICER], staff[Role.SPECIALIST]]
    assert set(told(case, "dossier_withdrawn_staff", handlers=[p.pk for p in people])) == set(people)
