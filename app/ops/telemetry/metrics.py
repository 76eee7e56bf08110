"""What is counted and timed. Recording costs a few microseconds, in memory that all workers share."""

import os
from typing import Final, Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from app.ops.telemetry.multiprocess import VARIABLE

MULTIPROCESS_DIRECTORY: Final = os.environ.get(VARIABLE)
"""As it was when prometheus_client chose where to keep its values."""

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
    """One of each measurement. The engine and the API hold it as an observer; `Exposition` reads it.

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

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request answered. `route` is the template of the path, never the path."""
        self._by_request[route, method if method in _METHODS else "other", status].inc()
        self._by_route[(route,)].observe(seconds)

    def batch_taken(self, size: int) -> None:
        self._batch_size.observe(size)

    def queue_depth(self, commands: int) -> None:
        self._queue_depth.set(commands)

    def queue_waited(self, seconds: float) -> None:
        self._queue_wait.observe(seconds)

    def batch_phase(self, phase: str, seconds: float) -> None:
        self._by_phase[(phase,)].observe(seconds)

    def retried(self, cause: str) -> None:
        self._retries.labels(cause).inc()

    def declined(self, reason: str) -> None:
        self._declines.labels(reason).inc()

    def constraint_surprised(self) -> None:
        self._surprises.inc()
