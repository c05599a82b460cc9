"""Who is found to be affected by a new list, and what is kept when it is computed again."""

from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, RoleAssignment
from audit.models import Entry
from catalogs.models import Catalogue, Instrument
from documents.models import IssuedDocument
from documents.sources import ensure_templates
from intake.models import DeclaredItem
from intake.states import Outcome, State
from notifications import expansion, jobs, running
from notifications.models import Delivery, Event, Job, JobState
from tests.documents import builders
from tests.factories import (
    NOW,
    ZONE,
    CatalogueFactory,
    DossierFactory,
    InstrumentFactory,
    ProcedureFactory,
    ProcedureRevisionFactory,
    StaffFactory,
    case_in,
    complete_dossier,
    member_of,
    unpublish,
)
from tests.workflow.lists import compute, declare, manager, new_version
from workflow.affected import finding, handling
from workflow.affected.rules import explain
from workflow.models import AffectedCase, AffectedRule, ItemFinding

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def found(catalogue: Catalogue) -> dict[int, tuple[str, str, str]]:
    rows = AffectedCase.objects.filter(catalogue=catalogue)
    return {row.case_id: (row.kind, row.change, row.rule) for row in rows}


def only_row() -> AffectedCase:
    return AffectedCase.objects.get()


# --- who is found ---


def test_open_dossiers_keep_the_list_of_their_filing_day_and_decisions_stand():
    new = new_version()
    opened, decided, rechecked = case_in(State.IN_REVIEW), case_in(State.DELIVERED), case_in(State.ISSUED)
    declare(rechecked, "1.7", "4.2")
    assert compute(new).state == JobState.FINISHED
    assert found(new) == {
        opened.pk: ("open", "renamed", "filing_day"),
        decided.pk: ("decided", "renamed", "stands"),
        rechecked.pk: ("decided", "removed", "recheck"),
    }
    row = AffectedCase.objects.get(case_id=rechecked.pk)
    assert [(one["before"]["code"], one["change"]) for one in row.items] == [("1.7", "renumbered"), ("4.2", "removed")]
    assert row.items[0]["after"] == [{"code": "2.1", "name": "Thiết bị thông minh xử lý AI tại biên"}]


def test_what_ended_without_a_decision_or_was_not_granted_is_nobodys_matter():
    new = new_version()
    for state in (State.REFUSED, State.WITHDRAWN, State.CLOSED):
        case_in(state)
    case_in(State.ISSUED, outcome=Outcome.NOT_GRANTED)
    compute(new)
    assert found(new) == {}


@pytest.mark.parametrize(
    ("fields", "affected_still"),
    [
        ({"validity": "revoked"}, False),
        ({"validity": "replaced"}, False),
        ({"validity": "corrected"}, True),
        ({"valid_until": date(2026, 11, 17)}, False),
        ({"valid_until": date(2026, 11, 18)}, True),
    ],
)
def test_only_decisions_that_hold_are_listed(fields, affected_still):
    ensure_templates()
    new, case = new_version(), case_in(State.ISSUED)
    with transaction.atomic():
        builders.issue(of=case)
    IssuedDocument.objects.update(**fields)
    compute(new)
    assert (case.pk in found(new)) is affected_still


def test_an_overruled_item_does_not_count_and_an_added_one_does():
    new, case, other = new_version(), case_in(State.IN_REVIEW), case_in(State.IN_REVIEW)
    specialist, old = StaffFactory(), CatalogueFactory()
    give = {"by": specialist, "at": NOW, "reason": "lý do"}
    ItemFinding.objects.create(case_id=case.pk, item=old.items.get(code="1.8"), verdict="overruled", **give)
    other.declared_items.all().delete()
    ItemFinding.objects.create(case_id=other.pk, item=old.items.get(code="4.1"), verdict="added", **give)
    compute(new)
    assert found(new) == {other.pk: ("open", "split", "filing_day")}


def test_a_dossier_filed_when_the_new_list_was_in_force_is_to_be_matched_anew():
    """A list that is published after its day: what was declared meanwhile is of the old one."""
    new = new_version()
    late = case_in(State.SUBMITTED, at=datetime(2027, 1, 1, 0, 5, tzinfo=ZONE))
    early = case_in(State.SUBMITTED, at=datetime(2026, 12, 31, 23, 55, tzinfo=ZONE))
    compute(new, at=datetime(2027, 1, 10, tzinfo=ZONE))
    assert {pk: rule for pk, (_kind, _change, rule) in found(new).items()} == {
        late.pk: "new_list",
        early.pk: "filing_day",
    }


