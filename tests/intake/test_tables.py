"""Questions with rows, and provinces: filled in with and without scripts, by two people, filed, compared."""

import copy
import re
from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse

from accounts.models import MembershipRole, Role
from catalogs.procedures import TABLE_CELLS, Definition, InvalidDefinition
from intake import drafts
from intake.answers import display
from intake.completeness import missing
from intake.differences import differences
from intake.forms import AnswersForm, write_input
from intake.models import Dossier
from intake.states import State
from intake.tables import read_rows, write_rows
from tests.factories import (
    ANSWERS,
    DEFINITION,
    NOW,
    CatalogueFactory,
    DossierFactory,
    ProcedureRevisionFactory,
    StaffFactory,
    case_in,
    complete_dossier,
    member_of,
)
from tests.intake.test_drafting import section_url, text, token
from tests.intake.test_submission import TICKS, hidden, supplement_url
from tests.intake.test_together import Window, choices
from workflow import transitions
from workflow.transitions import Point

pytestmark = pytest.mark.django_db

EQUIPMENT: dict[str, Any] = {
    "key": "equipment",
    "label": "Thiết bị chính",
    "type": "table",
    "required": False,
    "help": "Thiết bị dùng để làm ra sản phẩm.",
    "max": 4,
    "columns": [
        {"key": "name", "label": "Tên", "type": "text", "max": 40},
        {"key": "count", "label": "Số lượng", "type": "number", "unit": "cái", "min": 1},
        {"key": "price", "label": "Giá", "type": "money", "required": False},
        {"key": "bought_on", "label": "Ngày mua", "type": "date", "required": False},
        {"key": "place", "label": "Nơi đặt", "type": "province", "required": False},
        {
            "key": "origin",
            "label": "Xuất xứ",
            "type": "choice",
            "required": False,
            "choices": [{"value": "vn", "label": "Trong nước"}, {"value": "abroad", "label": "Nhập khẩu"}],
        },
        {"key": "own", "label": "Sở hữu", "type": "yes_no", "required": False},
    ],
}
PROVINCE = {"key": "site", "label": "Nơi sản xuất", "type": "province", "required": False}
ROWS = [{"name": "Máy đo", "count": 2, "price": 1250000, "place": "79", "own": "yes"}, {"name": "Lò", "count": "1.5"}]


def changed(*added: dict[str, Any]) -> dict[str, Any]:
    """DEFINITION with more questions in its first section."""
    first, *others = DEFINITION["sections"]
    return {"sections": [{**first, "questions": [*first["questions"], *added]}, *others]}


def definition(**changes: Any) -> Definition:
    return Definition.read({**DEFINITION, **changed({**EQUIPMENT, **changes}, PROVINCE)})


TABLE = definition().question("equipment")


@pytest.fixture
def revision(db):
    CatalogueFactory()
    return ProcedureRevisionFactory(changes=changed(EQUIPMENT, PROVINCE))


@pytest.fixture
def draft(revision):
    return DossierFactory(revision_of_procedure=revision)


@pytest.fixture
def open_page(client, draft):
    return Window(client, draft.created_by, draft)


def cells(*rows: dict[str, str]) -> dict[str, str]:
    return {f"equipment.{n}.{key}": value for n, row in enumerate(rows) for key, value in row.items()}


def answers():
    return Dossier.objects.get().answers


# --- the definition ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"columns": []}, "a table has columns"),
        ({"columns": [{"key": "a", "label": "A", "type": "long_text"}]}, "unknown type “long_text”"),
        ({"columns": [{"key": "a", "label": "A", "type": "table"}]}, "unknown type “table”"),
        ({"columns": [{"key": "a", "label": "A", "type": "choice"}]}, "no choices"),
        ({"columns": [{"key": "a.b", "label": "A", "type": "text"}]}, "is no key"),
        ({"columns": [{"key": "a", "label": "A", "type": "text"}] * 2}, "stands twice"),
        ({"columns": [{"key": "a", "label": "A", "type": "date", "past": True}]}, "no “past”"),
        ({"min": 5}, "rows"),
        ({"min": 1.5}, "rows"),
        ({"max": TABLE_CELLS}, "rows"),
        ({"type": "text"}, "a table has columns"),
    ],
)
def test_a_table_that_could_not_be_drawn_is_no_procedure(changes, words):
    with pytest.raises(InvalidDefinition, match=re.escape(words)):
        definition(**changes)


