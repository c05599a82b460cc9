"""The periods that run for a dossier: each a row that says which rule of which article made it."""

from datetime import datetime

from catalogs.services import definition_of
from intake.models import Dossier
from workflow.models import Deadline
from workflow.workingdays import Calendar, current_calendar


def due(case: Dossier, rule_key: str, *, at: datetime, calendar: Calendar | None = None) -> datetime:
    """When the period would end if it started now, without starting it."""
    rule = definition_of(case.revision_of_procedure).deadline(rule_key)
    return (calendar or current_calendar()).add(rule.amount, rule.unit, at)


def start(case: Dossier, rule_key: str, *, at: datetime) -> Deadline:
    """Start a period after ending the one that ran. NĐ 118/2025 Đ19.5: after a supplement the period starts
    again from its beginning; it does not resume."""
    stop(case, at=at)
    rule = definition_of(case.revision_of_procedure).deadline(rule_key)
    return Deadline.objects.create(
        case_id=case.pk,
        rule=rule.key,
        amount=rule.amount,
        unit=rule.unit,
        basis=rule.basis,
        started_at=at,
        due_at=current_calendar().add(rule.amount, rule.unit, at),
    )


def stop(case: Dossier, *, at: datetime) -> None:
    """End the period that runs, if one does."""
    Deadline.objects.filter(case_id=case.pk, ended_at=None).update(ended_at=at)
