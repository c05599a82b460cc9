"""Where a filed dossier stands, for whoever knows its code and the address of somebody of the applicant.

Codes follow one another, so the address is what keeps strangers out; and what is told is the status and no more:
neither the product nor the applicant, no person, no outcome.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from intake import wording
from intake.models import Dossier
from intake.states import State

CODE_MAX = 40


@dataclass(frozen=True)
class Step:
    title: str
    kind: str  # as components/timeline.html draws it


@dataclass(frozen=True)
class Tracked:
    code: str
    state: str
    steps: list[Step]
    holder: str  # the unit that has it, empty once it is over
    expected: datetime | None
    expecting: str  # what is expected by then

    @property
    def to_the_minute(self) -> bool:
        """Whether the period is one of hours: that of receiving."""
        return self.state in (State.SUBMITTED, State.SCREENING)


def read_code(typed: str) -> str:
    """A dossier's code as people type it: in any case, with spaces or other dashes."""
    text = unicodedata.normalize("NFKC", typed).upper()
    text = "".join("-" if unicodedata.category(char) in ("Pd", "Zs") or char.isspace() else char for char in text)
    return re.sub("-+", "-", text).strip("-")


def find(code: str, email: str) -> Dossier | None:
    """The filed dossier of this code, if the address belongs to somebody of its applicant who may still sign in.

    One query whatever is wrong, so that neither the answer nor its time says which of the two it is.
    """
    found = Dossier.objects.submitted().filter(
        code=read_code(code),
        organisation__memberships__user__email=email.lower(),
        organisation__memberships__user__is_active=True,
    )
    return found.select_related("specialist__unit", "revision_of_procedure").first()


def tracked(dossier: Dossier) -> Tracked:
    """Two queries."""
    requests = list(dossier.supplement_requests.order_by("requested_at", "pk"))
    steps = [Step(step["title"], step["kind"]) for step in wording.timeline(dossier, requests)]
    asked = dossier.state == State.SUPPLEMENT_REQUESTED
    # What is said to the applicant in person would be wrong here: anybody of theirs may read it.
    holder = _("Bên nộp hồ sơ") if asked else wording.holder(dossier)
    expected, expecting = _expected(dossier)
    return Tracked(dossier.code, dossier.state, steps, holder, expected, expecting)


def _expected(dossier: Dossier) -> tuple[datetime | None, str]:
    if dossier.due_at is None:
        return None, ""
    if dossier.state == State.SUPPLEMENT_REQUESTED:
        return dossier.due_at, _("Hạn bổ sung")
    if dossier.appointment_at:
        return dossier.appointment_at, _("Hẹn trả kết quả")
    return dossier.due_at, _("Trả lời trước")
