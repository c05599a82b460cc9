"""How the person of a request is read."""

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class Backend(AuthenticationBackend):
    """Signs in with e-mail and password. Every page asks for the roles, so they are read with the person."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.with_roles(user_id)
        return user if user and self.user_can_authenticate(user) else None
