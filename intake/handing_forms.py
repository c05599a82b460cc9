"""To whom a dossier goes: one of a few people, or of one's organisations."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User


class OneOfThem(forms.ChoiceField):
    """A choice among things that the database knows; cleaned to the one that was chosen."""

    widget = forms.RadioSelect

    def offer(self, found: Iterable[Any], labels: Iterable[str]) -> None:
        self.offered = {str(one.pk): one for one in found}
        self.choices = list(zip(self.offered, labels, strict=True))

    def clean(self, value: Any) -> Any:
        return self.offered[super().clean(value)]


class PersonForm(forms.Form):
    person = OneOfThem(
        label=_("Người nhận bàn giao"),
        error_messages={
            "required": _("Hãy chọn người nhận bàn giao."),
            "invalid_choice": _("Hãy chọn một người trong danh sách."),
        },
    )

    def __init__(self, data: Any = None, *, people: list[User]) -> None:
        super().__init__(data)
        labels = [f"{one}, {one.email}" if one.full_name else one.email for one in people]
        self.fields["person"].offer(people, labels)  # type: ignore[attr-defined]


class HomeForm(forms.Form):
    organisation = OneOfThem(
        label=_("Đơn vị nhận"),
        error_messages={
            "required": _("Hãy chọn đơn vị nhận."),
            "invalid_choice": _("Hãy chọn một đơn vị trong danh sách."),
        },
    )

    def __init__(self, data: Any = None, *, homes: list[Organisation]) -> None:
        super().__init__(data)
        labels = [f"{one.name} ({one.identifier})" for one in homes]
        self.fields["organisation"].offer(homes, labels)  # type: ignore[attr-defined]
