"""What the papers of a dossier say, taken from what was filed and decided. `documents` freezes and prints it.

A paper is Vietnamese, whatever language the person who causes it reads the pages in.
"""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import provinces
from accounts.identifiers import write_phone
from accounts.models import ApplicantKind, User
from catalogs.procedures import length_of
from catalogs.services import definition_of
from intake.listing import catalogue_of
from intake.models import Revision, SupplementRequest
from intake.states import Outcome
from intake.supplements import title_of
from workflow.models import Assessment, Case, Deadline, ItemFinding, Verdict
from workflow.workingdays import ZONE


def handlers(case: Case) -> list[int]:
    """The ids of the members of staff who have the dossier in hand."""
    return [pk for pk in (case.received_by_id, case.specialist_id, case.endorsed_by_id, case.approved_by_id) if pk]


@translation.override(settings.LANGUAGE_CODE)
def acknowledgement(case: Case, revision: Revision) -> dict[str, Any]:
    certification = revision.certification
    return {
        **_common(case, revision),
        "statements": [statement["text"] for statement in certification.statements],
        "digest": revision.digest,
        "certified_by": certification.person_name,
        "capacity": certification.capacity,
        "certified_at": certification.certified_at.isoformat(),
    }


@translation.override(settings.LANGUAGE_CODE)
def receipt(case: Case, deadline: Deadline, *, officer: User) -> dict[str, Any]:
    revision = _filed(case)
    return {
        **_common(case, revision),
        "documents": _filed_documents(case, revision),
        # Below 10 with a zero, as the hours, days and months on papers are (NĐ 30/2020, Phụ lục I).
        "duration": ("0" if deadline.amount < 10 else "") + length_of(deadline),
        "received_at": deadline.started_at.isoformat(),
        "appointment_at": deadline.due_at.isoformat(),
        "officer": str(officer),
    }


@translation.override(settings.LANGUAGE_CODE)
def refusal(case: Case, reason: str, *, officer: User) -> dict[str, Any]:
    return {**_common(case, _filed(case)), "reason": reason, "officer": str(officer)}


@translation.override(settings.LANGUAGE_CODE)
def supplement_request(case: Case, request: SupplementRequest, *, officer: User) -> dict[str, Any]:
    definition = definition_of(case.revision_of_procedure)
    return {
        **_common(case, _filed(case)),
        "points": [
            {
                "what": title_of(point, definition),
                "reason": point.get_reason_display(),
                "explanation": point.explanation,
            }
            for point in request.points.order_by("pk")
        ],
        "due_at": request.due_at.isoformat(),
        "note": request.note,
        "officer": str(officer),
    }


@translation.override(settings.LANGUAGE_CODE)
def decision(case: Case) -> tuple[dict[str, Any], date | None]:
    """What the decision says, and the day until which it is valid (None: without end)."""
    definition = definition_of(case.revision_of_procedure)
    revision = _filed(case)
    common = _common(case, revision)
    assessment = Assessment.objects.get(case_id=case.pk)
    text = definition.outcomes[case.outcome]
    until = valid_until(case, case.outcome)
    catalogue = catalogue_of(case)
    names = {
        "applicant": common["applicant"]["name"],
        "identifier_label": common["applicant"]["identifier_label"],
        "identifier": common["applicant"]["identifier"],
        "title": common["dossier"]["title"],
        "grounds": assessment.grounds.strip().rstrip("."),
        "valid_until": until.strftime("%d/%m/%Y") if until else "",
        "catalogue": catalogue.title if catalogue else "",
        "office": common["office"]["name"],
    }
    filed_on = revision.filed_at.astimezone(ZONE)
    articles = [article.format(**names) for article in text.articles]
    overruled = overruled_items(case) if case.outcome == Outcome.GRANTED else []
    if overruled:
        # Behind the one that names what was confirmed: silence would hide a refusal and its reason.
        articles.insert(1, "\n".join(_overruling(item) for item in overruled))
    data = {
        **common,
        "outcome": case.outcome,
        "subject": text.subject.format(**names),
        "legal_basis": [basis.text for basis in definition.legal_basis],
        "considering": [
            f"Xét hồ sơ {case.code} và bản tự cam kết ngày {_long_date(filed_on)} của {names['applicant']}"
        ],
        "articles": articles,
        "items": decided_items(case) if case.outcome == Outcome.GRANTED else [],
        "overruled": overruled,
        "signer": {"role_line": settings.OFFICE["head_title"].upper(), "name": str(case.approved_by)},
        "recipients": [
            f"Như Điều {len(articles)}",
            "Lưu: VT, hồ sơ",
        ],
        "valid_until": until.isoformat() if until else None,
    }
    return data, until


