"""The pages that belong to no app: the front page, the guide, where to go after signing in, the errors."""

from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import Role
from catalogs.models import CatalogueFamily, CatalogueItem, Instrument, Procedure
from catalogs.procedures import DEADLINE_RULES, DeadlineRule, Definition
from catalogs.services import catalogue_in_force, definition_of, revision_in_force
from config.context import signed_in
from config.templatetags.ui import period
from intake.states import State
from intake.uploads import FILES_AT_ONCE

# What the product stands on, in the order of the footer; those that are loaded become links.
LEGAL_BASE = ("31/2025/TT-BKHCN", "1131/QĐ-TTg", "21/2026/QĐ-TTg", "118/2025/NĐ-CP", "30/2020/NĐ-CP")

# What each state means to whoever filed, in the order in which a dossier meets them.
STATES = (
    (State.DRAFT, _("Chỉ bạn và người trong tổ chức của bạn xem được. Sửa, xóa tùy ý; chưa tính thời hạn.")),
    (State.SUBMITTED, _("Đã nộp, có mã hồ sơ. Bộ phận một cửa sắp kiểm tra; bạn không phải làm gì.")),
    (State.SCREENING, _("Cán bộ tiếp nhận đang đối chiếu tài liệu với thành phần hồ sơ.")),
    (State.SUPPLEMENT_REQUESTED, _("Cần bạn bổ sung. Xem danh sách trong trang hồ sơ và nộp lại một lần trước hạn.")),
    (State.IN_REVIEW, _("Đã tiếp nhận, có giấy hẹn trả kết quả. Chuyên viên đang xem xét.")),
    (State.ENDORSEMENT, _("Chuyên viên đã có ý kiến, lãnh đạo phòng đang xem lại.")),
    (State.APPROVAL, _("Đang chờ người có thẩm quyền quyết định.")),
    (State.ISSUING, _("Đã có quyết định, văn thư đang cấp số và phát hành.")),
    (State.ISSUED, _("Quyết định đã phát hành, mời bạn tải về.")),
    (State.DELIVERED, _("Bạn đã tải kết quả. Hồ sơ hoàn tất.")),
    (State.REFUSED, _("Hồ sơ không được tiếp nhận; phiếu từ chối ghi rõ lý do. Bạn có thể nộp hồ sơ mới.")),
    (State.WITHDRAWN, _("Bạn đã rút hồ sơ.")),
    (State.CLOSED, _("Hồ sơ bị đóng vì không được bổ sung đúng hạn. Bạn có thể nộp hồ sơ mới.")),
)


@dataclass(frozen=True)
class Offer:
    """A procedure that can be filed today."""

    slug: str
    definition: Definition

    @property
    def assessment(self) -> DeadlineRule:
        return self.definition.deadline("assessment")

    @property
    def required_documents(self) -> int:
        """How many documents everybody must attach; those asked under a condition are not counted."""
        return sum(document.required and document.condition is None for document in self.definition.documents)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    offers = offers_on(today)
    return render(
        request,
        "home.html",
        {
            "offers": offers,
            "periods": periods(offers),
            "items": items_in_force(today),
            "instruments": legal_base(today),
        },
    )


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    offers = offers_on(timezone.localdate())
    return render(
        request,
        "guide.html",
        {
            "offers": offers,
            "periods": periods(offers),
            "states": STATES,
            "upload_max_bytes": settings.UPLOAD_MAX_BYTES,
        },
    )


def landing(request: HttpRequest) -> HttpResponse:
    """After signing in: whoever handles dossiers goes to the queue, other staff to what they look after."""
    user = signed_in(request)
    if user is None or not user.is_staff_member():
        return redirect("dossier_list")
    if user.reads_dossiers():
        return redirect("queue")
    if Role.ADMINISTRATOR in user.role_set():
        return redirect("calendar_days")
    return redirect("managing_index" if Role.CATALOGUE_MANAGER in user.role_set() else "catalogue_index")


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """More than the product reads gets a page that says how to go on; what else is malformed gets the plain one."""
    limits = {RequestDataTooBig: 413, TooManyFieldsSent: 400, TooManyFilesSent: 400}
    status = limits.get(type(exception))
    if status is None:
        # Not Django's own: it asks the request for a token, and so stumbles over the same body again.
        return HttpResponse(render_to_string("400.html"), status=400)
    context = {
        "status": status,
        "too_big": status == 413,
        "text_max_bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "files_max_bytes": FILES_AT_ONCE * settings.UPLOAD_MAX_BYTES,
        "back_url": _where_from(request),
    }
    return render(request, "too_much.html", context, status=status)


def _where_from(request: HttpRequest) -> str:
    """The path of the page that sent the request, if it is one of this site."""
    url = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
        return ""
    path = urlsplit(url).path
    # Browsers read a backslash as a slash, and two of them as another host.
    return path if path.startswith("/") and not path.startswith("//") and "\\" not in path else ""


def offers_on(day: date) -> list[Offer]:
    """The procedures in force on the day, in their order."""
    revisions = [
        (procedure, revision_in_force(procedure, day)) for procedure in Procedure.objects.order_by("position", "pk")
    ]
    return [Offer(procedure.slug, definition_of(revision)) for procedure, revision in revisions if revision]


def periods(offers: list[Offer]) -> dict[str, str]:
    """Each period in words, over all procedures: "20 ngày làm việc", or "20 đến 40 ngày làm việc"."""
    return (
        {key: _span([offer.definition.deadline(key) for offer in offers]) for key in DEADLINE_RULES} if offers else {}
    )


def _span(rules: list[DeadlineRule]) -> str:
    shortest, longest = (choose(rules, key=attrgetter("amount")) for choose in (min, max))
    if len({rule.unit for rule in rules}) > 1:
        return gettext("tùy thủ tục")
    if shortest.amount == longest.amount:
        return period(shortest)
    return gettext("%(least)s đến %(most)s") % {"least": shortest.amount, "most": period(longest)}


def items_in_force(day: date) -> int:
    """How many products and services the lists in force on the day name."""
    lists = [catalogue_in_force(family, day) for family in CatalogueFamily.values]
    return CatalogueItem.objects.filter(catalogue__in=[found for found in lists if found]).count()


def legal_base(day: date) -> list[Instrument]:
    """Those of LEGAL_BASE that are loaded and in force on the day, in that order."""
    loaded = Instrument.objects.visible_to(None).in_force(on=day).filter(number__in=LEGAL_BASE)
    return sorted(loaded, key=lambda instrument: LEGAL_BASE.index(instrument.number))
