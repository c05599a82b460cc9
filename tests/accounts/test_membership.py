"""Changing a role, taking somebody out, leaving: by whom, told to whom, and never the last who looks after it."""

import threading

import pytest
from django.db import IntegrityError, connections, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import membership
from accounts.models import Invitation, Membership, MembershipRole, User
from audit.models import Entry
from notifications import recipients
from notifications.models import Event
from tests.accounts.builders import invitation, member
from tests.accounts.test_signing_in import ENGLISH, visible
from tests.notifications.builders import NOON, organisation

pytestmark = pytest.mark.django_db

# Every role × action, said apart from the table so that a mistake there shows.
MAY = {
    "representative": {"read", "leave", "edit", "manage"},
    "drafter": {"read", "leave", "edit"},
    "viewer": {"read", "leave"},
}


@pytest.fixture
def company():
    return organisation()


@pytest.fixture
def ha(company):
    return member(company, email="ha@saomai.example")


@pytest.fixture
def browser(client, ha):
    client.force_login(ha)
    return client


def joined(user: User) -> Membership:
    return user.memberships.get()


def told(event: Event) -> list[User]:
    return [one.user for one in recipients.of(event)]


def role_url(user: User) -> str:
    return reverse("member_role", args=[joined(user).organisation_id, joined(user).pk])


def remove_url(user: User) -> str:
    return reverse("member_remove", args=[joined(user).organisation_id, joined(user).pk])


# --- the table


@pytest.mark.parametrize("role", MembershipRole.values)
@pytest.mark.parametrize("action", membership.ACTIONS)
def test_a_member_may_do_exactly_what_the_table_says(company, ha, role, action):
    user = ha if role == "representative" else member(company, role)
    assert membership.standing_of(user, company.pk).may(action) is (action in MAY[role])


@pytest.mark.parametrize("role", ["drafter", "viewer"])
def test_where_nobody_represents_yet_who_files_manages(company, role):
    assert membership.standing_of(member(company, role), company.pk).may("manage") is (role == "drafter")


def test_the_database_knows_no_other_role(company, ha):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.update(role="king")


# --- another role


def test_a_role_is_changed_and_told_to_the_person_and_the_other_representatives(browser, company, ha):
    other, quang = member(company), member(company, "viewer", name="Ngô Đăng Quang")
    member(company, "drafter")
    page = browser.get(role_url(quang))
    assert "Hiện là Người xem." in visible(page)
    assert not ENGLISH.search(visible(page)), ENGLISH.search(visible(page))
    answer = browser.post(role_url(quang), {"role": "drafter", "seen": page.context["seen"]})
    assert answer["Location"] == reverse("organisation_detail", args=[company.pk])
    assert joined(quang).role == "drafter"
    entry = Entry.objects.about(company).get()
    assert (entry.action, entry.data) == (
        "member_role_changed",
        {"person": quang.pk, "role_before": "viewer", "role": "drafter"},
    )
    assert set(told(Event.objects.get())) == {other, quang}


@pytest.mark.parametrize(
    ("data", "message"), [({"role": ""}, "Hãy chọn vai trò."), ({"role": "king"}, "Hãy chọn một vai trò")]
)
def test_a_role_that_is_none_is_refused_at_its_field(browser, company, data, message):
    quang = member(company, "viewer")
    answer = browser.post(role_url(quang), data | {"seen": "viewer"})
    assert answer.status_code == 422
    assert message in visible(answer)
    assert joined(quang).role == "viewer"


@pytest.mark.parametrize("seen", ["", "drafter", "x" * 5000])
def test_a_page_that_is_old_changes_nothing(browser, company, seen):
    quang = member(company, "viewer")
    for url, data in ((role_url(quang), {"role": "representative"}), (remove_url(quang), {})):
        answer = browser.post(url, data | {"seen": seen})
        assert answer.status_code == 409
        assert "vừa được thay đổi ở nơi khác" in visible(answer)
    assert joined(quang).role == "viewer"
    assert not Entry.objects.about(company).exists()
    assert not Event.objects.exists()


def test_the_same_role_again_is_no_change(browser, company):
    quang = member(company, "viewer")
    assert browser.post(role_url(quang), {"role": "viewer", "seen": "viewer"}).status_code == 302
    assert not Entry.objects.about(company).exists()


def test_the_last_representative_stays_one(browser, company, ha):
    member(company, "drafter")
    answer = browser.post(role_url(ha), {"role": "viewer", "seen": "representative"})
    assert answer.status_code == 422
    assert "ít nhất một người đại diện" in visible(answer)
    assert joined(ha).role == "representative"
    assert not Event.objects.exists()


def test_a_representative_hands_over_and_steps_back(browser, company, ha):
    quang = member(company, "drafter")
    browser.post(role_url(quang), {"role": "representative", "seen": "drafter"})
    browser.post(role_url(ha), {"role": "viewer", "seen": "representative"})
    assert (joined(quang).role, joined(ha).role) == ("representative", "viewer")
    assert browser.get(role_url(quang)).status_code == 404, "who stepped back manages no more"


def test_where_nobody_represents_who_files_does_not_name_themselves(client, company):
    drafter, other = member(company, "drafter"), member(company, "viewer")
    client.force_login(drafter)
    answer = client.post(role_url(drafter), {"role": "representative", "seen": "drafter"})
    assert answer.status_code == 422
    assert joined(drafter).role == "drafter"
    client.post(role_url(other), {"role": "representative", "seen": "viewer"})
    assert joined(other).role == "representative"
    assert client.get(role_url(other)).status_code == 404