def valid_until(case: Case, outcome: str) -> date | None:
    """The last day of a result that grants, as the filed declaration says it; None: without end, or none."""
    answer = definition_of(case.revision_of_procedure).outcomes[outcome].valid_until
    if outcome != Outcome.GRANTED or answer == "indefinite":
        return None
    return date.fromisoformat(_filed(case).content["answers"][answer])


def decided_items(case: Case) -> list[dict[str, str]]:
    """The items that were confirmed or added, with the wording of their list.

    `code` is empty where the source gives its items no number.
    """
    findings = (
        ItemFinding.objects.filter(case_id=case.pk, verdict__in=[Verdict.CONFIRMED, Verdict.ADDED])
        .select_related("item__group", "item__catalogue__instrument")
        .order_by("item__position", "item_id")
    )
    return [
        {
            "code": f.item.shown_code,
            "name": f.item.name.rstrip("."),
            "group": f.item.group.name.rstrip("."),
            "catalogue": f.item.catalogue.instrument.number,
        }
        for f in findings
    ]


def overruled_items(case: Case) -> list[dict[str, str]]:
    """The declared items that the specialist overruled, with the reason; `code` as in `decided_items`."""
    findings = (
        ItemFinding.objects.filter(
            case_id=case.pk, verdict=Verdict.OVERRULED, item__in=case.declared_items.values("item")
        )
        .select_related("item")
        .order_by("item__position", "item_id")
    )
    return [
        {
            "code": finding.item.shown_code,
            "name": finding.item.name.rstrip("."),
            "reason": " ".join(finding.reason.split()),
        }
        for finding in findings
    ]


def _overruling(item: dict[str, str]) -> str:
    named = f"mục {item['code']} “{item['name']}”" if item["code"] else f"mục “{item['name']}”"
    reason = item["reason"]
    return f"Không xác nhận đối với {named}: {reason}{'' if reason.endswith(('.', '!', '?', '…')) else '.'}"


def _common(case: Case, revision: Revision) -> dict[str, Any]:
    organisation = revision.content["organisation"]
    individual = organisation["kind"] == ApplicantKind.INDIVIDUAL
    return {
        "office": {key: settings.OFFICE[key] for key in ("parent", "name", "symbol", "place", "phone", "email")},
        "dossier": {
            "code": case.code,
            "title": case.title,
            "procedure": definition_of(case.revision_of_procedure).name,
            "submitted_at": case.submitted_at.isoformat() if case.submitted_at else "",
        },
        "applicant": {
            "name": organisation["name"],
            "identifier": organisation["personal_id"] if individual else organisation["tax_code"],
            "identifier_label": _("số định danh cá nhân") if individual else _("mã số thuế"),
            "address": organisation["address"],
            "province": provinces.name_of(organisation["province"]),
            "phone": write_phone(organisation["phone"]),
            "email": organisation["email"],
            "representative": organisation["representative_name"],
            "position": organisation["representative_position"],
        },
        "demo": settings.DEMO_MODE,
    }


def _filed(case: Case) -> Revision:
    return case.revisions.order_by("-number")[:1].get()


def _filed_documents(case: Case, revision: Revision) -> list[dict[str, Any]]:
    definition = definition_of(case.revision_of_procedure)
    counts: dict[str, int] = {}
    for attachment in revision.content["attachments"]:
        counts[attachment["document_key"]] = counts.get(attachment["document_key"], 0) + 1
    return [
        {"title": document.title, "copies": counts[document.key], "form": "Bản điện tử"}
        for document in definition.documents
        if document.key in counts
    ]


def _long_date(moment: datetime) -> str:
    """05 tháng 01 năm 2026, as NĐ 30/2020/NĐ-CP writes it: day below 10 and months 1 and 2 with a zero."""
    month = f"{moment.month:02}" if moment.month < 3 else str(moment.month)
    return f"{moment.day:02} tháng {month} năm {moment.year}"
