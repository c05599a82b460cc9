import hashlib

import pytest

from documents import rendering


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    """Each test has an empty folder for files; it is returned."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }
    return tmp_path


@pytest.fixture(autouse=True)
def empty_cache(settings):
    """No test inherits the counters of another."""
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(id(settings))}
    }


@pytest.fixture
def quick_pdf(monkeypatch):
    """Papers whose looks do not matter to the test are not laid out; different HTML still gives different bytes."""
    monkeypatch.setattr(
        rendering, "draw_pdf", lambda html: b"%PDF-1.7\n" + hashlib.sha256(html.encode()).hexdigest().encode() * 20
    )
