"""The network swallows what is sent and says nothing: the worst a network can do, and no server setting helps."""

import asyncio

import pytest

from app.ops import sweeper
from app.store import database
from tests.city import a_city
from tests.faults.proxy import relay_to


async def test_a_connection_that_is_silent_for_ever_is_given_up(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "PERIOD_SECONDS", 3600.0)
    monkeypatch.setattr(database, "_MONEY_ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(database, "_REGISTRY_ANSWER_SECONDS", 0.5)
    async with relay_to(database_url) as (relay, through), a_city(through) as city:
        basket = city.basket()
        await city.hold()
        relay.swallow_present_connections()

        async with asyncio.timeout(20):
            while (answer := await city.post("/v1/checkouts", basket)).status_code == 503:
                assert answer.json()["code"] == "busy"

        assert answer.status_code in {200, 201}
        async with asyncio.timeout(20):
            while (await city.get("/v1/pools", key="auditor")).status_code == 503:
                pass  # each of the reading connections is found out once
        assert (await city.pool())["held_fen"] == 200_000
        await city.assert_books_balance()
