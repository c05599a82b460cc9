"""How allauth speaks and writes here."""

import logging
import smtplib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import inviting
from accounts.models import User

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("Tài khoản này đang bị khóa."),
        "duplicate_email": _("Địa chỉ này đã thuộc tài khoản của bạn."),
        "email_password_mismatch": _("Địa chỉ thư điện tử hoặc mật khẩu không đúng."),
        "email_taken": _("Địa chỉ này đã có tài khoản."),
        "enter_current_password": _("Mật khẩu hiện tại không đúng."),
        "incorrect_password": _("Mật khẩu không đúng."),
        "invalid_login": _("Địa chỉ thư điện tử hoặc mật khẩu không đúng."),
        "invalid_or_expired_key": _("Liên kết không đúng hoặc đã hết hạn."),
        "invalid_password_reset": _("Liên kết đặt lại mật khẩu không đúng hoặc đã được dùng."),
        "rate_limited": _("Bạn thao tác quá nhanh. Hãy đợi một phút rồi thử lại."),
        "too_many_login_attempts": _("Đăng nhập sai quá nhiều lần. Hãy thử lại sau 5 phút, hoặc đặt lại mật khẩu."),
    }

    def save_user(self, request, user: User, form, commit: bool = True) -> User:
        user.full_name = form.cleaned_data.get("full_name", "")
        return super().save_user(request, user, form, commit=commit)

    def get_login_redirect_url(self, request) -> str:
        """An applicant who has no organisation yet begins there, or with the invitation to one."""
        if not request.user.is_staff_member() and not request.user.memberships.exists():
            invitation = inviting.waiting_for(request.user, at=timezone.now()).first()
            return reverse("invitation", args=[invitation.key]) if invitation else reverse("organisation_create")
        return resolve_url(settings.LOGIN_REDIRECT_URL)

    def get_signup_redirect_url(self, request) -> str:
        return self.get_login_redirect_url(request)

    def get_password_change_redirect_url(self, request) -> str:
        return reverse("profile")

    # Links in mails carry the public address, whatever host the request came in on.

    def get_email_confirmation_url(self, request, emailconfirmation) -> str:
        return settings.SITE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def get_reset_password_from_key_url(self, key: str) -> str:
        uidb36, _dash, secret = key.partition("-")
        return settings.SITE_URL + reverse("account_reset_password_from_key", args=[uidb36, secret])

    def send_account_already_exists_mail(self, email: str) -> None:
        self.send_mail("account/email/account_already_exists", email, {})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is down costs the mail, never the page; the person is told to try again."""
        context = {
            "password_reset_url": settings.SITE_URL + reverse("account_reset_password"),
            **context,
            "signup_url": settings.SITE_URL + reverse("account_signup"),
            "SITE_URL": settings.SITE_URL,
            "OFFICE": settings.OFFICE,
            "DEMO_MODE": settings.DEMO_MODE,
        }
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, smtplib.SMTPException):
            logger.exception("the mail %s could not be sent", template_prefix)
            messages.error(self.request, _("Hệ thống chưa gửi được thư. Hãy thử lại sau ít phút."))
