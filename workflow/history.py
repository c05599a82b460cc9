"""What happened to a dossier, told from its audit entries in the words of the office."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from audit.models import Entry, subject_type_of
from intake.states import ENDED_WITHOUT_RESULT, Outcome, State
from workflow.models import Case, Verdict

# What a reader of the page follows; the full record holds the small steps between them too.
MILESTONES = (
    "submit",
    "answer_supplement",
    "withdraw",
    "start_screening",
    "receive",
    "refuse",
    "request_supplement",
    "take",
    "propose",
    "endorse",
    "send_back",
    "approve",
    "verify_applicant",
    "issue",
    "deliver",
    "close",
)
TITLES = {
    "submit": pgettext_lazy("event", "Nộp hồ sơ"),
    "answer_supplement": gettext_lazy("Nộp hồ sơ bổ sung"),
    "withdraw": gettext_lazy("Bên nộp rút hồ sơ"),
    "start_screening": gettext_lazy("Bắt đầu kiểm tra hồ sơ"),
    "receive": gettext_lazy("Tiếp nhận hồ sơ"),
    "refuse": gettext_lazy("Từ chối tiếp nhận"),
    "request_supplement": gettext_lazy("Yêu cầu bổ sung"),
    "take": pgettext_lazy("event", "Nhận xử lý"),
    "record_finding": gettext_lazy("Kết luận về mục danh mục"),
    "remove_finding": gettext_lazy("Bỏ kết luận về mục danh mục"),
    "save_assessment": gettext_lazy("Lưu phiếu thẩm định"),
    "propose": pgettext_lazy("event", "Trình lãnh đạo phòng"),
    "endorse": gettext_lazy("Lãnh đạo phòng đồng ý, trình ký"),
    "send_back": gettext_lazy("Trả lại chuyên viên"),
    "approve": gettext_lazy("Phê duyệt"),
    "verify_applicant": gettext_lazy("Xác minh mã số thuế của bên nộp"),
    "issue": gettext_lazy("Phát hành"),
    "deliver": gettext_lazy("Bên nộp đã nhận kết quả"),
    "close": gettext_lazy("Đóng hồ sơ: hết hạn mà chưa bổ sung"),
    "mail_resent": gettext_lazy("Gửi lại thư điện tử"),
    "start_draft": gettext_lazy("Bắt đầu soạn hồ sơ"),
    "document_rendered": gettext_lazy("Lập văn bản"),
    "revise_draft": gettext_lazy("Chuyển bản soạn sang quy định mới của thủ tục"),
    "hand_over": gettext_lazy("Bên nộp bàn giao người phụ trách"),
    "transfer_draft": gettext_lazy("Chuyển bản soạn sang đơn vị khác"),
    "upload_attachment": gettext_lazy("Gửi tệp lên"),
    "remove_attachment": gettext_lazy("Gỡ tệp"),
    "file_infected": gettext_lazy("Phát hiện mã độc trong tệp"),
    "send_message": gettext_lazy("Gửi tin nhắn"),
}
# They leave the dossier and its version as they are.
BESIDE = ("send_message", "mail_resent", "document_rendered", "file_infected")
MILESTONES_SHOWN = 30
RECORD_SHOWN = 500
# Written out: putting it together took longer than reading it.
MILESTONES_OF = f"""SELECT id, at, actor_name, action, data FROM {Entry._meta.db_table}
    WHERE subject_type = %s AND subject_id = %s AND action IN ({", ".join(["%s"] * len(MILESTONES))})
    ORDER BY number DESC LIMIT {MILESTONES_SHOWN}"""  # noqa: S608


@dataclass(frozen=True)
class Event:
    """One audit entry as a person reads it. The template for timelines takes these."""

    title: str
    at: datetime | None = None
    by: str = ""
    detail: str = ""
    kind: str = "done"
    action: str = ""
    reason: str = ""

    @property
    def note(self) -> str:
        return " · ".join(part for part in (self.by, self.detail) if part)


def milestones(case: Case) -> list[Event]:
    """The moves of the dossier, oldest first; the newest thirty. One query."""
    about = [subject_type_of(case), str(case.pk)]
    return [told(entry) for entry in reversed(list(Entry.objects.raw(MILESTONES_OF, [*about, *MILESTONES])))]


def record(case: Case) -> list[Event]:
    """Everything that was recorded, newest first, as far as a page should go. One query."""
    return [told(entry) for entry in Entry.objects.about(case).order_by("-number")[:RECORD_SHOWN]]


def since(case: Case, version: int) -> list[Event]:
    """What was done after the version that somebody saw, oldest first: each change of version left one entry."""
    changes = max(1, min(case.version - version, 10))
    entries = Entry.objects.about(case).exclude(action__in=BESIDE).order_by("-number")
    return [told(entry) for entry in reversed(entries[:changes])]


def told(entry: Entry) -> Event:
    return Event(
        title=_title(entry.action, entry.data),
        at=entry.at,
        by=entry.actor_name,
        detail=_detail(entry.data),
        kind=_kind(entry.data),
        action=entry.action,
        reason=str(entry.data.get("reason", "")),
    )


def ahead(case: Case) -> list[Event]:
    """The step at which the dossier stands, and the steps that follow; none once it has ended."""
    steps = {
        State.SCREENING: _("Kiểm tra, tiếp nhận hồ sơ"),
        State.IN_REVIEW: _("Thẩm định"),
        State.ENDORSEMENT: _("Lãnh đạo phòng xem xét"),
        State.APPROVAL: _("Ký ban hành"),
        State.ISSUING: _("Cấp số, phát hành"),
        State.DELIVERED: _("Trả kết quả"),
    }
    now = {State.SUBMITTED: State.SCREENING, State.ISSUED: State.DELIVERED}.get(State(case.state), case.state)
    waiting = []
    if case.state == State.SUPPLEMENT_REQUESTED:
        waiting = [Event(_("Chờ bên nộp bổ sung"), kind="now")]
        now = State.IN_REVIEW if case.received_at else State.SCREENING
    if now not in steps or case.state == State.DELIVERED:
        return waiting
    coming = list(steps)[list(steps).index(now) :]
    kinds = ["next" if waiting else "now"] + ["next"] * (len(coming) - 1)
    return waiting + [Event(steps[state], kind=kind) for state, kind in zip(coming, kinds, strict=True)]


def _title(action: str, data: dict[str, Any]) -> str:
    return str(TITLES[action]) if action in TITLES else _("Thao tác khác (%(action)s)") % {"action": action}


def _detail(data: dict[str, Any]) -> str:
    """What the entry's data adds; keys that mean nothing to a reader are left out."""
    parts = []
    if data.get("symbol"):
        parts.append(str(data["symbol"]))
    if isinstance(data.get("name"), str):
        parts.append(data["name"])
    if "item" in data:
        parts.append(str(data["item"]))
    if data.get("verdict") in Verdict.values:
        parts.append(str(Verdict(data["verdict"]).label))
    if appointment := parse_datetime(str(data.get("appointment", ""))):
        parts.append(_("hẹn trả %(day)s") % {"day": date_format(localtime(appointment), "SHORT_DATE_FORMAT")})
    if isinstance(data.get("message"), int):
        parts.append(_("tin %(number)s") % {"number": data["message"]})
        parts += [str(file["name"]) for file in data.get("files", [])]
    if isinstance(data.get("points"), int):
        parts.append(_("%(number)s nội dung") % {"number": data["points"]})
    if data.get("outcome") in Outcome.values:
        parts.append(_("kết quả: %(outcome)s") % {"outcome": str(Outcome(data["outcome"]).label).lower()})
    if data.get("reason"):
        parts.append("“" + str(data["reason"]) + "”")
    return ", ".join(parts)


def _kind(data: dict[str, Any]) -> str:
    return "stop" if data.get("to") in ENDED_WITHOUT_RESULT and data.get("from") != data.get("to") else "done"
