"""Lists of enquiries and of what was published of them, read by key and never counted beyond a hundred."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalogs.enquiries import subjects
from catalogs.models import Enquiry, EnquiryState, FaqEntry

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
    proposed: bool = False  # those of which an entry waits to be published


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
    Tab(
        "cho-cong-bo",
        _("Chờ công bố"),
        _("Không có nội dung nào chờ công bố."),
        EnquiryState.ANSWERED,
        proposed=True,
    ),
)


Row = TypeVar("Row", Enquiry, FaqEntry)


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
class Page(Generic[Row]):
    rows: list[Row]
    newer: str = ""  # cursors of the pages before and after; empty where there is none
    older: str = ""


def rows_of(tab: Tab, *, user: User) -> QuerySet[Enquiry]:
    rows = Enquiry.objects.filter(state=tab.state)
    if tab.proposed:
        return rows.filter(faq_draft__proposed_at__isnull=False)
    return rows.filter(taken_by=user) if tab.mine else rows


def counts(*, user: User) -> dict[str, int]:
    """The number on each tab that stands for work, up to a hundred. One query a tab."""
    work = (tab for tab in TABS if tab.proposed or tab.state != EnquiryState.ANSWERED)
    return {tab.key: rows_of(tab, user=user).order_by("pk")[:COUNTED].count() for tab in work}


def page(tab: Tab, *, user: User, after: str = "", before: str = "") -> Page[Enquiry]:
    """A page of a tab: the oldest first, or the newest of those that were answered. One query."""
    return read(rows_of(tab, user=user), newest_first=tab.newest_first, after=after, before=before)


def read(rows: QuerySet[Enquiry], *, newest_first: bool, after: str = "", before: str = "") -> Page[Enquiry]:
    """The rows after a cursor, or before one, in the order of their receipt."""
    rows = rows.select_related("asker", "organisation", "taken_by", *subjects.RELATED)
    return _read(rows, "received_at", newest_first=newest_first, after=after, before=before)


def entries(rows: QuerySet[FaqEntry], *, after: str = "", before: str = "") -> Page[FaqEntry]:
    """The same of published entries, the newest first."""
    return _read(rows.select_related(*subjects.RELATED), "published_at", newest_first=True, after=after, before=before)


def _read(rows: QuerySet[Row], time: str, *, newest_first: bool, after: str, before: str) -> Page[Row]:
    onwards, backwards = Cursor.decode(after), Cursor.decode(before)
    back = bool(backwards and not onwards)
    cursor = onwards or backwards
    descending = newest_first is not back
    if cursor:
        beyond = "lt" if descending else "gt"
        rows = rows.filter(Q(**{f"{time}__{beyond}": cursor.at}) | Q(**{time: cursor.at, f"pk__{beyond}": cursor.pk}))
    order = (f"-{time}", "-pk") if descending else (time, "pk")
    found = list(rows.order_by(*order)[: PAGE_SIZE + 1])
    more, shown = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    if back:
        shown.reverse()
    if not shown:
        return Page([])
    first, last = (Cursor(getattr(row, time), row.pk).encode() for row in (shown[0], shown[-1]))
    return Page(
        shown,
        newer=first if (more if back else cursor) else "",
        older=last if back or more else "",
    )
