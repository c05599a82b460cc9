"""Messages on a dossier: what is kept, what the other side has seen, and when no more is taken."""

import hashlib
import uuid
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from accounts.models import MembershipRole
from audit.models import Entry
from intake import conversation
from intake.attachments import Refused
from intake.conversation import MovedOn, NotSent, Written
from intake.models import Conversation, Message, MessageFile, MessageReading, Side
from intake.states import State
from notifications.models import Event
from tests.factories import (
    NOW,
    PDF,
    OrganisationFactory,
    StaffFactory,
    UserFactory,
    case_in,
    complete_dossier,
    member_of,
    said,
)

pytestmark = pytest.mark.django_db


def written(text="Xin hỏi thời hạn.", *, seen=0, files=(), message_id=None):
    return Written(message_id or uuid.uuid4(), text, seen, tuple(files))


def enclosed(*contents, name="phu-luc.pdf"):
    return conversation.examined([SimpleUploadedFile(name, content) for content in contents])


def talk(case) -> Conversation:
    return Conversation.objects.get(dossier=case.pk)


# --- sending ---------------------------------------------------------------------------------


def test_a_message_keeps_who_wrote_it_as_they_were():
    case = case_in(State.IN_REVIEW)
    person = member_of(case.organisation, MembershipRole.DRAFTER, full_name="Lê Văn Soạn")
    message = conversation.send(case.pk, written(), by=person, at=NOW)
    person.full_name = "Tên khác"
    person.save()
    kept = Message.objects.get(pk=message.pk)
    assert (kept.number, kept.side, kept.author_name, kept.author_role) == (1, "applicant", "Lê Văn Soạn", "drafter")
    assert kept.sent_at == NOW


def test_the_trail_tells_of_it_without_its_words():
    case = case_in(State.IN_REVIEW)
    with enclosed(PDF) as (files, _refused):
        conversation.send(case.pk, written("Bí mật kinh doanh", files=files), by=case.created_by, at=NOW)
    entry = Entry.objects.about(case).get(action="send_message")
    assert entry.actor == case.created_by
    assert entry.data == {
        "message": 1,
        "side": "applicant",
        "sha256": hashlib.sha256("Bí mật kinh doanh".encode()).hexdigest(),
        "files": [{"name": "phu-luc.pdf", "sha256": hashlib.sha256(PDF).hexdigest()}],
    }
    event = Event.objects.get()
    assert event.kind == "message_to_office"
    assert "Bí mật" not in str(event.context)


def test_a_message_is_no_change_of_the_dossier():
    case = case_in(State.IN_REVIEW)
    said(case)
    assert type(case).objects.get(pk=case.pk).version == case.version


@pytest.mark.parametrize("table", ["intake_message", "intake_messagefile", "intake_messagereading"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET id = id"])
def test_what_was_sent_and_read_is_never_changed(table, change):
    case = case_in(State.IN_REVIEW)
    with enclosed(PDF) as (files, _refused):
        conversation.send(case.pk, written(files=files), by=case.created_by, at=NOW)
    conversation.mark_read(case, Side.OFFICE, up_to=1, by=StaffFactory(), at=NOW)
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table))


def test_a_dossier_with_messages_cannot_be_deleted():
    case = case_in(State.IN_REVIEW)
    said(case)
    with pytest.raises(DatabaseError), transaction.atomic():
        case.delete()


def test_a_draft_takes_no_message():
    draft = complete_dossier()
    with pytest.raises(NotSent, match="không còn nhận"):
        conversation.send(draft.pk, written(), by=draft.created_by, at=NOW)
    assert not Message.objects.exists()
    assert not Conversation.objects.exists()


def test_only_those_who_act_for_the_applicant_write_for_it():
    case = case_in(State.IN_REVIEW)
    stranger = member_of(OrganisationFactory())
    viewer = member_of(case.organisation, MembershipRole.VIEWER)
    official = StaffFactory()
    for person in (stranger, viewer, official, UserFactory()):
        with pytest.raises(NotSent):
            conversation.send(case.pk, written(), by=person, at=NOW)
    assert not Message.objects.exists()


def test_the_same_page_sent_twice_is_one_message():
    case = case_in(State.IN_REVIEW)
    once = written()
    first = conversation.send(case.pk, once, by=case.created_by, at=NOW)
    second = conversation.send(case.pk, once, by=case.created_by, at=NOW + timedelta(seconds=1))
    assert (first.pk, second.number) == (second.pk, 1)
    assert Message.objects.count() == Event.objects.count() == 1
    assert talk(case).unread_by_office == 1