# --- taking somebody out


def test_a_member_is_taken_out_and_told(browser, company, ha):
    quang, other = member(company, "drafter", name="Ngô Đăng Quang"), member(company)
    sent = invitation(company, by=other, email="x@saomai.example")
    Event.objects.all().delete()
    page = browser.get(remove_url(quang))
    assert "vẫn thuộc đơn vị" in visible(page)
    browser.post(remove_url(quang), {"seen": page.context["seen"]})
    assert not quang.memberships.exists()
    event = Event.objects.get()
    assert {(one.user, one.url) for one in recipients.of(event)} == {
        (quang, reverse("profile")),
        (other, reverse("organisation_detail", args=[company.pk])),
    }
    assert Entry.objects.about(company).filter(action="member_removed").get().data == {
        "person": quang.pk,
        "role": "drafter",
        "invitations": 0,
    }
    sent.refresh_from_db()
    assert sent.state == "open"


def test_who_is_taken_out_loses_every_page_at_once(client, browser, company, ha):
    quang = member(company, "drafter")
    browser.post(remove_url(quang), {"seen": "drafter"})
    client.force_login(quang)
    assert client.get(reverse("organisation_detail", args=[company.pk])).status_code == 404


def test_the_invitations_of_somebody_who_goes_are_taken_back(browser, company, ha):
    other = member(company)
    sent = invitation(company, by=other, email="x@saomai.example")
    browser.post(remove_url(other), {"seen": "representative"})
    sent.refresh_from_db()
    assert (sent.state, sent.ended_by) == ("revoked", ha)


def test_the_second_click_says_that_the_member_is_gone(browser, company):
    quang = member(company, "drafter")
    url = remove_url(quang)
    assert browser.post(url, {"seen": "drafter"}).status_code == 302
    assert browser.post(url, {"seen": "drafter"}).status_code == 409
    assert browser.get(url).status_code == 404
    assert Entry.objects.about(company).count() == 1


def test_nobody_takes_themselves_out_that_way(browser, company, ha):
    assert browser.get(remove_url(ha))["Location"] == reverse("organisation_leave", args=[company.pk])
    with pytest.raises(membership.NotAllowed):
        membership.remove(joined(ha), seen="representative", by=ha, at=NOON)


def test_a_member_of_another_organisation_is_not_found(browser, company):
    stranger = member(organisation(name="Công ty khác", tax_code="9901000001"), email="b@khac.example")
    for name in ("member_role", "member_remove"):
        assert browser.get(reverse(name, args=[company.pk, joined(stranger).pk])).status_code == 404
    assert browser.post(remove_url(stranger), {"seen": "representative"}).status_code == 404
    assert joined(stranger)


# --- leaving


def test_a_member_leaves_and_the_representatives_are_told(client, company, ha):
    quang = member(company, "viewer")
    client.force_login(quang)
    url = reverse("organisation_leave", args=[company.pk])
    page = visible(client.get(url))
    assert not ENGLISH.search(page), ENGLISH.search(page)
    assert client.post(url)["Location"] == reverse("profile")
    assert not quang.memberships.exists()
    assert set(told(Event.objects.get())) == {ha, quang}
    assert Entry.objects.about(company).get().action == "member_left"
    assert client.post(url).status_code == 404, "the second click finds nothing to leave"


def test_the_last_representative_does_not_leave(browser, company, ha):
    member(company, "drafter")
    answer = browser.post(reverse("organisation_leave", args=[company.pk]))
    assert answer.status_code == 422
    assert "Hãy giao vai trò người đại diện cho người khác trước" in visible(answer)
    assert joined(ha)
    assert not Event.objects.exists()


def test_the_last_who_files_does_not_leave_a_company_that_nobody_represents(client, company):
    drafter = member(company, "drafter")
    member(company, "viewer")
    client.force_login(drafter)
    assert client.post(reverse("organisation_leave", args=[company.pk])).status_code == 422
    member(company, "drafter")
    assert client.post(reverse("organisation_leave", args=[company.pk])).status_code == 302


def test_a_viewer_changes_nobody(client, company, ha):
    viewer, quang = member(company, "viewer"), member(company, "drafter")
    client.force_login(viewer)
    for url, data in ((role_url(quang), {"role": "viewer"}), (remove_url(quang), {})):
        assert client.post(url, data | {"seen": "drafter"}).status_code == 404
    with pytest.raises(membership.NotAllowed):
        membership.change_role(joined(viewer), "representative", seen="viewer", by=viewer, at=NOON)
    with pytest.raises(membership.NotAllowed):
        membership.remove(joined(quang), seen="drafter", by=viewer, at=NOON)
    assert not Invitation.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_representatives_who_leave_at_once_do_not_both_go():
    company = organisation()
    both = [member(company, email=f"{name}@saomai.example") for name in ("ha", "phuc")]
    start, refused = threading.Barrier(2), []

    def go(user: User) -> None:
        try:
            start.wait()
            membership.leave(company, by=user, at=timezone.now())
        except membership.LastToManage as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=(user,)) for user in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert company.memberships.count() == 1
