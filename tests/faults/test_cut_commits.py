"""The connection is lost while COMMIT is under way: done or not, the engine finds out and the till is told."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from app.engine import tries
from app.ops import sweeper
from tests.city import City, a_city
from tests.faults.proxy import Relay, relay_to


@dataclass
class Cuttable:
    city: City
    relay: Relay


@pytest.fixture(params=["carried out", "never arrived"])
async def cuttable(
    database_url: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[Cuttable]:
    """A city whose service reaches its database through a relay, its commits lost on the way there or back."""
    monkeypatch.setattr(sweeper, "PERIOD_SECONDS", 3600.0)
    async with relay_to(database_url) as (relay, through), a_city(through) as city:
        relay.drop_before = request.param == "never arrived"
        yield Cuttable(city, relay)


async def test_a_hold_is_made_once(cuttable: Cuttable) -> None:
    city = cuttable.city
    basket = city.basket()
    cuttable.relay.commits_to_cut = 1

    answer = await city.post("/v1/checkouts", basket)
    again = await city.post("/v1/checkouts", basket)

    assert cuttable.relay.cut == 1
    assert answer.status_code in {200, 201}
    assert answer.json()["status"] == "held"
    assert again.json()["checkout_id"] == answer.json()["checkout_id"]
    assert (await city.pool())["held_fen"] == 100_000
    await city.assert_books_balance()


async def test_a_decline_is_recorded_once(cuttable: Cuttable) -> None:
    city = cuttable.city
    basket = city.basket(city.line("6900000009994"))
    cuttable.relay.commits_to_cut = 1

    answer = await city.post("/v1/checkouts", basket)

    assert (answer.status_code, answer.json()["status"]) == (200, "declined")
    assert await city.execute("SELECT count(*) FROM lijian.checkout") == 1
    assert (await city.get(f"/v1/checkouts/{answer.json()['checkout_id']}")).status_code == 200
    await city.assert_books_balance()


async def test_every_other_act_is_done_once(cuttable: Cuttable) -> None:
    city, relay = cuttable.city, cuttable.relay
    bought, given_back = await city.hold(), await city.hold()
    refund = {"refund_no": "R", "lines": [{"line_no": 1, "quantity": 1}], "reason": "returned"}
    adjustment = {"adjustment_no": "A", "amount_fen": 1_000, "reason": "more"}
    path = f"/v1/checkouts/{bought['checkout_id']}"

    relay.commits_to_cut = 1
    captured = await city.post(f"{path}/capture")
    relay.commits_to_cut = 1
    refunded = await city.post(f"{path}/refunds", refund)
    relay.commits_to_cut = 1
    voided = await city.post(f"/v1/checkouts/{given_back['checkout_id']}/void")
    relay.commits_to_cut = 1
    adjusted = await city.post("/v1/pools/appliance/adjustments", adjustment, key="operator")

    assert relay.cut == 4
    assert captured.json()["status"] == "captured"
    assert refunded.json()["subsidy_returned_fen"] == 100_000
    assert voided.json()["status"] == "voided"
    assert adjusted.status_code in {200, 201}
    pool = await city.pool()
    assert (pool["held_fen"], pool["spent_fen"], pool["budget_fen"]) == (0, 0, 1_000_001_000)
    await city.assert_books_balance()


async def test_when_every_commit_is_cut_the_till_is_told_to_come_again(
    cuttable: Cuttable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tries, "SETTLE_SECONDS_MAX", 0.5)
    city = cuttable.city
    basket = city.basket()
    cuttable.relay.commits_to_cut = 1_000

    unknown = await city.post("/v1/checkouts", basket)
    cuttable.relay.commits_to_cut = 0
    settled = await city.post("/v1/checkouts", basket)

    assert (unknown.status_code, unknown.json()["code"]) == (503, "busy")
    assert "Retry-After" in unknown.headers
    assert settled.status_code in {200, 201}
    assert (await city.pool())["held_fen"] == 100_000
    await city.assert_books_balance()


async def test_a_whole_batch_is_settled(cuttable: Cuttable) -> None:
    city = cuttable.city
    baskets = [city.basket() for _ in range(30)] + [city.basket(city.line("6900000009994")) for _ in range(5)]
    cuttable.relay.commits_to_cut = 2

    answers = await asyncio.gather(*(city.post("/v1/checkouts", basket) for basket in baskets))

    assert {a.json()["status"] for a in answers[:30]} == {"held"}
    assert {a.json()["status"] for a in answers[30:]} == {"declined"}
    assert (await city.pool())["held_fen"] == 30 * 100_000
    assert await city.execute("SELECT count(*) FROM lijian.checkout") == 35
    await city.assert_books_balance()
