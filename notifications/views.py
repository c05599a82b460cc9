import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from notifications import bell, services
from notifications.models import Delivery


@require_safe
def notification_list(request: HttpRequest) -> HttpResponse:
    cursor = request.GET.get("truoc", "")
    only_unread = request.GET.get("loc") == "chua-doc"
    page = bell.page(request.user, cursor=cursor, only_unread=only_unread)
    unread = bell.unread_count(request.user)
    now = timezone.now()
    context = {
        "page": page,
        "cursor": cursor,
        "only_unread": only_unread,
        "unread": unread,
        "unread_label": bell.unread_label(unread),
        "today": timezone.localdate(now),
        "shown_at": now.isoformat(),
        "newer_url": _address(only_unread=only_unread) if cursor else "",
        "older_url": _address(only_unread=only_unread, truoc=page.older) if page.older else "",
    }
    return render(request, "notifications/list.html", context)


def _address(*, only_unread: bool, **query: str) -> str:
    if only_unread:
        query["loc"] = "chua-doc"
    return f"{reverse('notification_list')}?{urlencode(query)}" if query else reverse("notification_list")


@require_POST
def notification_open(request: HttpRequest, delivery_id: uuid.UUID) -> HttpResponse:
    """Reading is a change, so it is a POST; then on to what the notice is about."""
    delivery = get_object_or_404(Delivery.objects.on_bell_of(request.user), pk=delivery_id)
    bell.mark_read(delivery, at=timezone.now())
    return redirect(delivery.url or "notification_list")


@require_POST
def notification_read_all(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    try:
        until = min(bell.moment_of(request.POST.get("until", "")), at)
    except ValueError:
        until = at
    bell.mark_all_read(request.user, at=at, until=until)
    messages.success(request, _("Đã đánh dấu tất cả thông báo là đã đọc."))
    return redirect("notification_list")


@require_POST
def delivery_resend(request: HttpRequest, delivery_id: uuid.UUID) -> HttpResponse:
    try:
        delivery = services.resend(delivery_id, by=request.user, at=timezone.now())
    except Delivery.DoesNotExist as error:
        raise Http404 from error
    except services.AlreadyOnItsWay as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Sẽ gửi lại thư tới %(address)s.") % {"address": delivery.mailbox()})
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    # A bare word would be looked up as the name of a page.
    return redirect(back if safe and back.startswith("/") else "landing")
