"""Who of the applicant looks after a dossier, and for which organisation a draft is prepared.

What was filed stays as it was filed: a dossier that is handed over keeps its revisions, and the office sees the new
contact person beside them. Each change is recorded and told to those concerned.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import membership
from accounts.models import Organisation, User
from audit import trail
from catalogs.services import definition_of
from intake import contact
from intake.attachments import touch
from intake.filing import search_text
from intake.models import EDITING_ROLES, Dossier
from intake.opening import NotOpen
from intake.states import State
from notifications import outbox

# At once; what is left is shown again.
MOST_AT_ONCE = 100


class Stale(Exception):
    """Somebody else looks after the dossier than the page showed, or it belongs to another organisation now."""

    def __init__(self) -> None:
        super().__init__(_("Hồ sơ này vừa được bàn giao hoặc chuyển ở nơi khác. Hãy xem lại rồi thao tác lại."))


class CannotTake(Exception):
    """The chosen person or organisation cannot take the dossier; the text says why."""


def candidates(organisation: Organisation) -> list[User]:
    """Those who can look after its dossiers. One query."""
    acting = User.objects.filter(
        memberships__organisation=organisation, memberships__role__in=EDITING_ROLES, is_active=True
    )
    return list(acting.order_by("full_name", "pk"))


def token_of(dossier: Dossier) -> str:
    """Stands for who looks after the dossier, and for whom it is."""
    return f"{dossier.organisation_id}-{dossier.contact_person_id or dossier.created_by_id}"


@transaction.atomic
def hand_over(dossier: Dossier, to: User, *, seen: str, by: User, at: datetime) -> Dossier:
    """`seen` is the token of what the page showed. Raises Stale, CannotTake, or NotOpen if `by` may not."""
    locked = _lock(dossier, by=by)
    before = locked.looked_after_by()
    if before == to:
        return locked
    if seen != token_of(locked):
        raise Stale
    _require_acting(locked.organisation, to)
    _give(locked, to, by=by, at=at)
    # Who has left the organisation hears no more of its dossiers.
    members = locked.organisation.memberships.filter(user__in=[before, to]).values_list("user_id", flat=True)
    outbox.enqueue(
        "dossier_handed_over",
        locked,
        at=at,
        context=_facts(locked, by) | {"person": str(to), "people": _others(sorted(members), by)},
    )
    return locked


@transaction.atomic
def hand_over_left_behind(organisation: Organisation, to: User, *, by: User, at: datetime) -> int:
    """Give somebody what people left who act for the organisation no more, a hundred dossiers at most; returns how
    many. Raises CannotTake, membership.NotAllowed."""
    organisation = membership.lock(organisation.pk, "edit", by=by)
    _require_acting(organisation, to)
    left = Dossier.objects.left_behind(organisation).order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE]
    number = 0
    for pk in list(left):
        _give(_lock(Dossier(pk=pk), by=by), to, by=by, at=at)
        number += 1
    if number and to != by:
        context = {"organisation": organisation.name, "by_name": str(by), "number": number, "people": [to.pk]}
        outbox.enqueue("dossiers_handed_over", organisation, at=at, context=context)
    return number


def homes_for(dossier: Dossier, user: User) -> list[Organisation]:
    """The other organisations of the person that a draft can go to. Its definition is read."""
    kinds = definition_of(dossier.revision_of_procedure).applicant_kinds
    mine = membership.memberships_of(user).filter(role__in=EDITING_ROLES, organisation__kind__in=kinds)
    return [one.organisation for one in mine.exclude(organisation=dossier.organisation_id)]


@transaction.atomic
def transfer(dossier: Dossier, to: Organisation, *, seen: str, by: User, at: datetime) -> Dossier:
    """Take a draft to another organisation that the person acts for; the person looks after it from then on.

    `seen` is the token of what the page showed. Raises Stale, CannotTake, or NotOpen if it is a draft no more or `by`
    may not.
    """
    locked = _lock(dossier, by=by)
    if locked.state != State.DRAFT:
        raise NotOpen(_("Hồ sơ đã nộp nên không chuyển sang đơn vị khác được."))
    if seen != token_of(locked):
        raise Stale
    if to not in homes_for(locked, by):
        raise CannotTake(_("Hãy chọn một đơn vị trong danh sách."))
    before, definition = locked.organisation, definition_of(locked.revision_of_procedure)
    person_before = locked.looked_after_by()
    known = contact.known(definition, before, person_before)
    locked.organisation, locked.contact_person = to, by
    locked.answers = contact.handed_over(
        definition, locked.answers, before=known, after=contact.known(definition, to, by)
    )
    locked.search_text = search_text(locked)
    locked.save(update_fields=["organisation", "contact_person", "answers", "search_text"])
    touch(locked, at=at)
    data = {"from": before.pk, "to": to.pk}
    trail.record(locked, "transfer_draft", by=by, at=at, data=data)
    people = [person_before.pk, *membership.managers_of(before), *membership.managers_of(to)]
    facts = _facts(locked, by) | {"organisation": before.name, "to_organisation": to.name}
    outbox.enqueue("draft_transferred", locked, at=at, context=facts | {"people": _others(people, by)})
    return locked


def _give(locked: Dossier, to: User, *, by: User, at: datetime) -> None:
    before = locked.looked_after_by()
    fields = ["contact_person"]
    if locked.state == State.DRAFT:
        definition = definition_of(locked.revision_of_procedure)
        known, theirs = (contact.known(definition, locked.organisation, person) for person in (before, to))
        locked.answers = contact.handed_over(definition, locked.answers, before=known, after=theirs)
        fields.append("answers")
    locked.contact_person = to
    locked.save(update_fields=fields)
    if locked.state == State.DRAFT:
        # Of what was filed nothing changed, so a page of the office is not stale because of it.
        touch(locked, at=at)
    trail.record(locked, "hand_over", by=by, at=at, data={"from": before.pk, "to": to.pk})


def _lock(dossier: Dossier, *, by: User) -> Dossier:
    """The row, held; NotOpen for somebody who does not act for its organisation, or not any more."""
    locked = (
        Dossier.objects.select_for_update(of=("self",))
        .select_related("organisation", "revision_of_procedure__procedure", "created_by", "contact_person")
        .get(pk=dossier.pk)
    )
    if not locked.organisation.memberships.filter(user=by, role__in=EDITING_ROLES).exists():
        raise NotOpen(_("Bạn không được thực hiện thao tác này."))
    return locked


def _require_acting(organisation: Organisation, person: User) -> None:
    if person not in candidates(organisation):
        raise CannotTake(_("Hãy chọn một người đại diện hoặc người soạn hồ sơ của đơn vị."))


def _facts(dossier: Dossier, by: User) -> dict[str, str]:
    return {
        "code": dossier.code,
        "title": dossier.title or definition_of(dossier.revision_of_procedure).short_name,
        "organisation": dossier.organisation.name,
        "by_name": str(by),
    }


def _others(people: list[int], by: User) -> list[int]:
    return [pk for pk in dict.fromkeys(people) if pk != by.pk]
