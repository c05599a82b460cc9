"""The page of an organisation: who belongs to it, who is invited, and what a member may change."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import inviting, loading
from accounts.membership import Standing, members_of
from accounts.provinces import name_of


@never_cache
@require_safe
def organisation_detail(request: HttpRequest, organisation_id: int) -> HttpResponse:
    return organisation_page(request, loading.for_action(request.user, organisation_id, "read"))


def organisation_page(
    request: HttpRequest, standing: Standing, *, reasons: list[str] | None = None, status: int = 200
) -> HttpResponse:
    organisation = standing.membership.organisation
    context: dict[str, Any] = {
        "organisation": organisation,
        "province": name_of(organisation.province),
        "mine": standing.membership,
        "members": members_of(organisation),
        "invitations": inviting.open_in(organisation),
        "represented": standing.represented,
        "may_edit": standing.may("edit"),
        "may_manage": standing.may("manage"),
        "reasons": reasons,
        "now": timezone.now(),
    }
    return render(request, "accounts/organisation_detail.html", context, status=status)
