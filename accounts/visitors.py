"""Where a request comes from."""

from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest


def is_prefetch(request: HttpRequest) -> bool:
    """Whether a browser fetches ahead of the person: nobody has seen the page yet."""
    return "prefetch" in request.headers.get("Sec-Purpose", "") or "prefetch" in request.headers.get("Purpose", "")


def address_of(request: HttpRequest) -> str | None:
    """The visitor's IP address, or None if it cannot be told.

    Behind HOSO_PROXIES proxies it is the one that the outermost of them saw, so nobody can make one up.
    """
    try:
        return get_adapter(request).get_client_ip(request)
    except (ImproperlyConfigured, PermissionDenied, ValueError):
        return None
