"""Several workers at once, a broker that is really gone, and a real Celery worker."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Unit
from config.celery import app
from notifications import expansion, jobs, outbox, sending, tasks
from notifications.models import Delivery, Event, Job
from notifications.running import SILENCE
from tests.notifications import jobs_at_work
from tests.notifications.builders import CONTEXT, NOON, event, mails, only, organisation, person, tell
from tests.notifications.jobs_at_work import GATE, HELD_AT


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """Run the jobs in threads of their own, each with its own connection, all begun at the same moment."""
    barrier = threading.Barrier(len(jobs))
    results: list[object] = [None] * len(jobs)

    def run(place: int) -> None:
        try:
            barrier.wait(timeout=10)
            results[place] = jobs[place]()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_workers_at_once_get_disjoint_mails_and_none_waits_for_another():
    made = mails(person(), 60)
    with transaction.atomic():
        # A worker that is slow to commit its claim.
        held = sending.claim(at=NOON, limit=10)
        claimed = at_once(*[lambda: [d.pk for d in sending.claim(at=NOON, limit=10)]] * 5)
    taken = [pk for batch in [*claimed, [d.pk for d in held]] for pk in batch]
    assert len(taken) == len(set(taken)) == 60
    assert set(taken) == {d.pk for d in made}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_event_expanded_by_many_at_once_tells_each_person_once(monkeypatch):
    people = [person(f"p{n}@saomai.example") for n in range(5)]
    tell(monkeypatch, "dossier_received", people)
    written = event(organisation())
    results = at_once(*[lambda: expansion.expand(only(written), at=NOON)] * 6)
    assert sum(len(result) for result in results) == 5
    assert Delivery.objects.filter(channel="email").count() == 5


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_hundred_mails_sent_by_four_workers_arrive_once_each(mailoutbox):
    mails(person(), 100)
    assert sum(at_once(*[lambda: sending.send_due(clock=lambda: NOON)] * 4)) == 100
    ids = [message.extra_headers["Message-ID"] for message in mailoutbox]
    assert len(ids) == len(set(ids)) == 100


@pytest.mark.django_db
def test_a_broker_that_nobody_answers_at_is_tried_once_and_left_alone(
    monkeypatch, django_capture_on_commit_callbacks, caplog
):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    tries = []
    connect = socket.socket.connect
    monkeypatch.setattr(socket.socket, "connect", lambda self, to: tries.append(to) or connect(self, to))
    company = organisation()
    with redis_as_broker(monkeypatch, f"redis://127.0.0.1:{port}/0"), django_capture_on_commit_callbacks(execute=True):
        event(company)
        event(company)
    assert [to for to in tries if to[1] == port] == [("127.0.0.1", port)]
    assert settings.REDIS_BROKER_OPTIONS["socket_connect_timeout"] == 1
    assert "beat will deliver it" in caplog.text
    assert Event.objects.count() == 2


@contextmanager
def redis_as_broker(monkeypatch, url: str) -> Iterator[None]:
    """Tasks are sent to this Redis, with the options that the product sets."""
    monkeypatch.setattr(outbox._Broker, "silent_until", 0.0)
    with app.connection_for_write(url) as redis:
        redis.transport_options = settings.REDIS_BROKER_OPTIONS
        for task in (tasks.expand_event, tasks.run_job, tasks.take_up_jobs):
            monkeypatch.setattr(task, "apply_async", partial(task.apply_async, connection=redis))
        yield


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_takes_the_event_from_redis_and_delivers_it(redis_url, tmp_path, monkeypatch):
    """The worker has no resolver of this kind, so it says so in the event: that is what shows here."""
    written = Event.objects.create(
        kind="kind_of_this_test",
        subject_type="accounts.organisation",
        subject_id="1",
        context=CONTEXT,
        happened_at=NOON,
        next_attempt_at=NOON,
    )
    with real_worker(redis_url, tmp_path):
        with redis_as_broker(monkeypatch, redis_url):
            outbox._wake_worker(written)
        assert _eventually(lambda: Event.objects.get(pk=written.pk).attempts == 1), (tmp_path / "log").read_text()
        assert "no resolver is registered" in (tmp_path / "log").read_text()


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_is_killed_is_finished_by_another_from_where_it_was(redis_url, tmp_path, monkeypatch):
    steps, gate = 6, tmp_path / "gate"
    with redis_as_broker(monkeypatch, redis_url):
        with real_worker(redis_url, tmp_path, gate=gate) as worker:
            job = jobs.start("count_units", title="Đếm", by=person(), at=timezone.now(), arguments={"steps": steps})
            reached = _eventually(lambda: Job.objects.get(pk=job.pk).done == HELD_AT)
            assert reached, (tmp_path / "log").read_text()
            worker.kill()
            worker.wait(timeout=20)
        assert Job.objects.get(pk=job.pk).state == "running"
        gate.touch()
        with real_worker(redis_url, tmp_path, gate=gate):
            # As beat does it, once the job has been silent for long enough.
            Job.objects.update(heartbeat_at=timezone.now() - SILENCE)
            tasks.take_up_jobs.apply_async()
            assert _eventually(lambda: Job.objects.get(pk=job.pk).is_over), (tmp_path / "log").read_text()
    finished = Job.objects.get(pk=job.pk)
    assert (finished.state, finished.done) == ("finished", steps)
    assert finished.result["first"] == HELD_AT
    assert Unit.objects.count() == steps


@contextmanager
def real_worker(redis_url: str, folder: Path, **places: Path) -> Iterator[subprocess.Popen]:
    """A Celery worker in a process of its own, at the test's database; what it says is in `folder / "log"`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOSO_")} | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "REDIS_URL": redis_url,
        "HOSO_VAR": str(folder),
        "DATABASE_URL": _test_database_url(),
        **({GATE: str(places["gate"])} if places else {}),
    }
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "solo", "--loglevel", "INFO"]
    with open(folder / "log", "a") as log:
        worker = subprocess.Popen(
            [*command, "--include", jobs_at_work.__name__], env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        yield worker
    finally:
        worker.terminate()
        worker.wait(timeout=20)


def _test_database_url() -> str:
    """DATABASE_URL with the name of the test database in it, which another process can open."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return f"{parts.scheme}://{parts.netloc}/{connection.settings_dict['NAME']}?{parts.query}"


def _eventually(condition: Callable[[], bool], *, within: timedelta = timedelta(seconds=60)) -> bool:
    """Another process is at work: look again and again, up to a limit."""
    limit = time.monotonic() + within.total_seconds()
    while not condition():
        if time.monotonic() > limit:
            return False
        threading.Event().wait(0.2)
    return True
