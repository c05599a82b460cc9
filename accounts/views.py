from django.conf import settings
from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import inviting, loading, membership, services
from accounts.forms import DetailsForm, ProfileForm, RegistrationForm
from accounts.identifiers import write_phone
from accounts.models import Organisation
from accounts.provinces import name_of
from accounts.taxcodes import saying


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
    context = {
        "form": form,
        "memberships": [(one, name_of(one.organisation.province)) for one in membership.memberships_of(request.user)],
        "invitations": list(inviting.waiting_for(request.user, at=timezone.now())),
        "roles": [assignment.get_role_display() for assignment in request.user.role_assignments.order_by("pk")],
    }
    return render(request, "accounts/profile.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_create(request: HttpRequest) -> HttpResponse:
    following = _following(request)
    form = RegistrationForm(_posted(request), initial={"representative_name": request.user.full_name})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_organisation(form.cleaned_data, by=request.user, at=timezone.now())
        except services.AlreadyRegistered as error:
            form.add_error(error.field, str(error))
        except services.AlreadyAMember as error:
            messages.info(request, str(error))
            return redirect(following or reverse("organisation_detail", args=[error.organisation.pk]))
        except services.TooMany as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Đã lưu thông tin. Giờ bạn có thể lập hồ sơ."))
            _tell_of_tax_code(request, made)
            return redirect(following or "landing")
    context = {"form": form, "next": following}
    return render(request, "accounts/organisation_create.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_edit(request: HttpRequest, organisation_id: int) -> HttpResponse:
    organisation = loading.for_action(request.user, organisation_id, "edit").membership.organisation
    initial = {**model_to_dict(organisation), "phone": write_phone(organisation.phone)}
    form = DetailsForm(_posted(request), kind=organisation.kind, initial=initial)
    # A page without a token is stale, like one with an old token.
    seen = request.POST.get("seen", "") if request.method == "POST" else services.token_of(organisation)
    conflicts: list[dict[str, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            changed = services.edit_organisation(
                organisation, form.cleaned_data, seen=seen, by=request.user, at=timezone.now()
            )
        except services.Conflict:
            # Both texts are shown; saving again then replaces the other one knowingly.
            organisation.refresh_from_db()
            seen, conflicts = services.token_of(organisation), _differences(form, organisation)
        except membership.NotAllowed:
            raise Http404 from None
        else:
            messages.success(request, _("Đã lưu thông tin."))
            _tell_of_tax_code(request, changed)
            return redirect("organisation_detail", organisation_id)
    context = {"form": form, "organisation": organisation, "seen": seen, "conflicts": conflicts}
    context |= {"tax_tag": saying.tag_of(organisation), "tax_advice": saying.advice(organisation)}
    status = 409 if conflicts else 422 if form.errors else 200
    return render(request, "accounts/organisation_edit.html", context, status=status)


def _tell_of_tax_code(request: HttpRequest, organisation: Organisation) -> None:
    if advice := saying.advice(organisation):
        messages.warning(request, advice)


def _differences(form: DetailsForm, organisation: Organisation) -> list[dict[str, str]]:
    """What was typed beside what a colleague has saved, as people read both."""

    def written(field: str, value: str) -> str:
        return {"province": name_of, "phone": write_phone}.get(field, str)(value)

    pairs = [(field, getattr(organisation, field), form.cleaned_data[field]) for field in form.fields]
    return [
        {"label": form.fields[field].label, "stored": written(field, stored), "typed": written(field, typed)}
        for field, stored, typed in pairs
        if stored != typed
    ]


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _following(request: HttpRequest) -> str:
    """Where the person was going, if that is on this site."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    # A bare word would be looked up as the name of a page.
    return url if safe and url.startswith("/") else ""
