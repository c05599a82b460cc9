"""What is said to the applicant about where a dossier stands."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from catalogs.procedures import length_of
from catalogs.services import definition_of
from intake.models import Dossier, SupplementRequest
from intake.states import Outcome, State


def holder(dossier: Dossier) -> str:
    """Who has the dossier in hand; units, not names. Needs `specialist__unit` selected."""
    unit = dossier.specialist.unit.name if dossier.specialist and dossier.specialist.unit else ""
    office = str(settings.OFFICE["name"])
    texts: dict[str, str] = {
        State.SUBMITTED: _("Bộ phận tiếp nhận và trả kết quả (một cửa)"),
        State.SCREENING: _("Bộ phận tiếp nhận và trả kết quả (một cửa)"),
        State.SUPPLEMENT_REQUESTED: _("Bạn"),
        State.IN_REVIEW: unit or _("Đơn vị thẩm định, %s") % office,
        State.ENDORSEMENT: _("Lãnh đạo %s") % (unit or _("đơn vị thẩm định")),
        State.APPROVAL: _("Lãnh đạo %s") % office,
        State.ISSUING: _("Văn thư %s") % office,
    }
    return texts.get(dossier.state, "")


def explanation(dossier: Dossier) -> str:
    """What the state means for the applicant, in a sentence or two."""
    texts: dict[str, str] = {
        State.SUBMITTED: _("Hồ sơ đã đến bộ phận một cửa. Bạn sẽ được báo khi hồ sơ được tiếp nhận hoặc cần bổ sung."),
        State.SCREENING: _("Cán bộ đang kiểm tra hồ sơ có đầy đủ và đúng quy định hay không."),
        State.SUPPLEMENT_REQUESTED: _(
            "Hãy bổ sung tất cả trong một lần trước hạn. Quá hạn, hồ sơ sẽ được đóng và bạn có thể nộp hồ sơ mới."
        ),
        State.IN_REVIEW: _("Hồ sơ đã được tiếp nhận và đang được thẩm định."),
        State.ENDORSEMENT: _("Đã có kết quả thẩm định, đang trình lãnh đạo đơn vị."),
        State.APPROVAL: _("Đang trình người có thẩm quyền ký."),
        State.ISSUING: _("Kết quả đã được duyệt, đang vào số và phát hành."),
        State.ISSUED: _("Đã có quyết định. Hãy tải về ở mục Giấy tờ; lần tải đầu tiên được ghi là đã trả kết quả."),
        State.DELIVERED: _("Kết quả đã được trả. Bạn có thể tải lại quyết định bất cứ lúc nào."),
        State.REFUSED: _("Hồ sơ không được tiếp nhận. Lý do ghi trong phiếu từ chối; bạn có thể nộp hồ sơ mới."),
        State.WITHDRAWN: _("Hồ sơ đã được rút theo yêu cầu của bạn."),
        State.CLOSED: _("Hồ sơ đã đóng vì không được bổ sung đúng hạn. Bạn có thể nộp hồ sơ mới."),
    }
    return texts.get(dossier.state, "")


def supplement_need(request: SupplementRequest) -> str:
    """“Cần bạn bổ sung 2 tài liệu, 1 nội dung”. Needs `points` prefetched."""
    points = list(request.points.all())
    documents = sum(point.kind == "document" for point in points)
    others = len(points) - documents
    parts = []
    if documents:
        parts.append(ngettext("%s tài liệu", "%s tài liệu", documents) % documents)
    if others:
        parts.append(ngettext("%s nội dung", "%s nội dung", others) % others)
    return _("Cần bạn bổ sung %s") % ", ".join(parts)


def unread_label(number: int) -> str:
    """“2 tin nhắn mới”; empty for none."""
    return ngettext("%s tin nhắn mới", "%s tin nhắn mới", number) % number if number else ""


def timeline(dossier: Dossier, requests: list[SupplementRequest]) -> list[dict[str, Any]]:
    """What happened and what comes next, for components/timeline.html."""
    steps = [_step(pgettext("event", "Nộp hồ sơ"), dossier.submitted_at, "done", note=dossier.code)]
    supplements = [step for request in requests for step in _supplement_steps(request)]
    before = [s for s in supplements if not dossier.received_at or s["at"] < dossier.received_at]
    steps += before
    state = dossier.state
    if dossier.received_at:
        note = _("Hẹn trả kết quả %s") % _day(dossier.appointment_at) if dossier.appointment_at else ""
        steps.append(_step(_("Tiếp nhận hồ sơ"), dossier.received_at, "done", note=note))
    elif state in (State.SUBMITTED, State.SCREENING):
        note = _("Trả lời trước %s") % _moment(dossier.due_at) if dossier.due_at else ""
        steps.append(_step(_("Kiểm tra và tiếp nhận"), None, "now", note=note))
    elif state not in (State.REFUSED, State.WITHDRAWN, State.CLOSED):
        steps.append(_step(_("Kiểm tra và tiếp nhận"), None, "next"))
    steps += [s for s in supplements if s not in before]
    if dossier.ended_at:
        ended = {
            State.REFUSED: _("Từ chối tiếp nhận"),
            State.WITHDRAWN: _("Bạn đã rút hồ sơ"),
            State.CLOSED: _("Đóng hồ sơ do quá hạn bổ sung"),
        }
        return [*steps, _step(ended[State(state)], dossier.ended_at, "stop")]
    return steps + _decision_steps(dossier)


def _supplement_steps(request: SupplementRequest) -> list[dict[str, Any]]:
    waiting = request.ended_at is None
    steps = [
        _step(
            _("Yêu cầu bổ sung"),
            request.requested_at,
            "now" if waiting else "done",
            note=_("Bổ sung trước hết ngày %s") % _day(request.due_at) if waiting else "",
        )
    ]
    if request.answered_by_revision_id:
        note = _("Thời hạn giải quyết được tính lại từ đầu") if request.stage == "review" else ""
        steps.append(_step(_("Bạn đã bổ sung"), request.ended_at, "done", note=note))
    return steps


def _decision_steps(dossier: Dossier) -> list[dict[str, Any]]:
    order = [State.IN_REVIEW, State.ENDORSEMENT, State.APPROVAL, State.ISSUING, State.ISSUED, State.DELIVERED]
    reached = order.index(State(dossier.state)) if dossier.state in order else -1
    period = length_of(definition_of(dossier.revision_of_procedure).deadline("assessment"))
    promised = (
        _("Hẹn trả %s") % _day(dossier.appointment_at)
        if dossier.appointment_at
        else _("Trong %s kể từ khi tiếp nhận") % period
    )
    unit = dossier.specialist.unit.name if dossier.specialist and dossier.specialist.unit else ""
    titles = [
        (_("Thẩm định"), 0, 0, None, unit),
        (_("Trình và phê duyệt"), 1, 2, dossier.decided_at, ""),
        (_("Phát hành quyết định"), 3, 3, dossier.issued_at, promised),
        (_("Trả kết quả"), 4, 4, dossier.delivered_at, ""),
    ]
    steps = []
    for title, first, last, at, note in titles:
        kind = "done" if reached > last else "now" if first <= reached <= last else "next"
        if title == titles[2][0] and kind == "done":
            note = str(Outcome(dossier.outcome).label) if dossier.outcome else ""
        steps.append(_step(title, at if kind == "done" else None, kind, note=note))
    return steps


def _step(title: str, at: Any, kind: str, *, note: str = "") -> dict[str, Any]:
    return {"title": title, "at": at, "kind": kind, "note": note, "url": ""}


def _day(moment: Any) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y}"


def _moment(moment: Any) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y, %H:%M}"
