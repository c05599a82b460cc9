"""A draft from its details to its content and links, and what is refused on the way."""

from datetime import UTC, date, datetime

import pytest

from accounts.models import Role
from audit.models import Entry
from catalogs.managing import drafting, linking, publishing
from catalogs.managing.checking import cycle_of_successors
from catalogs.managing.drafting import Faulty, Unsound
from catalogs.managing.forms import DetailsForm
from catalogs.managing.linking import Origin, links_of, undecided
from catalogs.managing.states import NotPossible, Stale
from catalogs.models import Catalogue, Instrument, ItemRelation
from tests.factories import NOW, CatalogueFactory, InstrumentFactory, StaffFactory
from tests.managing.builders import (
    CONTENT,
    HEADER,
    details,
    draft,
    fresh,
    manager,
    new_instrument,
    proposed,
    published,
)

pytestmark = pytest.mark.django_db


def faults(**fields) -> list[tuple[str, str]]:
    with pytest.raises(Faulty) as refusal:
        drafting.start(details(**fields), by=manager(cleared=fields.get("restricted", False)), at=NOW)
    assert not Catalogue.objects.exclude(stage="published").exists()
    assert not Instrument.objects.filter(drafted=True).exists()
    return [(fault.field, fault.text) for fault in refusal.value.faults]


def test_a_draft_keeps_its_details_and_its_instrument_stays_unknown():
    person = manager()
    made = draft(by=person)
    assert (made.slug, made.stage, made.prepared_by) == ("tt-12-2027", "draft", person)
    assert made.instrument.slug == "thong-tu-12-2027-tt-bkhcn"
    assert not Instrument.objects.visible_to(person).filter(pk=made.instrument_id).exists()
    assert not Catalogue.objects.visible_to(person).filter(pk=made.pk).exists()
    actions = Entry.objects.about(made).order_by("number").values_list("action", flat=True)
    assert list(actions) == ["draft_catalogue", "import_catalogue"]


def test_a_draft_of_a_known_instrument_leaves_it_public():
    known = InstrumentFactory(number="2618/QĐ-BKHCN", signed_on=date(2025, 9, 11), effective_from=date(2025, 9, 11))
    draft(by=manager(), instrument=known, content="")
    assert Instrument.objects.visible_to(None).filter(pk=known.pk).exists()


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        (
            {"effective_from": date(2026, 11, 9)},
            "effective_from",
            "áp dụng từ 09/11/2026, trước ngày ký văn bản 10/11/2026",
        ),
        ({"effective_from": date(2027, 2, 1)}, "effective_from", "trước ngày văn bản có hiệu lực 01/03/2027"),
        (
            {"instrument": new_instrument(effective_from=date(2026, 11, 1))},
            "instrument_effective_from",
            "có hiệu lực từ 01/11/2026, trước ngày ký 10/11/2026",
        ),
        ({"replaces": None}, "replaces", "vẫn còn hiệu lực"),
        ({"instrument": new_instrument(number="31/2025/tt-bkhcn")}, "number", "đã có"),
    ],
)
def test_days_periods_and_numbers_that_cannot_be_are_named(fields, field, words):
    before = CatalogueFactory()
    found = faults(**{"replaces": before, **fields})
    assert [one for one in found if one[0] == field and words in one[1]], found


def test_a_list_that_takes_effect_on_the_day_of_a_published_one_is_refused():
    before = CatalogueFactory(effective_from=date(2027, 3, 1))
    assert faults(replaces=before)[0][0] == "effective_from"


def test_a_second_list_from_one_instrument_is_refused():
    before = CatalogueFactory()
    found = faults(replaces=before, instrument=before.instrument)
    assert any(field == "instrument" and "đã có danh mục" in text for field, text in found)


def test_a_version_that_was_replaced_is_not_replaced_again():
    before = CatalogueFactory()
    published(by=manager(), publisher=manager(), replaces=before)
    found = faults(replaces=before, instrument=new_instrument(number="13/2027/TT-BKHCN"))
    assert any("đã được “Danh mục năm 2027” thay thế" in text for _field, text in found)


