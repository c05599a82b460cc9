"""Django's password rules, said in the product's own words."""

from django.contrib.auth import password_validation as rules
from django.utils.translation import gettext as _


class LongEnough(rules.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return _("Mật khẩu quá ngắn, cần ít nhất %(count)d ký tự.") % {"count": self.min_length}

    def get_help_text(self) -> str:
        return _("Ít nhất %(count)d ký tự.") % {"count": self.min_length}


class NotCommon(rules.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return _("Mật khẩu này nhiều người dùng nên dễ bị đoán. Hãy chọn mật khẩu khác.")

    def get_help_text(self) -> str:
        return _("Không phải mật khẩu nhiều người dùng.")


class NotOnlyDigits(rules.NumericPasswordValidator):
    def get_error_message(self) -> str:
        return _("Mật khẩu không được chỉ gồm chữ số.")

    def get_help_text(self) -> str:
        return _("Không chỉ gồm chữ số.")


class NotLikeThePerson(rules.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        # The rule names the attribute with %(verbose_name)s; which one it is helps nobody.
        return _("Mật khẩu quá giống họ tên hoặc địa chỉ thư điện tử.")

    def get_help_text(self) -> str:
        return _("Không giống họ tên hoặc địa chỉ thư điện tử.")
