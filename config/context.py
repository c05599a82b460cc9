"""What every page knows: the office, who is looking, and where they are."""

from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

try:
    from notifications.bell import unread_count
except ImportError:

    def unread_count(user) -> int:
        return 0


class Entry(NamedTuple):
    label: str
    url: str
    current: bool


CATALOGUE = {
    "catalogue_index",
    "catalogue_search",
    "catalogue_detail",
    "catalogue_item",
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
    "dossier_submit",
    "dossier_supplement",
    "dossier_withdraw",
}
VERIFY = {"verify", "verify_code"}
DESK = {"queue", "case_detail", "case_action", "case_finding", "case_assessment"}

# The first name is the link's; the set holds every address under it.
FOR_PUBLIC = (
    ("catalogue_index", _("Danh mục"), CATALOGUE),
    ("verify", _("Tra cứu kết quả"), VERIFY),
    ("guide", _("Hướng dẫn"), {"guide"}),
)
FOR_APPLICANTS = (
    ("dossier_list", _("Hồ sơ của tôi"), DOSSIER),
    ("catalogue_index", _("Danh mục"), CATALOGUE),
    ("verify", _("Tra cứu kết quả"), VERIFY),
)
FOR_STAFF = (
    ("queue", _("Hàng đợi"), DESK),
    ("catalogue_index", _("Danh mục"), CATALOGUE),
)


def site(request: HttpRequest) -> dict:
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    return {
        "DEMO_MODE": settings.DEMO_MODE,
        "OFFICE": settings.OFFICE,
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "unread_count": SimpleLazyObject(lambda: unread_count(user) if signed_in else 0),
    }


def navigation(request: HttpRequest) -> list[Entry]:
    """The links of the header for whoever is looking."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        table = FOR_PUBLIC
    else:
        table = FOR_STAFF if user.is_staff_member() else FOR_APPLICANTS
    match = request.resolver_match
    here = match.view_name if match else ""
    return [Entry(label, url, here in names) for name, label, names in table if (url := _address(name))]


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