def test_projects_under_the_circular_of_2021_go_on_whatever_they_declared():
    repealed = InstrumentFactory(number="19/2021/TT-BTTTT")
    new = CatalogueFactory()
    ordinary = case_in(State.IN_REVIEW)
    Instrument.objects.filter(pk=repealed.pk).update(replaced_by=new.instrument)
    CatalogueFactory(slug="tt-19-2021", family="key-it", instrument=repealed, effective_from=date(2022, 2, 2))
    revision = ProcedureRevisionFactory(
        procedure=ProcedureFactory(slug="chuyen-tiep-thong-tu-19"),
        changes={"catalogue_family": "key-it", "catalogue_day": "2025-12-31"},
    )
    projects = [case_in(state, revision_of_procedure=revision) for state in (State.IN_REVIEW, State.ISSUED)]
    for project in projects:
        project.declared_items.all().delete()
    compute(new)
    assert found(new) == {
        projects[0].pk: ("open", "ended", "transition"),
        projects[1].pk: ("decided", "ended", "transition"),
    }
    assert ordinary.pk not in found(new)
    assert "Điều 3" in explain("transition", new).basis


@pytest.mark.parametrize("rule", AffectedRule.values)
def test_each_rule_is_explained_with_its_basis(rule):
    explanation = explain(rule, new_version())
    assert explanation.text
    assert explanation.todo
    assert "31/2025/TT-BKHCN" in explanation.basis


def test_a_forecast_is_computed_from_a_draft_and_leaves_the_drafts_of_applicants_untold():
    new = new_version(publish=False)
    case, draft = case_in(State.IN_REVIEW), complete_dossier()
    job = compute(new)
    assert set(found(new)) == {case.pk}
    assert job.result["drafts"] == 1
    assert not Event.objects.exists()
    assert draft.pk not in found(new)


def test_a_draft_with_several_changed_items_is_counted_once_and_one_without_not_at_all():
    new = new_version()
    declare(complete_dossier(), "1.7", "1.8", "4.2")
    DossierFactory()
    assert compute(new).result["drafts"] == 1


# --- who is told ---


def told() -> set[tuple[str, int]]:
    expansion.expand(Event.objects.all(), at=NOW)
    return set(Delivery.objects.filter(channel="email").values_list("event__kind", "recipient_id"))


def test_publishing_tells_managers_specialists_and_the_applicants_of_drafts_once(
    eager_tasks, django_capture_on_commit_callbacks
):
    keeper, specialist = manager(), StaffFactory(role=Role.SPECIALIST)
    new = new_version(publisher=keeper)
    StaffFactory(role=Role.AUDITOR)
    for _number in range(2):
        case_in(State.IN_REVIEW, specialist=specialist)
    case_in(State.ISSUED)
    draft = complete_dossier(title="Máy bay nông nghiệp")
    colleague = member_of(draft.organisation)
    with django_capture_on_commit_callbacks(execute=True):
        finding.after_publishing(new.pk)
    job = Job.objects.get()
    assert (job.state, job.role, job.started_by) == (JobState.FINISHED, Role.CATALOGUE_MANAGER, keeper)
    assert told() == {
        ("list_affects", keeper.pk),
        ("list_affects_mine", specialist.pk),
        ("draft_items_changed", draft.created_by_id),
        ("draft_items_changed", colleague.pk),
    }
    context = Event.objects.get(kind="list_affects").context
    assert (context["open"], context["decided"], context["drafts"]) == (2, 1, 1)
    assert Event.objects.get(kind="list_affects_mine").context["open"] == 2
    compute(new, at=LATER)
    assert Event.objects.count() == 3


def test_the_messages_say_what_changed_and_from_when(mailoutbox, eager_tasks, django_capture_on_commit_callbacks):
    keeper, specialist = manager(), StaffFactory(role=Role.SPECIALIST)
    new = new_version(publisher=keeper)
    case_in(State.IN_REVIEW, specialist=specialist)
    complete_dossier(title="Máy bay nông nghiệp")
    with django_capture_on_commit_callbacks(execute=True):
        finding.after_publishing(new.pk)
    expansion.expand(Event.objects.all(), at=NOW)
    texts = {mail.to[0].partition("<")[2].strip(">"): mail.body for mail in mailoutbox}
    assert "99/2026/TT-BKHCN) có hiệu lực từ ngày 01/01/2027" in texts[keeper.email]
    assert "/danh-muc-anh-huong/danh-muc-2027/" in texts[keeper.email]
    assert "1 hồ sơ bạn đang thụ lý" in texts[specialist.email]
    (applicant,) = (text for address, text in texts.items() if "congty" in address and "nông nghiệp" in text)
    assert "- 1.8 Camera thông minh" in applicant
    assert "Thay đổi tên gọi" in applicant


