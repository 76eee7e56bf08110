"""One batch = one transaction: prefetch, decide, persist, commit; and what to do when it does not work."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn

import asyncpg
import structlog

from app.domain.book.book import Book
from app.domain.book.rows import Missing
from app.domain.commands import Command, Expire, Hold
from app.domain.outcomes import Outcome
from app.domain.rules import Rules
from app.engine.failures import Broken, Busy, CommandFailed
from app.engine.observer import Observer
from app.store.book import reads
from app.store.book.needs import Wider
from app.store.book.persist import persist
from app.store.book.prefetch import Prefetch
from app.store.database import Database
from app.store.failures import OutcomeUnknown, Poisoned, RunAgain, Unavailable, classify
from app.store.unavailable import DATABASE_ERRORS

ATTEMPTS_MAX = 6
WIDENED_MAX = 3
WIDENED_ALONE_MAX = 20
"""A batch that lacks rows again and again is taken apart; alone, a basket may find one limit after another short."""
SETTLE_SECONDS_MAX = 8.0
LAPSED_A_COMMIT = 48
RELIEVE_ROUNDS_MAX = 200

_log = structlog.get_logger("app.engine.batch")

Result = Outcome | CommandFailed


class BatchRunner:
    """Runs batches on one home lane. `rules` gives those in force; `new_consumer_ids` makes that many fresh ids."""

    def __init__(
        self,
        database: Database,
        rules: Callable[[], Awaitable[Rules]],
        home_lane: int,
        new_consumer_ids: Callable[[int], list[str]],
        observer: Observer,
    ) -> None:
        self._database = database
        self._rules = rules
        self._home_lane = home_lane
        self._new_consumer_ids = new_consumer_ids
        self._observer = observer
        self._short_pools: set[str] = set()

    async def run(self, commands: Sequence[Command]) -> list[Result]:
        """An outcome or a failure for each command, in order. Never raises but when cancelled."""
        wider = Wider(pools=set(self._short_pools))
        widened = attempts = 0
        settle_until: float | None = None
        while True:
            try:
                return list(await self._once(commands, wider))
            except Missing as missing:
                self._observer.ran_again("missing")
                widened += 1
                if widened > (WIDENED_MAX if len(commands) > 1 else WIDENED_ALONE_MAX):
                    return await self._apart(commands, Busy("rows kept changing"))
                wider.take_in(missing)
                self._short_pools |= missing.pools
                try:
                    for pool in missing.pools:
                        await self._relieve(pool)
                except CommandFailed as failure:
                    return [failure] * len(commands)
            except RunAgain as lost:
                self._observer.ran_again(lost.cause)
                attempts += 1
                if attempts >= ATTEMPTS_MAX:
                    unique = lost.cause == "23505"
                    return await self._apart(commands, Broken(lost.cause) if unique else Busy(lost.cause))
                await asyncio.sleep(random.uniform(0, 0.005 * 2**attempts))
            except Poisoned as poison:
                self._observer.constraint_surprised(poison.cause)
                return await self._apart(commands, Broken(poison.cause))
            except OutcomeUnknown as unknown:
                self._observer.ran_again("unknown_outcome")
                settle_until = settle_until or time.monotonic() + SETTLE_SECONDS_MAX
                await asyncio.sleep(0.05)
                _log.warning("commit_outcome_unknown", cause=unknown.cause, commands=len(commands))
            except Unavailable as gone:
                if settle_until is None or time.monotonic() > settle_until:
                    _log.warning("database_unavailable", cause=gone.cause, commands=len(commands))
                    return [Busy(gone.cause)] * len(commands)
                await asyncio.sleep(0.1)
            except CommandFailed as failure:
                return [failure] * len(commands)
            except Exception as bug:
                _log.error("batch_broken", exc_info=bug, commands=len(commands))
                return await self._apart(commands, Broken(type(bug).__name__))

    async def _apart(self, commands: Sequence[Command], failure: CommandFailed) -> list[Result]:
        """Find the command to blame by halving; alone, it is the one that fails."""
        if len(commands) == 1:
            return [failure]
        middle = len(commands) // 2
        return await self.run(commands[:middle]) + await self.run(commands[middle:])

    async def _once(self, commands: Sequence[Command], wider: Wider) -> Sequence[Outcome]:
        rules = await self._rules()
        failure: BaseException
        try:
            async with self._database.money() as connection:
                try:
                    return await self._transaction(connection, commands, rules, wider)
                except (Missing, RunAgain, Poisoned) as undone:
                    await connection.execute("ROLLBACK")
                    failure = undone
                except asyncpg.PostgresError as refused:
                    failure = classify(refused)
                    if isinstance(failure, Unavailable):
                        raise
                    await connection.execute("ROLLBACK")
        except DATABASE_ERRORS as broken:
            self._raise_classified(broken)
        raise failure

    def _raise_classified(self, broken: BaseException) -> NoReturn:
        raise classify(broken) from broken

    async def _transaction(
        self, connection: asyncpg.Connection, commands: Sequence[Command], rules: Rules, wider: Wider
    ) -> list[Outcome]:
        """begin → prefetch → decide → persist → commit. Nothing is answered that is not on disk."""
        clock = time.perf_counter
        began = clock()
        await connection.execute("BEGIN")
        new_ids = self._new_consumer_ids(sum(isinstance(command, Hold) for command in commands))
        exhausted = await self._exhausted(connection, wider)
        prefetch = Prefetch(connection, rules, self._home_lane, new_ids)
        book = await prefetch.read(commands, wider, exhausted)
        fetched = clock()
        book.expire_lapsed()
        outcomes = [book.apply(command) for command in commands]
        applied = clock()
        await persist(connection, book, prefetch.images)
        persisted = clock()
        try:
            await connection.execute("COMMIT")
        except DATABASE_ERRORS as broken:
            failure = classify(broken)
            raise OutcomeUnknown(failure.cause) if isinstance(failure, Unavailable) else failure from broken
        done = clock()
        for phase, seconds in (
            ("prefetch", fetched - began),
            ("apply", applied - fetched),
            ("persist", persisted - applied),
            ("commit", done - persisted),
        ):
            self._observer.phase_took(phase, seconds)
        self._remember_short_pools(book)
        return outcomes

    async def _exhausted(self, connection: asyncpg.Connection, wider: Wider) -> set[str]:
        """Of the pools known to be short, those where nothing is left at all: declining there locks nothing."""
        if not wider.pools:
            return set()
        standings = await reads.pool_standings(connection, wider.pools)
        lapsed = {record["pool"] for record in standings if record["lapsed_fen"]}
        if lapsed:
            raise Missing(pools=lapsed)
        return {record["pool"] for record in standings if not record["available_fen"]}

    def _remember_short_pools(self, book: Book) -> None:
        """A pool stays short until its home stripe has money again after a batch that saw it whole."""
        for code, pool in book.pools.items():
            if code in self._short_pools and pool.home.available_fen > 0:
                self._short_pools.discard(code)

    async def _relieve(self, pool: str) -> None:
        """Expire the lapsed holds of a short pool, some dozens a commit, until none is left."""
        for _ in range(RELIEVE_ROUNDS_MAX):
            try:
                async with self._database.money() as connection:
                    keys = await reads.lapsed_of_pool(connection, pool, LAPSED_A_COMMIT)
            except DATABASE_ERRORS as broken:
                raise Busy(classify(broken).cause) from broken
            if not keys:
                return
            for result in await self.run([Expire(*key) for key in keys]):
                if isinstance(result, CommandFailed):
                    raise result
        raise Busy("lapsed holds kept coming")
