"""A decision that grants waits for the applicant's tax code; an officer may verify it by hand."""

import pytest
from django.urls import reverse

from accounts.models import ApplicantKind, Organisation, Role
from accounts.taxcodes.recorded import DEMONSTRATION
from audit.models import Entry
from intake.states import Outcome, State
from tests.factories import NOW, OrganisationFactory, StaffFactory, case_in, member_of
from workflow import policy, transitions
from workflow.models import Capacity, Case, Participation
from workflow.policy import NotAllowed
from workflow.transitions import Blocked, Stale

pytestmark = pytest.mark.django_db

OPEN = (State.SUBMITTED, State.SCREENING, State.IN_REVIEW, State.ENDORSEMENT, State.APPROVAL)
REASON = "Giấy chứng nhận đăng ký doanh nghiệp số 0100, cấp ngày 01/02/2026."


def unverified(state: str = State.APPROVAL, status: str = "unverified", **fields) -> Case:
    case = case_in(state, **fields)
    checked = {"tax_source": "", "tax_checked_at": None} if status == "unverified" else {}
    Organisation.objects.filter(pk=case.organisation_id).update(tax_status=status, tax_next_check_at=NOW, **checked)
    return Case.objects.get(pk=case.pk)


def approve(case: Case) -> Case:
    return transitions.approve(
        case.pk, by=StaffFactory(role=Role.SIGNATORY), at=NOW, expected_version=Case.objects.get(pk=case.pk).version
    )


def verify(case: Case, by, **changed) -> Case:
    arguments = {"expected_version": case.version, "reason": REASON} | changed
    return transitions.verify_applicant(case.pk, by=by, at=NOW, **arguments)


@pytest.mark.parametrize("status", ["unverified", "name_differs", "not_found", "ceased"])
def test_approval_waits_until_the_tax_code_is_verified(status):
    case = unverified(status=status)
    with pytest.raises(Blocked, match="chưa được xác minh"):
        approve(case)
    assert Case.objects.get(pk=case.pk).state == State.APPROVAL
    Organisation.objects.update(tax_status="verified", tax_source="x", tax_checked_at=NOW)
    assert approve(case).state == State.ISSUING


def test_nothing_waits_for_a_table_that_will_never_say_more(settings):
    """Who tries the demonstration under a company of their own gets a decision."""
    settings.TAX_TABLE = str(DEMONSTRATION)
    assert approve(unverified()).state == State.ISSUING
    for status in ("name_differs", "not_found", "ceased"):
        with pytest.raises(Blocked):
            approve(unverified(status=status))


def test_a_decision_that_grants_nothing_does_not_wait():
    assert approve(unverified(outcome=Outcome.NOT_GRANTED)).state == State.ISSUING


def test_an_individual_is_exempt():
    applicant = OrganisationFactory(
        kind=ApplicantKind.INDIVIDUAL,
        tax_code="",
        personal_id="079999000013",
        tax_status="unverified",
        tax_source="",
        tax_checked_at=None,
    )
    assert approve(case_in(State.APPROVAL, organisation=applicant)).state == State.ISSUING


def test_every_step_before_goes_on():
    case = unverified(State.SUBMITTED)
    officer = StaffFactory(role=Role.INTAKE_OFFICER)
    case = transitions.start_screening(case.pk, by=officer, at=NOW, expected_version=case.version)
    case = transitions.receive(case.pk, by=officer, at=NOW, expected_version=case.version)
    assert case.state == State.IN_REVIEW


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("state", [state for state in State.values if state != State.DRAFT])
def test_only_an_intake_officer_verifies_and_only_while_it_is_of_use(state, role):
    may = "verify_applicant" in policy.actions_for(StaffFactory(role=role), unverified(state))
    assert may == (role == Role.INTAKE_OFFICER and state in OPEN)


def test_nobody_verifies_what_is_verified_or_an_applicant_of_their_own():
    with pytest.raises(NotAllowed, match="không còn gì phải xác minh"):
        verify(case_in(State.APPROVAL), StaffFactory(role=Role.INTAKE_OFFICER))
    case = unverified()
    colleague = member_of(case.organisation)
    with pytest.raises(NotAllowed):
        verify(case, colleague)
    colleague.role_assignments.create(role=Role.INTAKE_OFFICER)
    with pytest.raises(NotAllowed):
        verify(case, type(colleague).objects.get(pk=colleague.pk))


