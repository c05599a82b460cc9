"""The entrance for gunicorn."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management import BaseCommand
from django.core.wsgi import get_wsgi_application
from django.template.loader import render_to_string
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

Application = Callable[[dict[str, Any], Callable], Iterable[bytes]]


def only_utf8(site: Application) -> Application:
    """Refuses a request that names another encoding: pages are sent in UTF-8, and so is what browsers send back.

    Django takes any codec that Python knows, also those that are no character sets, and fails on them before its
    first middleware.
    """

    def entrance(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        _kind, parameters = parse_header_parameters(environ.get("CONTENT_TYPE", ""))
        if parameters.get("charset", "utf-8").lower() in ("utf-8", "utf8"):
            return site(environ, start_response)
        page = render_to_string("400.html").encode()
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))]
        start_response("400 Bad Request", [*headers, ("X-Content-Type-Options", "nosniff")])
        return [page]

    return entrance


application = only_utf8(get_wsgi_application())
# An unsafe production configuration (config.checks) does not serve a single page.
BaseCommand().check()
