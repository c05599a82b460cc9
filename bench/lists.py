"""A new version of a list: whom it affects."""

import time

from django.urls import reverse

from accounts.models import Role
from bench.__main__ import say
from bench.measuring import Comparison, World, benchmark, get, sql
from catalogs.models import Catalogue
from notifications import running
from notifications.models import Job, JobState
from workflow.affected import finding
from workflow.affected.views import PAGE_SIZE
from workflow.models import AffectedCase

ROW = """
    SELECT a.id, a.kind, a.change, a.rule, a.items, a.version, a.handled_at, a.note, d.public_id, d.code, d.title,
        d.state, d.submitted_at, o.name, u.full_name
    FROM workflow_affectedcase a
    JOIN intake_dossier d ON d.id = a.case_id
    JOIN accounts_organisation o ON o.id = d.organisation_id
    LEFT JOIN accounts_user u ON u.id = a.handled_by_id
"""


@benchmark
def affected_list(world: World) -> Comparison:
    """The first fifty of all whom QĐ 21/2026 affects, found beforehand; the limit is the page's bare SQL."""
    catalogue = _computed(world)
    client, url = world.client(Role.HEAD_OF_UNIT), reverse("affected_list", args=[catalogue.slug])
    return Comparison(
        lambda: get(client, url),
        sql(f"{ROW} WHERE a.catalogue_id = %s AND a.handled_at IS NULL ORDER BY a.id LIMIT 51", catalogue.pk),
    )


@benchmark
def affected_list_deep(world: World) -> Comparison:
    """The page in the middle; the limit is the first page."""
    catalogue = _computed(world)
    client, url = world.client(Role.HEAD_OF_UNIT), reverse("affected_list", args=[catalogue.slug])
    rows = AffectedCase.objects.filter(catalogue=catalogue).order_by("pk").values_list("pk", flat=True)
    middle = str(rows[rows.count() // 2])
    return Comparison(lambda: get(client, url, {"sau": middle}), lambda: get(client, url))


def _computed(world: World) -> Catalogue:
    """Found once; how long that took is said to whoever watches."""
    catalogue = Catalogue.objects.get(slug="qd-21-2026")
    # The demonstration's own was found before the dossiers were loaded.
    if AffectedCase.objects.filter(catalogue=catalogue).count() < PAGE_SIZE:
        began = time.monotonic()
        job = finding.start(catalogue, by=None, at=world.at)
        running.run(str(job.pk), clock=lambda: world.at)
        job = Job.objects.get(pk=job.pk)
        if job.state != JobState.FINISHED:
            raise RuntimeError(f"the job ended as {job.state}: {job.message}")
        count = AffectedCase.objects.filter(catalogue=catalogue).count()
        say(f"{count} affected found in {time.monotonic() - began:.1f} s, {job.done} rows walked")
    return catalogue
