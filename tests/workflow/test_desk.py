"""Who sees which dossiers, and how the queue walks through them."""

from datetime import timedelta

import pytest

from accounts.models import DOSSIER_READERS, Role
from catalogs.models import short_number_of
from intake.states import State
from tests.factories import NOW, CatalogueFactory, DossierFactory, InstrumentFactory, StaffFactory, case_in
from workflow import desk, walking
from workflow.casefile import case_for
from workflow.desk import Cursor, Filters
from workflow.models import Capacity, Case, Participation

pytestmark = pytest.mark.django_db


def tab(key: str) -> desk.Tab:
    return next(tab for tab in desk.TABS if tab.key == key)


def page(key: str, user, *, at=NOW, cursor=None, **filters):
    return desk.page(tab(key), user=user, filters=Filters(**filters), at=at, cursor=cursor)


def titles(page) -> list[str]:
    return [row.title for row in page.rows]


def queued(state: str, title: str, *, days: float = 5, **fields) -> Case:
    return case_in(state, title=title, due_at=NOW + timedelta(days=days), **fields)


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(desk, "PAGE_SIZE", 3)


# --- who sees what -----------------------------------------------------------------------------------


def test_a_draft_is_never_visible_to_staff():
    draft = DossierFactory(title="Bản nháp")
    for role in Role:
        assert case_for(StaffFactory(role=role), draft.public_id) is None


@pytest.mark.parametrize("role", [Role.CATALOGUE_MANAGER, Role.ADMINISTRATOR])
def test_whoever_handles_no_dossiers_sees_none(role):
    case = case_in(State.SUBMITTED)
    user = StaffFactory(role=role)
    assert case_for(user, case.public_id) is None
    assert case_for(StaffFactory(role=Role.AUDITOR), case.public_id) == case
    assert desk.tabs_for(user) == []


def test_each_role_has_its_own_tasks_first():
    first = {role: desk.tabs_for(StaffFactory(role=role))[0].key for role in DOSSIER_READERS}
    assert first == {
        Role.INTAKE_OFFICER: "tiep-nhan",
        Role.SPECIALIST: "cua-toi",
        Role.HEAD_OF_UNIT: "trinh-lanh-dao",
        Role.SIGNATORY: "trinh-ky",
        Role.CLERK: "phat-hanh",
        Role.AUDITOR: "qua-han",
    }


# --- the tabs ----------------------------------------------------------------------------------------


def test_the_intake_tab_mixes_two_states_oldest_due_first():
    officer = StaffFactory(role=Role.INTAKE_OFFICER)
    queued(State.SUBMITTED, "c", days=3)
    queued(State.SCREENING, "a", days=1)
    queued(State.SUBMITTED, "b", days=2)
    queued(State.IN_REVIEW, "đang thẩm định", days=0)
    assert titles(page("tiep-nhan", officer)) == ["a", "b", "c"]


def test_a_specialist_sees_the_own_dossiers_and_those_that_nobody_took():
    me, other = StaffFactory(), StaffFactory()
    queued(State.IN_REVIEW, "của tôi", specialist=me)
    queued(State.ENDORSEMENT, "của tôi, đã trình", specialist=me, days=6)
    queued(State.DELIVERED, "của tôi, đã xong", specialist=me)
    queued(State.IN_REVIEW, "của người khác", specialist=other)
    queued(State.IN_REVIEW, "chưa ai nhận")
    assert titles(page("cua-toi", me)) == ["của tôi", "của tôi, đã trình"]
    assert titles(page("cho-tham-dinh", me)) == ["chưa ai nhận"]


def test_overdue_counts_only_the_time_of_the_office():
    auditor = StaffFactory(role=Role.AUDITOR)
    queued(State.IN_REVIEW, "trễ", days=-1)
    queued(State.APPROVAL, "trễ hơn", days=-2)
    queued(State.SUPPLEMENT_REQUESTED, "bên nộp trễ", days=-1)
    queued(State.IN_REVIEW, "còn hạn", days=1)
    assert titles(page("qua-han", auditor)) == ["trễ hơn", "trễ"]


def test_what_has_ended_is_listed_newest_first():
    auditor = StaffFactory(role=Role.AUDITOR)
    for title in ("cũ", "mới"):
        case_in(State.DELIVERED, title=title)
    case_in(State.ISSUED, title="mới nhất")
    case_in(State.REFUSED, title="từ chối")
    assert titles(page("co-ket-qua", auditor)) == ["mới nhất", "mới", "cũ"]
    assert titles(page("tat-ca", auditor, state="refused")) == ["từ chối"]


def test_all_lists_everything_that_was_filed_newest_first():
    auditor = StaffFactory(role=Role.AUDITOR)
    DossierFactory(title="bản nháp")
    case_in(State.IN_REVIEW, title="trước", at=NOW - timedelta(days=1))
    case_in(State.DELIVERED, title="sau", at=NOW)
    assert titles(page("tat-ca", auditor)) == ["sau", "trước"]


