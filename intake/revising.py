"""Under which revision of its procedure a dossier stands: a draft under the one in force, whatever was in force when
it was started; what was filed under the one that it was filed under.

What a dossier is matched against and what it is decided by follow from the day of filing, so a draft that is filed
after a new revision took effect answers that one's questions. Answers to questions that are gone are kept unread.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import timezone

from catalogs.models import ProcedureRevision
from intake.models import Dossier
from intake.states import State


def bring_up_to_date(dossiers: Iterable[Dossier], *, at: datetime) -> None:
    """Put drafts under the revision in force, in memory: whoever writes saves it. One query if there is a draft.

    Needs `revision_of_procedure` selected.
    """
    drafts = [dossier for dossier in dossiers if dossier.state == State.DRAFT]
    newest = _in_force({draft.revision_of_procedure.procedure_id for draft in drafts}, at) if drafts else {}
    for draft in drafts:
        revision = newest.get(draft.revision_of_procedure.procedure_id)
        if revision and revision.number > draft.revision_of_procedure.number:
            draft.revision_of_procedure = revision


def is_out_of_date(dossier: Dossier, *, at: datetime) -> bool:
    """Whether a draft stands under a revision that a newer one has replaced."""
    stored = dossier.revision_of_procedure
    if dossier.state != State.DRAFT:
        return False
    revision = _in_force({stored.procedure_id}, at).get(stored.procedure_id)
    return revision is not None and revision.number > stored.number


def _in_force(procedures: set[int], at: datetime) -> dict[int, ProcedureRevision]:
    revisions = (
        ProcedureRevision.objects.filter(procedure__in=procedures, effective_from__lte=timezone.localdate(at))
        .select_related("procedure")
        .order_by("effective_from", "number")
    )
    return {revision.procedure_id: revision for revision in revisions}


def revised_on(dossier: Dossier) -> date | None:
    """The day from which the draft stands under other rules than it was started under; None if that never happened."""
    day = dossier.revision_of_procedure.effective_from
    started_before = dossier.state == State.DRAFT and timezone.localdate(dossier.created_at) < day
    return day if started_before and dossier.revision_of_procedure.number > 1 else None
