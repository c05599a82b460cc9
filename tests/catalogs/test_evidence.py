"""Decided products: proposed, reviewed by a catalogue manager, held beside new ones."""

import uuid
from datetime import date, timedelta

import pytest

from accounts.models import Role
from audit.models import Entry
from catalogs.learning import evidence
from catalogs.learning.acting import NotManager
from catalogs.learning.evidence import (
    ALIKE,
    CASES_PER_ITEM,
    Decided,
    Found,
    NothingChosen,
    NotThisMove,
    Stale,
    propose,
    review,
)
from catalogs.matching import service
from catalogs.matching.saying import NONE_FITTED
from catalogs.models import Catalogue, Evidence, EvidenceState
from intake.states import Outcome, State
from tests.factories import NOW, CatalogueFactory, OrganisationFactory, StaffFactory, case_in
from workflow.evidence import propose_findings
from workflow.models import ItemFinding

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue() -> Catalogue:
    return CatalogueFactory()


@pytest.fixture
def manager():
    return StaffFactory(role=Role.CATALOGUE_MANAGER)


def item(catalogue: Catalogue, code: str = "1.8"):
    return catalogue.items.get(code=code)


def decided(n: int = 1, **fields) -> Decided:
    given = {
        "dossier_id": uuid.UUID(int=n),
        "code": f"G06-261118-{n:04}",
        "organisation_id": OrganisationFactory().pk,
        "name": "Mắt Thần",
        "description": "Hệ thống zorblax quang tử đọc biển số ban đêm",
        "granted": True,
        "on": date(2026, 11, 18),
    }
    return Decided(**{**given, **fields})


def a_row(catalogue: Catalogue, n: int = 1, *, code: str | None = "1.8", fits: bool = True, **fields) -> Evidence:
    found = Found(catalogue.pk, item(catalogue, code).pk if code else None, fits=fits, reason=fields.pop("reason", ""))
    state = fields.pop("state", "")
    propose(decided(n, **fields), [found])
    row = Evidence.objects.get(dossier_id=uuid.UUID(int=n), item_id=found.item_id)
    if state:
        row.state, row.reviewed_by, row.reviewed_at = state, StaffFactory(role=Role.CATALOGUE_MANAGER), NOW
        row.save()
    return row


# --- proposed --------------------------------------------------------------------------------------


def test_proposing_twice_writes_once(catalogue: Catalogue) -> None:
    found = [Found(catalogue.pk, item(catalogue).pk, fits=True), Found(catalogue.pk, None, fits=False, reason="x")]
    once = decided()
    assert propose(once, found) == 2
    assert propose(once, found) == 0
    assert Evidence.objects.count() == 2
    assert set(Evidence.objects.values_list("state", flat=True)) == {EvidenceState.PROPOSED}


# --- reviewed --------------------------------------------------------------------------------------


def test_accepting_and_rejecting_say_by_whom_and_are_recorded(catalogue: Catalogue, manager) -> None:
    rows = [a_row(catalogue, n) for n in (1, 2)]
    every = Evidence.objects.all()
    review({row.pk: "proposed" for row in rows}, "accept", among=every, by=manager, at=NOW)
    review({rows[0].pk: "accepted"}, "reject", among=every, by=manager, at=NOW + timedelta(hours=1))
    first, second = Evidence.objects.order_by("pk")
    assert (first.state, second.state) == ("rejected", "accepted")
    assert (first.reviewed_by, first.reviewed_at) == (manager, NOW + timedelta(hours=1))
    actions = list(Entry.objects.order_by("number").values_list("action", flat=True))
    assert actions == ["accept_evidence", "accept_evidence", "reject_evidence"]


def test_what_somebody_else_has_reviewed_changes_nothing(catalogue: Catalogue, manager) -> None:
    rows = [a_row(catalogue, n) for n in (1, 2)]
    every = Evidence.objects.all()
    review({rows[0].pk: "proposed"}, "reject", among=every, by=manager, at=NOW)
    with pytest.raises(Stale):
        review({row.pk: "proposed" for row in rows}, "accept", among=every, by=manager, at=NOW)
    assert Evidence.objects.get(pk=rows[1].pk).state == "proposed"