def test_an_id_of_somebody_elses_message_gives_nothing_of_it():
    case, other = case_in(State.IN_REVIEW), case_in(State.IN_REVIEW)
    theirs = said(other, "Của người khác")
    with pytest.raises(MovedOn):
        conversation.send(case.pk, written(message_id=theirs.pk), by=case.created_by, at=NOW)
    assert Message.objects.filter(dossier=case.pk).count() == 0


def test_whoever_has_not_seen_the_last_message_is_shown_it_first():
    case = case_in(State.IN_REVIEW)
    said(case, by=StaffFactory())
    for seen in (0, 2, 999_999_999):
        with pytest.raises(MovedOn):
            conversation.send(case.pk, written(seen=seen), by=case.created_by, at=NOW)
    assert conversation.send(case.pk, written(seen=1), by=case.created_by, at=NOW).number == 2


@pytest.mark.parametrize(
    ("state", "ends"),
    [
        (State.SUBMITTED, False),
        (State.SCREENING, False),
        (State.SUPPLEMENT_REQUESTED, False),
        (State.IN_REVIEW, False),
        (State.ENDORSEMENT, False),
        (State.APPROVAL, False),
        (State.ISSUING, False),
        (State.ISSUED, False),
        (State.DELIVERED, True),
        (State.REFUSED, True),
        (State.WITHDRAWN, True),
        (State.CLOSED, True),
    ],
)
def test_it_closes_some_days_after_the_dossiers_life_has_ended(settings, state, ends):
    settings.MESSAGES_GRACE_DAYS = 30
    case = case_in(state)
    person = case.created_by
    almost, after = NOW + timedelta(days=30, seconds=-1), NOW + timedelta(days=30)
    conversation.send(case.pk, written(), by=person, at=almost)
    if not ends:
        assert conversation.closes_at(case) is None
        conversation.send(case.pk, written(seen=1), by=person, at=NOW + timedelta(days=5000))
        return
    assert conversation.closes_at(case) == after
    with pytest.raises(NotSent, match="không còn nhận"):
        conversation.send(case.pk, written(seen=1), by=person, at=after)
    assert Message.objects.count() == 1


def test_without_grace_it_closes_at_once(settings):
    settings.MESSAGES_GRACE_DAYS = 0
    case = case_in(State.WITHDRAWN)
    assert not conversation.is_open(case, at=NOW)


def test_a_dossier_takes_only_so_many(monkeypatch):
    case = case_in(State.IN_REVIEW)
    said(case)
    monkeypatch.setattr(conversation, "MAX_MESSAGES_EVER", 1)
    with pytest.raises(NotSent, match="đã có 1 tin nhắn"):
        conversation.send(case.pk, written(seen=1), by=case.created_by, at=NOW)


# --- files -----------------------------------------------------------------------------------


def test_files_are_kept_in_their_order_under_names_of_our_own():
    case = case_in(State.IN_REVIEW)
    with enclosed(PDF, name="../../etc/<b>phụ lục</b>\u202efdp.exe") as (files, refused):
        message = conversation.send(case.pk, written(files=files), by=case.created_by, at=NOW)
    assert not refused
    (kept,) = MessageFile.objects.filter(message=message)
    assert kept.name.endswith(".pdf")
    assert not set(kept.name) & set("/\\\u202e")
    assert "etc" not in kept.file.name
    assert kept.file.name == f"dossiers/{case.public_id}/messages/{kept.pk}"
    assert (kept.content_type, kept.size) == ("application/pdf", len(PDF))
    assert kept.file.read() == PDF


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "rỗng"),
        (b"<html><script>alert(1)</script></html>", "PDF, JPEG hoặc PNG"),
        (b"MZ\x90\x00" + b"\x00" * 100, "PDF, JPEG hoặc PNG"),
        (b"%PDF-1.7\n", "hỏng"),
    ],
)
def test_a_file_that_a_dossier_refuses_is_refused_here_too(content, why):
    with enclosed(content, PDF) as (files, refused):
        assert len(files) == len(refused) == 1
    assert why in refused[0]


def test_more_files_than_a_message_takes_are_not_even_looked_at(monkeypatch):
    looked = []

    def look(upload, takes):
        looked.append(upload)
        raise Refused("nhìn rồi")

    monkeypatch.setattr(conversation.attachments, "check", look)
    with enclosed(*[PDF] * 9) as (_files, refused):
        pass
    assert len(looked) == conversation.FILES_MAX
    assert refused[conversation.FILES_MAX :] == ["Một tin nhắn gửi kèm tối đa 5 tệp."]


