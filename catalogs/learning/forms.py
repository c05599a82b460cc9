"""Another name that a manager proposes."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AliasForm(forms.Form):
    """Another name for an item; `catalogs.learning.aliases` says what may not be one."""

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