def test_who_verifies_is_bound_to_intake_and_stands_in_both_trails():
    case = unverified(status="name_differs")
    officer = StaffFactory(role=Role.INTAKE_OFFICER)
    after = verify(case, officer)
    assert (after.state, after.version) == (State.APPROVAL, case.version + 1)
    company = Organisation.objects.get(pk=case.organisation_id)
    assert (company.tax_status, company.tax_source, company.tax_note) == ("verified", "manual", REASON)
    assert (company.tax_checked_at, company.tax_next_check_at) == (NOW, None)
    assert Participation.objects.get(case_id=case.pk, person=officer).capacity == Capacity.INTAKE
    assert Entry.objects.about(case).get(action="verify_applicant").data["reason"] == REASON
    entry = Entry.objects.about(company).get(action="tax_code_verified_by_hand")
    assert entry.actor_id == officer.pk
    assert entry.data["tax_status"] == ["name_differs", "verified"]
    assert approve(case).state == State.ISSUING


def test_a_reason_is_needed_and_an_old_page_is_refused():
    case, officer = unverified(), StaffFactory(role=Role.INTAKE_OFFICER)
    with pytest.raises(Blocked):
        verify(case, officer, reason=" \x00")
    with pytest.raises(Stale):
        verify(case, officer, expected_version=case.version - 1)
    assert Organisation.objects.get(pk=case.organisation_id).tax_status == "unverified"


# --- pages -------------------------------------------------------------------------------------------


def test_an_officer_verifies_on_the_page_of_the_dossier(client):
    case = unverified(State.SCREENING, status="name_differs")
    Organisation.objects.update(tax_registered_name="Công ty <b>Khác</b>")
    client.force_login(StaffFactory(role=Role.INTAKE_OFFICER))
    page = client.get(reverse("case_detail", args=[case.public_id])).content.decode()
    assert "Tên không khớp" in page
    assert "Công ty &lt;b&gt;Khác&lt;/b&gt;" in page
    address = reverse("case_action", args=[case.public_id, "verify_applicant"])
    assert address in page
    assert "Công ty &lt;b&gt;Khác&lt;/b&gt;" in client.get(address).content.decode()
    assert client.post(address, {"version": case.version, "reason": ""}).status_code == 422
    assert client.post(address, {"version": case.version, "reason": "x" * 6000}).status_code in (409, 422)
    stale = client.post(address, {"version": case.version - 1, "reason": REASON})
    assert (stale.status_code, REASON in stale.content.decode()) == (409, True)
    assert client.post(address, {"version": case.version, "reason": REASON}).status_code == 302
    page = client.get(reverse("case_detail", args=[case.public_id])).content.decode()
    assert "cán bộ xác minh" in page
    assert REASON in page
    assert address not in page
    assert client.post(address, {"version": case.version + 1, "reason": REASON}).status_code == 409


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.INTAKE_OFFICER])
def test_the_page_is_not_there_for_others(client, role):
    case = unverified()
    client.force_login(StaffFactory(role=role))
    assert client.get(reverse("case_action", args=[case.public_id, "verify_applicant"])).status_code == 404


def test_the_signatory_reads_why_approval_waits_and_is_refused(client):
    case = unverified()
    client.force_login(StaffFactory(role=Role.SIGNATORY))
    address = reverse("case_action", args=[case.public_id, "approve"])
    assert "chưa được xác minh" in client.get(address).content.decode()
    response = client.post(address, {"version": case.version})
    assert response.status_code == 409
    assert "chưa được xác minh" in response.content.decode()


def test_a_verified_applicant_is_shown_as_one_and_there_is_no_button(client):
    case = case_in(State.IN_REVIEW)
    client.force_login(StaffFactory(role=Role.INTAKE_OFFICER))
    page = client.get(reverse("case_detail", args=[case.public_id])).content.decode()
    assert "Đã xác minh" in page
    assert "không còn gì phải xác minh" not in page
    assert "verify_applicant" not in page
