"""Fund pools as operators see and adjust them, and the proof of the books."""

import asyncio

import pytest

from tests.checkout.steps import assert_refused, assert_replayed
from tests.city import FRIDGE, City

BUDGET_FEN = 10_000_000_00


async def adjust(city: City, amount_fen: object, *, no: str = "A-1", pool: str = "ebike", reason: str = "拨款"):
    body = {"adjustment_no": no, "amount_fen": amount_fen, "reason": reason}
    return await city.post(f"/v1/pools/{pool}/adjustments", body, key="operator")


async def test_every_pool_adds_up(city: City) -> None:
    await city.hold(city.line(FRIDGE, 500_000))
    await city.buy(city.line(FRIDGE, 300_000))

    answer = await city.get("/v1/pools", key="operator")

    pools = answer.json()["pools"]
    assert [pool["pool"] for pool in pools] == ["appliance", "digital", "home", "ebike", "age_friendly"]
    for pool in pools:
        assert set(pool) == {"pool", "programme", "budget_fen", "held_fen", "spent_fen", "available_fen"}
        assert pool["available_fen"] + pool["held_fen"] + pool["spent_fen"] == pool["budget_fen"] == BUDGET_FEN
    assert (pools[0]["held_fen"], pools[0]["spent_fen"]) == (100_000, 60_000)


async def test_money_is_added_and_taken_back(city: City) -> None:
    added = await adjust(city, 5_000)
    assert added.status_code == 201
    assert added.json()["amount_fen"] == 5_000
    assert added.json()["pool"]["budget_fen"] == BUDGET_FEN + 5_000

    taken = await adjust(city, -6_000, no="A-2")
    assert taken.status_code == 201
    assert (await city.pool("ebike"))["available_fen"] == BUDGET_FEN - 1_000
    await city.assert_books_balance()


async def test_an_adjustment_takes_effect_once(city: City) -> None:
    first = await adjust(city, 5_000)

    again = [await adjust(city, 5_000) for _ in range(3)]

    assert [assert_replayed(answer) for answer in again] == [first.json()] * 3
    assert (await city.pool("ebike"))["budget_fen"] == BUDGET_FEN + 5_000


async def test_adjustments_at_once_under_one_number_take_effect_once(city: City) -> None:
    answers = await asyncio.gather(*(adjust(city, 5_000) for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert (await city.pool("ebike"))["budget_fen"] == BUDGET_FEN + 5_000


async def test_another_adjustment_under_the_number_is_refused(city: City) -> None:
    await adjust(city, 5_000)

    assert_refused(await adjust(city, 5_001), 409, "adjustment_no_reused")
    assert_refused(await adjust(city, 5_000, reason="别的"), 409, "adjustment_no_reused")
    assert_refused(await adjust(city, 5_000, pool="home"), 409, "adjustment_no_reused")
    assert (await city.pool("ebike"))["budget_fen"] == BUDGET_FEN + 5_000


async def test_no_more_is_taken_back_than_is_available(city: City) -> None:
    await city.hold(city.line(FRIDGE, 500_000))

    refused = await adjust(city, -(BUDGET_FEN - 100_000 + 1), pool="appliance")
    assert_refused(refused, 409, "adjustment_exceeds_available")
    assert (await adjust(city, -(BUDGET_FEN - 100_000), pool="appliance")).status_code == 201
    pool = await city.pool()
    assert (pool["available_fen"], pool["held_fen"], pool["budget_fen"]) == (0, 100_000, 100_000)
    await city.assert_books_balance()


@pytest.mark.parametrize("amount_fen", ["5000", 5000.0, None, 2**63, 10**15 + 1, True])
async def test_an_amount_is_a_whole_number_of_fen(city: City, amount_fen: object) -> None:
    problem = assert_refused(await adjust(city, amount_fen), 422, "invalid_field")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/amount_fen"]


async def test_a_pool_that_is_not_there_is_not_found(city: City) -> None:
    for pool in ("nothing", "%00", "..%2Fhome", "x" * 3_000):
        assert_refused(await adjust(city, 1, pool=pool), 404, "not_found")


async def test_the_proof_says_what_was_proved(city: City) -> None:
    proof = (await city.get("/v1/invariants", key="operator")).json()

    assert (proof["ok"], proof["differences"]) == (True, [])
    assert len(proof["invariants"]) >= 8
    assert all(found["differences"] == 0 and found["meaning"] for found in proof["invariants"])


async def test_the_proof_finds_a_fen_that_is_not_in_the_ledger(city: City) -> None:
    await city.buy()
    await city.execute("UPDATE lijian.consumer_quota SET used_fen = used_fen + 1")

    proof = (await city.get("/v1/invariants", key="auditor")).json()

    assert proof["ok"] is False
    assert {difference["invariant"] for difference in proof["differences"]}
