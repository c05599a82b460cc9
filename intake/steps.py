"""The pages of a draft in their order: its sections, the list's items, the documents, the summary."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from catalogs.procedures import Definition
from catalogs.services import definition_of
from intake import contact
from intake.completeness import DOCUMENTS, ITEMS, Missing
from intake.listing import catalogue_of
from intake.models import Dossier
from intake.revising import revised_on
from intake.together import given_at

SUMMARY = "summary"


@dataclass(frozen=True)
class Step:
    key: str
    title: str
    url: str
    kind: str  # done, now, next or bad, as components/steps.html draws them


def steps_of(dossier: Dossier, found: list[Missing], *, current: str, at: datetime) -> list[Step]:
    """`found` is what is missing; a page that was begun and lacks something is marked as such."""
    definition = definition_of(dossier.revision_of_procedure)
    lacking = {one.section_key for one in found}
    pages = _pages(dossier, definition, at)
    return [Step(key, title, url, _kind(key, current, lacking, begun)) for key, title, url, begun in pages]


def next_url(dossier: Dossier, current: str, *, at: datetime) -> str:
    """The page after this one; the summary follows itself."""
    pages = _pages(dossier, definition_of(dossier.revision_of_procedure), at)
    keys = [key for key, _title, _url, _begun in pages]
    place = min(keys.index(current) + 1, len(pages) - 1) if current in keys else 0
    return pages[place][2]


def _pages(dossier: Dossier, definition: Definition, at: datetime) -> list[tuple[str, str, str, bool]]:
    pages: list[tuple[str, str, str, bool]] = []
    for section in definition.sections:
        url = reverse("dossier_section", args=[dossier.public_id, section.key])
        answered = {q.key for q in section.questions if given_at(dossier, q.key)}
        begun = contact.begun(answered, {q.key for q in section.questions})
        pages.append((section.key, section.title, url, begun))
    # No list, or none in force: nothing to choose from.
    if definition.catalogue_family and catalogue_of(dossier, at):
        begun = bool(dossier.declared_items.all())
        pages.append((ITEMS, _("Mục danh mục"), reverse("dossier_items", args=[dossier.public_id]), begun))
    if definition.documents:
        begun = any(a.removed_at is None for a in dossier.attachments.all())
        pages.append((DOCUMENTS, _("Tài liệu"), reverse("dossier_documents", args=[dossier.public_id]), begun))
    pages.append((SUMMARY, _("Xem lại và nộp"), reverse("dossier_summary", args=[dossier.public_id]), False))
    return pages


def _kind(key: str, current: str, lacking: set[str], begun: bool) -> str:
    if key == current:
        return "now"
    if key in lacking:
        return "bad" if begun else "next"
    return "done" if begun else "next"


def context_of(dossier: Dossier, found: list[Missing], *, current: str, at: datetime) -> dict[str, Any]:
    """What every page of a draft shows besides its own content."""
    return {
        "dossier": dossier,
        "definition": definition_of(dossier.revision_of_procedure),
        "revised_on": revised_on(dossier),
        "steps": steps_of(dossier, found, current=current, at=at),
    }
