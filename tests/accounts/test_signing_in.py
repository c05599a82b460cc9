"""Signing up, confirming, signing in and out, and passwords: with allauth, in our words."""

import re
import smtplib

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.models import User
from tests.notifications.builders import organisation, person

pytestmark = pytest.mark.django_db

SIGN_UP = {
    "full_name": "  Trần   Thu Hà ",
    "email": "Ha@SaoMai.example",
    "password1": "rung-xanh-nui-do",
    "password2": "rung-xanh-nui-do",
}
# Words that betray a string nobody translated.
ENGLISH = re.compile(
    r"\b(the|your|please|password|sign|must|this|field|required|enter|valid|account|address|you|again|forgot|"
    r"username|confirm|bad|change|error|invalid|token|link)\b",
    re.IGNORECASE,
)


@pytest.fixture(autouse=True)
def no_earlier_attempts():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ha():
    user = person()
    user.set_password("rung-xanh-nui-do")
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def visible(response) -> str:
    html = response.content.decode()
    html = re.sub(r"<(head|script|style)\b.*?</\1>", "", html, flags=re.DOTALL)
    labels = " ".join(re.findall(r'(?:placeholder|aria-label|alt|title)="([^"]*)"', html))
    return strip_tags(html) + labels


def link_in(message) -> str:
    return re.search(r"http://localhost:8000(/\S+)", message.body)[1]


def test_from_signing_up_to_the_first_page(client, mailoutbox):
    response = client.post(reverse("account_signup"), SIGN_UP)
    assert response["Location"] == reverse("account_email_verification_sent")
    user = User.objects.get()
    assert (user.email, user.full_name) == ("ha@saomai.example", "Trần Thu Hà")
    (message,) = mailoutbox
    assert message.subject == "[Hồ Sơ] Xác nhận địa chỉ thư điện tử"
    assert "Kính gửi Ông/Bà Trần Thu Hà," in message.body
    confirm = link_in(message)
    assert "Xác nhận" in visible(client.get(confirm))
    assert not EmailAddress.objects.get().verified, "opening the link, as mail scanners do, confirms nothing"
    response = client.post(confirm)
    assert response["Location"] == reverse("organisation_create"), "who just confirmed is signed in"
    assert EmailAddress.objects.get().verified


def test_without_confirmation_nobody_signs_in_and_the_mail_is_sent_again(client, mailoutbox):
    client.post(reverse("account_signup"), SIGN_UP)
    client.session.flush()
    client.cookies.clear()
    cache.clear()  # the pause between two such mails
    response = client.post(reverse("account_login"), {"login": SIGN_UP["email"], "password": SIGN_UP["password1"]})
    assert response["Location"] == reverse("account_email_verification_sent")
    assert "_auth_user_id" not in client.session
    assert len(mailoutbox) == 2


def test_links_in_mails_carry_the_public_address_not_the_visitors_host(client, mailoutbox, settings):
    settings.SITE_URL = "https://hoso.most.example"
    settings.ALLOWED_HOSTS = ["internal", "testserver"]
    client.post(reverse("account_signup"), SIGN_UP, headers={"host": "internal"})
    assert "https://hoso.most.example/tai-khoan/confirm-email/" in mailoutbox[0].body
    assert "internal" not in mailoutbox[0].body


def test_signing_up_with_a_taken_address_tells_only_its_owner(client, ha, mailoutbox):
    stranger = client.post(reverse("account_signup"), SIGN_UP)
    assert stranger["Location"] == reverse("account_email_verification_sent")
    (message,) = mailoutbox
    assert message.to == ["ha@saomai.example"]
    assert message.subject == "[Hồ Sơ] Địa chỉ này đã có tài khoản"
    assert reverse("account_reset_password") in message.body
    assert User.objects.count() == 1


def test_signing_up_hashes_the_password_whether_or_not_the_address_is_taken(client, ha, monkeypatch):
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda hasher, password, salt: hashed.append(password) or encode(hasher, password, salt),
    )
    # Hashing is what takes long, so somebody with a watch would know who has an account.
    client.post(reverse("account_signup"), SIGN_UP | {"email": "moi@saomai.example"})
    assert hashed == [SIGN_UP["password1"]]
    hashed.clear()
    client.cookies.clear()
    client.post(reverse("account_signup"), SIGN_UP)
    assert hashed == [SIGN_UP["password1"]]
    assert User.objects.count() == 2


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, ha):
    answers = [
        visible(client.post(reverse("account_login"), {"login": login, "password": "sai-mat-khau-roi"}))
        for login in ("ha@saomai.example", "ai@do.example")
    ]
    assert "Địa chỉ thư điện tử hoặc mật khẩu không đúng." in answers[0]
    # The page shows the address that was typed, and nothing else differs.
    assert answers[0].replace("ha@saomai.example", "") == answers[1].replace("ai@do.example", "")


