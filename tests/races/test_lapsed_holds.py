"""A hold counts for nothing from the instant it lapses: whoever needs what it held takes it, no sweeper asked."""

import asyncio

import pytest

from app.service import policies
from tests.city import FRIDGE, PACK, SOFA
from tests.races.rivals import Rivals, granted_fen, reasons, statuses
from tests.races.scenes import PLENTY_FEN


async def held(rivals: Rivals, count: int, price_fen: int = 500_000) -> list[str]:
    """Holds of as many people, a fifth of `price_fen` each."""
    city = rivals.city
    return [(await city.hold(city.line(FRIDGE, price_fen)))["checkout_id"] for _ in range(count)]


async def test_lapsed_holds_of_an_exhausted_pool_are_granted_again_to_the_fen(rivals: Rivals) -> None:
    await rivals.spread("appliance", [200_000])
    lapsing = await held(rivals, 2)
    city = rivals.city
    turned_away = await city.post("/v1/checkouts", city.basket())
    assert turned_away.json()["lines"][0]["reason"] == "fund_exhausted"
    await rivals.lapse(*lapsing)

    answers = await rivals.checkouts_at_once([city.basket(city.line(FRIDGE, 300_000)) for _ in range(20)])

    assert granted_fen(answers) == 200_000
    assert reasons(answers) == {None: 3, "fund_exhausted": 17}
    pool = await city.pool()
    assert (pool["available_fen"], pool["held_fen"]) == (0, 200_000)
    await city.assert_books_balance()


async def test_many_lapsed_holds_are_not_waited_for_when_some_are_enough(rivals: Rivals) -> None:
    await rivals.spread("appliance", [60 * 2_000])
    await rivals.lapse(*await held(rivals, 60, 10_000))
    city = rivals.city

    answer = await city.post("/v1/checkouts", city.basket(city.line(FRIDGE, 10_000)))

    assert (answer.status_code, answer.json()["subsidy_fen"]) == (201, 2_000)
    await city.assert_books_balance()


async def test_what_lapsed_in_another_lines_pool_does_not_matter(rivals: Rivals) -> None:
    await rivals.spread("appliance", [100_000])
    await rivals.spread("home", [100_000])
    lapsing = await held(rivals, 1)
    city = rivals.city
    await rivals.lapse(*lapsing)

    answer = await city.post(
        "/v1/checkouts", city.basket(city.line(SOFA, 400_000), city.line(FRIDGE, 250_000, line_no=2))
    )

    assert answer.json()["subsidy_fen"] == 60_000 + 50_000
    await city.assert_books_balance()


async def test_a_lapsed_hold_gives_the_category_back_to_its_consumer(rivals: Rivals) -> None:
    await rivals.spread("appliance", [PLENTY_FEN])
    city, person = rivals.city, rivals.city.person()
    earlier = await city.hold(city.line(FRIDGE), person=person)
    refused = await city.post("/v1/checkouts", city.basket(person=person))
    assert refused.json()["lines"][0]["reason"] == "category_limit_reached"
    await rivals.lapse(earlier["checkout_id"])

    answers = await rivals.checkouts_at_once([city.basket(person=person) for _ in range(20)])

    assert statuses(answers) == {201: 1, 200: 19}
    await city.assert_books_balance()


async def test_a_lapsed_hold_gives_the_serial_number_back_to_everybody(rivals: Rivals) -> None:
    await rivals.spread("appliance", [PLENTY_FEN])
    city = rivals.city
    earlier = await city.hold(city.line(FRIDGE, serial_no="SN-1"))
    await rivals.lapse(earlier["checkout_id"])

    answers = await rivals.checkouts_at_once([city.basket(city.line(serial_no="SN-1")) for _ in range(20)])

    assert statuses(answers) == {201: 1, 200: 19}
    await city.assert_books_balance()


async def test_a_negative_adjustment_may_take_what_lapsed(rivals: Rivals) -> None:
    await rivals.spread("appliance", [100_000])
    await rivals.lapse(*await held(rivals, 1))

    answer = await rivals.post(
        1, "/v1/pools/appliance/adjustments", {"adjustment_no": "A", "amount_fen": -100_000, "reason": "-"}, "operator"
    )

    assert answer.status_code == 201, answer.text
    assert (await rivals.city.pool())["budget_fen"] == 0
    await rivals.city.assert_books_balance()


async def test_a_late_capture_may_take_what_lapsed(rivals: Rivals) -> None:
    await rivals.spread("appliance", [100_000])
    (first,) = await held(rivals, 1)
    await rivals.lapse(first)
    (second,) = await held(rivals, 1)
    late = await rivals.post(1, f"/v1/checkouts/{first}/capture")
    assert (late.status_code, late.json()["code"], late.json()["retryable"]) == (409, "hold_expired", True)
    await rivals.lapse(second)

    late = await rivals.post(1, f"/v1/checkouts/{first}/capture")

    assert (late.status_code, late.json()["status"]) == (200, "captured")
    await rivals.city.assert_books_balance()


async def test_a_quote_counts_what_lapsed_in_a_pool_that_the_policy_no_longer_has(rivals: Rivals) -> None:
    """The hold was made under an earlier policy, whose pool had another name."""
    await rivals.spread("appliance", [100_000])
    city, person = rivals.city, rivals.city.person()
    earlier = await city.hold(city.line(FRIDGE), person=person)
    await rivals.lapse(earlier["checkout_id"])
    renamed = PACK.read_text().replace('[[pools]]\ncode = "appliance"', '[[pools]]\ncode = "appliance-2"')
    assert renamed.count('pool = "appliance"') <= 1
    await policies.publish(city.database, renamed.replace('pool = "appliance"', 'pool = "appliance-2"'))
    await asyncio.sleep(1.0)

    quote = await city.post("/v1/quotes", city.basket(person=person))
    hold = await city.post("/v1/checkouts", city.basket(person=person))

    for answer in (quote, hold):
        assert (answer.status_code, answer.json()["lines"][0]["reason"]) == (200, "fund_exhausted"), answer.text
    await city.assert_books_balance()


@pytest.mark.parametrize("first", ["/v1/quotes", "/v1/checkouts"])
async def test_a_quote_counts_what_lapsed_as_a_hold_does(rivals: Rivals, first: str) -> None:
    await rivals.spread("appliance", [100_000])
    await rivals.lapse(*await held(rivals, 1))

    answer = await rivals.post(3, first, rivals.city.basket())

    assert answer.json()["subsidy_fen"] == 100_000
