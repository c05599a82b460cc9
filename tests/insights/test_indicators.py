"""The programme's six indicators over the accepted proposals."""

import json

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.models import Role
from catalogs.models import Procedure, Programme, ProgrammePartKind
from insights.indicators import PROCEDURE, RULES, measure
from intake.states import Outcome, State
from tests.factories import NOW, DossierFactory, ProcedureFactory, ProcedureRevisionFactory, StaffFactory
from workflow.models import Case

pytestmark = pytest.mark.django_db

FULL = {
    "task_form": "topic",
    "sector": "a",
    "indicator_1": "yes",
    "indicator_2": "yes",
    "indicator_3": 2,
    "indicator_4": 1,
    "indicator_5": 40,
    "indicator_6": "yes",
}


@pytest.fixture
def programme():
    ProcedureRevisionFactory(procedure=ProcedureFactory(slug="nhiem-vu-cong-nghe-cao"))
    programme = Programme.objects.create(slug="cong-nghe-cao-2030", title="Chương trình công nghệ cao")
    targets = {"IV.1": 50, "IV.2": 70, "IV.3": 100, "IV.4": 30, "IV.5": 70, "IV.6": 50, "III.2": 30}
    for position, (code, target) in enumerate(targets.items()):
        kind = ProgrammePartKind.INDICATOR if code.startswith("IV") else ProgrammePartKind.OUTPUT
        programme.parts.create(kind=kind, code=code, text="Chỉ tiêu", target=target, position=position)
    return programme


def test_the_rules_are_those_of_the_loaded_programme_and_procedure():
    folder = settings.BASE_DIR / "catalogs" / "data"
    programme = json.loads((folder / "programmes" / "cong-nghe-cao-2030.json").read_text(encoding="utf-8"))
    procedure = json.loads((folder / "procedures" / f"{PROCEDURE}.json").read_text(encoding="utf-8"))
    codes = [part["code"] for part in programme["parts"] if part["kind"] == "indicator"]
    asked = {q["key"] for s in procedure["revisions"][-1]["definition"]["sections"] for q in s["questions"]}
    assert codes == list(RULES)
    assert {"task_form", "sector", *(f"indicator_{n}" for n in range(1, 7))} <= asked


def accepted(answers, *, outcome=Outcome.GRANTED, number=1):
    procedure = Procedure.objects.get(slug="nhiem-vu-cong-nghe-cao")
    dossier = DossierFactory(
        revision_of_procedure=procedure.revisions.get(),
        state=State.ISSUED,
        code=f"G06-261118-{1000 + Case.objects.count()}",
        outcome=outcome,
        **dict.fromkeys(("submitted_at", "received_at", "appointment_at", "decided_at", "issued_at"), NOW),
    )
    for n in range(1, number + 1):
        # An earlier revision said nothing: only the last one counts.
        dossier.revisions.create(
            number=n, filed_at=NOW, content={"answers": answers if n == number else {}}, digest="0" * 64
        )


def test_each_indicator_counts_what_the_accepted_proposals_commit_to(programme):
    accepted(FULL, number=2)
    accepted({"task_form": "trial", "indicator_1": "no", "indicator_2": "yes", "indicator_4": 0})
    portfolio = measure(programme)
    assert [(m.part.code, m.part.target, m.met, m.among, m.share) for m in portfolio.measures] == [
        ("IV.1", 50, 1, 2, 50),
        ("IV.2", 70, 2, 2, 100),
        ("IV.3", 100, 1, 1, 100),
        ("IV.4", 30, 1, 2, 50),
        ("IV.5", 70, 1, 2, 50),
        ("IV.6", 50, 1, 2, 50),
    ]
    assert [m.reached for m in portfolio.measures] == [True, True, True, True, False, True]
    assert (portfolio.proposals, portfolio.sector_tasks) == (2, 1)


def test_a_proposal_that_was_not_accepted_does_not_count(programme):
    accepted(FULL, outcome=Outcome.NOT_GRANTED)
    assert measure(programme).proposals == 0


def test_the_page_shows_target_and_portfolio_and_is_bounded(client, programme, django_assert_max_num_queries):
    for _n in range(3):
        accepted(FULL)
    client.force_login(StaffFactory(role=Role.AUDITOR))
    client.get(reverse("programme_indicators", args=[programme.slug]))
    with django_assert_max_num_queries(9):
        page = client.get(reverse("programme_indicators", args=[programme.slug]))
    assert "Tính trên 3 đề xuất" in page.content.decode()
    assert "IV.6" in page.content.decode()


def test_without_proposals_the_page_says_so(client, programme):
    client.force_login(StaffFactory(role=Role.AUDITOR))
    page = client.get(reverse("programme_indicators", args=[programme.slug]))
    assert "Chưa có đề xuất nào được ghi nhận" in page.content.decode()
