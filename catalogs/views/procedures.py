"""The public pages of procedures and programmes. They read, and never write."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import ApplicantKind
from catalogs.enquiries import faq
from catalogs.enquiries.subjects import Subject
from catalogs.models import CatalogueFamily, Instrument, Procedure, Programme, ProgrammePart, ProgrammePartKind
from catalogs.procedures import Condition, Definition, length_of, title_of
from catalogs.services import catalogue_for, current_procedures, definition_of, revision_in_force


@require_safe
def programme_detail(request: HttpRequest, slug: str) -> HttpResponse:
    programme = get_object_or_404(Programme.objects.select_related("instrument"), slug=slug)
    parts: dict[str, list[ProgrammePart]] = {kind: [] for kind in ProgrammePartKind.values}
    for part in programme.parts.order_by("position", "pk"):
        parts[part.kind].append(part)
    number = programme.instrument.number if programme.instrument else ""
    return render(
        request,
        "catalogs/programme.html",
        {
            "programme": programme,
            "parts": parts,
            "procedures": [
                (procedure, definition)
                for procedure, definition in current_procedures(timezone.localdate())
                if number and any(basis.instrument == number for basis in definition.legal_basis)
            ],
        },
    )


@require_safe
def procedure_detail(request: HttpRequest, slug: str) -> HttpResponse:
    today = timezone.localdate()
    procedure = get_object_or_404(Procedure, slug=slug)
    revision = revision_in_force(procedure, today)
    coming = procedure.revisions.filter(effective_from__gt=today).order_by("effective_from", "pk").first()
    shown = revision or coming
    definition = definition_of(shown) if shown else None
    return render(
        request,
        "catalogs/procedure.html",
        {
            "procedure": procedure,
            "subject": Subject(procedure=procedure),
            "faq": faq.about(Subject(procedure=procedure)),
            "revision": shown,
            "open": revision is not None,
            "coming": coming if revision else None,
            "definition": definition,
            **(_described(definition, today) if definition else {}),
        },
    )


def _described(definition: Definition, on: date) -> dict[str, Any]:
    numbers = [basis.instrument for basis in definition.legal_basis if basis.instrument]
    public = Instrument.objects.visible_to(None)
    instruments = {i.number: i for i in public.filter(number__in=numbers).order_by("pk")}
    return {
        "catalogue": catalogue_for(definition, on),
        "family": CatalogueFamily(definition.catalogue_family).label if definition.catalogue_family else "",
        "applicants": ", ".join(str(ApplicantKind(kind).label) for kind in definition.applicant_kinds).capitalize(),
        "documents": [
            (document, _condition(definition, document.condition), _kinds(document.kinds))
            for document in definition.documents
        ],
        "deadlines": [(title_of(rule), length_of(rule), rule.basis) for rule in definition.deadlines],
        "legal_basis": [(basis.text, instruments.get(basis.instrument)) for basis in definition.legal_basis],
        "programmes": Programme.objects.filter(instrument__number__in=numbers).order_by("title", "pk"),
        "valid_until": _validity(definition),
    }


def _condition(definition: Definition, condition: Condition | None) -> str:
    """When something is asked for, in words; empty: always."""
    if condition is None:
        return ""
    question = definition.question(condition.question)
    labels = {"yes": _("Có"), "no": _("Không")}
    answers = [labels.get(v, v) if question.type == "yes_no" else question.label_of(v) for v in condition.values]
    return _("Khi bạn trả lời “%(answer)s” ở câu “%(question)s”") % {
        "answer": _(" hoặc ").join(answers),
        "question": question.label.rstrip("?"),
    }


def _kinds(kinds: tuple[str, ...]) -> str:
    labels = {"pdf": "PDF", "image": _("ảnh JPG, PNG")}
    words = ", ".join(labels[kind] for kind in kinds)
    return words[:1].upper() + words[1:]


def _validity(definition: Definition) -> str:
    until = definition.outcomes["granted"].valid_until
    if until == "indefinite":
        return _("Không ghi thời hạn; hết giá trị khi bị thay thế hoặc thu hồi")
    return _("Đến ngày nêu tại câu “%s”") % definition.question(until).label
