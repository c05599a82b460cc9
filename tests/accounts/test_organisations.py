import pytest
from django.db import IntegrityError
from django.urls import reverse

from accounts import renaming, services
from accounts.membership import memberships_of
from accounts.models import Membership, Organisation
from audit.models import Entry
from tests.accounts.test_signing_in import ENGLISH, visible
from tests.notifications.builders import NOON, organisation, person

pytestmark = pytest.mark.django_db

COMPANY = {
    "kind": "enterprise",
    "name": "Công ty Cổ phần  Thị giác Sao Mai",
    "tax_code": "9901 000 001",
    "personal_id": "",
    "province": "01",
    "address": "Tầng 8, tòa nhà Bình Minh, phường Cầu Giấy",
    "phone": "024 3999 0101",
    "representative_name": "Trần Thu Hà",
    "representative_position": "Giám đốc",
}
INDIVIDUAL = {
    "kind": "individual",
    "name": "Nguyễn Hữu Khoa",
    "tax_code": "",
    "personal_id": "079 999 000 013",
    "province": "79",
    "address": "Số 5 đường Võ Văn Ngân",
    "phone": "0909 990 113",
}


@pytest.fixture
def ha():
    return person()


def edit(browser, company, data):
    """Sends what was typed on a page that was opened just now."""
    url = reverse("organisation_edit", args=[company.pk])
    return browser.post(url, data | {"seen": services.token_of(Organisation.objects.get(pk=company.pk))})


@pytest.fixture
def browser(client, ha):
    client.force_login(ha)
    return client


def create(browser, data, **query):
    return browser.post(reverse("organisation_create", query=query or None), data)


def test_a_company_is_registered_and_its_director_represents_it(browser, ha):
    response = create(browser, COMPANY)
    assert response["Location"] == reverse("landing")
    company = Organisation.objects.get()
    assert (company.name, company.tax_code) == ("Công ty Cổ phần Thị giác Sao Mai", "9901000001")
    assert company.phone == "02439990101"
    assert memberships_of(ha).get().organisation == company
    assert memberships_of(ha).get().role == "representative"
    assert Entry.objects.about(company).get().action == "organisation_created"


def test_somebody_else_than_the_representative_becomes_a_drafter(browser, ha):
    create(browser, COMPANY | {"representative_name": "Lê Văn Tám"})
    assert memberships_of(ha).get().role == "drafter"


def test_an_individual_gives_a_personal_id_and_stands_for_itself(browser, ha):
    create(browser, INDIVIDUAL)
    individual = Organisation.objects.get()
    assert (individual.tax_code, individual.personal_id) == ("", "079999000013")
    assert individual.representative_name == "Nguyễn Hữu Khoa"
    assert memberships_of(ha).get().role == "representative"
    assert "079999000013" not in str(Entry.objects.about(individual).get().data), "no personal number in the trail"


