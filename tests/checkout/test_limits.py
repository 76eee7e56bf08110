"""The consumer's cap over all programmes, the counts of a year, and the end of a fund."""

from datetime import date
from typing import Any

import pytest

from tests.checkout.steps import declined, refund, void
from tests.city import AIR_CONDITIONER, FRIDGE, PHONE, SOFA, TILES, WASHER, WEARABLE, City, a_city

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_cap_of_15000_yuan_spans_all_programmes_and_the_last_line_is_reduced_to_it(town: City) -> None:
    buyer = town.person(date(1950, 1, 1))
    spent = [
        await town.buy(town.line(FRIDGE, 1_000_000), person=buyer),
        await town.hold(town.line(TILES, 1_500_000, quantity=5), person=buyer),
        await town.buy(town.line(WEARABLE, 700_000), person=buyer),
        await town.hold(town.line(PHONE, 600_000), person=buyer),
    ]
    assert [checkout["consumer"]["cap_remaining_fen"] for checkout in spent] == [1_300_000, 300_000, 100_000, 50_000]

    last = await town.hold(town.line(SOFA, 1_000_000), person=buyer)
    (line,) = last["lines"]
    assert (line["outcome"], line["reason"], line["limited_by"]) == (
        "reduced",
        "consumer_cap_reached",
        "consumer_cap",
    )
    assert (line["entitled_fen"], line["subsidy_fen"], line["payable_fen"]) == (150_000, 50_000, 950_000)
    assert last["consumer"]["cap_remaining_fen"] == 0
    await town.assert_books_balance()


async def test_a_line_that_the_cap_declines_keeps_what_it_was_entitled_to(town: City) -> None:
    buyer = town.person()
    await town.buy(town.line(TILES, 2_000_000, quantity=8), person=buyer)

    line = await declined(town, town.line(SOFA, 1_000_000), person=buyer)

    assert (line["reason"], line["limited_by"], line["entitled_fen"]) == (
        "consumer_cap_reached",
        "consumer_cap",
        150_000,
    )
    assert line["rate_bps"] == 1500


async def test_the_lines_of_one_basket_share_the_cap(town: City) -> None:
    held = await town.hold(town.line(TILES, 2_000_000, 1, quantity=7), town.line(SOFA, 2_000_000, 2))

    assert [line["outcome"] for line in held["lines"]] == ["granted", "reduced"]
    assert held["lines"][1]["subsidy_fen"] == 100_000
    assert held["consumer"]["cap_remaining_fen"] == 0


async def test_a_quantity_is_reduced_to_what_the_cap_leaves(town: City) -> None:
    held = await town.hold(town.line(TILES, 2_000_000, quantity=9))

    (line,) = held["lines"]
    assert (line["entitled_fen"], line["subsidy_fen"], line["outcome"]) == (1_800_000, 1_500_000, "reduced")


async def test_what_is_given_back_comes_back_to_the_cap(town: City) -> None:
    buyer = town.person()
    held = await town.hold(town.line(TILES, 2_000_000, quantity=7), person=buyer)
    bought = await town.buy(town.line(SOFA, 2_000_000), person=buyer)
    assert bought["consumer"]["cap_remaining_fen"] == 0

    await void(town, held)
    assert (await town.hold(town.line(TILES, 10_000), person=buyer))["consumer"]["cap_remaining_fen"] == 1_398_500
    await refund(town, bought)
    assert (await town.hold(town.line(TILES, 10_000), person=buyer))["consumer"]["cap_remaining_fen"] == 1_497_000


async def test_one_fridge_a_year(town: City) -> None:
    buyer = town.person()
    held = await town.hold(town.line(FRIDGE), person=buyer)

    line = await declined(town, town.line(FRIDGE), person=buyer)
    assert (line["reason"], line["limited_by"], line["entitled_fen"]) == (
        "category_limit_reached",
        "category_limit",
        100_000,
    )
    await town.hold(town.line(WASHER), person=buyer)
    await void(town, held)
    await town.hold(town.line(FRIDGE), person=buyer)


async def test_three_air_conditioners_a_year_in_one_basket_or_in_several(town: City) -> None:
    buyer = town.person()
    await town.hold(town.line(AIR_CONDITIONER, 100_000, 1), town.line(AIR_CONDITIONER, 100_000, 2), person=buyer)

    third = await town.hold(
        town.line(AIR_CONDITIONER, 100_000, 1), town.line(AIR_CONDITIONER, 100_000, 2), person=buyer
    )

    assert [line["reason"] for line in third["lines"]] == [None, "category_limit_reached"]


async def test_counts_begin_anew_with_the_calendar_year(town: City) -> None:
    buyer = town.person()
    bought = await town.buy(town.line(FRIDGE), person=buyer)
    await declined(town, town.line(FRIDGE), person=buyer)
    # as if it had been bought last year
    await town.execute(
        "UPDATE lijian.consumer_quota q SET quota = split_part(quota, ':', 1) || ':2001' "
        "FROM lijian.checkout c WHERE c.checkout_id = $1 AND q.consumer_id = c.consumer_id AND quota LIKE 'A01:%'",
        bought["checkout_id"],
    )

    again = await town.hold(town.line(FRIDGE), person=buyer)
    assert again["consumer"]["cap_remaining_fen"] == 1_300_000


async def test_home_renovation_is_not_counted(town: City) -> None:
    buyer = town.person()
    for _ in range(5):
        await town.hold(town.line(SOFA, 100_000), person=buyer)


async def test_every_spelling_of_a_document_is_one_consumer(town: City) -> None:
    buyer = "11010519491231002X"
    await town.hold(town.line(FRIDGE), person=buyer)
    for spelt in ("11010519491231002x", " 110105 19491231 002X ", "".join(chr(ord(c) + 0xFEE0) for c in buyer)):
        line = await declined(town, town.line(FRIDGE), person=spelt)
        assert line["reason"] == "category_limit_reached"


async def test_the_cap_is_one_over_all_merchants(town: City) -> None:
    buyer = town.person()
    await town.buy(town.line(FRIDGE), person=buyer)

    answer = await town.post("/v1/checkouts", town.basket(town.line(FRIDGE), person=buyer), key="second")

    assert answer.json()["lines"][0]["reason"] == "category_limit_reached"


@pytest.fixture
async def poor_city(database_url: str) -> Any:
    async with a_city(database_url, budget_fen=150_000) as city:
        yield city


@pytest.mark.asyncio(loop_scope="function")
async def test_the_last_line_of_a_fund_is_reduced_and_the_next_declined(poor_city: City) -> None:
    await poor_city.hold(fridge(poor_city))

    last = await poor_city.hold(fridge(poor_city))
    (line,) = last["lines"]
    assert (line["outcome"], line["reason"], line["limited_by"]) == ("reduced", "fund_exhausted", "pool")
    assert (line["entitled_fen"], line["subsidy_fen"]) == (100_000, 50_000)
    assert (await poor_city.pool())["available_fen"] == 0

    line = await declined(poor_city, fridge(poor_city))
    assert (line["reason"], line["limited_by"], line["entitled_fen"]) == ("fund_exhausted", "pool", 100_000)
    await poor_city.hold(poor_city.line(SOFA, 500_000))

    await void(poor_city, last)
    assert (await poor_city.hold(fridge(poor_city)))["subsidy_fen"] == 50_000
    await poor_city.fund("appliance", 1)
    assert (await poor_city.hold(fridge(poor_city)))["subsidy_fen"] == 1
    await poor_city.assert_books_balance()


def fridge(city: City) -> dict[str, object]:
    return city.line(FRIDGE, 500_000)