# --- filters -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["nền tảng", "nen tang", "NỀN tảng", "tảng TRUY", "nền   tảng", "đồng bằng", "dong bang"]
)
def test_a_search_finds_the_same_with_and_without_accents(words):
    auditor = StaffFactory(role=Role.AUDITOR)
    case = case_in(State.IN_REVIEW, title="Nền tảng truy xuất Đồng Bằng")
    case_in(State.IN_REVIEW, title="Camera")
    assert [row.pk for row in page("tat-ca", auditor, words=words).rows] == [case.pk]


def test_a_search_finds_code_organisation_and_tax_code():
    auditor = StaffFactory(role=Role.AUDITOR)
    case = case_in(State.IN_REVIEW, title="Camera")
    other = case_in(State.IN_REVIEW, title="Robot")
    Case.objects.filter(pk=other.pk).update(search_text="g06-261118-0043 robot cong ty bach nghe 0101234567")
    Case.objects.filter(pk=case.pk).update(search_text="g06-261118-0042 camera cong ty sao mai 0109876541")
    for words in ("G06-261118-0042", "sao mai", "0109876541", "camera 0109"):
        assert [row.pk for row in page("tat-ca", auditor, words=words).rows] == [case.pk]


@pytest.mark.parametrize("words", ["%", "_", "'", '"', "\\", "100%", "a" * 5000])
def test_signs_that_mean_something_to_a_database_are_only_text(words):
    auditor = StaffFactory(role=Role.AUDITOR)
    case_in(State.IN_REVIEW, title="Camera")
    assert page("tat-ca", auditor, words=words).rows == []


@pytest.mark.parametrize("looked_through", [0, 1, 4, 100])
def test_a_search_finds_the_same_near_the_start_and_by_index(monkeypatch, small_pages, looked_through):
    monkeypatch.setattr(walking, "LOOKED_THROUGH", looked_through)
    auditor = StaffFactory(role=Role.AUDITOR)
    for n in range(12):
        case_in(State.IN_REVIEW, title=f"{'Camera' if n % 2 else 'Robot'} {n}", at=NOW - timedelta(hours=n))
    first = page("tat-ca", auditor, words="camera")
    second = page("tat-ca", auditor, words="camera", cursor=first.next)
    assert titles(first) + titles(second) == [f"Camera {n}" for n in (1, 3, 5, 7, 9, 11)]
    assert second.next is None
    assert titles(page("tat-ca", auditor, words="camera", cursor=second.previous)) == titles(first)


def test_a_filter_by_procedure_keeps_the_others_out():
    auditor = StaffFactory(role=Role.AUDITOR)
    case = case_in(State.IN_REVIEW)
    slug = case.revision_of_procedure.procedure.slug
    assert page("tat-ca", auditor, procedure=slug).rows
    assert not page("tat-ca", auditor, procedure="thu-tuc-khac").rows


# --- pages -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "states"),
    [
        ("tiep-nhan", [State.SUBMITTED, State.SCREENING]),
        ("trinh-ky", [State.APPROVAL]),
        ("cho-tham-dinh", [State.IN_REVIEW]),
        ("co-ket-qua", [State.ISSUED, State.DELIVERED]),
        ("tat-ca", [State.IN_REVIEW, State.REFUSED]),
    ],
)
def test_paging_there_and_back_shows_each_dossier_once(small_pages, key, states):
    user = StaffFactory(role=Role.AUDITOR)
    # Several share a due date and a day of filing, so that the id has to tell them apart.
    for n in range(8):
        queued(states[n % len(states)], f"{n}", days=n // 3)
    pages = [page(key, user)]
    while pages[-1].next:
        pages.append(page(key, user, cursor=pages[-1].next))
    there = [titles(p) for p in pages]
    assert [len(p) for p in there] == [3, 3, 2]
    assert len({title for p in there for title in p}) == 8
    assert pages[0].previous is None
    back = page(key, user, cursor=pages[-1].previous)
    assert titles(back) == there[1]
    first = page(key, user, cursor=back.previous)
    assert titles(first) == there[0]
    assert first.next is not None


def test_paging_back_to_less_than_a_page_shows_the_start(small_pages):
    user = StaffFactory(role=Role.AUDITOR)
    for n in range(5):
        queued(State.APPROVAL, f"{n}", days=n)
    second = page("trinh-ky", user, cursor=page("trinh-ky", user).next)
    queued(State.APPROVAL, "mới", days=-1)
    before = page("trinh-ky", user, cursor=second.previous)
    assert len(before.rows) == 3


def test_a_cursor_survives_its_journey_through_an_address():
    cursor = Cursor(NOW.replace(microsecond=123456), 42)
    assert Cursor.decode(cursor.encode()) == cursor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "x",
        "1-",
        "-1",
        "1-x",
        "9" * 40 + "-1",
        "1-" + "9" * 40,
        "٣-1",
        "1-2-3",
        "1.5-1",
        "\x00-1",
        "9" * 18 + "-1",
    ],
)
def test_a_cursor_that_was_tampered_with_is_none(text):
    assert Cursor.decode(text) is None


