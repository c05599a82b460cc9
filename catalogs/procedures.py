"""Procedures as data: what a revision asks for, demands, promises and decides.

`ProcedureRevision.definition` holds the JSON; `Definition.read` turns it into the objects below and names
the place of every mistake. Everything that draws a form, checks a dossier or fills a paper reads these.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from string import Formatter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import provinces
from accounts.models import ApplicantKind
from catalogs.models import CatalogueFamily

QUESTION_TYPES = (
    "text",
    "email",
    "phone",
    "long_text",
    "choice",
    "multi_choice",
    "number",
    "percent",
    "money",
    "date",
    "yes_no",
    "province",
    "table",
)
# What a column of a table may ask for: what has room on one line.
COLUMN_TYPES = ("text", "email", "phone", "choice", "number", "percent", "money", "date", "yes_no", "province")
TABLE_ROWS = 20  # of a table that does not say otherwise
TABLE_CELLS = 600  # of one table; a page is sent as a whole, and far more is a file to attach
DEADLINE_UNITS = ("working_hours", "working_days", "days")
# Every procedure has these periods; a revision may not leave one out.
DEADLINE_RULES = ("acceptance", "assessment", "supplement_answer")
FILE_KINDS = ("pdf", "image")
# What the text of an outcome may name; whoever writes a decision fills them in.
PLACEHOLDERS = (
    "applicant",
    "identifier_label",
    "identifier",
    "title",
    "grounds",
    "valid_until",
    "catalogue",
    "office",
)
_KEY = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")  # keys stand in addresses and in names of fields
# Names that the pages of a form have for something else than a question.
_TAKEN = {"certifier_capacity", "csrfmiddlewaretoken", "items", "next", "remove", "rules", "seen", "submit", "version"}


class InvalidDefinition(ValueError):
    """A revision's JSON is not a procedure; the text names the place."""


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    exclusive: bool = False  # of several choices: stands alone, like "none of these"


@dataclass(frozen=True)
class Condition:
    """Ask only if the other question's answer is one of these."""

    question: str
    values: tuple[str, ...]

    def holds(self, answers: dict[str, Any]) -> bool:
        given = answers.get(self.question)
        return any(one in self.values for one in (given if isinstance(given, list) else [given]))


@dataclass(frozen=True)
class Question:
    key: str
    label: str
    type: str
    required: bool = True
    help: str = ""
    example: str = ""
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    min: float | None = None  # smallest number; for text the fewest characters, for a table the fewest rows
    max: float | None = None  # largest number; for text the most characters, for a table the most rows
    before: date | None = None  # a date must be earlier than this day
    past: bool = False  # a date must not lie in the future
    after: str = ""  # a date must be later than the answer to this question
    condition: Condition | None = None
    columns: tuple["Question", ...] = ()  # of a table: what each row answers

    @property
    def most_rows(self) -> int:
        return int(self.max or TABLE_ROWS)

    def label_of(self, value: Any) -> str:
        if self.type == "province":
            return provinces.name_of(str(value))
        return next((c.label for c in self.choices if c.value == value), str(value))

    def not_alone(self, values: Collection[str]) -> Choice | None:
        """The choice among the values that would have to stand alone and does not."""
        chosen = [c for c in self.choices if c.value in values]
        return next((c for c in chosen if c.exclusive), None) if len(chosen) > 1 else None


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    questions: tuple[Question, ...]
    intro: str = ""
    # The suggestions of the catalogue are shown while this section is filled.
    suggests_items: bool = False


@dataclass(frozen=True)
class RequiredDocument:
    key: str
    title: str
    required: bool = True
    help: str = ""
    kinds: tuple[str, ...] = FILE_KINDS
    max_files: int = 5
    condition: Condition | None = None


@dataclass(frozen=True)
class Statement:
    """A sentence of the self-certification, ticked by itself."""

    key: str
    text: str
    basis: str


