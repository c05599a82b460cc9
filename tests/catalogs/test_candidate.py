"""What was accepted and proposed: measured beside what is in force, and put into force by another act."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from audit import trail
from audit.models import Entry
from catalogs.learning import aliases, candidate, evaluating
from catalogs.learning.acting import NotManager
from catalogs.learning.candidate import AlreadyApplied, Changed, NothingToTry, NotMeasured
from catalogs.loading import load
from catalogs.matching import service
from catalogs.models import Catalogue, Evaluation, Evidence, ItemAlias
from catalogs.reading import DATA
from notifications import running
from notifications.models import Job, JobState
from tests.catalogs.test_evidence import ZORBLAX, a_row, item
from tests.factories import NOW, CatalogueFactory, StaffFactory, unpublish

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue() -> Catalogue:
    return CatalogueFactory()


@pytest.fixture
def manager():
    return StaffFactory(role=Role.CATALOGUE_MANAGER)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.jsonl"
    records = [
        {
            "id": "1",
            "name": "",
            "description": ZORBLAX["description"],
            "labels": {"31/2025/TT-BKHCN": ["1.8"]},
            "lang": "vi",
        },
        {"id": "2", "name": "", "description": "Gạo thơm", "labels": {"31/2025/TT-BKHCN": []}, "lang": "vi"},
    ]
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    return path


def measured(manager, labels: Path, at=NOW) -> Evaluation:
    evaluation = candidate.request(by=manager, at=at)
    candidate.measure(evaluation.pk, clock=lambda: at, progress=lambda done, total: None, labels=labels)
    return Evaluation.objects.get(pk=evaluation.pk)


def test_both_sides_are_measured_and_the_difference_is_named(catalogue, manager, labels) -> None:
    a_row(catalogue, state="accepted")
    steps: list[tuple[int, int]] = []
    evaluation = candidate.request(by=manager, at=NOW)
    candidate.measure(
        evaluation.pk, clock=lambda: NOW, progress=lambda done, total: steps.append((done, total)), labels=labels
    )
    assert steps == [(2, 4), (4, 4)]
    found = Evaluation.objects.get(pk=evaluation.pk)
    whole, language = found.figures["rows"]
    assert (whole["list"], whole["group"], language["group"]) == ("31/2025/TT-BKHCN", "", "lang=vi")
    assert (whole["live"]["acc"], whole["candidate"]["acc"]) == ("0.500", "1.000")
    assert [one["right"] for one in found.figures["changed"]] == ["after"]
    assert (found.evidence_count, found.alias_count) == (1, 0)


def test_nothing_is_in_force_before_the_second_act(
    catalogue, manager, labels, django_capture_on_commit_callbacks
) -> None:
    row = a_row(catalogue, state="accepted")
    alias = aliases.propose_alias(item(catalogue, "4.1"), "trạm quỹ đạo", language="vi", by=manager, at=NOW)
    evaluation = measured(manager, labels)
    assert service.suggest(catalogue, **ZORBLAX).decision == "none"
    with django_capture_on_commit_callbacks(execute=True):
        candidate.apply(evaluation.pk, by=manager, at=NOW + timedelta(minutes=5))
    assert service.suggest(catalogue, **ZORBLAX).decision == "match"
    assert (Evidence.objects.get(pk=row.pk).state, ItemAlias.objects.get(pk=alias.pk).live) == ("live", True)
    entry = Entry.objects.about(evaluation).get()
    assert (entry.action, entry.actor) == ("apply_matching", manager)
    assert entry.data["figures"][0]["candidate"]["acc"] == "1.000"
    assert entry.data["aliases"] == ["4.1 Thiết bị mạng viễn thông 5G: trạm quỹ đạo"]
    assert trail.verify().broken is None
    with pytest.raises(AlreadyApplied):
        candidate.apply(evaluation.pk, by=manager, at=NOW)


def test_what_is_to_go_is_measured_and_put_into_force_too(
    catalogue, manager, labels, django_capture_on_commit_callbacks
) -> None:
    row = a_row(catalogue, state="retiring")
    alias = aliases.propose_alias(item(catalogue, "4.1"), "trạm quỹ đạo", language="vi", by=manager, at=NOW)
    ItemAlias.objects.filter(pk=alias.pk).update(live=True, retiring=True)
    evaluation = measured(manager, labels)
    whole = evaluation.figures["rows"][0]
    assert (whole["live"]["acc"], whole["candidate"]["acc"]) == ("1.000", "0.500")
    assert service.suggest(catalogue, **ZORBLAX).decision == "match"
    with django_capture_on_commit_callbacks(execute=True):
        candidate.apply(evaluation.pk, by=manager, at=NOW)
    assert service.suggest(catalogue, **ZORBLAX).decision == "none"
    assert Evidence.objects.get(pk=row.pk).state == "rejected"
    assert not ItemAlias.objects.filter(pk=alias.pk).exists()
    entry = Entry.objects.about(evaluation).get()
    assert entry.data["evidence"] == entry.data["aliases"] == []
    assert len(entry.data["evidence_retired"]) == len(entry.data["aliases_retired"]) == 1


@pytest.mark.parametrize("change", ["keep", "retire more"])
def test_what_was_measured_with_other_things_to_go_is_not_put_into_force(catalogue, manager, labels, change) -> None:
    row = a_row(catalogue, state="retiring")
    alias = aliases.propose_alias(item(catalogue, "4.1"), "trạm quỹ đạo", language="vi", by=manager, at=NOW)
    ItemAlias.objects.filter(pk=alias.pk).update(live=True)
    evaluation = measured(manager, labels)
    if change == "keep":
        Evidence.objects.filter(pk=row.pk).update(state="live")
    else:
        aliases.retire_alias(alias.pk, item=item(catalogue, "4.1"), by=manager, at=NOW)
    with pytest.raises(Changed):
        candidate.apply(evaluation.pk, by=manager, at=NOW)


def test_what_was_not_measured_is_not_put_into_force(catalogue, manager, labels) -> None:
    a_row(catalogue, 1, state="accepted")
    evaluation = measured(manager, labels)
    later = a_row(catalogue, 2, state="accepted")
    with pytest.raises(Changed):
        candidate.apply(evaluation.pk, by=manager, at=NOW)
    later.delete()
    ItemAlias.objects.create(item=item(catalogue), text="mới", language="vi", origin="x", added_on=NOW.date())
    with pytest.raises(Changed):
        candidate.apply(evaluation.pk, by=manager, at=NOW)
    assert set(Evidence.objects.values_list("state", flat=True)) == {"accepted"}


def test_nothing_to_try_and_an_unfinished_measurement_are_told(catalogue, manager) -> None:
    with pytest.raises(NothingToTry):
        candidate.request(by=manager, at=NOW)
    a_row(catalogue, state="accepted")
    evaluation = candidate.request(by=manager, at=NOW)
    with pytest.raises(NotMeasured, match="chưa được thử xong"):
        candidate.apply(evaluation.pk, by=manager, at=NOW)


def test_only_a_catalogue_manager_tries_and_applies(catalogue, manager, labels) -> None:
    a_row(catalogue, state="accepted")
    evaluation = measured(manager, labels)
    other = StaffFactory(role=Role.SPECIALIST)
    with pytest.raises(NotManager):
        candidate.request(by=other, at=NOW)
    with pytest.raises(NotManager):
        candidate.apply(evaluation.pk, by=other, at=NOW)
    assert Evidence.objects.get().state == "accepted"


def test_what_is_pending_is_read_by_id_alone(catalogue) -> None:
    row = a_row(catalogue, state="accepted", description="dài " * 1_000)
    with CaptureQueriesContext(connection) as queries:
        assert candidate.pending() == candidate.Pending(((row.pk, "accepted"),), ())
        candidate.pending_rows(10)
    assert len(queries) == 4
    assert not [query for query in queries if '."description"' in query["sql"].partition(" FROM ")[0]]


def test_of_a_restricted_list_nothing_is_tried(catalogue, manager) -> None:
    a_row(catalogue, state="accepted")
    unpublish(catalogue.slug, restricted=True)
    assert not candidate.pending()


def test_it_is_measured_as_a_job_and_a_change_meanwhile_is_told(catalogue, manager, labels, monkeypatch) -> None:
    monkeypatch.setattr(candidate, "measure", _with(candidate.measure, labels))
    a_row(catalogue, 1, state="accepted")
    evaluation, job = evaluating.start(by=manager, at=NOW)
    running.run(str(job.pk), clock=lambda: NOW)
    done = Job.objects.get(pk=job.pk)
    assert (done.state, done.done, done.total) == (JobState.FINISHED, 4, 4)
    assert done.result == {"url": f"/quan-ly/doi-chieu/cau-hinh/{evaluation.pk}/"}
    _evaluation, job = evaluating.start(by=manager, at=NOW)
    a_row(catalogue, 2, state="accepted")
    running.run(str(job.pk), clock=lambda: NOW)
    failed = Job.objects.get(pk=job.pk)
    assert failed.state == JobState.FAILED
    assert "đã thay đổi" in failed.message


def _with(measure, labels: Path):
    return lambda *args, **named: measure(*args, labels=labels, **named)


# --- the labelled products that come with the product ----------------------------------------------


def test_they_are_of_known_items_and_serve_as_no_example() -> None:
    load()
    records = candidate.labelled()
    assert len(records) >= 200
    examples = json.loads((DATA / "matching" / "examples.json").read_text("utf-8"))["examples"]
    assert {record.description for record in records} & {example["text"] for example in examples} == set()
    lists = {one.instrument.number: one for one in Catalogue.objects.public().select_related("instrument")}
    for number in {number for record in records for number in record.labels}:
        codes = set(lists[number].items.values_list("code", flat=True))
        assert {code for record in records for code in record.labels.get(number, ())} == codes
