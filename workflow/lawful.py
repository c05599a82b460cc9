"""Which moves of a dossier rest on which article, for the pages of instruments: as `workflow.transitions` says it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from catalogs.citations import Use, citations_in
from workflow import transitions
from workflow.moves import MOVES
from workflow.policy import ACTIONS


def uses() -> Iterator[Use]:
    """The moves whose docstring cites an article."""
    for action in ACTIONS:
        title = str(MOVES[action].title) if action in MOVES else _titles().get(action, "")
        for citation in citations_in(getattr(getattr(transitions, action, None), "__doc__", None) or ""):
            if title:
                yield Use(citation, title, _("Xử lý hồ sơ"))


def _titles() -> dict[str, str]:
    """Of what is no button of the desk."""
    return {"withdraw": _("Rút hồ sơ"), "close": _("Đóng hồ sơ không được bổ sung đúng hạn")}
