"""What a decided dossier tells those who look after the lists: the findings, with the product as it was filed."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from catalogs.learning.evidence import Decided, Found, propose, similar
from catalogs.matching.service import products_in_filing
from catalogs.models import Catalogue
from catalogs.services import definition_of
from intake.describing import filed, joined
from intake.states import Outcome
from workflow.casefile import Comparison, Filing
from workflow.models import Case, ItemFinding, Verdict


def propose_findings(case: Case, *, catalogue: Catalogue | None, decided_at: datetime) -> int:
    """Hand on each finding of an issued decision; returns how many are new.

    A dossier that was not granted and of which no item fits also says that none of the list does.
    """
    definition = definition_of(case.revision_of_procedure)
    if not definition.catalogue_family:
        return 0
    findings = ItemFinding.objects.filter(case_id=case.pk).select_related("item").order_by("item_id")
    found = [
        Found(
            finding.item.catalogue_id,
            finding.item_id,
            fits=finding.verdict != Verdict.OVERRULED,
            reason=finding.reason,
        )
        for finding in findings
    ]
    granted = case.outcome == Outcome.GRANTED
    if catalogue and not granted and not any(one.fits for one in found):
        reasons = dict.fromkeys(one.reason for one in found if one.reason)
        found.append(Found(catalogue.pk, None, fits=False, reason="\n".join(reasons)))
    revision = case.revisions.order_by("-number")[:1].get()
    name, description = joined(filed(definition, revision.content))
    decided = Decided(
        dossier_id=case.public_id,
        code=case.code,
        organisation_id=case.organisation_id,
        name=name,
        description=description,
        granted=granted,
        on=timezone.localdate(decided_at, timezone.get_default_timezone()),
    )
    return propose(decided, found)


def beside(case: Case, filing: Filing, comparison: Comparison | None) -> dict[str, Any]:
    """What was decided about the items before, by id, and the products of which the text speaks. At most one query."""
    if comparison is None or comparison.catalogue is None:
        return {"similar": {}, "products": ()}
    name, description = joined(filed(filing.definition, filing.revision.content))
    items = [row.item_id for row in (*comparison.rows, *comparison.others)]
    return {
        "similar": similar(name, description, items, but=case.public_id),
        "products": products_in_filing(comparison.catalogue, name=name, description=description),
    }
