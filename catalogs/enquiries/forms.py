"""What somebody asks, and what an officer answers. Forms check; they decide nothing."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import LONGEST_EMAIL, NameField
from accounts.models import Organisation
from catalogs.enquiries import answering, asking, faq
from catalogs.managing.forms import Text

TOO_LONG = _("Nhiều nhất %(limit_value)d ký tự; bạn đã nhập %(show_value)d.")


class Prose(Text):
    """Several lines, however the browser ends them."""

    def to_python(self, value: Any) -> str:
        return super().to_python(str(value or "").replace("\r\n", "\n").replace("\r", "\n"))


def long_text(label: Any, *, rows: int, most: int, required: Any, help_text: Any = "") -> Prose:
    return Prose(
        label=label,
        help_text=help_text,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": rows, "data-count": "", "maxlength": most}),
        error_messages={"required": required, "max_length": TOO_LONG},
    )


class EnquiryForm(forms.Form):
    """`organisations`: those of the person; with several, for which of them the person asks."""

    title = Text(
        label=_("Tóm tắt câu hỏi"),
        help_text=_("Một câu, ví dụ: Camera thuê của bên thứ ba có thuộc mục này không?"),
        max_length=asking.TITLE_MAX,
        error_messages={"required": _("Hãy tóm tắt câu hỏi."), "max_length": TOO_LONG},
    )
    text = long_text(
        _("Nội dung"),
        rows=8,
        most=asking.TEXT_MAX,
        required=_("Hãy viết nội dung câu hỏi hoặc vướng mắc."),
        help_text=_("Nêu tình huống cụ thể và điều còn chưa rõ. Đừng ghi bí mật kinh doanh hay dữ liệu cá nhân."),
    )

    def __init__(self, *args: Any, organisations: Sequence[Organisation] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.organisations = {str(one.pk): one for one in organisations}
        if len(organisations) > 1:
            nobody = [("", _("Không thay cho tổ chức nào"))]
            choices = nobody + [(pk, one.name) for pk, one in self.organisations.items()]
            self.fields["organisation"] = forms.ChoiceField(
                label=_("Hỏi thay cho"), choices=choices, required=False, initial=str(organisations[0].pk)
            )

    def organisation(self) -> Organisation | None:
        """For whom the person asks: the one chosen, or the only one there is."""
        if len(self.organisations) == 1:
            return next(iter(self.organisations.values()))
        return self.organisations.get(self.cleaned_data.get("organisation", ""))

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())


class VisitorForm(EnquiryForm):
    """Of somebody who is not signed in."""

    name = NameField(label=_("Họ và tên"))
    email = forms.EmailField(
        label=_("Địa chỉ thư điện tử"),
        help_text=_("Chúng tôi gửi thư để bạn xác nhận địa chỉ này; sau đó câu hỏi mới được tiếp nhận."),
        max_length=LONGEST_EMAIL,
        error_messages={
            "required": _("Hãy nhập địa chỉ thư điện tử."),
            "invalid": _("Địa chỉ thư điện tử không đúng. Ví dụ: ten@congty.vn."),
            "max_length": TOO_LONG,
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class FaqForm(forms.Form):
    """An entry for everybody, or its correction. Which subject it keeps is a yes or no: the one of the question."""

    title = Text(
        label=_("Câu hỏi"),
        help_text=_("Một câu, như người khác sẽ hỏi."),
        max_length=asking.TITLE_MAX,
        error_messages={"required": _("Hãy ghi câu hỏi."), "max_length": TOO_LONG},
    )
    question = long_text(
        _("Nội dung câu hỏi"),
        rows=6,
        most=asking.TEXT_MAX,
        required=_("Hãy viết nội dung câu hỏi."),
        help_text=_("Viết lại sao cho không nhận ra người hỏi: bỏ tên, đơn vị, sản phẩm riêng, số liệu riêng."),
    )
    answer = long_text(_("Trả lời"), rows=12, most=answering.TEXT_MAX, required=_("Hãy viết nội dung trả lời."))
    change = long_text(
        _("Nội dung đính chính"),
        rows=3,
        most=faq.CHANGE_MAX,
        required=_("Hãy ghi nội dung đính chính."),
        help_text=_("Sửa gì, vì sao. Hiện cùng ngày đính chính cho mọi người; lời văn cũ chỉ cơ quan xem được."),
    )

    def __init__(self, *args: Any, corrects: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not corrects:
            del self.fields["change"]

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())


class WithdrawalForm(forms.Form):
    reason = long_text(
        _("Lý do rút"),
        rows=4,
        most=faq.REASON_MAX,
        required=_("Hãy nêu lý do rút."),
        help_text=_("Lý do hiện ở địa chỉ của nội dung này cho mọi người."),
    )


class ReplyForm(forms.Form):
    text = long_text(
        _("Trả lời"),
        rows=12,
        most=answering.TEXT_MAX,
        required=_("Hãy viết nội dung trả lời."),
        help_text=_("Nêu căn cứ: điều, khoản, văn bản. Trả lời được gửi cho người hỏi và không sửa lại được."),
    )