@pytest.mark.parametrize("changes", [{"title_question": "equipment"}, {"matching_questions": ["equipment"]}])
def test_a_table_is_no_title_and_not_matched(changes):
    with pytest.raises(InvalidDefinition, match="a table is no title"):
        Definition.read({**DEFINITION, **changed(EQUIPMENT), **changes})


def test_no_condition_hangs_on_a_table():
    asked = {"key": "more", "label": "Thêm", "type": "text", "condition": {"question": "equipment", "values": ["a"]}}
    with pytest.raises(InvalidDefinition, match="no condition hangs on a table"):
        Definition.read({**DEFINITION, **changed(EQUIPMENT, asked)})


def test_a_key_that_the_page_needs_for_itself_is_refused():
    with pytest.raises(InvalidDefinition, match="taken by the pages"):
        Definition.read({**DEFINITION, **changed({"key": "seen", "label": "Đã xem", "type": "text"})})


# --- reading and writing -----------------------------------------------------------------------------


def test_rows_are_read_in_their_order_whatever_their_numbers():
    sent = QueryDict(
        "equipment.12.name=B&equipment.3.name=A&equipment.3.count=2&equipment.20.name=+&equipment.x.name=C"
    )
    assert read_rows(TABLE, sent) == [{"name": "A", "count": "2"}, {"name": "B"}, {}]


@pytest.mark.parametrize(
    "name", ["equipment.99999999999.name", "equipment.-1.name", "equipment.0", "equipment.0.other"]
)
def test_a_broken_name_is_no_cell(name):
    assert read_rows(TABLE, {name: "A"}) == []


def test_what_is_written_is_read_again_without_what_stood_there():
    data = QueryDict("equipment.7.name=Cũ&equipment.add=1&equipment.remove=0&kind=product", mutable=True)
    rows = write_input(TABLE, ROWS)
    write_rows(TABLE, rows, data)
    assert read_rows(TABLE, data) == rows
    assert rows[0] == {"name": "Máy đo", "count": "2", "price": "1.250.000", "place": "79", "own": "yes"}
    assert data["kind"] == "product"


def test_a_table_is_read_by_a_person_line_by_line():
    first, second = display(TABLE, ROWS).split("\n")
    assert first == "Tên: Máy đo · Số lượng: 2 cái · Giá: 1.250.000 đồng · Nơi đặt: TP. Hồ Chí Minh · Sở hữu: Có"
    assert second == "Tên: Lò · Số lượng: 1,5 cái"


@pytest.mark.parametrize("kept", ["một văn bản", ["product"], 5, None, [[]]])
def test_an_answer_from_before_it_was_a_table_breaks_nothing(kept):
    assert display(TABLE, kept) == ""
    assert write_input(TABLE, kept) == []


# --- filling it in -----------------------------------------------------------------------------------


def test_rows_are_saved_as_answers_and_shown_again_as_people_write_them(open_page, draft):
    answer = open_page.send(
        **cells(
            {"name": " Máy đo ", "count": "2", "price": "1.250.000 đồng", "bought_on": "1/3/2024", "place": "01"},
            {},
            {"name": "Lò", "count": "1,5", "origin": "abroad", "own": "no"},
        ),
        site="79",
    )
    assert answer.url == section_url(draft)
    assert answers() == {
        "equipment": [
            {"name": "Máy đo", "count": 2, "price": 1250000, "bought_on": "2024-03-01", "place": "01"},
            {"name": "Lò", "count": "1.5", "origin": "abroad", "own": "no"},
        ],
        "site": "79",
    }
    page = text(open_page.client.get(open_page.url))
    assert 'name="equipment.0.price" value="1.250.000"' in page
    assert 'name="equipment.1.count" value="1,5"' in page
    assert '<option value="79" selected>TP. Hồ Chí Minh</option>' in page
    assert "Tối đa 4 dòng." in page


def test_a_button_adds_a_row_and_what_was_typed_is_saved(open_page, draft):
    answer = open_page.send(**cells({"name": "Máy đo", "count": "2"}), **{"equipment.add": "1"})
    assert answer.url == f"{section_url(draft)}?them=equipment#id_equipment.1.name"
    assert answers() == {"equipment": [{"name": "Máy đo", "count": 2}]}
    assert 'name="equipment.1.name"' not in text(open_page.client.get(open_page.url))
    page = text(open_page.client.get(answer.url))
    assert 'name="equipment.1.name"' in page
    assert 'name="equipment.2.name"' not in page


