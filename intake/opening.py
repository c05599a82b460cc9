"""Which parts of a dossier its applicant may change now."""

from dataclasses import dataclass, replace
from datetime import datetime

from catalogs.services import definition_of
from intake.models import Dossier
from intake.states import State
from intake.supplements import Asked, asked, open_request


class NotOpen(Exception):
    """The part cannot be changed now; the text says why."""


@dataclass(frozen=True)
class Opening:
    """A draft is open as a whole, a dossier that waits for supplements in what was asked, any other not at all."""

    everything: bool
    asked: Asked

    def question(self, key: str) -> bool:
        return self.everything or key in self.asked.questions

    def document(self, key: str) -> bool:
        return self.everything or key in self.asked.documents

    @property
    def items(self) -> bool:
        return self.everything or self.asked.items

    @property
    def anything(self) -> bool:
        return self.everything or bool(self.asked.points)


def opening_of(dossier: Dossier, *, at: datetime) -> Opening:
    if dossier.state == State.DRAFT:
        return Opening(True, Asked())
    if dossier.state == State.SUPPLEMENT_REQUESTED:
        request = open_request(dossier)
        if request and at <= request.due_at:
            return Opening(False, _with_dependents(dossier, asked(request)))
    return Opening(False, Asked())


def _with_dependents(dossier: Dossier, what: Asked) -> Asked:
    """Another answer may bring further questions and documents with it; those have to be open too."""
    definition = definition_of(dossier.revision_of_procedure)
    questions = set(what.questions)
    while (
        more := {q.key for q in definition.questions() if q.condition and q.condition.question in questions}
        - questions
    ):
        questions |= more
    documents = {d.key for d in definition.documents if d.condition and d.condition.question in questions}
    return replace(what, questions=frozenset(questions), documents=what.documents | documents)
