from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.utils.cache import patch_cache_control
from django.utils.module_loading import import_string


class AccessMiddleware:
    """Closes every address to those whom the table does not name. An address missing from it is closed to all."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.table = import_string(settings.ACCESS_TABLE)

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            # Kept by nobody between, and asked for again; not "no-store", which would cost a person who goes
            # back what they had typed. Signing out empties the browser's own store instead.
            patch_cache_control(response, private=True, no_cache=True)
        if (
            request.method == "POST"
            and request.resolver_match
            and request.resolver_match.view_name == "account_logout"
        ):
            response["Clear-Site-Data"] = '"cache"'
        return response

    def process_view(self, request, view, args, kwargs):
        # PostgreSQL refuses such a text in a query, SQLite finds nothing: either way there is no such page.
        if any("\x00" in str(value) for value in kwargs.values()):
            raise Http404
        access = self.table.get(request.resolver_match.view_name)
        if access is None:
            raise Http404
        if access.admits(request.user):
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        # Not 403: who may not open a page is not told that it exists.
        raise Http404