def test_a_button_takes_a_row_out(open_page, draft):
    rows = [{"name": "A", "count": "1"}, {"name": "B", "count": "2"}, {"name": "C", "count": "3"}]
    answer = open_page.send(**cells(*rows), **{"equipment.remove": "1"})
    assert answer.url == f"{section_url(draft)}#id_equipment"
    assert [row["name"] for row in answers()["equipment"]] == ["A", "C"]


@pytest.mark.parametrize("button", [{"equipment.add": "1"}, {"equipment.remove": "1"}])
def test_with_a_mistake_elsewhere_the_buttons_work_all_the_same(open_page, button):
    answer = open_page.send(**cells({"name": "A", "count": "x"}, {"name": "B"}), **button)
    assert answer.status_code == 422
    page = text(answer)
    assert page.count("data-row-remove") == 1 + (3 if "equipment.add" in button else 1)  # and the one to be copied
    assert 'value="x"' in page
    assert ('value="B"' in page) == ("equipment.add" in button)


def test_at_the_limit_no_row_is_offered_and_more_are_refused_with_what_was_typed(open_page):
    full = [{"name": str(n), "count": "1"} for n in range(4)]
    open_page.send(**cells(*full))
    assert re.search(r"data-row-add hidden", text(open_page.client.get(open_page.url)))
    open_page = Window(open_page.client, open_page.person, Dossier.objects.get())
    answer = open_page.send(**cells(*full, {"name": "Thừa"}))
    assert answer.status_code == 422
    assert "Bảng có 5 dòng; tối đa 4 dòng." in text(answer)
    assert 'value="Thừa"' in text(answer)
    assert len(Dossier.objects.get().malformed["equipment"]) == 5


def test_a_mistake_is_said_at_its_cell_and_kept_as_it_was_typed(open_page, draft):
    wrong = {"name": "x" * 41, "count": "hai", "price": "1,5"}
    answer = open_page.send(**cells({"name": "Máy đo", "count": "2"}, wrong))
    assert answer.status_code == 422
    page = text(answer)
    summary = re.search(r'<div class="errors".*?</div>', page, re.DOTALL)[0]
    assert '<a href="#id_equipment.1.count">Thiết bị chính: Dòng 2, Số lượng: Chưa đọc được số.' in summary
    assert summary.count("<li>") == 3
    cell = re.search(r'<input[^>]*name="equipment.1.count"[^>]*>', page)[0]
    assert 'value="hai"' in cell
    assert 'aria-invalid="true"' in cell
    assert 'aria-describedby="id_equipment.1.count_error"' in cell
    assert "aria-invalid" not in re.search(r'<input[^>]*name="equipment.0.count"[^>]*>', page)[0]
    # A draft keeps it, and says before filing what is to be mended, and where.
    kept = Dossier.objects.get()
    assert kept.malformed["equipment"][1] == wrong
    assert 'value="hai"' in text(open_page.client.get(open_page.url))
    places = [one.url.partition("#")[2] for one in missing(kept) if one.key == "equipment"]
    assert places == [f"id_equipment.1.{key}" for key in wrong]


@pytest.mark.parametrize(
    "sent",
    [
        {"equipment.0.origin": "mars"},
        {"equipment.0.name": "A\x00"},
        {"equipment.0.place": "7" * 9},
        {"equipment.0.name": "x" * 50_000},
    ],
)
def test_what_no_browser_sends_or_no_database_keeps_is_not_kept(open_page, sent):
    assert open_page.send(**sent).status_code == 422
    kept = Dossier.objects.get()
    assert (kept.answers, kept.malformed) == ({}, {})


@pytest.mark.parametrize("sent", ["99", "xx", "\x00", "01 "])
def test_a_province_that_does_not_exist_is_refused(open_page, sent):
    assert open_page.send(site=sent).status_code == 422
    assert answers() == {}


def test_what_is_not_asked_is_no_mistake():
    condition = {"question": "kind", "values": ["service"]}
    asked = Definition.read({**DEFINITION, **changed({**EQUIPMENT, "condition": condition})})
    form = AnswersForm(
        QueryDict("kind=product&equipment.0.count=x"),
        definition=asked,
        questions=asked.sections[0].questions,
        answers={},
        today=NOW.date(),
    )
    assert form.is_valid()
    assert 'data-show-if="kind"' in form["equipment"].as_field_group()


# --- before filing -----------------------------------------------------------------------------------


def lacks(revision, rows, **changes):
    revision = ProcedureRevisionFactory(procedure=revision.procedure, changes=changed({**EQUIPMENT, **changes}))
    dossier = complete_dossier(revision_of_procedure=revision, answers={**ANSWERS, "equipment": rows})
    return [(one.message, one.url.partition("#")[2]) for one in missing(dossier)]


