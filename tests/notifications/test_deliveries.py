from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Role
from audit.models import Entry
from notifications import expansion, services
from notifications.models import Delivery, DeliveryState
from tests.notifications.builders import NOON, event, only, organisation, person, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return organisation()


@pytest.fixture
def officer():
    return person("mot-cua@bo.example", "Nguyễn Thị Hạnh", role=Role.INTAKE_OFFICER)


@pytest.fixture
def failed(company, monkeypatch) -> Delivery:
    tell(monkeypatch, "dossier_received", [person()])
    expansion.expand(only(event(company)), at=NOON)
    Delivery.objects.filter(channel="email").update(
        state="failed", attempts=3, last_error="Máy chủ thư từ chối địa chỉ nhận: 550 <no such user>"
    )
    return Delivery.objects.get(channel="email")


def test_a_failed_mail_shows_on_its_subject_with_the_reason(company, failed, django_assert_num_queries, rf):
    with django_assert_num_queries(1):
        deliveries = services.deliveries_of(company)
        html = render_to_string(
            "notifications/_deliveries.html",
            {"deliveries": deliveries, "next": "/xu-ly/1/", "may_resend": True},
            request=None,
        )
    assert "Trần Thu Hà" in html
    assert "Không gửi được" in html
    assert "550 &lt;no such user&gt;" in html
    assert "Đã thử 3 lần." in html
    assert reverse("delivery_resend", args=[failed.pk]) in html


def test_other_subjects_mails_are_left_out(company, failed):
    assert services.deliveries_of(organisation(tax_code="9900000025")) == []


def test_without_mails_it_says_so():
    html = render_to_string("notifications/_deliveries.html", {"deliveries": [], "next": "", "may_resend": True})
    assert "Chưa có thư nào" in html


def test_a_failed_mail_is_sent_again_on_request_and_recorded(client, officer, failed, company, mailoutbox):
    client.force_login(officer)
    response = client.post(reverse("delivery_resend", args=[failed.pk]), {"next": reverse("guide")})
    assert response["Location"] == reverse("guide")
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == (DeliveryState.PENDING, 0)
    entry = Entry.objects.about(company).get()
    assert (entry.action, entry.actor, entry.data["delivery"]) == ("mail_resent", officer, str(failed.pk))


def test_a_mail_that_waits_for_its_next_try_can_be_hurried(officer, failed):
    Delivery.objects.filter(pk=failed.pk).update(state="pending", next_attempt_at=NOON + timedelta(hours=4))
    services.resend(failed.pk, by=officer, at=NOON)
    failed.refresh_from_db()
    assert failed.next_attempt_at == NOON


def test_a_mail_on_its_way_is_not_queued_twice(client, officer, failed):
    Delivery.objects.filter(pk=failed.pk).update(state="pending", next_attempt_at=NOON)
    with pytest.raises(services.AlreadyOnItsWay):
        services.resend(failed.pk, by=officer, at=NOON)
    assert not Entry.objects.exists()


def test_a_line_on_the_bell_is_not_resent(client, officer, failed):
    client.force_login(officer)
    on_bell = Delivery.objects.get(channel="in_app")
    assert client.post(reverse("delivery_resend", args=[on_bell.pk])).status_code == 404


@pytest.mark.parametrize("target", ["abc", "queue", "//evil.example", "javascript:alert(1)"])
def test_what_is_no_page_of_the_site_leads_to_the_start(client, officer, failed, target):
    client.force_login(officer)
    assert client.post(reverse("delivery_resend", args=[failed.pk]), {"next": target})["Location"] == reverse(
        "landing"
    )


def test_an_applicant_cannot_resend(client, failed):
    client.force_login(person("nam@saomai.example"))
    assert client.post(reverse("delivery_resend", args=[failed.pk])).status_code == 404


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_resending_never_leads_away_from_the_site(client, officer, failed, back):
    client.force_login(officer)
    response = client.post(reverse("delivery_resend", args=[failed.pk]), {"next": back})
    assert response["Location"] == reverse("landing")
