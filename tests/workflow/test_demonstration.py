"""What `make run` shows: one seeding, looked at from all sides, since it takes a while."""

import json
from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Role, RoleAssignment
from audit import trail
from catalogs.loading import load
from catalogs.managing.linking import links_of
from catalogs.models import Catalogue, Enquiry, Evaluation, Evidence, FaqEntry, ItemAlias
from catalogs.services import definition_of
from documents.sources import ensure_templates
from intake.models import Conversation, Dossier, SupplementRequest, SupplementStage
from intake.states import State
from notifications.models import Delivery, Event
from tests.factories import NOW
from workflow.demo import seeding
from workflow.models import AffectedCase, Case, Deadline

pytestmark = pytest.mark.django_db

PLANS = json.loads(seeding.PLANS.read_text(encoding="utf-8"))


def test_the_demonstration_shows_every_state_and_role_and_its_trail_holds(monkeypatch, settings, mailoutbox):
    settings.DEMO_MODE = True
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    load()
    ensure_templates()
    out = StringIO()
    call_command("seed_demo", stdout=out)

    answered = Enquiry.objects.filter(state="answered").count()
    assert (Enquiry.objects.count(), answered, FaqEntry.objects.count()) == (4, 3, 2), "questions outside a dossier"

    states = Counter(Dossier.objects.values_list("state", flat=True))
    assert set(states) == set(State)
    assert 60 <= sum(states.values()) <= 75
    assert f"{sum(states.values())} demonstration dossiers made" in out.getvalue()
    late = Deadline.objects.filter(ended_at=None, due_at__lt=NOW).values("case_id")
    assert 3 <= Case.objects.filter(pk__in=late).count() <= 20
    open_requests = SupplementRequest.objects.filter(ended_at=None).values_list("stage", flat=True)
    assert set(open_requests) == set(SupplementStage)
    assert set(RoleAssignment.objects.values_list("role", flat=True)) == set(Role)
    assert not Dossier.objects.filter(created_at__gt=NOW).exists()

    # The examples of the forms speak of other products: 2.000 radio units are nobody's capacity for batteries.
    copied = set()
    for dossier in Dossier.objects.select_related("revision_of_procedure"):
        given = {key for plan in PLANS if plan["title"] == dossier.title for key in plan.get("answers", {})}
        for question in definition_of(dossier.revision_of_procedure).questions():
            if (
                question.key not in given
                and question.example
                and question.example == dossier.answers.get(question.key)
            ):
                copied.add((dossier.title, question.key))
    assert {key for _title, key in copied} <= {"project_name", "task_name", "product_name", "contact_name"}

    draft = Catalogue.objects.get(stage="draft")
    assert "trình diễn" in draft.title
    assert {link.state for link in links_of(draft)} == {"linked", "proposed", "open"}
    evidence = Counter(Evidence.objects.values_list("state", flat=True))
    assert (evidence["live"], evidence["accepted"], evidence["rejected"]) == (3, 2, 1)
    assert evidence["proposed"] > 3
    assert Evaluation.objects.get().applied_at
    assert ItemAlias.objects.filter(live=False, added_by__isnull=False).count() == 1
    of_1131 = AffectedCase.objects.filter(catalogue__slug="qd-21-2026")
    assert of_1131.count() >= 5
    assert of_1131.filter(change="removed", rule="recheck").exists()
    of_2021 = AffectedCase.objects.filter(catalogue__slug="tt-31-2025")
    assert set(of_2021.values_list("kind", "rule")) == {("open", "transition"), ("decided", "transition")}

    assert Conversation.objects.filter(unread_by_office=1).count() == 2
    assert Conversation.objects.filter(unread_by_applicant=1).count() == 1

    call_command("verify_audit", stdout=StringIO())
    assert trail.verify().entries > 300

    assert mailoutbox == []
    assert not Event.objects.filter(expanded_at=None).exists()
    assert set(Delivery.objects.filter(channel="email").values_list("state", flat=True)) == {"sent", "failed"}

    again = StringIO()
    call_command("seed_demo", stdout=again)
    assert Dossier.objects.count() == sum(states.values())
    assert "are there" in again.getvalue()
    assert Catalogue.objects.filter(stage="draft").count() == 1


def test_a_strategic_product_stands_in_the_group_of_technologies_to_which_its_item_belongs():
    """QĐ 21/2026 arranges its products otherwise than its technologies; the items shown, read by hand."""
    groups = {"2": 1, "3": 1, "4": 1, "5": 1, "6": 2, "7": 3, "9": 7, "17": 5, "18": 5, "22": 9}
    of_qd_21 = [p for p in PLANS if p["procedure"] == "cong-nghe-chien-luoc" and "filed_on" not in p]
    assert len(of_qd_21) == 13
    for plan in of_qd_21:
        assert plan["answers"]["technology_group"] == f"nhom-{groups[plan['items'][0]]}", plan["title"]


def test_the_demonstration_stays_out_of_a_real_office(settings):
    settings.DEMO_MODE = False
    with pytest.raises(CommandError, match="HOSO_DEMO"):
        call_command("seed_demo")
    assert not Dossier.objects.exists()
