"""The sweeper: expires what nobody has come back for. Correctness does not wait for it, tidiness does."""

import asyncio
import random

import structlog

from app.domain.commands import Command, Expire, Restore
from app.engine.engine import Engine
from app.engine.failures import CommandFailed
from app.store.database import Database
from app.store.due import due_restorations, lapsed_holds
from app.store.unavailable import DATABASE_ERRORS

PERIOD_SECONDS = 2.0
TAKEN_AT_ONCE_MAX = 200

SWEEP_ERRORS: tuple[type[Exception], ...] = (*DATABASE_ERRORS, CommandFailed)

_log = structlog.get_logger("app.ops.sweeper")


class Sweeper:
    """One in every worker, out of step with the others; twice the same expiry is harmless."""

    def __init__(self, database: Database, engine: Engine) -> None:
        self._database = database
        self._engine = engine

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await asyncio.sleep(PERIOD_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
            try:
                await self.sweep()
            except SWEEP_ERRORS as failure:
                _log.warning("sweep_failed", exception=type(failure).__name__)

    async def sweep(self) -> int:
        """Expire and restore what is due, TAKEN_AT_ONCE_MAX of each at most; returns how many were due."""
        async with self._database.reading() as connection:
            holds = await lapsed_holds(connection, TAKEN_AT_ONCE_MAX)
            restorations = await due_restorations(connection, TAKEN_AT_ONCE_MAX)
        commands: list[Command] = [Expire(*key) for key in holds]
        commands += [Restore(*key) for key in restorations]
        await asyncio.gather(*(self._engine.submit(command) for command in commands))
        return len(commands)