def test_asking_for_a_reset_answers_the_same_whether_or_not_the_address_is_known(client, ha, mailoutbox):
    for email in ("ha@saomai.example", "ai@do.example"):
        response = client.post(reverse("account_reset_password"), {"email": email})
        assert response["Location"] == reverse("account_reset_password_done")
    assert [m.subject for m in mailoutbox] == [
        "[Hồ Sơ] Đặt lại mật khẩu",
        "[Hồ Sơ] Địa chỉ này chưa có tài khoản",
    ]


def test_a_forgotten_password_is_set_anew_once(client, ha, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": ha.email})
    link = link_in(mailoutbox[0])
    form = client.get(link, follow=True)
    assert "Đặt mật khẩu mới" in visible(form)
    new = {"password1": "song-dai-bien-rong", "password2": "song-dai-bien-rong"}
    done = client.post(form.redirect_chain[-1][0], new, follow=True)
    assert "Đã đặt mật khẩu mới" in visible(done)
    ha.refresh_from_db()
    assert ha.check_password("song-dai-bien-rong")
    assert mailoutbox[-1].subject == "[Hồ Sơ] Mật khẩu vừa được thay đổi"
    client.session.flush()
    assert "Liên kết không dùng được nữa" in visible(client.get(link, follow=True))


def test_a_password_is_changed_from_the_profile(client, ha, mailoutbox):
    client.force_login(ha)
    url = reverse("account_change_password")
    wrong = {"oldpassword": "nham", "password1": "song-dai-bien-rong", "password2": "song-dai-bien-rong"}
    assert "Mật khẩu hiện tại không đúng." in visible(client.post(url, wrong))
    response = client.post(url, wrong | {"oldpassword": "rung-xanh-nui-do"})
    assert response["Location"] == reverse("profile")
    ha.refresh_from_db()
    assert ha.check_password("song-dai-bien-rong")
    assert [m.subject for m in mailoutbox] == ["[Hồ Sơ] Mật khẩu vừa được thay đổi"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"full_name": ""}, "Hãy nhập họ và tên."),
        ({"full_name": "123 !"}, "Họ và tên phải có chữ cái."),
        ({"full_name": "A" * 151}, "Nhiều nhất 150 ký tự; bạn đã nhập 151."),
        ({"full_name": "A\x00b"}, "Nội dung có ký tự không hợp lệ."),
        ({"email": ""}, "Hãy nhập địa chỉ thư điện tử."),
        ({"email": "khong-phai-thu"}, "Địa chỉ thư điện tử không đúng."),
        ({"email": "a" * 250 + "@b.example"}, "Nhiều nhất 254 ký tự"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "Địa chỉ thư điện tử không đúng."),
        ({"password1": "ngan", "password2": "ngan"}, "Mật khẩu quá ngắn, cần ít nhất 10 ký tự."),
        ({"password1": "8274619352", "password2": "8274619352"}, "Mật khẩu không được chỉ gồm chữ số."),
        ({"password1": "1qaz2wsx3edc", "password2": "1qaz2wsx3edc"}, "Mật khẩu này nhiều người dùng"),
        ({"password1": "ha@saomai.example", "password2": "ha@saomai.example"}, "Mật khẩu quá giống"),
        ({"password2": "khac-han-voi-tren"}, "Hai lần nhập mật khẩu chưa giống nhau."),
        ({"password1": "", "password2": ""}, "Hãy nhập mật khẩu."),
        ({"password1": "x" * 300, "password2": "x" * 300}, "Nhiều nhất 256 ký tự"),
    ],
)
def test_what_is_wrong_with_a_sign_up_is_said_at_the_field_and_the_rest_is_kept(client, change, message):
    response = client.post(reverse("account_signup"), SIGN_UP | change)
    assert response.status_code == 200
    text = visible(response)
    assert message in text
    assert not ENGLISH.search(text.replace("ha@saomai.example", "")), ENGLISH.search(text)
    if "email" not in change:
        assert 'value="Ha@SaoMai.example"' in response.content.decode()
    assert not User.objects.exists()


