"""What every act on what matching learns begins with, and how one that is refused says so."""

from django.utils.translation import gettext as _

from accounts.models import Role, User


class LearningError(Exception):
    """Nothing was changed; the text says why and is fit to show."""


class NotManager(LearningError):
    def __init__(self) -> None:
        super().__init__(_("Chỉ người quản lý danh mục được quyết định việc đối chiếu học từ đâu."))


def require_manager(by: User) -> None:
    """Raises NotManager."""
    if Role.CATALOGUE_MANAGER not in by.role_set():
        raise NotManager