def test_an_empty_cell_of_a_row_is_named_with_its_place(revision):
    found = lacks(revision, [{"name": "A", "count": 1}, {"price": 5}, {"name": "C"}])
    assert found == [
        ("Thiết bị chính, dòng 2: chưa ghi “Tên”, “Số lượng”.", "id_equipment.1.name"),
        ("Thiết bị chính, dòng 3: chưa ghi “Số lượng”.", "id_equipment.2.count"),
    ]


def test_too_few_rows_and_none_at_all_are_named(revision):
    row = {"name": "A", "count": 1}
    assert lacks(revision, [row], min=2) == [("Thiết bị chính: cần ít nhất 2 dòng, hiện có 1.", "id_equipment")]
    assert lacks(revision, [], required=True) == [("Chưa trả lời: Thiết bị chính", "id_equipment")]
    assert lacks(revision, []) == []


# --- two people --------------------------------------------------------------------------------------


def test_rows_of_a_colleague_and_ones_own_are_a_conflict_that_may_be_joined(client, draft):
    colleague = member_of(draft.organisation, MembershipRole.DRAFTER, full_name="Lê Minh Quân")
    mine, theirs = Window(client, draft.created_by, draft), Window(client, colleague, draft)
    theirs.save(**cells({"name": "Lò", "count": "1"}, {"name": "Máy in", "count": "3"}))
    said = mine.save(**cells({"name": "Lò", "count": "1"}, {"name": "Máy đo", "count": "2", "origin": "vn"}))
    assert said.status_code == 409
    conflict = said.json()["conflicts"]["equipment"]
    assert "Tên: Máy in · Số lượng: 3 cái" in conflict
    assert "Tên: Máy đo · Số lượng: 2 · Xuất xứ: Trong nước" in conflict
    assert [row["name"] for row in answers()["equipment"]] == ["Lò", "Máy in"]
    chosen = choices(conflict, "equipment")["both"]
    typed = cells({"name": "Lò", "count": "1"}, {"name": "Máy đo", "count": "2", "origin": "vn"})
    said = mine.save(**typed, **{"choose.equipment": chosen})
    assert said.status_code == 200
    assert said.json()["values"]["equipment"][2] == {"name": "Máy đo", "count": "2", "origin": "vn"}
    assert [row["name"] for row in answers()["equipment"]] == ["Lò", "Máy in", "Máy đo"]


def test_rows_that_only_a_colleague_changed_are_taken_over(client, draft):
    colleague = member_of(draft.organisation, MembershipRole.DRAFTER, full_name="Lê Minh Quân")
    mine, theirs = Window(client, draft.created_by, draft), Window(client, colleague, draft)
    theirs.save(**cells({"name": "Lò", "count": "1.000"}))
    said = mine.save(product_name="Camera").json()
    assert said["values"] == {"equipment": [{"name": "Lò", "count": "1.000"}]}
    assert said["news"] == "Lê Minh Quân vừa sửa: Thiết bị chính."


def test_a_script_that_sends_the_rows_again_conflicts_with_nobody(open_page):
    for count in ("1", "2", "2"):
        assert open_page.save(**cells({}, {"name": "Lò", "count": count})).status_code == 200
    assert open_page.save().status_code == 200
    assert answers() == {}


# --- filed -------------------------------------------------------------------------------------------


def filed(revision, rows=ROWS):
    """A filed dossier with a table, as its revision froze it."""
    return case_in(
        State.SCREENING, revision_of_procedure=revision, answers={**ANSWERS, "equipment": rows, "site": "79"}
    )


def table_of(content):
    return next(a for section in content["sections"] for a in section["answers"] if a["key"] == "equipment")


def test_what_was_filed_keeps_the_rows_with_their_labels(revision):
    content = filed(revision).revisions.get().content
    assert content["answers"]["equipment"] == ROWS
    table = table_of(content)["table"]
    assert table["columns"][:2] == ["Tên", "Số lượng"]
    assert table["rows"][1] == ["Lò", "1,5 cái", "", "", "", "", ""]
    site = next(a for section in content["sections"] for a in section["answers"] if a["key"] == "site")
    assert site["display"] == "TP. Hồ Chí Minh"


