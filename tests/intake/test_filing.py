import hashlib
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from intake.completeness import missing
from intake.filing import (
    IncompleteDossier,
    MissingCapacity,
    UntickedStatements,
    content_of,
    digest_of,
    file_revision,
    is_intact,
    next_code,
    search_text,
)
from intake.models import Attachment, Certification, DailySequence, Dossier, Revision
from intake.states import State
from tests.factories import ANSWERS, NOW, ZONE, CatalogueFactory, DossierFactory, case_in, complete_dossier, rewording

pytestmark = pytest.mark.django_db
TICKED = ["accurate", "responsible"]


def file(dossier, **changes):
    given = {
        "by": dossier.created_by,
        "at": NOW,
        "capacity": "Giám đốc",
        "ticked": TICKED,
        "ip_address": "203.0.113.9",
        "user_agent": "Firefox",
        **changes,
    }
    return file_revision(dossier, **given)


def test_a_complete_dossier_lacks_nothing():
    assert missing(complete_dossier(), on=NOW.date()) == []


def test_an_empty_draft_names_every_required_answer_item_and_document_with_the_way_to_it():
    found = missing(DossierFactory(), on=NOW.date())
    keys = [one.key for one in found]
    assert keys == [
        "product_name",
        "description",
        "kind",
        "revenue",
        "started_on",
        "has_patent",
        "items",
        "thuyet-minh",
    ]
    assert found[0].url.endswith("/khai/san-pham/#id_product_name")
    assert "Tên sản phẩm" in found[0].message


def test_an_answer_that_the_condition_asks_for_is_missing_only_then():
    dossier = complete_dossier(answers={**ANSWERS, "has_patent": "yes"})
    assert [one.key for one in missing(dossier)] == ["patent_number", "bang-sang-che"]


def test_a_text_that_is_too_short_is_missing():
    dossier = complete_dossier(answers={**ANSWERS, "description": "Ngắn"})
    (found,) = missing(dossier)
    assert "cần ít nhất 20 ký tự, hiện có 4" in found.message


def test_a_removed_document_is_missing():
    dossier = complete_dossier()
    Attachment.objects.update(removed_at=NOW)
    assert [one.key for one in missing(dossier)] == ["thuyet-minh"]


def test_an_item_of_a_list_that_is_no_longer_in_force_must_be_chosen_again():
    dossier = complete_dossier()
    catalogue = CatalogueFactory()
    catalogue.effective_to = NOW.date()
    with rewording(catalogue):
        catalogue.save()
    assert [one.key for one in missing(dossier, on=NOW.date())] == ["items"]
    assert missing(dossier, on=NOW.date() - timedelta(days=1)) == []


def test_filing_freezes_what_was_declared_with_the_certification_over_it():
    dossier = complete_dossier()
    revision = file(dossier)
    attachment = dossier.attachments.get()
    assert revision.number == 1
    assert revision.content["answers"]["revenue"] == 1250000000
    assert revision.content["organisation"]["tax_code"] == dossier.organisation.tax_code
    assert revision.content["items"][0]["code"] == "1.8"
    assert revision.content["attachments"][0]["sha256"] == attachment.sha256
    assert revision.certification.digest == revision.digest
    assert [s["key"] for s in revision.certification.statements] == TICKED
    assert revision.certification.person_name == dossier.created_by.full_name
    assert is_intact(revision)


def test_the_frozen_answers_read_as_a_person_writes_them():
    sections = content_of(complete_dossier())["sections"]
    shown = {a["key"]: a["display"] for section in sections for a in section["answers"]}
    assert shown["revenue"] == "1.250.000.000 đồng"
    assert shown["started_on"] == "01/03/2024"
    assert shown["has_patent"] == "Không"
    assert shown["markets"] == "Trong nước"
    assert "patent_number" not in shown


def test_answers_to_questions_that_are_not_asked_are_not_filed():
    dossier = complete_dossier(answers={**ANSWERS, "patent_number": "1-2024-001"})
    assert "patent_number" not in file(dossier).content["answers"]
    assert "patent_number" not in dossier.answers


@pytest.mark.parametrize("left_out", TICKED)
def test_every_statement_has_to_be_ticked_by_itself(left_out):
    dossier = complete_dossier()
    with pytest.raises(UntickedStatements) as error:
        file(dossier, ticked=[key for key in TICKED if key != left_out])
    assert error.value.keys == [left_out]
    assert not Revision.objects.exists()


def test_who_certifies_says_in_which_capacity():
    with pytest.raises(MissingCapacity):
        file(complete_dossier(), capacity="  ")


def test_an_incomplete_dossier_is_not_filed():
    with pytest.raises(IncompleteDossier) as error:
        file(DossierFactory())
    assert error.value.missing
    assert not Revision.objects.exists()


def test_the_digest_does_not_hang_on_the_order_of_keys_or_on_the_database():
    content = content_of(complete_dossier())
    turned = dict(reversed(list(content.items())))
    assert digest_of(turned) == digest_of(content)
    canonical = '{"a":"đ","b":[1,"12.5"]}'
    assert digest_of({"b": [1, "12.5"], "a": "đ"}) == hashlib.sha256(canonical.encode()).hexdigest()


def test_a_filed_revision_reads_back_with_the_same_digest():
    revision = file(complete_dossier())
    assert is_intact(Revision.objects.get(pk=revision.pk))


@pytest.mark.parametrize("model", [Revision, Certification])
def test_the_database_refuses_to_change_or_delete_what_was_filed(model):
    file(complete_dossier())
    row = model.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.filter(pk=row.pk).update(digest="0" * 64)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}")
    assert model.objects.get().digest == row.digest


def test_a_revision_whose_content_was_altered_shows_it():
    revision = file(complete_dossier())
    revision.content["answers"]["revenue"] = 1
    assert not is_intact(revision)


def test_codes_carry_the_local_day_and_its_number():
    late = datetime(2026, 11, 18, 23, 59, tzinfo=ZONE)
    assert next_code(NOW) == "G06-261118-0001"
    assert next_code(late) == "G06-261118-0002"
    assert next_code(late + timedelta(minutes=1)) == "G06-261119-0001"


def test_a_rolled_back_filing_leaves_no_gap_in_the_codes():
    next_code(NOW)
    with transaction.atomic():
        next_code(NOW)
        transaction.set_rollback(True)
    assert next_code(NOW) == "G06-261118-0002"
    assert DailySequence.objects.get().last_number == 2


def test_the_search_text_holds_code_title_organisation_and_tax_code_without_diacritics():
    case = case_in(State.SUBMITTED, title="Đèn đường thông minh")
    text = search_text(Dossier.objects.get(pk=case.pk))
    assert "den duong thong minh" in text
    assert case.code.lower() in text
    assert "cong ty co phan thi giac sao mai" in text
    assert case.organisation.tax_code in text


@pytest.mark.parametrize("state", [state for state in State.values if state != State.DRAFT])
def test_the_factory_puts_a_case_into_every_state(state):
    assert case_in(state).state == state
