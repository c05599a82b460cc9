"""Sessions in the database, read with a statement that is ready: putting it together took longer than the answer."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.db import connection
from django.utils import timezone


class SessionStore(DatabaseSessions):
    def _validate_session_key(self, key: str | None) -> bool:
        """Of a cookie that cannot be a key nothing is asked: PostgreSQL refuses a text with a null character."""
        return bool(super()._validate_session_key(key) and key.isascii() and key.isalnum())

    def load(self) -> dict[str, Any]:
        """What the session holds; nothing, and no key any more, if it has ended or never was."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s",
                [self.session_key, connection.ops.adapt_datetimefield_value(timezone.now())],
            )
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row[0])
