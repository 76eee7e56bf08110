"""The tills cope with whatever the service answers, and repeat a request only under its own number."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import httpx

from app.demo.catalogue import catalogue
from app.demo.market import Market
from app.demo.merchants import merchants
from app.demo.tills import Tills

Handler = Callable[[httpx.Request], httpx.Response]


class Service:
    """Answers as the contract says, after what `first` answers to the first attempts of each order."""

    def __init__(self, first: list[Callable[[], httpx.Response]] | None = None, status: str = "held") -> None:
        self.first = first or []
        self.status = status
        self.bodies: dict[str, list[object]] = defaultdict(list)
        self.paths: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.paths.append(path)
        if path == "/v1/quotes":
            return httpx.Response(200, json={})
        if path == "/v1/checkouts":
            return self._checkout(json.loads(request.content))
        if path.endswith("/refunds"):
            return httpx.Response(201, json={"status": "succeeded"})
        return httpx.Response(200, json={"status": "captured" if path.endswith("capture") else "voided"})

    def _checkout(self, body: dict[str, object]) -> httpx.Response:
        attempts = self.bodies[str(body["order_no"])]
        attempts.append(body)
        if len(attempts) <= len(self.first):
            return self.first[len(attempts) - 1]()
        lines = [{**line, "outcome": "granted"} for line in body["lines"]]  # type: ignore[attr-defined]
        status = "captured" if body["capture"] and self.status == "held" else self.status
        return httpx.Response(201, json={"checkout_id": "co_1", "status": status, "lines": lines})


async def trade(service: Handler, *, seconds: float = 0.3) -> Tills:
    market = Market(seed=1, run="test", products=catalogue(1), merchants=merchants(1), chance=random.Random(2))
    transport = httpx.MockTransport(service)
    async with httpx.AsyncClient(transport=transport, base_url="http://till.test") as http:
        tills = Tills(
            market,
            http,
            chance=random.Random(3),
            now=lambda: datetime.now(UTC),
            checkouts_per_second=1000,
            pace=0,
        )
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await tills.trade()
    return tills


def lost() -> httpx.Response:
    raise httpx.ConnectError("gone")


def busy() -> httpx.Response:
    return httpx.Response(503, headers={"Retry-After": "1"}, json={"code": "busy"})


def nonsense() -> httpx.Response:
    return httpx.Response(200, text="<html>")


async def test_tills_quote_hold_capture_void_and_refund() -> None:
    service = Service()

    tills = await trade(service)

    acts = {path.rsplit("/", 1)[-1] for path in service.paths}
    assert acts == {"quotes", "checkouts", "capture", "void", "refunds"}
    assert tills.tally.outcomes["captured"] > tills.tally.outcomes["voided"] > 0
    assert not tills.tally.troubles


async def test_a_lost_or_busy_answer_is_asked_for_again_with_the_same_order() -> None:
    service = Service([lost, busy])

    tills = await trade(service)

    attempts = [bodies for bodies in service.bodies.values() if len(bodies) >= 3]
    assert attempts
    assert all(body == bodies[0] for bodies in attempts for body in bodies)
    assert all(len(bodies) <= 3 for bodies in attempts)
    assert tills.tally.troubles["ConnectError"] > 0
    assert tills.tally.troubles["till_failed"] == 0


async def test_a_declined_checkout_is_left_alone() -> None:
    service = Service(status="declined")

    await trade(service)

    assert {path.rsplit("/", 1)[-1] for path in service.paths} == {"quotes", "checkouts"}


async def test_tills_give_up_on_a_service_that_never_answers_and_go_on_trading() -> None:
    service = Service([lost] * 50)

    tills = await trade(service)

    assert tills.tally.troubles["given_up"] > 1
    assert max(len(bodies) for bodies in service.bodies.values()) == 10


async def test_an_answer_without_sense_closes_no_till() -> None:
    service = Service([nonsense])

    tills = await trade(service)

    assert tills.tally.troubles["till_failed"] > 1


async def test_stopping_leaves_no_visit_behind() -> None:
    before = asyncio.all_tasks()

    await trade(Service())

    assert asyncio.all_tasks() == before
