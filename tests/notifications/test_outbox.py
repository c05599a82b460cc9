import logging
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from kombu.exceptions import OperationalError

from notifications import expansion, outbox, recipients, sending, tasks
from notifications.models import Channel, Delivery, DeliveryState, Event
from notifications.recipients import Recipient
from tests.notifications.builders import NOON, event, only, organisation, person, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return organisation()


@pytest.fixture
def broker(monkeypatch):
    """Records what is sent to the broker."""
    sent = []
    monkeypatch.setattr(tasks.expand_event, "apply_async", lambda args, **options: sent.append(args[0]))
    monkeypatch.setattr(outbox._Broker, "silent_until", 0.0)
    return sent


def test_an_event_is_sent_to_a_worker_once_the_transaction_commits(
    company, broker, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        written = event(company)
        assert broker == []
    assert broker == [str(written.pk)]
    assert (written.subject_type, written.subject_id) == ("accounts.organisation", str(company.pk))


@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_of_a_change_that_was_rolled_back(broker):
    company = organisation()
    with transaction.atomic():
        event(company)
        transaction.set_rollback(True)
    assert broker == []
    assert not Event.objects.exists()


def test_a_broker_that_is_down_neither_breaks_nor_slows_the_change(
    company, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    calls = []

    def refuse(*args, **options):
        calls.append(options)
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.expand_event, "apply_async", refuse)
    monkeypatch.setattr(outbox._Broker, "silent_until", 0.0)
    with caplog.at_level(logging.WARNING), django_capture_on_commit_callbacks(execute=True):
        event(company)
        event(company)
    assert len(calls) == 1, "after a failure the broker is left alone for a while"
    assert calls[0]["retry"] is False
    assert "beat will deliver it" in caplog.text
    assert Event.objects.filter(expanded_at=None).count() == 2


def test_an_event_becomes_a_mail_and_a_line_on_the_bell_for_each_recipient(company, monkeypatch):
    ha, nam = person(), person("nam@saomai.example", "Nam")
    tell(monkeypatch, "dossier_received", [ha, nam, ha])
    written = event(company)
    mails = expansion.expand(only(written), at=NOON)
    assert {mail.recipient for mail in mails} == {ha, nam}
    on_bell = Delivery.objects.filter(channel=Channel.IN_APP)
    assert {(d.recipient, d.state, d.url) for d in on_bell} == {
        (ha, DeliveryState.SENT, "/ho-so/1/"),
        (nam, DeliveryState.SENT, "/ho-so/1/"),
    }
    assert all(d.happened_at == written.happened_at for d in Delivery.objects.all())


def test_expanding_twice_tells_nobody_twice(company, monkeypatch):
    tell(monkeypatch, "dossier_received", [person()])
    written = event(company)
    assert len(expansion.expand(only(written), at=NOON)) == 1
    assert expansion.expand(only(written), at=NOON) == []
    Event.objects.update(expanded_at=None)  # as after a crash between two commits
    expansion.expand(only(written), at=NOON)
    assert Delivery.objects.count() == 2


def test_who_may_not_sign_in_any_more_is_not_told(company, monkeypatch):
    gone = person()
    gone.is_active = False
    tell(monkeypatch, "dossier_received", [gone])
    assert expansion.expand(only(event(company)), at=NOON) == []


def test_an_event_that_fails_waits_and_lets_the_others_pass(company, monkeypatch, caplog):
    ha = person()

    def broken(_event):
        raise LookupError("no such dossier")

    monkeypatch.setitem(recipients._resolvers, "dossier_arrived", broken)
    tell(monkeypatch, "dossier_received", [ha])
    bad, good = event(company, "dossier_arrived"), event(company)
    later = NOON + timedelta(seconds=30)
    expansion.expand_due(at=later)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert good.expanded_at == later
    assert (bad.expanded_at, bad.attempts, bad.next_attempt_at) == (None, 1, later + timedelta(minutes=1))
    assert expansion.expand_due(at=later + timedelta(seconds=30)) == 0
    tell(monkeypatch, "dossier_arrived", [ha])
    expansion.expand_due(at=later + timedelta(minutes=2))
    assert Delivery.objects.filter(event=bad).count() == 2


def test_under_load_one_task_delivers_what_waits_and_the_others_find_nothing(
    company, monkeypatch, mailoutbox, django_assert_max_num_queries, django_assert_num_queries
):
    tell(monkeypatch, "dossier_received", [person()])
    written = [event(company, at=NOON.replace(year=2020)) for _ in range(10)]
    with django_assert_max_num_queries(9):
        tasks.expand_event(str(written[3].pk))
    assert len(mailoutbox) == 10
    for other in written:
        with django_assert_num_queries(1):
            tasks.expand_event(str(other.pk))
    assert len({message.extra_headers["Message-ID"] for message in mailoutbox}) == len(mailoutbox) == 10


def test_one_event_that_fails_does_not_stop_its_company(company, monkeypatch, mailoutbox, caplog):
    tell(monkeypatch, "dossier_received", [person()])
    past = NOON.replace(year=2020)
    bad, good = event(company, "never_heard_of", at=past), event(company, at=past)
    tasks.expand_event(str(good.pk))
    assert len(mailoutbox) == 1
    bad.refresh_from_db()
    assert (bad.expanded_at, bad.attempts) == (None, 1)


def test_an_event_that_another_worker_took_is_not_blamed_on_the_others(company, monkeypatch, caplog):
    tell(monkeypatch, "dossier_received", [person()])
    bad, good = event(company, "never_heard_of"), event(company)
    expand = expansion.expand

    def while_another_takes_the_bad_one(chosen, **options):
        try:
            return expand(chosen, **options)
        except Exception:
            Event.objects.filter(pk=bad.pk).update(expanded_at=NOON)
            raise

    monkeypatch.setattr(expansion, "expand", while_another_takes_the_bad_one)
    expansion.expand_or_postpone(Event.objects.all(), at=NOON)
    good.refresh_from_db()
    assert (good.expanded_at, good.attempts) == (NOON, 0)
    bad.refresh_from_db()
    assert bad.attempts == 0


def test_a_batch_that_fails_once_is_logged_though_each_of_it_passes(company, monkeypatch, caplog):
    ha, calls = person(), []

    def fails_once(happening):
        calls.append(happening)
        if len(calls) == 1:
            raise LookupError("not at this moment")
        return [recipients.Recipient(ha, "/ho-so/1/")]

    monkeypatch.setitem(recipients._resolvers, "dossier_received", fails_once)
    for _n in range(3):
        event(company)
    assert len(expansion.expand_or_postpone(Event.objects.all(), at=NOON)) == 3
    assert "3 events could not be expanded together" in caplog.text
    assert "not at this moment" in caplog.text


def test_what_hinders_the_choice_of_events_is_no_events_fault(company, monkeypatch):
    def silent(*args, **options):
        raise DatabaseError("the database does not answer")

    monkeypatch.setattr(expansion.transaction, "atomic", silent)
    with pytest.raises(DatabaseError):
        expansion.expand_or_postpone(Event.objects.all(), at=NOON)


def test_more_recipients_than_a_batch_all_get_their_mail(company, monkeypatch, mailoutbox):
    people = [person(f"p{number}@saomai.example") for number in range(sending.BATCH + 3)]
    tell(monkeypatch, "dossier_received", people)
    tasks.expand_event(str(event(company, at=NOON.replace(year=2020)).pk))
    assert len(mailoutbox) == len(people)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_a_kind_nobody_registered_is_kept_for_later(company, caplog):
    written = event(company, "never_heard_of")
    assert expansion.expand_or_postpone(only(written), at=NOON) == []
    written.refresh_from_db()
    assert written.expanded_at is None
    assert "no resolver is registered" in caplog.text


def test_a_fresh_event_is_left_to_its_own_task(company, monkeypatch):
    tell(monkeypatch, "dossier_received", [person()])
    event(company)
    assert expansion.expand_due(at=NOON + timedelta(seconds=2)) == 0
    assert expansion.expand_due(at=NOON + timedelta(seconds=6)) == 1


def test_from_commit_to_mail_in_one_go(
    company, monkeypatch, mailoutbox, eager_tasks, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(outbox._Broker, "silent_until", 0.0)
    tell(monkeypatch, "dossier_received", [person()])
    with django_capture_on_commit_callbacks(execute=True):
        event(company)
    assert len(mailoutbox) == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_beat_delivers_what_the_broker_lost(company, monkeypatch, mailoutbox):
    tell(monkeypatch, "dossier_received", [person()])
    event(company)  # at a moment of 2026; for the task that is the past or the future
    Event.objects.update(next_attempt_at=NOON.replace(year=2020))
    tasks.deliver_outbox()
    assert len(mailoutbox) == 1


def test_whoever_has_no_account_is_greeted_by_name_in_the_language_they_chose(company, monkeypatch, mailoutbox):
    resolver = lambda event: [Recipient(None, "/hoi-dap/theo-doi/1/", address="lan@congty.example")]  # noqa: E731
    monkeypatch.setitem(recipients._resolvers, "dossier_received", resolver)
    expansion.expand(only(event(company, to_name="Phạm Thị Lan", language="en")), at=NOON)
    assert sending.send_due(clock=lambda: NOON) == 1
    (message,) = mailoutbox
    assert message.to == ["lan@congty.example"]
    assert "received" in message.subject.lower()
    assert "Phạm Thị Lan" in message.body
    assert "/hoi-dap/theo-doi/1/" in message.body
