"""The officers' list of enquiries, read by key and never counted beyond a hundred."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalogs.enquiries import subjects
from catalogs.models import Enquiry, EnquiryState

PAGE_SIZE = 30
COUNTED = 100


@dataclass(frozen=True)
class Tab:
    key: str
    label: str | Promise
    empty: str | Promise
    state: EnquiryState
    mine: bool = False
    newest_first: bool = False


TABS = (
    Tab("moi", _("Chờ nhận"), _("Không còn câu hỏi nào chờ nhận."), EnquiryState.RECEIVED),
    Tab("cua-toi", _("Của tôi"), _("Bạn không có câu hỏi nào đang trả lời."), EnquiryState.TAKEN, mine=True),
    Tab("dang-tra-loi", _("Đang trả lời"), _("Không có câu hỏi nào đang được trả lời."), EnquiryState.TAKEN),
    Tab(
        "da-tra-loi",
        _("Đã trả lời"),
        _("Chưa có câu hỏi nào được trả lời."),
        EnquiryState.ANSWERED,
        newest_first=True,
    ),
)


@dataclass(frozen=True)
class Cursor:
    """A position between two rows: the time and the id of the row it stands at."""

    at: datetime
    pk: int

    def encode(self) -> str:
        return f"{self.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{self.pk}"

    @classmethod
    def decode(cls, text: str) -> "Cursor | None":
        """None for anything that `encode` did not write: the reader then sees the first page."""
        moment, _dash, pk = text[:60].partition("-")
        if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
            return None
        try:
            return cls(datetime.strptime(moment, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), int(pk))
        except ValueError:
            return None


@dataclass(frozen=True)
class Page:
    rows: list[Enquiry]
    newer: str = ""  # cursors of the pages before and after; empty where there is none
    older: str = ""


def rows_of(tab: Tab, *, user: User) -> QuerySet[Enquiry]:
    rows = Enquiry.objects.filter(state=tab.state)
    return rows.filter(taken_by=user) if tab.mine else rows


def counts(*, user: User) -> dict[str, int]:
    """The number on each tab that stands for work, up to a hundred. One query a tab."""
    work = (tab for tab in TABS if tab.state != EnquiryState.ANSWERED)
    return {tab.key: rows_of(tab, user=user).order_by("pk")[:COUNTED].count() for tab in work}


def page(tab: Tab, *, user: User, after: str = "", before: str = "") -> Page:
    """A page of a tab: the oldest first, or the newest of those that were answered. One query."""
    return read(rows_of(tab, user=user), newest_first=tab.newest_first, after=after, before=before)


def read(rows: QuerySet[Enquiry], *, newest_first: bool, after: str = "", before: str = "") -> Page:
    """The rows after a cursor, or before one, in the order of their receipt."""
    onwards, backwards = Cursor.decode(after), Cursor.decode(before)
    back = bool(backwards and not onwards)
    cursor = onwards or backwards
    descending = newest_first is not back
    if cursor:
        beyond = "lt" if descending else "gt"
        rows = rows.filter(
            Q(**{f"received_at__{beyond}": cursor.at}) | Q(received_at=cursor.at, **{f"pk__{beyond}": cursor.pk})
        )
    order = ("-received_at", "-pk") if descending else ("received_at", "pk")
    found = list(
        rows.select_related("asker", "organisation", "taken_by", *subjects.RELATED).order_by(*order)[: PAGE_SIZE + 1]
    )
    more, shown = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    if back:
        shown.reverse()
    if not shown:
        return Page([])
    first, last = (Cursor(row.received_at, row.pk).encode() for row in (shown[0], shown[-1]))
    return Page(
        shown,
        newer=first if (more if back else cursor) else "",
        older=last if back or more else "",
    )
