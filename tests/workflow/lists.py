"""A new version of the list that `factories` builds, in which every item became something else."""

from datetime import date
from typing import Any

from accounts.models import Role, RoleAssignment, User
from catalogs.models import Catalogue, CatalogueGroup, CatalogueItem, ItemRelation
from intake.models import DeclaredItem, Dossier
from notifications import running
from notifications.models import Job
from tests.factories import NOW, CatalogueFactory, InstrumentFactory, StaffFactory
from workflow.affected import finding

# Code of the old item → (code, name) of each that takes its place; 1.7 keeps its words and moves, 4.2 is gone.
SUCCESSORS = {
    "1.7": [("2.1", "Thiết bị thông minh xử lý AI tại biên")],
    "1.8": [("2.2", "Camera xử lý tại biên")],
    "4.1": [("4.1", "Mạng truy cập vô tuyến 5G"), ("4.2", "Mạng lõi 5G")],
    "4.2": [],
}
TAKES_EFFECT = date(2027, 1, 1)


def new_version(*, publish: bool = True, publisher: User | None = None, **fields: Any) -> Catalogue:
    """Takes the place of TT 31's list from 01/01/2027 on. Built as a draft: a published list is read-only."""
    old = CatalogueFactory()
    new = CatalogueFactory(
        slug="danh-muc-2027",
        instrument=InstrumentFactory(number="99/2026/TT-BKHCN"),
        title="Danh mục năm 2027",
        effective_from=TAKES_EFFECT,
        replaces=old,
        stage="draft",
        items=False,
        **fields,
    )
    group = CatalogueGroup.objects.create(catalogue=new, code="1", name="Nhóm", position=1)
    for code, successors in SUCCESSORS.items():
        for new_code, name in successors:
            item = CatalogueItem.objects.create(
                catalogue=new,
                group=group,
                code=new_code,
                name=name,
                position=new.items.count(),
                search_text=name.lower(),
            )
            link(old.items.get(code=code), item)
    if publish:
        Catalogue.objects.filter(pk=new.pk).update(
            stage="published", published_by=publisher, published_at=NOW if publisher else None
        )
    return Catalogue.objects.select_related("instrument", "replaces__instrument").get(pk=new.pk)


def link(before: CatalogueItem, after: CatalogueItem, *, successor: bool = True) -> ItemRelation:
    return ItemRelation.objects.create(
        item=before, other=after, kind="overlaps", successor=successor, origin="kiểm thử", added_on=NOW.date()
    )


def declare(dossier: Dossier, *codes: str) -> None:
    """Declare these items of the old list instead of those that are there."""
    dossier.declared_items.all().delete()
    for code in codes:
        DeclaredItem.objects.create(dossier_id=dossier.pk, item=CatalogueFactory().items.get(code=code))


def compute(catalogue: Catalogue, *, at=NOW, tell: bool | None = False) -> Job:
    job = finding.start(catalogue, by=None, at=at, tell=tell)
    running.run(str(job.pk), clock=lambda: at)
    return Job.objects.get(pk=job.pk)


def manager(*, cleared: bool = False) -> User:
    user = StaffFactory(role=Role.CATALOGUE_MANAGER)
    if cleared:
        RoleAssignment.objects.create(user=user, role=Role.CLEARED)
    return user
