import subprocess
import sys

import pytest
from django.conf import settings as project
from django.urls import path

from config import access, checks

SAFE = {
    "PRODUCTION": True,
    "DEBUG": False,
    "DEMO_MODE": False,
    "SECRET_KEY": "x" * 64,
    "ALLOWED_HOSTS": ["hoso.example"],
    "SITE_URL": "https://hoso.example",
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "REDIS_URL": "redis://redis:6379/0",
    "S3_BUCKET": "ho-so",
    "CLAMD": "clamav:3310",
    "SCAN_SECONDS": 60,
    "TAX_REGISTRY_URL": "https://registry.example/{code}",
    "TAX_REGISTRY_FIELDS": {"name": "data.name", "status": "data.status"},
    "TAX_REGISTRY_ACTIVE": ["active"],
    "TAX_REGISTRY_TOKEN": "",
    "TAX_REGISTRY_SECONDS": 10,
    "TAX_TABLE": "",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_HSTS_SECONDS": 31536000,
}


class Settings:
    """What the checks read; Django's own override would rebuild the test database's connection."""

    def __init__(self, **changed):
        self.__dict__.update(SAFE | {"INSECURE_SECRET_KEY": project.INSECURE_SECRET_KEY} | changed)


def ids(monkeypatch, **changed) -> list[str]:
    monkeypatch.setattr(checks, "settings", Settings(**changed))
    return [message.id for message in checks.production_is_safe(None)]


