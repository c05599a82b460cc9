"""The page of an organisation: who belongs to it, who is invited, and what a member may change."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import inviting, loading, membership
from accounts.forms import RoleForm
from accounts.membership import Standing
from accounts.models import Membership
from accounts.provinces import name_of
from accounts.taxcodes import saying


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
        "members": membership.members_of(organisation),
        "invitations": inviting.open_in(organisation),
        "represented": standing.represented,
        "may_edit": standing.may("edit"),
        "may_manage": standing.may("manage"),
        "reasons": reasons,
        "now": timezone.now(),
        "tax_tag": saying.tag_of(organisation),
        "tax_source": saying.source(organisation),
        "tax_advice": saying.advice(organisation),
    }
    return render(request, "accounts/organisation_detail.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def member_role(request: HttpRequest, organisation_id: int, member_id: int) -> HttpResponse:
    """Another role for a member."""
    standing = loading.for_action(request.user, organisation_id, "manage")
    member = _member(standing, member_id)
    if member is None:
        return _gone(request, standing)
    posted = request.method == "POST"
    form = RoleForm(request.POST if posted else None, initial={"role": member.role})
    reasons, status = [], 422 if posted else 200
    if posted and form.is_valid():
        seen, at = request.POST.get("seen", ""), timezone.now()
        try:
            membership.change_role(member, form.cleaned_data["role"], seen=seen, by=request.user, at=at)
        except membership.LastToManage as error:
            form.add_error("role", str(error))
        except membership.Stale as error:
            reasons, status = [str(error)], 409
        except membership.NotAllowed as error:
            reasons = [str(error)]
        else:
            messages.success(request, _("Đã lưu vai trò của %s.") % member.user)
            return redirect("organisation_detail", organisation_id)
    context = _member_context(standing, member) | {"form": form, "reasons": reasons}
    return render(request, "accounts/member_role.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def member_remove(request: HttpRequest, organisation_id: int, member_id: int) -> HttpResponse:
    """Asks first; POST takes somebody else out of the organisation."""
    standing = loading.for_action(request.user, organisation_id, "manage")
    member = _member(standing, member_id)
    if member is None:
        return _gone(request, standing)
    if member.user_id == request.user.pk:
        return redirect("organisation_leave", organisation_id)
    reasons, status = [], 200
    if request.method == "POST":
        try:
            membership.remove(member, seen=request.POST.get("seen", ""), by=request.user, at=timezone.now())
        except membership.Stale as error:
            reasons, status = [str(error)], 409
        except (membership.NotAllowed, membership.LastToManage) as error:
            reasons, status = [str(error)], 422
        else:
            messages.success(request, _("%s không còn là thành viên của đơn vị.") % member.user)
            # What they looked after needs somebody now.
            return redirect("organisation_handover", organisation_id)
    context = _member_context(standing, member) | {"reasons": reasons}
    return render(request, "accounts/member_remove.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_leave(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """Asks first; POST takes the person out of the organisation."""
    standing = loading.for_action(request.user, organisation_id, "leave")
    organisation = standing.membership.organisation
    reasons: list[str] = []
    if request.method == "POST":
        try:
            membership.leave(organisation, by=request.user, at=timezone.now())
        except membership.LastToManage as error:
            reasons = [str(error)]
        except membership.NotAllowed:
            raise Http404 from None
        else:
            messages.success(request, _("Bạn đã rời %s.") % organisation)
            return redirect("profile")
    context = {"organisation": organisation, "reasons": reasons}
    return render(request, "accounts/organisation_leave.html", context, status=422 if reasons else 200)


def _member(standing: Standing, member_id: int) -> Membership | None:
    found = Membership.objects.filter(organisation_id=standing.membership.organisation_id, pk=member_id)
    return found.select_related("user").first()


def _member_context(standing: Standing, member: Membership) -> dict[str, Any]:
    return {
        "organisation": standing.membership.organisation,
        "member": member,
        "myself": member.pk == standing.membership.pk,
        "seen": member.role,
    }


def _gone(request: HttpRequest, standing: Standing) -> HttpResponse:
    """The second click of two, or a colleague was faster. A page of somebody who never belonged is not found."""
    if request.method != "POST":
        raise Http404
    return organisation_page(
        request, standing, reasons=[_("Người này không còn là thành viên của đơn vị.")], status=409
    )
