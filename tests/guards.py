"""What no test has to remember to look for: writing GETs, misspelt template variables, chance order, calls outside."""

import random
import re
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import QuerySet

_WRITING = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|MERGE)\b", re.IGNORECASE)
# Django's own bookkeeping: a session or a sign-in is not the product's data.
_BOOKKEEPING = re.compile(r'"(django_session|account_emailaddress|account_emailconfirmation)"')
# Addresses whose GET records something because the law or the audit trail wants it; each with its reason.
GETS_THAT_RECORD = {
    "document_download": "fetching a paper is its delivery, and each fetch is recorded",
    "dossier_messages": "the other side is told when its message was seen",
    "case_messages": "the other side is told when its message was seen",
}


class GetWrites(AssertionError):
    pass


class GetNeverWrites:
    """Fails a test whose GET or HEAD changes the database."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        name = request.resolver_match.view_name
        if request.method not in ("GET", "HEAD") or name in GETS_THAT_RECORD:
            return None

        def refuse(execute, sql, params, many, context):
            if _WRITING.match(sql) and not _BOOKKEEPING.search(sql):
                raise GetWrites(f"GET of “{name}” writes: {sql[:200]}")
            return execute(sql, params, many, context)

        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(refuse))
            response = view(request, *args, **kwargs)
            if hasattr(response, "render"):
                response.render()
        return response


class UndefinedTemplateVariable(AssertionError):
    pass


class UndefinedVariable(str):
    """Django's `string_if_invalid` that fails the test, for the project's own templates.

    `{% if name %}` stays allowed for a variable that may be missing; `{{ name }}` is not.
    Templates of installed packages are left alone.
    """

    def __contains__(self, text: object) -> bool:
        return text == "%s"  # Django asks this before it formats the name into the string

    def __bool__(self) -> bool:
        return True

    def __mod__(self, variable: Any) -> str:
        origin = self._template_being_rendered()
        if origin and Path(origin).is_relative_to(settings.BASE_DIR / "templates"):
            raise UndefinedTemplateVariable(f"{{{{ {variable} }}}} is undefined in {origin}")
        return ""

    @staticmethod
    def _template_being_rendered() -> str:
        frame = sys._getframe(2)
        while frame is not None:
            context = frame.f_locals.get("context")
            template = getattr(getattr(context, "render_context", None), "template", None)
            if template is not None:
                return str(template.origin.name)
            frame = frame.f_back
        return ""


def shuffle_unordered(fetch_all: Callable) -> Callable:
    """Wraps QuerySet._fetch_all: rows asked for in no order come in any order, as a database may give them."""

    def fetch_all_shuffled(self: QuerySet) -> None:
        fresh = self._result_cache is None
        fetch_all(self)
        if fresh and len(self._result_cache) > 1 and not self.ordered:
            random.shuffle(self._result_cache)

    return fetch_all_shuffled


class OutsideConnection(AssertionError):
    pass


def only_this_machine(connect: Callable) -> Callable:
    """Wraps socket.connect: a test reaches nothing beyond the loopback addresses and local sockets."""

    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = address[0]
            if host not in ("localhost", "::1") and not host.startswith("127."):
                raise OutsideConnection(f"a test tried to connect to {host}")
        return connect(self, address)

    return guarded