def test_a_branch_has_thirteen_digits(browser):
    create(browser, COMPANY | {"tax_code": "9901000001001"})
    assert Organisation.objects.get().tax_code == "9901000001-001"


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"kind": ""}, "kind", "Hãy chọn đối tượng nộp hồ sơ."),
        ({"kind": "king"}, "kind", "Hãy chọn một đối tượng trong danh sách."),
        ({"tax_code": ""}, "tax_code", "Hãy nhập mã số thuế."),
        ({"tax_code": "9901000002"}, "tax_code", "chữ số kiểm tra"),
        ({"tax_code": "\x00"}, "tax_code", ""),
        ({"personal_id": "079999000013"}, "personal_id", "Hãy để trống mục này."),
        ({"kind": "individual"}, "tax_code", "Hãy để trống mã số thuế."),
        ({"kind": "individual", "tax_code": ""}, "personal_id", "Hãy nhập số định danh cá nhân."),
        ({"name": " "}, "name", "Hãy nhập tên đầy đủ."),
        ({"name": "A" * 301}, "name", "Nhiều nhất 300 ký tự"),
        ({"province": ""}, "province", "Hãy chọn tỉnh, thành phố."),
        ({"province": "02"}, "province", "Hãy chọn một tỉnh, thành phố trong danh sách."),
        ({"address": ""}, "address", "Hãy nhập địa chỉ."),
        ({"phone": ""}, "phone", "Hãy nhập số điện thoại."),
        ({"phone": "12"}, "phone", "Số điện thoại không đúng."),
        ({"representative_name": ""}, "representative_name", "Hãy nhập họ và tên người đại diện."),
        ({"representative_position": ""}, "representative_position", "Hãy nhập chức vụ của người đại diện."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(browser, change, field, message):
    response = create(browser, COMPANY | change)
    form = response.context["form"]
    assert field in form.errors
    assert any(message in error for error in form.errors[field])
    text = visible(response)
    assert not ENGLISH.search(text), ENGLISH.search(text)
    if "address" not in change:
        assert 'value="Tầng 8, tòa nhà Bình Minh, phường Cầu Giấy"' in response.content.decode(), "input is kept"
    assert not Organisation.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.parametrize("field", ["name", "address", "representative_name", "representative_position"])
@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\x07"])
def test_a_character_that_nobody_sees_is_refused_at_its_field(browser, field, mark):
    response = create(browser, COMPANY | {field: f"Sao {mark}Mai"})
    assert "ký tự ẩn" in response.context["form"].errors[field][0]
    assert not Organisation.objects.exists()


def test_a_hidden_character_in_the_name_of_a_person_is_refused(browser, ha):
    response = browser.post(reverse("profile"), {"full_name": "Trần \u202eHà", "language": "vi"})
    assert "ký tự ẩn" in response.context["form"].errors["full_name"][0]


def test_an_empty_form_asks_for_each_thing_once(browser):
    form = create(browser, {}).context["form"]
    assert set(form.errors) == {"kind", "name", "province", "address", "phone"}


def test_a_taken_tax_code_is_refused_without_saying_whose_it_is(browser):
    organisation(tax_code="9901000001", name="Công ty Bí Mật", representative_name="Người Bí Mật")
    response = create(browser, COMPANY)
    assert "Mã số thuế này đã được đăng ký." in response.context["form"].errors["tax_code"][0]
    assert "Bí Mật" not in visible(response)
    assert Organisation.objects.count() == 1


def test_a_taken_personal_id_is_refused_likewise(browser):
    organisation(kind="individual", tax_code="", personal_id="079999000013", name="Người Bí Mật")
    response = create(browser, INDIVIDUAL)
    assert "Số định danh này đã được đăng ký." in response.context["form"].errors["personal_id"][0]
    assert "Bí Mật" not in visible(response)


def test_somebody_faster_gets_the_tax_code(ha, monkeypatch):
    def too_late(*args, **options):
        raise IntegrityError

    monkeypatch.setattr(Organisation, "save", too_late)
    data = {k: v for k, v in COMPANY.items() if k != "personal_id"} | {"tax_code": "9901000001"}
    with pytest.raises(services.AlreadyRegistered) as refusal:
        services.create_organisation(data, by=ha, at=NOON)
    assert refusal.value.field == "tax_code"
    assert not Membership.objects.exists()


def test_one_person_registers_several_applicants(browser, ha):
    create(browser, COMPANY)
    assert create(browser, INDIVIDUAL)["Location"] == reverse("landing")
    assert [one.organisation.kind for one in memberships_of(ha)] == ["enterprise", "individual"]


def test_registering_the_same_one_twice_leads_to_it(browser, ha):
    create(browser, COMPANY)
    company = Organisation.objects.get()
    assert create(browser, COMPANY)["Location"] == reverse("organisation_detail", args=[company.pk])
    assert memberships_of(ha).count() == 1
    data = {"kind": "enterprise", "tax_code": "9901000001", "name": "B", "representative_name": "C"}
    with pytest.raises(services.AlreadyAMember):
        services.create_organisation(data, by=ha, at=NOON)


def test_nobody_registers_applicants_by_the_hundred(browser, ha, monkeypatch):
    monkeypatch.setattr(services, "MOST_ORGANISATIONS", 1)
    create(browser, COMPANY)
    response = create(browser, INDIVIDUAL)
    assert response.status_code == 422
    assert "không khai báo thêm được" in visible(response)
    assert Organisation.objects.count() == 1


def test_after_registering_the_person_goes_where_they_were_going(browser):
    target = reverse("notification_list")
    page = browser.get(reverse("organisation_create", query={"next": target}))
    assert f'name="next" value="{target}"' in page.content.decode()
    assert create(browser, COMPANY | {"next": target})["Location"] == target


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "abc"])
def test_registering_never_leads_away_from_the_site(browser, target):
    assert create(browser, COMPANY | {"next": target})["Location"] == reverse("landing")


