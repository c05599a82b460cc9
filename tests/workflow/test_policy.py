"""Every state × action × role, against a table typed by hand."""

import pytest

from accounts.models import MembershipRole, Role
from intake.states import State
from tests.factories import NOW, StaffFactory, case_in, complete_dossier, member_of
from workflow import policy
from workflow.models import Capacity, Case, Participation
from workflow.policy import NotAllowed

pytestmark = pytest.mark.django_db

OWN = "own specialist"
OTHER_SPECIALIST = "another specialist"
REPRESENTATIVE, DRAFTER, VIEWER, STRANGER = "representative", "drafter", "viewer", "stranger"

ASSESSING = {"request_supplement", "record_finding", "save_assessment", "propose"}
# What each may do; everything that is not here is forbidden.
ALLOWED: dict[str, dict[str, set[str]]] = {
    State.DRAFT: {REPRESENTATIVE: {"submit"}, DRAFTER: {"submit"}},
    State.SUBMITTED: {
        REPRESENTATIVE: {"withdraw"},
        DRAFTER: {"withdraw"},
        Role.INTAKE_OFFICER: {"start_screening"},
    },
    State.SCREENING: {
        REPRESENTATIVE: {"withdraw"},
        DRAFTER: {"withdraw"},
        Role.INTAKE_OFFICER: {"receive", "refuse", "request_supplement"},
    },
    State.SUPPLEMENT_REQUESTED: {
        REPRESENTATIVE: {"answer_supplement", "withdraw"},
        DRAFTER: {"answer_supplement", "withdraw"},
    },
    State.IN_REVIEW: {REPRESENTATIVE: {"withdraw"}, DRAFTER: {"withdraw"}, OWN: ASSESSING},
    State.ENDORSEMENT: {
        REPRESENTATIVE: {"withdraw"},
        DRAFTER: {"withdraw"},
        Role.HEAD_OF_UNIT: {"endorse", "send_back"},
    },
    State.APPROVAL: {
        REPRESENTATIVE: {"withdraw"},
        DRAFTER: {"withdraw"},
        Role.SIGNATORY: {"approve", "send_back"},
    },
    State.ISSUING: {REPRESENTATIVE: {"withdraw"}, DRAFTER: {"withdraw"}, Role.CLERK: {"issue"}},
    State.ISSUED: {},
    State.DELIVERED: {},
    State.REFUSED: {},
    State.WITHDRAWN: {},
    State.CLOSED: {},
}
PEOPLE = [
    REPRESENTATIVE,
    DRAFTER,
    VIEWER,
    STRANGER,
    OWN,
    OTHER_SPECIALIST,
    *(role for role in Role if role != Role.SPECIALIST),
]


def case_standing_in(state):
    if state == State.DRAFT:
        return complete_dossier(model=Case)
    specialist = StaffFactory(role=Role.SPECIALIST) if state == State.IN_REVIEW else None
    return case_in(state, specialist=specialist)


def person_for(who, case):
    if who in (REPRESENTATIVE, DRAFTER, VIEWER):
        return member_of(case.organisation, role=MembershipRole(who))
    if who == STRANGER:
        return complete_dossier().created_by
    if who == OWN:
        return case.specialist or StaffFactory(role=Role.SPECIALIST)
    if who == OTHER_SPECIALIST:
        return StaffFactory(role=Role.SPECIALIST)
    return StaffFactory(role=who)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("state", State.values)
def test_a_person_may_do_exactly_what_the_table_says(state, who):
    case = case_standing_in(state)
    person = person_for(who, case)
    expected = ALLOWED[state].get(who, set())
    assert set(policy.actions_for(person, case)) == expected
    for action in policy.ACTIONS:
        if action in expected:
            policy.require(person, action, case)
        else:
            with pytest.raises(NotAllowed):
                policy.require(person, action, case)


@pytest.mark.parametrize("role", Role.values)
def test_a_dossier_that_nobody_has_taken_is_open_to_every_specialist_only(role):
    case = case_in(State.IN_REVIEW)
    actions = policy.actions_for(StaffFactory(role=role), case)
    assert actions == (["take"] if role == Role.SPECIALIST else [])


@pytest.mark.parametrize(
    ("state", "role", "capacity"),
    [
        (State.SUBMITTED, Role.INTAKE_OFFICER, Capacity.INTAKE),
        (State.IN_REVIEW, Role.SPECIALIST, Capacity.SPECIALIST),
        (State.ENDORSEMENT, Role.HEAD_OF_UNIT, Capacity.ENDORSER),
        (State.APPROVAL, Role.SIGNATORY, Capacity.SIGNATORY),
        (State.ISSUING, Role.CLERK, Capacity.CLERK),
    ],
)
def test_who_has_acted_in_another_capacity_may_do_nothing_more(state, role, capacity):
    case = case_in(state)
    person = StaffFactory(role=role)
    assert policy.actions_for(person, case)
    other = next(c for c in Capacity if c != capacity)
    Participation.objects.create(case_id=case.pk, person=person, capacity=other, since=NOW)
    assert policy.actions_for(person, case) == []


@pytest.mark.parametrize("role", [role for role in Role.values if role in policy.CAPACITY])
def test_whoever_filed_and_left_the_applicant_may_not_handle_the_dossier(role, db):
    state = next(state for state, turn in policy.TURN.items() if turn == role)
    case = case_in(state)
    officer = StaffFactory(role=role)
    Participation.objects.create(case_id=case.pk, person=officer, capacity=Capacity.APPLICANT, since=NOW)
    for action, rules in policy.ACTIONS.items():
        if any(case.state in rule.states for rule in rules):
            with pytest.raises(NotAllowed):
                policy.require(officer, action, case)


def test_whoever_handled_it_may_not_file_for_the_applicant():
    case = case_in(State.SUPPLEMENT_REQUESTED)
    person = member_of(case.organisation)
    assert "answer_supplement" in policy.actions_for(person, case)
    Participation.objects.create(case_id=case.pk, person=person, capacity=Capacity.INTAKE, since=NOW)
    assert policy.actions_for(person, case) == []


def test_staff_of_the_applicants_own_organisation_may_do_nothing():
    case = case_in(State.SUBMITTED)
    officer = member_of(case.organisation)
    officer.role_assignments.create(role=Role.INTAKE_OFFICER)
    assert policy.actions_for(officer, case) == []


def test_somebody_who_left_may_do_nothing():
    case = case_in(State.SUBMITTED)
    officer = StaffFactory(role=Role.INTAKE_OFFICER, is_active=False)
    assert policy.actions_for(officer, case) == []


def test_the_system_does_only_what_is_its_own():
    with pytest.raises(NotAllowed):
        policy.require(None, "receive", case_in(State.SCREENING))
    assert policy.require(None, "close", case_in(State.SUPPLEMENT_REQUESTED))
