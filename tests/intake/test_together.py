"""Two people, or two windows, in one section: nothing is overwritten that nobody has seen."""

import re
from datetime import timedelta

import pytest

from accounts.models import MembershipRole
from intake import drafts
from intake.models import AnswerEdit, Dossier
from intake.together import NOTHING, Fate, Given, fate, read_page, read_seen
from tests.factories import ANSWERS, NOW, CatalogueFactory, DossierFactory, complete_dossier, member_of
from tests.intake.test_drafting import section_url, text, token

pytestmark = pytest.mark.django_db
COMPLETE = {key: ANSWERS[key] for key in ("product_name", "description", "kind")}


@pytest.fixture
def draft():
    CatalogueFactory()
    return DossierFactory()


@pytest.fixture
def colleague(draft):
    return member_of(draft.organisation, MembershipRole.DRAFTER, full_name="Lê Minh Quân")


class Window:
    """A page that somebody has open: it sends what it was opened with, as a browser does."""

    def __init__(self, client, person, dossier, section="san-pham"):
        self.client, self.person, self.url = client, person, section_url(dossier, section)
        client.force_login(person)
        page = client.get(self.url)
        self.seen, self.name = token(page), re.search(r'name="draft.page" value="([^"]*)"', text(page))[1]

    def send(self, **given):
        self.client.force_login(self.person)
        return self.client.post(self.url, {"seen": self.seen, "draft.page": self.name, **given})

    def save(self, **given):
        """In the background; the window has seen then what it was told."""
        self.client.force_login(self.person)
        sent = {"seen": self.seen, "draft.page": self.name, **given}
        answer = self.client.post(self.url, sent, headers={"Accept": "application/json"})
        seen = {**read_seen(self.seen), **answer.json()["seen"]}
        self.seen = " ".join(f"{key}.{value}" for key, value in seen.items())
        return answer


@pytest.fixture
def windows(client, draft, colleague):
    """The window of whoever started the draft, and that of a colleague; both opened at the same time."""
    return Window(client, draft.created_by, draft), Window(client, colleague, draft)


def answers():
    return Dossier.objects.get().answers


# --- what becomes of a text --------------------------------------------------------------------------

A, B, C = (Given(answer=text) for text in "abc")


@pytest.mark.parametrize(
    ("typed", "now", "seen", "own", "becomes"),
    [
        (B, A, A, False, Fate.MINE),
        (A, B, A, False, Fate.THEIRS),
        (B, B, A, False, Fate.SAME),
        (C, B, A, False, Fate.CONFLICT),
        (C, B, A, True, Fate.MINE),
        (A, B, A, True, Fate.THEIRS),
        (Given(), B, A, False, Fate.CONFLICT),
        (C, Given(), A, False, Fate.CONFLICT),
        (Given(malformed="a"), A, A, False, Fate.MINE),
        (Given(malformed="b"), B, A, False, Fate.CONFLICT),
        (Given(answer=[]), Given(answer=""), A, False, Fate.SAME),
    ],
)
def test_a_text_is_held_against_what_was_seen_and_what_is_there(typed, now, seen, own, becomes):
    assert fate(typed, now, seen=seen.token(), own=own) is becomes


@pytest.mark.parametrize("text", ["", "\x00", "x" * 100_000, "a.b", "a.0123456789abcdef.x", ".", "a.0123456789ABCDEF"])
def test_a_broken_token_is_as_if_the_page_had_shown_nothing(text):
    assert read_seen(text) == {}
    assert read_page(text) == ""


def test_all_kinds_of_nothing_are_one():
    assert {Given().token(), Given(answer="").token(), Given(answer=[]).token(), Given(malformed="").token()} == {
        NOTHING
    }


# --- different questions -----------------------------------------------------------------------------


def test_different_questions_are_merged_and_both_are_told(windows):
    mine, theirs = windows
    theirs.send(description="Mô tả của Quân")
    answer = mine.send(product_name="Camera")
    assert answer.status_code == 302
    assert answers() == {"product_name": "Camera", "description": "Mô tả của Quân"}
    assert "Lê Minh Quân vừa sửa: Mô tả." in text(mine.client.get(mine.url))


def test_a_script_is_told_what_others_changed_and_what_stands_there_now(windows):
    mine, theirs = windows
    theirs.send(description="Mô tả của Quân", kind="service")
    said = mine.save(product_name="Camera").json()
    assert said["values"] == {"description": "Mô tả của Quân", "kind": "service"}
    assert said["news"] == "Lê Minh Quân vừa sửa: Mô tả, Loại."
    assert said["saved"] == "Đã lưu lúc 09:12"
    # It has seen them now, so it may change them.
    assert mine.save(product_name="Camera", description="Mô tả mới", kind="service").json()["news"] == ""
    assert answers()["description"] == "Mô tả mới"


def test_what_a_colleague_took_away_stays_away(windows):
    mine, theirs = windows
    theirs.save(product_name="Camera", description="Mô tả")
    third = Window(mine.client, mine.person, Dossier.objects.get())
    theirs.save(product_name="Camera", description="")
    third.send(product_name="Camera S2", description="Mô tả")
    assert answers() == {"product_name": "Camera S2"}


