"""Fifty tills, four engines, and the last of something: it is granted once, to the fen."""

import asyncio

import pytest

from tests.city import FRIDGE, PHONE
from tests.races.rivals import Rivals, granted_fen, reasons, statuses
from tests.races.scenes import PLENTY_FEN, last_item, last_of_a_cap, last_of_a_pool, one_serial_number


async def test_the_last_item_of_a_category_goes_to_one_till(rivals: Rivals) -> None:
    answers = await last_item(rivals)

    assert statuses(answers) == {201: 1, 200: 49}
    assert reasons(answers) == {None: 1, "category_limit_reached": 49}
    await rivals.city.assert_books_balance()


async def test_the_last_of_a_consumers_cap_is_granted_to_the_fen(rivals: Rivals) -> None:
    answers = await last_of_a_cap(rivals)

    assert granted_fen(answers) == 200_000
    assert set(statuses(answers)) == {200, 201}
    assert set(reasons(answers)) == {None, "consumer_cap_reached"}
    await rivals.city.assert_books_balance()


@pytest.mark.parametrize("stripes", [1, 4])
async def test_the_last_of_a_pool_is_granted_to_the_fen(rivals: Rivals, stripes: int) -> None:
    answers = await last_of_a_pool(rivals, stripes=stripes)

    assert granted_fen(answers) == 100_000
    assert sorted(a.json()["subsidy_fen"] for a in answers if a.status_code == 201) == [40_000, 60_000]
    assert reasons(answers) == {None: 1, "fund_exhausted": 49}
    assert (await rivals.city.pool())["available_fen"] == 0
    for number in range(len(rivals.clients)):
        late = await rivals.post(number, "/v1/checkouts", rivals.city.basket())
        assert (late.status_code, late.json()["lines"][0]["reason"]) == (200, "fund_exhausted")
    await rivals.city.assert_books_balance()


async def test_single_fen_in_many_stripes_are_found(rivals: Rivals) -> None:
    await rivals.spread("appliance", [1, 2, 3, 5])

    answer = await rivals.post(2, "/v1/checkouts", rivals.city.basket())

    assert answer.json()["subsidy_fen"] == 11
    assert answer.json()["lines"][0]["limited_by"] == "pool"
    assert (await rivals.city.pool())["available_fen"] == 0
    await rivals.city.assert_books_balance()


async def test_one_serial_number_carries_one_subsidy(rivals: Rivals) -> None:
    answers = await one_serial_number(rivals)

    assert statuses(answers) == {201: 1, 200: 49}
    assert reasons(answers) == {None: 1, "serial_no_already_subsidised": 49}
    await rivals.city.assert_books_balance()


async def test_one_telephone_under_all_its_numbers_carries_one_subsidy(rivals: Rivals) -> None:
    """The IMEI of 15 digits, the same without its check digit, with a software version, and in full-width digits."""
    await rivals.spread("digital", [PLENTY_FEN])
    city = rivals.city
    imei = city.imei()
    wide = imei.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    aliases = (imei, imei[:14], imei[:14] + "07", wide)

    answers = await rivals.checkouts_at_once(
        [city.basket(city.line(PHONE, 300_000, imei=aliases[i % len(aliases)])) for i in range(50)]
    )

    assert statuses(answers) == {201: 1, 200: 49}
    assert reasons(answers) == {None: 1, "imei_already_subsidised": 49}
    await city.assert_books_balance()


async def test_the_second_imei_of_a_telephone_counts_like_the_first(rivals: Rivals) -> None:
    """Ten tills give it as the second, ten as the first."""
    await rivals.spread("digital", [PLENTY_FEN])
    city = rivals.city
    shared = city.imei()
    one = [city.basket(city.line(PHONE, 300_000, imei2=shared)) for _ in range(10)]
    other = [city.basket(city.line(PHONE, 300_000, imei=shared)) for _ in range(10)]

    answers = await rivals.checkouts_at_once([*one, *other])

    assert statuses(answers) == {201: 1, 200: 19}
    await city.assert_books_balance()


async def test_baskets_that_want_the_same_goods_in_opposite_order_do_not_block_one_another(rivals: Rivals) -> None:
    await rivals.spread("appliance", [PLENTY_FEN])
    city = rivals.city
    forth, back = (("SN-A", 1), ("SN-B", 2)), (("SN-B", 1), ("SN-A", 2))

    answers = await rivals.checkouts_at_once(
        [
            city.basket(*(city.line(FRIDGE, line_no=number, serial_no=serial) for serial, number in wanted))
            for wanted in (forth, back) * 20
        ]
    )

    assert set(statuses(answers)) == {200, 201}
    granted = [line for answer in answers for line in answer.json()["lines"] if line["subsidy_fen"]]
    assert len({line["line_no"] for line in granted}) == len(granted) <= 2
    await city.assert_books_balance()


async def test_a_stripe_made_while_the_others_are_waited_for_is_not_overlooked(rivals: Rivals) -> None:
    """Somebody opens a stripe of his own and draws money into it, while another waits to see the pool whole."""
    await rivals.spread("appliance", [100_000])
    rich = await rivals.owner.fetchrow("SELECT lane FROM lijian.fund_stripe WHERE available_fen > 0")
    assert rich is not None
    async with rivals.transaction() as other:
        await other.execute("SELECT FROM lijian.fund_stripe FOR UPDATE")
        till = asyncio.create_task(rivals.post(1, "/v1/checkouts", rivals.city.basket()))
        await rivals.until_waiting(1)
        await other.execute(
            "UPDATE lijian.fund_stripe SET budget_fen = 40000, available_fen = 40000 WHERE lane = $1",
            rich["lane"],
        )
        await other.execute(
            "INSERT INTO lijian.fund_stripe (lane, pool, budget_fen, available_fen, held_fen, spent_fen)"
            " VALUES (9999, 'appliance', 60000, 60000, 0, 0)"
        )

    answer = await till

    assert answer.json()["subsidy_fen"] == 100_000
    await rivals.city.assert_books_balance()
