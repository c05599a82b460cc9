"""Messages on a filed dossier: what its applicant and the office write to each other, each as it was sent.

Neither side changes or takes back a message. That a side has read one is kept with the time of the first reading.
`workflow.talking` says which officers may write; the organisation's own people are known here.
"""

import hashlib
import uuid
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import MembershipRole, Role, User
from audit import trail
from catalogs.procedures import RequiredDocument
from intake import attachments, scans
from intake.attachments import Checked
from intake.models import EDITING_ROLES, Conversation, Dossier, Message, MessageFile, MessageReading, Side
from intake.states import State
from notifications import outbox

FILES_MAX = 5  # with one message
# Over a dossier's whole life, by both sides.
MAX_MESSAGES_EVER = 1000
MAX_FILES_EVER = 200
PAGE_SIZE = 30

# What a message takes; to the checks a document like those of a procedure.
TAKES = RequiredDocument(key="message", title="", max_files=FILES_MAX)
TOLD_AS = {Side.APPLICANT: "message_to_office", Side.OFFICE: "message_to_applicant"}


class NotSent(Exception):
    """The message was not taken; the text says why."""


class MovedOn(NotSent):
    """Somebody wrote after the person opened the page."""

    def __init__(self) -> None:
        super().__init__(
            _("Có tin nhắn mới từ khi bạn mở trang này. Hãy đọc, rồi gửi lại nếu nội dung của bạn vẫn cần.")
        )


@dataclass(frozen=True)
class Author:
    """Who writes, for which side, and what they are there."""

    person: User
    side: Side
    role: str  # of MembershipRole or Role
    unit: str = ""


@dataclass(frozen=True)
class Enclosed:
    name: str  # as the sender's machine called it
    checked: Checked


@dataclass(frozen=True)
class Written:
    """A message as its page sends it."""

    id: uuid.UUID
    text: str
    seen: int  # the number of the last message that the page showed
    files: tuple[Enclosed, ...] = ()


# --- when it is open ---------------------------------------------------------------------------


def closes_at(dossier: Dossier) -> datetime | None:
    """When the conversation closes: some days after the dossier's life ended. None while it lives."""
    ended = dossier.ended_at or dossier.delivered_at
    return ended + timedelta(days=settings.MESSAGES_GRACE_DAYS) if ended else None


def is_open(dossier: Dossier, *, at: datetime) -> bool:
    closing = closes_at(dossier)
    return dossier.state != State.DRAFT and (closing is None or at < closing)


# --- sending -----------------------------------------------------------------------------------


def send(dossier_id: int, written: Written, *, by: User, at: datetime) -> Message:
    """A message of the applicant's side. Raises NotSent."""
    with keeping() as stored, transaction.atomic():
        dossier = lock(dossier_id)
        return append(dossier, written, by=author_of(dossier, by), at=at, stored=stored)


def author_of(dossier: Dossier, person: User) -> Author:
    """The person as one who writes for the applicant. Raises NotSent."""
    membership = person.memberships.filter(organisation_id=dossier.organisation_id, role__in=EDITING_ROLES).first()
    if membership is None or person.is_staff_member():
        raise NotSent(_("Chỉ người đại diện hoặc người soạn hồ sơ của bên nộp được gửi tin nhắn."))
    return Author(person, Side.APPLICANT, membership.role)


def lock(dossier_id: int) -> Dossier:
    """Both sides write one after the other: the row's lock also keeps the numbers in order."""
    return Dossier.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=dossier_id)


@contextmanager
def keeping() -> Iterator[list[tuple[Storage, str]]]:
    """Files that were stored meanwhile go again if the rows that name them do not come to be."""
    stored: list[tuple[Storage, str]] = []
    try:
        yield stored
    except BaseException:
        for storage, name in stored:
            storage.delete(name)
        raise