def test_another_section_saved_meanwhile_is_no_conflict(client, draft, colleague, windows):
    mine, _theirs = windows
    Window(client, colleague, draft, "thi-truong").send(revenue="5")
    assert mine.send(product_name="Camera").status_code == 302
    assert answers() == {"revenue": 5, "product_name": "Camera"}


def test_the_same_text_from_both_is_no_conflict(windows):
    mine, theirs = windows
    assert theirs.send(product_name="Camera").status_code == 302
    assert mine.send(product_name="Camera").status_code == 302
    assert Dossier.objects.get().version == 1


def test_what_is_malformed_is_merged_like_an_answer(client, draft, colleague):
    mine = Window(client, draft.created_by, draft, "thi-truong")
    theirs = Window(client, colleague, draft, "thi-truong")
    theirs.save(revenue="một tỷ")
    said = mine.save(local_share="7").json()
    assert said["values"] == {"revenue": "một tỷ"}
    theirs.save(revenue="hai tỷ", local_share="7")
    assert "hai tỷ" in mine.save(revenue="ba tỷ", local_share="7").json()["conflicts"]["revenue"]


# --- the same question -------------------------------------------------------------------------------


def test_two_texts_for_one_question_are_both_shown_at_its_field_with_author_and_time(windows, clock):
    mine, theirs = windows
    theirs.send(product_name="Tên của Quân", description="Mô tả")
    clock.move_to(NOW + timedelta(minutes=5))
    answer = mine.send(product_name="Tên của Hà", kind="product")
    assert answer.status_code == 409
    page = text(answer)
    place = page[page.index('data-question="product_name"') : page.index('data-question="description"')]
    assert 'value="Tên của Hà"' in place
    assert "Lê Minh Quân, 09:12" in place
    assert "Tên của Quân" in place
    # All else is saved, or merged.
    assert answers() == {"product_name": "Tên của Quân", "description": "Mô tả", "kind": "product"}


def test_sending_again_without_a_choice_overwrites_nothing(windows):
    mine, theirs = windows
    theirs.send(product_name="Tên của Quân")
    page = mine.send(product_name="Tên của Hà")
    for _again in range(2):
        mine.seen = token(page)
        page = mine.send(product_name="Tên của Hà")
        assert page.status_code == 409
    assert answers()["product_name"] == "Tên của Quân"


def choices(page, key="product_name"):
    found = re.findall(rf'name="choose.{key}" value="(([a-z]+)\.[0-9a-f]+)"', page)
    return {which: value for value, which in found}


@pytest.mark.parametrize(
    ("which", "kept"), [("mine", "Tên của Hà"), ("theirs", "Tên của Quân"), ("both", "Tên của Quân / Tên của Hà")]
)
def test_the_choice_works_with_a_form_alone(windows, which, kept):
    mine, theirs = windows
    theirs.send(product_name="Tên của Quân")
    page = mine.send(product_name="Tên của Hà")
    mine.seen = token(page)
    answer = mine.send(**{"product_name": "Tên của Hà", "choose.product_name": choices(text(page))[which]})
    assert answer.status_code == 302
    assert answers()["product_name"] == kept


@pytest.mark.parametrize(
    ("which", "kept"),
    [("mine", "Của Hà"), ("theirs", "Của Quân"), ("both", "Của Quân\n\nCủa Hà")],
)
def test_the_choice_works_for_a_script_which_is_told_what_to_show(windows, which, kept):
    mine, theirs = windows
    theirs.save(description="Của Quân")
    said = mine.save(description="Của Hà")
    assert said.status_code == 409
    assert said.json()["unsaved"] == ["description"]
    assert said.json()["saved"] == "Đã lưu lúc 09:12, trừ: Mô tả (có hai bản khác nhau, hãy chọn)."
    choice = choices(said.json()["conflicts"]["description"], "description")[which]
    said = mine.save(**{"description": "Của Hà", "choose.description": choice})
    assert said.status_code == 200
    assert said.json()["values"] == ({} if which == "mine" else {"description": kept})
    assert answers()["description"] == kept


def test_both_choices_of_several_are_kept_in_the_order_of_the_question(client, draft, colleague):
    mine = Window(client, draft.created_by, draft, "thi-truong")
    theirs = Window(client, colleague, draft, "thi-truong")
    theirs.save(markets=["export"])
    conflict = mine.save(markets=["domestic"]).json()["conflicts"]["markets"]
    mine.save(**{"markets": ["domestic"], "choose.markets": choices(conflict, "markets")["both"]})
    assert answers()["markets"] == ["domestic", "export"]


def test_of_a_number_one_is_chosen(client, draft, colleague):
    mine = Window(client, draft.created_by, draft, "thi-truong")
    theirs = Window(client, colleague, draft, "thi-truong")
    theirs.save(revenue="1000000")
    conflict = mine.save(revenue="2000000").json()["conflicts"]["revenue"]
    assert choices(conflict, "revenue").keys() == {"mine", "theirs"}
    assert "1.000.000 đồng" in conflict


