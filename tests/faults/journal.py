"""Tills that keep a journal: what they sent, what was acknowledged, and what they had to ask for again."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import Any

import httpx

from tests.city import FRIDGE, SOFA, TILES, a_person

PATIENCE_SECONDS = 60.0
_PASSING = {500, 502, 503, 504}


@dataclass
class Entry:
    """One order. `answers` are the acknowledged ones, `unknown` the times nobody could tell what became of it."""

    body: dict[str, Any]
    answers: list[dict[str, Any]] = field(default_factory=list)
    captured: bool = False
    unknown: int = 0
    refused: int = 0
    failed: int = 0


class Tills:
    """`number` tills that hold, and capture every other hold, as fast as they are answered.

    Each call has a connection of its own: tills of many shops do not all hang on one worker.
    """

    def __init__(self, url: str, key: str, number: int, prefix: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=8,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._number = number
        self._prefix = prefix
        self._numbers = count(1)
        self._stopping = False
        self.entries: list[Entry] = []
        self.answered_at: list[float] = []

    async def __aenter__(self) -> "Tills":
        self._tasks = [asyncio.create_task(self._sell()) for _ in range(self._number)]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Every till finishes what it began: an unknown outcome is asked for until it is known."""
        self._stopping = True
        await asyncio.gather(*self._tasks)
        await self._client.aclose()

    def longest_silence_seconds(self) -> float:
        """Between two answers of the service, whichever till got them."""
        times = sorted(self.answered_at)
        return max(later - earlier for earlier, later in pairwise(times))

    async def _sell(self) -> None:
        while not self._stopping:
            entry = Entry(self._basket(next(self._numbers)))
            self.entries.append(entry)
            await self._settle(entry, "/v1/checkouts", entry.body)
            if len(self.entries) % 2 and entry.answers[-1]["status"] == "held":
                await self._settle(entry, f"/v1/orders/{entry.body['order_no']}/capture", None)
                entry.captured = True

    def _basket(self, number: int) -> dict[str, Any]:
        gtin, price_fen = random.choice([(FRIDGE, 500_000), (TILES, 20_000), (SOFA, 400_000)])
        line: dict[str, Any] = {"line_no": 1, "gtin": gtin, "price_fen": price_fen}
        if gtin != TILES:
            line["serial_no"] = f"{self._prefix}{number:06d}"
        return {
            "order_no": f"{self._prefix}-{number}",
            "channel": "in_store",
            "consumer": {"id_type": "resident_id", "id_number": a_person(random.randrange(60_000))},
            "lines": [line],
        }

    async def _settle(self, entry: Entry, path: str, body: object) -> None:
        """Send it until there is an answer."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            assert time.monotonic() < deadline, f"{path} was never answered"
            try:
                answer = await self._client.post(path, json=body)
            except httpx.TransportError:
                entry.unknown += 1
                await asyncio.sleep(0.1)
                continue
            if answer.status_code in _PASSING:
                entry.refused += answer.status_code == 503
                entry.failed += answer.status_code != 503
                await asyncio.sleep(0.2)
                continue
            assert answer.status_code in {200, 201}, answer.text
            self.answered_at.append(time.monotonic())
            entry.answers.append(answer.json())
            return
