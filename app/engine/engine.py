"""The engine: commands wait in a bounded queue, slots take what is waiting and run it as one batch.

There is no timer: a batch starts as soon as a slot is free and nothing more is at the door; what arrives meanwhile
forms the next one.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from app.domain.commands import Command, Hold
from app.domain.outcomes import Outcome
from app.engine.batch import BatchRunner
from app.engine.failures import Broken, Busy, CommandFailed
from app.engine.observer import Observer, Silent
from app.engine.quoting import QuoteRunner

QUEUE_MAX = 4096
BATCH_MAX = 128
QUIET_TURNS = 3
WAIT_SECONDS_MAX = 3.0
SWEEP_SECONDS = 0.25
PROBE_AFTER_SECONDS = 0.25

_log = structlog.get_logger("app.engine")

C = TypeVar("C", bound=Command)
Gone = Callable[[], Awaitable[bool]]
Run = Callable[[Sequence[C]], Awaitable[Sequence[Outcome | CommandFailed]]]


@dataclass(slots=True)
class _Waiting(Generic[C]):
    command: C
    answer: asyncio.Future[Outcome]
    since: float
    gone: Gone | None


class Queue(Generic[C]):
    """One queue with its slots. `run` carries out a batch and gives a result for each command, in order."""

    def __init__(self, run: Run[C], observer: Observer, *, slots: int, batch_max: int = BATCH_MAX) -> None:
        self._run = run
        self._observer = observer
        self._batch_max = batch_max
        self._slots = slots
        self._queue: deque[_Waiting[C]] = deque()
        self._arrived = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    @property
    def depth(self) -> int:
        return len(self._queue)

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._serve()) for _ in range(self._slots)]
        self._tasks.append(asyncio.create_task(self._sweep()))

    async def stop(self) -> None:
        """Take nothing new, carry out what was taken, refuse what still waits."""
        self._stopping = True
        self._arrived.set()
        *slots, sweeper = self._tasks
        sweeper.cancel()
        await asyncio.gather(*slots, sweeper, return_exceptions=True)
        while self._queue:
            _refuse(self._queue.popleft(), Busy("stopping"))

    async def submit(self, command: C, gone: Gone | None) -> Outcome:
        """The command's outcome, durable. Raises Busy or Broken.

        A command that waited over 3 s, or whose caller has gone, is dropped before a batch takes it; once taken it
        runs to its end, whoever still listens.
        """
        if self._stopping or len(self._queue) >= QUEUE_MAX:
            raise Busy("queue full")
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(command, answer, time.monotonic(), gone))
        self._arrived.set()
        return await answer

    async def _serve(self) -> None:
        while True:
            await self._arrived.wait()
            await self._gather()
            batch = await self._take()
            if batch:
                await self._carry_out(batch)
            elif self._stopping:
                return

    async def _gather(self) -> None:
        """Let in what is at the door: a batch costs the same round trips for one command as for many.

        Callers just answered come back while others have waited. Without a look at the door they take turns for ever,
        in batches half as large. A few turns of the loop that bring nothing cost microseconds.
        """
        seen, quiet = 0, 0
        while quiet < QUIET_TURNS and len(self._queue) < self._batch_max and not self._stopping:
            quiet = quiet + 1 if len(self._queue) == seen else 0
            seen = len(self._queue)
            await asyncio.sleep(0)

    async def _take(self) -> list[_Waiting[C]]:
        now = time.monotonic()
        batch: list[_Waiting[C]] = []
        while self._queue and len(batch) < self._batch_max:
            waiting = self._queue.popleft()
            waited = now - waiting.since
            if waiting.answer.done():
                continue
            if waited > WAIT_SECONDS_MAX:
                _refuse(waiting, Busy("waited too long"))
            elif waited > PROBE_AFTER_SECONDS and await _has_gone(waiting):
                _refuse(waiting, Busy("caller gone"))
            else:
                batch.append(waiting)
        if not self._queue and not self._stopping:
            self._arrived.clear()
        return batch

    async def _carry_out(self, batch: list[_Waiting[C]]) -> None:
        now = time.monotonic()
        self._observer.batch_taken(len(batch), [now - waiting.since for waiting in batch])
        commands = [waiting.command for waiting in batch]
        try:
            results = await self._run(commands)
        except CommandFailed as failure:
            results = [failure] * len(batch)
        except Exception as bug:  # noqa: BLE001 - its callers must get their answer
            _log.error("batch_lost", exc_info=bug)
            results = [Broken(type(bug).__name__)] * len(batch)
        for waiting, result in zip(batch, results, strict=True):
            if isinstance(result, CommandFailed):
                _refuse(waiting, result)
                continue
            self._observer.decided(waiting.command, result)
            if not waiting.answer.done():
                waiting.answer.set_result(result)

    async def _sweep(self) -> None:
        """Answer those who waited too long even while every slot is stuck."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            oldest_allowed = time.monotonic() - WAIT_SECONDS_MAX
            while self._queue and (self._queue[0].since < oldest_allowed or self._queue[0].answer.done()):
                _refuse(self._queue.popleft(), Busy("waited too long"))


async def _has_gone(waiting: _Waiting[C]) -> bool:
    """Whether the caller is known to have gone. One that cannot be asked is served: a slot outlives its callers."""
    try:
        return waiting.gone is not None and await waiting.gone()
    except Exception as failure:  # noqa: BLE001 - whatever a connection raises when it is asked
        _log.warning("caller_unreachable", exception=type(failure).__name__)
        return False


def _refuse(waiting: _Waiting[C], failure: CommandFailed) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(type(failure)(*failure.args))


class Engine:
    """Acts on one side, quotes on the other; quotes take no locks and never wait for acts."""

    def __init__(self, batches: Sequence[BatchRunner], quotes: QuoteRunner, observer: Observer) -> None:
        self._batches = deque(batches)
        self._acts: Queue[Command] = Queue(self._run_batch, observer, slots=len(batches))
        self._quotes: Queue[Hold] = Queue(quotes.run, Silent(), slots=1)

    @property
    def depth(self) -> int:
        return self._acts.depth + self._quotes.depth

    def start(self) -> None:
        self._acts.start()
        self._quotes.start()

    async def stop(self) -> None:
        await asyncio.gather(self._acts.stop(), self._quotes.stop())

    async def submit(self, command: Command, gone: Gone | None = None) -> Outcome:
        return await self._acts.submit(command, gone)

    async def quote(self, hold: Hold, gone: Gone | None = None) -> Outcome:
        """What the hold would answer now, without holding anything."""
        return await self._quotes.submit(hold, gone)

    async def _run_batch(self, commands: Sequence[Command]) -> Sequence[Outcome | CommandFailed]:
        runner = self._batches.popleft()
        try:
            return await runner.run(commands)
        finally:
            self._batches.append(runner)
