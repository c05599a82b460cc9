"""What the outbox adds to a transaction, and how fast a real worker delivers what is in it."""

import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack

import redis
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from django.db import connection, transaction

from accounts.models import Membership
from bench.bare import send_mail
from bench.measuring import Comparison, World, benchmark
from config.celery import app
from notifications import outbox, tasks
from notifications.mail import compose
from notifications.models import Delivery, DeliveryState, Event
from scripts import services
from workflow.models import Case

EVENTS = 100  # in one call
PATIENCE = 120  # seconds for the worker to work off one call


@benchmark
def outbox_enqueue(world: World) -> Comparison:
    """Writing one event in an open transaction; the limit is the bare INSERT."""
    case = Case.objects.exclude(code="").order_by("pk").first()
    context = {"code": case.code, "title": case.title, "organisation": "Công ty Cổ phần Thị giác Sao Mai"}

    def work() -> None:
        with transaction.atomic():
            for _ in range(EVENTS):
                outbox.enqueue("dossier_received", case, at=world.at, context=context)
            transaction.set_rollback(True)

    def bare() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for _ in range(EVENTS):
                cursor.execute(
                    "INSERT INTO notifications_event (id, kind, subject_type, subject_id, context, happened_at,"
                    " attempts, next_attempt_at) VALUES (%s, 'dossier_received', 'intake.dossier', %s, %s, %s, 0, %s)",
                    [uuid.uuid4(), str(case.pk), json.dumps(context), world.at, world.at],
                )
            transaction.set_rollback(True)

    return Comparison(work, bare, pieces=EVENTS)


class Worker:
    """A real Celery worker with two processes on a Redis of its own; its mails go to a server that drops them."""

    def __init__(self, stack: ExitStack) -> None:
        self.url = stack.enter_context(services.redis())
        self.queue = redis.Redis.from_url(self.url)
        mail = Controller(Sink(), hostname="127.0.0.1", port=services.free_port())
        mail.start()
        stack.callback(mail.stop)
        environment = os.environ | {
            "REDIS_URL": self.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{mail.port}",
            "HOSO_LOG_LEVEL": "ERROR",
        }
        command = [sys.executable, "-m", "celery", "-A", "config", "--quiet", "worker"]
        log = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        process = subprocess.Popen(
            [*command, "--include", "bench.bare", "--concurrency", "2", "--loglevel", "ERROR"],
            env=environment,
            stdout=log,
            stderr=log,
            preexec_fn=services.die_with_parent,
        )
        stack.callback(services.stop, process)
        self.connection = stack.enter_context(app.connection_for_write(self.url))

    def send(self, task: str, arguments: list[tuple]) -> None:
        """Sends a task for each tuple of arguments and waits until the worker has worked off all of them."""
        for each in arguments:
            app.send_task(task, each, connection=self.connection, ignore_result=True)
        latest = time.monotonic() + PATIENCE
        while self.queue.llen("celery") or self.queue.hlen("unacked"):
            if time.monotonic() > latest:
                raise TimeoutError(f"the worker did not finish {task} within {PATIENCE} s")
            time.sleep(0.002)


@benchmark
def outbox_delivery(world: World) -> Comparison:
    """One event through outbox, Redis, worker and SMTP to one person; the limit is a task of the same worker that
    sends the same text to the same server, and nothing else."""
    worker = Worker(world.running)
    case = Case.objects.exclude(code="").order_by("-pk").first()
    Membership.objects.get_or_create(user=world.people["applicant"], organisation=case.organisation)
    context = {"code": case.code, "title": case.title, "organisation": case.organisation.name}
    context["due"] = world.at.isoformat()

    def work() -> None:
        events = Event.objects.bulk_create(
            Event(
                kind="dossier_received",
                subject_type="intake.dossier",
                subject_id=str(case.pk),
                context=context,
                happened_at=world.at,
                next_attempt_at=world.at,
            )
            for _ in range(EVENTS)
        )
        worker.send(tasks.expand_event.name, [(str(event.pk),) for event in events])
        sent = Delivery.objects.filter(event__in=events, channel="email", state=DeliveryState.SENT).count()
        assert sent == EVENTS * case.organisation.memberships.count(), f"only {sent} mails were sent"

    work()
    mail = compose(Delivery.objects.filter(channel="email").order_by("-happened_at").first())
    same = [(mail.subject, mail.body, mail.to[0])] * EVENTS * case.organisation.memberships.count()
    return Comparison(work, lambda: worker.send(send_mail.name, same), pieces=EVENTS)
