"""How questions come in: at once from those signed in, from visitors once the address is confirmed."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Role
from audit.models import Entry
from catalogs import tasks
from catalogs.enquiries import asking, recipients, subjects
from catalogs.enquiries.asking import NotAsked, Stale, TooMany
from catalogs.models import Enquiry, Procedure, Reply, UnconfirmedEnquiry
from notifications import expansion
from notifications.mail import compose
from notifications.models import Delivery, Event
from tests.enquiries.builders import answered, asked, confirmed, enquiry, visitor, waiting
from tests.factories import (
    NOW,
    CatalogueFactory,
    OrganisationFactory,
    ProcedureFactory,
    StaffFactory,
    UserFactory,
    member_of,
    unpublish,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue():
    made = CatalogueFactory()
    made.instrument.provisions.create(key="4.5", citation="khoản 5 Điều 4", text="Vướng mắc…", position=1)
    return made


# --- signed in -------------------------------------------------------------------------------


def test_a_question_gets_a_code_and_is_acknowledged():
    person = member_of(OrganisationFactory())
    first, second = enquiry(by=person), enquiry(by=person)
    assert (first.code, second.code) == ("HD-2026-0001", "HD-2026-0002")
    assert first.organisation == person.memberships.get().organisation
    assert set(Event.objects.values_list("kind", flat=True)) == {"enquiry_received", "enquiry_arrived"}


def test_numbers_begin_anew_each_year():
    enquiry()
    assert enquiry(at=NOW.replace(year=2027, month=1, day=1, hour=0, minute=5)).code == "HD-2027-0001"


def test_somebody_without_an_organisation_may_ask_too():
    assert enquiry(by=UserFactory()).organisation is None


def test_nobody_asks_for_an_organisation_that_is_not_theirs():
    with pytest.raises(NotAsked, match="không còn thuộc"):
        asking.ask(asked(organisation=OrganisationFactory()), by=UserFactory(), at=NOW)


def test_the_trail_tells_of_it_without_its_words(catalogue):
    one = enquiry(title="Bí mật", text="Kinh doanh", about="muc:tt-31-2025:1.8")
    entry = Entry.objects.about(one).get()
    assert (entry.action, entry.actor) == ("receive_enquiry", one.asker)
    assert entry.data == {"code": one.code, "about": "muc:tt-31-2025:1.8", "visitor": False}


def test_the_same_page_sent_twice_asks_once():
    person = UserFactory()
    page = asked()
    assert asking.ask(page, by=person, at=NOW).pk == asking.ask(page, by=person, at=NOW).pk
    assert Enquiry.objects.count() == 1


def test_an_id_of_somebody_elses_question_gives_nothing_of_it():
    theirs = enquiry()
    with pytest.raises(Stale):
        asking.ask(asked(public_id=theirs.public_id), by=UserFactory(), at=NOW)
    with pytest.raises(Stale):
        asking.ask_as_visitor(asked(public_id=theirs.public_id), by=visitor(), at=NOW)


def test_one_person_asks_only_so_much_in_a_day(settings):
    settings.ENQUIRIES_PER_DAY = 2
    person = UserFactory()
    enquiry(by=person)
    enquiry(by=person)
    with pytest.raises(TooMany):
        enquiry(by=person)
    enquiry(by=UserFactory())
    enquiry(by=person, at=NOW + timedelta(days=1, seconds=1))


@pytest.mark.parametrize("change", ["title = 'x'", "text = 'x'", "code = 'x'", "received_at = NULL"])
def test_the_words_of_a_question_stay(change):
    enquiry()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE catalogs_enquiry SET {change}")


def test_neither_a_question_nor_its_reply_is_deleted_or_a_reply_changed():
    answered(enquiry())
    for statement in (
        "DELETE FROM catalogs_enquiry",
        "DELETE FROM catalogs_reply",
        "UPDATE catalogs_reply SET text = 'x'",
    ):
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Reply.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "lost"},
        {"email": "a@b.example"},
        {"asker": None},
        {"article": "4.5"},
        {"state": "taken"},
        {"state": "answered"},
    ],
)
def test_the_database_knows_what_a_question_may_be(fields):
    one = enquiry()
    with pytest.raises(IntegrityError), transaction.atomic():
        Enquiry.objects.filter(pk=one.pk).update(**fields)


def test_a_question_is_about_one_thing(catalogue):
    one = enquiry(about="muc:tt-31-2025:1.8")
    for fields in ({"instrument": catalogue.instrument}, {"procedure": ProcedureFactory()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Enquiry.objects.filter(pk=one.pk).update(**fields)


# --- visitors --------------------------------------------------------------------------------


def test_a_visitors_question_is_received_when_the_address_is_confirmed():
    kept = waiting(title="Hỏi")
    assert not Enquiry.objects.exists()
    assert not Entry.objects.exists()
    (event,) = Event.objects.all()
    assert event.kind == "enquiry_to_confirm"
    expansion.expand(Event.objects.all(), at=NOW)
    mail = Delivery.objects.get()
    assert (mail.address, mail.url) == ("lan@congty.example", f"/hoi-dap/theo-doi/{kept.key}/")
    assert "Kính gửi Ông/Bà Phạm Thị Lan" in compose(mail).body
    one = asking.confirm(kept.key, at=NOW + timedelta(hours=1))
    assert (one.code, one.asker, one.email, one.name) == ("HD-2026-0001", None, "lan@congty.example", "Phạm Thị Lan")
    assert one.received_at == NOW + timedelta(hours=1)
    assert not UnconfirmedEnquiry.objects.exists()
    entry = Entry.objects.about(one).get()
    assert entry.actor is None
    assert "lan@" not in str(entry.data)
    assert asking.confirm(kept.key, at=NOW).pk == one.pk
    assert Enquiry.objects.count() == 1
    assert {r.url for r in recipients.asker(Event.objects.get(kind="enquiry_received"))} == {
        f"/hoi-dap/theo-doi/{kept.key}/"
    }


def test_a_key_that_names_nothing_confirms_nothing():
    assert asking.confirm(uuid.uuid4(), at=NOW) is None


def test_a_visitors_page_sent_twice_writes_one_mail():
    page = asked()
    first = asking.ask_as_visitor(page, by=visitor("Lan@Congty.example"), at=NOW)
    assert asking.ask_as_visitor(page, by=visitor("lan@congty.EXAMPLE"), at=NOW) == first
    assert Event.objects.count() == 1


def test_another_address_with_the_id_of_a_page_gives_nothing_of_it():
    page = asked()
    asking.ask_as_visitor(page, by=visitor(), at=NOW)
    with pytest.raises(Stale):
        asking.ask_as_visitor(page, by=visitor("khac@congty.example"), at=NOW)


def test_nobody_is_bothered_with_many_mails_to_confirm(settings):
    for _n in range(asking.UNCONFIRMED_A_DAY):
        waiting()
    with pytest.raises(TooMany):
        waiting("LAN@congty.example")
    waiting("khac@congty.example")
    waiting(at=NOW + timedelta(days=1, seconds=1))


def test_an_address_asks_only_so_much_in_a_day(settings):
    settings.ENQUIRIES_PER_DAY = 1
    confirmed()
    with pytest.raises(TooMany):
        waiting()


def test_what_nobody_confirmed_is_forgotten_with_its_mails(settings, monkeypatch):
    settings.ENQUIRIES_CONFIRMED_WITHIN_DAYS = 7
    old, young = waiting(), waiting("khac@congty.example", at=NOW + timedelta(days=1))
    expansion.expand(Event.objects.all(), at=NOW)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(days=7))
    tasks.forget_unconfirmed_enquiries()
    assert UnconfirmedEnquiry.objects.get() == young
    assert {event.subject_id for event in Event.objects.all()} == {str(young.key)}
    assert Delivery.objects.get().address == young.email
    assert asking.confirm(old.key, at=NOW) is None
    assert asking.purge(at=NOW + timedelta(days=7)) == 0


def test_nobody_is_mailed_to_confirm_what_is_confirmed():
    kept = waiting()
    event = Event.objects.get()
    asking.confirm(kept.key, at=NOW)
    assert recipients.visitor(event) == []


# --- who is told -----------------------------------------------------------------------------


def test_those_who_may_answer_are_told_once_each():
    both = StaffFactory(role=Role.SPECIALIST)
    both.role_assignments.create(role=Role.HEAD_OF_UNIT)
    for role in Role:
        StaffFactory(role=role)
    one = enquiry()
    told = recipients.officers(Event.objects.get(kind="enquiry_arrived"))
    assert len({r.user.pk for r in told}) == len(told) == 3
    assert {r.url for r in told} == {f"/tra-loi-hoi-dap/{one.public_id}/"}


# --- what about ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "label", "url"),
    [
        ("van-ban:{instrument}", "Thông tư 31/2025/TT-BKHCN", "/van-ban/{instrument}/"),
        ("van-ban:{instrument}:4.5", "khoản 5 Điều 4 Thông tư 31/2025/TT-BKHCN", "/van-ban/{instrument}/#dieu-4.5"),
        ("muc:tt-31-2025:4.1", "Mục 4.1 (31/2025/TT-BKHCN): Thiết bị mạng", "/danh-muc/tt-31-2025/4.1/"),
        ("thu-tuc:cong-nghe-so-trong-diem", "Xác nhận sản phẩm", "/thu-tuc/cong-nghe-so-trong-diem/"),
    ],
)
def test_a_subject_is_read_from_an_address_and_written_back(catalogue, token, label, url):
    ProcedureFactory()
    token, url = (text.format(instrument=catalogue.instrument.slug) for text in (token, url))
    subject = subjects.read(token)
    assert subject
    assert subject.token == token
    assert subject.label.startswith(label)
    assert subject.url == url
    one = Enquiry.objects.select_related(*subjects.RELATED).get(pk=enquiry(about=token).pk)
    assert subjects.of(one) == subject


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "van-ban",
        "van-ban:",
        "van-ban:khong-co",
        "van-ban:{instrument}:99",
        "muc:tt-31-2025",
        "muc:tt-31-2025:9.9",
        "thu-tuc:khong-co",
        "thu-tuc:\x00",
        "muc:" + "a" * 5000,
        ":::",
        "<script>",
    ],
)
def test_what_names_nothing_is_about_nothing(catalogue, token):
    subject = subjects.read(token.format(instrument=catalogue.instrument.slug))
    assert not subject
    assert (subject.token, subject.label, subject.url) == ("", "", "")
    assert not Procedure.objects.exists()


def test_nothing_restricted_or_drafted_can_be_asked_about(catalogue):
    for fields in ({"restricted": True}, {"restricted": False, "stage": "draft"}):
        unpublish("tt-31-2025", **fields)
        assert not subjects.read("muc:tt-31-2025:1.8")
    unpublish("tt-31-2025", restricted=True, stage="published")
    assert not subjects.read(f"van-ban:{catalogue.instrument.slug}")
