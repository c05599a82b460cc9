"""A draft that outlives a revision of its procedure is filed under the rules of the day on which it is filed."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.models import MembershipRole
from audit.models import Entry
from intake.filing import OutOfDate
from intake.models import Dossier, Revision
from intake.states import State
from tests.factories import (
    ANSWERS,
    DEFINITION,
    ZONE,
    CatalogueFactory,
    InstrumentFactory,
    ProcedureRevisionFactory,
    case_in,
    complete_dossier,
    member_of,
)
from tests.intake.test_submission import hidden, state_of, submit, text
from workflow import transitions

pytestmark = pytest.mark.django_db

BEFORE = datetime(2026, 6, 30, 23, 30, tzinfo=ZONE)
AFTER = datetime(2026, 7, 1, 0, 30, tzinfo=ZONE)
NOTICE = "thủ tục này theo quy định mới"
ASKED_ANEW = {"key": "group", "label": "Nhóm công nghệ gần nhất", "type": "text"}


@pytest.fixture
def draft(clock):
    """Complete on the evening before the list and the procedure change."""
    clock.move_to(BEFORE)
    CatalogueFactory(effective_to=date(2026, 7, 1))
    CatalogueFactory(
        slug="moi",
        instrument=InstrumentFactory(number="21/2026/QĐ-TTg"),
        effective_from=date(2026, 7, 1),
    )
    old = ProcedureRevisionFactory()
    first, *others = DEFINITION["sections"]
    ProcedureRevisionFactory(
        effective_from=date(2026, 7, 1),
        changes={
            "sections": [{**first, "questions": [*first["questions"], ASKED_ANEW]}, *others],
            "legal_basis": [{"text": "Quyết định số 21/2026/QĐ-TTg"}],
            "statements_version": "2026-2",
        },
    )
    return complete_dossier(revision_of_procedure=old, created_at=BEFORE, edited_at=BEFORE)


def test_until_the_day_it_is_filed_as_it_was_started(sign_in, draft):
    client = sign_in(draft.created_by)
    assert NOTICE not in text(client.get(reverse("dossier_summary", args=[draft.public_id])))
    assert submit(client, draft).status_code == 302
    assert Revision.objects.get().content["procedure"]["revision"] == 1


def test_from_the_day_on_every_page_shows_the_new_rules_and_says_so(sign_in, draft, clock):
    clock.move_to(AFTER)
    client = sign_in(draft.created_by)
    for name, args in {"dossier_section": ["san-pham"], "dossier_items": [], "dossier_documents": []}.items():
        page = text(client.get(reverse(name, args=[draft.public_id, *args])))
        assert f"Từ ngày 01/07/2026, {NOTICE}" in page
        assert "21/2026/QĐ-TTg</span></li>" in page
    page = text(client.get(reverse("dossier_summary", args=[draft.public_id])))
    assert "Chưa trả lời: Nhóm công nghệ gần nhất" in page
    assert "Có mục không thuộc danh mục đang áp dụng" in page
    assert "Còn thiếu 1 nội dung" in text(client.get(reverse("dossier_list")))
    viewer = sign_in(member_of(draft.organisation, MembershipRole.VIEWER))
    assert "Nhóm công nghệ gần nhất" in text(viewer.get(reverse("dossier_detail", args=[draft.public_id])))


def test_the_first_save_moves_the_draft_and_it_is_filed_under_the_new_rules(sign_in, draft, clock):
    clock.move_to(AFTER)
    client = sign_in(draft.created_by)
    section = reverse("dossier_section", args=[draft.public_id, "san-pham"])
    given = {key: ANSWERS[key] for key in ("product_name", "description", "kind")}
    answer = client.post(section, {**given, "group": "Camera", "seen": hidden(client.get(section), "seen")})
    assert answer.status_code == 302
    saved = Dossier.objects.get()
    assert saved.revision_of_procedure.number == 2
    assert saved.answers == {**ANSWERS, "group": "Camera"}
    moved = Entry.objects.about(saved).get(action="revise_draft")
    assert moved.data == {"from": 1, "to": 2}
    items = reverse("dossier_items", args=[draft.public_id])
    new = CatalogueFactory(slug="moi").items.get(code="1.8")
    client.post(items, {"items": [new.pk], "seen": hidden(client.get(items), "seen")})
    assert submit(client, draft).status_code == 302
    revision = Revision.objects.get()
    assert revision.content["procedure"]["revision"] == 2
    assert revision.certification.statements_version == "2026-2"


def test_a_summary_opened_before_midnight_files_nothing_after_it(sign_in, draft, clock):
    client = sign_in(draft.created_by)
    page = client.get(reverse("dossier_summary", args=[draft.public_id]))
    clock.move_to(AFTER)
    ticks = {"statement_accurate": "on", "statement_responsible": "on", "certifier_capacity": "Giám đốc"}
    answer = client.post(
        reverse("dossier_submit", args=[draft.public_id]), {"version": hidden(page, "version"), **ticks}
    )
    assert answer.status_code == 422
    assert "Hồ sơ đã thay đổi từ khi bạn mở trang này" in text(answer)
    assert NOTICE in text(answer)
    assert state_of(draft) == State.DRAFT
    assert Dossier.objects.get().revision_of_procedure.number == 2


@pytest.fixture
def asking_what_was_answered(clock):
    """A draft whose procedure changes its statements, and nothing that would have to be answered anew."""
    clock.move_to(BEFORE)
    CatalogueFactory()
    old = ProcedureRevisionFactory()
    ProcedureRevisionFactory(effective_from=date(2026, 7, 1), changes={"statements_version": "2026-2"})
    return complete_dossier(revision_of_procedure=old, created_at=BEFORE, edited_at=BEFORE)


def test_a_summary_that_already_showed_the_new_rules_is_filed_at_once(sign_in, asking_what_was_answered, clock):
    clock.move_to(AFTER)
    client = sign_in(asking_what_was_answered.created_by)
    assert submit(client, asking_what_was_answered).status_code == 302
    assert Revision.objects.get().certification.statements_version == "2026-2"
    assert Entry.objects.about(asking_what_was_answered).filter(action="revise_draft").count() == 1


def test_a_change_made_after_the_new_rules_were_shown_is_looked_at_first(sign_in, asking_what_was_answered, clock):
    clock.move_to(AFTER)
    client = sign_in(asking_what_was_answered.created_by)
    Dossier.objects.update(version=1)
    answer = submit(client, asking_what_was_answered, version="0")
    assert answer.status_code == 422
    assert "Hồ sơ đã thay đổi từ khi bạn mở trang này" in text(answer)


@pytest.mark.parametrize("number", ["1", "3", "", "x", None, "9" * 5000])
def test_a_page_that_does_not_name_the_new_rules_files_nothing(sign_in, asking_what_was_answered, clock, number):
    clock.move_to(AFTER)
    client = sign_in(asking_what_was_answered.created_by)
    assert submit(client, asking_what_was_answered, rules=number).status_code == 422
    assert state_of(asking_what_was_answered) == State.DRAFT


def test_nothing_files_a_draft_under_rules_that_were_replaced(draft):
    with pytest.raises(OutOfDate):
        transitions.submit(
            draft.pk,
            by=draft.created_by,
            at=AFTER,
            expected_version=draft.version,
            ticked=["accurate", "responsible"],
            capacity="Giám đốc",
            ip_address=None,
            user_agent="",
        )


def test_what_was_filed_stays_under_its_rules(sign_in, draft, clock):
    case = case_in(
        State.SUPPLEMENT_REQUESTED, at=BEFORE, revision_of_procedure=draft.revision_of_procedure, created_at=BEFORE
    )
    clock.move_to(AFTER + timedelta(days=1))
    page = text(sign_in(case.created_by).get(reverse("dossier_detail", args=[case.public_id])))
    assert NOTICE not in page
    assert "Nhóm công nghệ gần nhất" not in page
    assert Dossier.objects.get(pk=case.pk).revision_of_procedure.number == 1
