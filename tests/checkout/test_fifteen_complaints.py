"""The fifteen complaints most often made about systems of this kind, as attacks. Heavier races are in tests/races."""

import asyncio
import time
from collections.abc import Awaitable

import httpx

from tests.checkout.steps import (
    Answer,
    ask,
    assert_refused,
    assert_replayed,
    capture,
    declined,
    lapse,
    read,
    refund,
    void,
)
from tests.city import AIR_CONDITIONER, FRIDGE, PHONE, SOFA, TILES, WASHER, City, a_city, a_gtin
from tests.city import CATALOGUE as GOODS


async def at_once(*calls: Awaitable[httpx.Response]) -> list[httpx.Response]:
    return list(await asyncio.gather(*calls))


def subsidies(answers: list[httpx.Response]) -> int:
    return sum(answer.json()["subsidy_fen"] for answer in answers)


async def test_01_caps_are_not_exceeded_under_concurrency(city: City) -> None:
    buyer = city.person()
    tiles = [city.basket(city.line(TILES, 2_000_000), person=buyer, capture=True) for _ in range(20)]

    answers = await at_once(*(city.post("/v1/checkouts", basket) for basket in tiles))

    assert subsidies(answers) == 1_500_000
    somebody = city.person()
    coolers = [city.basket(city.line(AIR_CONDITIONER, 100_000), person=somebody) for _ in range(12)]
    answers = await at_once(*(city.post("/v1/checkouts", basket) for basket in coolers))
    assert [answer.status_code for answer in answers].count(201) == 3
    await city.assert_books_balance()


async def test_02_giving_back_is_not_racy(city: City) -> None:
    held = await city.hold(city.line(FRIDGE, 500_000))
    bought = await city.buy(city.line(TILES, 10_000, quantity=10))

    voids = await at_once(*(void(city, held) for _ in range(10)))
    refunds = await at_once(*(refund(city, bought, refund_no=f"R-{n % 5}") for n in range(10)))

    assert {answer.json()["status"] for answer in voids} == {"voided"}
    assert sorted(answer.status_code for answer in refunds) == [200] * 5 + [201] * 5
    assert (await read(city, bought))["refunded_fen"] == 7_500
    assert (await city.pool())["available_fen"] == 10_000_000_00
    await city.assert_books_balance()


async def test_03_cancel_and_refund_restore_the_quota(city: City) -> None:
    buyer, line = city.person(), city.line(PHONE, 600_000)
    for give_back in (void, refund, lapse):
        checkout = await city.hold(line, person=buyer, capture=give_back is refund)
        assert checkout["consumer"]["cap_remaining_fen"] == 1_450_000
        await give_back(city, checkout)
    assert (await city.hold(line, person=buyer))["subsidy_fen"] == 50_000
    await city.assert_books_balance()


async def test_04_partial_refunds_pay_back_neither_too_much_nor_too_little(city: City) -> None:
    bought = await city.buy(city.line(TILES, 9_999, 1, quantity=7), city.line(FRIDGE, 899_900, 2))
    made: list[Answer] = []
    for line_no, quantity in ((1, 3), (2, 1), (1, 1), (1, 3)):
        made.append((await refund(city, bought, {"line_no": line_no, "quantity": quantity})).json())

    assert sum(part["subsidy_returned_fen"] for part in made) == bought["subsidy_fen"]
    assert sum(part["consumer_refund_fen"] for part in made) == bought["payable_fen"]
    for part in made:
        (line,) = part["lines"]
        price_fen = {1: 9_999, 2: 899_900}[line["line_no"]]
        assert line["subsidy_returned_fen"] + line["consumer_refund_fen"] == price_fen * line["quantity"]


async def test_05_refunds_at_once_never_exceed_what_was_captured(city: City) -> None:
    bought = await city.buy(city.line(TILES, 10_000, quantity=5))

    answers = await at_once(*(refund(city, bought, {"line_no": 1, "quantity": 2}) for _ in range(10)))

    assert [answer.status_code for answer in answers].count(201) == 2
    refused = [answer for answer in answers if answer.status_code != 201]
    assert {answer.json()["code"] for answer in refused} == {"refund_exceeds_capture"}
    assert (await read(city, bought))["refunded_fen"] == 6_000
    await city.assert_books_balance()


