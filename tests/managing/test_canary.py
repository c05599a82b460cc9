"""A restricted list with an unmistakable word: nobody without clearance finds it, at any address or in any search.

The addresses are taken from the product itself, so one that is added later is walked here as well.
"""

import json
from datetime import date
from io import StringIO

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.http import HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.urls.resolvers import RoutePattern

from accounts.models import Role, RoleAssignment, User
from catalogs.matching import service as matching
from catalogs.models import Catalogue, CatalogueFamily, CatalogueItem, Instrument
from catalogs.search import search
from catalogs.services import catalogue_in_force
from config.access import TABLE
from config.views import LEGAL_BASE
from intake.models import DeclaredItem, Dossier
from intake.states import State
from notifications import expansion, mail, texts
from notifications.models import Delivery, Event
from tests.factories import NOW, CatalogueFactory, StaffFactory, case_in, complete_dossier, member_of
from tests.managing.builders import HEADER, draft, manager, new_instrument, published
from tests.test_access import SAMPLES, _kind, patterns
from tests.workflow.lists import compute

pytestmark = pytest.mark.django_db
WORD, FOLDED, NUMBER = "Kimquyhoangsa", "kimquyhoangsa", "7777/2026/QĐ-BQP"
CONTENT = f"{HEADER}\n77\tNhóm {WORD}\t77.1\tThiết bị {WORD} camera\n77\tNhóm {WORD}\t77.2\tHệ thống {WORD}"


@pytest.fixture
def hidden() -> list[str]:
    """A restricted list in force, one that is drafted to replace it, and what must be found nowhere."""
    one, other = manager(cleared=True), manager(cleared=True)
    given = {
        "restricted": True,
        "title": f"Danh mục {WORD}",
        "note": f"Ghi chú {WORD}",
        "content": CONTENT,
        "effective_from": date(2026, 3, 1),
        "instrument": new_instrument(
            number=NUMBER, title=f"Quyết định {WORD}", signed_on=date(2026, 1, 1), effective_from=date(2026, 3, 1)
        ),
        "replaces": None,
    }
    made = published(by=one, publisher=other, **given)
    next_one = draft(
        by=one,
        **{
            **given,
            "replaces": made,
            "effective_from": date(2027, 3, 1),
            "instrument": new_instrument(number="8888/2026/QĐ-BQP", title=f"Quyết định {WORD} mới"),
        },
    )
    # Numbered like one that anybody may know, and in force: a part of a public decision may be for the cleared alone.
    like = draft(
        by=one,
        **{
            **given,
            "family": CatalogueFamily.STRATEGIC,
            "instrument": new_instrument(
                number=LEGAL_BASE[-1],
                title=f"Quyết định {WORD} cùng số",
                signed_on=date(2026, 1, 1),
                effective_from=date(2026, 3, 1),
            ),
        },
    )
    slugs = [x.slug for x in (made, next_one, like, made.instrument, next_one.instrument, like.instrument)]
    return [WORD, FOLDED, NUMBER, "8888/2026", *slugs]


def who_may_not_know() -> list[User | None]:
    staff = [StaffFactory(role=role) for role in Role if role != Role.CLEARED]
    applicant = member_of(complete_dossier().organisation)
    return [None, applicant, *staff]


def values_for(name: str) -> dict[str, list[str]]:
    """Arguments that exist, so that pages are really drawn, and those of the hidden list, so that they are tried."""
    lists, instruments = Catalogue.objects.order_by("pk"), Instrument.objects.order_by("pk")
    cases = Dossier.objects.order_by("pk")
    return {
        "slug": [*lists.values_list("slug", flat=True), *instruments.values_list("slug", flat=True)],
        "code": ["77.1", CatalogueItem.objects.filter(catalogue__restricted=False).earliest("pk").code],
        "public_id": [str(pk) for pk in cases.values_list("public_id", flat=True)],
        "pk": [str(pk) for pk in lists.values_list("pk", flat=True)],
        "kind": ["csv", "xlsx", "json"],
        "form": ["csv", "xlsx", "json"],
        "format": ["csv", "xlsx", "json"],
    }


def every_address() -> list[tuple[str, str]]:
    """(name, path) of each address of the product, with each value that its arguments may take."""
    found = []
    for pattern in patterns():
        if not pattern.name or not isinstance(pattern.pattern, RoutePattern):
            continue
        known = values_for(pattern.name)
        combinations: list[dict[str, str]] = [{}]
        for name, converter in pattern.pattern.converters.items():
            values = known.get(name) or [SAMPLES[_kind(converter)]]
            combinations = [{**given, name: value} for given in combinations for value in values]
        for given in combinations:
            try:
                found.append((pattern.name, reverse(pattern.name, kwargs=given)))
            except NoReverseMatch:
                continue
    return sorted(set(found))


def body(answer: HttpResponseBase) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode("utf-8", "replace") + str(sorted(answer.headers.items()))


QUERIES = (f"?q={FOLDED}", f"?q={WORD}", "?q=77.1", f"?q={NUMBER}", "?q=camera")


def opens(name: str, person: User | None) -> bool:
    """That the door is shut to everybody else, tests/test_access.py holds."""
    return name in TABLE and TABLE[name].admits(person or AnonymousUser())


