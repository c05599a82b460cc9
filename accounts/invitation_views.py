"""Inviting a colleague, and answering an invitation."""

from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import inviting, loading
from accounts.forms import ROLE_CHOICES, InvitationForm
from accounts.membership import NotAllowed
from accounts.models import Invitation, InvitationState
from accounts.organisation_views import organisation_page


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_new(request: HttpRequest, organisation_id: int) -> HttpResponse:
    organisation = loading.for_action(request.user, organisation_id, "manage").membership.organisation
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            inviting.invite(organisation, by=request.user, at=timezone.now(), **form.cleaned_data)
        except inviting.CannotInvite as error:
            form.add_error(error.field or None, str(error))
        except NotAllowed:
            raise Http404 from None
        else:
            messages.success(request, _("Đã gửi lời mời tới %s.") % form.cleaned_data["email"])
            return redirect("organisation_detail", organisation_id)
    context = {"form": form, "organisation": organisation, "days": inviting.VALID.days}
    return render(request, "accounts/invitation_new.html", context, status=422 if form.errors else 200)


@require_POST
def invitation_resend(request: HttpRequest, organisation_id: int, invitation_id: int) -> HttpResponse:
    standing = loading.for_action(request.user, organisation_id, "manage")
    found = get_object_or_404(Invitation, pk=invitation_id, organisation_id=organisation_id)
    try:
        inviting.resend(found, by=request.user, at=timezone.now())
    except inviting.CannotInvite as error:
        return organisation_page(request, standing, reasons=[str(error)], status=422)
    except inviting.Ended as error:
        return organisation_page(request, standing, reasons=[str(error)], status=409)
    except NotAllowed:
        raise Http404 from None
    messages.success(request, _("Đã gửi lại lời mời tới %s.") % found.email)
    return redirect("organisation_detail", organisation_id)


@require_POST
def invitation_revoke(request: HttpRequest, organisation_id: int, invitation_id: int) -> HttpResponse:
    standing = loading.for_action(request.user, organisation_id, "manage")
    found = get_object_or_404(Invitation, pk=invitation_id, organisation_id=organisation_id)
    try:
        inviting.revoke(found, by=request.user, at=timezone.now())
    except inviting.Ended as error:
        return organisation_page(request, standing, reasons=[str(error)], status=409)
    except NotAllowed:
        raise Http404 from None
    messages.success(request, _("Đã thu hồi lời mời gửi tới %s.") % found.email)
    return redirect("organisation_detail", organisation_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, key: str) -> HttpResponse:
    """What the link in the mail opens: who invites whom to what. Accepting and declining are a POST."""
    at = timezone.now()
    found = Invitation.objects.select_related("organisation", "invited_by").filter(key=key).first()
    if found is None:
        return render(request, "accounts/invitation_unknown.html", status=404)
    if request.method == "POST" and not request.user.is_authenticated:
        return redirect_to_login(request.path)
    if request.method == "POST":
        try:
            return _answered(request, found, at=at)
        except inviting.CannotAnswer:
            found.refresh_from_db()
    return _invitation_page(request, found, at=at)


def _answered(request: HttpRequest, found: Invitation, *, at: datetime) -> HttpResponse:
    if "decline" in request.POST:
        inviting.decline(found, by=request.user, at=at)
        messages.success(request, _("Bạn đã từ chối lời mời của %s.") % found.organisation)
        return redirect("profile")
    organisation = inviting.accept(found, by=request.user, at=at)
    messages.success(request, _("Bạn đã tham gia %s.") % organisation)
    return redirect("organisation_detail", organisation.pk)


def _invitation_page(request: HttpRequest, found: Invitation, *, at: datetime) -> HttpResponse:
    """Says why not where it cannot be answered: with 409 if somebody just tried, with 410 if it is over."""
    reason, over = "", found.state != InvitationState.OPEN or found.expires_at <= at
    if over:
        reason = str(inviting.Ended(found))
    elif request.user.is_authenticated:
        try:
            inviting.require_may_answer(found, by=request.user, at=at)
        except inviting.CannotAnswer as error:
            reason = str(error)
    back = urlencode({"next": request.path})
    context = {
        "invitation": found,
        "role": dict(ROLE_CHOICES)[found.role],
        "reason": reason,
        "over": over,
        "mine": found.ended_by_id is not None and found.ended_by_id == request.user.pk,
        "login_url": f"{reverse('account_login')}?{back}",
        "signup_url": f"{reverse('account_signup')}?{urlencode({'email': found.email})}&{back}",
    }
    status = 410 if over else 409 if reason and request.method == "POST" else 200
    return render(request, "accounts/invitation.html", context, status=status)
