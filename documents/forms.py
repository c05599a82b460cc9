from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from documents import codes
from documents.digests import DigestedFile
from intake.answers import write_size


class CodeForm(forms.Form):
    """A verification code, as people type and paste it. `cleaned_data["ma"]` is the bare code."""

    ma = forms.CharField(
        label=_("Mã kiểm tra"),
        help_text=_("12 ký tự in cạnh mã QR trên văn bản, ví dụ 7KQ2-M9DX-4HTR. Không cần gõ gạch nối."),
        max_length=300,
        error_messages={"required": _("Hãy nhập mã kiểm tra in trên văn bản.")},
        widget=forms.TextInput(
            attrs={"class": "code", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_ma(self) -> str:
        try:
            return codes.read_code(self.cleaned_data["ma"])
        except codes.InvalidCode as error:
            raise ValidationError(str(error)) from error


class FileForm(forms.Form):
    """A file to compare with the paper; it arrives as a DigestedFile."""

    tep = forms.FileField(
        label=_("Tệp PDF bạn đang có"),
        help_text=_("Tệp chỉ được dùng để so sánh rồi bỏ đi, không được lưu lại."),
        error_messages={"required": _("Hãy chọn tệp PDF để so sánh."), "empty": _("Tệp này trống (0 byte).")},
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )

    def clean_tep(self) -> DigestedFile:
        file = self.cleaned_data["tep"]
        if file.size > settings.VERIFY_UPLOAD_MAX_BYTES:
            raise ValidationError(
                gettext("Tệp lớn hơn %(limit)s, nên chắc chắn không phải là văn bản này. Hãy chọn tệp khác.")
                % {"limit": write_size(settings.VERIFY_UPLOAD_MAX_BYTES)}
            )
        return file