def append(
    dossier: Dossier, written: Written, *, by: Author, at: datetime, stored: list[tuple[Storage, str]]
) -> Message:
    """Add the message to a locked dossier, in the caller's transaction. Raises NotSent.

    The same message sent twice, as by two clicks, is one: the second gets the first.
    """
    before = Message.objects.filter(pk=written.id).first()
    if before and (before.dossier_id, before.author_id) == (dossier.pk, by.person.pk):
        return before
    if not is_open(dossier, at=at):
        raise NotSent(_("Hồ sơ này không còn nhận tin nhắn."))
    conversation, _new = Conversation.objects.get_or_create(dossier=dossier)
    if before or written.seen != conversation.last_number:
        raise MovedOn
    _require_room(dossier, written)
    message = Message.objects.create(
        id=written.id,
        dossier=dossier,
        number=conversation.last_number + 1,
        side=by.side,
        author=by.person,
        author_name=str(by.person)[:150],
        author_role=by.role,
        author_unit=by.unit,
        text=written.text,
        sent_at=at,
    )
    files = [_keep(message, n, one, stored) for n, one in enumerate(written.files, start=1)]
    _read(conversation, by.side, up_to=written.seen, by=by.person, at=at)
    conversation.last_number = message.number
    _set_unread(conversation, by.side.other, conversation.unread_by(by.side.other) + 1)
    conversation.save()
    # Without the text, which may hold what nobody else should read; its digest still tells whether it is the same.
    data = {
        "message": message.number,
        "side": by.side.value,
        "sha256": hashlib.sha256(message.text.encode()).hexdigest(),
        "files": [{"name": file.name, "sha256": file.sha256} for file in files],
    }
    trail.record(dossier, "send_message", by=by.person, at=at, data=data)
    about = {"code": dossier.code, "title": dossier.title, "organisation": dossier.organisation.name}
    outbox.enqueue(TOLD_AS[by.side], dossier, at=at, context={**about, "by_name": message.author_name})
    return message


def _require_room(dossier: Dossier, written: Written) -> None:
    if Message.objects.filter(dossier=dossier).count() >= MAX_MESSAGES_EVER:
        full = _("Hồ sơ này đã có %s tin nhắn, nhiều nhất có thể. Hãy liên hệ bằng cách khác.")
        raise NotSent(full % MAX_MESSAGES_EVER)
    if written.files:
        kept = MessageFile.objects.filter(message__dossier=dossier).count()
        if kept + len(written.files) > MAX_FILES_EVER:
            full = _("Hồ sơ này đã có %s tệp gửi kèm, không nhận thêm được nhiều như vậy. Hãy liên hệ bằng cách khác.")
            raise NotSent(full % kept)


def _keep(message: Message, position: int, enclosed: Enclosed, stored: list[tuple[Storage, str]]) -> MessageFile:
    checked = enclosed.checked
    kept = MessageFile(
        message=message,
        position=position,
        name=attachments.with_extension(attachments.display_name(enclosed.name), checked.content_type),
        content_type=checked.content_type,
        size=checked.size,
        sha256=checked.sha256,
    )
    kept.file.save("", File(checked.file), save=False)
    stored.append((kept.file.storage, str(kept.file.name)))
    kept.save(force_insert=True)
    scans.ask(kept, at=message.sent_at)
    return kept


@contextmanager
def examined(uploads: Iterable[UploadedFile]) -> Iterator[tuple[list[Enclosed], list[str]]]:
    """The files that may be sent, open for as long, and why others may not. Takes seconds: not in a transaction."""
    checked: list[Enclosed] = []
    refused: list[str] = []
    try:
        _examine(uploads, checked, refused)
        yield checked, refused
    finally:
        for one in checked:
            one.checked.file.close()


def _examine(uploads: Iterable[UploadedFile], checked: list[Enclosed], refused: list[str]) -> None:
    for number, upload in enumerate(uploads):
        name = attachments.display_name(upload.name or "")
        if number >= FILES_MAX:
            refused.append(_("Một tin nhắn gửi kèm tối đa %s tệp.") % FILES_MAX)
            break
        try:
            checked.append(Enclosed(upload.name or "", attachments.check(upload, TAKES)))
        except attachments.Refused as error:
            refused.append(f"{name}: {error}" if name else str(error))


# --- reading -----------------------------------------------------------------------------------


def unread(dossier: Dossier, side: Side) -> int:
    """How many messages the side has yet to read. No query where `conversation` was selected with the dossier."""
    conversation = getattr(dossier, "conversation", None)
    return conversation.unread_by(side) if conversation else 0


