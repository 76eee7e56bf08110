"""An optional limit of requests per key. Off unless the operator sets one; counted in each worker by itself."""

import time
from collections.abc import Callable
from math import ceil

from app.api.edge.problems import Problem

BURST_SECONDS = 2.0
"""How much unused allowance a key may save up."""


class RateLimit:
    """A token bucket for each key id. `clock` counts seconds."""

    def __init__(self, per_second: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def spend(self, key_id: str) -> None:
        """Count one request. Problem: `too_many_requests` with the seconds until the next may come."""
        now = self._clock()
        full = max(1.0, self._per_second * BURST_SECONDS)
        tokens, since = self._buckets.get(key_id, (full, now))
        tokens = min(full, tokens + (now - since) * self._per_second)
        if tokens < 1.0:
            self._buckets[key_id] = (tokens, now)
            raise Problem("too_many_requests", retry_after_seconds=ceil((1.0 - tokens) / self._per_second))
        self._buckets[key_id] = (tokens - 1.0, now)