PAGES = {
    "account_login": [],
    "account_signup": [],
    "account_email_verification_sent": [],
    "account_confirm_email": ["khong-con"],
    "account_reset_password": [],
    "account_reset_password_done": [],
    "account_reset_password_from_key": ["1", "khong-con"],
    "account_reset_password_from_key_done": [],
    "account_inactive": [],
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_signing_in_is_in_vietnamese(client, name):
    text = visible(client.get(reverse(name, args=PAGES[name])))
    assert not ENGLISH.search(text), ENGLISH.search(text)


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password"])
def test_an_empty_form_says_what_to_fill_in_in_vietnamese(client, name):
    text = visible(client.post(reverse(name), {}))
    assert "Hãy nhập" in text
    assert not ENGLISH.search(text), ENGLISH.search(text)


@pytest.mark.parametrize("name", ["account_logout", "account_change_password", "profile"])
def test_every_page_of_a_signed_in_person_is_in_vietnamese(client, ha, name):
    client.force_login(ha)
    text = visible(client.get(reverse(name))).replace("English", "")
    assert not ENGLISH.search(text), ENGLISH.search(text)


def test_mails_are_in_vietnamese_and_plain(client, ha, mailoutbox):
    client.post(reverse("account_signup"), SIGN_UP | {"email": "moi@saomai.example"})
    client.post(reverse("account_signup"), SIGN_UP)
    client.post(reverse("account_reset_password"), {"email": ha.email})
    client.post(reverse("account_reset_password"), {"email": "ai@do.example"})
    assert len(mailoutbox) == 4
    for message in mailoutbox:
        assert not message.alternatives
        words = re.sub(r"https?://\S+|\S+@\S+", "", message.subject + message.body)
        assert not ENGLISH.search(words), ENGLISH.search(words)
        assert "BẢN TRÌNH DIỄN" in message.body


def test_a_name_with_markup_stays_text(client, ha, mailoutbox):
    client.post(reverse("account_signup"), SIGN_UP | {"full_name": "Hà <b>&", "email": "b@saomai.example"})
    assert "Kính gửi Ông/Bà Hà <b>&," in mailoutbox[0].body
    assert "Hà &lt;b&gt;&amp;" in client.get(link_in(mailoutbox[0])).content.decode()


def test_a_mail_server_that_is_down_breaks_no_page(client, monkeypatch):
    def refuse(*args, **options):
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    response = client.post(reverse("account_signup"), SIGN_UP, follow=True)
    assert "Hệ thống chưa gửi được thư." in visible(response)
    assert User.objects.count() == 1


def test_too_many_wrong_passwords_are_stopped_and_the_page_says_for_how_long(client, ha):
    for _attempt in range(5):
        client.post(reverse("account_login"), {"login": ha.email, "password": "sai-mat-khau-roi"})
    right = client.post(reverse("account_login"), {"login": ha.email, "password": "rung-xanh-nui-do"})
    assert "Đăng nhập sai quá nhiều lần. Hãy thử lại sau 5 phút" in visible(right)


def test_who_hammers_the_form_gets_a_page_in_vietnamese(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    client.post(reverse("account_login"), {})
    response = client.post(reverse("account_login"), {})
    assert response.status_code == 429
    assert "Bạn thao tác quá nhanh" in visible(response)


def test_after_signing_in_an_applicant_with_an_organisation_goes_on(client, ha):
    ha.memberships.create(organisation=organisation(), role="representative")
    response = client.post(reverse("account_login"), {"login": "HA@saomai.example", "password": "rung-xanh-nui-do"})
    assert response["Location"] == reverse("landing")


def test_a_page_asked_for_before_signing_in_is_shown_after_it(client, ha):
    where = reverse("notification_list")
    login = client.get(where)["Location"]
    response = client.post(login, {"login": ha.email, "password": "rung-xanh-nui-do", "next": where})
    assert response["Location"] == where


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/x"])
def test_signing_in_never_leads_away_from_the_site(client, ha, target):
    response = client.post(
        reverse("account_login"), {"login": ha.email, "password": "rung-xanh-nui-do", "next": target}
    )
    assert "evil" not in response["Location"]


def test_signing_out_takes_a_post(client, ha):
    client.force_login(ha)
    client.get(reverse("account_logout"))
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_a_wrong_password_is_said_once(client, ha):
    answer = client.post(reverse("account_login"), {"login": ha.email, "password": "sai-mat-khau"})
    (error,) = answer.context["form"].non_field_errors()
    assert visible(answer).count(error) == 1
