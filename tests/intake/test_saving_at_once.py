"""Several people save one section at the same moment, on PostgreSQL with real locks."""

import pytest

from intake import drafts
from intake.models import AnswerEdit, Dossier
from intake.together import write_seen
from tests.factories import ANSWERS, NOW, DossierFactory, complete_dossier, member_of
from tests.workflow.test_concurrency import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def saving(dossier, answers, found):
    """Somebody of the company saves what they typed into the page as it is now; `found` gets what became of it."""
    person = member_of(dossier.organisation)
    seen = write_seen(dossier, ["product_name", "description", "kind"])

    def save():
        saved = drafts.save_answers(dossier, answers, seen=seen, page="", by=person, at=NOW)
        found.append((answers, saved))

    return save


def test_of_eight_texts_for_one_question_one_is_saved_and_seven_are_told():
    dossier = complete_dossier()
    found: list = []
    unchanged = {"description": ANSWERS["description"], "kind": ANSWERS["kind"]}
    attempts = [saving(dossier, {"product_name": f"Tên {n}", **unchanged}, found) for n in range(8)]
    assert at_once(attempts) == {"done": 8}
    (kept,) = [answers for answers, saved in found if not saved.conflicts]
    assert all(saved.conflicts == {"product_name"} for answers, saved in found if answers is not kept)
    after = Dossier.objects.get()
    assert after.answers == {**ANSWERS, **kept}
    assert after.version == dossier.version + 1
    assert AnswerEdit.objects.count() == 1


def test_different_questions_saved_at_once_are_all_kept():
    dossier = DossierFactory()
    found: list = []
    for answers in ({"product_name": "Camera"}, {"description": "Mô tả"}, {"kind": "service"}):
        rest = dict.fromkeys(["product_name", "description", "kind"])
        found.append(saving(dossier, {**rest, **answers}, []))
    assert at_once(found) == {"done": 3}
    after = Dossier.objects.get()
    assert after.answers == {"product_name": "Camera", "description": "Mô tả", "kind": "service"}
    assert AnswerEdit.objects.count() == 3
