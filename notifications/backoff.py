"""How long to wait after a failure."""

from datetime import timedelta

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=4)
# 1, 2, 4 … 128 minutes, then every four hours: 48 hours and a quarter from the first attempt to the last.
MAX_ATTEMPTS = 20


def wait_after(attempts: int) -> timedelta:
    """The pause after so many failed attempts: doubles from a minute up to four hours."""
    return min(FIRST_WAIT * 2 ** min(max(attempts - 1, 0), 16), LONGEST_WAIT)
