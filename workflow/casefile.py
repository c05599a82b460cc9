"""The file of one dossier as the office reads it: what was declared, how it matches, what was decided before.

What is shown is the latest filing, frozen with the labels that the applicant saw. Each part is one query or
none, so that the page costs the same whatever the dossier's history.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from audit.models import subject_type_of
from catalogs.matching import service as matching
from catalogs.matching.engine import Reason
from catalogs.models import Catalogue, ProcedureRevision, shown_code_of
from catalogs.procedures import Definition, length_of
from catalogs.services import definition_of
from documents.models import DocumentKind, IssuedDocument
from intake import describing, listing, scans
from intake.filing import is_intact
from intake.models import Certification, Conversation, Revision, SupplementPoint, SupplementStage
from intake.states import Outcome, State
from intake.supplements import title_of
from notifications.models import Channel, DeliveryState
from workflow.joined import Part, columns, instances
from workflow.models import Assessment, Case, Deadline, ItemFinding, Verdict
from workflow.policy import ACTIONS, Standing
from workflow.workingdays import Calendar, current_calendar

EARLIER_SHOWN = 6
SUGGESTIONS_SHOWN = 4
# Seconds. A list that takes effect, or a day that is swapped, shows on the desk a minute later.
CACHE_FOR = 60
CALENDAR_KEPT_AS = "workflow.calendar"


# --- the dossier itself ----------------------------------------------------------------------------


# The statements of this module are written out, because putting them together took longer than reading the rows.
# Constraints allow one row at most: a_person_has_one_capacity_per_dossier, a_person_joins_once.
MY_CAPACITY = "(SELECT capacity FROM workflow_participation WHERE case_id = intake_dossier.id AND person_id = %s)"
MY_MEMBERSHIP = """(SELECT role FROM accounts_membership
    WHERE organisation_id = intake_dossier.organisation_id AND user_id = %s)"""
MAIL_LOST = """EXISTS (SELECT 1 FROM notifications_event event JOIN notifications_delivery ON event_id = event.id
    WHERE subject_type = %s AND subject_id = CAST(intake_dossier.id AS varchar(40)) AND channel = %s AND state = %s)"""


ASSESSMENT_OF = """SELECT assessment.*, COALESCE(NULLIF(author.full_name, ''), author.email) AS author_name
    FROM workflow_assessment assessment JOIN accounts_user author ON author.id = author_id WHERE case_id = %s"""
# Findings first: their columns say of which type those are that a declaration leaves empty.
ITEMS_OF = """SELECT finding.id, item.id AS item_id, item.code, item.name, item.position, FALSE AS declared,
        verdict, finding.reason, finding.at, officer.full_name AS by_name
    FROM workflow_itemfinding finding JOIN catalogs_catalogueitem item ON item.id = finding.item_id
    JOIN accounts_user officer ON officer.id = finding.by_id WHERE finding.case_id = %s
    UNION ALL SELECT -declared.id, item.id, item.code, item.name, item.position, TRUE, '', '', NULL, ''
    FROM intake_declareditem declared JOIN catalogs_catalogueitem item ON item.id = declared.item_id
    WHERE declared.dossier_id = %s"""
DEADLINES_OF = "SELECT * FROM workflow_deadline WHERE case_id = %s ORDER BY started_at, id"
PAPERS_OF = """SELECT id, public_id, kind, symbol, issued_at, rendered_at, render_error FROM documents_issueddocument
    WHERE dossier_id = %s ORDER BY issued_at DESC, id DESC"""
# However many dossiers the organisation has filed, the latest few are looked at.
DECISIONS_BEFORE = """SELECT paper.id, symbol, issued_at, title, outcome, other.public_id AS case_id
    FROM documents_issueddocument paper JOIN (
        SELECT id, public_id, title, outcome FROM intake_dossier
        WHERE organisation_id = %s AND state IN (%s, %s) AND id <> %s ORDER BY edited_at DESC, id DESC LIMIT %s
    ) other ON paper.dossier_id = other.id
    WHERE kind = %s ORDER BY issued_at DESC, paper.id DESC"""


_CASE = (
    Part("intake_dossier", Case, without=("answers", "malformed", "search_text")),
    Part("organisation", Organisation),
    Part("revision", ProcedureRevision, without=("definition",)),  # kept for the process by `definition_of`
    Part("specialist", User, only=("id", "email", "full_name")),
    Part("conversation", Conversation),
)
CASE_FOR = f"""SELECT {columns(*_CASE)}, {MY_CAPACITY}, {MY_MEMBERSHIP}, {MAIL_LOST}
    FROM intake_dossier
    JOIN accounts_organisation organisation ON organisation.id = intake_dossier.organisation_id
    JOIN catalogs_procedurerevision revision ON revision.id = intake_dossier.revision_of_procedure_id
    LEFT JOIN accounts_user specialist ON specialist.id = intake_dossier.specialist_id
    LEFT JOIN intake_conversation conversation ON conversation.dossier_id = intake_dossier.id
    WHERE intake_dossier.public_id = %s AND intake_dossier.state <> %s"""  # noqa: S608  names of columns


def case_for(user: User, public_id: UUID) -> Case | None:
    """The dossier with all that its header and its buttons need; None if the person may not open it. One query."""
    if not user.reads_dossiers():
        return None
    lost = [subject_type_of(Case()), Channel.EMAIL.value, DeliveryState.FAILED.value]
    sought = Case._meta.get_field("public_id").get_db_prep_value(public_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(CASE_FOR, [user.pk, user.pk, *lost, sought, State.DRAFT.value])
        row = cursor.fetchone()
    if row is None:
        return None
    case, organisation, revision, specialist, talk, capacity, membership, mail_lost = instances(row, *_CASE)
    case.organisation, case.revision_of_procedure, case.specialist = organisation, revision, specialist
    Case._meta.get_field("conversation").set_cached_value(case, talk)
    case.my_capacity, case.my_membership, case.mail_lost = capacity, membership, bool(mail_lost)
    return case


def standing_of(user: User, case: Case) -> Standing:
    """What the person is to a dossier that `case_for` gave: no query."""
    return Standing(user, case, case.my_membership or "", case.my_capacity or "")  # type: ignore[attr-defined]


def hindrance(standing: Standing) -> str:
    """Why somebody whose role the step asks for may nevertheless not act on it; empty if nothing is in the way."""
    for rules in ACTIONS.values():
        for rule in rules:
            # That there is nothing to verify is in nobody's way.
            if rule.unverified:
                continue
            if standing.case.state in rule.states and rule.who in standing.person.role_set():
                return standing.refusal(rule)
    return ""


def assessment_of(case: Case) -> Assessment | None:
    return next(iter(Assessment.objects.raw(ASSESSMENT_OF, [case.pk])), None)


def calendar() -> Calendar:
    """The working calendar for labels, at most a minute old. Deadlines themselves are counted from the table."""
    return cache.get_or_set(CALENDAR_KEPT_AS, current_calendar, CACHE_FOR) or current_calendar()


def forget_calendar() -> None:
    """Have the labels count with the table as it is now."""
    cache.delete(CALENDAR_KEPT_AS)


def catalogue_of(case: Case) -> Catalogue | None:
    """The list that applies to the dossier, at most a minute old; None if there is none."""
    key = f"workflow.catalogue.{case.revision_of_procedure_id}.{listing.matching_day(case)}"
    found = cache.get_or_set(key, lambda: listing.catalogue_of(case) or False, CACHE_FOR)
    return found or None


def newer_list(case: Case) -> Catalogue | None:
    """The public list that takes the place of the dossier's own, at most a minute old; None if there is none."""
    key = f"workflow.newer_list.{case.revision_of_procedure_id}.{listing.matching_day(case)}"
    return cache.get_or_set(key, lambda: listing.newer_list_of(case) or False, CACHE_FOR) or None


