"""What is counted and timed. Recording costs a few microseconds, in memory that all workers share."""

import asyncio
import os
from collections.abc import Callable
from typing import Final, Generic, Never, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from app.domain.checkout import LineOutcome
from app.domain.commands import Command, Hold
from app.domain.outcomes import CheckoutStands, Outcome
from app.ops.telemetry.multiprocess import VARIABLE

MULTIPROCESS_DIRECTORY: Final = os.environ.get(VARIABLE)
"""As it was when prometheus_client chose where to keep its values."""

SAMPLE_SECONDS: Final = 1.0
UNMATCHED: Final = "unmatched"
_METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"})

_SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_SHORT_SECONDS: Final = (0.0005, *_SECONDS)
_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


_Measure = TypeVar("_Measure", Counter, Histogram)


class _Children(dict[tuple[str | int, ...], _Measure], Generic[_Measure]):
    """The children of one measure by their labels; asking the measure each time would double the cost."""

    def __init__(self, measure: _Measure) -> None:
        super().__init__()
        self._measure: _Measure = measure

    def __missing__(self, labels: tuple[str | int, ...]) -> _Measure:
        child: _Measure = self._measure.labels(*labels)
        self[labels] = child
        return child


class Metrics:
    """One of each measurement: the engine's observer and the request log's; `Exposition` reads it.

    Names of routes, phases, causes and reasons are ours, hence few; nothing that was sent becomes a label.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        kept = self.registry
        self._requests = Counter("lijian_requests", "Requests answered.", ("route", "method", "code"), registry=kept)
        self._durations = Histogram(
            "lijian_request_duration_seconds",
            "From the request's head to its answer's last byte.",
            ("route",),
            buckets=_SECONDS,
            registry=kept,
        )
        self._batch_size = Histogram("lijian_batch_size", "Commands in a batch.", buckets=_SIZES, registry=kept)
        self._queue_depth = Gauge(
            "lijian_queue_depth", "Commands waiting for a batch.", multiprocess_mode="livesum", registry=kept
        )
        self._queue_wait = Histogram(
            "lijian_queue_wait_seconds",
            "From a command's arrival in the queue to its batch.",
            buckets=_SHORT_SECONDS,
            registry=kept,
        )
        self._phases = Histogram(
            "lijian_batch_phase_seconds",
            "Parts of a batch.",
            ("phase",),
            buckets=_SHORT_SECONDS,
            registry=kept,
        )
        self._retries = Counter("lijian_retries", "Batches run again.", ("cause",), registry=kept)
        self._declines = Counter("lijian_declines", "Lines declined.", ("reason",), registry=kept)
        self._surprises = Counter(
            "lijian_constraint_surprises",
            "Constraints that fired where the book had agreed: bugs.",
            registry=kept,
        )
        self._by_request = _Children(self._requests)
        self._by_route = _Children(self._durations)
        self._by_phase = _Children(self._phases)
        self._by_reason = _Children(self._declines)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request answered. `route` is the template of the path, never the path."""
        self._by_request[route, method if method in _METHODS else "other", status].inc()
        self._by_route[(route,)].observe(seconds)

    def batch_taken(self, size: int, waited_seconds: list[float]) -> None:
        self._batch_size.observe(size)
        for seconds in waited_seconds:
            self._queue_wait.observe(seconds)

    def phase_took(self, phase: str, seconds: float) -> None:
        self._by_phase[(phase,)].observe(seconds)

    def ran_again(self, cause: str) -> None:
        self._retries.labels(cause).inc()

    def constraint_surprised(self, sqlstate: str) -> None:
        self._surprises.inc()

    def decided(self, command: Command, outcome: Outcome) -> None:
        """Count the declined lines of a hold that was decided just now; a replay declines nothing anew."""
        if not isinstance(command, Hold) or not isinstance(outcome, CheckoutStands) or outcome.replayed:
            return
        for line in outcome.checkout.lines:
            if line.outcome == LineOutcome.DECLINED:
                self._by_reason[(str(line.reason),)].inc()

    async def sample_queue_depth(self, depth: Callable[[], int]) -> Never:
        """Show how many commands wait in this worker, until cancelled: also while no batch is taken at all."""
        while True:
            self._queue_depth.set(depth())
            await asyncio.sleep(SAMPLE_SECONDS)
