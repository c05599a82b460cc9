"""Filing: what is declared is frozen, certified sentence by sentence, and gets its code.

The caller runs these in the transaction that moves the dossier's state.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import TextField, Value
from django.db.models.functions import Concat, Left, Length
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import provinces
from accounts.models import Organisation, User
from catalogs.models import CatalogueItem
from catalogs.procedures import Definition, Question
from catalogs.services import definition_of
from catalogs.text import fold
from intake.answers import cells, display, effective, rows_of
from intake.completeness import Missing, missing
from intake.listing import matching_day
from intake.models import AnswerEdit, Attachment, Certification, DailySequence, Dossier, Revision
from intake.revising import is_out_of_date
from intake.supplements import asked, open_request, title_of

CONTENT_FORMAT = 1


class FilingError(Exception):
    """Something stands in the way of filing; `reasons` say it to a person."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reasons))


class IncompleteDossier(FilingError):
    def __init__(self, found: list[Missing]) -> None:
        self.missing = found
        super().__init__([one.message for one in found])


class UntickedStatements(FilingError):
    """`keys` are those of the statements that were not ticked."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys
        super().__init__([_("Hãy đọc và đánh dấu từng nội dung cam kết; còn %s nội dung chưa đánh dấu.") % len(keys)])


class OutOfDate(FilingError):
    """The draft stands under a revision of its procedure that has been replaced."""

    def __init__(self) -> None:
        super().__init__([_("Thủ tục này đã có quy định mới. Hãy mở lại bản soạn, xem lại nội dung rồi nộp.")])


class MissingCapacity(FilingError):
    def __init__(self) -> None:
        super().__init__([_("Hãy ghi tư cách của người cam kết, ví dụ Giám đốc.")])


def file_revision(
    dossier: Dossier,
    *,
    by: User,
    at: datetime,
    capacity: str,
    ticked: list[str],
    ip_address: str | None,
    user_agent: str,
) -> Revision:
    """Freeze what the dossier declares now, with the certification of the person who files it.

    Sets `answers` to those that count, `malformed` and `search_text` on the dossier (saved by the caller). Who typed
    what while it was drafted is forgotten. Raises OutOfDate, IncompleteDossier, UntickedStatements or MissingCapacity.
    """
    definition = definition_of(dossier.revision_of_procedure)
    if is_out_of_date(dossier, at=at):
        raise OutOfDate
    if found := missing(dossier, on=matching_day(dossier, at), today=timezone.localdate(at)):
        raise IncompleteDossier(found)
    if unticked := [s.key for s in definition.statements if s.key not in ticked]:
        raise UntickedStatements(unticked)
    capacity = capacity.strip()[:150]
    if not capacity:
        raise MissingCapacity
    dossier.answers, dossier.malformed = effective(definition, dossier.answers), {}
    AnswerEdit.objects.filter(dossier_id=dossier.pk).delete()
    content = content_of(dossier)
    last = dossier.revisions.order_by("-number").first()
    revision = Revision.objects.create(
        dossier_id=dossier.pk,
        number=(last.number if last else 0) + 1,
        filed_at=at,
        content=content,
        digest=digest_of(content),
    )
    Certification.objects.create(
        revision=revision,
        person=by,
        person_name=str(by)[:150],
        capacity=capacity,
        statements_version=definition.statements_version,
        statements=[{"key": s.key, "text": s.text} for s in definition.statements],
        certified_at=at,
        ip_address=ip_address,
        user_agent=user_agent[:300],
        digest=revision.digest,
    )
    dossier.search_text = search_text(dossier)
    return revision


@translation.override(settings.LANGUAGE_CODE)
def content_of(dossier: Dossier) -> dict[str, Any]:
    """Everything that the dossier declares now, in JSON without floats; labels as Vietnamese pages show them."""
    revision = dossier.revision_of_procedure
    definition = definition_of(revision)
    answers = effective(definition, dossier.answers)
    documents = definition.asked_documents(answers)
    content = {
        "format": CONTENT_FORMAT,
        "procedure": {
            "slug": revision.procedure.slug,
            "name": definition.name,
            "revision": revision.number,
            "sha256": revision.sha256,
        },
        "title": dossier.title,
        "organisation": _organisation(dossier),
        # The values as they are kept, and beside them the questions and answers as a person reads them.
        "answers": {key: _exact(value) for key, value in answers.items()},
        "sections": _sections(definition, answers),
        "items": _items(dossier),
        "documents": [{"key": document.key, "title": document.title} for document in documents],
        "attachments": _attachments(dossier, {document.key for document in documents}),
    }
    if supplement := _supplement(dossier, definition):
        content["supplement"] = supplement
    return content


def digest_of(content: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON: keys sorted, no spaces, UTF-8. The same on every database."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def is_intact(revision: Revision) -> bool:
    """Whether the content is still what was certified."""
    digest = digest_of(revision.content)
    return digest == revision.digest == revision.certification.digest


def was_filed(attachment: Attachment) -> bool:
    """Whether the file stood in the dossier when it was filed once: not taken out before, not added since."""
    contents = Revision.objects.filter(dossier=attachment.dossier_id).order_by("pk").values_list("content", flat=True)
    return any(one["id"] == str(attachment.pk) for content in contents for one in content["attachments"])


def next_code(at: datetime) -> str:
    """The next code of the day: G06-261118-0042, after the number of the local day's dossiers.

    NĐ 118/2025/NĐ-CP Đ28 puts agency, date and number of the day into it; the exact form is still to be issued.
    The row lock makes numbers follow the commits, so a rollback leaves no gap. Needs a transaction.
    """
    day = timezone.localdate(at)
    sequence, _created = DailySequence.objects.select_for_update().get_or_create(day=day)
    sequence.last_number += 1
    sequence.save(update_fields=["last_number"])
    return f"{settings.AGENCY_CODE}-{day:%y%m%d}-{sequence.last_number:04d}"


def search_text(dossier: Dossier) -> str:
    """Code, title, organisation and identifier, folded: what a search compares."""
    organisation = dossier.organisation
    # follow_rename counts on what stands at the end.
    return fold(" ".join([dossier.code, dossier.title, organisation.name, organisation.identifier]))


def follow_rename(organisation: Organisation, name_before: str) -> None:
    """Let a search find the applicant's dossiers by its new name. One statement, however many they are."""
    before, after = (fold(f"{name} {organisation.identifier}") for name in (name_before, organisation.name))
    what_stays = Left("search_text", Length("search_text") - len(before))
    Dossier.objects.filter(organisation=organisation, search_text__endswith=before).update(
        search_text=Concat(what_stays, Value(after), output_field=TextField())
    )