# --- what was filed --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    start: int
    end: int


@dataclass(frozen=True)
class Answer:
    key: str
    label: str
    text: str
    spans: list[Span] = field(default_factory=list)
    table: dict[str, Any] | None = None  # the labels of the columns, and the rows


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    answers: list[Answer]


@dataclass(frozen=True)
class File:
    id: str
    name: str
    content_type: str
    size: int  # bytes
    sha256: str
    scan: scans.Shown

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")


@dataclass(frozen=True)
class Document:
    """A document of the procedure's list, with the files that were handed in for it."""

    key: str
    title: str
    required: bool
    files: list[File]

    @property
    def missing(self) -> bool:
        """Also where something was found in every file."""
        return self.required and all(file.scan.infected for file in self.files)


@dataclass(frozen=True)
class Filing:
    """The latest filing, and those before it."""

    definition: Definition
    revision: Revision
    earlier: list[Revision]
    documents: list[Document]

    @property
    def content(self) -> dict[str, Any]:
        return self.revision.content

    def intact(self) -> bool:
        """Whether what is shown is still what was certified."""
        return is_intact(self.revision)

    def files(self) -> list[File]:
        return [file for document in self.documents for file in document.files]

    def handed_in(self) -> int:
        return sum(not document.missing for document in self.documents if document.required)

    def demanded(self) -> int:
        return sum(document.required for document in self.documents)

    def missing(self) -> list[Document]:
        return [document for document in self.documents if document.missing]

    def sections(self, highlights: dict[str, list[Span]] | None = None) -> list[Section]:
        highlights = highlights or {}
        return [
            Section(
                section["key"],
                section["title"],
                [
                    Answer(a["key"], a["label"], a["display"], highlights.get(a["key"], []), a.get("table"))
                    for a in section["answers"]
                ],
            )
            for section in self.content["sections"]
        ]


