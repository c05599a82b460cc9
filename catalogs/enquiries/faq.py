"""Answers that everybody may read: edited by another officer than answered, published by a third person or the first.

An entry says nothing of who asked. The editor and the one who publishes look after that; what can be checked is:
names, addresses and numbers of the asker are refused in its texts.

A correction goes the same way and stands in place of what it corrects, under the same address. What stood there
before is kept for the office alone: a correction may take out what should never have been said.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation, Role, User
from audit import trail
from audit.models import Entry
from catalogs.enquiries import subjects
from catalogs.enquiries.answering import NotDone, Stale, require_officer, save
from catalogs.enquiries.subjects import Subject
from catalogs.models import Enquiry, EnquiryState, FaqDraft, FaqEntry, FaqEntryQuerySet, Reply
from catalogs.search import search_text, words_of
from catalogs.text import composed
from notifications import outbox

PUBLISHING = frozenset({Role.HEAD_OF_UNIT, Role.CATALOGUE_MANAGER})
REASON_MAX = CHANGE_MAX = 2000  # characters
WORDS_READ = 8  # of a search
QUERY_MAX = 200
SHOWN_WITH_SUBJECT = 5

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# A telephone number; a tax code or personal id. Amounts, dates and numbers of instruments are neither.
_PHONE = re.compile(r"(?<![\w/.,])(?:\+84|0)[\d .()-]{7,}\d(?![\w/])")
_CODE = re.compile(r"(?<![\w/.,-])(?:\d{10}(?:-\d{3})?|\d{12})(?![\w/])")
# Words with which names of organisations begin, and which tell nobody apart.
_COMMON = re.compile(
    r"cong|ty|co|phan|tnhh|trach|nhiem|huu|han|mot|thanh|vien|mtv|tap|doan|tong|doanh|nghiep|tu|nhan|hop|tac|xa"
    r"|trung|tam|truong|dai|hoc|so"
)
# “chị Lan”: a given name behind a title, both as they are written; “ảnh quang” is nobody.
_TITLES = "[ÔôOo]ng|[Bb]à|[Aa]nh|[Cc]hị|[Cc]ô|[Cc]hú|[Bb]ác|[Ee]m"


class Identifying(NotDone):
    """The text tells who asked; `found` says by what."""

    def __init__(self, found: list[str]) -> None:
        self.found = found
        super().__init__(
            _("Nội dung công bố còn chi tiết nhận ra người hỏi: %s. Hãy bỏ hoặc viết lại.") % ", ".join(found)
        )


@dataclass(frozen=True)
class Texts:
    """An entry as its editor writes it."""

    title: str
    question: str
    answer: str
    about: Subject = subjects.NOTHING
    change: str = ""  # of a correction: what it corrects

    def all(self) -> tuple[str, str, str]:
        return self.title, self.question, self.answer


# --- who ---------------------------------------------------------------------------------------


def may_publish(person: User, enquiry: Enquiry) -> bool:
    """Whether the role allows it and the person had no hand in the text."""
    return person.is_active and bool(PUBLISHING & person.role_set()) and person.pk not in editors(enquiry)


def editors(enquiry: Enquiry) -> set[int]:
    """Everybody who ever edited an entry of this question."""
    entries = Entry.objects.about(enquiry).filter(action="edit_faq").exclude(actor=None)
    return {pk for pk in entries.values_list("actor_id", flat=True) if pk is not None}


# --- acts --------------------------------------------------------------------------------------


@transaction.atomic
def edit(enquiry_id: int, texts: Texts, *, propose: bool, by: User, at: datetime, expected_version: int) -> FaqDraft:
    """Write the entry or its correction, or change it, and with `propose` ask somebody else to publish it.

    `expected_version` is the enquiry's. Raises NotDone.
    """
    enquiry, draft = _locked(enquiry_id, by=by, expected_version=expected_version)
    reply = Reply.objects.get(enquiry=enquiry)
    if reply.replied_by_id == by.pk:
        raise NotDone(_("Bạn đã trả lời câu hỏi này; người khác biên tập để công bố."))
    corrects = enquiry.faq_entries.standing().exists()
    if corrects and not texts.change.strip():
        raise NotDone(_("Hãy ghi nội dung đính chính."))
    change = texts.change.strip() if corrects else ""
    _require_nobody_is_told((*texts.all(), change), enquiry)
    draft = draft or FaqDraft(enquiry=enquiry, replied_by_id=reply.replied_by_id)
    draft.title, draft.question, draft.answer = texts.all()
    draft.change = change
    for column, value in texts.about.columns().items():
        setattr(draft, column, value)
    draft.edited_by, draft.edited_at, draft.proposed_at = by, at, at if propose else None
    draft.save()
    save(enquiry)
    trail.record(enquiry, "edit_faq", by=by, at=at, data={"proposed": propose, "about": texts.about.token})
    if propose:
        outbox.enqueue("faq_proposed", enquiry, at=at, context={"code": enquiry.code, "title": draft.title})
    return draft


@transaction.atomic
def publish(enquiry_id: int, *, by: User, at: datetime, expected_version: int) -> FaqEntry:
    """Let everybody read it, in place of what it corrects. Raises NotDone."""
    enquiry, draft = _locked(enquiry_id, by=by, expected_version=expected_version)
    if draft is None or draft.proposed_at is None:
        raise NotDone(_("Bản biên tập chưa được trình công bố."))
    if not PUBLISHING & by.role_set():
        raise NotDone(_("Lãnh đạo phòng hoặc người quản lý danh mục công bố."))
    if by.pk in editors(enquiry):
        raise NotDone(_("Bạn đã tham gia biên tập: việc công bố phải do người khác thực hiện."))
    before = enquiry.faq_entries.standing().first()
    texts = Texts(draft.title, draft.question, draft.answer, subjects.of(draft), draft.change if before else "")
    _require_nobody_is_told((*texts.all(), texts.change), enquiry)
    if before:
        before.replaced_at = at
        before.save(update_fields=["replaced_at"])
    entry = FaqEntry.objects.create(
        enquiry=enquiry,
        number=(enquiry.faq_entries.aggregate(Max("number"))["number__max"] or 0) + 1,
        first_id=before.address_id if before else None,
        title=texts.title,
        question=texts.question,
        answer=texts.answer,
        change=texts.change,
        search_text="".join(map(search_text, texts.all())),
        edited_by_id=draft.edited_by_id,
        published_by=by,
        published_at=at,
        **texts.about.columns(),
    )
    draft.delete()
    save(enquiry)
    data = {"code": enquiry.code, "about": texts.about.token, "corrects": before.pk if before else None}
    trail.record(entry, "publish_faq", by=by, at=at, data=data)
    return entry


@transaction.atomic
def discard(enquiry_id: int, *, by: User, at: datetime, expected_version: int) -> None:
    """Give the draft up. Raises NotDone."""
    enquiry, draft = _locked(enquiry_id, by=by, expected_version=expected_version)
    if draft is None:
        raise NotDone(_("Không còn bản biên tập nào."))
    draft.delete()
    save(enquiry)
    trail.record(enquiry, "discard_faq", by=by, at=at)


@transaction.atomic
def withdraw(address_id: int, *, reason: str, by: User, at: datetime, expected_version: int) -> FaqEntry:
    """Take back what stands at the address, which says so from then on, and why. Raises NotDone."""
    enquiry_id = FaqEntry.objects.values_list("enquiry_id", flat=True).get(pk=address_id)
    enquiry, _draft = _locked(enquiry_id, by=by, expected_version=expected_version)
    if not PUBLISHING & by.role_set():
        raise NotDone(_("Lãnh đạo phòng hoặc người quản lý danh mục rút nội dung đã công bố."))
    entry = next((row for row in at_address(address_id) if not (row.withdrawn_at or row.replaced_at)), None)
    if entry is None:
        raise NotDone(_("Nội dung này đã được rút."))
    if not reason.strip():
        raise NotDone(_("Hãy nêu lý do rút."))
    _require_nobody_is_told((reason,), enquiry)
    entry.withdrawn_by, entry.withdrawn_at, entry.withdrawal_reason = by, at, reason.strip()
    entry.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawal_reason"])
    save(enquiry)
    trail.record(entry, "withdraw_faq", by=by, at=at, data={"reason": entry.withdrawal_reason})
    return entry


def _locked(enquiry_id: int, *, by: User, expected_version: int) -> tuple[Enquiry, FaqDraft | None]:
    require_officer(by)
    locked = Enquiry.objects.select_for_update(of=("self",)).select_related("asker", "organisation")
    enquiry = locked.get(pk=enquiry_id)
    if enquiry.version != expected_version:
        raise Stale
    if enquiry.state != EnquiryState.ANSWERED:
        raise NotDone(_("Câu hỏi này chưa được trả lời."))
    return enquiry, FaqDraft.objects.select_related(*subjects.RELATED).filter(enquiry=enquiry).first()


# --- what tells who asked -----------------------------------------------------------------------


def _require_nobody_is_told(texts: Iterable[str], enquiry: Enquiry) -> None:
    if found := list(dict.fromkeys(identifying(texts, enquiry))):
        raise Identifying(found)


def identifying(texts: Iterable[str], enquiry: Enquiry) -> Iterator[str]:
    """What in the texts names the asker or gives an address or number of anybody but the office."""
    whole = composed("\n".join(texts))
    words = f" {' '.join(words_of(whole))} "
    organisations = _organisations(enquiry)
    people = _people(enquiry, organisations)
    for name in (*people, *_company_names(organisations)):
        parts = words_of(name)
        if len(parts) > 1 and f" {' '.join(parts)} " in words:
            yield f"“{name}”"
    # One word alone may be an ordinary one, “Lan” be “lần”: it counts as it is written.
    for name in _company_names(organisations):
        if len(words_of(name)) == 1 and len(name) > 2 and re.search(rf"\b{re.escape(composed(name))}\b", whole):
            yield f"“{name}”"
    for name in people:
        given = re.escape(composed(name).split()[-1])
        yield from (f"“{match}”" for match in re.findall(rf"\b(?:{_TITLES})\s+{given}\b", whole))
    if enquiry.code.lower() in whole.lower():
        yield enquiry.code
    ours = {str(settings.OFFICE["email"]).lower(), _digits(str(settings.OFFICE["phone"]))}
    for match in _EMAIL.findall(whole):
        if match.lower() not in ours:
            yield match
    for match in (*_PHONE.findall(whole), *_CODE.findall(whole)):
        digits = _digits(match)
        if len(digits) <= 13 and digits not in ours:
            yield match.strip()
    numbers = re.findall(r"\d+", re.sub(r"(?<=\d)[\s.-]+(?=\d)", "", whole))
    for organisation in organisations:
        for written in (organisation.tax_code, organisation.personal_id, organisation.phone):
            digits = _digits(written)
            if len(digits) > 7 and any(digits in number for number in numbers):
                yield written


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _organisations(enquiry: Enquiry) -> list[Organisation]:
    """The one for which it was asked, and those of the person."""
    found = list(Organisation.objects.filter(memberships__user=enquiry.asker).order_by("pk")) if enquiry.asker else []
    if enquiry.organisation and enquiry.organisation not in found:
        found.insert(0, enquiry.organisation)
    return found


def _people(enquiry: Enquiry, organisations: list[Organisation]) -> list[str]:
    names = [enquiry.name, enquiry.asker.full_name if enquiry.asker else ""]
    names += [organisation.representative_name for organisation in organisations]
    return list(dict.fromkeys(name for name in names if words_of(name)))


def _company_names(organisations: list[Organisation]) -> Iterator[str]:
    """Whole, and without the words with which names of companies begin."""
    for organisation in organisations:
        yield organisation.name
        kept = organisation.name.split()
        while kept and _COMMON.fullmatch("".join(words_of(kept[0]))):
            kept.pop(0)
        if len(kept) < len(organisation.name.split()):
            yield " ".join(kept)


# --- reading ------------------------------------------------------------------------------------


def found(query: str) -> FaqEntryQuerySet:
    """The published entries that hold a word beginning with each of the query's; all without a query."""
    entries = FaqEntry.objects.standing()
    for word in words_of(query[:QUERY_MAX])[:WORDS_READ]:
        entries = entries.filter(search_text__contains=f" {word}")
    return entries


def at_address(address_id: int) -> list[FaqEntry]:
    """What ever stood at the address, the first before its corrections; empty where nothing was. One query."""
    rows = FaqEntry.objects.filter(Q(pk=address_id, first=None) | Q(first=address_id))
    return list(rows.select_related(*subjects.RELATED).order_by("number"))


def about(subject: Subject) -> QuerySet[FaqEntry]:
    """The latest entries about it; of an instrument also those about its articles. One query."""
    if subject.item:
        which = Q(item=subject.item)
    elif subject.instrument:
        which = Q(instrument=subject.instrument)
    else:
        which = Q(procedure=subject.procedure)
    return FaqEntry.objects.standing().filter(which).order_by("-published_at", "-pk")[:SHOWN_WITH_SUBJECT]
