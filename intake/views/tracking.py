"""Where a dossier stands, without signing in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import throttle
from accounts.visitors import address_of
from intake import tracking
from intake.tracking_forms import TrackingForm


@require_http_methods(["GET", "HEAD", "POST"])
def dossier_track(request: HttpRequest) -> HttpResponse:
    """The form; a POST answers with the status, so that no address of a person stands in an address of a page."""
    response = _answer(request) if request.method == "POST" else _page(request, TrackingForm())
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response


def _answer(request: HttpRequest) -> HttpResponse:
    form = TrackingForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    code, now = tracking.read_code(form.cleaned_data["ma"]), timezone.now()
    # Also by code: whoever asks from many addresses cannot try many people of one applicant.
    for scope, who in (("track", address_of(request) or ""), ("track-code", code.encode().hex())):
        if not throttle.allowed(scope, who, limit=settings.TRACKINGS_PER_MINUTE, at=now):
            response = _page(request, form, busy=True, status=429)
            response["Retry-After"] = str(throttle.WINDOW)
            return response
    dossier = tracking.find(code, form.cleaned_data["email"])
    if dossier is None:
        return _page(request, form, unknown=True, status=404)
    return _page(request, TrackingForm(), tracked=tracking.tracked(dossier))


def _page(request: HttpRequest, form: TrackingForm, *, status: int = 200, **context: object) -> HttpResponse:
    return render(request, "intake/track.html", {"form": form, **context}, status=status)