_REVISION = (Part("revision", Revision), Part("certification", Certification))
# "id state,id state" of the files that a scanner was asked about: with the revision, for a query less.
SCANS_OF = """(SELECT {joined}(CAST(attachment_id AS varchar(36)) || ' ' || scan.state, ',')
    FROM intake_filescan scan JOIN intake_attachment attachment ON attachment.id = attachment_id
    WHERE attachment.dossier_id = %s)"""
REVISIONS_OF = f"""SELECT {columns(*_REVISION)}, {{scans}} FROM intake_revision revision
    JOIN intake_certification certification ON certification.revision_id = revision.id
    WHERE revision.dossier_id = %s ORDER BY revision.number DESC"""  # noqa: S608  names of columns


def filing_of(case: Case) -> Filing:
    """One query. A dossier on the desk was filed, so there is a revision."""
    definition = definition_of(case.revision_of_procedure)
    revisions = []
    with connection.cursor() as cursor:
        joined = "string_agg" if connection.vendor == "postgresql" else "group_concat"
        cursor.execute(REVISIONS_OF.format(scans=SCANS_OF.format(joined=joined)), [case.pk, case.pk])
        for row in cursor.fetchall():
            revision, certification, scanned = instances(row, *_REVISION)
            revision.certification = certification
            revisions.append(revision)
    content = revisions[0].content
    asked = {document.key: document for document in definition.documents}
    files: dict[str, list[File]] = {}
    states = {str(UUID(pk)): state for pk, state in (one.split(" ") for one in (scanned or "").split(",") if one)}
    shown = scans.by_id(states, [one["id"] for one in content["attachments"]], own=False)
    for one in content["attachments"]:
        file = File(one["id"], one["name"], one["content_type"], one["size"], one["sha256"], shown[one["id"]])
        files.setdefault(one["document_key"], []).append(file)
    documents = [
        Document(
            one["key"],
            one["title"],
            bool(getattr(asked.get(one["key"]), "required", False)),
            files.get(one["key"], []),
        )
        for one in content["documents"]
    ]
    return Filing(definition, revisions[0], revisions[1:], documents)


# --- the catalogue ---------------------------------------------------------------------------------


@dataclass
class ItemRow:
    """An item of the list beside the dossier: declared, added, or only proposed by the matching."""

    item_id: int
    code: str  # as it is shown: empty where the list has no numbers
    name: str
    declared: bool = False
    verdict: str = ""
    reason: str = ""
    by: str = ""
    at: datetime | None = None
    suggestion: Any = None
    against: tuple[str, ...] = ()  # what speaks against it and was not said of an item before it

    @property
    def verdict_label(self) -> str:
        return str(Verdict(self.verdict).label) if self.verdict else ""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The applicant's own words that speak for the item, each once, and what wording of it they meet."""
        return matching.each_once(self.suggestion.reasons) if self.suggestion else ()


@dataclass(frozen=True)
class Comparison:
    """The declaration held against the list."""

    catalogue: Catalogue | None
    rows: list[ItemRow]  # declared and added
    others: list[ItemRow]  # what the matching proposes besides
    nothing_fits: bool
    highlights: dict[str, list[Span]]
    declared: list[Answer] = field(default_factory=list)  # what the matching read of the declaration

    @property
    def open(self) -> int:
        return sum(not row.verdict for row in self.rows)

    @property
    def fitting(self) -> list[ItemRow]:
        return [row for row in self.rows if row.verdict in (Verdict.CONFIRMED, Verdict.ADDED)]


