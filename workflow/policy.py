"""Who may make which move, in which states. The one table; transitions ask it, pages draw their buttons from it.

docs/workflow.md prints it and a test checks every state × action × role against it.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import ACTING_MEMBERS, Role, User
from intake.models import Dossier
from intake.states import WITH_CLOCK, State
from workflow.models import Capacity, Participation

APPLICANT = "applicant"
SYSTEM = "system"


class TransitionError(Exception):
    """A move was not made; `reasons` says why, each fit to show."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


class NotAllowed(TransitionError):
    """This person may not do this to this dossier now."""


@dataclass(frozen=True)
class Rule:
    states: tuple[str, ...]
    who: str  # a Role, APPLICANT or SYSTEM
    # What a person who makes the move becomes for this dossier, for good.
    capacity: str = ""
    # Only the specialist who took the dossier.
    own: bool = False
    # Only while nobody has taken it.
    untaken: bool = False
    # Only while the applicant's tax code is not verified.
    unverified: bool = False


_OWN_REVIEW = Rule((State.IN_REVIEW,), Role.SPECIALIST, Capacity.SPECIALIST, own=True)

ACTIONS: dict[str, tuple[Rule, ...]] = {
    "submit": (Rule((State.DRAFT,), APPLICANT, Capacity.APPLICANT),),
    "answer_supplement": (Rule((State.SUPPLEMENT_REQUESTED,), APPLICANT, Capacity.APPLICANT),),
    "withdraw": (Rule(WITH_CLOCK, APPLICANT, Capacity.APPLICANT),),
    "start_screening": (Rule((State.SUBMITTED,), Role.INTAKE_OFFICER, Capacity.INTAKE),),
    "receive": (Rule((State.SCREENING,), Role.INTAKE_OFFICER, Capacity.INTAKE),),
    "refuse": (Rule((State.SCREENING,), Role.INTAKE_OFFICER, Capacity.INTAKE),),
    "request_supplement": (
        Rule((State.SCREENING,), Role.INTAKE_OFFICER, Capacity.INTAKE),
        _OWN_REVIEW,
    ),
    "take": (Rule((State.IN_REVIEW,), Role.SPECIALIST, Capacity.SPECIALIST, untaken=True),),
    "record_finding": (_OWN_REVIEW,),
    "save_assessment": (_OWN_REVIEW,),
    "propose": (_OWN_REVIEW,),
    "endorse": (Rule((State.ENDORSEMENT,), Role.HEAD_OF_UNIT, Capacity.ENDORSER),),
    "send_back": (
        Rule((State.ENDORSEMENT,), Role.HEAD_OF_UNIT, Capacity.ENDORSER),
        Rule((State.APPROVAL,), Role.SIGNATORY, Capacity.SIGNATORY),
    ),
    "approve": (Rule((State.APPROVAL,), Role.SIGNATORY, Capacity.SIGNATORY),),
    "issue": (Rule((State.ISSUING,), Role.CLERK, Capacity.CLERK),),
    # Leaves the dossier where it is; approval waits for it.
    "verify_applicant": (
        Rule(
            (State.SUBMITTED, State.SCREENING, State.IN_REVIEW, State.ENDORSEMENT, State.APPROVAL),
            Role.INTAKE_OFFICER,
            Capacity.INTAKE,
            unverified=True,
        ),
    ),
    "close": (Rule((State.SUPPLEMENT_REQUESTED,), SYSTEM),),
    "deliver": (Rule((State.ISSUED,), SYSTEM),),
}

# Who has to act while a dossier stands there.
TURN = {
    State.SUBMITTED: Role.INTAKE_OFFICER,
    State.SCREENING: Role.INTAKE_OFFICER,
    State.IN_REVIEW: Role.SPECIALIST,
    State.ENDORSEMENT: Role.HEAD_OF_UNIT,
    State.APPROVAL: Role.SIGNATORY,
    State.ISSUING: Role.CLERK,
}
# What each role becomes for a dossier by acting on it.
CAPACITY = {rule.who: rule.capacity for rules in ACTIONS.values() for rule in rules if rule.capacity}


