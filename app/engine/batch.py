"""One batch = one transaction: prefetch, decide, persist, commit; and what to do when it does not work."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn

import asyncpg
import structlog

from app.domain.book.book import Book
from app.domain.book.rows import Missing
from app.domain.commands import AdjustPool, Capture, Command, Expire, Hold
from app.domain.outcomes import Outcome
from app.domain.rules import Rules
from app.engine.failures import Broken, Busy, CommandFailed
from app.engine.observer import Observer
from app.engine.tries import Tries, Verdict
from app.store.book import reads
from app.store.book.known_products import KnownProducts
from app.store.book.needs import Wider
from app.store.book.persist import persist
from app.store.book.prefetch import Prefetch
from app.store.database import Database
from app.store.failures import OutcomeUnknown, Poisoned, RunAgain, StoreFailure, Unavailable, classify
from app.store.unavailable import DATABASE_ERRORS

LAPSED_A_COMMIT = 48

DRAWS = (Hold, Capture, AdjustPool)
"""The commands that may take from what is available in a pool."""

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
        self._home_pools: set[str] = set()
        self._known_products = KnownProducts()

    async def run(self, commands: Sequence[Command]) -> list[Result]:
        """An outcome or a failure for each command, in order. Never raises but when cancelled."""
        draws = any(isinstance(command, DRAWS) for command in commands)
        wider = Wider(pools=set(self._short_pools) if draws else set())
        tries = Tries(alone=len(commands) == 1)
        while True:
            try:
                return list(await self._once(commands, wider))
            except Missing as missing:
                verdict = await self._widen(wider, missing, tries)
                self._observer.ran_again("missing")
            except StoreFailure as failure:
                verdict = tries.after(failure)
                self._tell(failure, len(commands))
                self._doubt(failure, commands, wider)
            except CommandFailed as failure:
                verdict = Verdict(failure, apart=False)
            except Exception as bug:  # noqa: BLE001 - whatever one command does, the others must get their answer
                _log.error("batch_broken", exc_info=bug, commands=len(commands))
                verdict = Verdict(Broken(type(bug).__name__), apart=True)
            if verdict is None:
                await asyncio.sleep(tries.pause_seconds())
            elif verdict.apart:
                return await self._apart(commands, verdict.failure)
            else:
                return [verdict.failure] * len(commands)

    def _tell(self, failure: StoreFailure, commands: int) -> None:
        if isinstance(failure, Poisoned):
            self._observer.constraint_surprised(failure.cause)
        elif isinstance(failure, RunAgain):
            self._observer.ran_again(failure.cause)
        else:
            self._observer.ran_again("unknown_outcome" if isinstance(failure, OutcomeUnknown) else "unavailable")
            _log.warning("batch_not_committed", failure=type(failure).__name__, cause=failure.cause, commands=commands)

    def _doubt(self, failure: StoreFailure, commands: Sequence[Command], wider: Wider) -> None:
        """Look again at what was taken for granted: home stripes that exist, checkouts that do not."""
        self._home_pools.clear()
        if isinstance(failure, OutcomeUnknown) or failure.cause == "23505":
            # They may have been carried out before. A decline leaves its order number free, so only its id tells.
            wider.checkouts |= {(c.buyer.lane, c.checkout_id) for c in commands if isinstance(c, Hold)}

    async def _widen(self, wider: Wider, missing: Missing, tries: Tries) -> Verdict | None:
        """Ask for the missing rows in the next run; a short pool's lapsed holds are expired first."""
        if not missing.relief:
            wider.take_in(missing)
            self._short_pools |= missing.pools
            return tries.after_missing()
        try:
            for pool in sorted(missing.relief):
                if not await self._relieve(pool, commits=tries.relief_commits()):
                    wider.unrelieved.add(pool)
        except Busy as failure:
            return Verdict(failure, apart=False)
        return tries.after_relief()

    async def _apart(self, commands: Sequence[Command], failure: CommandFailed) -> list[Result]:
        """Find the command to blame by halving; alone, it is the one that fails."""
        if len(commands) == 1:
            return [failure]
        middle = len(commands) // 2
        return await self.run(commands[:middle]) + await self.run(commands[middle:])

    async def _once(self, commands: Sequence[Command], wider: Wider) -> Sequence[Outcome]:
        failure: BaseException
        try:
            rules = await self._rules()
        except Busy as gone:
            raise Unavailable(str(gone)) from gone
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
        exhausted = await self._exhausted(connection, wider)
        prefetch = Prefetch(
            connection, rules, self._home_lane, self._home_pools, self._new_consumer_ids, self._known_products
        )
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
        self._remember_pools(book)
        return outcomes

    async def _exhausted(self, connection: asyncpg.Connection, wider: Wider) -> set[str]:
        """Of the pools known to be short, those where nothing is left at all: declining there locks nothing."""
        if not wider.pools:
            return set()
        available = await reads.available(connection, wider.pools)
        return {pool for pool in wider.pools if not available.get(pool)}

    def _remember_pools(self, book: Book) -> None:
        """A pool stays short until its home stripe has money again after a batch that saw it whole."""
        self._home_pools |= book.pools.keys()
        for code, pool in book.pools.items():
            if code in self._short_pools and pool.home.available_fen > 0:
                self._short_pools.discard(code)

    async def _relieve(self, pool: str, *, commits: int) -> bool:
        """Expire the oldest lapsed holds of a short pool, some dozens a commit. False when none of them could be.

        Raises Busy when the database does not answer.
        """
        for _ in range(commits):
            try:
                async with self._database.money() as connection:
                    keys = await reads.lapsed_of_pool(connection, pool, LAPSED_A_COMMIT)
            except DATABASE_ERRORS as broken:
                raise Busy(classify(broken).cause) from broken
            if not keys:
                return True
            results = await self.run([Expire(*key) for key in keys])
            for result in results:
                if isinstance(result, Busy):
                    raise result
            if all(isinstance(result, CommandFailed) for result in results):
                return False
        return True
