"""Holds whose time has run out: they count for nothing, and a late payment is taken if it can be."""

import pytest

from tests.checkout.steps import assert_refused, assert_replayed, capture, declined, lapse, read, refund, void
from tests.city import FRIDGE, SOFA, TILES, City

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_reads_show_expired_from_that_instant_on(town: City) -> None:
    held = await town.hold()
    await lapse(town, held)

    assert (await read(town, held))["status"] == "expired"
    assert (await town.get(f"/v1/orders/{held['order_no']}")).json()["status"] == "expired"


async def test_a_void_of_an_expired_hold_answers_expired(town: City) -> None:
    held = await town.hold()
    await lapse(town, held)

    for answer in (await void(town, held), await void(town, held)):
        assert (answer.status_code, answer.json()["status"]) == (200, "expired")
    await town.assert_books_balance()


async def test_a_refund_of_an_expired_hold_is_refused(town: City) -> None:
    held = await town.hold()
    await lapse(town, held)
    assert_refused(await refund(town, held), 409, "checkout_expired")


async def test_an_expired_hold_stands_in_nobodys_way(town: City) -> None:
    buyer, line = town.person(), town.line(FRIDGE)
    held = await town.hold(line, person=buyer)
    await lapse(town, held)

    again = await town.hold(line, person=buyer)

    assert again["consumer"]["cap_remaining_fen"] == 1_400_000
    await town.assert_books_balance()


async def test_a_late_capture_takes_the_quota_again_at_the_holds_amounts(town: City) -> None:
    buyer = town.person()
    held = await town.hold(town.line(FRIDGE, 500_000), person=buyer)
    await lapse(town, held)
    await town.hold(town.line(SOFA, 100_000), person=buyer)

    answer = await capture(town, held)

    assert answer.status_code == 200
    captured = answer.json()
    assert captured["status"] == "captured"
    assert captured | {"status": "held", "captured_at": None, "expires_at": held["expires_at"]} == held
    assert (await declined(town, town.line(FRIDGE), person=buyer))["reason"] == "category_limit_reached"
    assert assert_replayed(await capture(town, held)) == captured
    assert [act["act"] for act in (await read(town, held))["history"]] == ["hold", "expire", "capture"]
    await town.assert_books_balance()


async def test_a_late_capture_whose_count_is_taken_is_refused_and_may_be_tried_again(town: City) -> None:
    buyer = town.person()
    held = await town.hold(town.line(FRIDGE, line_no=1), town.line(SOFA, 100_000, 2), person=buyer)
    await lapse(town, held)
    other = await town.hold(town.line(FRIDGE), person=buyer)

    assert_refused(await capture(town, held), 409, "hold_expired", retryable=True)
    assert (await read(town, held))["status"] == "expired"
    await void(town, other)
    assert (await capture(town, held)).json()["status"] == "captured"
    await town.assert_books_balance()


async def test_a_late_capture_whose_serial_number_is_sold_is_refused(town: City) -> None:
    line = town.line(SOFA)
    held = await town.hold(line)
    await lapse(town, held)
    await town.hold(line)

    assert_refused(await capture(town, held), 409, "hold_expired", retryable=True)


async def test_a_late_capture_beyond_the_cap_is_refused_whole(town: City) -> None:
    buyer = town.person()
    held = await town.hold(town.line(TILES, 2_000_000, quantity=2), person=buyer)
    await lapse(town, held)
    await town.buy(town.line(TILES, 2_000_000, quantity=6), person=buyer)

    assert_refused(await capture(town, held), 409, "hold_expired", retryable=True)
    await town.assert_books_balance()


async def test_a_late_capture_of_some_lines_takes_only_theirs(town: City) -> None:
    buyer = town.person()
    held = await town.hold(town.line(FRIDGE, line_no=1), town.line(SOFA, 100_000, 2), person=buyer)
    await lapse(town, held)
    await town.hold(town.line(FRIDGE), person=buyer)

    captured = (await capture(town, held, {"line_nos": [2]})).json()

    assert [line["outcome"] for line in captured["lines"]] == ["released", "granted"]
    assert captured["subsidy_fen"] == 15_000
    await town.assert_books_balance()


@pytest.mark.asyncio(loop_scope="function")
async def test_a_late_capture_that_the_fund_cannot_pay_is_refused(city: City) -> None:
    held = await city.hold(city.line(FRIDGE, 500_000))
    await lapse(city, held)
    body = {"adjustment_no": "A-1", "amount_fen": -10_000_000_00, "reason": "收回"}
    answer = await city.post("/v1/pools/appliance/adjustments", body, key="operator")

    # what a lapsed hold still had is available
    assert answer.status_code == 201, answer.text
    assert_refused(await capture(city, held), 409, "hold_expired", retryable=True)
    await city.fund("appliance", 99_999)
    assert_refused(await capture(city, held), 409, "hold_expired", retryable=True)
    await city.fund("appliance", 1)
    assert (await capture(city, held)).json()["subsidy_fen"] == 100_000
    await city.assert_books_balance()


@pytest.mark.asyncio(loop_scope="function")
async def test_a_pause_does_not_stop_a_late_capture(city: City) -> None:
    held = await city.hold()
    await lapse(city, held)
    await city.call("PUT", "/v1/programmes/appliance/switch", {"state": "paused", "reason": "暂停"}, key="operator")

    assert (await capture(city, held)).json()["status"] == "captured"
