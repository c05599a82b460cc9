from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """Where a dossier stands. docs/workflow.md draws the moves; `workflow.models.Case` owns them."""

    DRAFT = "draft", _("Đang soạn")
    SUBMITTED = "submitted", _("Chờ tiếp nhận")
    SCREENING = "screening", _("Đang kiểm tra hồ sơ")
    SUPPLEMENT_REQUESTED = "supplement_requested", _("Chờ bổ sung")
    IN_REVIEW = "in_review", _("Đang thẩm định")
    ENDORSEMENT = "endorsement", _("Trình lãnh đạo phòng")
    APPROVAL = "approval", _("Trình ký")
    ISSUING = "issuing", _("Chờ phát hành")
    ISSUED = "issued", _("Đã có kết quả")
    DELIVERED = "delivered", _("Đã trả kết quả")
    REFUSED = "refused", _("Từ chối tiếp nhận")
    WITHDRAWN = "withdrawn", _("Đã rút")
    CLOSED = "closed", _("Đã đóng")


# The clock of the office or of the applicant runs in these, so each has a due date.
WITH_CLOCK = (
    State.SUBMITTED,
    State.SCREENING,
    State.SUPPLEMENT_REQUESTED,
    State.IN_REVIEW,
    State.ENDORSEMENT,
    State.APPROVAL,
    State.ISSUING,
)
# Received: the appointment slip has been given.
AFTER_RECEIPT = (
    State.IN_REVIEW,
    State.ENDORSEMENT,
    State.APPROVAL,
    State.ISSUING,
    State.ISSUED,
    State.DELIVERED,
)
BEFORE_RECEIPT = (State.DRAFT, State.SUBMITTED, State.SCREENING, State.REFUSED)
WITH_OUTCOME = (State.ENDORSEMENT, State.APPROVAL, State.ISSUING, State.ISSUED, State.DELIVERED)
WITHOUT_OUTCOME = (State.DRAFT, State.SUBMITTED, State.SCREENING, State.REFUSED)
ENDED_WITHOUT_RESULT = (State.REFUSED, State.WITHDRAWN, State.CLOSED)


class Outcome(TextChoices):
    GRANTED = "granted", _("Đồng ý")
    NOT_GRANTED = "not_granted", _("Không đồng ý")


# Status codes of the national public service portal, for exchange with it.
PORTAL_CODES = {
    State.SUBMITTED: 1,
    State.SCREENING: 1,
    State.REFUSED: 3,
    State.IN_REVIEW: 4,
    State.ENDORSEMENT: 4,
    State.APPROVAL: 4,
    State.ISSUING: 4,
    State.SUPPLEMENT_REQUESTED: 5,
    State.WITHDRAWN: 7,
    State.CLOSED: 8,
    State.ISSUED: 9,
    State.DELIVERED: 10,
}
