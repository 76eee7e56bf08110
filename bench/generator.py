"""A load generator, in a process of its own: `-m bench.generator PORT PATH BODIES KEY SECONDS CONNECTIONS [RATE]`.

With a rate it is open: requests are due at a constant rate whatever the service does, and a latency counts from the
instant a request was due, so that a stall shows in full. Without one it is closed, for machines without wrk.
Prints one JSON object.
"""

import asyncio
import gc
import json
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import uvloop
from typing_extensions import override

_WAITING_MAX = 100_000


class Run:
    """What all connections share: the bodies, who is idle, and what was seen."""

    def __init__(self, bodies: Iterator[bytes], head: bytes) -> None:
        self._bodies = bodies
        self._head = head
        self.idle: deque[Connection] = deque()
        self.due: deque[float] = deque()
        self.latencies: list[float] = []
        self.refused = 0
        self.broken = 0
        self.closed = False
        self.over = False

    def request(self) -> bytes:
        """The next request's bytes. Raises StopIteration when every body was sent."""
        body = next(self._bodies)
        return b"%b%d\r\n\r\n%b" % (self._head, len(body), body)

    def answered(self, connection: "Connection", status: bytes, due_at: float) -> None:
        self.latencies.append(time.perf_counter() - due_at)
        if not status.startswith(b"2"):
            self.refused += 1
        if self.over:
            return
        if self.closed:
            connection.send(time.perf_counter())
        elif self.due:
            connection.send(self.due.popleft())
        else:
            self.idle.append(connection)


class Connection(asyncio.Protocol):
    """One kept-alive connection with one request at a time."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._transport: asyncio.Transport | None = None
        self._seen = b""
        self._due_at = 0.0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not derived from asyncio's
        self._transport = cast("asyncio.Transport", transport)
        self._run.idle.append(self)

    @override
    def connection_lost(self, _error: Exception | None) -> None:
        if not self._run.over:
            self._run.broken += 1

    def send(self, due_at: float) -> None:
        assert self._transport is not None
        self._due_at = due_at
        self._transport.write(self._run.request())

    @override
    def data_received(self, data: bytes) -> None:
        self._seen += data
        end = self._seen.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._seen[:end].lower()
        start = head.index(b"content-length:") + 15
        length = int(head[start:].split(b"\r\n", 1)[0])
        if len(self._seen) >= end + 4 + length:
            status = self._seen[9:12]
            self._seen = b""
            self._run.answered(self, status, self._due_at)


async def generate(run: Run, port: int, seconds: float, connections: int, rate: float | None) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: Connection(run), "127.0.0.1", port)
    began = time.perf_counter()
    if rate is None:
        run.closed = True
        while run.idle:
            run.idle.popleft().send(time.perf_counter())
        await asyncio.sleep(seconds)
    else:
        await _at_rate(run, began, seconds, rate)
    run.over = True
    took = time.perf_counter() - began
    done = len(run.latencies)
    # what is still on its way at the end had a wait of its own: it must not vanish from the figures
    late = [took - (due_at - began) for due_at in run.due]
    await asyncio.sleep(1)
    seen = sorted(run.latencies + late)
    return {
        "requests": done,
        "microseconds": round(took * 1e6),
        "refused": run.refused,
        "broken": run.broken,
        "p50_us": round(seen[len(seen) // 2] * 1e6),
        "p99_us": round(seen[len(seen) * 99 // 100] * 1e6),
    }


async def _at_rate(run: Run, began: float, seconds: float, rate: float) -> None:
    count = 0
    while True:
        now = time.perf_counter() - began
        if now >= seconds or len(run.due) > _WAITING_MAX:
            return
        while count < now * rate:
            due_at = began + count / rate
            count += 1
            if run.idle:
                run.idle.popleft().send(due_at)
            else:
                run.due.append(due_at)
        await asyncio.sleep(max(0.0, count / rate - (time.perf_counter() - began)))


def main(port: str, path: str, bodies: str, key: str, seconds: str, connections: str, rate: str | None = None) -> None:
    lines = Path(bodies).read_bytes().splitlines()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {key}\r\nContent-Length: "
    )
    run = Run(iter(lines), head.encode())
    gc.disable()
    seen = uvloop.run(generate(run, int(port), float(seconds), int(connections), None if rate is None else float(rate)))
    print(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