def test_the_applicant_and_the_officer_read_it_as_a_table(client, revision):
    case = filed(revision)
    officer = StaffFactory(role=Role.INTAKE_OFFICER)
    pages = [
        (case.created_by, reverse("dossier_filing", args=[case.public_id, 1])),
        (officer, reverse("case_detail", args=[case.public_id])),
        (officer, reverse("case_filing", args=[case.public_id, 1])),
    ]
    for person, address in pages:
        client.force_login(person)
        page = text(client.get(address))
        assert '<th scope="col">Số lượng</th>' in page
        assert "<td>1.250.000 đồng</td>" in page


def test_the_summary_of_a_draft_shows_the_table(client, revision):
    dossier = complete_dossier(revision_of_procedure=revision, answers={**ANSWERS, "equipment": ROWS})
    client.force_login(dossier.created_by)
    page = text(client.get(reverse("dossier_summary", args=[dossier.public_id])))
    assert "<td>1,5 cái</td>" in page


def test_the_procedure_says_what_a_row_asks_for(client, revision):
    page = text(client.get(reverse("procedure_detail", args=[revision.procedure.slug])))
    assert "mỗi dòng: Tên, Số lượng" in page


def compared(revision, rows):
    before = filed(revision).revisions.get().content
    after = copy.deepcopy(before)
    table_of(after)["display"] = display(TABLE, rows)
    [[change]] = [part.changes for part in differences(before, after).parts]
    return [(piece.kind, piece.text) for piece in change.wording if piece.text.strip()]


def test_a_new_row_moves_no_other(revision):
    first, second = display(TABLE, ROWS).split("\n")
    assert compared(revision, [{"name": "Mới", "count": 1}, *ROWS]) == [
        ("in", "Tên: Mới · Số lượng: 1 cái\n"),
        ("same", f"{first}\n"),
        ("same", f"{second}\n"),
    ]
    assert compared(revision, ROWS[1:]) == [("out", f"{first}\n"), ("same", f"{second}\n")]


def test_in_a_row_that_changed_the_words_are_told_apart(revision):
    pieces = compared(revision, [ROWS[0], {"name": "Lò", "count": "2"}])
    assert ("out", "1,5") in pieces or ("out", "1,5 ") in pieces
    assert "Máy đo" in pieces[0][1]


# --- supplements -------------------------------------------------------------------------------------


@pytest.fixture
def asked(revision):
    case = filed(revision)
    return transitions.request_supplement(
        case.pk,
        by=StaffFactory(role=Role.INTAKE_OFFICER),
        at=NOW,
        expected_version=case.version,
        points=[Point("question", "equipment", "unclear")],
    )


def test_a_table_is_supplemented_row_by_row_without_scripts(sign_in, asked):
    client = sign_in(asked.created_by)
    page = client.get(supplement_url(asked))
    rows = cells({"name": "Máy đo", "count": "2"}, {"name": "Lò", "count": "1"})
    answer = client.post(supplement_url(asked), {"seen": token(page), **rows, "equipment.add": "1"})
    assert answer.url == f"{supplement_url(asked)}?them=equipment#id_equipment.2.name"
    page = client.get(answer.url)
    assert 'name="equipment.2.name"' in text(page)
    rows |= {"equipment.2.name": "Robot", "equipment.2.count": "1"}
    given = {"version": hidden(page, "version"), "seen": token(page), "certifier_capacity": "Giám đốc", **TICKS}
    answer = client.post(supplement_url(asked), {**given, **rows, "submit": "1"})
    assert answer.url == reverse("dossier_detail", args=[asked.public_id])
    names = [row["name"] for row in Dossier.objects.get().answers["equipment"]]
    assert names == ["Máy đo", "Lò", "Robot"]


def test_a_supplement_with_a_mistake_in_a_cell_is_not_kept(sign_in, asked):
    client = sign_in(asked.created_by)
    seen = token(client.get(supplement_url(asked)))
    answer = client.post(supplement_url(asked), {"seen": seen, **cells({"name": "Máy đo", "count": "hai"})})
    assert answer.status_code == 422
    assert "Dòng 1, Số lượng: Chưa đọc được số." in text(answer)
    assert Dossier.objects.get().answers["equipment"] == ROWS


def test_who_writes_without_a_form_is_told_of_a_conflict_too(draft):
    saved = drafts.save_answers(draft, {"equipment": ROWS}, seen=None, by=draft.created_by, at=NOW)
    again = drafts.save_answers(draft, {"equipment": ROWS[:1]}, seen={}, by=draft.created_by, at=NOW)
    assert saved.dossier.answers["equipment"] == ROWS
    assert again.conflicts == {"equipment"}
