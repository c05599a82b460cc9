"""One dossier's page, with a long history."""

from collections.abc import Callable

from django.db import transaction
from django.db.models import Count
from django.urls import reverse

from accounts.models import Role
from audit import trail
from bench.measuring import Comparison, World, benchmark, get, sql
from catalogs.matching import service
from documents.models import IssuedDocument
from intake.models import DeclaredItem
from intake.states import State
from workflow.models import Case

HISTORY = 300  # further entries of the trail


@benchmark
def dossier_page(world: World) -> Comparison:
    """The office's page of a dossier with findings, papers and a long trail; the limit is its bare row."""
    return _page(world)


@benchmark
def dossier_page_first_opened(world: World) -> Comparison:
    """The same page when nobody has opened it in this process: the filing has still to be matched."""
    return _page(world, before=service.forget_answers)


def _page(world: World, before: Callable[[], None] = lambda: None) -> Comparison:
    case = (
        Case.objects.filter(pk__in=IssuedDocument.objects.values("dossier_id"), state=State.DELIVERED)
        .filter(pk__in=DeclaredItem.objects.values("dossier_id"))  # matched against a list
        .annotate(papers=Count("documents"))
        .order_by("-papers", "pk")
        .first()
    )
    assert case, "the demonstration data hold no delivered dossier"
    with transaction.atomic():
        for _ in range(HISTORY):
            trail.record(case, "opened", by=world.people[Role.SPECIALIST], at=world.at)
    client, url = world.client(Role.SPECIALIST), reverse("case_detail", args=[case.public_id])

    def work() -> bytes:
        before()
        return get(client, url)

    return Comparison(
        work,
        sql("SELECT * FROM intake_dossier WHERE public_id = %s", case.public_id),
    )
