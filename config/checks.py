"""System checks that refuse an unsafe production configuration, and an address without an access rule.

Each id stands in docs/deploy.md. Every management command and the web server's start run them; E stops, W warns.
"""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.taxcodes import over_http, recorded
from config import access
from intake import clamd

SHORTEST_SECRET = 40  # characters
LONGEST_SCAN = 300  # seconds; a worker holds a file for ten minutes
LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]", "testserver"}
MAIL_THAT_REACHES_NOBODY = ("filebased", "locmem", "dummy", "console")


@register(Tags.security)
def production_is_safe(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Empty outside production, where `make run` must need no settings at all."""
    if not settings.PRODUCTION:
        return []
    return [*_identity(), *_storage(), *_outside(), *_transport()]


def _identity() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield Error("HOSO_DEBUG is on: error pages would show data and settings.", id="hoso.E001")
    if settings.SECRET_KEY == settings.INSECURE_SECRET_KEY or len(settings.SECRET_KEY) < SHORTEST_SECRET:
        yield Error(
            f"HOSO_SECRET_KEY is missing or shorter than {SHORTEST_SECRET} characters: sessions could be forged.",
            hint='python -c "import secrets; print(secrets.token_urlsafe(48))"',
            id="hoso.E002",
        )
    hosts = set(settings.ALLOWED_HOSTS)
    if not hosts or "*" in hosts or hosts <= LOCAL_HOSTS:
        yield Error("HOSO_HOSTS must name the public hosts, and neither be empty nor “*”.", id="hoso.E003")
    if settings.DEMO_MODE:
        yield Warning("HOSO_DEMO is on: every page and paper says that it has no legal value.", id="hoso.W001")


def _storage() -> Iterator[CheckMessage]:
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        yield Error("DATABASE_URL must name a PostgreSQL: SQLite has one writer at a time.", id="hoso.E004")
    if not settings.REDIS_URL:
        yield Error("REDIS_URL is missing: the folder broker serves one machine and one worker.", id="hoso.E005")
    if not settings.S3_BUCKET:
        yield Warning(
            "S3_BUCKET is not set: files lie in HOSO_VAR, which every web and worker process must share.",
            id="hoso.W002",
        )
    if not settings.CLAMD:
        yield Warning("HOSO_CLAMD is not set: nobody scans what is uploaded.", id="hoso.W004")
    if not settings.TAX_REGISTRY_URL and not settings.TAX_TABLE:
        yield Warning(
            "Neither HOSO_TAX_REGISTRY_URL nor HOSO_TAX_TABLE is set: officers verify each tax code by hand.",
            id="hoso.W005",
        )


def _outside() -> Iterator[CheckMessage]:
    if any(word in settings.EMAIL_BACKEND for word in MAIL_THAT_REACHES_NOBODY):
        yield Error("EMAIL_URL must name a mail server: now no mail reaches anybody.", id="hoso.E006")
    address = urlsplit(settings.SITE_URL)
    if address.scheme != "https":
        yield Error("HOSO_SITE_URL must begin with https:// : it stands in QR codes and mails.", id="hoso.E007")
    elif settings.ALLOWED_HOSTS and not _allowed(address.hostname or ""):
        yield Error("HOSO_SITE_URL names a host that HOSO_HOSTS does not allow.", id="hoso.E008")


def _allowed(host: str) -> bool:
    return any(
        host == allowed or allowed == "*" or (allowed.startswith(".") and f".{host}".endswith(allowed))
        for allowed in settings.ALLOWED_HOSTS
    )


def _transport() -> Iterator[CheckMessage]:
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        yield Error("Cookies must be sent over https only.", id="hoso.E009")
    if settings.SECURE_HSTS_SECONDS <= 0:
        yield Warning("HOSO_HSTS_SECONDS is 0: a first visit over http is not protected.", id="hoso.W003")


@register(Tags.security)
def the_scanner_can_be_asked(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Everywhere: a mistyped address would hold every file back."""
    try:
        if settings.CLAMD:
            clamd.address_of(settings.CLAMD)
    except clamd.Malformed as error:
        yield Error(f"HOSO_CLAMD: {error}.", hint="clamav:3310 or /run/clamav/clamd.ctl", id="hoso.E011")
    if not 0 < settings.SCAN_SECONDS <= LONGEST_SCAN:
        yield Error(f"HOSO_SCAN_SECONDS must be between 1 and {LONGEST_SCAN}.", id="hoso.E012")


@register(Tags.security)
def the_tax_registry_can_be_asked(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Everywhere: a mistyped address would leave every applicant unverified."""
    try:
        if settings.TAX_REGISTRY_URL:
            over_http.check(
                settings.TAX_REGISTRY_URL,
                settings.TAX_REGISTRY_FIELDS,
                settings.TAX_REGISTRY_ACTIVE,
                settings.TAX_REGISTRY_TOKEN,
                https_only=settings.PRODUCTION,
            )
    except over_http.Malformed as error:
        yield Error(f"HOSO_TAX_REGISTRY_…: {error}.", hint="https://registry.example/taxpayers/{code}", id="hoso.E013")
    if not 0 < settings.TAX_REGISTRY_SECONDS <= over_http.LONGEST_WAIT:
        yield Error(f"HOSO_TAX_REGISTRY_SECONDS must be between 1 and {over_http.LONGEST_WAIT}.", id="hoso.E014")
    try:
        if settings.TAX_TABLE and not settings.TAX_REGISTRY_URL:
            recorded.read(settings.TAX_TABLE)
    except recorded.Malformed as error:
        yield Error(f"HOSO_TAX_TABLE: {error}.", id="hoso.E015")


@register(Tags.urls)
def every_address_has_an_access_rule(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """An address missing from the table is closed to all, which is safe and surely not meant."""
    return [
        Error(
            f"The address {pattern} (name “{name or 'none'}”) has no line in config.access.",
            hint="Say in TABLE who may open it, or in CLOSED why nobody may.",
            id="hoso.E010",
        )
        for name, pattern in named_addresses()
        if name not in access.TABLE and name not in access.CLOSED
    ]


def named_addresses() -> list[tuple[str, str]]:
    """(name with its namespaces, pattern) of every address of the product."""

    def walk(patterns: Iterable[URLPattern | URLResolver], prefix: str, namespace: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            address = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                yield from walk(pattern.url_patterns, address, inner)
            else:
                yield (f"{namespace}{pattern.name}" if pattern.name else "", address)

    return list(walk(get_resolver().url_patterns, "/", ""))
