"""Who may open which address. `config.access.TABLE` lists every one; an address that is not listed is closed."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import Role, User


@dataclass(frozen=True)
class Access:
    signed_in: bool = True
    staff: bool | None = None  # True: members of staff only; False: applicants only; None: both
    roles: frozenset[str] = frozenset()  # empty: any role

    def admits(self, user: User) -> bool:
        """Whether the person may open the address at all; objects are checked by the view."""
        if not self.signed_in:
            return True
        if not user.is_authenticated:
            return False
        if self.staff is None:
            return True
        if user.is_staff_member() is not self.staff:
            return False
        return not self.roles or bool(self.roles & user.role_set())


def may_open(user: User, view_name: str) -> bool:
    """Whether the table opens the address of this name to the person: for links that not everybody gets."""
    access = import_string(settings.ACCESS_TABLE).get(view_name)
    return access is not None and access.admits(user)


PUBLIC = Access(signed_in=False)
SIGNED_IN = Access()
APPLICANT = Access(staff=False)
STAFF = Access(staff=True)


def staff(*roles: Role) -> Access:
    return Access(staff=True, roles=frozenset(roles))
