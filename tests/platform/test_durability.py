"""A worker is killed outright while a decision goes out; the next one finishes it, once."""

import email
import hashlib
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from accounts.models import Role
from audit.models import Entry
from config.celery import app
from documents import tasks
from documents.models import IssuedDocument
from documents.sources import ensure_templates
from intake.states import State
from notifications import sending
from notifications.mail import message_id
from notifications.models import Delivery, Event
from scripts import services
from tests.factories import NOW, StaffFactory, case_in, member_of
from tests.notifications.builders import mails, person
from tests.notifications.test_workers import _eventually, _test_database_url
from workflow import transitions
from workflow.models import Assessment, Case, ItemFinding

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Mailbox:
    def __init__(self) -> None:
        self.ids: list[str] = []

    async def handle_DATA(self, server, session, envelope):
        self.ids.append(email.message_from_bytes(envelope.content)["Message-ID"])
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box, port = Mailbox(), services.free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


def approved_case() -> Case:
    specialist, signatory = StaffFactory(), StaffFactory(role=Role.SIGNATORY)
    case = case_in(State.ISSUING, specialist=specialist)
    for declared in case.declared_items.order_by("pk"):
        ItemFinding.objects.create(case_id=case.pk, item=declared.item, verdict="confirmed", by=specialist, at=NOW)
    Assessment.objects.create(
        case_id=case.pk, author=specialist, saved_at=NOW, proposed_at=NOW, outcome="granted", grounds="Phù hợp."
    )
    Case.objects.filter(pk=case.pk).update(approved_by=signatory, outcome="granted")
    return Case.objects.get(pk=case.pk)


def environment_of(redis_url: str, port: int, folder: Path) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("HOSO_")} | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "REDIS_URL": redis_url,
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "HOSO_VAR": str(folder),
        "DATABASE_URL": _test_database_url(),
    }


@contextmanager
def worker(folder: Path, environment: dict[str, str], *options: str) -> Iterator[subprocess.Popen]:
    """A real worker of two processes, killed with all its children at the end."""
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency", "2", *options]
    with open(folder / "log", "a") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=20)


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("stop_at", "mails_each"),
    [
        ("documents.rendering.draw_pdf", 1),  # nothing is drawn yet
        ("documents.keeping._settle", 1),  # the file is stored and the row does not know it
        ("notifications.sending._write_success", 2),  # the mail is sent and nobody has written it down
    ],
)
def test_a_decision_whose_worker_was_killed_goes_out_once(
    stop_at, mails_each, redis_url, tmp_path, monkeypatch, mailbox
):
    box, port = mailbox
    mark = tmp_path / "mark"
    environment = environment_of(redis_url, port, tmp_path)
    ensure_templates()
    case = approved_case()
    people = {case.created_by.pk, member_of(case.organisation).pk}
    clerk = StaffFactory(role=Role.CLERK)
    stopping = {"STOP_AT": stop_at, "STOP_MARK": str(mark)}
    log = tmp_path / "log"
    with app.connection_for_write(redis_url) as redis:
        render = partial(tasks.render_document.apply_async, connection=redis)
        monkeypatch.setattr(tasks.render_document, "apply_async", render)
        with worker(tmp_path, environment | stopping, "--include", "tests.platform.stopping") as first:
            transitions.issue(case.pk, by=clerk, at=NOW, expected_version=case.version)
            assert _eventually(mark.exists), log.read_text()
            os.killpg(first.pid, signal.SIGKILL)
            first.wait(timeout=20)

        document = IssuedDocument.objects.get()
        # The grace of the queue and the lease of the dead worker pass.
        IssuedDocument.objects.filter(rendered_at=None).update(render_due_at=LONG_AGO)
        Event.objects.filter(expanded_at=None).update(next_attempt_at=LONG_AGO)
        Delivery.objects.filter(state="claimed").update(next_attempt_at=LONG_AGO)
        with worker(tmp_path, environment):
            # What beat sends, and what Redis gives out again, both at once.
            for name in ("documents.tasks.render_pending", "notifications.tasks.deliver_outbox"):
                app.send_task(name, connection=redis)
            render((document.pk,))
            sent = Delivery.objects.filter(channel="email", state="sent")
            assert _eventually(lambda: sent.count() == len(people)), log.read_text()

    document = IssuedDocument.objects.get()
    assert (document.number, document.kind) == (1, "decision")
    (stored,) = tmp_path.rglob("*.pdf")
    assert stored.match(document.file.name)
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == document.sha256
    assert stored.stat().st_size == document.size
    (entry,) = Entry.objects.filter(action="document_rendered")
    assert entry.data["sha256"] == document.sha256
    assert Event.objects.filter(kind="decision_issued").count() == 1
    told = Counter(Delivery.objects.values_list("recipient_id", "channel"))
    assert told == {(person, channel): 1 for person in people for channel in ("email", "in_app")}
    ids = {message_id(delivery) for delivery in Delivery.objects.filter(channel="email")}
    assert set(box.ids) == ids, "the same mail keeps its Message-ID"
    assert all(1 <= box.ids.count(one) <= mails_each for one in ids)


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_a_batch_repeats_what_it_had_not_written_down_and_nothing_else(
    redis_url, tmp_path, mailbox
):
    box, port = mailbox
    made = mails(person(), sending.WRITTEN_AFTER + 3, at=LONG_AGO)
    environment = environment_of(redis_url, port, tmp_path)
    mark = tmp_path / "mark"
    stopping = {"STOP_AT": "notifications.sending._write_success", "STOP_MARK": str(mark)}
    log = tmp_path / "log"
    with app.connection_for_write(redis_url) as redis:
        with worker(tmp_path, environment | stopping, "--include", "tests.platform.stopping") as first:
            app.send_task("notifications.tasks.deliver_outbox", connection=redis)
            assert _eventually(mark.exists), log.read_text()
            os.killpg(first.pid, signal.SIGKILL)
            first.wait(timeout=20)
        assert len(box.ids) == sending.WRITTEN_AFTER
        assert set(Delivery.objects.values_list("state", flat=True)) == {"claimed"}, "nobody else sends them yet"
        Delivery.objects.update(next_attempt_at=LONG_AGO)  # the lease of the dead worker passes
        with worker(tmp_path, environment):
            for _twice in range(2):
                app.send_task("notifications.tasks.deliver_outbox", connection=redis)
            sent = Delivery.objects.filter(state="sent")
            assert _eventually(lambda: sent.count() == len(made)), log.read_text()
    times = Counter(box.ids)
    assert [times[message_id(delivery)] for delivery in made] == [2] * sending.WRITTEN_AFTER + [1] * 3
    assert len(times) == len(made), "each keeps its Message-ID"
