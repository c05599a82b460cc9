"""The office's own days: swaps, make-up days and new holidays, kept by an administrator above the public calendar."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import ProhibitNullCharactersValidator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.plaintext import check_readable
from audit import trail
from workflow import casefile
from workflow.models import CalendarDay
from workflow.workingdays import public_days

SHOWN = 100
# Outside them a year is a slip of the hand, and the day would never count.
YEARS = range(2025, 2100)


class CalendarDayForm(forms.ModelForm):
    """A day that is there already is replaced, so a mistake is mended by entering the day again."""

    day = forms.DateField(
        label=gettext_lazy("Ngày"),
        help_text=gettext_lazy("Ví dụ: 24/11/2026"),
        error_messages={"invalid": gettext_lazy("Ngày này không có trong lịch. Hãy nhập như 24/11/2026.")},
    )
    working = forms.TypedChoiceField(
        label=gettext_lazy("Ngày này là"),
        choices=[("no", gettext_lazy("Ngày nghỉ")), ("yes", gettext_lazy("Ngày làm việc"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = CalendarDay
        fields = ["day", "working", "name", "source"]
        labels = {"name": gettext_lazy("Lý do"), "source": gettext_lazy("Văn bản thông báo")}
        help_texts = {"name": gettext_lazy("Ví dụ: Nghỉ hoán đổi dịp Quốc khánh")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("name", "source"):
            # Alone: Django's own word on the null character does not name the place.
            self.fields[name].validators = [
                v for v in self.fields[name].validators if not isinstance(v, ProhibitNullCharactersValidator)
            ] + [check_readable]

    def clean_day(self) -> date:
        day = self.cleaned_data["day"]
        if day.year not in YEARS:
            raise forms.ValidationError(
                _("Hãy kiểm tra lại năm: lịch làm việc chỉ ghi các năm từ %(first)s đến %(last)s.")
                % {"first": YEARS[0], "last": YEARS[-1]}
            )
        return day

    def validate_unique(self) -> None:
        """Replacing a day is meant."""


@require_http_methods(["GET", "HEAD", "POST"])
def calendar_days(request: HttpRequest) -> HttpResponse:
    form = CalendarDayForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        keep(form, by=request.user, at=timezone.now())
        messages.success(request, _("Đã lưu ngày trong lịch làm việc."))
        return redirect("calendar_days")
    days = CalendarDay.objects.order_by("-day")[:SHOWN]
    status = 422 if form.is_bound else 200
    year = timezone.localdate().year
    context = {"form": form, "days": days, "public": [(one, public_days(one)) for one in (year, year + 1)]}
    return render(request, "workflow/calendar_days.html", context, status=status)


@require_POST
def calendar_day_remove(request: HttpRequest, day: str) -> HttpResponse:
    try:
        wanted = datetime.strptime(day, "%Y-%m-%d").date()
    except ValueError:
        wanted = None
    if wanted and remove(wanted, by=request.user, at=timezone.now()):
        messages.success(request, _("Đã bỏ ngày khỏi lịch làm việc riêng."))
    return redirect("calendar_days")


@transaction.atomic
def keep(form: CalendarDayForm, *, by: User, at: datetime) -> CalendarDay:
    """Deadlines that run keep their day; those that start from now on count with the new calendar."""
    values = form.cleaned_data
    day, _created = CalendarDay.objects.update_or_create(
        day=values["day"],
        defaults={"working": values["working"], "name": values["name"], "source": values["source"]},
    )
    data = {"day": day.day.isoformat(), "working": day.working, "name": day.name}
    trail.record(day, "set_calendar_day", by=by, at=at, data=data)
    transaction.on_commit(casefile.forget_calendar)
    return day


@transaction.atomic
def remove(wanted: date, *, by: User, at: datetime) -> bool:
    """Whether the day was there."""
    day = CalendarDay.objects.select_for_update().filter(day=wanted).first()
    if day is None:
        return False
    trail.record(day, "remove_calendar_day", by=by, at=at, data={"day": day.day.isoformat(), "name": day.name})
    day.delete()
    transaction.on_commit(casefile.forget_calendar)
    return True
