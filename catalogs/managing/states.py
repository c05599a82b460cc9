"""What every act on a version of a list begins with: the row locked, as the page showed it, and at the right stage."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from audit.models import Entry
from catalogs.models import Catalogue, CatalogueQuerySet, Stage

# Entries of the trail by which a person has had a hand in a version, and so may not publish it.
PREPARING = ("draft_catalogue", "change_catalogue", "import_catalogue", "link_catalogue", "propose_catalogue")


class Stale(Exception):
    """Somebody changed the version since the page was drawn."""

    def __init__(self) -> None:
        super().__init__(_("Danh mục đã được thay đổi sau khi bạn mở trang này. Hãy xem bản hiện tại rồi làm lại."))


class NotPossible(Exception):
    """What was asked for cannot be done; the reasons are fit to show."""

    def __init__(self, *reasons: object) -> None:
        self.reasons = [str(reason) for reason in reasons]
        super().__init__(" ".join(self.reasons))


def managed_by(user: User) -> CatalogueQuerySet:
    """The versions, drafts included, that a catalogue manager may know of; restricted ones only with clearance."""
    every = Catalogue.objects.all()
    return every if user.reads_restricted() else every.filter(restricted=False)


def require_manager(by: User, *, restricted: bool) -> None:
    """Raises NotPossible for whoever manages no lists, or may not know of this one."""
    if Role.CATALOGUE_MANAGER not in by.role_set() or (restricted and not by.reads_restricted()):
        raise NotPossible(_("Chỉ người quản lý danh mục được thay đổi, trình hoặc công bố danh mục."))


def day_of(at: datetime) -> date:
    """The day that it is here, and not in London."""
    return timezone.localdate(at, timezone.get_default_timezone())


def locked(catalogue_id: int, *, by: User, expected_version: int | None, stage: str) -> Catalogue:
    """The row, locked until the transaction ends, for a manager to act on. Raises Stale or NotPossible."""
    catalogue = Catalogue.objects.select_for_update(of=("self",)).filter(pk=catalogue_id).first()
    require_manager(by, restricted=catalogue is not None and catalogue.restricted)
    if catalogue is None or catalogue.version != expected_version:
        raise Stale
    if catalogue.stage != stage:
        raise NotPossible(
            {
                Stage.DRAFT: _("Danh mục đã công bố không thay đổi được nữa."),
                Stage.PROPOSED: _("Danh mục không còn chờ duyệt công bố."),
            }[Stage(stage)]
            if catalogue.stage != Stage.PROPOSED
            else _("Danh mục đang chờ duyệt công bố nên không sửa được. Người duyệt có thể trả lại kèm lý do.")
        )
    return catalogue


def touch(catalogue: Catalogue) -> None:
    """Count a change, so that a page that shows the version as it was before is known to be stale."""
    catalogue.version += 1
    catalogue.save(update_fields=["version"])


def preparers(catalogue: Catalogue) -> set[int]:
    """The ids of everybody who had a hand in it."""
    found = Entry.objects.about(catalogue).filter(action__in=PREPARING).exclude(actor=None)
    people = {*found.values_list("actor_id", flat=True), catalogue.prepared_by_id}
    return {person for person in people if person is not None}
