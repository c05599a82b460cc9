"""Issuing a paper: its number, its frozen data, the version of its text. The PDF follows after the commit."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from documents import codes, rendering, sources, tasks
from documents.freezing import frozen
from documents.models import DocumentKind, IssuedDocument, Template
from documents.registers import TakenNumber, take_number
from intake.models import Dossier

# The queue gets this long before the sweep takes a paper up as well.
RENDER_GRACE = timedelta(minutes=1)


class PaperError(Exception):
    """The paper cannot be issued; the text is for the person who tried."""


class AlreadyDecided(PaperError):
    """The dossier has its decision."""


class MissingValues(PaperError):
    """The text needs values that the data does not hold."""

    def __init__(self, labels: list[str]) -> None:
        self.labels = labels
        super().__init__(_("Chưa thể lập văn bản vì còn thiếu: %(labels)s.") % {"labels": "; ".join(labels)})


@dataclass(frozen=True)
class Book:
    """A register, and how its numbers are printed; `{office}` is the symbol of the issuing agency."""

    key: str
    symbol: str


# NĐ 30/2020/NĐ-CP for decisions; the forms of the one-stop shop (TT 03/2025/TT-VPCP) print theirs.
BOOKS = {
    DocumentKind.DECISION: Book("decision", "QĐ-{office}"),
    DocumentKind.ACKNOWLEDGEMENT: Book("acknowledgement", "XNHS-{office}"),
    DocumentKind.RECEIPT: Book("receipt", "GTN-{office}"),
    DocumentKind.SUPPLEMENT_REQUEST: Book("supplement_request", "HDHS"),
    DocumentKind.REFUSAL: Book("refusal", "PTC"),
}


@transaction.atomic
def issue_paper(
    dossier: Dossier,
    kind: DocumentKind,
    *,
    by: User | None,
    at: datetime,
    data: dict[str, Any],
    template_key: str | None = None,
    valid_until: date | None = None,
) -> IssuedDocument:
    """Take the next number, freeze the data and the text's version, and have the PDF made after the commit.

    `by=None` is the system itself. If this raises, no number is used up. Raises MissingValues, AlreadyDecided,
    sources.UnknownTemplate.
    """
    kind = DocumentKind(kind)
    if kind == DocumentKind.DECISION and _has_decision(dossier):
        raise _already_decided(dossier)
    template = sources.newest(template_key or kind)
    content = _content(data)
    content.setdefault("demo", settings.DEMO_MODE)
    # Checked before the number is taken, because its row is locked from then on.
    _require_values(template, content)

    taken = take_number(BOOKS[kind].key, at=at)
    code = _unused_code()
    symbol = printed_symbol(kind, taken, office=content["office"]["symbol"])
    content["paper"] = frozen(
        {
            "kind": kind.value,
            "symbol": symbol,
            "number": taken.number,
            "year": taken.year,
            "issued_at": at,
            "code": codes.grouped(code),
            "url": settings.SITE_URL + reverse("verify_code", args=[code]),
            "lookup_url": settings.SITE_URL + reverse("verify"),
        }
    )
    # Cheap, and proves that the text can be drawn from this data before the number is given out.
    try:
        rendering.draw_html(template, content)
    except rendering.UndefinedValue as error:
        raise MissingValues([error.name]) from error
    try:
        with transaction.atomic():
            document = IssuedDocument.objects.create(
                dossier=dossier,
                kind=kind,
                book=taken.book,
                year=taken.year,
                number=taken.number,
                symbol=symbol,
                issued_at=at,
                issued_by=by,
                template=template,
                data=content,
                verification_code=code,
                valid_until=valid_until or _date(content.get("valid_until")),
                render_due_at=at + RENDER_GRACE,
            )
    except IntegrityError as error:
        if kind == DocumentKind.DECISION and _has_decision(dossier):
            raise _already_decided(dossier) from error
        raise
    # Robust: a queue that is down must not turn a committed paper into an error; the sweep renders it.
    transaction.on_commit(lambda: tasks.render_document.apply_async((document.pk,), retry=False), robust=True)
    return document


def preview(kind: DocumentKind, data: dict[str, Any]) -> SafeString:
    """The paper as it would read if it were issued now, from the same text and data, as HTML for a page.

    Number and day are open; seal, signature and QR code are missing. Writes nothing. Raises sources.UnknownTemplate.
    """
    content = _content({**data, "demo": False})
    content["paper"] = {
        "kind": kind.value,
        "symbol": f"…/{BOOKS[kind].symbol.format(office=content['office']['symbol'])}",
        **dict.fromkeys(("number", "year", "issued_at", "code", "url", "lookup_url"), ""),
    }
    return rendering.part_of_page(rendering.draw_html(sources.in_use(kind), content))


def _content(data: dict[str, Any]) -> dict[str, Any]:
    return frozen({**data, "office": {**settings.OFFICE, **data.get("office", {})}})


def printed_symbol(kind: DocumentKind, taken: TakenNumber, *, office: str) -> str:
    """05/QĐ-CNCNTT: numbers below ten get a zero in front (NĐ 30/2020/NĐ-CP, Phụ lục I)."""
    return f"{taken.number:02d}/{BOOKS[kind].symbol.format(office=office)}"


def _require_values(template: Template, content: dict[str, Any]) -> None:
    labels = [need.label for need in rendering.needs_of(template) if need.missing_from(content)]
    if labels:
        raise MissingValues(list(dict.fromkeys(labels)))


def _has_decision(dossier: Dossier) -> bool:
    return dossier.documents.filter(kind=DocumentKind.DECISION).exists()


def _already_decided(dossier: Dossier) -> AlreadyDecided:
    decision = dossier.documents.get(kind=DocumentKind.DECISION)
    return AlreadyDecided(
        _("Hồ sơ %(code)s đã có Quyết định số %(symbol)s, không thể ban hành thêm.")
        % {"code": dossier.code, "symbol": decision.symbol}
    )


def _unused_code() -> str:
    while IssuedDocument.objects.filter(verification_code=(code := codes.new_code())).exists():
        pass
    return code


def _date(value: str | None) -> date | None:
    """The day in the office's clock that a frozen date or time names."""
    if not value:
        return None
    if len(value) > len("2026-11-24"):
        return timezone.localtime(datetime.fromisoformat(value), timezone.get_default_timezone()).date()
    return date.fromisoformat(value)