@dataclass(frozen=True)
class DeadlineRule:
    key: str
    amount: int
    unit: str
    basis: str


def length_of(period: Any) -> str:
    """The amount and unit of a rule, or of a period that it made, in words: “20 ngày làm việc”."""
    texts = {
        "working_hours": ngettext("%s giờ làm việc", "%s giờ làm việc", period.amount),
        "working_days": ngettext("%s ngày làm việc", "%s ngày làm việc", period.amount),
        "days": ngettext("%s ngày", "%s ngày", period.amount),
    }
    return texts[period.unit] % period.amount


def title_of(rule: DeadlineRule) -> str:
    """What is due within the period, as the pages of a procedure say it."""
    return {
        "acceptance": _("Trả lời hồ sơ đã đủ hay cần bổ sung"),
        "assessment": _("Thẩm định và ra quyết định, tính từ khi tiếp nhận"),
        "supplement_answer": _("Bạn bổ sung hồ sơ, tính từ khi có yêu cầu"),
    }[rule.key]


@dataclass(frozen=True)
class Criterion:
    """What the specialist grades."""

    key: str
    label: str
    help: str = ""
    grades: tuple[Choice, ...] = ()
    comment_required: bool = False


@dataclass(frozen=True)
class LegalBasis:
    """`text` is the line after "Căn cứ" in a decision; `instrument` is the number of one that we hold, or empty."""

    text: str
    instrument: str = ""


@dataclass(frozen=True)
class OutcomeText:
    """What a decision says: heading and articles, with {placeholders} of documents.decisions."""

    subject: str
    articles: tuple[str, ...]
    # "indefinite", or the key of the date question whose answer ends the validity.
    valid_until: str = "indefinite"


@dataclass(frozen=True)
class Definition:
    name: str
    short_name: str
    summary: str
    legal_basis: tuple[LegalBasis, ...]
    applicant_kinds: tuple[str, ...]
    catalogue_family: str  # empty: the procedure has no catalogue
    items_required: bool
    title_question: str  # its answer is the dossier's title
    matching_questions: tuple[str, ...]  # their answers, joined, are what matching reads besides the title
    sections: tuple[Section, ...]
    documents: tuple[RequiredDocument, ...]
    statements: tuple[Statement, ...]
    statements_version: str
    deadlines: tuple[DeadlineRule, ...]
    criteria: tuple[Criterion, ...]
    outcomes: dict[str, OutcomeText] = field(default_factory=dict)
    # The list of this day applies instead of the list of the day of filing: TT 31/2025/TT-BKHCN Đ3 keeps
    # projects under TT 19/2021/TT-BTTTT on a list that is no longer in force.
    catalogue_day: date | None = None

    @classmethod
    def read(cls, raw: dict[str, Any]) -> "Definition":
        """Raises InvalidDefinition, whose text names the place."""
        definition = _build(cls, raw, "procedure")
        _check(definition)
        return definition

    def questions(self) -> tuple[Question, ...]:
        return tuple(q for section in self.sections for q in section.questions)

    def question(self, key: str) -> Question:
        return next(q for q in self.questions() if q.key == key)

    def document(self, key: str) -> RequiredDocument:
        return next(d for d in self.documents if d.key == key)

    def deadline(self, key: str) -> DeadlineRule:
        return next(d for d in self.deadlines if d.key == key)

    def ends_validity(self, key: str) -> bool:
        """Whether the answer is the day until which a result is valid."""
        return any(outcome.valid_until == key for outcome in self.outcomes.values())

    def asked_questions(self, answers: dict[str, Any]) -> tuple[Question, ...]:
        """The questions whose conditions hold for these answers."""
        return tuple(q for q in self.questions() if q.condition is None or q.condition.holds(answers))

    def asked_documents(self, answers: dict[str, Any]) -> tuple[RequiredDocument, ...]:
        return tuple(d for d in self.documents if d.condition is None or d.condition.holds(answers))