def test_a_safe_production_configuration_passes(monkeypatch):
    assert ids(monkeypatch) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"DEBUG": True}, "hoso.E001"),
        ({"SECRET_KEY": project.INSECURE_SECRET_KEY}, "hoso.E002"),
        ({"SECRET_KEY": "short"}, "hoso.E002"),
        ({"ALLOWED_HOSTS": ["*"]}, "hoso.E003"),
        ({"ALLOWED_HOSTS": []}, "hoso.E003"),
        ({"ALLOWED_HOSTS": ["localhost", "127.0.0.1"]}, "hoso.E003"),
        ({"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3"}}}, "hoso.E004"),
        ({"REDIS_URL": ""}, "hoso.E005"),
        ({"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}, "hoso.E006"),
        ({"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, "hoso.E006"),
        ({"SITE_URL": "http://hoso.example"}, "hoso.E007"),
        ({"SITE_URL": "https://elsewhere.example"}, "hoso.E008"),
        ({"SESSION_COOKIE_SECURE": False}, "hoso.E009"),
        ({"DEMO_MODE": True}, "hoso.W001"),
        ({"S3_BUCKET": ""}, "hoso.W002"),
        ({"SECURE_HSTS_SECONDS": 0}, "hoso.W003"),
        ({"CLAMD": ""}, "hoso.W004"),
        ({"TAX_REGISTRY_URL": ""}, "hoso.W005"),
    ],
)
def test_an_unsafe_production_configuration_is_named(monkeypatch, changed, expected):
    assert expected in ids(monkeypatch, **changed)


def test_a_host_may_be_allowed_with_its_subdomains(monkeypatch):
    assert ids(monkeypatch, ALLOWED_HOSTS=[".hoso.example"], SITE_URL="https://www.hoso.example") == []


def test_nothing_is_demanded_outside_production(monkeypatch):
    assert ids(monkeypatch, PRODUCTION=False, DEBUG=True, SECRET_KEY="short") == []


def test_production_without_settings_serves_no_page(tmp_path):
    """The web server's own entry point refuses, whatever started it."""
    started = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"],
        cwd=project.BASE_DIR,
        env={"PATH": "/usr/bin:/bin", "HOSO_ENV": "production", "HOSO_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert started.returncode != 0
    for number in (2, 3, 4, 5, 6, 7):
        assert f"hoso.E00{number}" in started.stderr


@pytest.mark.parametrize("text", ["", "clamav:3310", "127.0.0.1:3310", "[::1]:3310", "/run/clamav/clamd.ctl"])
def test_a_scanner_is_named_by_its_host_and_port_or_by_its_socket(monkeypatch, text):
    monkeypatch.setattr(checks, "settings", Settings(PRODUCTION=False, CLAMD=text))
    assert list(checks.the_scanner_can_be_asked(None)) == []


@pytest.mark.parametrize(
    "text",
    [
        *("clamav", "clamav:", ":3310", "clamav:0", "clamav:65536", "clamav:x", "a b:1", "::1:3310"),
        *("tcp://clamav:3310", "run/clamd.ctl", "/" + "x" * 108, "clamav:3310\n", "clamav:٣٣١٠"),
    ],
)
def test_a_mistyped_scanner_is_named_everywhere(monkeypatch, text):
    monkeypatch.setattr(checks, "settings", Settings(PRODUCTION=False, CLAMD=text))
    (message,) = checks.the_scanner_can_be_asked(None)
    assert message.id == "hoso.E011"
    assert "HOSO_CLAMD" in message.msg


@pytest.mark.parametrize("seconds", [-1, 0, 301])
def test_a_scan_may_not_outlast_the_hold_on_its_file(monkeypatch, seconds):
    monkeypatch.setattr(checks, "settings", Settings(PRODUCTION=False, SCAN_SECONDS=seconds))
    (message,) = checks.the_scanner_can_be_asked(None)
    assert message.id == "hoso.E012"


@pytest.mark.parametrize(
    "changed",
    [
        *({"TAX_REGISTRY_URL": f"https://registry.example{path}"} for path in ("/{code}", "/nnt?mst={code}&v=1")),
        *({"TAX_REGISTRY_URL": "", "TAX_TABLE": table} for table in ("", "accounts/data/taxpayers.json")),
        {"TAX_REGISTRY_URL": "http://127.0.0.1:8200/{code}", "PRODUCTION": False},
    ],
)
def test_a_tax_registry_is_named_by_its_address_or_a_table(monkeypatch, changed):
    monkeypatch.chdir(project.BASE_DIR)
    monkeypatch.setattr(checks, "settings", Settings(**changed))
    assert list(checks.the_tax_registry_can_be_asked(None)) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        *(
            ({"TAX_REGISTRY_URL": url}, "hoso.E013")
            for url in (
                *("registry.example/{code}", "ftp://registry.example/{code}", "https:///{code}"),
                *("http://registry.example/{code}", "https://registry.example/", "https://{code}.example/"),
                *("https://a:b@registry.example/{code}", "https://registry.example/{code}/{code}"),
                *("https://registry.example/ {code}", "https://registry.example:x/{code}", "https://đăng-ký/{code}"),
            )
        ),
        *(
            ({"TAX_REGISTRY_FIELDS": fields}, "hoso.E013")
            for fields in ({}, {"name": "a"}, {"name": "a", "status": ""}, {"name": "a..b", "status": "c"})
        ),
        ({"TAX_REGISTRY_FIELDS": {"name": "a", "status": "b", "ten": "c"}}, "hoso.E013"),
        ({"TAX_REGISTRY_ACTIVE": [" "]}, "hoso.E013"),
        ({"TAX_REGISTRY_TOKEN": "a\nb"}, "hoso.E013"),
        ({"TAX_REGISTRY_SECONDS": 0}, "hoso.E014"),
        ({"TAX_REGISTRY_SECONDS": 31}, "hoso.E014"),
        ({"TAX_REGISTRY_URL": "", "TAX_TABLE": "/does/not/exist.json"}, "hoso.E015"),
    ],
)
def test_a_mistyped_tax_registry_is_named(monkeypatch, changed, expected):
    monkeypatch.setattr(checks, "settings", Settings(**changed))
    (message,) = checks.the_tax_registry_can_be_asked(None)
    assert message.id == expected
    assert "HOSO_TAX" in message.msg


def test_every_address_has_an_access_rule():
    assert checks.every_address_has_an_access_rule(None) == []


def test_an_address_without_an_access_rule_is_named(monkeypatch):
    class Resolver:
        url_patterns = (path("cua-sau/", lambda request: None, name="back_door"),)

    monkeypatch.setattr(checks, "get_resolver", Resolver)
    (message,) = checks.every_address_has_an_access_rule(None)
    assert message.id == "hoso.E010"
    assert "/cua-sau/" in message.msg


def test_what_is_closed_exists_and_is_not_open_as_well():
    names = {name for name, _ in checks.named_addresses()}
    assert names >= access.CLOSED
    assert not access.CLOSED & set(access.TABLE)
