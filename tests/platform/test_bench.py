import json
from datetime import UTC, datetime

import pytest
from django.db.models import Count

from accounts.models import Role
from bench import advice, dossiers, measuring
from catalogs.text import fold
from intake.models import Dossier
from intake.states import State
from tests import factories
from workflow import desk
from workflow.models import StateCount

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)


@pytest.fixture
def staff(db):
    factories.the_revision()
    factories.CatalogueFactory()
    return dossiers.people()


@pytest.mark.postgres
def test_loaded_dossiers_keep_every_constraint_and_are_in_every_state(staff):
    dossiers.load(700, at=AT, staff=staff)
    found = dict(Dossier.objects.order_by().values_list("state").annotate(Count("pk")))
    assert sum(found.values()) == 700
    assert set(found) == set(State.values)
    assert found == dict(StateCount.objects.values_list("state", "count"))


@pytest.mark.postgres
def test_loaded_dossiers_are_found_with_and_without_accents(staff):
    dossiers.load(700, at=AT, staff=staff)
    (everything,) = [tab for tab in desk.TABS if tab.key == "tat-ca"]

    def titles(words: str) -> list[str]:
        page = desk.page(everything, user=staff[Role.SIGNATORY], filters=desk.Filters(words=words), at=AT)
        return [row.title for row in page.rows]

    assert titles(dossiers.RARE) == titles(fold(dossiers.RARE)) != []
    assert len(titles(dossiers.COMMON)) > 20


def test_a_measurement_is_one_line_with_the_agreed_keys(monkeypatch, db):
    def some_page(world):
        return measuring.Comparison(lambda: Dossier.objects.count() or b"12345", lambda: None)

    monkeypatch.setitem(measuring.BENCHMARKS, "some_page", some_page)
    monkeypatch.setattr(measuring, "ROUNDS", 5)
    line = measuring.measure("some_page", measuring.World(n=7, at=AT, people={}))
    assert "\n" not in line
    read = json.loads(line)
    assert list(read) == ["bench", "n", "p50_ms", "p95_ms", "limit_ms", "ratio", "queries", "bytes"]
    assert (read["bench"], read["n"], read["queries"], read["bytes"]) == ("some_page", 7, 1, 5)


def test_matching_is_measured_on_products_that_fit_some_item():
    texts = advice._texts()
    assert len(texts) == advice.TEXTS
    assert all(codes for _text, codes in texts)
