"""Capture and void: what a hold becomes, once and for good."""

import pytest

from tests.checkout.steps import (
    ask,
    assert_refused,
    assert_replayed,
    capture,
    declined,
    read,
    refund,
    void,
)
from tests.city import FRIDGE, SOFA, TILES, WASHER, City

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_capture_turns_the_hold_into_spending(town: City) -> None:
    held = await town.hold(town.line(FRIDGE, 500_000))
    before = await town.pool()

    answer = await capture(town, held)

    assert answer.status_code == 200
    captured = answer.json()
    assert captured["captured_at"] is not None
    assert captured | {"captured_at": None} == held | {"status": "captured"}
    after = await town.pool()
    assert (after["held_fen"], after["spent_fen"]) == (before["held_fen"] - 100_000, before["spent_fen"] + 100_000)


async def test_a_repeated_capture_answers_as_the_first_did(town: City) -> None:
    held = await town.hold()
    first = (await capture(town, held)).json()
    before = await town.pool()

    assert assert_replayed(await capture(town, held)) == first
    assert assert_replayed(await capture(town, held, {})) == first
    assert assert_replayed(await capture(town, held, {"line_nos": [1]})) == first
    assert assert_replayed(await town.post(f"/v1/orders/{held['order_no']}/capture")) == first
    assert await town.pool() == before


async def test_a_repeated_void_answers_as_the_first_did(town: City) -> None:
    held = await town.hold()
    first = await void(town, held)
    assert first.status_code == 200
    assert first.json() == held | {"status": "voided"}
    before = await town.pool()

    assert assert_replayed(await void(town, held)) == first.json()
    assert assert_replayed(await town.post(f"/v1/orders/{held['order_no']}/void", {})) == first.json()
    assert await town.pool() == before


async def test_opposite_acts_are_refused_by_the_state_they_meet(town: City) -> None:
    captured, voided, refunded, partly = [await town.hold(town.line(TILES, 10_000, quantity=2)) for _ in range(4)]
    await void(town, voided)
    for checkout in (captured, refunded, partly):
        await capture(town, checkout)
    await refund(town, refunded, {"line_no": 1, "quantity": 2})
    await refund(town, partly)

    assert_refused(await void(town, captured), 409, "checkout_captured")
    assert_refused(await capture(town, voided), 409, "checkout_voided")
    assert_refused(await void(town, refunded), 409, "checkout_refunded")
    assert_refused(await void(town, partly), 409, "checkout_refunded")
    for by_order in ("capture", "void"):
        checkout = voided if by_order == "capture" else refunded
        answer = await town.post(f"/v1/orders/{checkout['order_no']}/{by_order}")
        assert answer.status_code == 409
    await town.assert_books_balance()


async def test_a_capture_after_a_refund_still_answers_as_the_first_did(town: City) -> None:
    bought = await town.buy()
    await refund(town, bought)

    again = assert_replayed(await capture(town, bought))

    assert (again["status"], again["captured_at"]) == ("refunded", bought["captured_at"])


async def test_some_lines_are_captured_and_the_others_let_go(town: City) -> None:
    buyer, serial_no = town.person(), town.serial_no()
    held = await town.hold(
        town.line(FRIDGE, 500_000, 1, serial_no=serial_no), town.line(SOFA, 100_000, 2), person=buyer
    )

    captured = (await capture(town, held, {"line_nos": [2]})).json()

    assert captured["status"] == "captured"
    assert [line["outcome"] for line in captured["lines"]] == ["released", "granted"]
    assert (captured["lines"][0]["subsidy_fen"], captured["lines"][0]["payable_fen"]) == (0, 500_000)
    assert (captured["subsidy_fen"], captured["payable_fen"]) == (15_000, 585_000)
    again = await town.hold(town.line(FRIDGE, 500_000, serial_no=serial_no), person=buyer)
    assert again["consumer"]["cap_remaining_fen"] == 1_500_000 - 15_000 - 100_000
    await town.assert_books_balance()


async def test_capturing_another_set_later_is_refused(town: City) -> None:
    held = await town.hold(town.line(FRIDGE, line_no=1), town.line(SOFA, line_no=2), town.line(WASHER, line_no=3))
    first = (await capture(town, held, {"line_nos": [1, 3]})).json()

    for other in ([1], [2], [1, 2, 3], None):
        assert_refused(await capture(town, held, {"line_nos": other}), 409, "checkout_captured")
    assert assert_replayed(await capture(town, held, {"line_nos": [3, 1]})) == first


