"""Refusing a request without losing the answer."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from intake.uploads import FILES_AT_ONCE

CHUNK = 64 * 1024  # bytes


class ReadToTheEnd:
    """Reads what a refusal has left unread of its request.

    A browser reads no answer before it has sent everything. Where the connection is closed earlier, as gunicorn
    does, the page that says what was wrong with the request is never seen. No more is read than the files of an
    ordinary request may have.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Only then: whoever sends a body that nobody asked for, and slowly, is not waited for.
        if request.method != "POST" or response.status_code < 400:
            return response
        left = FILES_AT_ONCE * settings.UPLOAD_MAX_BYTES
        try:
            while left > 0 and (chunk := request.read(min(left, CHUNK))):
                left -= len(chunk)
        except OSError:
            pass  # nobody is listening any more
        return response
