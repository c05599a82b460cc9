"""How often one address may ask: a counter in the cache for each window of time."""

from datetime import datetime

from django.core.cache import cache

WINDOW = 60  # seconds


def allowed(scope: str, who: str, *, limit: int, at: datetime) -> bool:
    """Count one attempt; False once `who` has made more than `limit` in the running minute."""
    key = f"throttle:{scope}:{who}:{int(at.timestamp()) // WINDOW}"
    # Kept for two windows, so that a clock that differs a little between machines does not lose the count.
    cache.add(key, 0, timeout=2 * WINDOW)
    try:
        return cache.incr(key) <= limit
    except ValueError:  # the cache dropped the key between the two calls
        return True