def number_of(dossier: Dossier) -> int:
    """How many messages there are. No query where `conversation` was selected with the dossier."""
    conversation = getattr(dossier, "conversation", None)
    return conversation.last_number if conversation else 0


@transaction.atomic
def mark_read(dossier: Dossier, side: Side, *, up_to: int, by: User, at: datetime) -> None:
    """The side has seen the messages up to this number; what came since stays unread. The first reading counts."""
    conversation = Conversation.objects.select_for_update(of=("self",)).filter(dossier=dossier.pk).first()
    if conversation is None:
        return
    _read(conversation, side, up_to=up_to, by=by, at=at)
    conversation.save()


def _read(conversation: Conversation, side: Side, *, up_to: int, by: User, at: datetime) -> None:
    if not conversation.unread_by(side):
        return
    messages = Message.objects.filter(dossier=conversation.dossier_id, side=side.other)
    readings = MessageReading.objects.filter(dossier=conversation.dossier_id, side=side)
    last = messages.filter(number__lte=up_to).aggregate(last=Max("number"))["last"] or 0
    before = readings.aggregate(last=Max("up_to"))["last"] or 0
    if last <= before:
        return
    MessageReading.objects.create(dossier_id=conversation.dossier_id, side=side, up_to=last, person=by, at=at)
    _set_unread(conversation, side, messages.filter(number__gt=last).count())


def _set_unread(conversation: Conversation, side: Side, number: int) -> None:
    if side == Side.APPLICANT:
        conversation.unread_by_applicant = number
    else:
        conversation.unread_by_office = number


@dataclass(frozen=True)
class Line:
    """A message as the page of one side shows it."""

    message: Message
    files: list[tuple[MessageFile, scans.Shown]]
    mine: bool  # of the reader's side
    role: str | Promise
    read_at: datetime | None  # by the other side
    fresh: bool  # the reader's side had not seen it before

    @property
    def text(self) -> str:
        return self.message.text


@dataclass(frozen=True)
class Page:
    lines: list[Line]  # oldest first
    older: int | None  # the number before which there is more

    @property
    def last_number(self) -> int:
        return self.lines[-1].message.number if self.lines else 0


def page(dossier: Dossier, side: Side, *, before: int | None = None) -> Page:
    """The latest messages, or those before a number. Three queries."""
    messages = Message.objects.filter(dossier=dossier.pk)
    if before is not None:
        messages = messages.filter(number__lt=before)
    found = list(messages.order_by("-number")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE][::-1]
    own = {message.pk for message in shown if side == message.side == Side.APPLICANT}
    files: dict[uuid.UUID, list[tuple[MessageFile, scans.Shown]]] = {}
    sent = MessageFile.objects.filter(message__in=shown).select_related("scan")
    for file in sent.order_by("message_id", "position"):
        seen = scans.shown(file, own=file.message_id in own)
        files.setdefault(file.message_id, []).append((file, seen))
    first = shown[0].number if shown else 0
    readings: dict[str, list[MessageReading]] = {Side.APPLICANT: [], Side.OFFICE: []}
    for reading in MessageReading.objects.filter(dossier=dossier.pk, up_to__gte=first).order_by("up_to", "pk"):
        readings[reading.side].append(reading)
    lines = []
    for message in shown:
        mine = message.side == side
        read_at = _read_at(message.number, readings[Side(message.side).other])
        lines.append(
            Line(message, files.get(message.pk, []), mine, role_of(message), read_at, fresh=not mine and not read_at)
        )
    return Page(lines, shown[0].number if len(found) > PAGE_SIZE else None)


def _read_at(number: int, readings: list[MessageReading]) -> datetime | None:
    """When the first reading reached the message."""
    place = bisect_left(readings, number, key=lambda reading: reading.up_to)
    return readings[place].at if place < len(readings) else None


def role_of(message: Message) -> str | Promise:
    """What the author was, in the reader's language; empty for a role that is known no more."""
    roles = MembershipRole if message.side == Side.APPLICANT else Role
    return dict(roles.choices).get(message.author_role, "")
