import os
import random
import shutil
import socket

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.test import TransactionTestCase

from audit.guards import protect, unprotect
from catalogs import guards as list_guards
from catalogs.models import ENQUIRY_FROZEN, FAQ_FROZEN
from config.celery import app as celery_app
from documents.models import FROZEN as PAPERS_FROZEN
from tests import guards

pytest.register_assert_rewrite("tests.journeys.people")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves out, with the reason, what needs a service that is not there; `make test` brings them all."""
    missing = {
        "postgres": connection.vendor != "postgresql" and "needs DATABASE_URL to name a PostgreSQL",
        "redis": not os.environ.get("TEST_REDIS_URL") and "needs TEST_REDIS_URL",
        "browser": not CHROMIUM and "needs Chromium",
    }
    for item in items:
        for marker, reason in missing.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def guarded_product():
    """Unordered rows come in any order, and nothing connects to another machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuerySet, "_fetch_all", guards.shuffle_unordered(QuerySet._fetch_all))
        patch.setattr(socket.socket, "connect", guards.only_this_machine(socket.socket.connect))
        yield


# Of tables that only some columns of are append-only.
FROZEN = {
    "documents_issueddocument": PAPERS_FROZEN,
    "catalogs_enquiry": ENQUIRY_FROZEN,
    "catalogs_faqentry": FAQ_FROZEN,
}


@pytest.fixture(scope="session", autouse=True)
def flushable_append_only_tables():
    """A test with transactions of its own ends by emptying the tables, which those that are guarded refuse."""
    flush = TransactionTestCase._fixture_teardown

    def without_triggers(case: TransactionTestCase) -> None:
        tables = append_only_tables()
        for table in tables:
            unprotect(connection, table)
        list_guards.unprotect(connection)
        flush(case)
        list_guards.protect(connection)
        for table in tables:
            protect(connection, table, FROZEN.get(table, ()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", without_triggers)
        yield


def append_only_tables() -> list[str]:
    source = (
        "SELECT DISTINCT event_object_table FROM information_schema.triggers WHERE trigger_name LIKE '%\\_no\\_update'"
        if connection.vendor == "postgresql"
        else "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%\\_no\\_update' ESCAPE '\\'"
    )
    with connection.cursor() as cursor:
        cursor.execute(source)
        return [table for (table,) in cursor.fetchall()]


@pytest.fixture(autouse=True)
def empty_cache():
    """What one test's database held is not remembered in the next."""
    cache.clear()


@pytest.fixture(autouse=True)
def seeded(request: pytest.FixtureRequest) -> None:
    """Chance is the same each time a test runs, alone or among others."""
    random.seed(request.node.nodeid)


@pytest.fixture
def eager_tasks():
    """Celery tasks run where they are sent, and their errors reach the test.

    Together with `django_capture_on_commit_callbacks(execute=True)` that includes what is sent on commit.
    """
    before = celery_app.conf.task_always_eager, celery_app.conf.task_eager_propagates
    celery_app.conf.task_always_eager = celery_app.conf.task_eager_propagates = True
    yield
    celery_app.conf.task_always_eager, celery_app.conf.task_eager_propagates = before


@pytest.fixture(scope="session")
def redis_url() -> str:
    return os.environ["TEST_REDIS_URL"]
