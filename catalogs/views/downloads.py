"""Lists as files and as a public interface: the same data, so that a copy and an answer never differ."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from catalogs.exporting import as_csv, as_json, changed_at, digest_of, index_data, item_data, list_data
from catalogs.models import Catalogue, CatalogueItem
from catalogs.spreadsheets import as_xlsx

MINUTES = 60  # seconds
FRESH = 5 * MINUTES
JSON = "application/json"
FORMATS: dict[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": JSON,
}


@require_safe
def catalogue_download(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """The list as csv, xlsx or json, under a plain name. A restricted one is kept by nobody on the way."""
    if form not in FORMATS:
        raise Http404
    seen = Catalogue.objects.visible_to(request.user)
    catalogue = get_object_or_404(seen.select_related("instrument"), slug=slug)
    # What is public reads the same for everybody: who may see restricted lists finds no relation to them either.
    among = seen if catalogue.restricted else Catalogue.objects.public()
    data = list_data(catalogue, among=among)
    at = changed_at(catalogue, data)
    make: dict[str, Callable[[], bytes]] = {
        "csv": lambda: as_csv(data),
        "xlsx": lambda: as_xlsx(data, changed_at=at),
        "json": lambda: as_json(data),
    }
    response = _answer(request, digest_of({"form": form, **data}), at, make[form], FORMATS[form])
    response["Content-Disposition"] = f'attachment; filename="{catalogue.slug}.{form}"'
    if catalogue.restricted:
        patch_cache_control(response, private=True, no_store=True)
    else:
        patch_cache_control(response, public=True, max_age=FRESH)
    return response


@require_safe
def api_catalogues(request: HttpRequest) -> HttpResponse:
    """The public lists, newest first."""
    lists = _public().with_counts().select_related("instrument").order_by("-effective_from", "pk")
    return _public_json(request, index_data(lists), None)


@require_safe
def api_catalogue(request: HttpRequest, slug: str) -> HttpResponse:
    catalogue = _public().filter(slug=slug).select_related("instrument").first()
    if catalogue is None:
        return _not_found()
    data = list_data(catalogue, among=_public())
    return _public_json(request, data, changed_at(catalogue, data))


@require_safe
def api_item(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    items = CatalogueItem.objects.filter(catalogue__in=_public(), catalogue__slug=slug)
    item = items.filter(code=code).select_related("catalogue__instrument", "group").first()
    return _not_found() if item is None else _public_json(request, item_data(item, among=_public()), None)


def _public() -> Any:
    """What anybody sees, whoever asks: an answer may be kept on the way and given to somebody else."""
    return Catalogue.objects.visible_to(AnonymousUser())


def _public_json(request: HttpRequest, data: dict[str, Any], at: datetime | None) -> HttpResponse:
    response = _answer(request, digest_of(data), at, lambda: as_json(data), JSON)
    patch_cache_control(response, public=True, max_age=FRESH)
    return response


def _not_found() -> HttpResponse:
    return HttpResponse(as_json({"error": "not found"}), content_type=JSON, status=404)


def _answer(
    request: HttpRequest, digest: str, at: datetime | None, make: Callable[[], bytes], content_type: str
) -> HttpResponse:
    """304 for whoever holds the same content. Only the ETag decides: a corrected wording has no day of its own."""
    etag = f'W/"{digest}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(make(), content_type=content_type)
    response["ETag"] = etag
    if at is not None:
        response["Last-Modified"] = http_date(at.timestamp())
    return response