_PARTS: dict[str, Any] = {
    "legal_basis": LegalBasis,
    "sections": Section,
    "questions": Question,
    "columns": Question,
    "documents": RequiredDocument,
    "statements": Statement,
    "deadlines": DeadlineRule,
    "criteria": Criterion,
    "grades": Choice,
    "choices": Choice,
}


def _build(kind: Any, raw: Any, place: str) -> Any:
    if not isinstance(raw, dict):
        raise InvalidDefinition(f"{place}: expected an object, found {type(raw).__name__}")
    values: dict[str, Any] = {}
    for key, value in raw.items():
        if key not in kind.__dataclass_fields__:
            raise InvalidDefinition(f"{place}: unknown key “{key}”")
        if key in _PARTS:
            if not isinstance(value, list):
                raise InvalidDefinition(f"{place}.{key}: expected a list, found {type(value).__name__}")
            values[key] = tuple(_build(_PARTS[key], part, f"{place}.{key}[{n}]") for n, part in enumerate(value))
        elif key == "condition":
            values[key] = _build(Condition, value, f"{place}.condition")
        elif key == "outcomes":
            if not isinstance(value, dict):
                raise InvalidDefinition(f"{place}.{key}: expected an object, found {type(value).__name__}")
            values[key] = {k: _build(OutcomeText, v, f"{place}.outcomes.{k}") for k, v in value.items()}
        elif key in ("before", "catalogue_day"):
            values[key] = _day(value, f"{place}.{key}")
        elif isinstance(value, list):  # of texts: everything else that comes in lists is one of the above
            for n, part in enumerate(value):
                if not isinstance(part, str):
                    raise InvalidDefinition(f"{place}.{key}[{n}]: expected text, found {type(part).__name__}")
            values[key] = tuple(value)
        else:
            values[key] = value
    try:
        return kind(**values)
    except TypeError as error:
        raise InvalidDefinition(f"{place}: {error}") from error


def _day(value: Any, place: str) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise InvalidDefinition(f"{place}: expected a day like 2026-01-31, found {value!r}") from error


def _check(definition: Definition) -> None:
    keys = [q.key for q in definition.questions()]
    _check_unique("section", [s.key for s in definition.sections])
    _check_unique("question", keys)
    _check_unique("document", [d.key for d in definition.documents])
    _check_unique("statement", [s.key for s in definition.statements])
    _check_unique("criterion", [c.key for c in definition.criteria])
    parts: list[Section | Question | RequiredDocument] = [
        *definition.sections,
        *definition.questions(),
        *definition.documents,
    ]
    for part in parts:
        if not _KEY.fullmatch(str(part.key)):
            raise InvalidDefinition(f"“{part.key}” is no key: small letters, digits, hyphens and underscores")
    for key in (definition.title_question, *definition.matching_questions):
        if key not in keys:
            raise InvalidDefinition(f"procedure: there is no question “{key}”")
        if definition.question(key).type == "table":
            raise InvalidDefinition(f"question {key}: a table is no title, and nothing to match")
    for question in definition.questions():
        _check_question(question, keys)
    conditional: list[Question | RequiredDocument] = [*definition.questions(), *definition.documents]
    for asked in conditional:
        if asked.condition and asked.condition.question not in keys:
            raise InvalidDefinition(f"{asked.key}: there is no question “{asked.condition.question}”")
        if asked.condition and definition.question(asked.condition.question).type == "table":
            raise InvalidDefinition(f"{asked.key}: no condition hangs on a table")
    for document in definition.documents:
        if not document.kinds or not set(document.kinds) <= set(FILE_KINDS):
            raise InvalidDefinition(f"document {document.key}: takes {', '.join(FILE_KINDS)}, one or both")
    if {d.key for d in definition.deadlines} != set(DEADLINE_RULES):
        raise InvalidDefinition(f"procedure.deadlines: exactly {', '.join(DEADLINE_RULES)} are needed")
    for rule in definition.deadlines:
        if rule.unit not in DEADLINE_UNITS or rule.amount < 1:
            raise InvalidDefinition(f"deadline {rule.key}: {rule.amount} {rule.unit}")
    if set(definition.outcomes) != {"granted", "not_granted"}:
        raise InvalidDefinition("procedure.outcomes: exactly granted and not_granted are needed")
    for name, outcome in definition.outcomes.items():
        _check_outcome(definition, name, outcome)
    if not set(definition.applicant_kinds) <= set(ApplicantKind.values):
        raise InvalidDefinition("procedure.applicant_kinds: unknown kind")
    if definition.catalogue_family and definition.catalogue_family not in CatalogueFamily.values:
        raise InvalidDefinition(f"procedure.catalogue_family: unknown family “{definition.catalogue_family}”")
    if not definition.statements:
        raise InvalidDefinition("procedure.statements: a self-certification needs at least one statement")


