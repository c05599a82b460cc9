"""The officers' queue: first page, deep page, search, counts."""

from django.urls import reverse

from accounts.models import Role
from bench.dossiers import COMMON, RARE
from bench.measuring import Comparison, World, benchmark, get, sql
from catalogs.text import fold
from intake.states import State
from workflow import desk
from workflow.models import Case

ROW = """
    SELECT d.public_id, d.code, d.title, d.state, d.outcome, d.version, d.submitted_at, d.due_at, o.name, u.full_name
    FROM intake_dossier d
    JOIN accounts_organisation o ON o.id = d.organisation_id
    LEFT JOIN accounts_user u ON u.id = d.specialist_id
"""


@benchmark
def queue_page(world: World) -> Comparison:
    """Fifty rows, oldest due first; the limit is the page's bare SQL."""
    client, url = world.client(Role.SIGNATORY), reverse("queue")
    return Comparison(
        lambda: get(client, url, {"tab": "trinh-ky"}),
        sql(f"{ROW} WHERE d.state = %s ORDER BY d.due_at, d.id LIMIT 51", State.APPROVAL),
    )


@benchmark
def queue_page_merged(world: World) -> Comparison:
    """A tab of two states, merged in order of due date; the limit is the page's bare SQL for one state."""
    client, url = world.client(Role.INTAKE_OFFICER), reverse("queue")
    return Comparison(
        lambda: get(client, url, {"tab": "tiep-nhan"}),
        sql(f"{ROW} WHERE d.state = %s ORDER BY d.due_at, d.id LIMIT 51", State.SUBMITTED),
    )


@benchmark
def deep_page(world: World) -> Comparison:
    """The page in the middle of everything that was ever filed; the limit is the first page."""
    client, url = world.client(Role.SIGNATORY), reverse("queue")
    filed = Case.objects.exclude(submitted_at=None).order_by("-submitted_at", "-pk")
    middle = filed[world.n // 2]
    cursor = desk.Cursor(middle.submitted_at, middle.pk).encode()
    return Comparison(
        lambda: get(client, url, {"tab": "tat-ca", "sau": cursor}),
        lambda: get(client, url, {"tab": "tat-ca"}),
    )


def search(world: World, words: str) -> Comparison:
    client, url = world.client(Role.SIGNATORY), reverse("queue")
    bare = sql(
        f"{ROW} WHERE d.submitted_at IS NOT NULL AND d.state <> 'draft' "
        + "AND d.search_text LIKE %s " * len(words.split())
        + "ORDER BY d.submitted_at DESC, d.id DESC LIMIT 51",
        *(f"%{fold(word)}%" for word in words.split()),
    )
    found = len(bare())
    assert found, f"nothing is found for {words}"
    page = get(client, url, {"tab": "tat-ca", "q": words})
    assert page.count(b"G06-") >= min(found, desk.PAGE_SIZE), f"the page does not show what “{words}” finds"
    return Comparison(lambda: get(client, url, {"tab": "tat-ca", "q": words}), bare)


@benchmark
def search_rare(world: World) -> Comparison:
    """Seven hits in everything; the limit is the bare SQL."""
    return search(world, RARE)


@benchmark
def search_rare_folded(world: World) -> Comparison:
    return search(world, fold(RARE))


@benchmark
def search_common(world: World) -> Comparison:
    """One dossier in twenty; the limit is the bare SQL."""
    return search(world, COMMON)


@benchmark
def search_common_folded(world: World) -> Comparison:
    return search(world, fold(COMMON))


@benchmark
def counts(world: World) -> Comparison:
    """The number on each of a specialist's tabs; the limit reads the table of counts."""
    specialist = world.people[Role.SPECIALIST]
    tabs = desk.tabs_for(specialist)
    return Comparison(
        lambda: desk.count(tabs, user=specialist, at=world.at),
        sql("SELECT state, count FROM workflow_statecount"),
    )
