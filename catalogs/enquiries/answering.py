"""What officers do with an enquiry: take it, and answer it once."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from audit import trail
from catalogs.enquiries.asking import addressee
from catalogs.models import Enquiry, EnquiryState, Reply
from notifications import outbox

TEXT_MAX = 10_000  # characters
ANSWERING = frozenset({Role.INTAKE_OFFICER, Role.SPECIALIST, Role.HEAD_OF_UNIT, Role.CATALOGUE_MANAGER})
READING = ANSWERING | {Role.AUDITOR}


class NotDone(Exception):
    """Nothing was done; the text says why."""


class Stale(NotDone):
    """Somebody changed it after the person opened the page."""

    def __init__(self) -> None:
        super().__init__(
            _("Nội dung này đã thay đổi từ khi bạn mở trang. Hãy xem lại rồi thực hiện tiếp nếu vẫn cần.")
        )


def may_answer(person: User) -> bool:
    return person.is_active and bool(ANSWERING & person.role_set())


def require_officer(person: User) -> None:
    if not may_answer(person):
        raise NotDone(_("Bạn không được thực hiện thao tác này."))


@transaction.atomic
def take(enquiry_id: int, *, by: User, at: datetime, expected_version: int) -> Enquiry:
    """Take it to answer it, also from a colleague who has it. Raises NotDone."""
    enquiry = _locked(enquiry_id, by=by, expected_version=expected_version)
    if enquiry.taken_by_id == by.pk:
        raise NotDone(_("Bạn đang trả lời câu hỏi này."))
    before = enquiry.taken_by_id
    enquiry.state, enquiry.taken_by, enquiry.taken_at = EnquiryState.TAKEN, by, at
    save(enquiry)
    trail.record(enquiry, "take_enquiry", by=by, at=at, data={"from": before})
    return enquiry


@transaction.atomic
def answer(enquiry_id: int, *, text: str, by: User, at: datetime, expected_version: int) -> Reply:
    """Answer it; the asker is told. Raises NotDone."""
    enquiry = _locked(enquiry_id, by=by, expected_version=expected_version)
    if enquiry.taken_by_id != by.pk:
        raise NotDone(_("Hãy nhận câu hỏi này trước khi trả lời."))
    enquiry.state = EnquiryState.ANSWERED
    save(enquiry)
    reply = Reply.objects.create(
        enquiry=enquiry,
        text=text,
        replied_by=by,
        author_name=str(by)[:150],
        author_unit=by.unit.name if by.unit else "",
        replied_at=at,
    )
    trail.record(enquiry, "answer_enquiry", by=by, at=at, data={"code": enquiry.code})
    context = {"code": enquiry.code, "title": enquiry.title, **addressee(enquiry)}
    outbox.enqueue("enquiry_answered", enquiry, at=at, context=context)
    return reply


def _locked(enquiry_id: int, *, by: User, expected_version: int) -> Enquiry:
    require_officer(by)
    enquiry = Enquiry.objects.select_for_update(of=("self",)).get(pk=enquiry_id)
    if enquiry.asker_id == by.pk:
        raise NotDone(_("Bạn là người hỏi nên không trả lời câu hỏi này."))
    if enquiry.version != expected_version:
        raise Stale
    if enquiry.state == EnquiryState.ANSWERED:
        raise NotDone(_("Câu hỏi này đã được trả lời."))
    return enquiry


def save(enquiry: Enquiry) -> None:
    """Keep what changed under a new version, so that pages that were opened before are stale."""
    enquiry.version += 1
    enquiry.save(update_fields=["state", "taken_by", "taken_at", "version"])
