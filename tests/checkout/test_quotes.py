"""Quotes decide as a hold would and hold nothing."""

from datetime import date

import pytest

from tests.checkout.steps import ask, assert_refused, lapse
from tests.city import AIR_CONDITIONER, FRIDGE, PHONE, SMART_LOCK, SOFA, TILES, WASHER, WEARABLE, City, a_city

pytestmark = pytest.mark.asyncio(loop_scope="module")

COUNTED = """
SELECT string_agg(n::text, '/') FROM (
    SELECT count(*) AS n FROM lijian.checkout UNION ALL SELECT count(*) FROM lijian.consumer
    UNION ALL SELECT count(*) FROM lijian.act UNION ALL SELECT count(*) FROM lijian.order_number
    UNION ALL SELECT count(*) FROM lijian.item_claim UNION ALL SELECT count(*) FROM lijian.consumer_quota
    UNION ALL SELECT sum(held_fen) FROM lijian.fund_stripe
) AS counts
"""


async def test_a_quote_has_the_shape_of_a_hold_and_no_id(town: City) -> None:
    basket = town.basket(town.line(FRIDGE, 899_900))

    answer = await town.post("/v1/quotes", basket)

    assert answer.status_code == 200
    quoted = answer.json()
    held = await ask(town, basket)
    assert set(quoted) == set(held)
    assert (quoted["checkout_id"], quoted["status"], quoted["expires_at"]) == (None, "quoted", None)


async def test_a_quote_needs_no_order_number(town: City) -> None:
    basket = town.basket()
    del basket["order_no"]

    quoted = (await town.post("/v1/quotes", basket)).json()

    assert (quoted["order_no"], quoted["subsidy_fen"]) == (None, 100_000)


async def test_a_quote_leaves_nothing_behind(town: City) -> None:
    before = await town.execute(COUNTED)

    for basket in (town.basket(), town.basket(capture=True), town.basket(town.line("6901234567892"))):
        assert (await town.post("/v1/quotes", basket)).status_code == 200

    assert await town.execute(COUNTED) == before


async def test_a_quote_grants_what_a_hold_then_grants(town: City) -> None:
    elder = town.person(date(1950, 1, 1))
    rich = town.person()
    await town.hold(town.line(FRIDGE, 500_000), person=elder)
    await town.buy(town.line(TILES, 2_000_000, quantity=7), person=rich)
    taken = town.line(SOFA)
    await town.hold(taken)
    baskets = [
        town.basket(town.line(FRIDGE, line_no=1), town.line(WEARABLE, 90_000, 2), person=elder),
        town.basket(town.line(SOFA, 900_000, 1), town.line(WASHER, 300_000, 2), person=rich),
        town.basket(*(town.line(AIR_CONDITIONER, 200_000, number) for number in range(1, 5))),
        town.basket(town.line(SMART_LOCK, 200_000, 1), town.line(SMART_LOCK, 200_000, 2)),
        town.basket(taken, town.line(PHONE, 600_001, 2), town.line(TILES, 3_333, 3, quantity=3)),
        town.basket(town.line(FRIDGE, serial_no=None)),
    ]
    for basket in baskets:
        quoted = (await town.post("/v1/quotes", basket)).json()
        held = await ask(town, basket)
        for name in ("lines", "total_fen", "subsidy_fen", "payable_fen", "consumer", "policy", "policy_version"):
            assert quoted[name] == held[name], name
        assert quoted["status"] == {"held": "quoted", "declined": "declined"}[held["status"]]


async def test_a_quote_counts_lapsed_holds_as_free(town: City) -> None:
    buyer, line = town.person(), town.line(FRIDGE, 500_000)
    held = await town.hold(line, person=buyer)
    assert (await town.post("/v1/quotes", town.basket(line, person=buyer))).json()["status"] == "declined"
    await lapse(town, held)

    quoted = (await town.post("/v1/quotes", town.basket(line, person=buyer))).json()

    assert (quoted["status"], quoted["subsidy_fen"]) == ("quoted", 100_000)
    assert quoted["consumer"]["cap_remaining_fen"] == 1_400_000


async def test_a_quote_counts_what_lapsed_holds_leave_in_the_fund(database_url: str) -> None:
    async with a_city(database_url, budget_fen=100_000) as city:
        held = await city.hold(city.line(FRIDGE, 500_000))
        assert (await city.post("/v1/quotes", city.basket())).json()["lines"][0]["reason"] == "fund_exhausted"
        await lapse(city, held)

        assert (await city.post("/v1/quotes", city.basket())).json()["subsidy_fen"] == 100_000
        # the lapsed hold is free for the next one as well
        assert (await city.hold(city.line(FRIDGE, 500_000)))["subsidy_fen"] == 100_000
        await city.assert_books_balance()


async def test_a_quote_may_name_an_order_that_stands(town: City) -> None:
    basket = town.basket(town.line(SOFA, 100_000))
    await ask(town, basket)

    quoted = await town.post("/v1/quotes", basket | {"lines": [town.line(SOFA, 200_000)]})

    assert (quoted.status_code, quoted.json()["subsidy_fen"]) == (200, 30_000)


async def test_a_quote_refuses_what_a_hold_refuses(town: City) -> None:
    assert_refused(await town.post("/v1/quotes", town.basket(town.line(FRIDGE, quantity=2))), 422, "invalid_field")
    assert_refused(await town.post("/v1/quotes", town.basket(town.line("6901234567890"))), 422, "invalid_gtin")
    wrong = town.basket(person="220102196001010014")
    assert_refused(await town.post("/v1/quotes", wrong), 422, "invalid_id_number")
