"""A draft of which everybody who manages lists knew becomes restricted: what they were told no longer tells it."""

import pytest
from django.core import mail as outgoing
from django.urls import reverse

from accounts.models import User
from catalogs.managing import drafting, publishing
from catalogs.models import Catalogue
from notifications import expansion, jobs, sending, texts
from notifications.models import Channel, Delivery, Event, Job
from tests.factories import NOW
from tests.managing.builders import details, fresh, manager, proposed

pytestmark = pytest.mark.django_db
TITLE, NUMBER, SLUG, REASON = "Danh mục Bạch Hổ", "12/2027/TT-BKHCN", "tt-12-2027", "Bạch Hổ ở mục 1.2 sai."
SECRETS = (TITLE, "Bạch Hổ", NUMBER, SLUG)


@pytest.fixture
def people() -> tuple[User, User, User]:
    """Who prepares the list and will restrict it, another who is cleared, and one who is not."""
    return manager(cleared=True), manager(cleared=True), manager()


@pytest.fixture
def sent_back(people) -> Catalogue:
    """It was proposed and sent back, and nobody was told of it yet."""
    one, _cleared, other = people
    made = proposed(by=one, replaces=None, title=TITLE)
    publishing.send_back(made.pk, reason=REASON, by=other, at=NOW, expected_version=made.version)
    return fresh(made)


def restrict(made: Catalogue, *, by: User, restricted: bool = True) -> Catalogue:
    given = details(replaces=None, title=TITLE, restricted=restricted)
    return drafting.change(made.pk, given, by=by, at=NOW, expected_version=fresh(made).version)


def tell() -> None:
    expansion.expand(Event.objects.all(), at=NOW)


def leaks(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def test_whoever_may_not_know_of_it_finds_it_on_the_bell_no_more(client, people, sent_back):
    one, cleared, other = people
    tell()
    client.force_login(other)
    assert NUMBER in client.get(reverse("notification_list")).content.decode()
    restrict(sent_back, by=one)
    page = client.get(reverse("notification_list")).content.decode()
    assert leaks(page) == []
    assert not Delivery.objects.filter(recipient=other).exists()
    # Whoever is cleared keeps the notice, which names nothing and leads to the list.
    client.force_login(cleared)
    page = client.get(reverse("notification_list")).content.decode()
    assert leaks(page) == []
    assert "trình một danh mục để công bố" in page
    notice = Delivery.objects.get(recipient=cleared, channel=Channel.IN_APP)
    answer = client.post(reverse("notification_open", args=[notice.pk]))
    assert answer["Location"] == reverse("managing_list", args=[fresh(sent_back).slug])


def test_no_mail_that_still_waits_names_it_or_goes_to_who_may_not_know(people, sent_back):
    one, cleared, other = people
    tell()
    restrict(sent_back, by=one)
    sending.send(sending.claim(at=NOW), clock=lambda: NOW, connection=outgoing.get_connection())
    told = " ".join(address for message in outgoing.outbox for address in message.to)
    assert [person.email in told for person in (one, cleared, other)] == [True, True, False]
    for message in outgoing.outbox:
        assert leaks(message.subject + message.body) == []


@pytest.mark.parametrize("part", ["subject", "line", "mail"])
def test_what_was_told_before_is_repeated_without_its_name(people, sent_back, part):
    tell()
    restrict(sent_back, by=people[0])
    told = Delivery.objects.select_related("event", "recipient").order_by("pk")
    assert told
    assert [leaks(texts.render(delivery, part)) for delivery in told] == [[]] * len(told)


def test_who_was_not_told_yet_is_not_told_at_all(people, sent_back):
    restrict(sent_back, by=people[0])
    tell()
    told = Delivery.objects.select_related("event", "recipient").order_by("pk")
    assert {delivery.recipient for delivery in told} == {*people[:2]}
    assert [leaks(texts.render(delivery, "mail")) for delivery in told] == [[]] * len(told)


def test_a_job_about_it_is_followed_by_the_cleared_alone(client, people, sent_back):
    one, cleared, other = people
    job = jobs.start(
        "who_is_affected",
        title=TITLE,
        by=other,
        at=NOW,
        arguments={"catalogue": sent_back.pk},
        role="catalogue_manager",
    )
    restrict(sent_back, by=one)
    for name in ("job_detail", "job_progress"):
        for person, status in ((other, 404), (cleared, 200)):
            client.force_login(person)
            answer = client.get(reverse(name, args=[job.pk]))
            assert answer.status_code == status
            assert person == cleared or leaks(answer.content.decode()) == []


def test_what_is_about_other_lists_stays(people, sent_back):
    one, _cleared, other = people
    job = jobs.start("who_is_affected", title="x", by=other, at=NOW, arguments={"catalogue": sent_back.pk + 1})
    publishing.propose(sent_back.pk, by=one, at=NOW, expected_version=sent_back.version)
    unrelated = Event.objects.filter(kind="catalogue_proposed").earliest("pk")
    Event.objects.filter(pk=unrelated.pk).update(subject_id=str(sent_back.pk + 1))
    publishing.send_back(sent_back.pk, reason="x", by=other, at=NOW, expected_version=fresh(sent_back).version)
    restrict(sent_back, by=one)
    assert Event.objects.get(pk=unrelated.pk).context["code"] == NUMBER
    assert Job.objects.get(pk=job.pk).role == ""


def test_details_of_a_public_draft_may_change_without_losing_what_was_told(people, sent_back):
    tell()
    before = list(Delivery.objects.order_by("pk").values_list("pk", "url"))
    restrict(sent_back, by=people[0], restricted=False)
    assert list(Delivery.objects.order_by("pk").values_list("pk", "url")) == before
    assert all(event.context["code"] == NUMBER for event in Event.objects.order_by("pk"))
