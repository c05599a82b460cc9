"""Handing a dossier over to a colleague, and taking a draft to another organisation."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.loading import for_action
from accounts.membership import NotAllowed
from intake import handover
from intake.handing_forms import HomeForm, PersonForm
from intake.models import Dossier
from intake.opening import NotOpen
from intake.states import State
from intake.views import loading

_METHODS = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(_METHODS)
def dossier_handover(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Choose who looks after the dossier from now on."""
    dossier, _opening = loading.to_edit(request, public_id)
    # The one who has it is left out, except on the second click of two, which asks for just that one.
    people = handover.candidates(dossier.organisation)
    others = [one for one in people if one != dossier.looked_after_by()]
    form = PersonForm(_posted(request), people=people if request.method == "POST" else others)
    reasons: list[str] = []
    if request.method == "POST" and form.is_valid():
        to, seen = form.cleaned_data["person"], request.POST.get("seen", "")
        try:
            handover.hand_over(dossier, to, seen=seen, by=request.user, at=timezone.now())
        except handover.Stale as error:
            reasons = [str(error)]
            dossier, _opening = loading.to_edit(request, public_id)
        except handover.CannotTake as error:
            form.add_error("person", str(error))
        except (NotOpen, Dossier.DoesNotExist):
            raise Http404 from None
        else:
            messages.success(request, _("%s là người phụ trách hồ sơ từ nay.") % to)
            return redirect("dossier_detail", public_id)
    is_draft = dossier.state == State.DRAFT
    context = {
        "dossier": dossier,
        "person": dossier.looked_after_by(),
        "is_draft": is_draft,
        "nobody_else": not others,
        "homes": handover.homes_for(dossier, request.user) if is_draft else [],
    }
    return _page(request, "intake/dossier_handover.html", form, dossier, reasons, context)


@never_cache
@require_http_methods(_METHODS)
@loading.of_a_draft_that_may_go
def dossier_transfer(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take a draft to another organisation that one acts for."""
    dossier = loading.draft(request, public_id)
    homes = handover.homes_for(dossier, request.user)
    form = HomeForm(_posted(request), homes=homes)
    reasons: list[str] = []
    if request.method == "POST" and form.is_valid():
        to, seen = form.cleaned_data["organisation"], request.POST.get("seen", "")
        try:
            handover.transfer(dossier, to, seen=seen, by=request.user, at=timezone.now())
        except handover.Stale as error:
            reasons = [str(error)]
            dossier = loading.draft(request, public_id)
        except handover.CannotTake as error:
            form.add_error("organisation", str(error))
        except NotOpen:
            raise Http404 from None
        else:
            messages.success(request, _("Đã chuyển bản soạn sang %s.") % to)
            return redirect("dossier_detail", public_id)
    return _page(request, "intake/dossier_transfer.html", form, dossier, reasons, {"dossier": dossier, "homes": homes})


@never_cache
@require_http_methods(_METHODS)
def organisation_handover(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """The dossiers of people who left, and somebody to look after them."""
    organisation = for_action(request.user, organisation_id, "edit").membership.organisation
    form = PersonForm(_posted(request), people=handover.candidates(organisation))
    if request.method == "POST" and form.is_valid():
        to = form.cleaned_data["person"]
        try:
            number = handover.hand_over_left_behind(organisation, to, by=request.user, at=timezone.now())
        except handover.CannotTake as error:
            form.add_error("person", str(error))
        except (NotAllowed, NotOpen):
            raise Http404 from None
        else:
            messages.success(request, _("Đã bàn giao %(n)s hồ sơ cho %(person)s.") % {"n": number, "person": to})
            return redirect("organisation_handover", organisation_id)
    left = loading.rows(Dossier.objects.left_behind(organisation))
    rows = list(left.order_by("pk")[: handover.MOST_AT_ONCE + 1])
    context = {
        "organisation": organisation,
        "rows": rows[: handover.MOST_AT_ONCE],
        "more": len(rows) > handover.MOST_AT_ONCE,
        "most": handover.MOST_AT_ONCE,
        "form": form,
    }
    return render(request, "intake/organisation_handover.html", context, status=422 if form.errors else 200)


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _page(
    request: HttpRequest,
    template: str,
    form: PersonForm | HomeForm,
    dossier: Dossier,
    reasons: list[str],
    context: dict[str, Any],
) -> HttpResponse:
    """With the token of what it shows now; 409 where it is shown because something changed."""
    status = 409 if reasons else 422 if form.errors else 200
    shown = {"form": form, "reasons": reasons, "seen": handover.token_of(dossier), **context}
    return render(request, template, shown, status=status)
