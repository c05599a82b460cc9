"""Forms around matching: what the public asks, and another name that a manager proposes."""

from django import forms
from django.utils.translation import gettext_lazy as _

NAME_MAX, DESCRIPTION_MAX = 300, 20_000


class AskForm(forms.Form):
    """A product as anybody describes it. Nothing of it is kept."""

    # Either is enough; the page says so once, above both.
    name = forms.CharField(
        label=_("Tên sản phẩm, dịch vụ"),
        max_length=NAME_MAX,
        required=False,
        widget=forms.TextInput(attrs={"data-sometimes": "1"}),
    )
    description = forms.CharField(
        label=_("Mô tả"),
        help_text=_("Sản phẩm làm được gì, cho ai dùng, dựa trên công nghệ nào. Gõ có dấu hay không dấu đều được."),
        max_length=DESCRIPTION_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "data-sometimes": "1"}),
    )

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not (cleaned.get("name") or cleaned.get("description")):
            self.add_error("description", _("Hãy ghi tên hoặc mô tả của sản phẩm, dịch vụ."))
        return cleaned


class AliasForm(forms.Form):
    """Another name for an item; `catalogs.aliases` says what may not be one."""

    # No limit here: what is too long is told in one place, with all else that is wrong with a name.
    text = forms.CharField(
        label=_("Cách gọi khác"),
        help_text=_("Cách gọi mà doanh nghiệp hay dùng cho đúng loại sản phẩm này; không phải tên thương mại."),
        strip=False,
        error_messages={"required": _("Hãy ghi cách gọi.")},
        widget=forms.TextInput(attrs={"maxlength": 300, "autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=_("Ngôn ngữ"), choices=[("vi", _("Tiếng Việt")), ("en", _("Tiếng Anh"))])
    although_elsewhere = forms.BooleanField(required=False, widget=forms.HiddenInput)