def test_a_page_takes_two_queries_however_many_rows(django_assert_num_queries):
    officer = StaffFactory(role=Role.INTAKE_OFFICER)
    for n in range(6):
        queued([State.SUBMITTED, State.SCREENING][n % 2], f"{n}")
    officer.role_set()
    with django_assert_num_queries(2):
        for row in page("tiep-nhan", officer).rows:
            assert row.organisation
            assert row.items == {"TT 31": ["1.8"]}


def test_items_of_several_lists_are_told_apart_and_unusual_numbers_stay_whole():
    officer, case = StaffFactory(role=Role.INTAKE_OFFICER), queued(State.SUBMITTED, "hai danh mục")
    other = CatalogueFactory(slug="khac", instrument=InstrumentFactory(number="1131/QĐ-TTg"))
    for code in ("1.8", "4.1"):
        case.declared_items.create(item=other.items.get(code=code))
    (row,) = page("tiep-nhan", officer).rows
    assert row.items == {"TT 31": ["1.8"], "QĐ 1131": ["1.8", "4.1"]}
    for number, short in (("21/2026/QĐ-TTg", "QĐ 21"), ("12/2027", "12/2027"), ("", ""), ("Số 5", "Số 5")):
        assert short_number_of(number) == short


# --- counts ------------------------------------------------------------------------------------------


def test_the_numbers_on_the_tabs_come_in_one_query(django_assert_num_queries):
    me = StaffFactory()
    queued(State.IN_REVIEW, "của tôi", specialist=me, days=-1)
    queued(State.IN_REVIEW, "chưa ai nhận")
    queued(State.SUPPLEMENT_REQUESTED, "chờ bổ sung")
    case_in(State.DELIVERED)
    tabs = desk.tabs_for(me)
    with django_assert_num_queries(1):
        counts = desk.count(tabs, user=me, at=NOW)
    assert {key: str(count) for key, count in counts.items()} == {
        "cua-toi": "1",
        "cho-tham-dinh": "1",
        "bo-sung": "1",
        "qua-han": "1",
        "co-ket-qua": "1",
        "tat-ca": "4",
    }


@pytest.mark.parametrize("role", sorted(DOSSIER_READERS))
def test_each_number_is_that_of_its_list(role):
    me = StaffFactory(role=role)
    DossierFactory(title="bản nháp")
    queued(State.IN_REVIEW, "chưa ai nhận, quá hạn", days=-3)
    for days in (-2, 4):
        for state in (State.SUBMITTED, State.SCREENING):
            queued(state, f"{state} {days}", days=days)
        for state in desk.WITH_SPECIALIST:
            for holder in (me, StaffFactory()):
                queued(state, f"{state} {days}", days=days, specialist=holder)
    for state in (State.ISSUED, State.DELIVERED, State.REFUSED):
        case_in(state)
    tabs = desk.tabs_for(me)
    counts = desk.count(tabs, user=me, at=NOW)
    lists = {tab.key: len(desk.page(tab, user=me, filters=Filters(), at=NOW).rows) for tab in tabs}
    assert {key: count.number for key, count in counts.items()} == lists
    assert min(lists.values()) > 0


def test_a_personal_count_stops_at_a_hundred(monkeypatch):
    monkeypatch.setattr(desk, "COUNT_LIMIT", 3)
    me = StaffFactory()
    for n in range(4):
        queued(State.IN_REVIEW, f"{n}", specialist=me)
    assert str(desk.count(desk.tabs_for(me), user=me, at=NOW)["cua-toi"]) == "2+"


# --- the next one ------------------------------------------------------------------------------------


def test_the_next_dossier_is_the_most_urgent_of_the_own_ones_before_those_nobody_took():
    me = StaffFactory()
    queued(State.IN_REVIEW, "chưa ai nhận", days=1)
    assert desk.next_for(me, at=NOW).title == "chưa ai nhận"
    queued(State.IN_REVIEW, "của tôi, sau", days=4, specialist=me)
    queued(State.IN_REVIEW, "của tôi, trước", days=3, specialist=me)
    assert desk.next_for(me, at=NOW).title == "của tôi, trước"


def test_the_next_dossier_is_never_one_on_which_the_person_acted_in_another_capacity():
    both = StaffFactory(role=Role.SIGNATORY)
    case = queued(State.APPROVAL, "đã đồng ý ở vai trò khác", days=1)
    Participation.objects.create(case=case, person=both, capacity=Capacity.ENDORSER, since=NOW)
    assert desk.next_for(both, at=NOW) is None
    queued(State.APPROVAL, "khác", days=2)
    assert desk.next_for(both, at=NOW).title == "khác"


def test_nothing_waits_for_an_auditor():
    auditor = StaffFactory(role=Role.AUDITOR)
    queued(State.APPROVAL, "x")
    assert desk.next_for(auditor, at=NOW) is None
    assert not desk.works(auditor)