def test_only_versions_that_nothing_replaced_are_offered_to_be_replaced():
    person = manager()
    before = CatalogueFactory()
    waiting = draft(by=person, replaces=before, instrument=new_instrument(number="13/2027/TT-BKHCN"))
    after = published(by=manager(), publisher=manager(), replaces=before)

    def offered(**given) -> set[str]:
        return {slug for slug, _label in DetailsForm(user=person, **given).fields["replaces"].choices}

    assert offered() == {"", after.slug}
    # What a draft has named before stays in sight, and what is wrong with it is said.
    assert offered(catalogue=fresh(waiting)) == {"", before.slug, after.slug}


def test_instruments_that_would_replace_each_other_are_refused():
    newer = InstrumentFactory(number="9/2026/TT-BKHCN")
    older = InstrumentFactory(number="8/2026/TT-BKHCN", replaced_by=newer)
    before = CatalogueFactory(slug="tt-9", instrument=newer)
    found = faults(replaces=before, instrument=older)
    assert any("không thể thay thế lẫn nhau" in text for _field, text in found)


def test_a_restricted_list_and_a_public_one_do_not_replace_each_other():
    found = faults(replaces=CatalogueFactory(), restricted=True)
    assert ("replaces", "Danh mục hạn chế và danh mục công khai không thay thế nhau.") in found


def test_a_restricted_list_needs_an_instrument_of_its_own():
    found = faults(instrument=InstrumentFactory(), restricted=True)
    assert ("instrument", "Danh mục hạn chế phải có văn bản riêng, không công khai.") in found


OWN_INSTRUMENT = ("instrument", "Danh mục hạn chế phải có văn bản riêng, không công khai.")


def refused(made: Catalogue, **fields) -> list[tuple[str, str]]:
    """What keeps the draft from having these details, by a cleared manager."""
    with pytest.raises(Faulty) as refusal:
        drafting.change(
            made.pk, details(**fields), by=manager(cleared=True), at=NOW, expected_version=fresh(made).version
        )
    return [(fault.field, fault.text) for fault in refusal.value.faults]


def test_a_draft_does_not_become_restricted_on_the_instrument_of_a_public_list():
    public = CatalogueFactory()
    fields = {"family": "key-it", "replaces": None, "instrument": public.instrument}
    made = drafting.start(details(**fields), by=manager(), at=NOW)
    assert OWN_INSTRUMENT in refused(made, **fields, restricted=True)
    assert not fresh(made).restricted
    assert not Instrument.objects.get(pk=public.instrument_id).restricted


def test_no_public_list_is_drafted_or_published_on_the_instrument_of_a_restricted_one():
    one, other = manager(cleared=True), manager(cleared=True)
    hidden = published(by=one, publisher=other, restricted=True, replaces=None)
    found = faults(family="key-it", instrument=hidden.instrument)
    assert OWN_INSTRUMENT in found
    # Nor one that came there while its page stood open.
    waiting = proposed(by=one, family="key-it", replaces=None, instrument=new_instrument(number="14/2027/TT-BKHCN"))
    Catalogue.objects.filter(pk=waiting.pk).update(instrument=hidden.instrument)
    with pytest.raises(NotPossible, match="phải có văn bản riêng"):
        publishing.publish(waiting.pk, by=other, at=NOW, expected_version=waiting.version)


