"""What a scrape gets: the workers' measurements together, and the money of each pool from the database."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from typing_extensions import override

from app.ops.telemetry.metrics import MULTIPROCESS_DIRECTORY, Metrics

POOLS_KEPT_SECONDS: Final = 5.0
_POOLS_WAIT_SECONDS: Final = 2.0

_log = structlog.get_logger("app.ops.telemetry.exposition")


class PoolFigures(NamedTuple):
    budget_fen: int
    available_fen: int
    held_fen: int
    spent_fen: int


ReadPools = Callable[[], Awaitable[Mapping[str, PoolFigures]]]


class Exposition:
    """Writes Prometheus's text format. The pools are read at most once in `POOLS_KEPT_SECONDS`.

    While the database cannot be read the pools are left out: an old figure would look like a quiet day.
    """

    def __init__(self, metrics: Metrics, read_pools: ReadPools, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._metrics = metrics
        self._read_pools = read_pools
        self._clock = clock
        self._reading = asyncio.Lock()
        self._pools: Mapping[str, PoolFigures] = {}
        self._stale_at = float("-inf")

    async def write(self) -> bytes:
        async with self._reading:
            if self._clock() >= self._stale_at:
                self._pools = await self._pools_now()
                self._stale_at = self._clock() + POOLS_KEPT_SECONDS
        # Reading the workers' files takes milliseconds: not on the loop that answers tills.
        return await asyncio.to_thread(self._text, self._pools)

    async def _pools_now(self) -> Mapping[str, PoolFigures]:
        try:
            async with asyncio.timeout(_POOLS_WAIT_SECONDS):
                return await self._read_pools()
        except Exception as failure:  # noqa: BLE001 - measurements of this process matter most when the rest fails
            _log.warning("pools_unreadable", exc_info=failure)
            return {}

    def _text(self, pools: Mapping[str, PoolFigures]) -> bytes:
        measured = self._metrics.registry
        if MULTIPROCESS_DIRECTORY is not None:
            _forget_dead_workers(Path(MULTIPROCESS_DIRECTORY))
            measured = CollectorRegistry()
            MultiProcessCollector(measured, MULTIPROCESS_DIRECTORY)  # type: ignore[no-untyped-call]
        return generate_latest(measured) + generate_latest(_Pools(pools))


class _Pools(Collector):
    def __init__(self, pools: Mapping[str, PoolFigures]) -> None:
        self._pools = pools

    @override
    def collect(self) -> Iterator[Metric]:
        for at, field in enumerate(PoolFigures._fields):
            figure = field.removesuffix("_fen")
            family = GaugeMetricFamily(f"lijian_pool_{field}", f"Money {figure}, in fen.", labels=("pool",))
            for pool, figures in self._pools.items():
                family.add_metric((pool,), figures[at])
            yield family


def _forget_dead_workers(directory: Path) -> None:
    """A killed worker cannot take its gauges down by itself."""
    for path in directory.glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        if not _alive(pid):
            mark_process_dead(pid, str(directory))  # type: ignore[no-untyped-call]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