def item_rows(case: Case) -> list[ItemRow]:
    """The items that were declared or judged, in the list's order; one query."""
    rows: dict[int, tuple[int, ItemRow]] = {}
    listed: Iterable[Any] = ItemFinding.objects.raw(ITEMS_OF, [case.pk, case.pk])
    for found in listed:
        item = ItemRow(found.item_id, shown_code_of(found.code), found.name)
        row = rows.setdefault(found.item_id, (found.position, item))[1]
        row.declared = row.declared or bool(found.declared)
        if found.verdict:
            row.verdict, row.reason, row.by, row.at = found.verdict, found.reason, found.by_name, found.at
    return [row for _position, row in sorted(rows.values(), key=lambda pair: (pair[0], pair[1].item_id))]


def comparison_of(case: Case, filing: Filing) -> Comparison | None:
    """None for a procedure without a list. One query; the matching keeps its index in memory."""
    definition = filing.definition
    if not definition.catalogue_family:
        return None
    rows = item_rows(case)
    catalogue = catalogue_of(case)
    if catalogue is None:
        return Comparison(None, rows, [], nothing_fits=False, highlights={})
    texts = describing.filed(filing.definition, filing.content)
    name, description = describing.joined(texts)
    result = matching.suggest_for_filing(
        catalogue, name=name, description=description, limit=SUGGESTIONS_SHOWN + len(rows)
    )
    by_item = {suggestion.item.pk: suggestion for suggestion in result.ranked}
    for row in rows:
        row.suggestion = by_item.pop(row.item_id, None)
    others = [
        ItemRow(pk, suggestion.item.shown_code, suggestion.item.name, suggestion=suggestion)
        for pk, suggestion in by_item.items()
        if suggestion.strength != "weak"
    ][:SUGGESTIONS_SHOWN]
    told: set[str] = set()
    for row in (*rows, *others):
        if row.suggestion:
            row.against = tuple(line for line in row.suggestion.against if line not in told)
            told.update(row.against)
    shown = [row.suggestion for row in (*rows, *others) if row.suggestion]
    highlights = _highlights(texts, shown)
    labels = {question.key: question.label for question in definition.questions()}
    declared = [Answer(key, labels.get(key, ""), text, highlights.get(key, [])) for key, text in texts if text]
    return Comparison(catalogue, rows, others, result.decision == "none", highlights, declared)


def _highlights(texts: list[tuple[str, str]], suggestions: Iterable[Any]) -> dict[str, list[Span]]:
    """Where in which answer the words stand that speak for a suggestion. Positions count over the joined texts."""
    (title, _text), *descriptions = texts
    marks: dict[str, list[Span]] = {}
    for reason in (reason for suggestion in suggestions for reason in suggestion.reasons):
        if reason.field == "name":
            marks.setdefault(title, []).append(Span(reason.start, reason.end))
            continue
        offset = 0
        for key, text in descriptions:
            if offset <= reason.start and reason.end <= offset + len(text):
                marks.setdefault(key, []).append(Span(reason.start - offset, reason.end - offset))
            offset += len(text) + 1
    return marks


# --- what surrounds it -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Period:
    """A period that ran or runs, with its rule and article in words."""

    deadline: Deadline
    title: str
    length: str
    status: str
    tag: str  # class of the tag


def periods_of(case: Case, *, at: datetime) -> list[Period]:
    """Oldest first; one query."""
    titles = {
        "acceptance": _("Kiểm tra, tiếp nhận"),
        "assessment": _("Giải quyết hồ sơ"),
        "supplement_answer": _("Bên nộp bổ sung"),
    }
    periods = []
    for deadline in Deadline.objects.raw(DEADLINES_OF, [case.pk]):
        late = (deadline.ended_at or at) > deadline.due_at
        if deadline.ended_at:
            status, tag = (_("Quá hạn"), "late") if late else (_("Đúng hạn"), "ok")
        else:
            status, tag = (_("Đang quá hạn"), "late") if late else (_("Đang tính"), "info")
        length = length_of(deadline)
        periods.append(Period(deadline, titles.get(deadline.rule, deadline.rule), length, status, tag))
    return periods


@dataclass(frozen=True)
class Earlier:
    """A decision on another dossier of the same organisation."""

    case_id: UUID
    title: str
    symbol: str
    issued_at: datetime
    outcome: str  # in words


@dataclass(frozen=True)
class Papers:
    issued: list[IssuedDocument]  # of this dossier
    earlier: list[Earlier]  # newest first