@pytest.mark.parametrize("restricted", [False, True])
def test_of_two_drafts_from_one_instrument_none_becomes_restricted_or_public_alone(restricted):
    by = manager(cleared=True)
    first = drafting.start(details(restricted=restricted), by=by, at=NOW)
    shared = {"family": "key-it", "instrument": first.instrument}
    second = drafting.start(details(**shared, restricted=restricted), by=by, at=NOW)
    toggled = not restricted
    assert OWN_INSTRUMENT in refused(second, **shared, restricted=toggled)
    # To type its number again does not make it the draft's own.
    assert [field for field, _text in refused(first, restricted=toggled)] == ["number"]
    assert [fresh(one).restricted for one in (first, second)] == [restricted, restricted]
    # With an instrument of its own it does, and the other's stays as it was.
    other = new_instrument(number="14/2027/TT-BKHCN")
    drafting.change(
        second.pk,
        details(family="key-it", instrument=other, restricted=toggled),
        by=by,
        at=NOW,
        expected_version=second.version,
    )
    assert fresh(second).instrument.restricted == fresh(second).restricted == toggled
    assert fresh(first).instrument.restricted == fresh(first).restricted == restricted


def test_the_number_of_a_restricted_instrument_tells_nothing_to_who_types_it_too():
    drafting.start(details(restricted=True), by=manager(cleared=True), at=NOW)
    made = drafting.start(details(), by=manager(), at=NOW)
    assert (made.slug, made.instrument.slug) == ("tt-12-2027", "thong-tu-12-2027-tt-bkhcn")


def test_a_stale_page_changes_nothing():
    person = manager()
    made = draft(by=person)
    for act in (
        lambda: drafting.change(made.pk, details(), by=person, at=NOW, expected_version=made.version - 1),
        lambda: drafting.import_content(made.pk, CONTENT, by=person, at=NOW, expected_version=None),
        lambda: drafting.delete(made.pk, by=person, at=NOW, expected_version=99),
    ):
        with pytest.raises(Stale):
            act()
    assert fresh(made).version == made.version


def test_other_details_keep_the_instrument_of_the_draft_one():
    person = manager()
    made = draft(by=person)
    changed = drafting.change(
        made.pk,
        details(title="Tên khác", replaces=made.replaces, instrument=new_instrument(number="14/2027/TT-BKHCN")),
        by=person,
        at=NOW,
        expected_version=made.version,
    )
    assert (changed.title, changed.instrument_id) == ("Tên khác", made.instrument_id)
    assert Instrument.objects.get(pk=made.instrument_id).number == "14/2027/TT-BKHCN"


def test_an_instrument_on_which_another_draft_rests_is_not_changed_from_this_one():
    one, other = manager(), manager()
    waiting = proposed(by=one)
    shared = {"family": "key-it", "replaces": None}
    second = drafting.start(details(**shared, instrument=waiting.instrument), by=other, at=NOW)
    assert DetailsForm(user=other, catalogue=second).initial["instrument"] == waiting.instrument.slug
    with pytest.raises(Faulty) as refusal:
        drafting.change(
            second.pk,
            details(**shared, instrument=new_instrument(title="Tên do người khác đặt", signed_on=date(2027, 1, 20))),
            by=other,
            at=NOW,
            expected_version=second.version,
        )
    assert [fault.field for fault in refusal.value.faults] == ["number"]
    assert "dự thảo khác" in refusal.value.faults[0].text
    changed = drafting.change(
        second.pk,
        details(**shared, instrument=new_instrument(number="14/2027/TT-BKHCN")),
        by=other,
        at=NOW,
        expected_version=second.version,
    )
    there = Instrument.objects.get(pk=waiting.instrument_id)
    assert (there.number, there.title) == ("12/2027/TT-BKHCN", "Ban hành danh mục mới")
    assert changed.instrument_id != there.pk


def test_addresses_follow_the_number_while_it_is_drafted():
    person = manager()
    made = draft(by=person)
    changed = drafting.change(
        made.pk,
        details(replaces=made.replaces, instrument=new_instrument(number="14/2027/TT-BKHCN")),
        by=person,
        at=NOW,
        expected_version=made.version,
    )
    assert (changed.slug, changed.instrument.slug) == ("tt-14-2027", "thong-tu-14-2027-tt-bkhcn")
    again = drafting.change(
        made.pk,
        details(title="Tên khác", replaces=made.replaces, instrument=new_instrument(number="14/2027/TT-BKHCN")),
        by=person,
        at=NOW,
        expected_version=changed.version,
    )
    assert again.slug == "tt-14-2027"


