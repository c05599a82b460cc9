"""Questions and difficulties that reach the office outside a dossier (TT 31/2025/TT-BKHCN Đ4.5): how they come in.

Whoever is signed in asks at once. A visitor asks by confirming the e-mail address: until then the question is known to
nobody, and after some days it is gone.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from audit import trail
from catalogs.enquiries import subjects
from catalogs.enquiries.subjects import Subject
from catalogs.models import Enquiry, EnquirySequence, UnconfirmedEnquiry
from notifications import outbox
from notifications.models import Event

TITLE_MAX = 200  # characters
TEXT_MAX = 5000
# Of one person or address, in a day.
A_DAY = timedelta(days=1)
# Mails that ask one address to confirm, in a day: whoever types somebody else's must not bother them for long.
UNCONFIRMED_A_DAY = 3


class NotAsked(Exception):
    """The question was not taken; the text says why."""


class TooMany(NotAsked):
    """Enough for a day."""

    def __init__(self) -> None:
        super().__init__(
            _("Hôm nay đã có nhiều câu hỏi gửi từ tài khoản hoặc địa chỉ này. Hãy gửi tiếp vào ngày mai.")
        )


class Stale(NotAsked):
    """The page's id is somebody else's by now."""

    def __init__(self) -> None:
        super().__init__(_("Trang này đã cũ nên câu hỏi chưa được gửi. Nội dung vẫn còn bên dưới; hãy gửi lại."))


@dataclass(frozen=True)
class Asked:
    """A question as its page sends it."""

    public_id: uuid.UUID
    title: str
    text: str
    about: Subject = subjects.NOTHING
    # For whom; nobody but themselves, unless one of theirs is named.
    organisation: Organisation | None = None


@dataclass(frozen=True)
class Visitor:
    name: str
    email: str
    language: str


@transaction.atomic
def ask(asked: Asked, *, by: User, at: datetime) -> Enquiry:
    """Somebody signed in asks. The same page sent twice asks once. Raises NotAsked."""
    # Two tabs, one person: the second waits here and then counts the question of the first.
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    before = Enquiry.objects.filter(public_id=asked.public_id).first()
    if before and before.asker_id == by.pk:
        return before
    if before:
        raise Stale
    if Enquiry.objects.filter(asker=by, received_at__gt=at - A_DAY).count() >= settings.ENQUIRIES_PER_DAY:
        raise TooMany
    organisation = asked.organisation
    if organisation and not by.memberships.filter(organisation=organisation).exists():
        raise NotAsked(_("Bạn không còn thuộc tổ chức đã chọn. Hãy chọn lại."))
    enquiry = Enquiry(asker=by, organisation=organisation, language=by.language)
    return _receive(enquiry, asked, by=by, at=at)


@transaction.atomic
def ask_as_visitor(asked: Asked, *, by: Visitor, at: datetime) -> UnconfirmedEnquiry:
    """Keep a visitor's question until the address is confirmed, for which a mail asks. Raises NotAsked."""
    email = by.email.lower()
    before = UnconfirmedEnquiry.objects.filter(public_id=asked.public_id).first()
    if before and before.email == email:
        return before
    if before or Enquiry.objects.filter(public_id=asked.public_id).exists():
        raise Stale
    since = at - A_DAY
    waiting = UnconfirmedEnquiry.objects.filter(email=email, asked_at__gt=since).count()
    received = Enquiry.objects.filter(email=email, received_at__gt=since).count()
    if waiting >= UNCONFIRMED_A_DAY or received >= settings.ENQUIRIES_PER_DAY:
        raise TooMany
    kept = UnconfirmedEnquiry(
        public_id=asked.public_id,
        name=by.name,
        email=email,
        language=by.language,
        title=asked.title,
        text=asked.text,
        asked_at=at,
        **asked.about.columns(),
    )
    try:
        with transaction.atomic():
            kept.save(force_insert=True)
    except IntegrityError:  # the other of two clicks was faster
        return UnconfirmedEnquiry.objects.get(public_id=asked.public_id, email=email)
    context = {"title": kept.title, "to_name": kept.name, "language": kept.language}
    outbox.enqueue("enquiry_to_confirm", kept, at=at, context=context)
    return kept


@transaction.atomic
def confirm(key: uuid.UUID, *, at: datetime) -> Enquiry | None:
    """Whoever reads the mailbox has confirmed it: the question is received. Again: the same. None: it is gone."""
    waiting = UnconfirmedEnquiry.objects.select_for_update(of=("self",)).filter(key=key).first()
    if waiting is None:
        return Enquiry.objects.filter(follow_key=key).first()
    taken = Enquiry.objects.filter(public_id=waiting.public_id).exists()
    asked = Asked(uuid.uuid4() if taken else waiting.public_id, waiting.title, waiting.text, subjects.of(waiting))
    enquiry = Enquiry(follow_key=key, name=waiting.name, email=waiting.email, language=waiting.language)
    _receive(enquiry, asked, by=None, at=at)
    waiting.delete()
    return enquiry


@transaction.atomic
def purge(*, at: datetime) -> int:
    """Forget the questions whose address nobody confirmed in time, and the mails that asked for it."""
    old = UnconfirmedEnquiry.objects.filter(
        asked_at__lte=at - timedelta(days=settings.ENQUIRIES_CONFIRMED_WITHIN_DAYS)
    )
    keys = [str(key) for key in old.order_by("asked_at").values_list("key", flat=True)]
    Event.objects.filter(subject_type="catalogs.unconfirmedenquiry", subject_id__in=keys).delete()
    UnconfirmedEnquiry.objects.filter(key__in=keys).delete()
    return len(keys)


def _receive(enquiry: Enquiry, asked: Asked, *, by: User | None, at: datetime) -> Enquiry:
    for column, value in asked.about.columns().items():
        setattr(enquiry, column, value)
    enquiry.public_id, enquiry.title, enquiry.text = asked.public_id, asked.title, asked.text
    enquiry.code, enquiry.received_at = _next_code(at), at
    enquiry.save(force_insert=True)
    # Neither the words nor, of a visitor, who it is: the trail is kept longer than either may have to be.
    data = {"code": enquiry.code, "about": asked.about.token, "visitor": by is None}
    trail.record(enquiry, "receive_enquiry", by=by, at=at, data=data)
    context = {"code": enquiry.code, "title": enquiry.title}
    outbox.enqueue("enquiry_received", enquiry, at=at, context=context | addressee(enquiry))
    outbox.enqueue("enquiry_arrived", enquiry, at=at, context=context)
    return enquiry


def addressee(enquiry: Enquiry) -> dict[str, str]:
    """What a mail to its asker needs to know of somebody without an account."""
    return {} if enquiry.asker_id else {"to_name": enquiry.name, "language": enquiry.language}


def _next_code(at: datetime) -> str:
    """HD-2026-0042: “hỏi đáp”, the year here, a number without gaps."""
    year = timezone.localdate(at, timezone.get_default_timezone()).year
    EnquirySequence.objects.get_or_create(year=year)
    sequence = EnquirySequence.objects.select_for_update().get(year=year)
    sequence.last_number += 1
    sequence.save(update_fields=["last_number"])
    return f"HD-{year}-{sequence.last_number:04d}"
