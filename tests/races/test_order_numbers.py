"""One order number, one checkout: whatever order its calls arrive in, through whichever engine."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.races.rivals import Rivals, codes, granted_fen, same, statuses
from tests.races.scenes import PLENTY_FEN


async def test_one_basket_sent_fifty_times_is_one_checkout(rivals: Rivals) -> None:
    await rivals.spread("appliance", [PLENTY_FEN])
    basket = rivals.city.basket()

    answers = await rivals.checkouts_at_once([basket] * 50)

    assert statuses(answers) == {201: 1, 200: 49}
    assert len(same(answers, "checkout_id")) == 1
    assert same(answers, "subsidy_fen") == {100_000}
    replayed = [answer for answer in answers if answer.headers.get("Idempotent-Replayed") == "true"]
    assert len(replayed) == 49
    assert (await rivals.city.pool())["held_fen"] == 100_000
    await rivals.city.assert_books_balance()


async def test_fifty_baskets_under_one_number_are_one_checkout_and_49_conflicts(rivals: Rivals) -> None:
    await rivals.spread("appliance", [PLENTY_FEN])
    city = rivals.city

    answers = await rivals.checkouts_at_once([city.basket(order_no="THE-ONE") for _ in range(50)])

    assert statuses(answers) == {201: 1, 409: 49}
    assert codes(answers) == {None: 1, "order_no_reused": 49}
    assert granted_fen(answers) == (await city.pool())["held_fen"] == 100_000
    await city.assert_books_balance()


async def test_the_same_number_of_two_merchants_is_two_orders(rivals: Rivals) -> None:
    await rivals.spread("appliance", [PLENTY_FEN])
    city = rivals.city
    mine, theirs = city.basket(order_no="7"), city.basket(order_no="7")

    answers = await asyncio.gather(
        rivals.post(0, "/v1/checkouts", mine), rivals.post(1, "/v1/checkouts", theirs, "second")
    )

    assert statuses(answers) == {201: 2}
    assert len(same(answers, "checkout_id")) == 2


async def void(rivals: Rivals, number: int, basket: dict[str, Any]) -> httpx.Response:
    return await rivals.post(number, f"/v1/orders/{basket['order_no']}/void")


async def test_a_void_that_overtakes_its_hold_closes_the_number(rivals: Rivals) -> None:
    await rivals.spread("appliance", [PLENTY_FEN])
    city, basket = rivals.city, rivals.city.basket()

    voided = await void(rivals, 0, basket)
    overtaken = await rivals.post(1, "/v1/checkouts", basket)
    again = await void(rivals, 2, basket)

    assert (voided.status_code, voided.json()["status"], voided.json()["checkout_id"]) == (200, "voided", None)
    assert (overtaken.status_code, overtaken.json()["code"]) == (409, "checkout_voided")
    assert (again.status_code, again.json()["status"]) == (200, "voided")
    assert (await city.pool())["held_fen"] == 0
    await city.assert_books_balance()


async def test_a_void_after_its_hold_gives_it_back(rivals: Rivals) -> None:
    await rivals.spread("appliance", [PLENTY_FEN])
    basket = rivals.city.basket()
    await rivals.post(0, "/v1/checkouts", basket)

    voided = await void(rivals, 1, basket)
    replay = await rivals.post(2, "/v1/checkouts", basket)

    assert voided.json()["checkout_id"] is not None
    assert (replay.status_code, replay.json()["status"]) == (200, "voided")
    assert (await rivals.city.pool())["held_fen"] == 0
    await rivals.city.assert_books_balance()


@pytest.mark.parametrize("voids_first", [True, False])
async def test_holds_and_voids_of_one_instant_leave_nothing_held(rivals: Rivals, voids_first: bool) -> None:
    """Whichever wins: the hold is there and voided, or never came to be."""
    await rivals.spread("appliance", [PLENTY_FEN])
    baskets = [rivals.city.basket() for _ in range(20)]
    pairs: list[tuple[str, object]] = []
    for basket in baskets:
        pair: list[tuple[str, object]] = [
            ("/v1/checkouts", basket),
            (f"/v1/orders/{basket['order_no']}/void", None),
        ]
        pairs += reversed(pair) if voids_first else pair

    answers = await rivals.all_at_once(pairs, table="order_number")

    voids = [a for a in answers if a.request.url.path.endswith("/void")]
    holds = [a for a in answers if a.request.url.path == "/v1/checkouts"]
    assert statuses(voids) == {200: 20}
    assert same(voids, "status") == {"voided"}
    for hold, voided in zip(holds, voids, strict=True):
        if hold.status_code == 201:
            assert voided.json()["checkout_id"] == hold.json()["checkout_id"]
        else:
            assert (hold.status_code, hold.json()["code"]) == (409, "checkout_voided")
            assert voided.json()["checkout_id"] is None
    assert (await rivals.city.pool())["held_fen"] == 0
    await rivals.city.assert_books_balance()


async def test_a_capture_or_refund_before_its_hold_may_be_tried_again(rivals: Rivals) -> None:
    await rivals.spread("appliance", [PLENTY_FEN])
    basket = rivals.city.basket()
    path = f"/v1/orders/{basket['order_no']}"
    refund = {"refund_no": "R", "lines": [{"line_no": 1, "quantity": 1}], "reason": "returned"}

    for early in (await rivals.post(0, f"{path}/capture"), await rivals.post(1, f"{path}/refunds", refund)):
        assert (early.status_code, early.json()["code"], early.json()["retryable"]) == (404, "not_found", True)
    await rivals.post(2, "/v1/checkouts", basket)

    assert (await rivals.post(0, f"{path}/capture")).json()["status"] == "captured"
    assert (await rivals.post(1, f"{path}/refunds", refund)).status_code == 201
    await rivals.city.assert_books_balance()
