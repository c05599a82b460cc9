"""Forms around matching: what the public asks, and another name that a manager proposes."""

from django import forms
from django.utils.translation import gettext_lazy as _

NAME_MAX, DESCRIPTION_MAX = 300, 20_000


class AskForm(forms.Form):
    """A product as anybody describes it. Nothing of it is kept."""

    name = forms.CharField(label=_("Tên sản phẩm, dịch vụ"), max_length=NAME_MAX, required=False)
    description = forms.CharField(
        label=_("Mô tả"),
        help_text=_("Sản phẩm làm được gì, cho ai dùng, dựa trên công nghệ nào. Gõ có dấu hay không dấu đều được."),
        max_length=DESCRIPTION_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not (cleaned.get("name") or cleaned.get("description")):
            self.add_error("description", _("Hãy ghi tên hoặc mô tả của sản phẩm, dịch vụ."))
        return cleaned
