from django.conf import settings
from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import services
from accounts.forms import DetailsForm, ProfileForm, RegistrationForm
from accounts.identifiers import write_phone
from accounts.models import Organisation
from accounts.provinces import name_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(_posted(request), instance=request.user)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        with translation.override(user.language):
            messages.success(request, _("Đã lưu."))
        response = redirect("profile")
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax", max_age=365 * 24 * 3600)
        return response
    if request.method == "POST":
        request.user.refresh_from_db()  # the header shows the person as saved, not as typed
    memberships = request.user.memberships.select_related("organisation").order_by("pk")
    context = {
        "form": form,
        "memberships": [
            (membership, membership.role in services.MAY_EDIT, name_of(membership.organisation.province))
            for membership in memberships
        ],
        "roles": [assignment.get_role_display() for assignment in request.user.role_assignments.order_by("pk")],
    }
    return render(request, "accounts/profile.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_create(request: HttpRequest) -> HttpResponse:
    following = _following(request)
    if services.organisation_of(request.user):
        return redirect(following or "profile")
    form = RegistrationForm(_posted(request), initial={"representative_name": request.user.full_name})
    if request.method == "POST" and form.is_valid():
        try:
            services.create_organisation(form.cleaned_data, by=request.user, at=timezone.now())
        except services.AlreadyRegistered as error:
            form.add_error(error.field, str(error))
        except services.AlreadyAMember as error:
            messages.info(request, str(error))
            return redirect("profile")
        else:
            messages.success(request, _("Đã lưu thông tin. Giờ bạn có thể lập hồ sơ."))
            return redirect(following or "landing")
    return render(request, "accounts/organisation_create.html", {"form": form, "next": following})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_edit(request: HttpRequest, organisation_id: int) -> HttpResponse:
    organisation = get_object_or_404(Organisation, pk=organisation_id)
    if not services.may_edit(request.user, organisation):
        raise Http404
    initial = {**model_to_dict(organisation), "phone": write_phone(organisation.phone)}
    form = DetailsForm(_posted(request), kind=organisation.kind, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.edit_organisation(organisation, form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, _("Đã lưu thông tin."))
        return redirect("profile")
    return render(request, "accounts/organisation_edit.html", {"form": form, "organisation": organisation})


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _following(request: HttpRequest) -> str:
    """Where the person was going, if that is on this site."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    # A bare word would be looked up as the name of a page.
    return url if safe and url.startswith("/") else ""
