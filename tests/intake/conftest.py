import pytest


@pytest.fixture(autouse=True)
def files_in_memory(settings):
    """Uploads of tests touch no disk."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