def test_what_identifies_an_applicant_does_not_change(browser, ha):
    create(browser, COMPANY)
    company = Organisation.objects.get()
    url = reverse("organisation_edit", args=[company.pk])
    assert "9901000001" in visible(browser.get(url))
    change = {"phone": "0901234567", "tax_code": "9901079192", "kind": "agency"}
    saved = edit(browser, company, COMPANY | change)
    assert saved["Location"] == reverse("organisation_detail", args=[company.pk])
    company.refresh_from_db()
    assert (company.phone, company.tax_code, company.kind) == ("0901234567", "9901000001", "enterprise")
    entry = Entry.objects.about(company).order_by("-number").first()
    assert (entry.action, entry.data) == ("organisation_changed", {"phone": ["02439990101", "0901234567"]})


def test_an_edit_that_fails_keeps_what_was_typed_and_saves_nothing(browser, ha):
    create(browser, COMPANY)
    company = Organisation.objects.get()
    response = edit(browser, company, COMPANY | {"name": "", "address": "Mới"})
    assert response.status_code == 422
    assert "Hãy nhập tên đầy đủ." in visible(response)
    assert 'value="Mới"' in response.content.decode()
    assert "<h1>Công ty Cổ phần Thị giác Sao Mai</h1>" in response.content.decode()
    company.refresh_from_db()
    assert company.address == COMPANY["address"]


def test_what_a_colleague_saved_meanwhile_is_shown_and_not_overwritten(browser, ha):
    create(browser, COMPANY)
    company = Organisation.objects.get()
    url = reverse("organisation_edit", args=[company.pk])
    seen = browser.get(url).context["seen"]
    edit(browser, company, COMPANY | {"address": "Địa chỉ của đồng nghiệp"})
    stale = browser.post(url, COMPANY | {"address": "Địa chỉ của tôi", "seen": seen})
    assert stale.status_code == 409
    text = visible(stale)
    assert "Địa chỉ của đồng nghiệp" in text
    assert 'value="Địa chỉ của tôi"' in stale.content.decode()
    company.refresh_from_db()
    assert company.address == "Địa chỉ của đồng nghiệp"
    browser.post(url, COMPANY | {"address": "Địa chỉ của tôi", "seen": stale.context["seen"]})
    company.refresh_from_db()
    assert company.address == "Địa chỉ của tôi", "saving again replaces the other text knowingly"
    assert browser.post(url, COMPANY | {"address": "Không có gì"}).status_code == 409, "a page without a token is old"


def test_the_same_text_twice_is_no_conflict(browser, ha):
    create(browser, COMPANY)
    company = Organisation.objects.get()
    url = reverse("organisation_edit", args=[company.pk])
    data = COMPANY | {"address": "Mới", "seen": browser.get(url).context["seen"]}
    assert [browser.post(url, data).status_code for _click in range(2)] == [302, 302]


def test_an_individual_edits_without_being_asked_for_a_representative(browser, ha):
    create(browser, INDIVIDUAL)
    individual = Organisation.objects.get()
    url = reverse("organisation_edit", args=[individual.pk])
    assert "representative_name" not in browser.get(url).context["form"].fields
    assert edit(browser, individual, INDIVIDUAL | {"name": "Nguyễn Hữu Khoa B"}).status_code == 302
    individual.refresh_from_db()
    assert individual.representative_name == "Nguyễn Hữu Khoa B"