def test_of_a_restricted_list_only_the_cleared_are_told():
    new = new_version(restricted=True)
    manager()
    cleared = manager(cleared=True)
    uncleared_specialist = StaffFactory(role=Role.SPECIALIST)
    case_in(State.IN_REVIEW, specialist=uncleared_specialist)
    job = compute(new, tell=True)
    assert job.role == Role.CLEARED
    assert told() == {("list_affects", cleared.pk)}


@pytest.mark.parametrize("ended", ["stopped", "failed"])
def test_what_a_telling_did_not_reach_is_told_by_the_next_and_nobody_twice(monkeypatch, ended):
    monkeypatch.setattr(finding, "BATCH", 1)
    keeper, specialist = manager(), StaffFactory(role=Role.SPECIALIST)
    new = new_version(publisher=keeper)
    drafts = [complete_dossier(), complete_dossier()]
    case_in(State.IN_REVIEW, specialist=specialist)
    first, advance = finding.start(new, by=keeper, at=NOW, tell=True), running.Work.advance

    def interrupted(work, **values):
        advance(work, **values)
        jobs.stop(first, at=NOW)
        if ended == "failed":
            Job.objects.filter(pk=first.pk).update(state=JobState.FAILED)

    with monkeypatch.context() as patch:
        patch.setattr(running.Work, "advance", interrupted)
        running.run(str(first.pk), clock=lambda: NOW)
    assert Job.objects.get(pk=first.pk).state == ended
    assert list(Event.objects.values_list("subject_id", flat=True)) == [str(drafts[0].pk)]
    assert finding.is_untold(new)

    job = compute(new, at=LATER, tell=None)
    assert job.state == JobState.FINISHED
    assert job.result["drafts"] == 2
    assert sorted(Event.objects.values_list("kind", "subject_id")) == [
        *sorted(("draft_items_changed", str(draft.pk)) for draft in drafts),
        ("list_affects", str(new.pk)),
        ("list_affects_mine", str(new.pk)),
    ]
    assert not finding.is_untold(new)
    compute(new, at=LATER, tell=None)
    assert Event.objects.count() == 4


def test_a_list_that_was_not_published_here_is_told_to_nobody_by_a_computation():
    new = new_version()
    complete_dossier()
    compute(new, tell=None)
    assert not Event.objects.exists()


def test_the_office_is_told_only_of_what_is_affected_now():
    new, keeper, specialist = new_version(publisher=manager()), manager(), StaffFactory(role=Role.SPECIALIST)
    gone, _stays = (case_in(State.IN_REVIEW, specialist=specialist) for _ in range(2))
    compute(new)
    handling.handle(new, {AffectedCase.objects.get(case_id=gone.pk).pk: 1}, by=keeper, at=NOW)
    DeclaredItem.objects.filter(dossier=gone.pk).delete()
    compute(new, at=LATER, tell=True)
    assert AffectedCase.objects.count() == 2
    assert Event.objects.get(kind="list_affects").context["open"] == 1
    assert Event.objects.get(kind="list_affects_mine").context["open"] == 1


def test_a_list_that_replaces_nothing_affects_nobody():
    alone = CatalogueFactory()
    finding.after_publishing(alone.pk)
    assert not Job.objects.exists()
    with pytest.raises(finding.ReplacesNothing, match="không thay thế"):
        finding.start(alone, by=None, at=NOW)


# --- again ---


def test_what_was_handled_stays_so_when_it_is_computed_again():
    new, case, keeper = new_version(), case_in(State.IN_REVIEW), manager()
    compute(new)
    handling.handle(new, {only_row().pk: 1}, by=keeper, at=NOW, note="Đã gọi điện.")
    compute(new, at=LATER)
    row = only_row()
    assert (row.handled_by, row.handled_at, row.note, row.version) == (keeper, NOW, "Đã gọi điện.", 2)

    DeclaredItem.objects.filter(dossier_id=case.pk).update(item=CatalogueFactory().items.get(code="4.2"))
    compute(new, at=LATER)
    row = only_row()
    assert (row.change, row.handled_by, row.note, row.version) == ("removed", None, "Đã gọi điện.", 3)