def test_choosing_a_known_instrument_drops_the_one_that_was_written_down():
    person = manager()
    made = draft(by=person)
    known = InstrumentFactory(number="2618/QĐ-BKHCN")
    drafting.change(
        made.pk,
        details(replaces=made.replaces, instrument=known),
        by=person,
        at=NOW,
        expected_version=made.version,
    )
    assert not Instrument.objects.filter(pk=made.instrument_id).exists()


def test_content_with_a_problem_leaves_what_was_there():
    person = manager()
    made = draft(by=person)
    with pytest.raises(Unsound) as refusal:
        drafting.import_content(
            made.pk, f"{HEADER}\n1\tA\t1.1\tMột\n1\tA\t1.1\tHai", by=person, at=NOW, expected_version=made.version
        )
    assert refusal.value.reading.problems[0].line == 3
    assert made.items.count() == 5


def test_content_imported_again_keeps_the_rows_and_what_a_manager_linked():
    person = manager()
    made = draft(by=person)
    kept = made.items.get(code="1.3")
    linking.decide(
        made.pk,
        "4.2",
        successors=["1.3"],
        removed=False,
        kind="overlaps",
        by=person,
        at=NOW,
        expected_version=made.version,
    )
    text = CONTENT.replace("Trợ lý ảo tiếng Việt", "Trợ lý ảo").replace("Thiết bị thông minh", "Thiết bị AI")
    drafting.import_content(made.pk, text, by=person, at=NOW, expected_version=fresh(made).version)
    assert made.items.get(code="1.3").pk == kept.pk
    assert made.items.get(code="1.3").name == "Trợ lý ảo"
    assert ItemRelation.objects.get(item__code="4.2", other=kept).origin == Origin.MANAGER


def test_the_content_as_text_is_read_to_the_same_content():
    person = manager()
    made = draft(by=person)
    text = drafting.text_of(made)
    assert "1.2\tCamera" in text
    assert "\t4.1" in text
    before = list(made.items.order_by("position").values_list("pk", "code", "name", "printed_code"))
    drafting.import_content(made.pk, text, by=person, at=NOW, expected_version=made.version)
    assert list(made.items.order_by("position").values_list("pk", "code", "name", "printed_code")) == before


def test_links_are_proposed_from_the_column_the_same_words_and_similar_ones():
    states = {link.item.code: link for link in links_of(draft(by=manager()))}
    found = {
        code: (link.state, [(r.other.code, r.origin, r.kind) for r in link.successors])
        for code, link in states.items()
    }
    assert found == {
        "1.7": ("linked", [("1.1", Origin.EXACT, "same")]),
        "1.8": ("proposed", [("1.2", Origin.SIMILAR, "overlaps")]),
        "4.1": ("linked", [("2.1", Origin.IMPORTED, "broader"), ("2.2", Origin.IMPORTED, "broader")]),
        "4.2": ("open", []),
    }


def test_an_item_is_linked_confirmed_or_left_out():
    person = manager()
    made = draft(by=person)
    linking.confirm(made.pk, "1.8", by=person, at=NOW, expected_version=made.version)
    linking.decide(
        made.pk, "4.2", successors=[], removed=True, kind="same", by=person, at=NOW, expected_version=made.version + 1
    )
    states = {link.item.code: link.state for link in links_of(fresh(made))}
    assert states == {"1.7": "linked", "1.8": "linked", "4.1": "linked", "4.2": "removed"}
    assert undecided(links_of(fresh(made))) == []


@pytest.mark.parametrize(
    ("code", "successors", "removed"),
    [("4.2", [], False), ("4.2", ["1.1"], True), ("4.2", ["9.9"], False), ("9.9", ["1.1"], False)],
)
def test_a_link_that_makes_no_sense_is_refused(code, successors, removed):
    person = manager()
    made = draft(by=person)
    with pytest.raises(NotPossible):
        linking.decide(
            made.pk,
            code,
            successors=successors,
            removed=removed,
            kind="same",
            by=person,
            at=NOW,
            expected_version=made.version,
        )