def in_hand(dossier: Dossier) -> Role:
    """The role that has the dossier, or had it when it stopped."""
    return TURN.get(State(dossier.state)) or (Role.SPECIALIST if dossier.received_at else Role.INTAKE_OFFICER)


def require(person: User | None, action: str, case: Dossier) -> Rule:
    """The rule under which the person may act (None is the system itself). Raises NotAllowed."""
    rules = [rule for rule in ACTIONS[action] if case.state in rule.states]
    if not rules:
        raise NotAllowed(
            _("Hồ sơ đang ở bước “%(state)s” nên không thực hiện được thao tác này.")
            % {"state": case.get_state_display()}
        )
    if person is None:
        if any(rule.who == SYSTEM for rule in rules):
            return rules[0]
        raise NotAllowed(_("Thao tác này phải do một người thực hiện."))
    standing = Standing.of(person, case)
    refusals = [standing.refusal(rule) for rule in rules]
    for rule, refusal in zip(rules, refusals, strict=True):
        if not refusal:
            return rule
    raise NotAllowed(refusals[0])


def may(person: User, action: str, case: Dossier) -> bool:
    return action in actions_for(person, case)


def actions_for(person: User, case: Dossier) -> list[str]:
    """Every action that the person may take on the dossier as it stands, in the table's order."""
    return Standing.of(person, case).actions()


@dataclass(frozen=True)
class Standing:
    """What a person is to a dossier, read once."""

    person: User
    case: Dossier
    membership: str  # role in the applicant's organisation, or empty
    capacity: str  # in which the person has acted on this dossier, or empty

    @classmethod
    def of(cls, person: User, case: Dossier) -> "Standing":
        membership = person.memberships.filter(organisation_id=case.organisation_id).values_list("role", flat=True)
        capacity = Participation.objects.filter(case_id=case.pk, person=person).values_list("capacity", flat=True)
        return cls(person, case, membership.first() or "", capacity.first() or "")

    def actions(self) -> list[str]:
        """Every action that the person may take on the dossier as it stands, in the table's order."""
        return [
            action
            for action, rules in ACTIONS.items()
            if any(self.case.state in rule.states and not self.refusal(rule) for rule in rules)
        ]

    def is_of_applicant(self) -> bool:
        """Whether the person belongs to the organisation that files, or has acted for it on this dossier."""
        return bool(self.membership) or self.capacity == Capacity.APPLICANT

    def refusal(self, rule: Rule) -> str:
        """Why the rule does not let this person act; empty if it does."""
        if not self.person.is_active or rule.who == SYSTEM:
            return _("Bạn không được thực hiện thao tác này.")
        if rule.who == APPLICANT:
            if self.membership not in ACTING_MEMBERS or self.person.is_staff_member():
                return _("Chỉ người đại diện hoặc người soạn hồ sơ của bên nộp được thực hiện thao tác này.")
        elif rule.who not in self.person.role_set():
            return _("Thao tác này dành cho: %(role)s.") % {"role": Role(rule.who).label}
        elif self.is_of_applicant():
            return _("Bạn thuộc hoặc từng thay mặt bên nộp hồ sơ này nên không được tham gia giải quyết.")
        if self.capacity and self.capacity != rule.capacity:
            # Four eyes: one capacity per person and dossier, for good.
            return _("Bạn đã tham gia hồ sơ này ở vai trò “%(capacity)s” nên không thể làm thêm vai trò khác.") % {
                "capacity": Capacity(self.capacity).label
            }
        if rule.own and self.case.specialist_id != self.person.pk:
            return _("Hồ sơ này do chuyên viên khác thụ lý.")
        if rule.unverified and self.case.organisation.tax_settled:
            return _("Bên nộp không còn gì phải xác minh.")
        if rule.untaken and self.case.specialist_id:
            return _("Hồ sơ này đã có chuyên viên thụ lý.")
        return ""
