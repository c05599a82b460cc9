"""Requests that no browser of ours sends: a refusal each time, never an error of the product."""

import io

import pytest
from django.http import HttpResponse
from django.urls import reverse

from accounts.models import Role
from config.unread import ReadToTheEnd
from config.wsgi import only_utf8
from tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


def answer_of(content_type: str, *, method: str = "GET") -> tuple[str, str]:
    """Status line and body that the entrance gives, with a site behind it that takes anything."""

    def site(environ, start_response):
        start_response("200 OK", [])
        return [b"page"]

    said: list[str] = []
    environ = {"REQUEST_METHOD": method, "QUERY_STRING": "q=a", "CONTENT_TYPE": content_type}
    body = only_utf8(site)(environ, lambda status, headers: said.append(status))
    return said[0], b"".join(body).decode()


@pytest.mark.parametrize("charset", ["rot13", "hex", "zlib", "idna", "punycode", "unicode_escape", "latin-1", '"'])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_body_in_another_encoding_is_refused_with_a_page(charset, method):
    status, page = answer_of(f"{FORM}; charset={charset}", method=method)
    assert status == "400 Bad Request"
    assert "Yêu cầu không đọc được" in page


@pytest.mark.parametrize("kind", ["", FORM, *(f"{FORM}; charset={name}" for name in ("utf-8", "UTF-8", '"utf8"'))])
def test_utf_8_may_be_named(kind):
    assert answer_of(kind) == ("200 OK", "page")


@pytest.mark.parametrize("name", ["latin-1", "unicode_escape"])
def test_a_refusal_does_not_read_again_what_could_not_be_read(client, name):
    client.force_login(UserFactory())
    answer = client.generic("POST", reverse("profile"), b"a=1", content_type=f"{FORM}; charset={name}")
    assert answer.status_code == 400
    assert "Yêu cầu không đọc được" in answer.content.decode()


@pytest.mark.parametrize(
    ("method", "status", "read"), [("POST", 413, True), ("POST", 200, False), ("GET", 404, False)]
)
def test_only_the_rest_of_a_refused_form_is_read(rf, method, status, read):
    request = rf.generic(method, "/", b"x" * 1000, content_type="application/octet-stream")
    rest = request._stream = io.BytesIO(b"x" * 1000)
    ReadToTheEnd(lambda request: HttpResponse(status=status))(request)
    assert (rest.tell() == 1000) is read


def test_a_signed_in_persons_pages_are_kept_by_nobody_between(client):
    client.force_login(StaffFactory(role=Role.INTAKE_OFFICER))
    for name in ("queue", "notification_list", "profile"):
        directives = client.get(reverse(name))["Cache-Control"]
        assert "private" in directives, name
        assert "no-cache" in directives or "no-store" in directives, name


def test_signing_out_empties_the_browsers_own_store(client):
    client.force_login(UserFactory())
    assert client.post(reverse("account_logout"))["Clear-Site-Data"] == '"cache"'


def test_the_way_back_never_leads_to_another_host(client):
    client.force_login(UserFactory())
    fields = {f"f{n}": "" for n in range(2100)}
    answer = client.post(reverse("profile"), fields, headers={"Referer": "http://testserver/\\evil.example/x"})
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()
