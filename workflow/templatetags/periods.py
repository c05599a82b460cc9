"""How long is left, for pages of apps that stand below this one."""

from datetime import datetime
from typing import Any

from django import template

from workflow.workingdays import Calendar, Remaining, current_calendar

register = template.Library()
_CALENDAR = "workflow.calendar"


@register.simple_tag(takes_context=True)
def time_left(context: Any, due_at: datetime | None, now: datetime, unit: str = "working") -> Remaining | None:
    """{% time_left dossier.due_at now as left %}: what components/deadline.html shows; None if no clock runs.

    With "calendar" as the last argument in calendar days, as the period of an applicant runs. The calendar is
    read once for a page.
    """
    if due_at is None:
        return None
    calendar: Calendar | None = context.render_context.get(_CALENDAR)
    if calendar is None:
        calendar = context.render_context[_CALENDAR] = current_calendar()
    return calendar.remaining_days(due_at, now) if unit == "calendar" else calendar.remaining(due_at, now)
