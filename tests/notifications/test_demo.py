from datetime import timedelta

import pytest

from notifications.demo import GONE, settle_demo_messages
from notifications.models import Delivery, Event
from tests.notifications.builders import NOON, event, organisation, person, tell

pytestmark = pytest.mark.django_db


def test_the_demonstrations_messages_are_told_in_the_past_and_nothing_is_mailed(monkeypatch, mailoutbox):
    company, ha, quang = organisation(), person(), person(GONE, "Ngô Đăng Quang")
    tell(monkeypatch, "dossier_received", [ha, quang])
    old, fresh = event(company, at=NOON - timedelta(days=9)), event(company, at=NOON - timedelta(hours=1))
    assert settle_demo_messages(at=NOON) == 2
    assert settle_demo_messages(at=NOON) == 0
    assert mailoutbox == []
    assert not Event.objects.filter(expanded_at=None).exists()
    mails = Delivery.objects.filter(channel="email")
    assert set(mails.filter(recipient=ha).values_list("state", "sent_at")) == {
        ("sent", old.happened_at),
        ("sent", fresh.happened_at),
    }
    assert set(mails.filter(recipient=quang).values_list("state", flat=True)) == {"failed"}
    on_bell = Delivery.objects.filter(channel="in_app", recipient=ha)
    assert on_bell.get(event=old).read_at == old.happened_at
    assert on_bell.get(event=fresh).read_at is None
