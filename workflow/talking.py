"""Which officers may write to the applicant of a dossier, and their messages. `intake.conversation` keeps them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from intake import conversation
from intake.conversation import Author, NotSent, Written
from intake.models import Message, Side
from workflow.policy import CAPACITY, Standing, in_hand

ROLE = {capacity: role for role, capacity in CAPACITY.items() if role in Role.values}


def hindrance(standing: Standing) -> str:
    """Why the person may not write for the office; empty if they may.

    Whoever has acted on the dossier may, and whoever may act on it as it stands. Writing is no act: it gives nobody
    a capacity, so it takes nobody out of another.
    """
    person, case = standing.person, standing.case
    if standing.is_of_applicant():
        return _("Bạn thuộc hoặc từng thay mặt bên nộp hồ sơ này nên không được tham gia giải quyết.")
    if standing.capacity:
        # The role may have been taken from the person since.
        return "" if _role(standing) else _("Bạn không còn ở vai trò đã tham gia giải quyết hồ sơ này.")
    role = in_hand(case)
    if role not in person.role_set():
        return _("Người đang xử lý hồ sơ trao đổi với bên nộp. Hiện là: %(role)s.") % {"role": role.label}
    if role == Role.SPECIALIST and case.specialist_id not in (None, person.pk):
        return _("Hồ sơ này do chuyên viên khác thụ lý.")
    return ""


def _role(standing: Standing) -> Role | None:
    """In which role the person writes."""
    role = ROLE.get(standing.capacity) if standing.capacity else in_hand(standing.case)
    return Role(role) if role in standing.person.role_set() else None


def send(case_id: int, written: Written, *, by: User, at: datetime) -> Message:
    """A message of the office's side. Raises NotSent."""
    with conversation.keeping() as stored, transaction.atomic():
        case = conversation.lock(case_id)
        standing = Standing.of(by, case)
        role = _role(standing)
        if not by.is_active or role is None or hindrance(standing):
            raise NotSent(hindrance(standing) or _("Bạn không được thực hiện thao tác này."))
        author = Author(by, Side.OFFICE, role.value, by.unit.name if by.unit else "")
        return conversation.append(case, written, by=author, at=at, stored=stored)
