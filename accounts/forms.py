"""Forms of people and organisations. Those for signing in are allauth's, with our words and limits."""

from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts import provinces
from accounts.identifiers import clean_personal_id, clean_phone, clean_tax_code
from accounts.models import ApplicantKind, MembershipRole, User
from accounts.plaintext import check_readable

LONGEST_EMAIL = 254
LONGEST_PASSWORD = 256

PASSWORD_HELP = _("Ít nhất 10 ký tự, không chỉ gồm chữ số, không giống họ tên hay địa chỉ thư điện tử.")


class NameField(forms.CharField):
    """A person's name on one line, with at least one letter in it."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 150)
        options.setdefault("validators", [check_readable])
        options.setdefault("error_messages", _messages(_("Hãy nhập họ và tên.")))
        super().__init__(**options)

    def clean(self, value: Any) -> str:
        return one_line_name(super().clean(value))


def one_line_name(text: str) -> str:
    name = " ".join(text.split())
    if name and not any(letter.isalpha() for letter in name):
        raise ValidationError(_("Họ và tên phải có chữ cái."))
    return name


class QuietInput(forms.TextInput):
    """Without the attribute `required`: the browser cannot know for whom it is."""

    def use_required_attribute(self, initial: Any) -> bool:
        return False


class FieldOfSomeKinds(forms.CharField):
    """Asked of some kinds of applicants only. It is not called optional, and the form says when it is missing."""

    widget = QuietInput

    def validate(self, value: Any) -> None:
        """Whether it may be empty depends on the kind."""


def _messages(required: Any, **others: Any) -> dict[str, Any]:
    return {
        "required": required,
        "max_length": _("Nhiều nhất %(limit_value)d ký tự; bạn đã nhập %(show_value)d."),
        "null_characters_not_allowed": _("Nội dung có ký tự không hợp lệ."),
        **others,
    }


def _dress(field: forms.Field, label: Any, *, required: Any, help_text: Any = "", longest: int = 0) -> None:
    """Give a field of allauth our label, help and messages; a placeholder is no label, so it goes."""
    field.label, field.help_text = label, help_text
    invalid = _("Địa chỉ thư điện tử không đúng. Ví dụ: ten@congty.vn.")
    field.error_messages.update(_messages(required, invalid=invalid))
    field.widget.attrs.pop("placeholder", None)
    if longest:
        field.widget.attrs["maxlength"] = longest
        field.validators.append(MaxLengthValidator(longest))


def _dress_email(field: forms.Field, help_text: Any = "") -> None:
    _dress(
        field,
        _("Địa chỉ thư điện tử"),
        required=_("Hãy nhập địa chỉ thư điện tử."),
        help_text=help_text,
        longest=LONGEST_EMAIL,
    )


def _dress_new_password(form: forms.Form, label: Any, again: Any) -> None:
    _dress(
        form.fields["password1"],
        label,
        required=_("Hãy nhập mật khẩu."),
        help_text=PASSWORD_HELP,
        longest=LONGEST_PASSWORD,
    )
    _dress(form.fields["password2"], again, required=_("Hãy nhập lại mật khẩu."), longest=LONGEST_PASSWORD)


class PasswordsAgree(forms.Form):
    """Says in our words what allauth finds when the two passwords differ."""

    def add_error(self, field: str | None, error: Any) -> None:
        if field == "password2" and not isinstance(error, ValidationError):
            error = ValidationError(_("Hai lần nhập mật khẩu chưa giống nhau."))
        super().add_error(field, error)


class SignInForm(allauth.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress_email(self.fields["login"])
        _dress(self.fields["password"], _("Mật khẩu"), required=_("Hãy nhập mật khẩu."), longest=LONGEST_PASSWORD)


class SignUpForm(PasswordsAgree, allauth.SignupForm):
    full_name = NameField(
        label=_("Họ và tên"),
        help_text=_("Tên này được ghi khi bạn nộp và cam kết hồ sơ."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["full_name", "email", "password1", "password2"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress_email(self.fields["email"], _("Thư xác nhận và mọi thông báo về hồ sơ được gửi tới địa chỉ này."))
        _dress_new_password(self, _("Mật khẩu"), _("Nhập lại mật khẩu"))

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        if self.account_already_exists:
            # Hashing takes long enough to be noticed from outside; without it a quick answer tells of an account.
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class AskResetForm(allauth.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress_email(self.fields["email"])


class NewPasswordForm(PasswordsAgree, allauth.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress_new_password(self, _("Mật khẩu mới"), _("Nhập lại mật khẩu mới"))


class ChangePasswordForm(PasswordsAgree, allauth.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(
            self.fields["oldpassword"],
            _("Mật khẩu hiện tại"),
            required=_("Hãy nhập mật khẩu hiện tại."),
            longest=LONGEST_PASSWORD,
        )
        _dress_new_password(self, _("Mật khẩu mới"), _("Nhập lại mật khẩu mới"))


class ProfileForm(forms.ModelForm):
    full_name = NameField(label=_("Họ và tên"), widget=forms.TextInput(attrs={"autocomplete": "name"}))
    language = forms.ChoiceField(
        label=_("Ngôn ngữ"),
        choices=settings.LANGUAGES,
        help_text=_("Của giao diện và của thư gửi tới bạn."),
        error_messages=_messages(_("Hãy chọn ngôn ngữ."), invalid_choice=_("Hãy chọn một ngôn ngữ trong danh sách.")),
    )

    class Meta:
        model = User
        fields = ["full_name", "language"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.is_staff_member():
            # The name of an official stands on papers; the administration keeps it.
            del self.fields["full_name"]


class DetailsForm(forms.Form):
    """What an applicant may change of itself at any time.

    Not a model form: that would check uniqueness itself and answer in words that belong to no field.
    """

    name = forms.CharField(
        label=_("Tên đầy đủ"),
        validators=[check_readable],
        max_length=300,
        help_text=_("Ghi đúng như trên giấy đăng ký doanh nghiệp, quyết định thành lập hoặc thẻ căn cước."),
        error_messages=_messages(_("Hãy nhập tên đầy đủ.")),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    province = forms.ChoiceField(
        label=_("Tỉnh, thành phố"),
        error_messages=_messages(
            _("Hãy chọn tỉnh, thành phố."), invalid_choice=_("Hãy chọn một tỉnh, thành phố trong danh sách.")
        ),
    )
    address = forms.CharField(
        label=_("Địa chỉ"),
        validators=[check_readable],
        max_length=300,
        help_text=_("Số nhà, đường, xã hoặc phường."),
        error_messages=_messages(_("Hãy nhập địa chỉ.")),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    phone = forms.CharField(
        label=_("Điện thoại"),
        max_length=30,  # as typed; stored without spaces
        error_messages=_messages(_("Hãy nhập số điện thoại.")),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    representative_name = FieldOfSomeKinds(
        label=_("Người đại diện"),
        validators=[check_readable],
        max_length=150,
        help_text=_("Người đại diện theo pháp luật hoặc được ủy quyền. Cá nhân để trống mục này."),
        error_messages=_messages(""),
    )
    representative_position = FieldOfSomeKinds(
        label=_("Chức vụ của người đại diện"),
        validators=[check_readable],
        max_length=150,
        help_text=_("Ví dụ: Giám đốc, Viện trưởng. Cá nhân để trống mục này."),
        error_messages=_messages(""),
        widget=QuietInput(attrs={"autocomplete": "organization-title"}),
    )

    def __init__(self, data: Any = None, *, kind: str = "", initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.kind = kind
        known = provinces.choices()
        chosen = (initial or {}).get("province")
        if chosen and chosen not in dict(known):
            known.append((chosen, provinces.name_of(chosen)))  # of another time; it may stay
        self.fields["province"].choices = [("", _("Chọn tỉnh, thành phố")), *known]
        if kind == ApplicantKind.INDIVIDUAL:
            del self.fields["representative_name"], self.fields["representative_position"]
        elif kind:
            self.fields["representative_name"].help_text = _("Người đại diện theo pháp luật hoặc được ủy quyền.")
            self.fields["representative_position"].help_text = _("Ví dụ: Giám đốc, Viện trưởng.")

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"])

    def clean_representative_name(self) -> str:
        return one_line_name(self.cleaned_data["representative_name"])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        kind = self.kind or data.get("kind")
        if kind == ApplicantKind.INDIVIDUAL:
            data["representative_name"], data["representative_position"] = data.get("name", ""), ""
            return data
        for field, message in (
            ("representative_name", _("Hãy nhập họ và tên người đại diện.")),
            ("representative_position", _("Hãy nhập chức vụ của người đại diện.")),
        ):
            if kind and field not in self.errors and not data.get(field):
                self.add_error(field, message)
        return data


class RegistrationForm(DetailsForm):
    """A new applicant: its kind first, which decides the number that identifies it."""

    kind = forms.ChoiceField(
        label=_("Đối tượng nộp hồ sơ"),
        choices=ApplicantKind.choices,
        widget=forms.RadioSelect(attrs={"data-choices": "grid"}),
        error_messages=_messages(
            _("Hãy chọn đối tượng nộp hồ sơ."), invalid_choice=_("Hãy chọn một đối tượng trong danh sách.")
        ),
    )
    tax_code = FieldOfSomeKinds(
        label=_("Mã số thuế"),
        help_text=_(
            "Doanh nghiệp, tổ chức, cơ quan khai mục này: 10 chữ số, hoặc 13 chữ số nếu là đơn vị phụ thuộc "
            "(0123456789-001). Hệ thống đối chiếu mã và tên với dữ liệu đăng ký thuế sau khi lưu."
        ),
        max_length=30,
        error_messages=_messages(""),
        widget=QuietInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    personal_id = FieldOfSomeKinds(
        label=_("Số định danh cá nhân"),
        help_text=_("Cá nhân khai mục này: 12 chữ số trên thẻ căn cước."),
        max_length=30,
        error_messages=_messages(""),
        widget=QuietInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    field_order = ["kind", "name", "tax_code", "personal_id"]

    def clean_tax_code(self) -> str:
        text, kind = self.cleaned_data["tax_code"], self.cleaned_data.get("kind")
        if kind == ApplicantKind.INDIVIDUAL:
            if text:
                raise ValidationError(_("Cá nhân khai số định danh cá nhân. Hãy để trống mã số thuế."))
            return ""
        if kind and not text:
            raise ValidationError(_("Hãy nhập mã số thuế."))
        return clean_tax_code(text) if text else ""

    def clean_personal_id(self) -> str:
        text = self.cleaned_data["personal_id"]
        kind = self.cleaned_data.get("kind")
        if kind == ApplicantKind.INDIVIDUAL:
            if not text:
                raise ValidationError(_("Hãy nhập số định danh cá nhân."))
            return clean_personal_id(text)
        if text and kind:
            raise ValidationError(_("Chỉ cá nhân khai số định danh cá nhân. Hãy để trống mục này."))
        return text


# What each role may do, in the words of whoever chooses one.
ROLE_CHOICES = (
    (
        MembershipRole.REPRESENTATIVE.value,
        _("Người đại diện: quản lý thành viên của đơn vị; lập, sửa và nộp hồ sơ"),
    ),
    (MembershipRole.DRAFTER.value, _("Người soạn hồ sơ: lập, sửa và nộp hồ sơ; sửa thông tin của đơn vị")),
    (MembershipRole.VIEWER.value, _("Người xem: xem mọi hồ sơ và giấy tờ của đơn vị, không thay đổi gì")),
)


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        label=_("Vai trò"),
        choices=ROLE_CHOICES,
        widget=forms.RadioSelect,
        error_messages=_messages(_("Hãy chọn vai trò."), invalid_choice=_("Hãy chọn một vai trò trong danh sách.")),
    )


class InvitationForm(RoleForm):
    email = forms.EmailField(widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    field_order = ["email", "role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress_email(
            self.fields["email"],
            _("Thư mời được gửi tới địa chỉ này. Chỉ người đăng nhập bằng địa chỉ này mới chấp nhận được."),
        )
