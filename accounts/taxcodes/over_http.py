"""A registry that answers over HTTP with JSON. What it says is believed no further than its form goes.

Every step is bounded: the time by the caller, the size by LARGEST, the number of questions at once by AT_ONCE. No
redirect is followed, so that neither the tax code nor the token goes to a host that nobody configured.
"""

import http.client
import json
import queue
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings

from accounts.plaintext import harmless
from accounts.taxcodes.names import folded
from accounts.taxcodes.registry import Answer, NoAnswer, Taxpayer, Unknown

LARGEST = 64 * 1024  # bytes of an answer
LONGEST_TEXT = 300  # characters of a name or an address
LONGEST_WAIT = 30  # seconds that may be configured
AT_ONCE = 8
CODE = "{code}"
FIELDS = ("name", "address", "status", "code")
REQUIRED = ("name", "status")

_asking = threading.BoundedSemaphore(AT_ONCE)


class Malformed(ValueError):
    """A setting that no question can be asked with; the text says which."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        return None  # the answer then counts as the error 3xx that it is


@dataclass(frozen=True)
class HttpRegistry:
    url: str  # with {code}
    fields: dict[str, str]  # where in the answer a thing stands, as keys with dots between
    active: tuple[str, ...]  # what the status says of a taxpayer who is there
    token: str = field(default="", repr=False)
    waited_for = True

    @classmethod
    def from_settings(cls) -> "HttpRegistry":
        return cls(
            settings.TAX_REGISTRY_URL,
            settings.TAX_REGISTRY_FIELDS,
            tuple(settings.TAX_REGISTRY_ACTIVE),
            settings.TAX_REGISTRY_TOKEN,
        )

    @property
    def source(self) -> str:
        return (urlsplit(self.url).hostname or "")[:100]

    def look_up(self, tax_code: str, *, seconds: float) -> Answer:
        """Asked in a thread of its own: looking a host's name up knows no time-out, and answers may trickle."""
        if not _asking.acquire(blocking=False):
            return NoAnswer(f"{AT_ONCE} questions are waiting already")
        answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        deadline = time.monotonic() + seconds

        def ask() -> None:
            try:
                answers.put(self._ask(tax_code, deadline))
            finally:
                _asking.release()

        threading.Thread(target=ask, name="tax-registry", daemon=True).start()
        try:
            return answers.get(timeout=seconds)
        except queue.Empty:
            return NoAnswer(f"no answer within {seconds:g} s")

    def _ask(self, tax_code: str, deadline: float) -> Answer:
        try:
            body = self._body(tax_code, deadline)
            return body if isinstance(body, Unknown) else self._read(json.loads(body), tax_code)
        except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
            return NoAnswer(f"{type(error).__name__}: {error}"[:300])

    def _body(self, tax_code: str, deadline: float) -> bytes | Unknown:
        headers = {"Accept": "application/json", "User-Agent": "hoso"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        address = self.url.replace(CODE, quote(tax_code, safe=""))
        request = urllib.request.Request(address, headers=headers)  # noqa: S310  `check` lets http and https through
        opener = urllib.request.build_opener(_NoRedirects)
        try:
            with opener.open(request, timeout=max(0.01, deadline - time.monotonic())) as answer:
                return _bounded(answer, deadline)
        except urllib.error.HTTPError as error:
            with error:
                if error.code in (404, 410):
                    return Unknown()
            raise

    def _read(self, answer: Any, tax_code: str) -> Answer:
        """A key that is missing is no answer; one that is there and null says that there is no such taxpayer."""
        if self.fields.get("code"):
            told = _at(answer, self.fields["code"])
            if told is None:
                return Unknown()
            if not isinstance(told, str) or _digits(told) != _digits(tax_code):
                raise ValueError("the answer is about another tax code")
        name = _at(answer, self.fields["name"])
        if name is None:
            return Unknown()
        status = _at(answer, self.fields["status"])
        address = _at(answer, self.fields["address"]) if self.fields.get("address") else ""
        if not isinstance(status, str | int) or not str(status).strip():
            raise ValueError("the answer does not say whether the taxpayer is active")
        active = folded(str(status)) in {folded(word) for word in self.active}
        return Taxpayer(_text(name, "name"), _text(address or "", "address"), active)


def check(url: str, fields: dict[str, str], active: list[str], token: str, *, https_only: bool) -> None:
    """Raises Malformed if these settings cannot be asked with."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError as error:
        raise Malformed(f"the address is none: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise Malformed("the address must begin with https:// and a host, without a name or password")
    if https_only and parts.scheme != "https":
        raise Malformed("in production the address must begin with https://")
    if CODE in parts.netloc or url.count(CODE) != 1 or any(c.isspace() or ord(c) < 33 or ord(c) > 126 for c in url):
        raise Malformed(f"the address must hold {CODE} once, after the host, and no blank")
    unknown = [name for name in fields if name not in FIELDS]
    missing = [name for name in REQUIRED if not fields.get(name)]
    if unknown or missing:
        raise Malformed(f"the fields must name {', '.join(REQUIRED)} and may name address, code")
    if any(not key for path in fields.values() for key in path.split(".")):
        raise Malformed("a field is keys with dots between them, such as data.name")
    if not [word for word in active if word.strip()]:
        raise Malformed("no status is said to be an active one")
    if any(ord(c) < 33 or ord(c) > 126 for c in token):
        raise Malformed("the token holds what no header may")


def _bounded(answer: http.client.HTTPResponse, deadline: float) -> bytes:
    body = b""
    while chunk := answer.read1(8192):
        body += chunk
        if len(body) > LARGEST:
            raise ValueError(f"the answer is longer than {LARGEST} bytes")
        if time.monotonic() > deadline:
            raise TimeoutError("the answer trickles")
    return body


def _at(answer: Any, path: str) -> Any:
    """What stands at the path, None where it or what it stands in is null. Raises ValueError if nothing is there."""
    for key in path.split("."):
        if answer is None:
            return None
        if not isinstance(answer, dict) or key not in answer:
            raise ValueError(f"the answer has no {path}")
        answer = answer[key]
    return answer


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or (what == "name" and not value.strip()):
        raise ValueError(f"the {what} is no text")
    return harmless(" ".join(value.split()))[:LONGEST_TEXT]


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
