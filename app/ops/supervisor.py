"""Keeps the worker processes running: one that died is started again, one that hangs is killed first.

uvicorn has a supervisor too, but there a worker that dies while it is asked for a sign of life holds everything up
for as long as a hanging one may take, and one that starts while the database recovers ends the whole service.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import FrameType

import structlog

_LOOK_SECONDS = 0.1
_BEAT_SECONDS = 1.0
_HANGING_SECONDS = 30.0
"""On a starved machine a healthy worker may be silent for some seconds; a stopped one is for ever."""

_RESTART_SECONDS = 1.0
"""From one start in the same place to the next, so that a worker that cannot start does not start without pause."""

_STOP_SECONDS = 20.0
"""More than a worker gives its last requests."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    beats: Connection
    began_at: float
    heard_at: float
    hung: bool = field(default=False)


class Supervisor:
    """Runs `target(beats, *arguments)` in `count` processes of their own.

    The target calls `beat_through(beats, …)` first of all. Times are those of the monotonic clock.
    """

    def __init__(self, target: Callable[..., None], arguments: tuple[object, ...], count: int) -> None:
        self._target = target
        self._arguments = arguments
        self._count = count
        self._context = multiprocessing.get_context("spawn")
        self._stopping = False
        self._served = False

    def run(self) -> bool:
        """Until SIGINT or SIGTERM; False if a worker failed before any has ever served: the next would too."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        workers = [self._start() for _ in range(self._count)]
        looked_at = time.monotonic()
        hopeless = False
        while not self._stopping and not hopeless:
            time.sleep(_LOOK_SECONDS)
            now = time.monotonic()
            if now - looked_at > _BEAT_SECONDS * 3:  # it was we who were asleep
                for worker in workers:
                    worker.heard_at = now
            looked_at = now
            hopeless = not self._look_after(workers, now)
        _end(workers)
        return not hopeless

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _look_after(self, workers: list[_Worker], now: float) -> bool:
        for place, worker in enumerate(workers):
            self._hear(worker, now)
            if worker.process.is_alive():
                if now - worker.heard_at > _HANGING_SECONDS and not worker.hung:
                    worker.hung = True
                    _log.error("worker_hangs", worker=worker.process.pid)
                    worker.process.kill()
                continue
            if not self._served and (worker.process.exitcode or 0) > 0:
                return False
            if now - worker.began_at >= _RESTART_SECONDS:
                _log.error("worker_died", worker=worker.process.pid, code=worker.process.exitcode)
                worker.beats.close()
                workers[place] = self._start()
        return True

    def _hear(self, worker: _Worker, now: float) -> None:
        try:
            while worker.beats.poll():
                self._served = worker.beats.recv() or self._served
                worker.heard_at = now
        except (EOFError, OSError):
            return

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=self._target, args=(theirs, *self._arguments))
        process.start()
        theirs.close()
        now = time.monotonic()
        return _Worker(process, ours, began_at=now, heard_at=now)


def beat_through(beats: Connection, serves: Callable[[], bool]) -> None:
    """In a worker: say again and again whether it `serves` yet, and stop when there is nobody to say it to.

    An orphan would keep the port, with the settings and the database of a service that is gone.
    """
    thread = threading.Thread(target=_beat, args=(beats, serves), name="signs-of-life", daemon=True)
    thread.start()


def _beat(beats: Connection, serves: Callable[[], bool]) -> None:
    while True:
        serving = serves()
        try:
            beats.send(serving)
        except OSError:
            os.kill(os.getpid(), signal.SIGTERM)
            return
        time.sleep(_BEAT_SECONDS if serving else _LOOK_SECONDS)


def _end(workers: list[_Worker]) -> None:
    for worker in workers:
        worker.process.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for worker in workers:
        worker.process.join(max(0.0, deadline - time.monotonic()))
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