def test_a_dossier_takes_only_so_many_files(monkeypatch):
    case = case_in(State.IN_REVIEW)
    monkeypatch.setattr(conversation, "MAX_FILES_EVER", 1)
    with enclosed(PDF, PDF) as (files, _refused), pytest.raises(NotSent, match="tệp gửi kèm"):
        conversation.send(case.pk, written(files=files), by=case.created_by, at=NOW)


def test_no_file_outlives_a_message_that_was_not_taken(monkeypatch):
    case = case_in(State.IN_REVIEW)

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(conversation.trail, "record", fail)
    with enclosed(PDF) as (files, _refused), pytest.raises(RuntimeError):
        conversation.send(case.pk, written(files=files), by=case.created_by, at=NOW)
    assert not Message.objects.exists()
    folder = f"dossiers/{case.public_id}/messages"
    assert not default_storage.exists(folder) or default_storage.listdir(folder)[1] == []


# --- reading ---------------------------------------------------------------------------------


def test_each_side_has_a_count_of_its_own():
    case = case_in(State.IN_REVIEW)
    official = StaffFactory()
    said(case)
    said(case)
    assert (talk(case).unread_by_applicant, talk(case).unread_by_office) == (0, 2)
    said(case, by=official)
    # Whoever answers has seen what was there.
    assert (talk(case).unread_by_applicant, talk(case).unread_by_office) == (1, 0)
    assert MessageReading.objects.get().person == official


def test_the_first_reading_is_the_one_that_counts():
    case = case_in(State.IN_REVIEW)
    said(case)
    one, other = StaffFactory(), StaffFactory()
    conversation.mark_read(case, Side.OFFICE, up_to=1, by=one, at=NOW)
    conversation.mark_read(case, Side.OFFICE, up_to=1, by=other, at=NOW + timedelta(hours=1))
    reading = MessageReading.objects.get()
    assert (reading.person, reading.at) == (one, NOW)


def test_what_came_after_the_page_was_shown_stays_unread():
    case = case_in(State.IN_REVIEW)
    said(case)
    said(case)
    conversation.mark_read(case, Side.OFFICE, up_to=1, by=StaffFactory(), at=NOW)
    assert talk(case).unread_by_office == 1
    conversation.mark_read(case, Side.OFFICE, up_to=0, by=StaffFactory(), at=NOW)
    assert talk(case).unread_by_office == 1


def test_reading_where_nothing_was_written_leaves_nothing():
    case = case_in(State.IN_REVIEW)
    conversation.mark_read(case, Side.OFFICE, up_to=7, by=StaffFactory(), at=NOW)
    assert not MessageReading.objects.exists()
    assert conversation.unread(case, Side.OFFICE) == 0


def test_a_page_tells_when_the_other_side_saw_each():
    case, official = case_in(State.IN_REVIEW), StaffFactory()
    said(case, "một")
    conversation.mark_read(case, Side.OFFICE, up_to=1, by=official, at=NOW + timedelta(hours=1))
    said(case, "hai")
    said(case, "ba")
    conversation.mark_read(case, Side.OFFICE, up_to=2, by=official, at=NOW + timedelta(hours=2))
    mine = conversation.page(case, Side.APPLICANT).lines
    assert [line.text for line in mine] == ["một", "hai", "ba"]
    hours = [line.read_at and (line.read_at - NOW) // timedelta(hours=1) for line in mine]
    assert hours == [1, 2, None]
    theirs = conversation.page(case, Side.OFFICE).lines
    assert [line.fresh for line in theirs] == [False, False, True]
    assert not any(line.mine for line in theirs)


def test_a_long_conversation_is_read_page_by_page(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(conversation, "PAGE_SIZE", 3)
    case = case_in(State.IN_REVIEW)
    for n in range(7):
        said(case, f"tin {n + 1}")
    seen, before = [], None
    while True:
        with django_assert_num_queries(3):
            page = conversation.page(case, Side.OFFICE, before=before)
        seen.append([line.message.number for line in page.lines])
        before = page.older
        if before is None:
            break
    assert seen == [[5, 6, 7], [2, 3, 4], [1]]


def test_a_role_that_is_known_no_more_shows_nothing():
    case = case_in(State.IN_REVIEW)
    message = said(case)
    message.author_role = "a_role_of_the_past"
    assert conversation.role_of(message) == ""