@pytest.mark.parametrize("role", [None, "viewer"])
def test_a_stranger_and_a_viewer_get_404(browser, ha, role):
    company = organisation()
    if role:
        Membership.objects.create(user=ha, organisation=company, role=role)
    url = reverse("organisation_edit", args=[company.pk])
    assert browser.get(url).status_code == 404
    assert browser.post(url, COMPANY).status_code == 404


def test_the_page_works_without_scripts_and_explains_both_numbers(browser):
    html = browser.get(reverse("organisation_create")).content.decode()
    assert 'name="tax_code"' in html
    assert 'name="personal_id"' in html
    text = visible(browser.get(reverse("organisation_create")))
    assert "Cá nhân khai mục này" in text
    assert not ENGLISH.search(text), ENGLISH.search(text)


def test_the_profile_changes_name_and_language(browser, ha):
    response = browser.post(reverse("profile"), {"full_name": "Trần Thị Thu Hà", "language": "en"})
    assert response.cookies["django_language"].value == "en"
    ha.refresh_from_db()
    assert (ha.full_name, ha.language) == ("Trần Thị Thu Hà", "en")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"full_name": "", "language": "vi"}, "Hãy nhập họ và tên."),
        ({"full_name": "Hà", "language": "xx"}, "Hãy chọn một ngôn ngữ trong danh sách."),
    ],
)
def test_the_profile_says_what_is_wrong(browser, ha, data, message):
    response = browser.post(reverse("profile"), data)
    assert message in visible(response)
    assert "Trần Thu Hà" in visible(response)
    ha.refresh_from_db()
    assert ha.full_name == "Trần Thu Hà"


def test_an_official_does_not_rename_themselves(client):
    officer = person("mot-cua@bo.example", "Nguyễn Thị Hạnh", role="intake_officer")
    client.force_login(officer)
    client.post(reverse("profile"), {"full_name": "Người Khác", "language": "vi"})
    officer.refresh_from_db()
    assert officer.full_name == "Nguyễn Thị Hạnh"
    assert "Cán bộ tiếp nhận" in visible(client.get(reverse("profile")))


def test_the_profile_shows_the_applicant_and_asks_few_queries(browser, django_assert_max_num_queries):
    create(browser, COMPANY)
    with django_assert_max_num_queries(8):
        text = visible(browser.get(reverse("profile")))
    assert "9901000001" in text
    assert "phường Cầu Giấy, Hà Nội" in text


@pytest.fixture
def follower(monkeypatch):
    """What a registered follower is told, one entry a call."""
    told = []
    monkeypatch.setattr(renaming, "_followers", [])
    renaming.register(lambda company, before: told.append((before, company.name)))
    return told


def test_who_registered_is_told_of_a_new_name_and_of_nothing_else(ha, follower):
    company = organisation()
    Membership.objects.create(user=ha, organisation=company, role="drafter")
    seen = services.token_of(company)
    company = services.edit_organisation(company, {"phone": "02439990102"}, seen=seen, by=ha, at=NOON)
    assert follower == []
    seen = services.token_of(company)
    services.edit_organisation(company, {"name": "Tên mới"}, seen=seen, by=ha, at=NOON)
    assert follower == [("Công ty Cổ phần Thị giác Sao Mai", "Tên mới")]


def test_a_follower_that_fails_leaves_the_name_as_it_was(ha, follower):
    def fail(company, before):
        raise RuntimeError

    company = organisation()
    Membership.objects.create(user=ha, organisation=company, role="drafter")
    renaming.register(fail)
    with pytest.raises(RuntimeError):
        services.edit_organisation(company, {"name": "Tên mới"}, seen=services.token_of(company), by=ha, at=NOON)
    company.refresh_from_db()
    assert company.name == "Công ty Cổ phần Thị giác Sao Mai"
    assert not Entry.objects.about(company).exists()
