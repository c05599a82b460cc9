"""Mail through a real SMTP server on this machine, that takes, refuses, stalls or hangs up as a test asks."""

import email
import socket
import uuid
from collections.abc import Callable
from datetime import timedelta
from email import policy

import pytest
from aiosmtpd.controller import Controller

from notifications import sending
from notifications.backoff import MAX_ATTEMPTS, wait_after
from notifications.models import Delivery, DeliveryState
from tests.notifications.builders import NOON, mails, person

pytestmark = pytest.mark.django_db


class Mailbox:
    """What arrived, and what to answer instead: `on_rcpt` and `on_data` may return a reply or None."""

    def __init__(self) -> None:
        self.messages: list[email.message.EmailMessage] = []
        self.on_rcpt: Callable[[str], str | None] = lambda address: None
        self.on_data: Callable[[], str | None] = lambda: None
        self.connections = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if reply := self.on_rcpt(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if reply := self.on_data():
            return reply
        self.messages.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def mailbox(settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    box.controller = controller
    yield box
    if controller.server:
        controller.stop()


@pytest.fixture
def ha():
    return person()


def send(at=NOON, **options) -> int:
    return sending.send_due(clock=lambda: at, **options)


def test_a_mail_arrives_once_and_whole(mailbox, ha, settings):
    (delivery,) = mails(ha, 1)
    assert send() == 1
    assert send() == 0
    (message,) = mailbox.messages
    assert message["To"] == "Trần Thu Hà <ha@saomai.example>"
    assert message["Subject"].strip() == "[Hồ Sơ] Đã tiếp nhận hồ sơ G06-0, hẹn trả kết quả 24/11/2026"
    assert message["Message-ID"] == f"<{delivery.pk}@localhost>"
    body = message.get_content()
    assert "Kính gửi Ông/Bà Trần Thu Hà," in body
    assert f"{settings.SITE_URL}/ho-so/1/" in body
    delivery.refresh_from_db()
    assert (delivery.state, delivery.sent_at, delivery.attempts, delivery.claim) == ("sent", NOON, 1, None)


def test_many_mails_go_over_one_connection(mailbox, ha):
    mails(ha, sending.BATCH)
    assert send() == sending.BATCH
    assert mailbox.connections == 1


def test_a_server_that_is_busy_gets_the_same_mail_again_later(mailbox, ha):
    (delivery,) = mails(ha, 1)
    mailbox.on_data = lambda: "451 4.3.0 try again later"
    assert send() == 0
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (DeliveryState.PENDING, 1)
    assert delivery.next_attempt_at == NOON + timedelta(minutes=1)
    assert delivery.last_error == "Máy chủ thư không nhận thư: 451 4.3.0 try again later"
    assert send(NOON + timedelta(seconds=59)) == 0
    mailbox.on_data = lambda: None
    assert send(NOON + timedelta(minutes=1)) == 1
    assert [m["Message-ID"] for m in mailbox.messages] == [f"<{delivery.pk}@localhost>"]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.last_error) == (DeliveryState.SENT, 2, "")


def test_an_address_that_does_not_exist_fails_at_once_and_says_why(mailbox, ha):
    lost, fine = mails(ha, 1)[0], mails(person("nam@saomai.example", "Nam"), 1)[0]
    mailbox.on_rcpt = lambda address: "550 5.1.1 no such user" if address.startswith("ha@") else None
    assert send() == 1
    lost.refresh_from_db()
    fine.refresh_from_db()
    assert (lost.state, fine.state) == (DeliveryState.FAILED, DeliveryState.SENT)
    assert lost.last_error == "Máy chủ thư từ chối địa chỉ nhận: 550 5.1.1 no such user"


def test_a_mailbox_that_is_full_is_tried_again(mailbox, ha):
    (delivery,) = mails(ha, 1)
    mailbox.on_rcpt = lambda address: "452 4.2.2 mailbox full"
    send()
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.PENDING


def test_after_two_days_of_failures_a_mail_is_given_up(mailbox, ha):
    (delivery,) = mails(ha, 1)
    mailbox.on_data = lambda: "451 busy"
    at = NOON
    for _attempt in range(MAX_ATTEMPTS):
        send(at)
        delivery.refresh_from_db()
        at = delivery.next_attempt_at
    assert (delivery.state, delivery.attempts) == (DeliveryState.FAILED, MAX_ATTEMPTS)
    mailbox.on_data = lambda: None
    assert send(at + timedelta(days=30)) == 0


def test_the_waits_double_up_to_four_hours_and_last_two_days():
    waits = [wait_after(attempts) for attempts in range(1, MAX_ATTEMPTS)]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits[-1] == timedelta(hours=4)
    assert timedelta(hours=47) < sum(waits, timedelta()) < timedelta(hours=49)


def test_a_dead_server_fails_a_batch_without_asking_for_each_mail(mailbox, ha, monkeypatch):
    mails(ha, sending.BATCH + 5)
    mailbox.controller.stop()
    tries = []
    compose = sending.mail.compose
    monkeypatch.setattr(sending.mail, "compose", lambda d, **kw: tries.append(d) or compose(d, **kw))
    assert send() == 0
    assert tries == [], "it does not even get to writing one"
    postponed = Delivery.objects.filter(attempts=1, next_attempt_at=NOON + timedelta(minutes=1))
    assert postponed.filter(last_error__startswith="Không kết nối được máy chủ thư").count() == sending.BATCH
    assert Delivery.objects.filter(attempts=0, state=DeliveryState.PENDING).count() == 5


def test_a_worker_that_died_after_sending_repeats_under_the_same_message_id(mailbox, ha, monkeypatch):
    (delivery,) = mails(ha, 1)

    def die(*args, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sending, "_write_success", die)
        with pytest.raises(KeyboardInterrupt):
            send()
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.CLAIMED
    assert send(NOON + timedelta(minutes=9)) == 0, "the lease still runs"
    assert send(NOON + sending.LEASE) == 1
    ids = [m["Message-ID"] for m in mailbox.messages]
    assert ids == [f"<{delivery.pk}@localhost>"] * 2


def test_a_worker_that_dies_in_a_batch_repeats_only_what_it_had_not_written_down(mailbox, ha, monkeypatch):
    made = mails(ha, sending.WRITTEN_AFTER + 2)
    compose = sending.mail.compose

    def compose_all_but_the_last(delivery, **options):
        if delivery.pk == made[-1].pk:
            monkeypatch.setattr(sending, "_write_success", lambda *args, **options: 0)  # killed: nothing more is done
            raise KeyboardInterrupt
        return compose(delivery, **options)

    with monkeypatch.context() as patch:
        patch.setattr(sending.mail, "compose", compose_all_but_the_last)
        with pytest.raises(KeyboardInterrupt):
            send()
    monkeypatch.undo()
    assert Delivery.objects.filter(state=DeliveryState.SENT).count() == sending.WRITTEN_AFTER
    box, mailbox.messages = mailbox.messages, []
    assert send(NOON + sending.LEASE) == 2
    again = [m["Message-ID"] for m in mailbox.messages]
    assert again == [f"<{delivery.pk}@localhost>" for delivery in made[-2:]]
    assert [m["Message-ID"] for m in box][-1] == again[0], "the same mail under the same name"


def test_mails_that_were_just_made_need_no_second_claim(mailbox, ha, django_assert_num_queries):
    made = mails(ha, 3)
    token = uuid.uuid4()
    for delivery in made[:2]:
        delivery.state, delivery.claim, delivery.next_attempt_at = "claimed", token, NOON + sending.LEASE
        delivery.save()
    with django_assert_num_queries(2):
        assert sending.send_made(made[:2], clock=lambda: NOON) == 2
    assert sending.send_made(made, clock=lambda: NOON) == 1, "those beyond the batch follow"
    assert Delivery.objects.filter(state=DeliveryState.SENT, claim=None).count() == 3


def test_a_worker_that_overran_its_lease_has_nothing_to_say(ha):
    mails(ha, 1)
    (slow,) = sending.claim(at=NOON)
    (fast,) = sending.claim(at=NOON + sending.LEASE)
    assert sending._write_success([fast], at=NOON + sending.LEASE) == 1
    assert sending._write_failure(slow, TimeoutError(), at=NOON + sending.LEASE) == 0
    assert Delivery.objects.get().state == DeliveryState.SENT


class Watch:
    """A clock that a test moves on; each mail that is written takes `each`, and `then` happens after it."""

    def __init__(self, monkeypatch, *, each: timedelta, then: Callable[[], None] = lambda: None) -> None:
        self.at = NOON
        compose = sending.mail.compose

        def slowly(delivery, **options):
            self.at += each
            then()
            return compose(delivery, **options)

        monkeypatch.setattr(sending.mail, "compose", slowly)

    def __call__(self):
        return self.at


def test_a_slow_server_lets_no_second_worker_send_what_the_first_still_holds(mailbox, ha, monkeypatch):
    made = mails(ha, sending.BATCH)
    taken_by_another = []
    clock = Watch(
        monkeypatch,
        each=timedelta(seconds=100),  # seven steps of SMTP, each just within its timeout
        then=lambda: taken_by_another.extend(sending.claim(at=clock())),
    )
    assert sending.send_due(clock=clock) == sending.BATCH
    assert clock() - NOON > 3 * sending.LEASE
    assert taken_by_another == []
    assert [m["Message-ID"] for m in mailbox.messages] == [f"<{delivery.pk}@localhost>" for delivery in made]


def test_a_worker_that_was_held_up_leaves_alone_what_another_has_taken(mailbox, ha, monkeypatch):
    first, *others = mails(ha, 4)
    taken_by_another = []

    def stall():
        if not taken_by_another:
            clock.at += sending.LEASE
            taken_by_another.extend(sending.claim(at=clock()))

    clock = Watch(monkeypatch, each=timedelta(), then=stall)
    assert sending.send_due(clock=clock) == 0
    assert [m["Message-ID"] for m in mailbox.messages] == [f"<{first.pk}@localhost>"], "it was being sent already"
    assert [delivery.pk for delivery in taken_by_another] == [first.pk, *(other.pk for other in others)]
    assert Delivery.objects.filter(claim=taken_by_another[0].claim).count() == 4, "the claim is still the other's"


def test_a_quick_batch_renews_nothing(mailbox, ha, django_assert_num_queries):
    made = mails(ha, sending.BATCH)
    batch = sending.claim(at=NOON)
    with django_assert_num_queries(len(made) // sending.WRITTEN_AFTER):
        sending._send_batch(batch, clock=lambda: NOON)


def test_what_is_claimed_is_nobody_elses(ha):
    made = mails(ha, 7)
    first, second, third = (sending.claim(at=NOON, limit=5) for _ in range(3))
    assert [d.pk for d in first + second] == [d.pk for d in made], "oldest first, each once"
    assert third == []


def test_only_the_mails_asked_for_are_claimed(ha):
    made = mails(ha, 3)
    assert [d.pk for d in sending.claim(at=NOON, among=[made[1].pk])] == [made[1].pk]
    assert sending.claim(at=NOON, among=[]) == []


def test_a_mail_that_cannot_be_written_stops_no_other(mailbox, ha, monkeypatch):
    first, second = mails(ha, 2)
    compose = sending.mail.compose

    def compose_some(delivery, **options):
        if delivery.pk == first.pk:
            raise KeyError("due")
        return compose(delivery, **options)

    monkeypatch.setattr(sending.mail, "compose", compose_some)
    assert send() == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (DeliveryState.PENDING, DeliveryState.SENT)
    assert "KeyError" in first.last_error
