"""Simulated tills: they trade with a running service over HTTP as real ones do, and never give up on it."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Final

import httpx
import structlog

from app.demo.market import Market
from app.demo.sale import Ending, Line, Regret, Sale

CHECKOUTS_PER_SECOND: Final = 6.0
CONNECTIONS_MAX: Final = 48
VISITS_MAX: Final = 2000
"""Visits under way at once, sleeping buyers included; beyond it people turn round at the door."""

_ATTEMPTS_MAX: Final = 10
_PAUSE_SECONDS_MAX: Final = 8.0
_LOST_ANSWER_SECONDS: Final = 0.005
"""A till with a bad line hangs up after so long, and asks again with the same order number."""

_TRY_LATER: Final = frozenset((429, 500, 502, 503, 504))

_log = structlog.get_logger(__name__)


class _ServiceGone(Exception):
    """No answer after the last attempt; the till's clerk gives up on this visit."""


@dataclass(slots=True)
class Tally:
    """What has happened so far: `outcomes` by status, `refusals` by code, `troubles` by kind."""

    outcomes: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)


class Tills:
    """`http` carries the base URL and a gateway's key. `pace` multiplies every pause people make."""

    def __init__(
        self,
        market: Market,
        http: httpx.AsyncClient,
        *,
        chance: random.Random,
        now: Callable[[], datetime],
        checkouts_per_second: float = CHECKOUTS_PER_SECOND,
        pace: float = 1.0,
    ) -> None:
        self.tally = Tally()
        self._market = market
        self._http = http
        self._chance = chance
        self._now = now
        self._checkouts_per_second = checkouts_per_second
        self._pace = pace
        self._lines_free = asyncio.Semaphore(CONNECTIONS_MAX)
        self._visits: set[asyncio.Task[None]] = set()

    async def trade(self) -> None:
        """Trade until cancelled; visits under way are then broken off and their holds left to expire."""
        try:
            while True:
                await asyncio.sleep(self._chance.expovariate(self._checkouts_per_second))
                if len(self._visits) < VISITS_MAX:
                    visit = asyncio.create_task(self._visit(self._market.next_sale(self._now())))
                    self._visits.add(visit)
                    visit.add_done_callback(self._visits.discard)
        finally:
            visits = tuple(self._visits)
            for visit in visits:
                visit.cancel()
            await asyncio.gather(*visits, return_exceptions=True)

    async def _visit(self, sale: Sale) -> None:
        try:
            await self._buy(sale)
        except _ServiceGone:
            self.tally.troubles["given_up"] += 1
        except Exception as failure:  # noqa: BLE001 - one strange answer must not close the other tills
            self.tally.troubles["till_failed"] += 1
            _log.warning("till_failed", cause=type(failure).__name__)

    async def _buy(self, sale: Sale) -> None:
        body = sale.body()
        if sale.is_quoted_first:
            question = {name: told for name, told in body.items() if name != "capture"}
            await self._post(sale, "/v1/quotes", question)
            await self._pause(sale.pause_seconds / 4)
        checkout = await self._post(sale, "/v1/checkouts", body, hang_up=sale.is_answer_lost)
        if checkout is None:
            return
        self.tally.outcomes[str(checkout["status"])] += 1
        if checkout["status"] == "declined" or sale.ending is Ending.FORGOTTEN:
            return
        if sale.ending is not Ending.PAID_AT_ONCE and not await self._settle(sale, checkout):
            return
        self._market.remember(sale)
        if sale.regret is not Regret.NONE:
            await self._pause(sale.regret_seconds)
            await self._regret(sale, checkout)

    async def _settle(self, sale: Sale, checkout: dict[str, object]) -> bool:
        """Pay or give up; True when paid."""
        await self._pause(sale.pause_seconds)
        act = "capture" if sale.ending is Ending.PAID else "void"
        by_order = self._chance.random() < 0.5  # noqa: PLR2004 - a coin
        of = f"orders/{sale.order_no}" if by_order else f"checkouts/{checkout['checkout_id']}"
        settled = await self._post(sale, f"/v1/{of}/{act}", None)
        if settled is not None:
            self.tally.outcomes[str(settled["status"])] += 1
        return settled is not None and act == "capture"

    async def _regret(self, sale: Sale, checkout: dict[str, object]) -> None:
        line = next((line for line in _lines(checkout) if _is_subsidised(line)), None)
        if line is None:
            return
        returned: dict[str, object] = {"line_no": line["line_no"]}
        if sale.regret is Regret.RETURN:
            returned["quantity"] = self._chance.randint(1, int(str(line["quantity"])))
        else:
            returned["new_price_fen"] = int(str(line["price_fen"])) * self._chance.randint(85, 97) // 100
        body: dict[str, object] = {
            "refund_no": f"R-{sale.order_no}",
            "lines": [returned],
            "reason": sale.regret.value,
        }
        refund = await self._post(sale, f"/v1/orders/{sale.order_no}/refunds", body)
        if refund is not None:
            self.tally.outcomes[sale.regret.value] += 1

    async def _post(
        self, sale: Sale, path: str, body: dict[str, object] | None, *, hang_up: bool = False
    ) -> dict[str, object] | None:
        """The answer, or None if the request was refused. Raises _ServiceGone after the last attempt."""
        seconds = _LOST_ANSWER_SECONDS if hang_up else None
        for attempt in range(_ATTEMPTS_MAX):
            answer = await self._send(sale, path, body, read_seconds=seconds)
            seconds = None
            if answer is None or answer.status_code in _TRY_LATER:
                await self._back_off(attempt, answer)
                continue
            parsed: dict[str, object] = answer.json()
            if answer.status_code < HTTPStatus.BAD_REQUEST:
                return parsed
            self.tally.refusals[str(parsed.get("code"))] += 1
            return None
        raise _ServiceGone

    async def _send(
        self, sale: Sale, path: str, body: dict[str, object] | None, *, read_seconds: float | None
    ) -> httpx.Response | None:
        """One attempt; None if no answer came."""
        timeout = self._http.timeout if read_seconds is None else httpx.Timeout(5, read=read_seconds)
        async with self._lines_free:
            try:
                return await self._http.post(path, params={"merchant_id": sale.merchant_id}, json=body, timeout=timeout)
            except httpx.TransportError as failure:
                self.tally.troubles[type(failure).__name__] += 1
                return None

    async def _back_off(self, attempt: int, answer: httpx.Response | None) -> None:
        """Twice as long each time, at least what the service asked for, and never all tills at once."""
        asked = "" if answer is None else answer.headers.get("Retry-After", "")
        seconds = max(0.2 * 2**attempt, float(asked) if asked.isdigit() else 0.0)
        await self._pause(min(seconds, _PAUSE_SECONDS_MAX) * self._chance.uniform(0.5, 1.5))

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self._pace)


def _lines(checkout: dict[str, object]) -> list[Line]:
    lines = checkout["lines"]
    return lines if isinstance(lines, list) else []


def _is_subsidised(line: Line) -> bool:
    return line["outcome"] in {"granted", "reduced"}
