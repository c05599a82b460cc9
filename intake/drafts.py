"""What an applicant does to a dossier before it is filed, or while supplements are asked for.

Each function locks the row, so that two people of one company do not undo each other's work.
"""

import hashlib
import json
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from accounts.plaintext import hidden_character
from audit import trail
from catalogs.models import CatalogueItem, Procedure
from catalogs.services import definition_of, revision_in_force
from intake import contact
from intake.answers import EMPTY, normalise
from intake.attachments import touch
from intake.filing import search_text
from intake.listing import catalogue_of
from intake.models import AnswerEdit, DeclaredItem, Dossier, SupplementPoint
from intake.opening import NotOpen, opening_of
from intake.revising import bring_up_to_date
from intake.states import State
from intake.together import NOTHING, Fate, Given, fate, given_at

MAX_ITEMS = 20
MAX_POINT_ANSWER = 3000


class CannotStart(Exception):
    """No dossier can be started; the text says why."""


class Conflict(Exception):
    """Somebody saved the same part meanwhile. `stored` is what stands there now; nothing was overwritten."""

    def __init__(self, dossier: Dossier, stored: Any) -> None:
        super().__init__(_("Có người vừa lưu phần này trong khi bạn đang mở trang."))
        self.dossier, self.stored = dossier, stored


class NotAnItem(Exception):
    """A chosen item is not one of the list that applies, or there are too many."""


def start(
    organisation: Organisation, procedure: Procedure, *, public_id: uuid.UUID, by: User, at: datetime
) -> Dossier:
    """A new draft. The page chooses the id, so sending the page twice starts one dossier. Raises CannotStart."""
    revision = revision_in_force(procedure, timezone.localdate(at))
    if revision is None:
        raise CannotStart(_("Thủ tục này chưa được tiếp nhận tại thời điểm hiện nay."))
    if organisation.kind not in definition_of(revision).applicant_kinds:
        raise CannotStart(_("Thủ tục này không dành cho đối tượng “%s”.") % organisation.get_kind_display().lower())
    try:
        with transaction.atomic():
            dossier = Dossier(
                public_id=public_id,
                organisation=organisation,
                created_by=by,
                revision_of_procedure=revision,
                answers=contact.known(definition_of(revision), organisation, by),
                created_at=at,
                edited_at=at,
            )
            dossier.search_text = search_text(dossier)
            dossier.save(force_insert=True)
            trail.record(dossier, "start_draft", by=by, at=at, data={"procedure": procedure.slug})
            return dossier
    except IntegrityError:
        again = Dossier.objects.filter(public_id=public_id, organisation=organisation, created_by=by).first()
        if again is None:
            raise CannotStart(_("Trang này đã cũ. Hãy tải lại trang rồi bắt đầu lại.")) from None
        return again


