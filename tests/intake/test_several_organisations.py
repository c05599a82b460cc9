"""A person who belongs to several organisations: for whom one files, and the list with a filter."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import MembershipRole
from intake.models import Dossier
from intake.states import State
from tests.factories import (
    NOW,
    DossierFactory,
    MembershipFactory,
    OrganisationFactory,
    ProcedureRevisionFactory,
    UserFactory,
    case_in,
)

pytestmark = pytest.mark.django_db
LIST, NEW = "/ho-so/", "/ho-so/moi/"


@pytest.fixture
def agent():
    """Files for two, and reads what a third has filed."""
    user = UserFactory()
    for name, role in (("Công ty Một", "drafter"), ("Công ty Hai", "representative"), ("Công ty Ba", "viewer")):
        MembershipFactory(user=user, organisation=OrganisationFactory(name=name), role=role)
    return user


@pytest.fixture
def organisations(agent):
    return [membership.organisation for membership in agent.memberships.select_related("organisation").order_by("pk")]


def titles(page):
    return {row["dossier"].title for row in page.context["rows"]}


def test_the_person_chooses_for_whom_to_file(sign_in, agent, organisations):
    revision, client = ProcedureRevisionFactory(), sign_in(agent)
    page = client.get(NEW).content.decode()
    assert "Công ty Một" in page
    assert "Công ty Hai" in page
    assert "Công ty Ba" not in page, "a viewer files nothing"
    given = {"procedure": revision.procedure.slug}
    refused = client.post(NEW, given)
    assert refused.status_code == 422
    assert 'aria-describedby="id_organisation_error"' in refused.content.decode()
    assert not Dossier.objects.exists(), "nothing is started for the one that happens to stand first"
    client.post(NEW, given | {"organisation": str(organisations[1].pk)})
    assert Dossier.objects.get().organisation == organisations[1]


@pytest.mark.parametrize("wanted", ["", "x", "0", "\x00", "9" * 400])
def test_an_organisation_that_is_none_is_refused(sign_in, agent, wanted):
    revision = ProcedureRevisionFactory()
    given = {"procedure": revision.procedure.slug, "organisation": wanted}
    assert sign_in(agent).post(NEW, given).status_code == 422
    assert not Dossier.objects.exists()


def test_nothing_is_started_for_an_organisation_of_which_one_is_a_viewer(sign_in, agent, organisations):
    revision = ProcedureRevisionFactory()
    given = {"procedure": revision.procedure.slug, "organisation": str(organisations[2].pk)}
    assert sign_in(agent).post(NEW, given).status_code == 422
    assert not Dossier.objects.exists()


def test_the_organisation_of_the_list_is_chosen_already(sign_in, agent, organisations):
    ProcedureRevisionFactory()
    client = sign_in(agent)
    listed = client.get(LIST, {"don-vi": organisations[1].pk}).content.decode()
    assert f"{NEW}?don-vi={organisations[1].pk}" in listed
    page = client.get(NEW, {"don-vi": organisations[1].pk}).content.decode()
    assert f'<option value="{organisations[1].pk}" selected>' in page


def test_the_list_shows_all_and_says_whose_each_is(sign_in, agent, organisations):
    for organisation in organisations:
        DossierFactory(organisation=organisation, title=f"Hồ sơ của {organisation.name}")
    DossierFactory(title="Của người khác")
    page = sign_in(agent).get(LIST)
    assert titles(page) == {"Hồ sơ của Công ty Một", "Hồ sơ của Công ty Hai", "Hồ sơ của Công ty Ba"}
    assert page.content.decode().count('<span class="sub">Công ty Ba</span>') == 1


def test_the_list_is_filtered_by_organisation(sign_in, agent, organisations):
    for organisation in organisations:
        DossierFactory(organisation=organisation, title=organisation.name)
        case_in(State.SUPPLEMENT_REQUESTED, organisation=organisation)
    page = sign_in(agent).get(LIST, {"don-vi": organisations[0].pk})
    assert titles(page) == {"Công ty Một"}
    assert [row["dossier"].organisation for row in page.context["waiting"]] == [organisations[0]]


def test_the_filter_stays_from_page_to_page(sign_in, agent, organisations):
    for n in range(25):
        DossierFactory(organisation=organisations[0], title=f"A{n}", edited_at=NOW - timedelta(days=n))
        DossierFactory(organisation=organisations[1], title=f"B{n}", edited_at=NOW - timedelta(days=n))
    client = sign_in(agent)
    first = client.get(LIST, {"don-vi": organisations[0].pk})
    second = client.get(first.context["older_url"])
    assert titles(first) | titles(second) == {f"A{n}" for n in range(25)}
    assert titles(client.get(second.context["newer_url"])) == titles(first)


@pytest.mark.parametrize("wanted", ["x", "", "\x00", "-1", "9" * 400])
def test_a_filter_that_is_none_shows_all(sign_in, agent, organisations, wanted):
    DossierFactory(organisation=organisations[0], title="Một")
    assert titles(sign_in(agent).get(LIST, {"don-vi": wanted})) == {"Một"}


def test_the_filter_opens_nothing_of_others(sign_in, agent, organisations):
    other = DossierFactory(title="Của người khác")
    page = sign_in(agent).get(LIST, {"don-vi": other.organisation_id})
    assert "Của người khác" not in page.content.decode()
    assert other.organisation.name not in page.content.decode()


def test_an_organisation_without_dossiers_says_so(sign_in, agent, organisations):
    DossierFactory(organisation=organisations[0])
    page = sign_in(agent).get(LIST, {"don-vi": organisations[1].pk}).content.decode()
    assert "Đơn vị này chưa có hồ sơ nào" in page


def test_who_belongs_to_one_is_offered_no_filter(sign_in):
    dossier = DossierFactory()
    page = sign_in(dossier.created_by).get(LIST).content.decode()
    assert "Mọi đơn vị" not in page


def test_the_list_asks_the_same_however_many_organisations(sign_in, django_assert_max_num_queries):
    agent = UserFactory()
    for n in range(12):
        organisation = OrganisationFactory()
        MembershipFactory(user=agent, organisation=organisation, role=MembershipRole.DRAFTER)
        DossierFactory(organisation=organisation, title=f"Hồ sơ {n}")
    client = sign_in(agent)
    client.get(LIST)
    with django_assert_max_num_queries(13):
        client.get(LIST)


@pytest.mark.parametrize("name", ["dossier_section", "dossier_delete", "dossier_submit"])
def test_a_viewer_of_one_organisation_changes_nothing_there_though_acting_for_another(
    sign_in, agent, organisations, name
):
    dossier = DossierFactory(organisation=organisations[2])
    arguments = {"section": "san-pham"} if name == "dossier_section" else {}
    url = reverse(name, kwargs={"public_id": dossier.public_id, **arguments})
    client = sign_in(agent)
    assert client.post(url).status_code == 404
    assert client.get(reverse("dossier_detail", args=[dossier.public_id])).status_code == 200
