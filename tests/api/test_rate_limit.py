"""The optional limit of requests per key."""

import pytest

from app.api.edge.problems import Problem
from app.api.edge.rate_limit import RateLimit


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_key_may_spend_what_it_saved_and_then_its_rate() -> None:
    clock = Clock()
    limit = RateLimit(5, clock=clock)
    for _ in range(10):
        limit.spend("key_1")

    with pytest.raises(Problem) as refused:
        limit.spend("key_1")
    assert (refused.value.code, refused.value.retry_after_seconds) == ("too_many_requests", 1)

    limit.spend("key_2")
    clock.seconds += 0.2
    limit.spend("key_1")
    with pytest.raises(Problem):
        limit.spend("key_1")
