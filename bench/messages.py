"""What the outbox adds to a transaction, and how fast it is delivered."""

import json
import uuid

from django.db import connection, transaction

from bench.measuring import Comparison, World, benchmark
from notifications import outbox
from workflow.models import Case

EVENTS = 100


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
