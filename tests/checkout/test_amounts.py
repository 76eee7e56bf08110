"""What goods earn over HTTP, to the fen: rates, grades, item caps, rounding, ceilings, bonuses, two programmes."""

from datetime import date

import pytest

from tests.checkout.steps import declined
from tests.city import (
    E_BIKE,
    FRIDGE,
    FRIDGE_GRADE_2,
    PHONE,
    ROBOT,
    SMART_LOCK,
    SOFA,
    TABLET,
    TILES,
    WEARABLE,
    City,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

OLD_ENOUGH = date(1950, 1, 1)


@pytest.mark.parametrize(
    ("gtin", "price_fen", "rate_bps", "subsidy_fen", "limited_by"),
    [
        (PHONE, 333_333, 1500, 50_000, None),
        (PHONE, 299_997, 1500, 45_000, None),
        (PHONE, 600_000, 1500, 50_000, "item_cap"),
        (PHONE, 333_334, 1500, 50_000, None),
        (PHONE, 333_337, 1500, 50_000, "item_cap"),
        (TABLET, 600_000, 1500, 50_000, "item_cap"),
        (FRIDGE, 129_990, 2000, 25_998, None),
        (FRIDGE_GRADE_2, 239_999, 1500, 36_000, None),
        (FRIDGE, 999_999, 2000, 200_000, None),
        (FRIDGE, 1_000_000, 2000, 200_000, None),
        (FRIDGE, 1_000_003, 2000, 200_000, "item_cap"),
        (FRIDGE_GRADE_2, 1_333_333, 1500, 200_000, None),
        (FRIDGE_GRADE_2, 1_333_334, 1500, 200_000, None),
        (FRIDGE_GRADE_2, 1_333_337, 1500, 200_000, "item_cap"),
        (WEARABLE, 666_667, 3000, 200_000, None),
        (ROBOT, 300_000, 1500, 45_000, None),
        (SOFA, 1_400_000, 1500, 200_000, "item_cap"),
        (FRIDGE, 3, 2000, 1, None),
    ],
)
async def test_a_line_earns(
    town: City, gtin: str, price_fen: int, rate_bps: int, subsidy_fen: int, limited_by: str | None
) -> None:
    held = await town.hold(town.line(gtin, price_fen), person=town.person(OLD_ENOUGH))

    (line,) = held["lines"]
    assert (line["rate_bps"], line["entitled_fen"], line["subsidy_fen"]) == (rate_bps, subsidy_fen, subsidy_fen)
    assert (line["outcome"], line["reason"], line["limited_by"]) == ("granted", None, limited_by)
    assert line["payable_fen"] == price_fen - subsidy_fen
    assert held["consumer"]["cap_remaining_fen"] == 1_500_000 - subsidy_fen


async def test_a_phone_of_6000_yuan_earns_and_one_fen_more_earns_nothing(town: City) -> None:
    assert (await town.hold(town.line(PHONE, 600_000)))["subsidy_fen"] == 50_000

    line = await declined(town, town.line(PHONE, 600_001))
    assert line["reason"] == "price_above_ceiling"
    assert "6,000.00" in line["explanation"]["en"]


@pytest.mark.parametrize("price_fen", [1, 2])
async def test_what_rounds_to_nothing_is_declined(town: City, price_fen: int) -> None:
    line = await declined(town, town.line(FRIDGE, price_fen))
    assert (line["reason"], line["entitled_fen"]) == ("zero_subsidy", 0)


async def test_three_fen_of_a_grade_2_fridge_earn_nothing(town: City) -> None:
    assert (await declined(town, town.line(FRIDGE_GRADE_2, 3)))["reason"] == "zero_subsidy"


@pytest.mark.parametrize(
    ("battery", "price_fen", "subsidy_fen"),
    [
        ("lead_acid", 400_000, 50_000),
        ("lithium", 400_000, 60_000),
        ("lithium", 100_000, 30_000),
        (None, 200_000, 40_000),
    ],
)
async def test_an_e_bike_earns_a_bonus_for_an_old_lithium_battery(
    town: City, battery: str | None, price_fen: int, subsidy_fen: int
) -> None:
    trade_in = {"category": "E01", "battery": battery, "reference": "RC-9"}
    held = await town.hold(town.line(E_BIKE, price_fen, trade_in=trade_in))
    assert held["subsidy_fen"] == subsidy_fen


async def test_tiles_are_sold_by_quantity_and_the_item_cap_is_by_the_unit(town: City) -> None:
    held = await town.hold(town.line(TILES, 1_500_000, quantity=3))

    (line,) = held["lines"]
    assert (line["entitled_fen"], line["subsidy_fen"], line["limited_by"]) == (600_000, 600_000, "item_cap")


async def test_goods_of_two_programmes_go_by_the_better_one(town: City) -> None:
    """A smart lock earns 15 % as an appliance (N05) as well as in home renovation (H28)."""
    (line,) = (await town.hold(town.line(SMART_LOCK, 200_000)))["lines"]
    assert (line["programme"], line["category"], line["subsidy_fen"]) == ("appliance", "N05", 30_000)


async def test_goods_of_two_programmes_go_by_the_one_that_still_gives(town: City) -> None:
    buyer = town.person()
    await town.hold(town.line(SMART_LOCK, 200_000), person=buyer)

    (line,) = (await town.hold(town.line(SMART_LOCK, 200_000), person=buyer))["lines"]

    assert (line["programme"], line["category"], line["outcome"]) == ("home", "H28", "granted")


@pytest.mark.parametrize(("programme", "category"), [("appliance", "N05"), ("home", "H28")])
async def test_a_till_may_name_one_of_two_programmes(town: City, programme: str, category: str) -> None:
    (line,) = (await town.hold(town.line(SMART_LOCK, 200_000, programme=programme)))["lines"]
    assert (line["programme"], line["category"]) == (programme, category)


async def test_a_programme_that_does_not_take_the_goods_declines_them(town: City) -> None:
    for programme in ("digital", "no-such-programme"):
        line = await declined(town, town.line(SMART_LOCK, 200_000, programme=programme))
        assert line["reason"] == "category_not_in_policy"
