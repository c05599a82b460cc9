"""Inviting a colleague, answering, sending again and taking back; and that nothing tells of an account."""

import re
from datetime import timedelta
from email.utils import parseaddr

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import inviting, membership
from accounts.models import Invitation, InvitationState, Membership, Role
from audit.models import Entry
from notifications import expansion
from notifications.models import Channel, Delivery, Event
from tests.accounts.builders import INVITED, confirmed, invitation, member
from tests.accounts.test_signing_in import ENGLISH, SIGN_UP, link_in, visible
from tests.notifications.builders import NOON, organisation, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_earlier_attempts():
    cache.clear()
    yield
    cache.clear()


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


@pytest.fixture
def delivered(eager_tasks, django_capture_on_commit_callbacks):
    """Runs what is sent on commit: the mails are then in the outbox of the test."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def invite(browser, company, **data):
    return browser.post(reverse("invitation_new", args=[company.pk]), {"email": INVITED, "role": "drafter"} | data)


def actions_about(company):
    return list(Entry.objects.about(company).order_by("number").values_list("action", flat=True))


# --- inviting


def test_a_colleague_is_invited_by_mail(browser, company, delivered, mailoutbox):
    with delivered():
        answer = invite(browser, company, email=" Quang@SaoMai.example ")
    assert answer["Location"] == reverse("organisation_detail", args=[company.pk])
    found = Invitation.objects.get()
    assert (found.email, found.role, found.state) == (INVITED, "drafter", "open")
    (message,) = mailoutbox
    assert message.to == [INVITED]
    assert message.subject == "[Hồ Sơ] Trần Thu Hà mời Ông/Bà tham gia Công ty Cổ phần Thị giác Sao Mai"
    assert "với vai trò Người soạn hồ sơ" in message.body
    assert link_in(message) == reverse("invitation", args=[found.key])
    words = re.sub(r"https?://\S+|\S+@\S+", "", message.subject + message.body)
    assert not ENGLISH.search(words), ENGLISH.search(words)
    entry = Entry.objects.about(company).get()
    assert (entry.action, entry.data) == ("member_invited", {"invitation": found.pk, "role": "drafter"})
    page = visible(browser.get(answer["Location"]))
    assert INVITED in page
    assert found.key not in page


def test_the_other_representatives_are_told_and_may_take_it_back(browser, company, delivered, mailoutbox):
    member(company, email="phuc@saomai.example")
    member(company, "drafter", email="an@saomai.example")
    with delivered():
        invite(browser, company)
    assert sorted(parseaddr(message.to[0])[1] for message in mailoutbox) == ["phuc@saomai.example", INVITED]


def test_inviting_answers_the_same_whether_or_not_the_address_has_an_account(browser, company, ha):
    member(organisation(name="Công ty khác", tax_code="9901000001"), email="co@saomai.example")
    pages = []
    for email in ("co@saomai.example", "khong@saomai.example"):
        cache.clear()
        answer = invite(browser, company, email=email)
        page = browser.get(answer["Location"])
        found = Invitation.objects.get(email=email)
        text = re.sub(r"[0-9:/, ]+|" + re.escape(email), " ", visible(page))
        pages.append((answer.status_code, answer["Location"], text.replace(str(found.pk), "")))
        inviting.revoke(found, by=ha, at=timezone.now())
    assert pages[0] == pages[1]


@pytest.mark.parametrize("known", ["confirmed", "unconfirmed", "unknown"])
def test_inviting_writes_the_same_rows_for_every_address(company, ha, known):
    if known != "unknown":
        user = person(INVITED, "Ngô Đăng Quang")
        EmailAddress.objects.create(user=user, email=INVITED, verified=known == "confirmed", primary=True)
    found = invitation(company, by=ha)
    (event,) = Event.objects.all()
    assert event.context == {
        "organisation": company.name,
        "invitation": found.pk,
        "role": "drafter",
        "by_name": "Trần Thu Hà",
        "due": found.expires_at.isoformat(),
    }


def test_who_has_confirmed_the_address_is_also_told_on_the_bell(browser, company, delivered, mailoutbox):
    quang = confirmed()
    with delivered():
        invite(browser, company)
    assert {d.channel for d in Delivery.objects.filter(recipient=quang)} == {Channel.EMAIL, Channel.IN_APP}
    assert mailoutbox[0].to == ["=?utf-8?b?TmfDtCDEkMSDbmcgUXVhbmc=?= <quang@saomai.example>"]


def test_an_account_that_never_confirmed_the_address_hears_nothing(browser, company, delivered, mailoutbox):
    squatter = person(INVITED, "Kẻ Chiếm Chỗ")
    with delivered():
        invite(browser, company)
    assert not Delivery.objects.filter(recipient=squatter).exists()
    assert mailoutbox[0].to == [INVITED]
    assert "Kẻ Chiếm Chỗ" not in mailoutbox[0].body


def test_expanding_the_event_twice_writes_one_mail_to_the_address(browser, company, delivered, mailoutbox):
    with delivered():
        invite(browser, company)
    Event.objects.update(expanded_at=None)
    expansion.expand_due(at=timezone.now() + timedelta(minutes=1))
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "field", "message"),
    [
        ({"email": ""}, "email", "Hãy nhập địa chỉ thư điện tử."),
        ({"email": "khong-phai-thu"}, "email", "Địa chỉ thư điện tử không đúng."),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "email", "Địa chỉ thư điện tử không đúng."),
        ({"email": "a\x00@b.example"}, "email", "ký tự không hợp lệ"),
        ({"email": "a" * 250 + "@b.example"}, "email", "Nhiều nhất 254 ký tự"),
        ({"role": ""}, "role", "Hãy chọn vai trò."),
        ({"role": "king"}, "role", "Hãy chọn một vai trò trong danh sách."),
        ({"email": "HA@saomai.example"}, "email", "đã là thành viên"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_sent(browser, company, data, field, message):
    answer = invite(browser, company, **data)
    assert answer.status_code == 422
    assert any(message in error for error in answer.context["form"].errors[field])
    assert not ENGLISH.search(visible(answer)), ENGLISH.search(visible(answer))
    if field == "role":
        assert f'value="{INVITED}"' in answer.content.decode(), "input is kept"
    assert not Invitation.objects.exists()
    assert not Event.objects.exists()


def test_an_address_is_invited_once_at_a_time(browser, company):
    invite(browser, company)
    answer = invite(browser, company, role="viewer")
    assert answer.status_code == 422
    assert "đã được mời" in visible(answer)
    assert Invitation.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            organisation=company,
            email=INVITED,
            role="viewer",
            invited_by_id=Membership.objects.get().user_id,
            invited_at=NOON,
            mailed_at=NOON,
            expires_at=NOON,
        )


def test_an_invitation_that_has_expired_makes_room_for_another(company, ha):
    old = invitation(company, by=ha)
    new = invitation(company, by=ha, at=NOON + inviting.VALID)
    old.refresh_from_db()
    assert (old.state, new.state) == ("revoked", "open")


def test_an_organisation_does_not_flood_mailboxes(browser, company, ha, monkeypatch):
    monkeypatch.setattr(inviting, "MOST_OPEN", 1)
    invite(browser, company)
    answer = invite(browser, company, email="b@saomai.example")
    assert answer.status_code == 422
    assert "quá nhiều lời mời chưa trả lời" in visible(answer)
    inviting.revoke(Invitation.objects.get(), by=ha, at=timezone.now())
    monkeypatch.setattr(inviting, "MOST_A_DAY", 1)
    assert "trong một ngày" in visible(invite(browser, company, email="b@saomai.example"))


def test_who_lost_the_role_between_the_page_and_the_click_invites_nobody(company, ha):
    member(company)
    Membership.objects.filter(user=ha).update(role="drafter")
    with pytest.raises(membership.NotAllowed):
        invitation(company, by=ha)
    assert not Entry.objects.about(company).exists()


def test_while_nobody_represents_the_company_who_files_looks_after_it(client, company):
    drafter = member(company, "drafter")
    client.force_login(drafter)
    page = visible(client.get(reverse("organisation_detail", args=[company.pk])))
    assert "Người đại diện của đơn vị chưa có tài khoản" in page
    assert invite(client, company, role="representative").status_code == 302
    member(company)
    assert invite(client, company, email="b@saomai.example").status_code == 404


# --- answering


def test_the_link_shows_what_it_is_about_and_changes_nothing(client, company, ha):
    found = invitation(company, by=ha, at=timezone.now())
    url = reverse("invitation", args=[found.key])
    page = visible(client.get(url))
    for words in (company.name, "Trần Thu Hà", INVITED, "Người soạn hồ sơ", "Đăng nhập", "Đăng ký"):
        assert words in page
    found.refresh_from_db()
    assert found.state == "open"
    assert not ENGLISH.search(page), ENGLISH.search(page)
    assert client.post(url)["Location"] == f"{reverse('account_login')}?next={url}"


def test_an_existing_account_accepts(client, company, ha, delivered, mailoutbox):
    quang, found = confirmed(), invitation(company, by=ha, at=timezone.now())
    client.force_login(quang)
    url = reverse("invitation", args=[found.key])
    assert "Tham gia" in visible(client.get(url))
    with delivered():
        answer = client.post(url)
    assert answer["Location"] == reverse("organisation_detail", args=[company.pk])
    assert membership.standing_of(quang, company.pk).membership.role == "drafter"
    found.refresh_from_db()
    assert (found.state, found.ended_by) == ("accepted", quang)
    assert actions_about(company) == ["member_invited", "member_joined"]
    told = [message for message in mailoutbox if "ha@saomai.example" in message.to[0]]
    assert [message.subject for message in told] == [
        "[Hồ Sơ] Ngô Đăng Quang đã tham gia Công ty Cổ phần Thị giác Sao Mai"
    ]


def test_a_link_works_once_and_a_second_click_is_no_error(client, company, ha):
    quang, found = confirmed(), invitation(company, by=ha, at=timezone.now())
    client.force_login(quang)
    url = reverse("invitation", args=[found.key])
    for _click in range(2):
        assert client.post(url)["Location"] == reverse("organisation_detail", args=[company.pk])
    assert Membership.objects.filter(user=quang).count() == 1
    assert actions_about(company).count("member_joined") == 1
    Membership.objects.filter(user=quang).delete()
    client.post(url)
    assert not Membership.objects.filter(user=quang).exists(), "who was removed does not come back by the old link"


def test_a_new_account_joins_after_confirming_the_invited_address(client, company, ha, mailoutbox):
    found = invitation(company, by=ha, at=timezone.now())
    url = reverse("invitation", args=[found.key])
    signup = re.search(r'href="([^"]*/signup/[^"]*)"', client.get(url).content.decode())[1].replace("&amp;", "&")
    page = client.get(signup).content.decode()
    assert f'value="{INVITED}"' in page, "the address is there already"
    client.post(reverse("account_signup"), SIGN_UP | {"email": INVITED, "next": url})
    confirm = link_in(mailoutbox[-1])
    assert client.post(confirm, follow=True).redirect_chain[-1][0] == url
    assert client.post(url)["Location"] == reverse("organisation_detail", args=[company.pk])


def test_who_signs_up_elsewhere_finds_the_invitation_at_the_first_sign_in(client, company, ha, mailoutbox):
    found = invitation(company, by=ha, at=timezone.now())
    client.post(reverse("account_signup"), SIGN_UP | {"email": INVITED})
    answer = client.post(link_in(mailoutbox[-1]))
    assert answer["Location"] == reverse("invitation", args=[found.key])


def test_the_account_page_shows_invitations_to_a_confirmed_address_only(client, company, ha):
    found = invitation(company, by=ha, at=timezone.now())
    squatter = person(INVITED, "Kẻ Chiếm Chỗ")
    client.force_login(squatter)
    assert found.key not in client.get(reverse("profile")).content.decode()
    EmailAddress.objects.create(user=squatter, email=INVITED, verified=True, primary=True)
    assert found.key in client.get(reverse("profile")).content.decode()


@pytest.mark.parametrize("who", ["another", "unconfirmed", "staff"])
def test_nobody_but_the_owner_of_the_confirmed_address_accepts(client, company, ha, who):
    found = invitation(company, by=ha, at=timezone.now())
    if who == "another":
        user = confirmed("khac@saomai.example", "Người Khác")
    elif who == "staff":
        user = confirmed()
        user.role_assignments.create(role=Role.INTAKE_OFFICER)
    else:
        user = person(INVITED, "Kẻ Chiếm Chỗ")
    client.force_login(user)
    url = reverse("invitation", args=[found.key])
    assert 'name="decline"' not in client.get(url).content.decode()
    for data in ({}, {"decline": "1"}):
        answer = client.post(url, data)
        assert answer.status_code == 409
        assert 'role="status"' in answer.content.decode()
    found.refresh_from_db()
    assert found.state == "open"
    assert not Membership.objects.filter(user=user).exists()


@pytest.mark.parametrize(
    ("state", "words"), [("revoked", "đã được thu hồi"), ("expired", "đã hết hạn"), ("declined", "đã bị từ chối")]
)
def test_a_link_that_is_over_says_so(client, company, ha, state, words):
    quang = confirmed()
    at = timezone.now()
    found = invitation(company, by=ha, at=at - inviting.VALID if state == "expired" else at)
    if state == "revoked":
        inviting.revoke(found, by=ha, at=at)
    elif state == "declined":
        inviting.decline(found, by=quang, at=at)
    client.force_login(quang)
    for answer in (
        client.get(reverse("invitation", args=[found.key])),
        client.post(reverse("invitation", args=[found.key])),
    ):
        assert answer.status_code == 410
        assert words in visible(answer)
    assert not Membership.objects.filter(user=quang).exists()


def test_an_unknown_link_says_what_to_do(client):
    for key in ("x", "a" * 500, "%00"):
        answer = client.get(f"/loi-moi/{key}/")
        assert answer.status_code == 404
    assert "đề nghị người mời gửi lại" in visible(client.get("/loi-moi/x/"))


def test_declining_tells_the_inviter_and_adds_nobody(client, company, ha, delivered, mailoutbox):
    quang, found = confirmed(), invitation(company, by=ha, at=timezone.now())
    client.force_login(quang)
    with delivered():
        answer = client.post(reverse("invitation", args=[found.key]), {"decline": "1"})
    assert answer["Location"] == reverse("profile")
    assert not Membership.objects.filter(user=quang).exists()
    assert actions_about(company) == ["member_invited", "invitation_declined"]
    assert any("từ chối tham gia" in message.subject for message in mailoutbox)


def test_who_is_a_member_already_keeps_the_role(company, ha):
    found = invitation(company, by=ha, role="viewer", at=NOON)
    quang = confirmed()
    Membership.objects.create(user=quang, organisation=company, role="representative")
    inviting.accept(found, by=quang, at=NOON)
    assert Membership.objects.get(user=quang).role == "representative"


# --- sending again, taking back


def test_an_invitation_is_sent_again_with_time_enough_to_answer(company, ha):
    found = invitation(company, by=ha)
    later = NOON + timedelta(days=20)
    again = inviting.resend(found, by=ha, at=later)
    assert (again.state, again.key, again.expires_at) == ("open", found.key, later + inviting.VALID)
    assert Event.objects.filter(kind="invitation_sent").count() == 2
    assert actions_about(company) == ["member_invited", "invitation_resent"]


def test_not_in_the_same_breath(browser, company, ha):
    found = invitation(company, by=ha, at=timezone.now())
    answer = browser.post(reverse("invitation_resend", args=[company.pk, found.pk]))
    assert answer.status_code == 422
    assert "Hãy đợi ít nhất 10 phút" in visible(answer)
    assert Event.objects.count() == 1


def test_a_page_that_is_old_sends_nothing_again(browser, company, ha):
    found = invitation(company, by=ha, at=timezone.now() - timedelta(hours=1))
    inviting.accept(found, by=confirmed(), at=timezone.now())
    for name in ("invitation_resend", "invitation_revoke"):
        answer = browser.post(reverse(name, args=[company.pk, found.pk]))
        assert answer.status_code == 409
        assert "đã được chấp nhận" in visible(answer)
    found.refresh_from_db()
    assert found.state == InvitationState.ACCEPTED


def test_taking_back_ends_the_link_and_tells_the_invited(browser, company, ha, delivered, mailoutbox):
    found = invitation(company, by=ha, at=timezone.now())
    url = reverse("invitation_revoke", args=[company.pk, found.pk])
    with delivered():
        assert browser.post(url).status_code == 302
        assert browser.post(url).status_code == 302, "the second click of two"
    assert actions_about(company) == ["member_invited", "invitation_revoked"]
    assert [message.to for message in mailoutbox if "thu hồi" in message.subject] == [[INVITED]]
    assert browser.get(reverse("invitation", args=[found.key])).status_code == 410


def test_an_invitation_of_another_organisation_is_not_found(browser, company):
    other = organisation(name="Công ty khác", tax_code="9901000001")
    found = invitation(other, by=member(other, email="b@khac.example"))
    for name in ("invitation_resend", "invitation_revoke"):
        assert browser.post(reverse(name, args=[company.pk, found.pk])).status_code == 404
        assert browser.post(reverse(name, args=[other.pk, found.pk])).status_code == 404
    found.refresh_from_db()
    assert found.state == "open"


def test_the_page_asks_few_queries_however_many_belong(browser, company, ha, django_assert_max_num_queries):
    for number in range(20):
        member(company, "viewer", email=f"v{number}@saomai.example")
        invitation(company, by=ha, email=f"moi{number}@saomai.example", at=timezone.now())
    with django_assert_max_num_queries(8):
        page = visible(browser.get(reverse("organisation_detail", args=[company.pk])))
    assert "v19@saomai.example" in page
    assert "moi19@saomai.example" in page
    assert not ENGLISH.search(page), ENGLISH.search(page)


def test_a_viewer_reads_who_belongs_and_is_offered_no_change(client, company, ha):
    found = invitation(company, by=ha, at=timezone.now())
    client.force_login(member(company, "viewer"))
    html = client.get(reverse("organisation_detail", args=[company.pk])).content.decode()
    assert INVITED in html
    for name, arguments in (
        ("invitation_new", [company.pk]),
        ("organisation_edit", [company.pk]),
        ("invitation_resend", [company.pk, found.pk]),
        ("invitation_revoke", [company.pk, found.pk]),
    ):
        assert f'"{reverse(name, args=arguments)}"' not in html
