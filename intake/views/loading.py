"""Which dossier an address means. Somebody else's is a 404, like one that does not exist."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from intake.models import Attachment, DeclaredItem, Dossier, DossierQuerySet, SupplementPoint
from intake.opening import Opening, opening_of
from intake.revising import bring_up_to_date
from intake.states import State

_POINTS = Prefetch("supplement_requests__points", SupplementPoint.objects.order_by("pk"))
_ROW = ("organisation", "revision_of_procedure__procedure", "created_by", "contact_person", "specialist__unit")


_ATTACHMENTS = Attachment.objects.select_related("uploaded_by", "scan")
_FILES = Prefetch("attachments", _ATTACHMENTS.order_by("uploaded_at", "pk"))
_ITEMS = Prefetch(
    "declared_items", DeclaredItem.objects.select_related("item__group").order_by("item__position", "pk")
)


class Filed(Exception):
    """Something was sent to a dossier that is a draft no more; a colleague was faster, or the page is old.

    The text says what has become of the dossier.
    """

    def __init__(self, dossier: Dossier, opening: Opening) -> None:
        texts = {
            State.WITHDRAWN: _("Hồ sơ này đã được rút nên nội dung vừa gửi không được lưu."),
            State.CLOSED: _("Hồ sơ này đã đóng do không được bổ sung đúng hạn nên nội dung vừa gửi không được lưu."),
            State.REFUSED: _("Hồ sơ này đã bị từ chối tiếp nhận nên nội dung vừa gửi không được lưu."),
        }
        if not opening.anything:
            # Waiting for supplements, and closed to them: their day is over.
            texts[State.SUPPLEMENT_REQUESTED] = _("Đã hết hạn bổ sung hồ sơ nên nội dung vừa gửi không được lưu.")
        filed = _("Hồ sơ này đã được nộp nên nội dung vừa gửi không được lưu.")
        super().__init__(texts.get(State(dossier.state), filed))
        self.dossier = dossier


def with_parts(queryset: DossierQuerySet) -> DossierQuerySet:
    """With everything that completeness and the pages of a draft read, in a fixed number of queries."""
    return queryset.select_related(*_ROW).prefetch_related(_FILES, _ITEMS, "supplement_requests", _POINTS)


def rows(queryset: DossierQuerySet) -> DossierQuerySet:
    """For a list; `complete` brings what its rows read besides."""
    return queryset.select_related(*_ROW, "conversation")


def complete(dossiers: list[Dossier]) -> None:
    """Load what the rows of a list read: what drafts lack, what others are asked for. Five queries at most."""
    bring_up_to_date(dossiers, at=timezone.now())
    prefetch_related_objects([d for d in dossiers if d.state == State.DRAFT], _FILES, _ITEMS)
    asked = [d for d in dossiers if d.state == State.SUPPLEMENT_REQUESTED]
    prefetch_related_objects(asked, "supplement_requests", _POINTS)


def of_applicant(request: HttpRequest, public_id: uuid.UUID) -> Dossier:
    """One that the person may read, with its requests for supplements; what was filed stands in its revision."""
    dossiers = Dossier.objects.of_applicant(request.user).select_related(*_ROW, "conversation")
    dossier = get_object_or_404(dossiers.prefetch_related("supplement_requests", _POINTS), public_id=public_id)
    bring_up_to_date([dossier], at=timezone.now())
    return dossier


def to_edit(request: HttpRequest, public_id: uuid.UUID) -> tuple[Dossier, Opening]:
    """One that the person may change, and which of its parts are open now. A viewer gets a 404."""
    at = timezone.now()
    dossier = get_object_or_404(with_parts(Dossier.objects.editable_by(request.user)), public_id=public_id)
    bring_up_to_date([dossier], at=at)
    return dossier, opening_of(dossier, at=at)


def draft(request: HttpRequest, public_id: uuid.UUID) -> Dossier:
    """A draft that the person may change. Raises Filed if something is sent to one that was filed."""
    dossier, opening = to_edit(request, public_id)
    if not opening.everything:
        raise Filed(dossier, opening) if request.method == "POST" else Http404
    return dossier


def in_background(request: HttpRequest) -> bool:
    """Whether a script sent this and reads JSON; nobody sees a page or a flash message then."""
    return request.headers.get("Accept") == "application/json"


def of_a_draft_that_may_go(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For a view that changes a draft: says what has become of one that was deleted or filed meanwhile.

    A script gets it as {"error": …}, after which trying again is of no use.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Filed as error:
            if in_background(request):
                return JsonResponse({"error": str(error)}, status=409)
            messages.error(request, str(error))
            return redirect("dossier_detail", error.dossier.public_id)
        except Dossier.DoesNotExist:
            deleted = _("Bản soạn này vừa bị xóa ở một cửa sổ khác, nên việc vừa làm không được lưu.")
            if in_background(request):
                return JsonResponse({"error": deleted}, status=410)
            messages.error(request, deleted)
            raise Http404 from None
        except Http404:
            if in_background(request):
                unknown = _("Không tìm thấy bản soạn này, có thể đã bị xóa. Nội dung bạn nhập không được lưu.")
                return JsonResponse({"error": unknown}, status=404)
            raise

    return guarded
