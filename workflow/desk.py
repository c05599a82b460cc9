"""What the office's people see first: the tabs of the queue, and its pages.

Every list is read through an index from a position (keyset), never by OFFSET and never counted: a queue over
a million dossiers opens as fast as one over a thousand.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import DOSSIER_READERS, Role, User
from catalogs.models import Catalogue, CatalogueItem, Instrument, short_number_of, shown_code_of
from catalogs.text import fold
from intake.models import DeclaredItem
from intake.states import WITH_CLOCK, State
from workflow.models import Capacity, Case, StateCount
from workflow.walking import Condition, Cursor, Order, contains, moment, window

PAGE_SIZE = 50
COUNT_LIMIT = 100
WORDS_READ = 8  # of a search
OF_PROCEDURE = """revision_of_procedure_id IN (SELECT revision.id FROM catalogs_procedurerevision revision
    JOIN catalogs_procedure listed ON listed.id = revision.procedure_id WHERE listed.slug = %s)"""
NOT_IN_ANOTHER_CAPACITY = """NOT EXISTS (SELECT 1 FROM workflow_participation
    WHERE case_id = intake_dossier.id AND person_id = %s AND capacity <> %s)"""
# The states in which the office's own time runs; while an applicant is asked, it stands still.
OFFICE_CLOCK = (
    State.SUBMITTED,
    State.SCREENING,
    State.IN_REVIEW,
    State.ENDORSEMENT,
    State.APPROVAL,
    State.ISSUING,
)
WITH_SPECIALIST = (
    State.IN_REVIEW,
    State.SUPPLEMENT_REQUESTED,
    State.ENDORSEMENT,
    State.APPROVAL,
    State.ISSUING,
)


@dataclass(frozen=True)
class Tab:
    key: str
    label: str | Promise
    roles: frozenset[str]
    states: tuple[State, ...]
    empty: str | Promise
    specialist: str = ""  # "me", "nobody", or "" for anybody
    overdue: bool = False


TABS = (
    Tab(
        "tiep-nhan",
        _("Chờ tiếp nhận"),
        frozenset({Role.INTAKE_OFFICER}),
        (State.SUBMITTED, State.SCREENING),
        _("Không còn hồ sơ nào chờ tiếp nhận."),
    ),
    Tab(
        "cua-toi",
        _("Của tôi"),
        frozenset({Role.SPECIALIST}),
        WITH_SPECIALIST,
        _("Bạn chưa nhận xử lý hồ sơ nào. Mở “Chờ thẩm định” để nhận."),
        specialist="me",
    ),
    Tab(
        "trinh-lanh-dao",
        _("Trình lãnh đạo"),
        frozenset({Role.HEAD_OF_UNIT}),
        (State.ENDORSEMENT,),
        _("Không có hồ sơ nào trình lãnh đạo phòng."),
    ),
    Tab(
        "cho-tham-dinh",
        _("Chờ thẩm định"),
        frozenset({Role.SPECIALIST, Role.HEAD_OF_UNIT}),
        (State.IN_REVIEW,),
        _("Mọi hồ sơ đã tiếp nhận đều có chuyên viên xử lý."),
        specialist="nobody",
    ),
    Tab(
        "trinh-ky",
        _("Trình ký"),
        frozenset({Role.SIGNATORY}),
        (State.APPROVAL,),
        _("Không có hồ sơ nào chờ ký."),
    ),
    Tab(
        "phat-hanh",
        _("Chờ phát hành"),
        frozenset({Role.CLERK}),
        (State.ISSUING,),
        _("Không có quyết định nào chờ phát hành."),
    ),
    Tab(
        "bo-sung",
        _("Chờ bổ sung"),
        frozenset({Role.INTAKE_OFFICER, Role.SPECIALIST}),
        (State.SUPPLEMENT_REQUESTED,),
        _("Không có hồ sơ nào đang chờ doanh nghiệp bổ sung."),
    ),
    Tab("qua-han", _("Quá hạn"), DOSSIER_READERS, OFFICE_CLOCK, _("Không có hồ sơ nào quá hạn."), overdue=True),
    Tab(
        "co-ket-qua",
        _("Đã có kết quả"),
        DOSSIER_READERS,
        (State.ISSUED, State.DELIVERED),
        _("Chưa có hồ sơ nào có kết quả."),
    ),
    Tab(
        "tat-ca",
        _("Tất cả"),
        DOSSIER_READERS,
        tuple(state for state in State if state != State.DRAFT),
        _("Chưa có hồ sơ nào được nộp."),
    ),
)


def tabs_for(user: User) -> list[Tab]:
    """The tabs of the person's roles, the work of the person first."""
    return [tab for tab in TABS if tab.roles & user.role_set()]