async def test_06_an_abandoned_payment_does_not_keep_the_quota(city: City) -> None:
    buyer, line = city.person(), city.line(FRIDGE)
    abandoned = await city.hold(line, person=buyer)
    retry = city.basket(line, person=buyer)
    assert (await ask(city, retry))["status"] == "declined"
    await lapse(city, abandoned)

    assert (await ask(city, retry))["status"] == "held"
    assert (await read(city, abandoned))["status"] == "expired"
    await city.assert_books_balance()


async def test_07_final_states_are_final(city: City) -> None:
    voided, captured, refunded = [await city.hold(city.line(SOFA, 100_000)) for _ in range(3)]
    await void(city, voided)
    await capture(city, captured)
    await capture(city, refunded)
    await refund(city, refunded)
    before = await city.pool("home")

    assert_refused(await capture(city, voided), 409, "checkout_voided")
    assert_refused(await refund(city, voided), 409, "checkout_voided")
    assert_refused(await void(city, captured), 409, "checkout_captured")
    assert_refused(await void(city, refunded), 409, "checkout_refunded")
    assert_refused(await refund(city, refunded), 409, "refund_exceeds_capture")
    assert_replayed(await void(city, voided))
    assert_replayed(await capture(city, captured))
    assert await city.pool("home") == before
    both = await city.hold(city.line(SOFA, 100_000))
    one, other = await at_once(capture(city, both), void(city, both))
    assert sorted((one.status_code, other.status_code)) == [200, 409]


async def test_08_paid_but_expired_is_captured_late_or_refused_clearly(city: City) -> None:
    buyer = city.person()
    paid = await city.hold(city.line(FRIDGE), person=buyer)
    await lapse(city, paid)
    rival = await city.hold(city.line(FRIDGE), person=buyer)

    assert_refused(await capture(city, paid), 409, "hold_expired", retryable=True)
    await void(city, rival)
    assert (await capture(city, paid)).json()["status"] == "captured"
    await city.assert_books_balance()


async def test_09_several_limits_hold_in_one_basket(city: City) -> None:
    """Cap, count, serial number and item cap bite in one basket, each on its own line."""
    buyer, sold = city.person(), city.line(SOFA, 100_000)
    await city.hold(sold)
    await city.buy(city.line(TILES, 2_000_000, quantity=6), person=buyer)
    held = await city.hold(
        city.line(FRIDGE, 1_200_000, 1),
        city.line(FRIDGE, 500_000, 2),
        sold | {"line_no": 3},
        city.line(WASHER, 900_000, 4),
        city.line(PHONE, 600_001, 5),
        city.line(TILES, 10_000, 6),
        person=buyer,
    )

    assert [(line["subsidy_fen"], line["reason"], line["limited_by"]) for line in held["lines"]] == [
        (200_000, None, "item_cap"),
        (0, "category_limit_reached", "category_limit"),
        (0, "serial_no_already_subsidised", None),
        (100_000, "consumer_cap_reached", "consumer_cap"),
        (0, "price_above_ceiling", None),
        (0, "consumer_cap_reached", "consumer_cap"),
    ]
    assert (await void(city, held)).status_code == 200
    await city.assert_books_balance()


async def test_10_a_hot_pool_is_answered_and_never_fails(city: City) -> None:
    baskets = [city.basket(city.line(FRIDGE, 100_000)) for _ in range(200)]

    answers = await at_once(*(city.post("/v1/checkouts", basket) for basket in baskets))

    assert {answer.status_code for answer in answers} == {201}
    assert (await city.pool())["held_fen"] == 200 * 20_000
    await city.assert_books_balance()


async def test_11_idempotency_is_whole(city: City) -> None:
    declined_first = city.basket(city.line(a_gtin(999)))
    await ask(city, declined_first)
    held = await ask(city, declined_first | {"lines": [city.line(FRIDGE)]})
    assert held["status"] == "held"

    basket = city.basket()
    first = await ask(city, basket)
    assert assert_replayed(await city.post("/v1/checkouts", basket)) == first
    assert_refused(await city.post("/v1/checkouts", basket | {"channel": "online"}), 409, "order_no_reused")
    top_up = {"adjustment_no": "T-1", "amount_fen": 5, "reason": "拨款"}
    made = [await city.post("/v1/pools/home/adjustments", top_up, key="operator") for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 200]
    assert (await city.pool("home"))["budget_fen"] == 10_000_000_05


