"""docs/workflow.md, drawn from the machine and the policy themselves. `manage.py draw_workflow` writes it."""

from collections.abc import Iterator
from typing import Any

from accounts.models import Role
from intake.states import PORTAL_CODES, State
from workflow.models import Case
from workflow.policy import ACTIONS, APPLICANT, SYSTEM, Rule

WHO = {APPLICANT: "bên nộp hồ sơ", SYSTEM: "hệ thống"}


def document() -> str:
    """The whole page, in Markdown."""
    return "\n".join(
        [
            "# The workflow",
            "",
            "Drawn from `workflow.models.Case` and `workflow.policy.ACTIONS` by `manage.py draw_workflow`; a test",
            "fails when this page and the code differ. Do not edit it by hand.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            f"    [*] --> {State.DRAFT.value}",
            *(f"    {source} --> {target}: {name}" for name, source, target in moves()),
            *(f"    {state} --> [*]" for state in ends()),
            "```",
            "",
            "## States",
            "",
            "| State | Shown as | National portal |",
            "|---|---|---|",
            *(f"| `{s.value}` | {s.label} | {PORTAL_CODES.get(s, '–')} |" for s in State),
            "",
            "## Who may do what",
            "",
            "A person has one capacity on a dossier, for good: who has received it can neither assess nor sign it.",
            "",
            "| Action | In state | Who | Becomes | Besides |",
            "|---|---|---|---|---|",
            *(_policy_row(action, rule) for action, rules in ACTIONS.items() for rule in rules),
            "",
            "`issue` also hands the findings of the decision on as evidence: a catalogue manager reviews each, and",
            "only what was accepted, measured and put into force changes how matching ranks the next product.",
            "",
        ]
    )


def moves() -> list[tuple[str, str, str]]:
    """Every move as (name, from, to), in the order of the states."""
    order = list(State.values)
    found = {
        (move.name, str(move.source), str(target))
        for move in Case._meta.get_field("state").get_all_transitions(Case)
        for target in _targets(move.target)
    }
    return sorted(found, key=lambda m: (order.index(m[1]), order.index(m[2]), m[0]))


def ends() -> list[str]:
    sources = {source for _name, source, _target in moves()}
    return [state for state in State.values if state not in sources]


def _targets(target: Any) -> Iterator[str]:
    # GET_STATE lists the states that it may lead to.
    yield from getattr(target, "allowed_states", None) or [target]


def _policy_row(action: str, rule: Rule) -> str:
    who = WHO.get(rule.who) or str(Role(rule.who).label)
    besides = (
        "thụ lý hồ sơ"
        if rule.own
        else "chưa ai thụ lý"
        if rule.untaken
        else "mã số thuế chưa xác minh"
        if rule.unverified
        else ""
    )
    states = ", ".join(f"`{s}`" for s in rule.states)
    return f"| `{action}` | {states} | {who} | {rule.capacity and f'`{rule.capacity}`'} | {besides} |"