# --- counts ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Count:
    number: int
    bounded: bool = False

    def __str__(self) -> str:
        if self.bounded and self.number >= COUNT_LIMIT:
            return f"{COUNT_LIMIT - 1}+"
        return number_format(self.number, force_grouping=True)


def count(tabs: list[Tab], *, user: User, at: datetime) -> dict[str, Count]:
    """The number on each tab, in one query: kept sums for states, sums up to a hundred for the rest.

    Written out, because putting this together from querysets takes longer than PostgreSQL takes to answer it. For
    tabs that `tabs_for` gave; a test compares each number with its list.
    """
    # Put together from names that stand in this code; what a person may have chosen goes in as a parameter.
    arms, parameters = [f"SELECT state, count FROM {StateCount._meta.db_table}"], []  # noqa: S608
    bounded = {tab.key for tab in tabs if tab.specialist or tab.overdue}
    for tab in tabs:
        if tab.key in bounded:
            condition, values = _counted(tab, user=user, at=at)
            rows = f"SELECT 1 FROM {Case._meta.db_table} WHERE {condition} LIMIT {COUNT_LIMIT}"  # noqa: S608
            arms.append(f"SELECT '{tab.key}', (SELECT COUNT(*) FROM ({rows}) bounded)")  # noqa: S608
            parameters += values
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(arms), parameters)
        sums = dict(cursor.fetchall())
    return {
        tab.key: Count(sums[tab.key], bounded=True)
        if tab.key in bounded
        else Count(sum(sums.get(state, 0) for state in tab.states))
        for tab in tabs
    }


def _counted(tab: Tab, *, user: User, at: datetime) -> tuple[str, list[Any]]:
    """What `_listed` and the tab's states say, as SQL that walks one index, and its parameters."""
    if tab.overdue:
        # In order, so that PostgreSQL walks the index instead of reading the table until it has found enough.
        return "due_at < %s AND state <> %s ORDER BY due_at, id", [
            connection.ops.adapt_datetimefield_value(at),
            State.SUPPLEMENT_REQUESTED.value,
        ]
    holder, values = ("specialist_id = %s", [user.pk]) if tab.specialist == "me" else ("specialist_id IS NULL", [])
    states = [state.value for state in tab.states]
    return f"{holder} AND state IN ({', '.join(['%s'] * len(states))})", [*values, *states]


# --- filters ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filters:
    """What the person narrowed the list to; each part may be empty."""

    procedure: str = ""  # slug
    state: str = ""
    words: str = ""

    def __bool__(self) -> bool:
        return bool(self.procedure or self.state or self.words)

    def conditions(self) -> list[Condition]:
        procedure = [Condition(OF_PROCEDURE, (self.procedure,))] if self.procedure else []
        return [*procedure, *(contains(word) for word in fold(self.words).split()[:WORDS_READ])]


def _listed(tab: Tab, *, user: User, at: datetime) -> list[Condition]:
    """What the dossiers of a tab have in common whatever their state."""
    if tab.specialist == "me":
        return [Condition("specialist_id = %s", (user.pk,))]
    if tab.specialist == "nobody":
        return [Condition("specialist_id IS NULL")]
    if tab.overdue:
        # A due date says that a clock runs; leaving out one state keeps the walk along the partial index.
        return [Condition("due_at < %s", (moment(at),)), Condition("state <> %s", (State.SUPPLEMENT_REQUESTED.value,))]
    return []


# --- pages -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """What a row of the queue shows. Not the model: fifty of those cost more than the rest of the page."""

    pk: int
    public_id: UUID
    code: str
    title: str
    state: str
    version: int
    submitted_at: datetime
    due_at: datetime | None
    organisation: str
    specialist_id: int | None
    specialist: str
    unread: int  # messages of the applicant
    # The numbers of the declared items, by the short name of their list: "1.8" says nothing without it.
    items: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    previous: Cursor | None = None  # towards the start
    next: Cursor | None = None


BY_DUE_DATE = Order("due_at", descending=False)
UNTAKEN_BY_DUE_DATE = Order("due_at", descending=False, lead=("specialist_id",))
NEWEST_FIRST = Order("submitted_at", descending=True)
# Of those that have ended, all due dates are empty: the index on (state, due_at, id) gives them by id.
NEWEST_ENDED_FIRST = Order("id", descending=True, lead=("due_at",))


