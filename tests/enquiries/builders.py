"""Questions outside a dossier, asked and answered by the real functions."""

import uuid
from datetime import datetime

from accounts.models import Organisation, Role, User
from catalogs.enquiries import answering, asking, subjects
from catalogs.enquiries.asking import Asked, Visitor
from catalogs.models import Enquiry, Reply, UnconfirmedEnquiry
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
