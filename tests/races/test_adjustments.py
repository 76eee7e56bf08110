"""Operators take money back while tills spend it: never below zero available, each adjustment once."""

import asyncio

from tests.races.rivals import Rivals, codes, granted_fen, statuses


def back(number: str, amount_fen: int) -> tuple[str, object]:
    return "/v1/pools/appliance/adjustments", {"adjustment_no": number, "amount_fen": -amount_fen, "reason": "back"}


async def test_twenty_adjustments_take_what_is_available_and_no_more(rivals: Rivals) -> None:
    await rivals.spread("appliance", [30_000, 30_000, 30_000, 15_000])

    answers = await rivals.all_at_once([back(f"A-{i}", 10_000) for i in range(20)], table="fund_stripe", key="operator")

    assert statuses(answers) == {201: 10, 409: 10}
    assert codes(answers) == {None: 10, "adjustment_exceeds_available": 10}
    pool = await rivals.city.pool()
    assert (pool["budget_fen"], pool["available_fen"]) == (5_000, 5_000)
    await rivals.city.assert_books_balance()


async def test_one_adjustment_sent_twenty_times_is_made_once(rivals: Rivals) -> None:
    await rivals.spread("appliance", [30_000, 30_000])

    answers = await rivals.all_at_once([back("A", 10_000)] * 20, table="fund_stripe", key="operator")

    assert statuses(answers) == {201: 1, 200: 19}
    assert (await rivals.city.pool())["budget_fen"] == 50_000
    await rivals.city.assert_books_balance()


async def test_adjustments_and_holds_share_the_last_money_without_a_fen_too_much(rivals: Rivals) -> None:
    await rivals.spread("appliance", [100_000, 100_000, 100_000])
    city = rivals.city
    async with rivals.gate("fund_stripe"):
        sent = []
        for i in range(10):
            path, body = back(f"A-{i}", 50_000)
            sent.append(asyncio.create_task(rivals.post(i, path, body, "operator")))
            sent.append(asyncio.create_task(rivals.post(i + 1, "/v1/checkouts", city.basket())))
        await rivals.until_waiting(4)
    answers = await asyncio.gather(*sent)

    taken_fen = 50_000 * sum(a.status_code == 201 for a in answers[::2])
    assert taken_fen + granted_fen(answers[1::2]) == 300_000
    assert (await city.pool())["available_fen"] == 0
    await city.assert_books_balance()
