"""What officers do with a question, and their list."""

from datetime import timedelta

import pytest

from accounts.models import Role
from audit.models import Entry
from catalogs.enquiries import answering, desk, recipients
from catalogs.enquiries.answering import NotDone, Stale
from catalogs.models import Enquiry
from notifications.models import Event
from tests.enquiries.builders import answered, confirmed, enquiry, taken
from tests.factories import NOW, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


def answer(one, officer, *, text="Có.", version=None):
    expected = one.version if version is None else version
    return answering.answer(one.pk, text=text, by=officer, at=NOW, expected_version=expected)


def test_an_officer_takes_and_answers_and_the_asker_is_told():
    one = enquiry()
    officer = StaffFactory(role=Role.SPECIALIST, full_name="Nguyễn Minh Anh")
    held = taken(one, by=officer)
    assert (held.state, held.taken_by, held.taken_at) == ("taken", officer, NOW)
    reply = answer(held, officer, text="Có, nếu…")
    assert (reply.author_name, reply.author_unit) == ("Nguyễn Minh Anh", officer.unit.name)
    assert Enquiry.objects.get().state == "answered"
    assert [entry.action for entry in Entry.objects.about(one).order_by("number")] == [
        "receive_enquiry",
        "take_enquiry",
        "answer_enquiry",
    ]
    assert "nếu" not in str(Entry.objects.about(one).latest("number").data)
    (told,) = recipients.asker(Event.objects.get(kind="enquiry_answered"))
    assert (told.user, told.url) == (one.asker, f"/hoi-dap/cua-toi/{one.public_id}/")


def test_a_visitor_is_told_by_mail():
    one = confirmed()
    answered(one)
    (told,) = recipients.asker(Event.objects.get(kind="enquiry_answered"))
    assert (told.address, told.url) == ("lan@congty.example", f"/hoi-dap/theo-doi/{one.follow_key}/")


@pytest.mark.parametrize("role", sorted(Role))
def test_who_may_answer(role):
    one, officer = enquiry(), StaffFactory(role=role)
    if role in answering.ANSWERING:
        assert taken(one, by=officer).taken_by == officer
        return
    with pytest.raises(NotDone):
        taken(one, by=officer)


def test_nobody_else_answers():
    one = enquiry()
    for person in (UserFactory(), one.asker, StaffFactory(role=Role.SPECIALIST, is_active=False)):
        with pytest.raises(NotDone):
            taken(one, by=person)


def test_nobody_answers_their_own_question():
    official = StaffFactory(role=Role.SPECIALIST)
    one = enquiry(by=official)
    with pytest.raises(NotDone, match="người hỏi"):
        taken(one, by=official)


def test_one_is_taken_before_it_is_answered():
    one = enquiry()
    with pytest.raises(NotDone, match="Hãy nhận"):
        answer(one, StaffFactory(role=Role.SPECIALIST))
    held = taken(one)
    with pytest.raises(NotDone, match="Hãy nhận"):
        answer(held, StaffFactory(role=Role.SPECIALIST))


def test_a_colleague_may_take_over_and_the_trail_says_from_whom():
    held = taken(enquiry())
    before = held.taken_by
    other = StaffFactory(role=Role.HEAD_OF_UNIT)
    after = taken(held, by=other)
    assert after.taken_by == other
    assert Entry.objects.about(held).latest("number").data == {"from": before.pk}
    with pytest.raises(Stale):
        answer(held, before)
    with pytest.raises(NotDone, match="Hãy nhận"):
        answer(after, before)


def test_one_does_not_take_what_one_has():
    held = taken(enquiry())
    with pytest.raises(NotDone, match="đang trả lời"):
        taken(held, by=held.taken_by)


def test_a_stale_page_changes_nothing():
    held = taken(enquiry())
    for version in (held.version - 1, held.version + 1, -1):
        with pytest.raises(Stale):
            answer(held, held.taken_by, version=version)
    assert Enquiry.objects.get().state == "taken"


def test_an_answer_is_given_once():
    reply = answered(enquiry())
    one = Enquiry.objects.get()
    with pytest.raises(NotDone, match="đã được trả lời"):
        answer(one, reply.replied_by)
    with pytest.raises(NotDone, match="đã được trả lời"):
        taken(one)


# --- the list --------------------------------------------------------------------------------


TABS = {tab.key: tab for tab in desk.TABS}


def test_a_question_is_on_the_tab_of_its_state():
    me = StaffFactory(role=Role.SPECIALIST)
    new, mine, theirs, done = (enquiry() for _n in range(4))
    taken(mine, by=me)
    taken(theirs)
    answered(done)
    shown = {key: {row.pk for row in desk.page(tab, user=me).rows} for key, tab in TABS.items()}
    assert shown == {
        "moi": {new.pk},
        "cua-toi": {mine.pk},
        "dang-tra-loi": {mine.pk, theirs.pk},
        "da-tra-loi": {done.pk},
        "cho-cong-bo": set(),
    }
    assert desk.counts(user=me) == {"moi": 1, "cua-toi": 1, "dang-tra-loi": 2, "cho-cong-bo": 0}


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_list_is_read_page_by_page_there_and_back(monkeypatch, newest_first, django_assert_num_queries):
    monkeypatch.setattr(desk, "PAGE_SIZE", 3)
    # Several share a moment: the key has to tell them apart.
    made = [enquiry(at=NOW + timedelta(minutes=n // 2)).pk for n in range(8)]
    every = Enquiry.objects.all()
    seen, after = [], ""
    while True:
        with django_assert_num_queries(1):
            page = desk.read(every, newest_first=newest_first, after=after)
        seen.append([row.pk for row in page.rows])
        if not page.older:
            break
        after = page.older
    flat = [pk for pks in seen for pk in pks]
    assert flat == (made[::-1] if newest_first else made)
    assert [len(pks) for pks in seen] == [3, 3, 2]
    back = desk.read(every, newest_first=newest_first, before=page.newer)
    assert [row.pk for row in back.rows] == seen[1]
    first = desk.read(every, newest_first=newest_first, before=back.newer)
    assert [row.pk for row in first.rows] == seen[0]
    assert first.newer == ""
    assert first.older


@pytest.mark.parametrize(
    "cursor", ["x", "-", "20261118T000000.000000", "20261118T000000.000000-x", "2-1", "\x00-1", "a" * 5000, "-" * 99]
)
def test_a_broken_cursor_shows_the_first_page(cursor):
    one = enquiry()
    assert [row.pk for row in desk.read(Enquiry.objects.all(), newest_first=True, after=cursor).rows] == [one.pk]
    assert [row.pk for row in desk.read(Enquiry.objects.all(), newest_first=True, before=cursor).rows] == [one.pk]