def test_nothing_chosen_a_row_that_is_gone_and_a_wrong_step_are_told(catalogue: Catalogue, manager) -> None:
    row = a_row(catalogue)
    every = Evidence.objects.all()
    with pytest.raises(NothingChosen):
        review({}, "accept", among=every, by=manager, at=NOW)
    with pytest.raises(Stale):
        review({row.pk: "proposed", 999_999: "proposed"}, "accept", among=every, by=manager, at=NOW)
    with pytest.raises(Stale):
        review({row.pk: "proposed"}, "accept", among=Evidence.objects.none(), by=manager, at=NOW)
    with pytest.raises(NotThisMove):
        review({row.pk: "proposed"}, "retire", among=every, by=manager, at=NOW)
    with pytest.raises(NotThisMove):
        review({row.pk: "proposed"}, "publish", among=every, by=manager, at=NOW)


def test_only_a_catalogue_manager_reviews(catalogue: Catalogue) -> None:
    row = a_row(catalogue)
    for by in (StaffFactory(role=Role.SPECIALIST), StaffFactory(role=Role.CLEARED)):
        with pytest.raises(NotManager):
            review({row.pk: "proposed"}, "accept", among=Evidence.objects.all(), by=by, at=NOW)
    assert Evidence.objects.get().state == "proposed"


# --- learned from ----------------------------------------------------------------------------------

ZORBLAX = {"name": "", "description": "zorblax quang tử"}


def best(catalogue: Catalogue) -> str:
    service.forget(catalogue)
    result = service.suggest(catalogue, **ZORBLAX)
    return result.ranked[0].code if result.decision == "match" else ""


def test_matching_learns_only_from_what_is_in_force(catalogue: Catalogue, manager) -> None:
    assert best(catalogue) == ""
    row = a_row(catalogue)
    for state in ("accepted", "rejected", "live"):
        Evidence.objects.filter(pk=row.pk).update(state=state, reviewed_by=manager, reviewed_at=NOW)
        assert best(catalogue) == ("1.8" if state == "live" else ""), state
    # Until the candidate without it was measured and put into force, it counts.
    review({row.pk: "live"}, "retire", among=Evidence.objects.all(), by=manager, at=NOW)
    assert best(catalogue) == "1.8"
    assert service.candidate_index_of(catalogue).match(**ZORBLAX).decision == "none"
    review({row.pk: "retiring"}, "keep", among=Evidence.objects.all(), by=manager, at=NOW)
    assert service.candidate_index_of(catalogue).match(**ZORBLAX).decision == "match"


def test_the_candidate_adds_what_was_accepted(catalogue: Catalogue) -> None:
    a_row(catalogue, state="accepted")
    assert best(catalogue) == ""
    assert service.candidate_index_of(catalogue).match(**ZORBLAX).decision == "match"


def test_a_product_for_which_nothing_fits_speaks_against_its_like_without_naming_it(catalogue: Catalogue) -> None:
    text = "Cho thuê camera thông minh theo ngày cho đám cưới và liên hoan"
    before = service.suggest(catalogue, name="", description=text).ranked[0].score
    a_row(catalogue, code=None, fits=False, name="Tên riêng", description=text, state="live")
    service.forget(catalogue)
    after = service.suggest(catalogue, name="", description=text).ranked[0]
    assert after.score < before
    assert any(NONE_FITTED in str(said) for said in after.against)
    assert not any("Tên riêng" in str(said) for said in after.against)


def test_of_an_overruled_item_matching_learns_nothing(catalogue: Catalogue) -> None:
    a_row(catalogue, fits=False, reason="Chỉ dùng lại.", state="live")
    assert best(catalogue) == ""


# --- held beside a new product ---------------------------------------------------------------------


def test_decided_products_come_by_words_shared_then_newest(catalogue: Catalogue) -> None:
    for n, text in enumerate(["gạo thơm", "camera đọc biển số xe", "camera đọc biển số xe", "camera"], start=1):
        a_row(catalogue, n, name="", description=text, on=date(2026, 11, n))
    pk = item(catalogue).pk
    found = evidence.similar("", "Camera đọc biển số xe tải", [pk])[pk]
    assert [case.evidence.dossier_id.int for case in found.cases] == [3, 2, 4]
    assert found.more == 1
    assert found.cases[0].shared == ("bien", "camera", "doc", "so")


