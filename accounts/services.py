"""What people and their organisations are to one another."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import renaming
from accounts.membership import lock
from accounts.models import ACTING_MEMBERS, ApplicantKind, Membership, MembershipRole, Organisation, User
from accounts.taxcodes import verifying
from audit import trail

# More than an agent files for; and nobody takes tax codes that are others' by the hundred.
MOST_ORGANISATIONS = 50


class AlreadyRegistered(Exception):
    """Another applicant has this tax code or personal id. Says nothing of who."""

    def __init__(self, field: str) -> None:
        self.field = field
        messages = {
            "tax_code": _(
                "Mã số thuế này đã được đăng ký. Nếu đây là đơn vị của bạn, hãy liên hệ người đã đăng ký "
                "trong đơn vị, hoặc bộ phận một cửa để được hỗ trợ."
            ),
            "personal_id": _(
                "Số định danh này đã được đăng ký. Nếu đây là số của bạn, hãy đăng nhập bằng tài khoản đã dùng, "
                "hoặc liên hệ bộ phận một cửa để được hỗ trợ."
            ),
        }
        super().__init__(messages[field])


class AlreadyAMember(Exception):
    """The person has registered this applicant before: the second click of two, or another page."""

    def __init__(self, organisation: Organisation) -> None:
        super().__init__(_("Đơn vị này đã có trong tài khoản của bạn."))
        self.organisation = organisation


class TooMany(Exception):
    def __init__(self) -> None:
        super().__init__(
            _("Tài khoản này đã thuộc %s đơn vị nên không khai báo thêm được. Hãy liên hệ bộ phận một cửa.")
            % MOST_ORGANISATIONS
        )


def may_edit(user: User, organisation: Organisation) -> bool:
    return organisation.memberships.filter(user=user, role__in=ACTING_MEMBERS).exists()


def create_organisation(data: dict[str, Any], *, by: User, at: datetime) -> Organisation:
    """Register an applicant; whoever does it becomes a member: its representative if the names agree.

    `data` holds the columns of Organisation, cleaned. Raises AlreadyRegistered, AlreadyAMember or TooMany. Its tax
    code is asked about at once, when it has been saved: the answer changes nothing about its being registered.
    """
    with transaction.atomic():
        # Two tabs, one person: the second waits here and then sees the membership of the first.
        User.objects.select_for_update().get(pk=by.pk)
        for organisation in _same_number(data).filter(memberships__user=by):
            raise AlreadyAMember(organisation)
        if by.memberships.count() >= MOST_ORGANISATIONS:
            raise TooMany
        organisation = Organisation(created_at=at, **data)
        verifying.enlist(organisation, at=at)
        organisation = _save(organisation)
        Membership.objects.create(user=by, organisation=organisation, role=_role_of(by, organisation))
        trail.record(organisation, "organisation_created", by=by, at=at, data=_facts(organisation))
    return verifying.check_now(organisation, at=at)


class Conflict(Exception):
    """A colleague has saved the same page meanwhile; nothing was overwritten."""


def token_of(organisation: Organisation) -> str:
    """Stands for what is kept of the organisation now."""
    return hashlib.sha256(json.dumps(_facts(organisation), sort_keys=True).encode()).hexdigest()[:16]


def edit_organisation(
    organisation: Organisation, data: dict[str, Any], *, seen: str, by: User, at: datetime
) -> Organisation:
    """Change what may change: neither the kind nor the code that identifies the applicant.

    `seen` is the token of what the page showed. Raises membership.NotAllowed, and Conflict unless the same is kept
    already.
    """
    with transaction.atomic():
        organisation = lock(organisation.pk, "edit", by=by)
        before = _facts(organisation)
        if seen != token_of(organisation) and any(before[field] != value for field, value in data.items()):
            raise Conflict
        for field, value in data.items():
            setattr(organisation, field, value)
        if organisation.name != before["name"]:
            verifying.enlist(organisation, at=at)
        elif not organisation.tax_settled:
            organisation.tax_next_check_at = at
        organisation = _save(organisation)
        if organisation.name != before["name"]:
            renaming.follow(organisation, before["name"])
        after = _facts(organisation)
        changes = {field: [before[field], after[field]] for field in after if before[field] != after[field]}
        if changes:
            trail.record(organisation, "organisation_changed", by=by, at=at, data=changes)
    return verifying.check_now(organisation, at=at)


def _save(organisation: Organisation) -> Organisation:
    for field in ("tax_code", "personal_id"):
        value = getattr(organisation, field)
        if value and Organisation.objects.filter(**{field: value}).exclude(pk=organisation.pk).exists():
            raise AlreadyRegistered(field)
    try:
        with transaction.atomic():
            organisation.save()
    except IntegrityError as error:  # somebody was faster
        raise AlreadyRegistered("tax_code" if organisation.tax_code else "personal_id") from error
    return organisation


def _same_number(data: dict[str, Any]) -> QuerySet[Organisation]:
    field = "tax_code" if data.get("tax_code") else "personal_id"
    return (
        Organisation.objects.filter(**{field: data[field]}).order_by("pk")
        if data.get(field)
        else Organisation.objects.none()
    )


def _role_of(user: User, organisation: Organisation) -> str:
    same = user.full_name.casefold() == organisation.representative_name.casefold()
    same = same or organisation.kind == ApplicantKind.INDIVIDUAL
    return MembershipRole.REPRESENTATIVE if same else MembershipRole.DRAFTER


def _facts(organisation: Organisation) -> dict[str, str]:
    fields = ("name", "kind", "tax_code", "province", "address", "phone")
    more = ("representative_name", "representative_position")
    return {field: str(getattr(organisation, field)) for field in fields + more}
