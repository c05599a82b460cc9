"""Matching for anybody: a page and an API endpoint that answer the same question and keep nothing of it."""

import json
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import throttle
from accounts.visitors import address_of
from catalogs.matching import asking
from catalogs.matching.service import each_once

NAME_MAX, DESCRIPTION_MAX = 300, 20_000  # characters
BODY_MAX = 1024 * 1024  # bytes
SHOWN = 4
UNLIKELY_SHOWN = 1


def _may_ask(request: HttpRequest) -> bool:
    limit = settings.MATCHINGS_PER_MINUTE
    return throttle.allowed("matching", address_of(request) or "", limit=limit, at=timezone.now())


# --- the page --------------------------------------------------------------------------------------


class AskForm(forms.Form):
    """A product as anybody describes it. Nothing of it is kept."""

    # Either is enough; the page says so once, above both.
    name = forms.CharField(
        label=gettext_lazy("Tên sản phẩm, dịch vụ"),
        max_length=NAME_MAX,
        required=False,
        widget=forms.TextInput(attrs={"data-sometimes": "1"}),
    )
    description = forms.CharField(
        label=gettext_lazy("Mô tả"),
        help_text=gettext_lazy(
            "Sản phẩm làm được gì, cho ai dùng, dựa trên công nghệ nào. Gõ có dấu hay không dấu đều được."
        ),
        max_length=DESCRIPTION_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "data-sometimes": "1"}),
    )

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not (cleaned.get("name") or cleaned.get("description")):
            self.add_error("description", _("Hãy ghi tên hoặc mô tả của sản phẩm, dịch vụ."))
        return cleaned


@require_http_methods(["GET", "HEAD", "POST"])
def matching_page(request: HttpRequest) -> HttpResponse:
    """Which items may my product fall under? A POST only because a description is too long for an address."""
    today = timezone.localdate()
    lists = asking.in_force(today)
    form = AskForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "lists": lists, "answers": [], "today": today}
    if request.method != "POST":
        return render(request, "catalogs/matching.html", context)
    if not _may_ask(request):
        return _busy(render(request, "catalogs/matching_busy.html", context, status=429))
    if not form.is_valid():
        return render(request, "catalogs/matching.html", context, status=422)
    name, description = form.cleaned_data["name"], form.cleaned_data["description"]
    answers = asking.answer(asking.Question(name, description, lists, SHOWN))
    context |= {
        "name": name,
        "description": description,
        "answers": [_shown(answer) for answer in answers],
    }
    return _unkept(render(request, "catalogs/matching.html", context))


def _shown(answer: asking.Answer) -> dict[str, Any]:
    """The likely items, or the nearest one where none fits; and where their words stand in the text."""
    ranked = [one for one in answer.result.ranked if one.reasons]
    likely = [one for one in ranked if one.strength != "weak"]
    shown = likely or ranked[:UNLIKELY_SHOWN]
    marks: dict[str, list[Any]] = {"name": [], "description": []}
    for reason in (reason for one in shown for reason in one.reasons):
        marks[reason.field].append(reason)
    return {
        "catalogue": answer.catalogue,
        "products": answer.products,
        "none_fits": answer.result.decision == "none",
        "items": [{"one": one, "reasons": each_once(one.reasons)} for one in shown],
        "marks": marks,
    }


# --- the API ---------------------------------------------------------------------------------------


# No session is used, so there is nothing that another site could misuse.
@csrf_exempt
def matching_api(request: HttpRequest) -> HttpResponse:
    """POST {name, description, on?, catalogues?, limit?} → what each list says; docs/api.md."""
    with translation.override(_language(request)):
        response = _answer(request)
        response["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
    patch_vary_headers(response, ("Accept-Language",))
    return _unkept(response)


def _answer(request: HttpRequest) -> JsonResponse:
    if request.method != "POST":
        response = _refused(405, {"": _("Chỉ nhận phương thức POST.")})
        response["Allow"] = "POST"
        return response
    if request.content_type != "application/json":
        return _refused(415, {"": _("Nội dung gửi lên phải là JSON (Content-Type: application/json).")})
    if _length(request) > BODY_MAX:
        return _refused(413, {"": _("Nội dung gửi lên dài quá 1 MB.")})
    if not _may_ask(request):
        return _busy(_refused(429, {"": _("Bạn đã hỏi nhiều lần trong một phút. Hãy đợi rồi thử lại.")}))
    try:
        value = json.loads(request.read(BODY_MAX + 1))
    except (ValueError, RecursionError):
        return _refused(400, {"": _("Nội dung gửi lên không phải là JSON hợp lệ.")})
    try:
        question = asking.read(value, today=timezone.localdate())
    except asking.Refused as refusal:
        return _refused(400, refusal.problems)
    return _json({"results": [asking.as_json(answer) for answer in asking.answer(question)]})


def _length(request: HttpRequest) -> int:
    """Bytes that are announced; without an announcement nothing is read at all."""
    try:
        return max(0, int(request.META.get("CONTENT_LENGTH") or 0))
    except ValueError:
        return 0


def _language(request: HttpRequest) -> str:
    """English for those who put it first; no cookie is looked at."""
    wanted = parse_accept_lang_header(request.headers.get("Accept-Language", "")[:200])
    return "en" if wanted and wanted[0][0].split("-")[0] == "en" else settings.LANGUAGE_CODE


def _refused(status: int, problems: dict[str, str]) -> JsonResponse:
    errors = [{"field": field or None, "message": message} for field, message in problems.items()]
    return _json({"errors": errors}, status=status)


def _json(value: dict[str, Any], *, status: int = 200) -> JsonResponse:
    # Escaped: a lone surrogate, which JSON can carry and UTF-8 cannot, goes out as it came in.
    return JsonResponse(value, status=status)


def _busy(response: HttpResponse) -> Any:
    response["Retry-After"] = str(throttle.WINDOW)
    return response


def _unkept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
