"""What every page knows: the office, who is looking, and where they are."""

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts.access import may_open
from accounts.models import Role, User
from notifications.bell import unread_count


class Entry(NamedTuple):
    label: str
    url: str
    current: bool


CATALOGUE = {
    "catalogue_index",
    "catalogue_search",
    "matching_page",
    "catalogue_detail",
    "catalogue_item",
    "catalogue_matrix",
    "reference_list",
    "instrument_index",
    "catalogue_comparison",
    "instrument_detail",
    "programme_detail",
    "procedure_detail",
}
DOSSIER = {
    "dossier_list",
    "dossier_new",
    "dossier_detail",
    "dossier_section",
    "dossier_items",
    "dossier_documents",
    "dossier_summary",
    "dossier_delete",
    "dossier_handover",
    "dossier_transfer",
    "dossier_submit",
    "dossier_supplement",
    "dossier_withdraw",
    "dossier_messages",
}
ENQUIRIES = {
    "faq_index",
    "faq_detail",
    "enquiry_new",
    "enquiry_sent",
    "enquiry_follow",
    "enquiry_mine",
    "enquiry_detail",
}
ENQUIRY_DESK = {"enquiry_desk", "enquiry_work", "faq_edit", "faq_withdraw"}
VERIFY = {"verify", "verify_code"}
LEARNING = {
    "evidence_queue",
    "candidate_page",
    "evaluation_detail",
    "alias_index",
    "item_aliases",
    "alias_retire",
}
CALENDAR = {"calendar_days", "calendar_day_remove"}
MANAGING = {
    "managing_index",
    "managing_new",
    "managing_list",
    "managing_details",
    "managing_content",
    "managing_links",
    "managing_link",
    "managing_comparison",
    "managing_propose",
    "managing_send_back",
    "managing_publish",
    "managing_delete",
}
DESK = {"queue", "case_detail", "case_action", "case_finding", "case_assessment", "case_messages"}

AFFECTED = {"affected_index", "affected_list", "affected_case"}

# The first name is the link's; the set holds every address under it.
Table = tuple[tuple[str, Any, set[str]], ...]
FOR_PUBLIC: Table = (
    ("catalogue_index", _("Danh mục"), CATALOGUE),
    ("faq_index", _("Hỏi đáp"), ENQUIRIES),
    ("verify", _("Kiểm tra văn bản"), VERIFY),
    ("guide", _("Hướng dẫn"), {"guide"}),
)
FOR_APPLICANTS: Table = (
    ("dossier_list", _("Hồ sơ của tôi"), DOSSIER),
    ("catalogue_index", _("Danh mục"), CATALOGUE),
    ("faq_index", _("Hỏi đáp"), ENQUIRIES),
    ("verify", _("Kiểm tra văn bản"), VERIFY),
)
FOR_STAFF: Table = (
    ("queue", _("Hàng đợi"), DESK),
    ("catalogue_index", _("Danh mục"), CATALOGUE),
)
FOR_ENQUIRIES: Table = (("enquiry_desk", _("Hỏi đáp"), ENQUIRY_DESK),)
FOR_MANAGERS: Table = (
    ("managing_index", _("Quản lý danh mục"), MANAGING),
    ("evidence_queue", _("Kết luận đối chiếu"), LEARNING),
)
# For whom a new list is work, beside what else they see; specialists come from a message or a dossier.
LIST_KEEPERS = {Role.CATALOGUE_MANAGER, Role.HEAD_OF_UNIT, Role.AUDITOR}
FOR_LIST_KEEPERS: Table = (("affected_index", _("Ảnh hưởng"), AFFECTED),)
FOR_ADMINISTRATORS: Table = (*FOR_STAFF, ("calendar_days", _("Lịch làm việc"), CALENDAR))


def site(request: HttpRequest) -> dict:
    user = signed_in(request)
    return {
        "DEMO_MODE": settings.DEMO_MODE,
        "OFFICE": settings.OFFICE,
        "here": here(request),
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "unread_count": SimpleLazyObject(lambda: unread_count(user) if user else 0),
    }


def signed_in(request: HttpRequest) -> User | None:
    """Whoever is signed in. A request refused before the sessions were read has no user at all."""
    user = getattr(request, "user", None)
    return user if isinstance(user, User) else None


def here(request: HttpRequest) -> str:
    """The name of the address that was asked for; empty where there is none."""
    return request.resolver_match.view_name if request.resolver_match else ""


def navigation(request: HttpRequest) -> list[Entry]:
    """The links of the header for whoever is looking."""
    user = signed_in(request)
    if user is None:
        table = FOR_PUBLIC
    elif Role.ADMINISTRATOR in user.role_set():
        table = FOR_ADMINISTRATORS
    else:
        table = FOR_STAFF if user.is_staff_member() else FOR_APPLICANTS
    if user is not None and Role.CATALOGUE_MANAGER in user.role_set():
        table = (*table, *FOR_MANAGERS)
    if user is not None and may_open(user, "enquiry_desk"):
        table = (*table, *FOR_ENQUIRIES)
    if user is not None and user.role_set() & LIST_KEEPERS:
        table = (*table, *FOR_LIST_KEEPERS)
    name_here = here(request)
    return [Entry(str(label), reverse(name), name_here in names) for name, label, names in table]
