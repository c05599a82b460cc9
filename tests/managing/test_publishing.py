"""Publishing takes two people, ends what is replaced, and is done wholly or not at all."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Role
from audit.models import Entry
from catalogs import exporting, spreadsheets
from catalogs.loading import load
from catalogs.managing import drafting, publishing
from catalogs.managing.comparing import Difference, compare
from catalogs.managing.files import text_of_file
from catalogs.managing.publishing import may_publish
from catalogs.managing.states import NotPossible, Stale
from catalogs.models import Catalogue, Instrument, ItemRelation
from catalogs.services import catalogue_in_force
from notifications import expansion, mail
from notifications.models import Delivery, Event, Job
from tests.factories import NOW, CatalogueFactory, InstrumentFactory, StaffFactory
from tests.managing.builders import details, draft, fresh, manager, new_instrument, proposed, published, ready
from tests.workflow.test_concurrency import at_once

pytestmark = pytest.mark.django_db


def test_publishing_ends_what_is_replaced_and_puts_the_list_into_the_world():
    one, other = manager(), manager()
    made = published(by=one, publisher=other)
    before = fresh(made.replaces)
    assert (made.stage, made.prepared_by, made.published_by, made.published_at) == ("published", one, other, NOW)
    assert before.effective_to == date(2027, 3, 1)
    assert before.instrument.replaced_by == made.instrument
    assert before.instrument.effective_to == date(2027, 3, 1)
    assert Instrument.objects.visible_to(None).filter(pk=made.instrument_id).exists()
    assert catalogue_in_force("key-digital", date(2027, 2, 28)) == before
    assert catalogue_in_force("key-digital", date(2027, 3, 1)) == made
    entry = Entry.objects.about(made).get(action="publish_catalogue")
    assert (entry.actor, entry.data["replaces"]) == (other, before.slug)


def test_an_earlier_end_of_what_is_replaced_stays():
    before = CatalogueFactory(effective_to=date(2027, 1, 1))
    published(by=manager(), publisher=manager(), replaces=before)
    assert fresh(before).effective_to == date(2027, 1, 1)


def test_an_instrument_that_is_not_replaced_stays_in_force():
    made = published(by=manager(), publisher=manager(), replaces_instrument=False)
    assert fresh(made.replaces).instrument.replaced_by is None


def test_nobody_publishes_what_they_had_a_hand_in():
    one, other, third = manager(), manager(), manager()
    made = ready(by=one)
    made = drafting.change(
        made.pk, details(title="Khác", replaces=made.replaces), by=other, at=NOW, expected_version=made.version
    )
    made = publishing.propose(made.pk, by=one, at=NOW, expected_version=made.version)
    for person in (one, other):
        assert not may_publish(made, person)
        with pytest.raises(NotPossible, match="phải do người khác"):
            publishing.publish(made.pk, by=person, at=NOW, expected_version=made.version)
    assert fresh(made).stage == "proposed"
    publishing.publish(made.pk, by=third, at=NOW, expected_version=made.version)


def test_the_database_holds_that_too():
    person = manager()
    made = proposed(by=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Catalogue.objects.filter(pk=made.pk).update(stage="published", published_by=person, published_at=NOW)


def test_only_a_manager_publishes_and_of_what_they_may_know():
    made = proposed(by=manager(cleared=True), restricted=True, replaces=None)
    for person in (StaffFactory(role=Role.HEAD_OF_UNIT), manager()):
        with pytest.raises(NotPossible, match="Chỉ người quản lý danh mục"):
            publishing.publish(made.pk, by=person, at=NOW, expected_version=made.version)
        with pytest.raises(NotPossible, match="Chỉ người quản lý danh mục"):
            publishing.send_back(made.pk, reason="Sai.", by=person, at=NOW, expected_version=made.version)
    assert fresh(made).stage == "proposed"


def test_a_draft_with_open_questions_is_not_proposed():
    person = manager()
    made = draft(by=person)
    with pytest.raises(NotPossible) as refusal:
        publishing.propose(made.pk, by=person, at=NOW, expected_version=made.version)
    assert refusal.value.reasons == ["Còn 2 mục của phiên bản trước chưa rõ được mục nào kế tiếp."]
    empty = draft(by=person, content="", instrument=new_instrument(number="15/2027/TT-BKHCN"), replaces=made.replaces)
    with pytest.raises(NotPossible, match="chưa có mục nào"):
        publishing.propose(empty.pk, by=person, at=NOW, expected_version=empty.version)


@pytest.mark.parametrize("slug", ["tt-31-2025", "qd-1131-2025", "qd-21-2026", "tt-19-2021"])
def test_a_list_that_was_taken_away_and_brought_back_has_changed_in_nothing_and_may_be_published(slug):
    """With the groups of technologies of QĐ 21/2026/QĐ-TTg, which hold no items."""
    load()
    before = Catalogue.objects.get(slug=slug)
    book = spreadsheets.as_xlsx(exporting.list_data(before, among=Catalogue.objects.public()), changed_at=NOW)
    text, _notes = text_of_file(book)
    one, other = manager(), manager()
    newest = Catalogue.objects.filter(family=before.family, effective_to=None).first()
    made = draft(by=one, content=text, family=before.family, replaces=newest)
    told = compare(before, made)
    assert (told.counted(), told.groups) == ([(Difference.UNCHANGED, before.items.count())], [])
    made = ready(by=one, made=made)
    publishing.propose(made.pk, by=one, at=NOW, expected_version=made.version)
    publishing.publish(made.pk, by=other, at=NOW, expected_version=fresh(made).version)
    names = ("kind", "code", "name", "name_en", "search_text", "search_text_en")
    assert list(fresh(made).groups.order_by("position").values_list(*names)) == list(
        before.groups.order_by("position").values_list(*names)
    )


def test_the_same_item_keeps_the_reference_lists_that_it_takes_in():
    named = InstrumentFactory(number="2618/QĐ-BKHCN")
    before = CatalogueFactory()
    before.items.get(code="1.7").references.add(named)
    made = published(by=manager(), publisher=manager(), replaces=before)
    (successor,) = ItemRelation.objects.filter(item__catalogue=before, item__code="1.7", successor=True)
    assert successor.kind == "same"
    assert list(successor.other.references.all()) == [named]
    others = made.items.exclude(pk=successor.other_id)
    assert not others.exclude(references=None).exists()


def test_what_changed_meanwhile_is_checked_again_and_nothing_is_half_published():
    one, other = manager(), manager()
    made = proposed(by=one)
    CatalogueFactory(
        slug="chen-ngang", effective_from=date(2027, 4, 1), instrument=InstrumentFactory(number="20/2027/TT-BKHCN")
    )
    with pytest.raises(NotPossible, match="áp dụng từ 01/04/2027"):
        publishing.publish(made.pk, by=other, at=NOW, expected_version=made.version)
    ItemRelation.objects.create(
        item=made.items.get(code="2.1"),
        other=made.replaces.items.get(code="4.1"),
        kind="same",
        successor=True,
        origin="thử",
        added_on=NOW.date(),
    )
    with pytest.raises(NotPossible, match=r"vòng tròn: 2\.1"):
        publishing.publish(made.pk, by=other, at=NOW, expected_version=made.version)
    assert fresh(made).stage == "proposed"
    assert fresh(made.replaces).effective_to is None
    assert not Instrument.objects.visible_to(None).filter(pk=made.instrument_id).exists()
    assert not Event.objects.filter(kind="catalogue_published").exists()


def test_a_list_is_sent_back_with_a_reason_mended_and_proposed_again():
    one, other = manager(), manager()
    made = proposed(by=one)
    with pytest.raises(NotPossible, match="lý do"):
        publishing.send_back(made.pk, reason=" ", by=other, at=NOW, expected_version=made.version)
    publishing.send_back(made.pk, reason="Mục 1.2 sai.", by=other, at=NOW, expected_version=made.version)
    made = fresh(made)
    assert made.stage == "draft"
    publishing.propose(made.pk, by=one, at=NOW, expected_version=made.version)
    # Sending back is no hand in it.
    assert may_publish(fresh(made), other)


def told(kind: str) -> set:
    expansion.expand(Event.objects.filter(kind=kind), at=NOW)
    return {d.recipient for d in Delivery.objects.filter(event__kind=kind, channel="email")}


def test_the_others_are_told_that_a_list_waits_and_the_preparer_what_became_of_it():
    one, other, gone = manager(), manager(), manager(is_active=False)
    made = proposed(by=one)
    assert told("catalogue_proposed") == {other}
    publishing.send_back(made.pk, reason="Mục 1.2 sai.", by=other, at=NOW, expected_version=made.version)
    assert told("catalogue_sent_back") == {one}
    message = mail.compose(Delivery.objects.get(event__kind="catalogue_sent_back", channel="email"))
    assert "Lý do: Mục 1.2 sai." in message.body
    assert f"/quan-ly/danh-muc/{made.slug}/" in message.body
    assert gone not in told("catalogue_proposed")


def test_a_mail_about_a_restricted_list_names_nothing_and_goes_to_cleared_managers_alone():
    one, other = manager(cleared=True), manager(cleared=True)
    manager()
    made = proposed(by=one, restricted=True, replaces=None, title="Danh mục Bạch Hổ")
    assert told("catalogue_proposed") == {other}
    message = mail.compose(Delivery.objects.get(event__kind="catalogue_proposed", channel="email"))
    assert "Bạch Hổ" not in message.subject + message.body
    assert made.instrument.number not in message.subject + message.body


def test_what_follows_is_written_with_the_publication_or_neither_is(monkeypatch):
    called: list[tuple[int, str]] = []

    def follower(pk: int) -> None:
        called.append((pk, Catalogue.objects.get(pk=pk).stage))

    def fails(pk: int) -> None:
        raise RuntimeError

    made, other = proposed(by=manager()), manager()
    monkeypatch.setattr(publishing, "_followers", [fails])
    with pytest.raises(RuntimeError):
        publishing.publish(made.pk, by=other, at=NOW, expected_version=made.version)
    assert fresh(made).stage == "proposed"
    monkeypatch.setattr(publishing, "_followers", [follower])
    # The test's transaction is never committed: a crash at this moment loses nothing of it.
    publishing.publish(made.pk, by=other, at=NOW, expected_version=made.version)
    assert called == [(made.pk, "published")]


def test_the_search_for_who_is_affected_is_written_in_the_same_transaction():
    made = published(by=manager(), publisher=manager())
    assert Job.objects.get(kind="who_is_affected").arguments == {"catalogue": made.pk, "tell": True}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_managers_publish_at_once_and_one_succeeds():
    made = proposed(by=manager())
    people = [manager() for _n in range(2)]

    def publish(person):
        return lambda: publishing.publish(made.pk, by=person, at=NOW, expected_version=made.version)

    assert at_once([publish(person) for person in people], (NotPossible, Stale)) == {
        "done": 1,
        "Stale": 1,
    }
    assert Entry.objects.about(made).filter(action="publish_catalogue").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_drafts_for_the_same_place_are_not_both_published():
    one, before = manager(), CatalogueFactory()
    first = proposed(by=one, replaces=before)
    second = proposed(by=one, replaces=before, instrument=new_instrument(number="13/2027/TT-BKHCN"))
    people = [manager() for _n in range(2)]
    ends = at_once(
        [
            lambda: publishing.publish(first.pk, by=people[0], at=NOW, expected_version=first.version),
            lambda: publishing.publish(second.pk, by=people[1], at=NOW, expected_version=second.version),
        ],
        (NotPossible, Stale),
    )
    assert ends == {"done": 1, "NotPossible": 1}
    assert Catalogue.objects.published().filter(replaces=before).count() == 1


def test_a_list_whose_document_is_signed_tomorrow_is_drafted_but_neither_proposed_nor_published():
    one, other = manager(), manager()
    today = NOW.date()
    made = ready(by=one, instrument=new_instrument(signed_on=today + timedelta(days=1)))
    assert [reason for reason in publishing.obstacles(made, on=today) if "ngày ký 19/11/2026, chưa đến" in reason]
    with pytest.raises(NotPossible, match="văn bản phải được ký trước"):
        publishing.propose(made.pk, by=one, at=NOW, expected_version=made.version)
    # As one that was proposed by an older release stands.
    Catalogue.objects.filter(pk=made.pk).update(stage="proposed")
    with pytest.raises(NotPossible, match="văn bản phải được ký trước"):
        publishing.publish(made.pk, by=other, at=NOW, expected_version=made.version)
    # Its day is the day here: half past midnight, still yesterday in London.
    midnight = NOW.replace(hour=0, minute=30) + timedelta(days=1)
    publishing.publish(made.pk, by=other, at=midnight, expected_version=made.version)
    assert fresh(made).stage == "published"