async def test_a_line_that_was_declined_may_be_named_in_a_capture(town: City) -> None:
    held = await town.hold(town.line(FRIDGE, line_no=1), town.line(FRIDGE, line_no=2), town.line(SOFA, line_no=3))

    captured = (await capture(town, held, {"line_nos": [1, 2]})).json()

    assert [line["outcome"] for line in captured["lines"]] == ["granted", "declined", "released"]
    assert assert_replayed(await capture(town, held, {"line_nos": [1]})) == captured


async def test_a_capture_of_no_granted_line_is_refused_and_changes_nothing(town: City) -> None:
    held = await town.hold(town.line(FRIDGE, line_no=1), town.line(FRIDGE, line_no=2))

    assert_refused(await capture(town, held, {"line_nos": [2]}), 422, "invalid_field")
    assert_refused(await capture(town, held, {"line_nos": []}), 422, "invalid_field")
    problem = assert_refused(await capture(town, held, {"line_nos": [1, 7]}), 422, "line_not_found")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/line_nos"]
    assert (await read(town, held))["status"] == "held"


async def test_a_capture_of_an_unknown_or_only_declined_order_may_be_tried_again(town: City) -> None:
    refused = await ask(town, town.basket(town.line("6901234567892")))

    for path in ("orders/never-seen", f"orders/{refused['order_no']}", f"checkouts/{refused['checkout_id']}"):
        assert_refused(await town.post(f"/v1/{path}/capture"), 404, "not_found", retryable=True)
    unknown = "co_" + "0" * 28
    assert_refused(await town.post(f"/v1/checkouts/{unknown}/capture"), 404, "not_found", retryable=True)
    assert_refused(await town.post("/v1/checkouts/nonsense/capture"), 404, "not_found", retryable=True)


async def test_a_void_of_an_order_never_seen_closes_its_number(town: City) -> None:
    basket = town.basket()
    order = f"/v1/orders/{basket['order_no']}"

    first = await town.post(f"{order}/void")

    assert first.status_code == 200
    assert (first.json()["status"], first.json()["checkout_id"]) == ("voided", None)
    assert assert_replayed(await town.post(f"{order}/void")) == first.json()
    assert_refused(await town.post("/v1/checkouts", basket), 409, "checkout_voided")
    assert (await town.get(order)).json() == first.json()
    assert_refused(await town.post(f"{order}/capture"), 409, "checkout_voided")


async def test_a_number_closed_by_one_merchant_is_open_to_another(town: City) -> None:
    basket = town.basket()
    await town.post(f"/v1/orders/{basket['order_no']}/void")

    answer = await town.post("/v1/checkouts", basket, key="second")

    assert answer.status_code == 201


async def test_a_void_of_a_declined_attempt_closes_its_number_too(town: City) -> None:
    basket = town.basket(town.line("6901234567892"))
    await ask(town, basket)

    answer = await town.post(f"/v1/orders/{basket['order_no']}/void")

    assert (answer.status_code, answer.json()["status"]) == (200, "voided")
    assert_refused(await town.post("/v1/checkouts", basket), 409, "checkout_voided")


async def test_a_void_of_an_unknown_id_is_not_found(town: City) -> None:
    for checkout_id in ("co_" + "0" * 28, "nonsense", "%00"):
        answer = await town.post(f"/v1/checkouts/{checkout_id}/void")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_what_is_voided_is_free_again(town: City) -> None:
    buyer, line = town.person(), town.line(FRIDGE)
    held = await town.hold(line, person=buyer)
    assert (await declined(town, town.line(FRIDGE), person=buyer))["reason"] == "category_limit_reached"
    before = await town.pool()

    await void(town, held)

    assert (await town.pool())["available_fen"] == before["available_fen"] + 100_000
    await town.hold(line, person=buyer)
    await town.assert_books_balance()


async def test_by_order_number_everything_works_as_by_id(town: City) -> None:
    held = await town.hold(town.line(TILES, 10_000, quantity=2))
    order = f"/v1/orders/{held['order_no']}"

    captured = await town.post(f"{order}/capture")
    assert captured.json()["checkout_id"] == held["checkout_id"]
    assert captured.json()["status"] == "captured"
    back = await town.post(
        f"{order}/refunds", {"refund_no": f"R-{held['order_no']}", "lines": [{"line_no": 1, "quantity": 1}]}
    )
    assert back.status_code == 201
    assert back.json()["checkout_id"] == held["checkout_id"]
    assert (await town.get(order)).json() == await read(town, held)