def token_of(dossier: Dossier, keys: Iterable[str], points: Iterable[SupplementPoint] = ()) -> str:
    """Stands for the saved answers to these questions and for what was said to these points, as the page of
    supplements shows them: it is saved as a whole. It changes when one of them does, and not with the rest."""
    saved = {key: dossier.answers.get(key) for key in keys}
    saved |= {f"point-{point.pk}": point.answer for point in points}
    text = json.dumps({key: value for key, value in saved.items() if value not in EMPTY}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Saved:
    """What became of the answers that a page sent. `theirs`: others have changed these since, and the page had not.
    `conflicts`: the page and others changed these to different texts, so what others saved is left as it is."""

    dossier: Dossier
    theirs: frozenset[str] = frozenset()
    conflicts: frozenset[str] = frozenset()


@transaction.atomic
def save_answers(
    dossier: Dossier,
    answers: dict[str, Any],
    *,
    malformed: dict[str, Any] | None = None,
    seen: dict[str, str] | None,
    page: str = "",
    joined: Collection[str] = (),
    by: User,
    at: datetime,
) -> Saved:
    """Keep answers, and beside them what was typed and is none; None takes one away.

    `seen` holds the token of each question as the page showed it (None: whatever was there), `page` the name of the
    page, `joined` the questions whose text is not what the page holds but that and another. Raises NotOpen; the same
    text twice is no conflict.
    """
    locked = _lock(dossier, by=by, at=at)
    given = {key: Given(answer=value) for key, value in answers.items()}
    given |= {key: Given(malformed=value) for key, value in (malformed or {}).items()}
    opening = opening_of(locked, at=at)
    if not all(opening.question(key) for key in given):
        raise NotOpen(_("Phần này hiện không sửa được."))
    edits = {edit.key: edit for edit in AnswerEdit.objects.filter(dossier=locked, key__in=given)}
    fates: dict[Fate, set[str]] = {one: set() for one in Fate}
    for key, typed in given.items():
        now = given_at(locked, key)
        base = now.token() if seen is None else seen.get(key, NOTHING)
        fates[fate(typed, now, seen=base, own=_saved_from(edits.get(key), now, page, by))].add(key)
    if fates[Fate.MINE]:
        mine = {key: given[key] for key in fates[Fate.MINE]}
        pages = {key: "" if key in joined else page for key in mine}
        _write(locked, mine, edits, pages=pages, by=by, at=at)
    return Saved(locked, frozenset(fates[Fate.THEIRS]), frozenset(fates[Fate.CONFLICT]))


def _saved_from(edit: AnswerEdit | None, now: Given, page: str, by: User) -> bool:
    """Whether this very page saved what stands there now."""
    return bool(edit and page and (edit.page, edit.saved_by_id, edit.token) == (page, by.pk, now.token()))


def _write(
    locked: Dossier,
    given: dict[str, Given],
    edits: dict[str, AnswerEdit],
    *,
    pages: dict[str, str],
    by: User,
    at: datetime,
) -> None:
    written = [_edit(locked, key, one, edits.get(key), page=pages[key], by=by, at=at) for key, one in given.items()]
    answers = {**locked.answers, **{key: one.answer for key, one in given.items()}}
    malformed = {**locked.malformed, **{key: one.malformed for key, one in given.items()}}
    locked.answers = {key: value for key, value in answers.items() if value not in EMPTY}
    locked.malformed = {key: value for key, value in malformed.items() if value not in EMPTY}
    definition = definition_of(locked.revision_of_procedure)
    locked.title = str(locked.answers.get(definition.title_question) or "")[:300]
    locked.search_text = search_text(locked)
    locked.save(update_fields=["answers", "malformed", "title", "search_text"])
    touch(locked, at=at)
    AnswerEdit.objects.bulk_create(
        written,
        update_conflicts=True,
        unique_fields=["dossier", "key"],
        update_fields=["saved_by", "saved_at", "page", "token", "replaced", "replaced_by", "replaced_at"],
    )


def _edit(
    dossier: Dossier, key: str, given: Given, last: AnswerEdit | None, *, page: str, by: User, at: datetime
) -> AnswerEdit:
    """Who saves it now. What somebody else had there is kept beside it, however often this person saves again."""
    edit = AnswerEdit(dossier=dossier, key=key, saved_by=by, saved_at=at, page=page, token=given.token())
    before = given_at(dossier, key)
    if last and last.saved_by_id != by.pk and last.token == before.token() and before:
        edit.replaced, edit.replaced_by_id, edit.replaced_at = before.kept(), last.saved_by_id, last.saved_at
    elif last and last.saved_by_id == by.pk and last.replaced != given.kept():
        edit.replaced, edit.replaced_by_id, edit.replaced_at = last.replaced, last.replaced_by_id, last.replaced_at
    return edit


def _changed(dossier: Dossier, answers: dict[str, Any]) -> bool:
    """Whether one of them differs from what is saved; all kinds of nothing are the same."""
    saved = dossier.answers
    return any(
        (None if v in EMPTY else v) != (None if saved.get(k) in EMPTY else saved[k]) for k, v in answers.items()
    )


def items_token(dossier: Dossier) -> str:
    """Stands for the items that are declared now."""
    ids = sorted(DeclaredItem.objects.filter(dossier=dossier).values_list("item_id", flat=True))
    return hashlib.sha256(json.dumps(ids).encode()).hexdigest()[:16]


@transaction.atomic
def choose_items(
    dossier: Dossier, item_ids: set[int], *, suggested: set[int], seen: str | None, by: User, at: datetime
) -> Dossier:
    """Declare exactly these items. Raises NotOpen, NotAnItem, Conflict."""
    locked = _lock(dossier, by=by, at=at)
    if not opening_of(locked, at=at).items:
        raise NotOpen(_("Mục danh mục hiện không sửa được."))
    if len(item_ids) > MAX_ITEMS:
        raise NotAnItem(_("Chọn tối đa %s mục cho một sản phẩm, dịch vụ.") % MAX_ITEMS)
    catalogue = catalogue_of(locked, at)
    known = set(CatalogueItem.objects.filter(catalogue=catalogue, pk__in=item_ids).values_list("pk", flat=True))
    if known != item_ids:
        raise NotAnItem(_("Có mục không thuộc danh mục đang áp dụng. Hãy chọn lại."))
    present = set(DeclaredItem.objects.filter(dossier=locked).values_list("item_id", flat=True))
    if present == item_ids:
        return locked
    if seen is not None and seen != items_token(locked):
        raise Conflict(locked, present)
    DeclaredItem.objects.filter(dossier=locked).exclude(item_id__in=item_ids).delete()
    DeclaredItem.objects.bulk_create(
        DeclaredItem(dossier=locked, item_id=pk, suggested=pk in suggested) for pk in sorted(item_ids - present)
    )
    touch(locked, at=at)
    return locked


@transaction.atomic
def save_supplement(
    dossier: Dossier, answers: dict[str, Any], explanations: dict[int, str], *, seen: str, by: User, at: datetime
) -> Dossier:
    """Keep answers, and what is said to points of the open request: both, or neither.

    Raises NotOpen, and Conflict if another text was saved meanwhile; the same text twice is no conflict. The caller
    has checked the texts.
    """
    locked = _lock(dossier, by=by, at=at)
    points = {point.pk: point for point in opening_of(locked, at=at).asked.points}
    if not set(explanations) <= set(points):
        raise NotOpen(_("Yêu cầu bổ sung này không còn mở."))
    changed = [points[pk] for pk, text in explanations.items() if points[pk].answer != text]
    if (changed or _changed(locked, answers)) and seen != token_of(locked, answers, points.values()):
        raise Conflict(locked, {key: locked.answers.get(key) for key in answers})
    locked = save_answers(locked, answers, seen=None, by=by, at=at).dossier
    for point in changed:
        point.answer = explanations[point.pk]
    SupplementPoint.objects.bulk_update(changed, ["answer"])
    if changed:
        touch(locked, at=at)
    return locked


@transaction.atomic
def revise(dossier: Dossier, *, version: int, rules: int, by: User, at: datetime) -> int:
    """Bring a draft under the revision of its procedure that is in force; pages that showed another become stale.

    `version` and `rules`, the number of the revision, are what a page showed. Returns the version for which that page
    stands now: a draft is shown under the new rules before anything has moved it, and moving it alone changes nothing
    on such a page.
    """
    locked = _locked_row(dossier)
    before = locked.version
    _move_under_the_rules_in_force(locked, by=by, at=at)
    shown_as_it_is = version == before and rules == locked.revision_of_procedure.number
    return locked.version if shown_as_it_is else version


def clean_point_answer(text: str) -> str:
    """The text as it is kept. Raises ValueError with what is wrong."""
    text = normalise(text, limit=MAX_POINT_ANSWER).strip()
    if len(text) > MAX_POINT_ANSWER:
        raise ValueError(_("Giải trình dài quá %s ký tự; hãy rút gọn.") % MAX_POINT_ANSWER)
    if hidden_character(text):
        raise ValueError(_("Giải trình có ký tự ẩn không đọc được; hãy xóa và gõ lại."))
    return text


@transaction.atomic
def delete(dossier: Dossier, *, by: User, at: datetime) -> None:
    """Delete a draft with its files. Raises NotOpen for anything that was filed."""
    locked = _locked_row(dossier)
    if locked.state != State.DRAFT:
        raise NotOpen(_("Hồ sơ đã nộp nên không xóa được; bạn có thể rút hồ sơ."))
    files = [attachment.file for attachment in locked.attachments.all()]
    trail.record(locked, "delete_draft", by=by, at=at, data={"title": locked.title, "files": len(files)})
    locked.delete()
    transaction.on_commit(lambda: _delete_files(files))


def _delete_files(files: list[Any]) -> None:
    for file in files:
        file.storage.delete(file.name)


def _lock(dossier: Dossier, *, by: User, at: datetime) -> Dossier:
    """The row, with a draft brought under the revision of its procedure that is in force."""
    locked = _locked_row(dossier)
    _move_under_the_rules_in_force(locked, by=by, at=at)
    return locked


def _move_under_the_rules_in_force(locked: Dossier, *, by: User, at: datetime) -> None:
    before = locked.revision_of_procedure
    bring_up_to_date([locked], at=at)
    if locked.revision_of_procedure != before:
        locked.save(update_fields=["revision_of_procedure"])
        touch(locked, at=at)
        numbers = {"from": before.number, "to": locked.revision_of_procedure.number}
        trail.record(locked, "revise_draft", by=by, at=at, data=numbers)


def _locked_row(dossier: Dossier) -> Dossier:
    return (
        Dossier.objects.select_for_update(of=("self",))
        .select_related("organisation", "revision_of_procedure__procedure")
        .get(pk=dossier.pk)
    )