def test_only_similar_products_that_were_overruled_speak_against(catalogue: Catalogue) -> None:
    text = "camera đọc biển số, suy luận trên thiết bị biên"
    a_row(catalogue, 1, fits=False, reason="Chỉ bán lại.", description=text)
    a_row(catalogue, 2, fits=False, reason="Khác hẳn.", name="", description="gạo thơm")
    a_row(catalogue, 3, fits=False, reason="Bị loại.", description=text, state="rejected")
    pk = item(catalogue).pk
    found = evidence.similar("", text, [pk])[pk]
    assert [case.evidence.reason for case in found.against] == ["Chỉ bán lại."]
    assert len(found.against[0].shared) >= ALIKE


def test_an_organisation_sees_its_own_and_a_dossier_is_not_like_itself(catalogue: Catalogue) -> None:
    own = OrganisationFactory()
    a_row(catalogue, 1, organisation_id=own.pk)
    a_row(catalogue, 2)
    pk = item(catalogue).pk
    found = evidence.similar("x", "", [pk], organisation_id=own.pk)
    assert [case.evidence.organisation for case in found[pk].cases] == [own]
    assert evidence.similar("x", "", [pk], organisation_id=own.pk, but=uuid.UUID(int=1)) == {}


def test_it_costs_one_query_and_reads_no_more_than_its_bound(
    catalogue: Catalogue, django_assert_num_queries, monkeypatch
) -> None:
    monkeypatch.setattr(evidence, "CASES_PER_ITEM", 5)
    for n in range(1, 8):
        a_row(catalogue, n, on=date(2026, 11, n))
    a_row(catalogue, 8, code="4.1", on=date(2020, 1, 1))  # old, and yet not pushed out by another item's
    pk, other = item(catalogue).pk, item(catalogue, "4.1").pk
    with django_assert_num_queries(1):
        found = evidence.similar("x", "", [pk, other, *range(900, 950)])
        assert all(case.organisation for case in found[pk].cases)
    assert len(found[pk].cases) + found[pk].more == 5
    assert (found[pk].total, found[pk].besides, found[other].total) == ("5+", "2+", "1")
    assert [case.evidence.decided_on.day for case in found[pk].cases] == [7, 6, 5]
    with django_assert_num_queries(0):
        assert evidence.similar("x", "", []) == {}
    assert CASES_PER_ITEM == 25


@pytest.mark.parametrize("text", ["", "🚁" * 50, "\u202e\u200b", "a" * 100_000, "và của cho 12 3"])
def test_any_text_can_be_compared(catalogue: Catalogue, text: str) -> None:
    a_row(catalogue)
    pk = item(catalogue).pk
    assert evidence.similar(text, text, [pk])[pk].cases


# --- handed on by a decision -----------------------------------------------------------------------


def test_a_refusal_says_which_items_were_overruled_and_that_none_fits() -> None:
    case = case_in(State.ISSUED, outcome=Outcome.NOT_GRANTED)
    officer = StaffFactory()
    declared = case.declared_items.get().item
    ItemFinding.objects.create(
        case_id=case.pk, item=declared, verdict="overruled", reason="Bán lại.", by=officer, at=NOW
    )
    for _n in range(2):
        propose_findings(case, catalogue=declared.catalogue, decided_at=NOW)
    rows = [(row.item, row.fits, row.reason, row.granted) for row in Evidence.objects.order_by("pk")]
    assert rows == [(declared, False, "Bán lại.", False), (None, False, "Bán lại.", False)]


def test_a_grant_with_an_overruled_item_does_not_say_that_none_fits() -> None:
    case = case_in(State.ISSUED)
    officer = StaffFactory()
    declared = case.declared_items.get().item
    other = declared.catalogue.items.get(code="1.7")
    for one, verdict in ((declared, "overruled"), (other, "added")):
        ItemFinding.objects.create(case_id=case.pk, item=one, verdict=verdict, reason="x", by=officer, at=NOW)
    propose_findings(case, catalogue=declared.catalogue, decided_at=NOW)
    assert {(row.item, row.fits) for row in Evidence.objects.order_by("pk")} == {(declared, False), (other, True)}
    assert {row.decided_on for row in Evidence.objects.order_by("pk")} == {NOW.date()}