def papers_of(case: Case) -> Papers:
    """Two queries, however many dossiers the organisation has filed."""
    issued = IssuedDocument.objects.raw(PAPERS_OF, [case.pk])
    ended = [State.ISSUED.value, State.DELIVERED.value]
    others = [case.organisation_id, *ended, case.pk, EARLIER_SHOWN, DocumentKind.DECISION.value]
    labels = dict(Outcome.choices)
    found: Iterable[Any] = IssuedDocument.objects.raw(DECISIONS_BEFORE, others)
    earlier = [
        Earlier(UUID(str(one.case_id)), one.title, one.symbol, one.issued_at, str(labels.get(one.outcome, "")))
        for one in found
    ]
    return Papers(list(issued), earlier)


@dataclass(frozen=True)
class PointRow:
    what: str
    reason: str
    explanation: str
    answer: str


@dataclass(frozen=True)
class RequestRow:
    """A request for supplements with its points and what was answered."""

    request: Any
    points: list[PointRow]


def was_asked(supplements: "list[RequestRow]", *, screening: bool) -> bool:
    """Whether everything that may be asked for at this step was: once at intake, and once at review."""
    stage = SupplementStage.INTAKE if screening else SupplementStage.REVIEW
    return any(row.request.stage == stage for row in supplements)


def supplements_of(case: Case, definition: Definition, periods: list[Period]) -> list[RequestRow]:
    """One query; none if no period for an answer ever ran, for each request starts one."""
    if not any(period.deadline.rule == "supplement_answer" for period in periods):
        return []
    points = (
        SupplementPoint.objects.filter(request__dossier_id=case.pk)
        .select_related("request__requested_by", "request__answered_by_revision")
        .defer("request__answered_by_revision__content")
        .order_by("request_id", "pk")
    )
    rows: dict[int, RequestRow] = {}
    for point in points:
        row = rows.setdefault(point.request_id, RequestRow(point.request, []))
        row.points.append(
            PointRow(
                title_of(point, definition),
                point.get_reason_display(),
                point.explanation,
                point.answer,
            )
        )
    return list(rows.values())


def waits_for(case: Case) -> str:
    """Whose turn it is, in words; empty once the dossier has ended."""
    texts = {
        State.SUBMITTED: _("Bộ phận một cửa kiểm tra và tiếp nhận"),
        State.SCREENING: _("Bộ phận một cửa kiểm tra và tiếp nhận"),
        State.SUPPLEMENT_REQUESTED: _("Bên nộp bổ sung hồ sơ"),
        State.IN_REVIEW: _("Chuyên viên nhận xử lý"),
        State.ENDORSEMENT: _("Lãnh đạo phòng xem xét"),
        State.APPROVAL: _("Lãnh đạo Cục ký"),
        State.ISSUING: _("Văn thư cấp số, phát hành"),
        State.ISSUED: _("Bên nộp nhận kết quả"),
    }
    if case.state == State.IN_REVIEW and case.specialist:
        return _("%(name)s thẩm định") % {"name": case.specialist}
    return texts.get(State(case.state), "")


# --- the judgement ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Graded:
    label: str
    grade: str
    comment: str


@dataclass(frozen=True)
class Judgement:
    """The specialist's assessment as those read it who decide on it."""

    assessment: Assessment
    author: str
    criteria: list[Graded]

    @property
    def graded(self) -> int:
        return sum(bool(row.grade or row.comment) for row in self.criteria)


@dataclass(frozen=True)
class Progress:
    """How far the specialist has come; `transitions.missing_for_proposal` decides what is enough."""

    open_items: int
    graded: int
    criteria: int
    outcome: str
    ready: bool


def progress_of(judgement: Judgement | None, comparison: Comparison | None, definition: Definition) -> Progress:
    open_items = comparison.open if comparison else 0
    graded = judgement.graded if judgement else 0
    assessment = judgement.assessment if judgement else None
    decided = bool(assessment and assessment.outcome and assessment.grounds)
    return Progress(
        open_items,
        graded,
        len(definition.criteria),
        str(assessment.get_outcome_display()) if assessment else "",
        ready=decided and not open_items and graded == len(definition.criteria),
    )


def judgement_of(case: Case) -> Judgement | None:
    """One query."""
    assessment = assessment_of(case)
    if assessment is None:
        return None
    criteria = []
    for criterion in definition_of(case.revision_of_procedure).criteria:
        answer = assessment.answers.get(criterion.key, {})
        grade = next((g.label for g in criterion.grades if g.value == answer.get("grade")), "")
        criteria.append(Graded(criterion.label, grade, answer.get("comment", "")))
    return Judgement(assessment, assessment.author_name, criteria)  # type: ignore[attr-defined]
