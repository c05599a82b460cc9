import pytest
import time_machine

from tests.factories import NOW


@pytest.fixture(autouse=True)
def files_in_memory(settings):
    """Uploads of tests touch no disk."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }


@pytest.fixture(autouse=True)
def clock():
    """Pages ask what day it is; in tests it is the morning of tests.factories.NOW."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def sign_in(client):
    """sign_in(person) gives the client back, signed in as that person."""

    def as_person(person):
        client.force_login(person)
        return client

    return as_person
