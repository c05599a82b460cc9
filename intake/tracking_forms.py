from django import forms
from django.utils.translation import gettext_lazy as _

from intake.tracking import CODE_MAX


class TrackingForm(forms.Form):
    ma = forms.CharField(
        label=_("Mã hồ sơ"),
        help_text=_("In trên giấy xác nhận nộp hồ sơ và trong thư báo, ví dụ G06-261118-0042."),
        max_length=CODE_MAX,
        error_messages={
            "required": _("Hãy nhập mã hồ sơ."),
            "max_length": _("Mã hồ sơ ngắn hơn nhiều, ví dụ G06-261118-0042."),
        },
        widget=forms.TextInput(
            attrs={"class": "code", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    email = forms.EmailField(
        label=_("Địa chỉ thư điện tử"),
        help_text=_("Của một người có tài khoản trong tổ chức nộp hồ sơ."),
        max_length=254,
        error_messages={
            "required": _("Hãy nhập địa chỉ thư điện tử."),
            "invalid": _("Địa chỉ thư điện tử chưa đúng, ví dụ ten@congty.vn."),
            "max_length": _("Địa chỉ thư điện tử chưa đúng, ví dụ ten@congty.vn."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
