"""What the public is told about a paper."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from documents import codes
from documents.models import DocumentKind, IssuedDocument, Validity
from intake.states import Outcome

OUTCOMES = {
    Outcome.GRANTED: _("Đồng ý với đề nghị"),
    Outcome.NOT_GRANTED: _("Không đồng ý với đề nghị"),
}
# The heading of the answer, what follows from it, and its colour.
_ANSWERS: dict[Validity, tuple[Any, Any, str]] = {
    Validity.VALID: (_("Văn bản là thật và còn hiệu lực"), "", "ok"),
    Validity.CORRECTED: (
        _("Văn bản là thật, đã được đính chính"),
        _("Một số chi tiết đã được sửa bằng văn bản khác. Hãy xem cùng văn bản đính chính."),
        "warn",
    ),
    Validity.REPLACED: (
        _("Văn bản là thật nhưng đã được thay thế"),
        _("Một văn bản khác có hiệu lực thay cho văn bản này. Không dùng văn bản này nữa."),
        "warn",
    ),
    Validity.REVOKED: (
        _("Văn bản là thật nhưng đã bị thu hồi"),
        _("Văn bản này không còn giá trị. Không dùng văn bản này nữa."),
        "late",
    ),
    Validity.EXPIRED: (
        _("Văn bản là thật nhưng đã hết hiệu lực"),
        _("Thời hạn hiệu lực ghi trong văn bản đã qua."),
        "warn",
    ),
}


@dataclass(frozen=True)
class Answer:
    """The verification page: of a decision what it says, of any other paper only that it exists."""

    document: IssuedDocument
    heading: str
    advice: str
    tone: str
    code: str
    kind: str
    office: str
    standing: Validity
    outcome: str = ""
    subject: str = ""
    applicant: str = ""
    product: str = ""
    signer: str = ""
    items: tuple[dict[str, str], ...] = ()


def find(code: str) -> IssuedDocument | None:
    return IssuedDocument.objects.select_related("dossier").filter(verification_code=code).first()


def answer(document: IssuedDocument, *, on: date) -> Answer:
    """Read from the frozen data, never from the dossier: it says what the paper says."""
    standing = document.standing(on=on)
    heading, advice, tone = _ANSWERS[standing]
    if document.kind != DocumentKind.DECISION:
        if standing == Validity.VALID:
            heading = _("Văn bản là thật")
        return Answer(document, str(heading), str(advice), tone, **_identity(document, standing))
    data = document.data
    if data["outcome"] == Outcome.NOT_GRANTED and standing == Validity.VALID:
        # Genuine, yet nothing that speaks for the product: no green.
        heading, tone = _("Văn bản là thật: đề nghị không được chấp thuận"), "neutral"
    return Answer(
        document,
        str(heading),
        str(advice),
        tone,
        **_identity(document, standing),
        outcome=str(OUTCOMES[data["outcome"]]),
        subject=data["subject"],
        applicant=data["applicant"]["name"],
        product=data["dossier"]["title"],
        signer=data["signer"]["name"],
        items=tuple(data["items"]),
    )


def _identity(document: IssuedDocument, standing: Validity) -> dict[str, Any]:
    return {
        "code": codes.grouped(document.verification_code),
        "kind": document.get_kind_display(),
        "office": document.data["office"]["name"],
        "standing": standing,
    }
