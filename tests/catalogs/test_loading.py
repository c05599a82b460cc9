"""Loading: once, twice, after a change, and what is refused."""

import json
import shutil
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation, User
from audit.models import Entry
from catalogs.datafiles import InvalidData
from catalogs.learning.aliases import propose_alias
from catalogs.loading import Correction, load
from catalogs.models import (
    Catalogue,
    CatalogueItem,
    Instrument,
    ItemAlias,
    ItemRelation,
    Procedure,
    ProcedureRevision,
    Provision,
    SectorMark,
    WordingCorrection,
)
from catalogs.reading import digest, read
from intake.models import DeclaredItem, Dossier
from tests.factories import NOW, unpublish
from tests.managing.builders import manager

CORRECT = Correction("Đối chiếu lại với Công báo.", NOW)


def change(path: Path, edit) -> None:
    """Applies `edit` to the JSON of the file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def without_what_is_said_besides(folder: Path) -> Path:
    """Relations and translations name the items, so that one cannot go away alone."""
    for name in ("relations", "translations"):
        shutil.rmtree(folder / name)
    return folder


def everything() -> dict[str, list]:
    """Every row of the app with its primary key."""
    return {
        model.__name__: sorted(model.objects.values_list(), key=lambda row: row[0])
        for model in apps.get_app_config("catalogs").get_models()
    }


def test_loading_twice_changes_nothing(loaded, wording):
    before = everything()
    summary = load(wording)
    assert summary.unchanged()
    assert everything() == before


def test_loading_again_writes_nothing(loaded, wording):
    with CaptureQueriesContext(connection) as queries:
        load(wording)
    assert not [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert len(queries) <= 25


@pytest.mark.django_db
def test_the_command_says_what_it_did():
    first, second, checked = StringIO(), StringIO(), StringIO()
    call_command("load_catalogs", stdout=first)
    call_command("load_catalogs", stdout=second)
    call_command("load_catalogs", check=True, stdout=checked)
    assert "items: 113 (113 new, 0 changed, 0 removed)" in first.getvalue()
    assert first.getvalue().endswith("Loaded.\n")
    assert second.getvalue().endswith("Nothing changed.\n")
    assert checked.getvalue() == "The data files are sound.\n"


@pytest.mark.django_db
def test_checking_writes_nothing():
    call_command("load_catalogs", check=True, stdout=StringIO())
    assert not Catalogue.objects.exists()


@pytest.mark.django_db
def test_a_mistake_in_the_last_file_leaves_nothing_behind(folder):
    path = folder / "procedures" / "nhiem-vu-cong-nghe-cao.json"
    path.write_text(path.read_text(encoding="utf-8").replace("{grounds}", "{reason}"), encoding="utf-8")
    with pytest.raises(CommandError, match="unknown placeholder"):
        call_command("load_catalogs", folder=folder, stdout=StringIO())
    assert not any(everything().values())


def test_a_corrected_name_reaches_its_row_and_its_search_text(loaded, folder):
    item = CatalogueItem.objects.get(catalogue__slug="tt-31-2025", code="1.2")

    def edit(content):
        content["groups"][0]["items"][1]["name"] = "Trợ lý ảo đa năng"

    change(folder / "catalogues" / "tt-31-2025.json", edit)
    summary = load(folder, correct=CORRECT)
    after = CatalogueItem.objects.get(pk=item.pk)
    assert (after.name, after.search_text) == ("Trợ lý ảo đa năng", " tro ly ao da nang")
    assert summary.changed["items"] == 1
    assert sum(summary.changed.values()) == 1


def test_what_the_files_no_longer_hold_goes_away(loaded, folder):
    without_what_is_said_besides(folder)
    change(folder / "catalogues" / "qd-1131-2025.json", lambda c: (c["sectors"].pop(), c["groups"].pop()))
    change(folder / "instruments" / "quyet-dinh-1131-qd-ttg.json", lambda c: c["provisions"].pop())
    load(folder, correct=CORRECT)
    assert SectorMark.objects.count() == 10 * 9
    assert Catalogue.objects.get(slug="qd-1131-2025").items.count() == 32
    assert Provision.objects.filter(instrument__number="1131/QĐ-TTg").count() == 4


def test_a_mark_that_becomes_known_is_stored_and_the_rest_stays_unknown(loaded, folder):
    change(
        folder / "catalogues" / "qd-1131-2025.json",
        lambda c: c["groups"][5].update(marked_sectors=["Công thương", "Y tế"]),
    )
    load(folder, correct=CORRECT)
    marks = SectorMark.objects.filter(group__code="6", group__catalogue__slug="qd-1131-2025")
    assert set(marks.filter(mark="marked").values_list("sector__name", flat=True)) == {"Công thương", "Y tế"}
    assert marks.filter(mark="unknown").count() == 8


def test_an_item_that_a_dossier_declares_cannot_go_away(loaded, folder):
    without_what_is_said_besides(folder)
    item = CatalogueItem.objects.get(catalogue__slug="qd-1131-2025", code="11.3")
    dossier = Dossier.objects.create(
        organisation=Organisation.objects.create(name="Công ty Sao Mai", kind="enterprise", tax_code="0100233488"),
        created_by=User.objects.create(email="ha@saomai.example"),
        revision_of_procedure=ProcedureRevision.objects.order_by("pk").first(),
    )
    DeclaredItem.objects.create(dossier=dossier, item=item)
    change(folder / "catalogues" / "qd-1131-2025.json", lambda c: c["groups"][10]["items"].pop())
    before = everything()
    with pytest.raises(InvalidData, match=r"11\.3 .*dossiers rely on it"):
        load(folder, correct=CORRECT)
    assert everything() == before


def reword(folder: Path) -> None:
    """Another name for item 1.2, and one item fewer in group 2."""

    def edit(content):
        content["groups"][0]["items"][1]["name"] = "Trợ lý ảo đa năng"
        content["groups"][1]["items"].pop()

    without_what_is_said_besides(folder)
    change(folder / "catalogues" / "tt-31-2025.json", edit)


def test_another_wording_of_a_published_list_is_refused_and_named(loaded, folder):
    reword(folder)
    before = everything()
    with pytest.raises(InvalidData) as refusal:
        load(folder)
    message = str(refusal.value)
    assert "give the reason for a correction (--correct)" in message
    assert "“tt-31-2025”: items: “1.2 Trợ lý ảo” name: “Trợ lý ảo” becomes “Trợ lý ảo đa năng”" in message
    assert "is gone" in message
    assert everything() == before


def test_a_correction_is_recorded_with_its_reason_and_what_differed(loaded, folder):
    reword(folder)
    call_command("load_catalogs", folder=folder, correct="Đối chiếu lại với Công báo.", stdout=StringIO())
    (correction,) = WordingCorrection.objects.all()
    assert (correction.catalogue.slug, correction.reason) == ("tt-31-2025", "Đối chiếu lại với Công báo.")
    assert correction.closed_at == correction.opened_at
    (entry,) = Entry.objects.about(correction.catalogue)
    assert entry.action == "correct_catalogue"
    assert any("Trợ lý ảo đa năng" in difference for difference in entry.data["differences"])
    assert load(folder).unchanged()


def test_what_is_no_wording_follows_the_files_without_a_correction(loaded, folder):
    change(folder / "catalogues" / "tt-31-2025.json", lambda c: c.update(note="Ghi chú mới", verified=False))
    load(folder)
    catalogue = Catalogue.objects.get(slug="tt-31-2025")
    assert (catalogue.note, catalogue.verified) == ("Ghi chú mới", False)
    assert not WordingCorrection.objects.exists()


@pytest.fixture
def by_people(loaded) -> Catalogue:
    """A list of the files that people here had published before the product brought it."""
    one, other = manager(), manager()
    unpublish("tt-31-2025", "qd-21-2026", prepared_by=one, published_by=other, published_at=NOW)
    return Catalogue.objects.get(slug="tt-31-2025")


def test_another_title_of_the_instrument_of_a_list_that_people_published_needs_a_correction(by_people, folder):
    change(folder / "instruments" / "thong-tu-31-2025-tt-bkhcn.json", lambda c: c.update(title="Tên khác"))
    before = everything()
    with pytest.raises(InvalidData, match=r"“tt-31-2025”: instruments: .*title: .*becomes “Tên khác”"):
        load(folder)
    assert everything() == before
    load(folder, correct=CORRECT)
    assert Instrument.objects.get(pk=by_people.instrument_id).title == "Tên khác"
    assert load(folder).unchanged()


def test_to_a_list_that_people_published_the_files_bring_no_item(by_people, folder):
    item = {"code": "1.99", "name": "Sản phẩm khác"}
    change(folder / "catalogues" / "tt-31-2025.json", lambda c: c["groups"][0]["items"].append(item))
    before = everything()
    with pytest.raises(InvalidData, match=r"Sản phẩm khác” is new, but people published “tt-31-2025” here"):
        load(folder, correct=CORRECT)
    assert everything() == before


def test_what_people_said_of_successors_outlasts_loading(by_people, folder):
    relations = folder / "relations" / "qd-1131-2025--qd-21-2026.json"
    successors = ItemRelation.objects.filter(other__catalogue__slug="qd-21-2026", successor=True)
    before = set(successors.values_list())
    assert before
    change(relations, lambda c: [relation.update(kind="overlaps") for relation in c["relations"]])
    load(folder)
    relations.unlink()
    load(folder)
    assert set(successors.values_list()) == before


def test_the_end_that_a_publication_gave_a_list_outlasts_loading(loaded, wording):
    old = Catalogue.objects.get(slug="tt-31-2025")
    instrument = Instrument.objects.create(number="9/2027/TT-BKHCN", slug="tt-9", kind="circular", title="Mới")
    new = Catalogue.objects.create(
        slug="tt-9-2027", family=old.family, instrument=instrument, title="Mới", effective_from=date(2027, 3, 1)
    )
    Catalogue.objects.filter(pk=new.pk).update(replaces=old, stage="published")
    Catalogue.objects.filter(pk=old.pk).update(effective_to=date(2027, 3, 1))
    Instrument.objects.filter(pk=old.instrument_id).update(replaced_by=instrument, effective_to=date(2027, 3, 1))
    assert load(wording).unchanged()
    assert Catalogue.objects.get(pk=old.pk).effective_to == date(2027, 3, 1)
    assert Instrument.objects.get(pk=old.instrument_id).replaced_by == instrument


def test_a_list_of_the_files_that_is_being_drafted_here_is_named(db, wording):
    instrument = Instrument.objects.create(number="31/2025/TT-BKHCN", slug="tt-31", kind="circular", title="Nháp")
    Catalogue.objects.create(
        slug="tt-31-2025", family="key-digital", instrument=instrument, title="Nháp", effective_from=date(2026, 1, 1)
    )
    with pytest.raises(InvalidData, match="“tt-31-2025” is being drafted here"):
        load(wording)


def test_a_loaded_revision_of_a_procedure_cannot_change(loaded, folder):
    path = folder / "procedures" / "cong-nghe-so-trong-diem.json"
    change(path, lambda c: c["revisions"][0]["definition"]["statements"].pop())
    with pytest.raises(InvalidData) as refusal:
        load(folder)
    message = str(refusal.value)
    assert message.startswith("procedures/cong-nghe-so-trong-diem.json: revisions[0]: ")
    assert "add revision 2" in message


def test_the_first_day_of_a_loaded_revision_cannot_change(loaded, folder):
    path = folder / "procedures" / "cong-nghe-so-trong-diem.json"
    change(path, lambda c: c["revisions"][0].update(effective_from="2026-02-01"))
    with pytest.raises(InvalidData, match="revision 1 of “cong-nghe-so-trong-diem” is already loaded"):
        load(folder)


def test_a_second_revision_stands_beside_the_first(loaded, folder):
    def edit(content):
        first = content["revisions"][0]
        second = {**first, "number": 2, "effective_from": "2027-01-01"}
        second["definition"] = {**first["definition"], "name": "Tên mới"}
        content["revisions"].append(second)

    change(folder / "procedures" / "cong-nghe-so-trong-diem.json", edit)
    load(folder)
    procedure = Procedure.objects.get(slug="cong-nghe-so-trong-diem")
    assert list(procedure.revisions.order_by("number").values_list("number", "effective_from")) == [
        (1, date(2026, 1, 1)),
        (2, date(2027, 1, 1)),
    ]
    assert procedure.name == "Tên mới"


def test_a_digest_does_not_depend_on_the_order_of_keys():
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def aliases(folder: Path, name: str = "thu.json", **changes) -> None:
    content = {
        "catalogue": "tt-31-2025",
        "items": {
            "1.2": [{"text": "Chatbot chăm sóc khách hàng", "language": "vi"}, {"text": "callbot", "language": "en"}]
        },
        "origin": "tests",
        "added_on": "2026-11-18",
        **changes,
    }
    (folder / "aliases").mkdir(exist_ok=True)
    (folder / "aliases" / name).write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.django_db
def test_aliases_are_loaded_folded_and_follow_their_file(folder):
    aliases(folder)
    load(folder)
    alias = ItemAlias.objects.get(text="Chatbot chăm sóc khách hàng")
    assert alias.item.name == "Trợ lý ảo"
    assert alias.search_text == " chatbot cham soc khach hang"
    assert load(folder).unchanged()
    aliases(folder, items={"1.2": [{"text": "callbot", "language": "en"}]})
    load(folder)
    assert [a.text for a in ItemAlias.objects.all()] == ["callbot"]


@pytest.mark.django_db
def test_an_alias_that_a_manager_gave_stands_where_the_files_bring_the_same(folder):
    load(folder)
    item = CatalogueItem.objects.get(catalogue__slug="tt-31-2025", code="1.2")
    by = manager()
    theirs = propose_alias(item, "Chatbot chăm sóc khách hàng", language="vi", by=by, at=NOW)
    aliases(folder)
    load(folder)
    there = ItemAlias.objects.get(item=item, text=theirs.text)
    assert (there.pk, there.added_by, there.live) == (theirs.pk, by, False)
    assert ItemAlias.objects.filter(item=item, text="callbot", added_by=None).exists()
    assert load(folder).unchanged()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"catalogue": "tt-99"}, "catalogue: there is no list “tt-99”"),
        ({"items": {"1.99": []}}, "items: unknown key “1.99”"),
        ({"items": {"1.2": [{"text": "a"}]}}, "items.1.2[0].language: is missing"),
        (
            {"items": {"1.2": [{"text": "a", "language": "vi"}, {"text": "a", "language": "en"}]}},
            "stands twice, first at items.1.2[0].text",
        ),
        ({"added_on": "hôm nay"}, "added_on: a day like 2026-01-31 is expected, found 'hôm nay'"),
    ],
)
def test_a_mistake_in_an_alias_is_named(folder, changes, message):
    aliases(folder, **changes)
    with pytest.raises(InvalidData) as refusal:
        read(folder)
    assert str(refusal.value).startswith("aliases/thu.json: line 1: ")
    assert message in str(refusal.value)