def test_nobody_without_clearance_finds_a_restricted_list_anywhere(client, hidden):
    CatalogueFactory()
    case_in(State.IN_REVIEW)
    addresses = every_address()
    assert {"managing_list", "catalogue_detail", "instrument_detail", "case_detail"} <= {n for n, _path in addresses}
    leaks = []
    for person in who_may_not_know():
        client.force_login(person) if person else client.logout()
        for path in (path for name, path in addresses if opens(name, person)):
            answer = client.get(path)
            asked = any(secret in path for secret in hidden)
            if asked and answer.status_code == 200:
                leaks.append((str(person), path, "opened"))
            # An address that is sent elsewhere, or not found, may be repeated.
            shown = body(answer).replace(path, "")
            leaks += [(str(person), path, secret) for secret in hidden if secret in shown]
    assert leaks == []


def test_no_search_of_any_page_answers_with_it(client, hidden):
    CatalogueFactory()
    case_in(State.IN_REVIEW)
    plain = {name: path for name, path in every_address() if not any(secret in path for secret in hidden)}
    leaks = []
    for person in (None, StaffFactory(role=Role.SPECIALIST), manager()):
        client.force_login(person) if person else client.logout()
        for path in (path for name, path in plain.items() if opens(name, person)):
            for query in QUERIES:
                # What was asked for may be repeated in the search field; what was found may not.
                shown = body(client.get(path + query))
                leaks += [(str(person), path + query, s) for s in hidden if s in shown and s not in query]
    assert leaks == []


def test_matching_suggestions_and_search_do_not_know_it(hidden, tmp_path):
    public = CatalogueFactory()
    assert catalogue_in_force("key-digital", NOW.date()) == public
    texts, results = tmp_path / "texts.jsonl", tmp_path / "results.jsonl"
    texts.write_text(json.dumps({"id": "1", "name": f"Thiết bị {WORD}", "description": f"camera {WORD}"}), "utf-8")
    call_command("match_products", texts, output=results, on="2027-06-01", stdout=StringIO())
    written = results.read_text("utf-8")
    assert [secret for secret in hidden if secret in written] == []
    unknown = []
    for code in (NUMBER, "khong-co"):
        with pytest.raises(CommandError) as refusal:
            call_command("match_products", texts, output=results, catalogue=[code], stdout=StringIO())
        unknown.append(str(refusal.value).replace(code, "…"))
    # A hidden number is answered word for word like one that does not exist.
    assert unknown[0] == unknown[1]
    for person in (None, StaffFactory(role=Role.SPECIALIST)):
        seen = Catalogue.objects.visible_to(person)
        assert search(WORD, on=NOW.date(), among=seen) == []
    ranked = matching.suggest(public, name=WORD, description=f"camera {WORD}").ranked
    assert not [one for one in ranked if WORD in one.item.name]


def test_whoever_is_cleared_finds_it(client, hidden):
    person = StaffFactory(role=Role.SPECIALIST)
    RoleAssignment.objects.create(user=person, role=Role.CLEARED)
    client.force_login(person)
    assert WORD in body(client.get(reverse("catalogue_index")))
    assert WORD in body(client.get(reverse("catalogue_search") + f"?q={FOLDED}"))
    slug = Catalogue.objects.published().get(restricted=True).slug
    assert WORD in body(client.get(reverse("catalogue_detail", args=[slug])))


def test_a_manager_without_clearance_can_neither_make_nor_guess_one(client, hidden):
    CatalogueFactory()
    client.force_login(manager())
    page = body(client.get(reverse("managing_new")))
    assert "Danh mục hạn chế" not in page
    given = {
        "family": "key-digital",
        "title": "Danh mục thường",
        "effective_from": "01/03/2027",
        "replaces": "tt-31-2025",
        "restricted": "on",
        "number": NUMBER,
        "kind": "decision",
        "instrument_title": "Quyết định khác",
        "signed_on": "10/11/2026",
        "instrument_effective_from": "01/03/2027",
    }
    assert client.post(reverse("managing_new"), given).status_code == 302
    made = Catalogue.objects.get(title="Danh mục thường")
    assert not made.restricted
    assert made.instrument.slug == "quyet-dinh-7777-2026-qd-bqp"


def test_no_message_about_who_is_affected_names_it(hidden):
    """Not even to the cleared: mail passes servers that are not."""
    lists = Catalogue.objects.filter(restricted=True, family="key-digital")
    before, after = lists.order_by("effective_from", "pk")
    specialist = StaffFactory(role=Role.SPECIALIST)
    RoleAssignment.objects.create(user=specialist, role=Role.CLEARED)
    for dossier in (case_in(State.IN_REVIEW, specialist=specialist), complete_dossier()):
        dossier.declared_items.all().delete()
        DeclaredItem.objects.create(dossier_id=dossier.pk, item=before.items.get(code="77.1"))
    # So that something changed: the same words would be the same item.
    after.items.all().delete()
    compute(after, tell=True)
    about = Event.objects.filter(kind__in=["list_affects", "list_affects_mine", "draft_items_changed"])
    assert set(about.values_list("kind", flat=True)) == {"list_affects", "list_affects_mine"}
    expansion.expand(about, at=NOW)
    written = [json.dumps(context) for context in about.values_list("context", flat=True)]
    for delivery in Delivery.objects.filter(event__in=about).select_related("event", "recipient"):
        message = mail.compose(delivery)
        written += [message.subject, message.body]
        written.append(texts.render(delivery, "line"))
    assert len(written) > 10
    assert [
        (secret, text) for text in written for secret in (WORD, FOLDED, NUMBER, "8888/2026") if secret in text
    ] == []
    assert any("Một danh mục hạn chế có hiệu lực từ ngày 01/03/2027" in text for text in written)