def test_a_cycle_of_successors_is_found():
    made = draft(by=manager())
    assert cycle_of_successors(made) == []
    ItemRelation.objects.create(
        item=made.items.get(code="2.1"),
        other=made.replaces.items.get(code="4.1"),
        kind="same",
        successor=True,
        origin="thử",
        added_on=NOW.date(),
    )
    assert [item.code for item in cycle_of_successors(made)] == ["2.1"]


def test_a_draft_goes_with_its_instrument_and_its_links():
    person = manager()
    made = draft(by=person)
    drafting.delete(made.pk, by=person, at=NOW, expected_version=made.version)
    assert not Catalogue.objects.filter(pk=made.pk).exists()
    assert not Instrument.objects.filter(drafted=True).exists()
    assert not ItemRelation.objects.exists()


@pytest.mark.parametrize("restricted", [False, True])
def test_every_act_on_a_draft_asks_for_a_manager_who_may_know_of_it(restricted):
    fields = {"restricted": restricted, "replaces": None}
    made = draft(by=manager(cleared=True), **fields)
    person = manager() if restricted else StaffFactory(role=Role.HEAD_OF_UNIT)
    given = {"by": person, "at": NOW, "expected_version": made.version}
    for act in (
        lambda: drafting.start(details(**fields, family="key-it"), by=person, at=NOW),
        lambda: drafting.change(made.pk, details(**fields), **given),
        lambda: drafting.import_content(made.pk, CONTENT, **given),
        lambda: drafting.delete(made.pk, **given),
        lambda: linking.confirm(made.pk, "1.8", **given),
        lambda: linking.decide(made.pk, "4.2", successors=[], removed=True, kind="same", **given),
        lambda: publishing.propose(made.pk, **given),
    ):
        with pytest.raises(NotPossible, match="Chỉ người quản lý danh mục"):
            act()
    assert (Catalogue.objects.filter(stage="draft").count(), fresh(made).version) == (1, made.version)


def test_only_the_cleared_make_a_draft_restricted():
    person = manager()
    made = draft(by=person, replaces=None)
    with pytest.raises(NotPossible, match="Chỉ người quản lý danh mục"):
        drafting.change(
            made.pk, details(replaces=None, restricted=True), by=person, at=NOW, expected_version=made.version
        )


def test_a_link_made_after_midnight_bears_the_day_that_it_is_here():
    person = manager()
    late = datetime(2026, 11, 18, 20, 0, tzinfo=UTC)  # 03:00 on the 19th
    made = draft(by=person)
    drafting.import_content(made.pk, CONTENT, by=person, at=late, expected_version=made.version)
    linking.confirm(made.pk, "1.8", by=person, at=late, expected_version=fresh(made).version)
    given = {"kind": "same", "by": person, "at": late}
    linking.decide(made.pk, "1.7", successors=["1.1"], removed=False, expected_version=fresh(made).version, **given)
    linking.decide(made.pk, "4.2", successors=[], removed=True, expected_version=fresh(made).version, **given)
    assert set(ItemRelation.objects.values_list("added_on", flat=True)) == {date(2026, 11, 19)}
    assert made.removals.get().added_on == date(2026, 11, 19)


def test_what_is_proposed_is_locked():
    person = manager()
    made = proposed(by=person)
    for act in (
        lambda v: drafting.change(made.pk, details(), by=person, at=NOW, expected_version=v),
        lambda v: drafting.import_content(made.pk, CONTENT, by=person, at=NOW, expected_version=v),
        lambda v: drafting.delete(made.pk, by=person, at=NOW, expected_version=v),
        lambda v: linking.confirm(made.pk, "1.8", by=person, at=NOW, expected_version=v),
    ):
        with pytest.raises(NotPossible, match="chờ duyệt công bố"):
            act(made.version)