def _check_question(question: Question, keys: list[str]) -> None:
    if question.key in _TAKEN:
        raise InvalidDefinition(f"question {question.key}: the key is taken by the pages of a form")
    if question.type not in QUESTION_TYPES:
        raise InvalidDefinition(f"question {question.key}: unknown type “{question.type}”")
    if question.type in ("choice", "multi_choice") and not question.choices:
        raise InvalidDefinition(f"question {question.key}: no choices")
    if question.type != "multi_choice" and any(choice.exclusive for choice in question.choices):
        raise InvalidDefinition(f"question {question.key}: of one choice, none is exclusive")
    if question.past is not False and (question.past is not True or question.type != "date"):
        raise InvalidDefinition(f"question {question.key}: “past” is true, and only of a date")
    if question.after and question.after not in keys:
        raise InvalidDefinition(f"question {question.key}: there is no question “{question.after}”")
    if (question.type == "table") != bool(question.columns):
        raise InvalidDefinition(f"question {question.key}: a table has columns, and nothing else has")
    if question.type == "table":
        _check_table(question)


def _check_table(table: Question) -> None:
    _check_unique(f"{table.key}: column", [column.key for column in table.columns])
    for column in table.columns:
        place = f"question {table.key}, column {column.key}"
        if not _KEY.fullmatch(str(column.key)):
            raise InvalidDefinition(f"“{column.key}” is no key: small letters, digits, hyphens and underscores")
        if column.type not in COLUMN_TYPES:
            raise InvalidDefinition(f"{place}: unknown type “{column.type}”")
        if column.condition or column.after or column.past:
            raise InvalidDefinition(f"{place}: has no condition, no “after” and no “past”")
        _check_question(column, [])
    fewest = table.min or 0
    if not (0 <= fewest <= table.most_rows) or fewest % 1 or table.most_rows * len(table.columns) > TABLE_CELLS:
        raise InvalidDefinition(f"question {table.key}: from “min” to “max” rows, with {TABLE_CELLS} cells at most")


def _check_outcome(definition: Definition, name: str, outcome: OutcomeText) -> None:
    dates = [q.key for q in definition.questions() if q.type == "date" and q.required and q.condition is None]
    if outcome.valid_until != "indefinite" and outcome.valid_until not in dates:
        raise InvalidDefinition(f"outcomes.{name}: “{outcome.valid_until}” is no date that everybody must give")
    for text in (outcome.subject, *outcome.articles):
        try:
            named = {placeholder for _, placeholder, _, _ in Formatter().parse(text) if placeholder is not None}
        except ValueError as error:
            raise InvalidDefinition(f"outcomes.{name}: {error}: “{text}”") from error
        for unknown in sorted(named - set(PLACEHOLDERS)):
            raise InvalidDefinition(f"outcomes.{name}: unknown placeholder {{{unknown}}}")


def _check_unique(what: str, keys: list[str]) -> None:
    for key in keys:
        if keys.count(key) > 1:
            raise InvalidDefinition(f"{what} “{key}” stands twice")