def test_what_is_affected_no_longer_goes_unless_somebody_looked_at_it():
    new, keeper = new_version(), manager()
    seen, unseen = case_in(State.IN_REVIEW), case_in(State.IN_REVIEW)
    compute(new)
    handling.handle(new, {AffectedCase.objects.get(case_id=seen.pk).pk: 1}, by=keeper, at=NOW)
    DeclaredItem.objects.filter(dossier__in=[seen.pk, unseen.pk]).delete()
    compute(new, at=LATER)
    assert set(found(new)) == {seen.pk}


def test_a_second_start_finds_the_job_that_is_at_it():
    new = new_version()
    first = finding.start(new, by=None, at=NOW)
    assert finding.start(new, by=None, at=NOW) == first
    publishing = finding.start(new, by=None, at=NOW, tell=True)
    assert Job.objects.get(pk=first.pk).state == JobState.STOPPED
    assert finding.start(new, by=None, at=NOW) == publishing


def test_a_job_killed_half_way_goes_on_and_finds_the_same(monkeypatch):
    monkeypatch.setattr(finding, "BATCH", 2)
    new = new_version()
    cases = [case_in(State.IN_REVIEW) for _ in range(5)]
    declare(cases[0], "1.7", "1.8", "4.1")
    draft = complete_dossier()

    class Killed(BaseException):
        pass

    expected = compute(new).result
    whole = found(new)
    assert set(whole) == {case.pk for case in cases}
    advance = running.Work.advance
    for survives in range(1, 7):
        AffectedCase.objects.all().delete()
        Event.objects.all().delete()
        calls = iter(range(survives))

        def until(work, calls=calls, **values):
            advance(work, **values)
            if next(calls, None) is None:
                raise Killed

        job = finding.start(new, by=None, at=NOW, tell=True)
        with monkeypatch.context() as patch, suppress(Killed):
            patch.setattr(running.Work, "advance", until)
            running.run(str(job.pk), clock=lambda: NOW)
        running.take_back(at=LATER)
        running.run(str(job.pk), clock=lambda: LATER)
        finished = Job.objects.get(pk=job.pk)
        assert (finished.state, finished.result) == (JobState.FINISHED, expected)
        assert found(new) == whole
        kinds = Event.objects.order_by("kind").values_list("kind", "subject_id")
        assert list(kinds) == [("draft_items_changed", str(draft.pk)), ("list_affects", str(new.pk))]


def test_its_queries_do_not_grow_with_the_dossiers(django_assert_max_num_queries):
    new = new_version()
    for _ in range(40):
        case_in(State.IN_REVIEW)
    job = finding.start(new, by=None, at=NOW)
    with django_assert_max_num_queries(50):
        running.run(str(job.pk), clock=lambda: NOW)
    assert AffectedCase.objects.count() == 40


@pytest.mark.postgres
def test_the_walk_from_an_item_to_its_dossiers_follows_the_index():
    """Few rows would be read whole: the planner is told not to."""
    new = new_version()
    case_in(State.IN_REVIEW)
    job = finding.start(new, by=None, at=NOW)
    search = finding._Search(new, running.Work(job, lambda: NOW))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    for walk, index in ((finding.DECLARED, "dossiers_of_an_item"), (finding.FOUND, "cases_of_an_item")):
        plan = search.walk((walk, min(search.changes)), 0).explain()
        assert index in plan
        assert "Sort" not in plan


def test_rows_are_locked_in_one_order_by_the_search_and_by_people():
    """Otherwise the two would wait for each other."""
    new = new_version()
    case_in(State.IN_REVIEW)
    compute(new)
    with CaptureQueriesContext(connection) as computing:
        compute(new, at=LATER)
    with CaptureQueriesContext(connection) as marking:
        handling.handle(new, {only_row().pk: 1}, by=manager(), at=NOW)
    for queries, condition in ((computing, '"case_id" IN'), (marking, '"id" IN')):
        locking = [
            one["sql"]
            for one in queries
            if one["sql"].startswith("SELECT") and f'"workflow_affectedcase".{condition}' in one["sql"]
        ]
        assert locking
        assert all('ORDER BY "workflow_affectedcase"."id" ASC' in sql for sql in locking)


# --- handling ---


