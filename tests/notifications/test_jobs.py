from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, transaction
from django.urls import reverse

from accounts.models import Role, RoleAssignment, Unit
from notifications import jobs, outbox, running, tasks
from notifications.models import Job, JobState
from tests.notifications import jobs_at_work  # noqa: F401  registers the kind
from tests.notifications.builders import NOON, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ha():
    return person()


def waiting(by, *, kind: str = "count_units", role: str = "", at=NOON, **arguments) -> Job:
    return jobs.start(kind, title="Đếm đơn vị", by=by, at=at, arguments={"steps": 4} | arguments, role=role)


def again(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def doing(monkeypatch, function) -> None:
    monkeypatch.setitem(running._kinds, "of_this_test", function)


# --- running ---


def test_a_job_runs_once_its_transaction_is_committed(ha, eager_tasks, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = waiting(ha)
        assert again(job).state == JobState.QUEUED
    done = again(job)
    assert (done.state, done.done, done.total, done.claim) == (JobState.FINISHED, 4, 4, None)
    assert done.result == {"url": "/huong-dan/", "first": 0}
    assert done.started_at
    assert done.finished_at
    assert Unit.objects.count() == 4


def test_a_job_that_runs_or_is_over_is_not_run_again(ha, django_assert_num_queries):
    job = waiting(ha)
    running.run(str(job.pk), clock=lambda: NOON)
    with django_assert_num_queries(1):
        running.run(str(job.pk), clock=lambda: NOON)
    assert Unit.objects.count() == 4


def test_a_job_whose_worker_died_goes_on_from_its_place(ha, monkeypatch):
    class Killed(BaseException):
        """What no code of ours catches, as a kill."""

    def advance_until_killed(work, **values):
        if values["done"] == 3:
            raise Killed
        advance(work, **values)

    job, advance = waiting(ha), running.Work.advance
    with monkeypatch.context() as patch:
        patch.setattr(running.Work, "advance", advance_until_killed)
        with pytest.raises(Killed):
            running.run(str(job.pk), clock=lambda: NOON)
    assert (again(job).state, again(job).done, Unit.objects.count()) == (JobState.RUNNING, 2, 2)

    assert running.take_back(at=NOON + running.SILENCE / 2) == []
    later = NOON + running.SILENCE
    assert running.take_back(at=later) == [job.pk]
    running.run(str(job.pk), clock=lambda: later)
    assert again(job).state == JobState.FINISHED
    assert again(job).result["first"] == 2
    assert again(job).started_at == NOON
    assert Unit.objects.count() == 4


def test_a_job_whose_message_was_lost_is_sent_again(ha, monkeypatch):
    job, sent = waiting(ha, at=NOON - timedelta(days=1)), []
    monkeypatch.setattr(tasks.run_job, "delay", sent.append)
    tasks.take_up_jobs()
    tasks.take_up_jobs()
    assert sent == [str(job.pk)]


def test_a_broker_that_is_silent_leaves_the_job_waiting(ha, monkeypatch, django_capture_on_commit_callbacks, caplog):
    def refuse(*args, **options):
        raise ConnectionError

    monkeypatch.setattr(outbox._Broker, "silent_until", 0.0)
    monkeypatch.setattr(tasks.run_job, "apply_async", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        job = waiting(ha)
    assert again(job).state == JobState.QUEUED
    assert "beat will deliver it" in caplog.text


def test_a_job_that_kills_each_of_its_workers_is_given_up(ha):
    job, at = waiting(ha), NOON
    for _ in range(running.MAX_ATTEMPTS):
        running._take(str(job.pk), at=at)
        at += running.SILENCE
        running.take_back(at=at)
    assert again(job).state == JobState.FAILED
    assert "lỗi của hệ thống" in again(job).message


def test_a_worker_that_was_overtaken_writes_nothing_more(ha, monkeypatch):
    def slow(work):
        running.take_back(at=NOON + running.SILENCE)
        running._take(str(work.id), at=NOON + running.SILENCE)
        with transaction.atomic():
            Unit.objects.create(name="too late")
            work.advance(done=9, total=9)
        return {"url": "/"}

    doing(monkeypatch, slow)
    job = waiting(ha, kind="of_this_test")
    running.run(str(job.pk), clock=lambda: NOON)
    assert (again(job).state, again(job).done, again(job).result) == (JobState.RUNNING, 0, {})
    assert not Unit.objects.exists()


def test_an_error_that_is_meant_for_people_is_shown_and_any_other_only_logged(ha, monkeypatch, caplog):
    def refuse(work):
        raise running.JobError("Danh mục này không thay thế danh mục nào.")

    doing(monkeypatch, refuse)
    refused = waiting(ha, kind="of_this_test")
    running.run(str(refused.pk), clock=lambda: NOON)
    assert (again(refused).state, again(refused).message) == (
        JobState.FAILED,
        "Danh mục này không thay thế danh mục nào.",
    )

    doing(monkeypatch, lambda work: {}["secret"])
    broken = waiting(ha, kind="of_this_test")
    running.run(str(broken.pk), clock=lambda: NOON)
    assert "secret" not in again(broken).message
    assert "secret" in caplog.text


# With transactions of its own: the worker's connection, which is looked at after such an error, is not in one.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError("deadlock detected"), InterfaceError("connection already closed")])
def test_what_the_database_ended_waits_for_another_try_and_is_given_up_in_the_end(ha, monkeypatch, caplog, error):
    def ended(work):
        if work.place is None:
            work.advance(done=1, total=2, place=1)
        raise error

    doing(monkeypatch, ended)
    job, at = waiting(ha, kind="of_this_test"), NOON
    tries = 0
    while again(job).state == JobState.QUEUED:
        running.run(str(job.pk), clock=lambda at=at: at)
        tries, at = tries + 1, at + running.SILENCE
        assert running.take_back(at=at) == ([job.pk] if again(job).state == JobState.QUEUED else [])
    # The first came forward, so that it does not count.
    assert tries == running.MAX_ATTEMPTS + 1
    assert (again(job).state, again(job).done) == (JobState.FAILED, 1)
    assert "lỗi của hệ thống" in again(job).message
    assert str(error) in caplog.text


@pytest.mark.django_db(transaction=True)
def test_what_the_database_ended_once_goes_on_from_its_place(ha, monkeypatch):
    def ended_once(work):
        if work.place is None:
            work.advance(done=1, total=2, place=1)
            raise OperationalError
        return {"url": "/", "place": work.place}

    doing(monkeypatch, ended_once)
    job, later = waiting(ha, kind="of_this_test"), NOON + running.SILENCE
    running.run(str(job.pk), clock=lambda: NOON)
    running.take_back(at=later)
    running.run(str(job.pk), clock=lambda: later)
    assert (again(job).state, again(job).result["place"]) == (JobState.FINISHED, 1)


def test_a_kind_that_nobody_knows_fails_and_says_so_in_the_log(ha, caplog):
    job = waiting(ha, kind="unknown")
    running.run(str(job.pk), clock=lambda: NOON)
    assert again(job).state == JobState.FAILED
    assert "'unknown'" in caplog.text


# --- the page ---


def test_the_page_says_how_far_it_is_and_its_script_is_told_the_same(client, ha):
    job = waiting(ha)
    client.force_login(ha)
    url, progress = reverse("job_detail", args=[job.pk]), reverse("job_progress", args=[job.pk])
    assert "Đang chờ đến lượt" in client.get(url).content.decode()

    Job.objects.update(state="running", claim=job.pk, done=1200, total=8000)
    html = client.get(url).content.decode()
    assert 'max="8000" value="1200"' in html
    assert "Đã xử lý 1.200/8.000 (15%)" in html
    assert '<noscript><meta http-equiv="refresh"' in html
    answer = client.get(progress)
    assert answer.json() == {
        "over": False,
        "done": 1200,
        "total": 8000,
        "text": "Đã xử lý 1.200/8.000 (15%)",
        "state": "Đang chạy",
    }
    assert answer["Cache-Control"] == "no-store"


def test_the_page_of_what_is_over_links_the_result_and_asks_no_more(client, ha, django_assert_max_num_queries):
    job = waiting(ha)
    running.run(str(job.pk), clock=lambda: NOON)
    client.force_login(ha)
    with django_assert_max_num_queries(6):
        html = client.get(reverse("job_detail", args=[job.pk])).content.decode()
    assert 'href="/huong-dan/">Xem kết quả' in html
    assert "data-job=" not in html
    assert "http-equiv" not in html


def test_a_failed_job_says_why(client, ha):
    job = waiting(ha)
    Job.objects.update(state="failed", finished_at=NOON, message="Danh mục đã bị xóa.")
    client.force_login(ha)
    assert "Danh mục đã bị xóa." in client.get(reverse("job_detail", args=[job.pk])).content.decode()


def test_a_job_is_stopped_before_its_next_step_and_only_once(client, ha, monkeypatch):
    job = waiting(ha, kind="of_this_test")

    def stopped_meanwhile(work):
        client.force_login(ha)
        html = client.post(reverse("job_stop", args=[job.pk]), follow=True).content.decode()
        assert "Đã dừng việc này." in html
        work.advance(done=1, total=2)
        raise AssertionError("it went on")

    doing(monkeypatch, stopped_meanwhile)
    running.run(str(job.pk), clock=lambda: NOON)
    assert (again(job).state, again(job).done) == (JobState.STOPPED, 0)
    html = client.post(reverse("job_stop", args=[job.pk]), follow=True).content.decode()
    assert "đã kết thúc trước khi dừng" in html


def test_a_job_of_a_role_is_seen_by_those_who_hold_it_now(ha):
    manager = person("dm@bo.example", role=Role.CATALOGUE_MANAGER)
    other = person("dm2@bo.example", role=Role.CATALOGUE_MANAGER)
    job = waiting(manager, role=Role.CATALOGUE_MANAGER)
    seen = [bool(Job.objects.visible_to(user).filter(pk=job.pk)) for user in (manager, other, ha)]
    assert seen == [True, True, False]
    RoleAssignment.objects.filter(user=manager).delete()
    del manager._role_set
    assert not Job.objects.visible_to(manager).exists()
