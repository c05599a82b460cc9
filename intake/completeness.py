"""What a dossier still lacks. An empty list means that it may be filed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from catalogs.procedures import Definition, Question
from catalogs.services import catalogue_for, definition_of
from intake.answers import effective, rows_of, write_date, write_number
from intake.forms import AnswersForm, has_boxes
from intake.models import Dossier
from intake.states import State
from intake.supplements import asked, open_request, unanswered
from intake.tables import cell_id, write_rows

ITEMS = "items"
DOCUMENTS = "documents"
SUPPLEMENT = "supplement"


@dataclass(frozen=True)
class Missing:
    """`section_key` is a section of the form, or "items", "documents" or "supplement"; `url` leads to the field."""

    section_key: str
    key: str
    message: str
    url: str


def missing(dossier: Dossier, *, on: date | None = None, today: date | None = None) -> list[Missing]:
    """Everything that stands between the dossier and filing, in the order of its pages.

    With `on`, the declared items must also be of the list in force on that day; with `today`, dates that must not lie
    in the future are held against it. Reads the related rows through their
    managers, so prefetched attachments and items cost no query.
    """
    definition = definition_of(dossier.revision_of_procedure)
    answers = effective(definition, dossier.answers)
    found = [
        *_answers(dossier, definition, answers, today),
        *_items(dossier, definition, on),
        *_documents(dossier, definition, answers),
    ]
    if dossier.state == State.SUPPLEMENT_REQUESTED:
        found += _supplement(dossier, definition)
    return found


def _page_of(dossier: Dossier, name: str, *args: str) -> str:
    """A draft has a page for each part; supplements are answered on one."""
    if dossier.state == State.SUPPLEMENT_REQUESTED:
        return reverse("dossier_supplement", args=[dossier.public_id])
    return reverse(name, args=[dossier.public_id, *args])


def _answers(dossier: Dossier, definition: Definition, answers: dict[str, Any], today: date | None) -> list[Missing]:
    asked = {q.key for q in definition.asked_questions(answers)}
    found = []
    for section in definition.sections:
        url = _page_of(dossier, "dossier_section", section.key)
        for question in section.questions:
            if question.key not in asked:
                continue
            if question.key in dossier.malformed:
                lacks = _malformed(dossier, question, today)
            else:
                lacks = _lacks(question, answers.get(question.key), today)
                if not lacks and (conflict := _conflict(question, definition, answers, today)):
                    lacks = [(f"{question.label}: {conflict}", _field(question))]
            found += [Missing(section.key, question.key, message, f"{url}#{place}") for message, place in lacks]
    return found


def _field(question: Question) -> str:
    """The id of its control, or of the first one."""
    return f"id_{question.key}_0" if has_boxes(question) else f"id_{question.key}"


def _malformed(dossier: Dossier, question: Question, today: date | None) -> list[tuple[str, str]]:
    """What is wrong with what was typed there, and the id of the control to mend it in."""
    typed = dossier.malformed[question.key]
    data: MultiValueDict[str, Any] = MultiValueDict({question.key: _as_list(typed)})
    if question.type == "table":
        write_rows(question, rows_of(typed), data)
    form = AnswersForm(
        data,
        definition=definition_of(dossier.revision_of_procedure),
        questions=(question,),
        answers=dossier.answers,
        today=today or date.max,
    )
    field = form[question.key]
    if question.type == "table" and field.errors:
        return [(f"{question.label}: {error}", place) for place, error in field.error_places()]  # type: ignore[attr-defined]
    # Nothing any more, if another answer has been mended since: then it waits for its page to be saved.
    errors = [str(error) for error in field.errors] or [_("Mở ô này rồi bấm Lưu.")]
    return [(f"{question.label}: {' '.join(errors)}", _field(question))]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _lacks(question: Question, value: Any, today: date | None) -> list[tuple[str, str]]:
    """What an answer lacks, and the id of the control to mend it in."""
    if question.type == "table" and (rows := rows_of(value)):
        return _lacks_of_table(question, rows, today)
    message = _lack(question, value, today)
    return [(message, _field(question))] if message else []


def _lacks_of_table(question: Question, rows: list[dict[str, Any]], today: date | None) -> list[tuple[str, str]]:
    found = []
    if len(rows) < (question.min or 0):
        text = _("%(label)s: cần ít nhất %(min)s dòng, hiện có %(rows)s.")
        numbers = {"label": question.label, "min": write_number(question.min), "rows": write_number(len(rows))}
        found.append((text % numbers, f"id_{question.key}"))
    for number, row in enumerate(rows):
        lacking = [c for c in question.columns if c.required and c.key not in row]
        if lacking:
            text = _("%(label)s, dòng %(row)s: chưa ghi %(columns)s.")
            named = ", ".join(f"“{column.label}”" for column in lacking)
            said = text % {"label": question.label, "row": number + 1, "columns": named}
            found.append((said, cell_id(question, number, lacking[0])))
        for column in question.columns:
            if column.key in row and (lack := _lack(column, row[column.key], today)):
                found.append((f"{question.label}, {lack}", cell_id(question, number, column)))
    return found


def _lack(question: Question, value: Any, today: date | None) -> str:
    if value is None:
        return _("Chưa trả lời: %s") % question.label if question.required else ""
    if question.type == "multi_choice" and (alone := question.not_alone(value)):
        return _("%(label)s: không chọn “%(choice)s” cùng với phương án khác.") % {
            "label": question.label,
            "choice": alone.label,
        }
    if question.past and today and str(value) > today.isoformat():
        return _("%(label)s: ngày không được sau hôm nay.") % {"label": question.label}
    if question.type in ("text", "long_text") and question.min and len(value) < question.min:
        return _("%(label)s: cần ít nhất %(min)s ký tự, hiện có %(length)s.") % {
            "label": question.label,
            "min": write_number(question.min),
            "length": write_number(len(value)),
        }
    return ""


def _conflict(question: Question, definition: Definition, answers: Mapping[str, Any], today: date | None) -> str:
    """What is wrong with a sound date beside another answer, which somebody else may have saved since, or beside the
    day of filing."""
    day = str(answers.get(question.key) or "")
    if question.type != "date" or not day:
        return ""
    earlier = str(answers.get(question.after) or "") if question.after else ""
    if earlier and day <= earlier:
        label = definition.question(question.after).label
        return _("ngày này phải sau “%(label)s” (%(day)s).") % {"label": label, "day": write_date(earlier)}
    if question.before and day >= question.before.isoformat():
        return _("ngày này phải trước ngày %s.") % write_date(question.before.isoformat())
    if today and day < today.isoformat() and definition.ends_validity(question.key):
        return _("ngày này đã qua; kết quả chỉ có giá trị đến ngày này.")
    return ""


def _items(dossier: Dossier, definition: Definition, on: date | None) -> list[Missing]:
    if not definition.catalogue_family:
        return []
    url = reverse("dossier_items", args=[dossier.public_id])
    declared = list(dossier.declared_items.all())
    if not declared:
        return [Missing(ITEMS, "items", _("Chưa chọn mục danh mục nào."), url)] if definition.items_required else []
    if on is None:
        return []
    catalogue = catalogue_for(definition, on)
    current = set(catalogue.items.values_list("pk", flat=True)) if catalogue else set()
    if all(one.item_id in current for one in declared):
        return []
    return [Missing(ITEMS, "items", _("Có mục không thuộc danh mục đang áp dụng. Hãy chọn lại."), url)]


def _documents(dossier: Dossier, definition: Definition, answers: dict[str, Any]) -> list[Missing]:
    kept = [a for a in dossier.attachments.all() if a.removed_at is None]
    prefetch_related_objects(kept, "scan")  # no query where they came with it
    url = _page_of(dossier, "dossier_documents")
    found = []
    for document in definition.asked_documents(answers):
        files = [a for a in kept if a.document_key == document.key]
        # What was filed before and is not asked for now cannot be replaced now.
        infected = [a for a in files if a.is_infected()] if _is_open(dossier, document.key) else []
        messages = [_("Tệp có mã độc, hãy thay tệp khác: %s") % a.name for a in infected]
        if document.required and not files:
            messages = [_("Chưa có tài liệu: %s") % document.title]
        found += [Missing(DOCUMENTS, document.key, message, f"{url}#{document.key}") for message in messages]
    return found


def _is_open(dossier: Dossier, document: str) -> bool:
    if dossier.state != State.SUPPLEMENT_REQUESTED:
        return True
    request = open_request(dossier)
    return request is not None and document in asked(request).documents


def _supplement(dossier: Dossier, definition: Definition) -> list[Missing]:
    request = open_request(dossier)
    if request is None:
        return []
    url = reverse("dossier_supplement", args=[dossier.public_id])
    return [
        Missing(
            SUPPLEMENT,
            str(point.pk),
            _("Chưa bổ sung hoặc giải trình: %s") % title,
            f"{url}#point-{point.pk}",
        )
        for point, title in unanswered(dossier, request, definition)
    ]