def _organisation(dossier: Dossier) -> dict[str, str]:
    organisation = dossier.organisation
    return {
        "name": organisation.name,
        "kind": organisation.kind,
        "tax_code": organisation.tax_code,
        "personal_id": organisation.personal_id,
        "province": organisation.province,
        "province_name": provinces.name_of(organisation.province),
        "address": organisation.address,
        "phone": organisation.phone,
        "email": dossier.looked_after_by().email,
        "representative_name": organisation.representative_name,
        "representative_position": organisation.representative_position,
    }


def _exact(value: Any) -> Any:
    """A float would be written differently here and there, so it becomes its decimal string."""
    return str(value) if isinstance(value, float) else value


def _sections(definition: Definition, answers: dict[str, Any]) -> list[dict[str, Any]]:
    asked_keys = {q.key for q in definition.asked_questions(answers)}
    return [
        {
            "key": section.key,
            "title": section.title,
            "answers": [
                _answer(question, answers.get(question.key))
                for question in section.questions
                if question.key in asked_keys
            ],
        }
        for section in definition.sections
    ]


def _answer(question: Question, value: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "key": question.key,
        "label": question.label,
        "type": question.type,
        "display": display(question, value),
    }
    if question.type == "table":
        rows = [cells(question, row) for row in rows_of(value)]
        answer["table"] = {"columns": [column.label for column in question.columns], "rows": rows}
    return answer


def _items(dossier: Dossier) -> list[dict[str, str]]:
    items = CatalogueItem.objects.filter(pk__in=dossier.declared_items.values("item")).select_related(
        "group", "catalogue__instrument"
    )
    return [
        {
            # The code tells items apart, also where the list has no numbers and `shown_code` is empty.
            "code": item.code,
            "shown_code": item.shown_code,
            "name": item.name,
            "group_code": item.group.code,
            "group": item.group.name,
            "catalogue": item.catalogue.instrument.number,
            "catalogue_title": item.catalogue.title,
        }
        for item in items.order_by("position", "pk")
    ]


def _attachments(dossier: Dossier, asked_documents: set[str]) -> list[dict[str, Any]]:
    return [
        {
            "id": str(attachment.pk),
            "document_key": attachment.document_key,
            "name": attachment.name,
            "content_type": attachment.content_type,
            "size": attachment.size,
            "sha256": attachment.sha256,
        }
        for attachment in dossier.attachments.filter(removed_at=None).order_by("uploaded_at", "pk")
        if attachment.document_key in asked_documents
    ]


def _supplement(dossier: Dossier, definition: Definition) -> dict[str, Any] | None:
    request = open_request(dossier) if dossier.pk else None
    if request is None:
        return None
    return {
        "stage": request.stage,
        "requested_at": request.requested_at.astimezone(timezone.get_default_timezone()).isoformat(),
        "points": [
            {
                "kind": point.kind,
                "key": point.key,
                "title": title_of(point, definition),
                "reason": point.reason,
                "explanation": point.explanation,
                "answer": point.answer,
            }
            for point in asked(request).points
        ],
    }
