"""Where a request comes from."""

from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str | None:
    """The visitor's IP address, or None if it cannot be told.

    Behind HOSO_PROXIES proxies it is the one that the outermost of them saw, so nobody can make one up.
    """
    try:
        return get_adapter(request).get_client_ip(request)
    except (ImproperlyConfigured, PermissionDenied, ValueError):
        return None
