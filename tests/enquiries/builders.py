"""Questions outside a dossier, asked and answered by the real functions."""

import uuid
from datetime import datetime

from accounts.models import Organisation, Role, User
from catalogs.enquiries import answering, asking, faq, subjects
from catalogs.enquiries.asking import Asked, Visitor
from catalogs.models import Enquiry, FaqDraft, FaqEntry, Reply, UnconfirmedEnquiry
from tests.factories import NOW, StaffFactory, member_of
from tests.factories import OrganisationFactory as Company

TITLE, TEXT = "Camera thuê có thuộc mục 1.8 không?", "Chúng tôi thuê camera của bên thứ ba rồi bán dịch vụ."


def asked(
    *,
    title: str = TITLE,
    text: str = TEXT,
    about: str = "",
    public_id: uuid.UUID | None = None,
    organisation: Organisation | None = None,
) -> Asked:
    return Asked(public_id or uuid.uuid4(), title, text, subjects.read(about), organisation)


def visitor(email: str = "lan@congty.example", **fields: str) -> Visitor:
    return Visitor(**{"name": "Phạm Thị Lan", "email": email, "language": "vi", **fields})


def enquiry(*, by: User | None = None, at: datetime = NOW, **fields: str) -> Enquiry:
    """A question that was received; of somebody of a company unless `by` names another."""
    person = by or member_of(Company())
    membership = person.memberships.order_by("pk").first()
    return asking.ask(asked(organisation=membership and membership.organisation, **fields), by=person, at=at)


def waiting(email: str = "lan@congty.example", *, at: datetime = NOW, **fields: str) -> UnconfirmedEnquiry:
    return asking.ask_as_visitor(asked(**fields), by=visitor(email), at=at)


def confirmed(email: str = "lan@congty.example", *, at: datetime = NOW, **fields: str) -> Enquiry:
    received = asking.confirm(waiting(email, at=at, **fields).key, at=at)
    assert received
    return received


def taken(one: Enquiry, *, by: User | None = None, at: datetime = NOW) -> Enquiry:
    officer = by or StaffFactory(role=Role.SPECIALIST)
    return answering.take(one.pk, by=officer, at=at, expected_version=one.version)


def answered(
    one: Enquiry, *, by: User | None = None, text: str = "Có, nếu phân tích hình ảnh.", at: datetime = NOW
) -> Reply:
    held = taken(one, by=by, at=at)
    assert held.taken_by
    return answering.answer(held.pk, text=text, by=held.taken_by, at=at, expected_version=held.version)


def texts(**fields: str) -> faq.Texts:
    given = {
        "title": "Camera thuê có thuộc mục 1.8 không?",
        "question": "Thuê camera rồi bán dịch vụ.",
        "answer": "Có, nếu…",
    }
    about = fields.pop("about", "")
    return faq.Texts(**{**given, **fields}, about=subjects.read(about))


def edited(
    one: Enquiry, *, by: User | None = None, propose: bool = True, at: datetime = NOW, **fields: str
) -> FaqDraft:
    """An entry that is edited, and unless told otherwise proposed, of a question that was answered."""
    editor = by or StaffFactory(role=Role.SPECIALIST)
    return faq.edit(one.pk, texts(**fields), propose=propose, by=editor, at=at, expected_version=version_of(one))


def version_of(one: Enquiry) -> int:
    return Enquiry.objects.get(pk=one.pk).version


def corrected(entry: FaqEntry, *, at: datetime = NOW, **fields: str) -> FaqEntry:
    one = entry.enquiry
    edited(one, at=at, **{"change": "Bỏ dẫn chiếu đã hết hiệu lực.", **fields})
    publisher = StaffFactory(role=Role.HEAD_OF_UNIT)
    return faq.publish(one.pk, by=publisher, at=at, expected_version=version_of(one))


def withdrawn(entry: FaqEntry, *, by: User | None = None, at: datetime = NOW, reason: str = "Sai.") -> FaqEntry:
    person = by or StaffFactory(role=Role.HEAD_OF_UNIT)
    version = version_of(entry.enquiry)
    return faq.withdraw(entry.address_id, reason=reason, by=person, at=at, expected_version=version)


def published(*, by: User | None = None, at: datetime = NOW, about: str = "", **fields: str) -> FaqEntry:
    reply = answered(enquiry(about=about, at=at), at=at)
    edited(reply.enquiry, at=at, about=about, **fields)
    publisher = by or StaffFactory(role=Role.HEAD_OF_UNIT)
    return faq.publish(reply.enquiry.pk, by=publisher, at=at, expected_version=version_of(reply.enquiry))