def test_a_choice_is_of_the_text_that_was_shown_and_of_no_later_one(windows):
    mine, theirs = windows
    theirs.save(product_name="Tên của Quân")
    chosen = choices(mine.save(product_name="Tên của Hà").json()["conflicts"]["product_name"])
    theirs.save(product_name="Tên khác của Quân")
    for which in ("mine", "theirs", "both"):
        said = mine.save(**{"product_name": "Tên của Hà", "choose.product_name": chosen[which]})
        assert said.status_code == 409
        assert "Tên khác của Quân" in said.json()["conflicts"]["product_name"]
    assert answers()["product_name"] == "Tên khác của Quân"


@pytest.mark.parametrize("choice", ["", "mine", "mine.", "x.0123456789abcdef", "\x00", "both." + "0" * 100_000])
def test_a_broken_choice_overwrites_nothing(windows, choice):
    mine, theirs = windows
    theirs.save(product_name="Tên của Quân")
    assert mine.send(**{"product_name": "Tên của Hà", "choose.product_name": choice}).status_code == 409
    assert answers()["product_name"] == "Tên của Quân"


@pytest.mark.parametrize("seen", ["", "x" * 10000, "\x00", "product_name.0000"])
def test_a_broken_token_loses_nothing(windows, seen):
    mine, theirs = windows
    theirs.save(product_name="Đã lưu", description="Mô tả")
    mine.seen = seen
    assert mine.send(product_name="Khác").status_code == 409
    assert answers() == {"product_name": "Đã lưu", "description": "Mô tả"}


def test_a_page_that_sends_no_token_at_all_loses_nothing(client, draft, windows):
    _mine, theirs = windows
    theirs.save(product_name="Đã lưu")
    client.force_login(draft.created_by)
    assert client.post(section_url(draft), {"product_name": "Khác"}).status_code == 409
    assert answers() == {"product_name": "Đã lưu"}


# --- one person --------------------------------------------------------------------------------------


def test_two_windows_of_one_person_conflict_and_it_is_said_whose_the_other_is(client, draft):
    one, other = (Window(client, draft.created_by, draft) for _twice in range(2))
    one.save(product_name="Camera S1")
    conflict = other.save(product_name="Camera S2").json()["conflicts"]["product_name"]
    assert "Bạn, ở cửa sổ khác, 09:12" in conflict
    assert answers()["product_name"] == "Camera S1"


def test_a_page_whose_answer_got_lost_does_not_conflict_with_itself(windows):
    mine, _theirs = windows
    before = mine.seen
    mine.save(product_name="Came")
    mine.seen = before  # the connection was cut before the answer came
    assert mine.save(product_name="Camera").status_code == 200
    assert answers()["product_name"] == "Camera"


def test_a_page_that_only_names_itself_like_a_colleagues_overwrites_nothing(windows):
    mine, theirs = windows
    theirs.save(product_name="Tên của Quân")
    mine.name = theirs.name
    assert mine.save(product_name="Tên của Hà").status_code == 409


def test_both_texts_are_not_lost_again_when_the_answer_to_the_choice_got_lost(windows):
    mine, theirs = windows
    theirs.save(description="Của Quân")
    before = mine.seen
    choice = choices(mine.save(description="Của Hà").json()["conflicts"]["description"], "description")["both"]
    mine.save(**{"description": "Của Hà", "choose.description": choice})
    mine.seen = before
    assert mine.save(**{"description": "Của Hà", "choose.description": choice}).status_code == 409
    assert answers()["description"] == "Của Quân\n\nCủa Hà"


# --- what was there before ---------------------------------------------------------------------------


def test_a_colleagues_text_that_was_knowingly_replaced_is_kept_beside_the_new_one(windows):
    mine, theirs = windows
    theirs.save(product_name="Tên của Quân")
    choice = choices(mine.save(product_name="Tên của Hà").json()["conflicts"]["product_name"])["mine"]
    mine.save(**{"product_name": "Tên của Hà", "choose.product_name": choice})
    mine.save(product_name="Tên của Hà, bản hai")
    edit = AnswerEdit.objects.get(key="product_name")
    assert (edit.saved_by, edit.replaced_by) == (mine.person, theirs.person)
    assert edit.replaced == {"answer": "Tên của Quân"}
    page = text(theirs.client.get(theirs.url))
    assert "Bản trước của Lê Minh Quân, 09:12" in page
    assert "Tên của Quân" in page


def test_what_something_else_has_written_since_is_nobodys(windows):
    mine, theirs = windows
    theirs.save(product_name="Tên của Quân")
    Dossier.objects.update(answers={"product_name": "Tên do hệ thống điền"})
    conflict = mine.save(product_name="Tên của Hà").json()["conflicts"]["product_name"]
    assert "Lê Minh Quân" not in conflict
    assert "Người khác" in conflict


def test_saving_without_having_looked_follows_whoever_says_so():
    dossier = complete_dossier()
    saved = drafts.save_answers(
        dossier, {"product_name": "Tên khác"}, seen=None, by=member_of(dossier.organisation), at=NOW
    )
    assert (saved.theirs, saved.conflicts) == (frozenset(), frozenset())
    assert Dossier.objects.get().title == "Tên khác"
