"""A search finds a dossier by the name that its applicant has today."""

import pytest
from django.urls import reverse

from accounts import services
from intake.filing import search_text
from intake.models import Dossier
from intake.states import State
from tests.factories import NOW, DossierFactory, OrganisationFactory, case_in, complete_dossier

pytestmark = pytest.mark.django_db


def rename(organisation, name):
    by = organisation.memberships.order_by("pk").first().user
    organisation.refresh_from_db()
    seen = services.token_of(organisation)
    return services.edit_organisation(organisation, {"name": name}, seen=seen, by=by, at=NOW)


def test_every_dossier_of_a_renamed_applicant_is_found_by_the_new_name():
    case = case_in(State.IN_REVIEW)
    draft = DossierFactory(organisation=case.organisation)
    draft.search_text = search_text(draft)
    draft.save()
    other = complete_dossier()
    rename(case.organisation, "Công ty  Đổi Tên")
    for dossier in Dossier.objects.order_by("pk"):
        assert dossier.search_text == search_text(dossier)
    found = Dossier.objects.filter(search_text__contains="cong ty doi ten").order_by("pk")
    assert [dossier.pk for dossier in found] == [case.pk, draft.pk]
    assert "sao mai" in Dossier.objects.get(pk=other.pk).search_text


def test_a_title_that_holds_the_old_name_keeps_it():
    organisation = OrganisationFactory(name="Sao Mai")
    dossier = complete_dossier(organisation=organisation, title="Camera Sao Mai")
    rename(organisation, "Bình Minh")
    rename(organisation, "Hoàng Hôn")
    text = Dossier.objects.get().search_text
    assert text == f"camera sao mai hoang hon {organisation.tax_code}"
    assert text == search_text(Dossier.objects.get(pk=dossier.pk))


def test_renaming_costs_the_same_however_many_dossiers_there_are(django_assert_max_num_queries):
    organisation = complete_dossier().organisation
    for _n in range(5):
        complete_dossier(organisation=organisation)
    by = organisation.memberships.order_by("pk").first().user
    seen = services.token_of(organisation)
    with django_assert_max_num_queries(16):
        services.edit_organisation(organisation, {"name": "Tên mới"}, seen=seen, by=by, at=NOW)


def test_the_page_renames_and_the_list_of_the_office_finds_it(sign_in):
    case = case_in(State.SUBMITTED)
    organisation = case.organisation
    given = {
        "seen": services.token_of(organisation),
        "name": "Công ty Hoàn Toàn Khác",
        "province": organisation.province,
        "address": organisation.address,
        "phone": "024 3943 6700",
        "representative_name": "Trần Thu Hà",
        "representative_position": "Giám đốc",
    }
    answer = sign_in(case.created_by).post(reverse("organisation_edit", args=[organisation.pk]), given)
    assert answer.status_code == 302
    assert Dossier.objects.filter(search_text__contains="hoan toan khac").exists()
