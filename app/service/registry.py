"""What every request must know before it is decided, held in memory and never older than a second.

A worker polls the registry's revision and reads the rest again when it changed. Age is counted from before
the reading began, on a clock that runs on while the process is stopped: a request that finds what we know
too old waits for the next reading, so that a worker that was stopped and continued decides nothing by old
rules.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.policy.model import Policy
from app.domain.policy.pack import read_pack
from app.domain.registry import Client, MerchantState
from app.domain.rules import Rules
from app.service.refusals import NoPolicyInForce, RegistryUnavailable
from app.store.database import Database
from app.store.registry import api_keys, merchants, policies, switches
from app.store.registry.revision import Revision, read_revision
from app.store.unavailable import DATABASE_ERRORS

AGE_SECONDS_MAX = 0.8
"""A change binds every request begun one second after its answer; the rest of that second is the margin."""

POLL_SECONDS = 0.4
WAIT_SECONDS_MAX = 2.0

_log = structlog.get_logger("app.service.registry")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The registry at one revision. `lapses_at` is when the first of the keys stops working by itself."""

    revision: int
    in_force: Rules | None
    clients: Mapping[bytes, Client]
    merchants: Mapping[str, MerchantState]
    lapses_at: datetime | None

    @property
    def rules(self) -> Rules:
        """Raises NoPolicyInForce before the first policy is published."""
        if self.in_force is None:
            raise NoPolicyInForce
        return self.in_force

    def holds(self, now: Revision) -> bool:
        return self.revision == now.number and (self.lapses_at is None or now.at < self.lapses_at)


class Registry:
    """One for each worker. `clock` counts seconds and does not stop with the process."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._snapshot: Snapshot | None = None
        self._began_at = 0.0
        self._published: dict[tuple[str, int], Policy] = {}
        self._reading: asyncio.Task[None] | None = None
        self._polling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to poll. A database that does not answer yet is asked again."""
        with suppress(RegistryUnavailable):
            await self.fresh()
        self._polling = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        for task in (self._polling, self._reading):
            if task is not None:
                task.cancel()
                await asyncio.wait((task,))

    async def fresh(self) -> Snapshot:
        """What holds now: read from the database at most AGE_SECONDS_MAX ago.

        Raises RegistryUnavailable when the database does not answer within WAIT_SECONDS_MAX.
        """
        if self._snapshot is not None and self._clock() - self._began_at <= AGE_SECONDS_MAX:
            return self._snapshot
        try:
            async with asyncio.timeout(WAIT_SECONDS_MAX):
                return await self._next()
        except TimeoutError as late:
            raise RegistryUnavailable from late

    async def _next(self) -> Snapshot:
        # A reading already under way may itself have been stopped half-way, and be too old when it ends.
        while True:
            await self._read_once()
            if self._snapshot is not None and self._clock() - self._began_at <= AGE_SECONDS_MAX:
                return self._snapshot

    async def _read_once(self) -> None:
        """Join the reading under way, or begin one; it goes on when a waiter gives up."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
            self._reading.add_done_callback(_note_failure)
        await asyncio.shield(self._reading)

    async def _read(self) -> None:
        began_at = self._clock()
        try:
            async with asyncio.timeout(WAIT_SECONDS_MAX), self._database.watch() as tx:
                # The revision is read first: a change that slips in behind it is found by the next reading.
                now = await read_revision(tx)
                if self._snapshot is None or not self._snapshot.holds(now):
                    self._snapshot = await self._load(tx, now)
        except DATABASE_ERRORS as failure:
            raise RegistryUnavailable from failure
        self._began_at = began_at

    async def _load(self, tx: AsyncConnection, now: Revision) -> Snapshot:
        keys = await api_keys.live(tx, now.at)
        return Snapshot(
            revision=now.number,
            in_force=await self._rules(tx),
            clients=keys.clients,
            merchants=await merchants.states(tx),
            lapses_at=keys.until,
        )

    async def _rules(self, tx: AsyncConnection) -> Rules | None:
        versions = [(found.policy, found.version) for found in await policies.versions(tx)]
        if not versions:
            return None
        unread = [key for key in versions if key not in self._published]
        if unread:
            for key, source in (await policies.sources(tx, unread)).items():
                self._published[key] = read_pack(source)
        in_force = versions[-1]
        return Rules(
            policy=self._published[in_force],
            version=in_force[1],
            switches=await switches.all_switches(tx),
            published={key: self._published[key] for key in versions},
        )

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            # Whatever it was is logged, and is tried again: without polling every request would wait.
            with suppress(Exception):
                await self._read_once()


def _note_failure(reading: asyncio.Task[None]) -> None:
    failure = None if reading.cancelled() else reading.exception()
    if isinstance(failure, RegistryUnavailable):
        _log.warning("registry_unavailable", cause=type(failure.__cause__).__name__)
    elif failure is not None:
        _log.error("registry_unreadable", exc_info=failure)