async def test_12_a_retry_after_a_timeout_does_not_double_the_sale(city: City) -> None:
    basket = city.basket(city.line(FRIDGE, 500_000), capture=True)
    # the till hangs up before the answer, and comes back
    impatient = asyncio.create_task(city.post("/v1/checkouts", basket))
    await asyncio.sleep(0.001)
    impatient.cancel()
    answers = await at_once(*(city.post("/v1/checkouts", basket) for _ in range(5)))

    assert len({answer.json()["checkout_id"] for answer in answers}) == 1
    assert (await city.pool())["spent_fen"] == 100_000
    lost = f"/v1/orders/{basket['order_no']}"
    assert (await city.get(lost)).json()["status"] == "captured"
    never_answered = city.basket()
    await city.post(f"/v1/orders/{never_answered['order_no']}/void")
    assert_refused(await city.post("/v1/checkouts", never_answered), 409, "checkout_voided")
    await city.assert_books_balance()


async def test_13_many_goods_and_many_lines_do_not_make_it_slow(database_url: str) -> None:
    """A basket of 100 lines out of 20,000 products takes a fraction of a second, whatever it is decided by."""
    rows = "".join(f"{a_gtin(n)},H{n % 33 + 1:02d},长石,M,商品,,,false,false\n" for n in range(1_000, 21_000))
    async with a_city(database_url, catalogue=GOODS + rows) as city:
        lines = [city.line(TILES, 1_000, n) | {"gtin": a_gtin(1_000 + n)} for n in range(1, 101)]
        await city.hold(city.line(TILES, 1_000))
        began = time.perf_counter()

        held = await city.hold(*lines)

        assert held["subsidy_fen"] == 100 * 150
        assert time.perf_counter() - began < 1.5
        await city.assert_books_balance()


async def test_14_limits_are_neither_ignored_nor_burnt_for_nothing(city: City) -> None:
    buyer, serial_no = city.person(), city.serial_no()
    for line in (
        city.line(FRIDGE, 1, serial_no=serial_no),
        city.line(FRIDGE, 500_000, serial_no=None),
        city.line(FRIDGE, 500_000, serial_no=serial_no, programme="home"),
    ):
        await declined(city, line, person=buyer)

    held = await city.hold(city.line(FRIDGE, 500_000, serial_no=serial_no), person=buyer)
    assert held["consumer"]["cap_remaining_fen"] == 1_400_000
    assert_refused(await city.post("/v1/checkouts", city.basket() | {"consumer": None}), 422, "invalid_field")
    nobody = city.basket()
    del nobody["consumer"]
    assert_refused(await city.post("/v1/checkouts", nobody), 422, "invalid_field")


async def test_15_everything_adds_up_to_the_fen(city: City) -> None:
    held_fen = spent_fen = 0
    for number, price_fen in enumerate((99_999, 33_333, 1_234_567, 7, 899_901)):
        checkout = await city.hold(city.line(FRIDGE, price_fen, 1), city.line(WASHER, price_fen, 2))
        assert checkout["subsidy_fen"] == sum(line["subsidy_fen"] for line in checkout["lines"])
        assert checkout["subsidy_fen"] + checkout["payable_fen"] == checkout["total_fen"]
        for line in checkout["lines"]:
            assert line["subsidy_fen"] + line["payable_fen"] == line["price_fen"] * line["quantity"]
        if number % 2:
            held_fen += checkout["subsidy_fen"]
        else:
            await capture(city, checkout)
            spent_fen += checkout["subsidy_fen"]

    pool = await city.pool()
    assert (pool["held_fen"], pool["spent_fen"]) == (held_fen, spent_fen)
    assert pool["available_fen"] == pool["budget_fen"] - held_fen - spent_fen
    metrics = (await city.client.get("/metrics")).text
    assert "lijian_pool" in metrics
    await city.assert_books_balance()
