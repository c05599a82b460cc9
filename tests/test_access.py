"""Every address of the product, asked for by everybody: `config.access.TABLE` says who may, and this holds it."""

import uuid
from collections.abc import Iterator
from functools import cache

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponseBase
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.urls.resolvers import RoutePattern

from accounts.access import Access
from accounts.middleware import AccessMiddleware
from accounts.models import Membership, Organisation, Role, RoleAssignment, User
from config.access import CLOSED, TABLE
from tests import access_objects

# A value for each kind of parameter; nothing of that name need exist, the door is before it.
SAMPLES = {"int": "1", "uuid": str(uuid.UUID(int=7)), "slug": "x", "str": "x", "path": "x"}
ANONYMOUS, NEWCOMER, APPLICANT = "anonymous", "applicant without organisation", "applicant"
PERSONAS = (ANONYMOUS, NEWCOMER, APPLICANT, *Role.values)


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        else:
            yield entry


def path_of(pattern: URLPattern) -> str:
    """An address that the pattern answers to."""
    if isinstance(pattern.pattern, RoutePattern):
        arguments = {name: SAMPLES[_kind(converter)] for name, converter in pattern.pattern.converters.items()}
    else:
        arguments = dict.fromkeys(pattern.pattern.regex.groupindex, "1-x")
        arguments |= {"uidb36": "1"} if "uidb36" in arguments else {}
    return reverse(pattern.name, kwargs=arguments)


def _kind(converter: object) -> str:
    return type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")


NAMED = sorted({pattern.name for pattern in patterns() if pattern.name})


@cache
def addresses() -> dict[str, str]:
    return {pattern.name: path_of(pattern) for pattern in patterns() if pattern.name}


@pytest.fixture
def people(db) -> dict[str, User | AnonymousUser]:
    found: dict[str, User | AnonymousUser] = {ANONYMOUS: AnonymousUser()}
    for persona in PERSONAS[1:]:
        found[persona] = User.objects.create_user(f"{persona.replace(' ', '-')}@test.example", full_name=persona)
    for role in Role.values:
        RoleAssignment.objects.create(user=found[role], role=role)
    company = Organisation.objects.create(
        name="A", kind="enterprise", tax_code="9901000001", province="01", representative_name="B"
    )
    Membership.objects.create(user=found[APPLICANT], organisation=company, role="representative")
    return found


def expected(access: Access, persona: str) -> str:
    """What the door must do, said apart from `Access.admits` so that a mistake there shows."""
    if not access.signed_in:
        return "open"
    if persona == ANONYMOUS:
        return "sign in"
    if access.staff is None:
        return "open"
    if persona in (NEWCOMER, APPLICANT):
        return "not found" if access.staff else "open"
    if not access.staff:
        return "not found"
    return "open" if not access.roles or persona in access.roles else "not found"


def door(path: str, user: User | AnonymousUser) -> str:
    """What the middleware answers before any view runs."""
    request = RequestFactory().get(path)
    request.user, request.resolver_match = user, resolve(path)
    middleware = AccessMiddleware(lambda request: None)
    try:
        answer = middleware.process_view(request, request.resolver_match.func, (), {})
    except Http404:
        return "not found"
    return "open" if answer is None else "sign in" if answer["Location"].startswith(reverse("account_login")) else "?"


def whole(response: HttpResponseBase) -> HttpResponseBase:
    """Read to the end, at which the test client closes what was being sent."""
    if response.streaming:
        list(response)
    return response


def test_every_address_has_a_name_and_stands_in_the_table():
    nameless = [str(pattern.pattern) for pattern in patterns() if not pattern.name]
    assert nameless == [], "name them: an address without a name is closed to all"
    missing = [name for name in NAMED if name not in TABLE and name not in CLOSED]
    assert missing == [], "say in config/access.py who may open these"
    assert not CLOSED & set(TABLE)


@pytest.mark.parametrize("name", NAMED)
def test_the_door_of_an_address_opens_to_those_the_table_names(name, people):
    path = addresses()[name]
    for persona, user in people.items():
        answer = "not found" if name in CLOSED else expected(TABLE[name], persona)
        assert door(path, user) == answer, f"{persona} at {path}"


@pytest.mark.parametrize("name", NAMED)
def test_whoever_is_not_admitted_never_reaches_the_page(name, people, client):
    """The same through the whole stack of middleware, with GET and with POST."""
    path = addresses()[name]
    for persona, user in people.items():
        answer = "not found" if name in CLOSED else expected(TABLE[name], persona)
        if answer == "open":
            continue
        if user.is_authenticated:
            client.force_login(user)
        else:
            client.logout()
        for method in ("get", "post"):
            response = getattr(client, method)(path)
            if answer == "sign in":
                assert response.status_code == 302, f"{method} {path} as {persona}"
                assert response["Location"].startswith(reverse("account_login")), f"{method} {path} as {persona}"
            else:
                assert response.status_code == 404, f"{method} {path} as {persona}"


@pytest.mark.parametrize("name", sorted(access_objects.load()))
def test_an_object_opens_only_to_those_it_concerns(name, db, client):
    url = access_objects.BUILDERS[name]()
    for method in url.methods:
        for user in url.refuses:
            client.force_login(user)
            response = client.generic(method, url.path)
            assert response.status_code == 404, f"{method} {url.path} as {user} gave {response.status_code}"
        for user in url.admits:
            client.force_login(user)
            response = whole(client.post(url.path, url.data) if method == "POST" else client.get(url.path))
            assert response.status_code not in (403, 404), f"{method} {url.path} as {user}"
            assert not response.headers.get("Location", "").startswith(reverse("account_login"))


def test_style_sheets_and_scripts_need_no_sign_in(client, db):
    assert whole(client.get("/static/css/hoso.css")).status_code == 200


def test_an_unknown_address_is_not_found_for_everybody(client, people):
    assert client.get("/khong-co/").status_code == 404


def test_every_name_in_the_table_has_an_address():
    assert sorted(set(TABLE) - set(NAMED)) == []


def test_every_address_of_a_private_object_has_a_case():
    private = {
        pattern.name
        for pattern in patterns()
        if pattern.name in TABLE and TABLE[pattern.name].signed_in and "<" in str(pattern.pattern)
    }
    covered = {name.partition(":")[0] for name in access_objects.load()}
    assert sorted(private - covered) == []


# A form that comes back with what is wrong in it says 422, but for allauth's; these answer what was asked for.
ANSWERS_A_POST = {"matching_page", "verify"}
FORMS_OF_ALLAUTH = {
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_from_key",
}


@pytest.mark.parametrize("name", [name for name in NAMED if name in TABLE])
def test_a_page_that_only_shows_takes_nothing(name, people, client):
    path = addresses()[name]
    persona = next((each for each in PERSONAS if expected(TABLE[name], each) == "open"), ANONYMOUS)
    if persona != ANONYMOUS:
        client.force_login(people[persona])
    status = whole(client.post(path)).status_code
    assert status != 200 or name in ANSWERS_A_POST | FORMS_OF_ALLAUTH, f"POST {path} as {persona}"
