"""One dossier's page, with a long history."""

from django.db import transaction
from django.db.models import Count
from django.urls import reverse

from accounts.models import Role
from audit import trail
from bench.measuring import Comparison, World, benchmark, get, sql
from documents.models import IssuedDocument
from intake.models import DeclaredItem
from intake.states import State
from workflow.models import Case

HISTORY = 300  # further entries of the trail


@benchmark
def dossier_page(world: World) -> Comparison:
    """The office's page of a dossier with findings, papers and a long trail; the limit is its bare row."""
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
    return Comparison(
        lambda: get(client, url),
        sql("SELECT * FROM intake_dossier WHERE public_id = %s", case.public_id),
    )