def test_several_rows_are_handled_at_once_or_none_if_one_is_stale():
    new, keeper = new_version(), manager()
    for _ in range(3):
        case_in(State.IN_REVIEW)
    compute(new)
    versions = dict.fromkeys(AffectedCase.objects.values_list("pk", flat=True), 1)
    first = min(versions)
    handling.handle(new, {first: 1}, by=keeper, at=NOW, note="một")
    with pytest.raises(handling.Stale):
        handling.handle(new, versions, by=keeper, at=NOW, note="tất cả")
    assert AffectedCase.objects.filter(handled_at=None).count() == 2
    del versions[first]
    assert handling.handle(new, versions, by=keeper, at=NOW, note="còn lại") == 2
    entry = Entry.objects.filter(action="handle_affected").latest("number")
    assert entry.data["note"] == "còn lại"
    assert len(entry.data["cases"]) == 2
    handling.reopen(new, {first: 2}, by=keeper, at=LATER)
    assert AffectedCase.objects.get(pk=first).handled_by is None
    assert Entry.objects.filter(action="reopen_affected").exists()


def test_a_row_of_another_list_is_no_row_of_this_one():
    new = new_version()
    case_in(State.IN_REVIEW)
    compute(new)
    with pytest.raises(handling.Stale):
        handling.handle(CatalogueFactory(), {only_row().pk: 1}, by=manager(), at=NOW)


# --- which lists ---


def test_lists_that_are_not_public_are_shown_to_managers_and_restricted_ones_to_the_cleared():
    draft = new_version(publish=False)
    auditor = StaffFactory(role=Role.AUDITOR)
    assert list(finding.replacing(finding.catalogues_for(manager()))) == [draft]
    assert list(finding.replacing(finding.catalogues_for(auditor))) == []
    Catalogue.objects.filter(pk=draft.pk).update(restricted=True)
    assert list(finding.replacing(finding.catalogues_for(manager()))) == []
    assert list(finding.replacing(finding.catalogues_for(manager(cleared=True)))) == [draft]
    RoleAssignment.objects.create(user=auditor, role=Role.CLEARED)
    del auditor._role_set
    assert list(finding.replacing(finding.catalogues_for(auditor))) == []
    Catalogue.objects.filter(pk=draft.pk).update(stage="published")
    assert list(finding.replacing(finding.catalogues_for(auditor))) == [draft]


def test_rows_are_seen_by_who_may_see_their_list():
    new = new_version()
    case_in(State.IN_REVIEW)
    compute(new)
    readers = [manager(), *(StaffFactory(role=r) for r in (Role.SPECIALIST, Role.HEAD_OF_UNIT, Role.AUDITOR))]
    cleared, applicant = manager(cleared=True), member_of(complete_dossier().organisation)
    only_cleared = StaffFactory(role=Role.CLEARED)

    def sees() -> list[bool]:
        people = (*readers, cleared, applicant, only_cleared)
        return [AffectedCase.objects.visible_to(person).exists() for person in people]

    assert sees() == [True, True, True, True, True, False, False]
    unpublish(new.slug, restricted=True)
    assert sees() == [False, False, False, False, True, False, False]
    unpublish(new.slug, restricted=False, stage="draft")
    assert sees() == [True, False, False, False, True, False, False]


def test_a_restricted_job_is_stopped_by_who_started_it_or_a_cleared_manager(client):
    new = new_version(restricted=True)
    auditor = StaffFactory(role=Role.AUDITOR)
    RoleAssignment.objects.create(user=auditor, role=Role.CLEARED)
    job = finding.start(new, by=None, at=NOW)
    page, stop = (reverse(name, args=[job.pk]) for name in ("job_detail", "job_stop"))
    client.force_login(auditor)
    assert stop not in client.get(page).content.decode()
    assert client.post(stop).status_code == 404
    client.force_login(manager())
    assert client.post(stop).status_code == 404
    assert Job.objects.get(pk=job.pk).state == JobState.QUEUED
    Job.objects.update(started_by=auditor)
    assert Job.objects.stoppable_by(auditor).exists()
    client.force_login(manager(cleared=True))
    assert stop in client.get(page).content.decode()
    assert client.post(stop).status_code == 302
    assert Job.objects.get(pk=job.pk).state == JobState.STOPPED


def test_stopping_the_job_keeps_what_it_had_found():
    new = new_version()
    case_in(State.IN_REVIEW)
    job = finding.start(new, by=None, at=NOW)
    jobs.stop(job, at=NOW)
    running.run(str(job.pk), clock=lambda: NOW)
    assert found(new) == {}
