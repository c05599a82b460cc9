"""Which list and which revision of a procedure apply on a day."""

from datetime import date
from functools import lru_cache

from catalogs.models import Catalogue, Procedure, ProcedureRevision
from catalogs.procedures import Definition


def catalogue_in_force(family: str, on: date) -> Catalogue | None:
    """The public list of the family that is in force on the day, or None."""
    return (
        Catalogue.objects.public()
        .filter(family=family)
        .in_force(on=on)
        .select_related("instrument")
        .order_by("-effective_from", "-pk")
        .first()
    )


def catalogue_for(definition: Definition, on: date) -> Catalogue | None:
    """The list against which a dossier filed on the day is matched; None if the procedure has no list."""
    if not definition.catalogue_family:
        return None
    return catalogue_in_force(definition.catalogue_family, definition.catalogue_day or on)


def revision_in_force(procedure: Procedure, on: date) -> ProcedureRevision | None:
    """The procedure's newest revision that has taken effect by the day, or None."""
    return procedure.revisions.filter(effective_from__lte=on).order_by("-effective_from", "-number").first()


def current_procedures(on: date) -> list[tuple[Procedure, Definition]]:
    """The procedures that can be started on the day, in their order, with what they ask. Two queries at most."""
    revisions = (
        ProcedureRevision.objects.filter(effective_from__lte=on)
        .select_related("procedure")
        .order_by("procedure__position", "procedure_id", "effective_from", "number")
    )
    newest = {revision.procedure: revision for revision in revisions}
    return [(procedure, definition_of(revision)) for procedure, revision in newest.items()]


def definition_of(revision: ProcedureRevision) -> Definition:
    """The revision's definition as objects; kept for the process, for a revision never changes."""
    return _read(revision.sha256, revision)


@lru_cache(maxsize=64)
def _read(sha256: str, revision: ProcedureRevision) -> Definition:
    return Definition.read(revision.definition)


def procedures_using(catalogue: Catalogue, on: date) -> list[tuple[Procedure, Definition]]:
    """The procedures in which a dossier filed on the day is matched against this list. Two queries at most."""
    return [
        (procedure, definition)
        for procedure, definition in current_procedures(on)
        if definition.catalogue_family == catalogue.family and catalogue.is_in_force(definition.catalogue_day or on)
    ]