def page(tab: Tab, *, user: User, filters: Filters, at: datetime, cursor: Cursor | None = None) -> Page:
    """Fifty dossiers of a tab from the cursor on: oldest due first, or newest first where no clock runs.

    Two queries; a third if somebody pages back to less than a page before the start.
    """
    if not user.reads_dossiers():
        return Page([])
    order, arms = _walks(tab, user=user, filters=filters, at=at)
    rows = [Row(*values) for values in window(arms, order, cursor, limit=PAGE_SIZE + 1, sought=filters.conditions())]
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    back = bool(cursor and cursor.back)
    if back and not more:
        # Fewer than a page stand before the cursor: this is the start, and the start is a full page.
        return page(tab, user=user, filters=filters, at=at)
    if back:
        rows.reverse()
    if not rows:
        return Page([])
    _add_items(rows)
    return Page(
        rows,
        previous=_position(rows[0], order, back=True) if cursor else None,
        next=_position(rows[-1], order) if more or back else None,
    )


def _position(row: Row, order: Order, *, back: bool = False) -> Cursor:
    return Cursor(row.submitted_at if order.column == "id" else getattr(row, order.column), row.pk, back)


def _walks(tab: Tab, *, user: User, filters: Filters, at: datetime) -> tuple[Order, list[list[Condition]]]:
    """The order of the list, and conditions that together make it, each of which is one walk along an index.

    An index on (state, due_at, id) gives the rows of one state in order, but those of two states only after
    sorting all of them. So a tab with a few states is read as one walk a state, and the heads are merged.
    """
    listed = _listed(tab, user=user, at=at)
    states = {State(filters.state)} if filters.state in tab.states else set(tab.states)
    each = [[*listed, Condition("state = %s", (state.value,))] for state in sorted(states)]
    if states.isdisjoint(WITH_CLOCK):
        return NEWEST_ENDED_FIRST, [[*one, Condition("due_at IS NULL")] for one in each]
    filed = Condition("state <> %s", (State.DRAFT.value,))
    if not states <= set(WITH_CLOCK):
        # Everything that was filed has the date; without the filter the walk begins at the drafts' empty ones.
        return NEWEST_FIRST, [[*listed, filed, Condition("submitted_at IS NOT NULL")]]
    if tab.overdue and not filters.state:
        return BY_DUE_DATE, [[*listed, filed]]
    return UNTAKEN_BY_DUE_DATE if tab.specialist == "nobody" else BY_DUE_DATE, each


def _add_items(rows: list[Row]) -> None:
    """Written out: preparing fifty values for a queryset takes longer than the query itself."""
    by_pk = {row.pk: row for row in rows}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT declared.dossier_id, item.code, instrument.number"  # noqa: S608
            f" FROM {DeclaredItem._meta.db_table} declared"
            f" JOIN {CatalogueItem._meta.db_table} item ON item.id = declared.item_id"
            f" JOIN {Catalogue._meta.db_table} catalogue ON catalogue.id = item.catalogue_id"
            f" JOIN {Instrument._meta.db_table} instrument ON instrument.id = catalogue.instrument_id"
            f" WHERE declared.dossier_id IN ({', '.join(['%s'] * len(rows))}) ORDER BY item.position, declared.id",
            list(by_pk),
        )
        for pk, code, number in cursor.fetchall():
            if shown := shown_code_of(code):
                by_pk[pk].items.setdefault(short_number_of(number), []).append(shown)


# --- the next one ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Task:
    """What a role has to do next, in which capacity it would be done."""

    role: Role
    capacity: Capacity
    states: tuple[State, ...]
    specialist: str = ""


_TASKS = (
    _Task(Role.CLERK, Capacity.CLERK, (State.ISSUING,)),
    _Task(Role.SIGNATORY, Capacity.SIGNATORY, (State.APPROVAL,)),
    _Task(Role.HEAD_OF_UNIT, Capacity.ENDORSER, (State.ENDORSEMENT,)),
    _Task(Role.SPECIALIST, Capacity.SPECIALIST, (State.IN_REVIEW,), specialist="me"),
    _Task(Role.SPECIALIST, Capacity.SPECIALIST, (State.IN_REVIEW,), specialist="nobody"),
    _Task(Role.INTAKE_OFFICER, Capacity.INTAKE, (State.SUBMITTED, State.SCREENING)),
)


def works(user: User) -> bool:
    """Whether any dossier ever waits for this person."""
    return any(task.role in user.role_set() for task in _TASKS)


def next_for(user: User, *, at: datetime) -> Row | None:
    """The most urgent dossier that the person may handle now: own work before work that nobody has taken."""
    for task in _TASKS:
        if task.role not in user.role_set():
            continue
        tab = Tab("", "", DOSSIER_READERS, task.states, "", specialist=task.specialist)
        order, arms = _walks(tab, user=user, filters=Filters(), at=at)
        free = Condition(NOT_IN_ANOTHER_CAPACITY, (user.pk, task.capacity.value))
        if found := window([[*arm, free] for arm in arms], order, None, limit=1):
            return Row(*found[0])
    return None
