"""Refunds: by unit with the floor rule, by price, once for each number, never more than was captured."""

from itertools import permutations

import pytest

from tests.checkout.steps import ask, assert_refused, assert_replayed, declined, read, refund, void
from tests.city import E_BIKE, FRIDGE, SOFA, TILES, City

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFUND_FIELDS = {
    "refund_id",
    "refund_no",
    "checkout_id",
    "status",
    "subsidy_returned_fen",
    "consumer_refund_fen",
    "lines",
}


async def test_a_whole_line_comes_back(town: City) -> None:
    bought = await town.buy(town.line(FRIDGE, 899_900))

    answer = await refund(town, bought, refund_no="R-0001", reason="returned")

    assert answer.status_code == 201
    made = answer.json()
    assert set(made) >= REFUND_FIELDS
    assert made["refund_id"].startswith("re_")
    assert (made["refund_no"], made["checkout_id"], made["status"]) == ("R-0001", bought["checkout_id"], "succeeded")
    assert (made["subsidy_returned_fen"], made["consumer_refund_fen"]) == (179_980, 719_920)
    assert made["lines"] == [
        {"line_no": 1, "quantity": 1, "subsidy_returned_fen": 179_980, "consumer_refund_fen": 719_920}
    ]
    story = await read(town, bought)
    assert (story["status"], story["refunded_fen"], story["lines"][0]["refunded_fen"]) == ("refunded", 179_980, 179_980)
    assert story["refunds"] == [made]


@pytest.mark.parametrize("order", sorted(set(permutations((1, 1, 2, 3)))))
async def test_any_order_of_refunds_ends_exact(town: City, order: tuple[int, ...]) -> None:
    """After S·k/7 rounded down for every k, the last unit brings what is left of S."""
    buyer = town.person()
    await town.buy(town.line(TILES, 2_000_000, quantity=6), person=buyer)
    await town.buy(town.line(TILES, 1_499_990), person=buyer)
    bought = await town.buy(town.line(TILES, 2_000_000, quantity=7), person=buyer)
    subsidy_fen = bought["subsidy_fen"]
    assert subsidy_fen % 7 != 0

    units = returned_fen = paid_back_fen = 0
    for quantity in order:
        made = (await refund(town, bought, {"line_no": 1, "quantity": quantity})).json()
        units += quantity
        returned_fen += made["subsidy_returned_fen"]
        paid_back_fen += made["consumer_refund_fen"]
        assert returned_fen == subsidy_fen * units // 7
        assert paid_back_fen == units * 2_000_000 - returned_fen
        assert (await read(town, bought))["refunded_fen"] == returned_fen
    assert (returned_fen, paid_back_fen) == (subsidy_fen, bought["payable_fen"])
    assert (await read(town, bought))["status"] == "refunded"


async def test_several_lines_come_back_in_one_refund(town: City) -> None:
    bought = await town.buy(town.line(FRIDGE, 500_000, 1), town.line(TILES, 10_000, 2, quantity=4))

    made = (await refund(town, bought, {"line_no": 2, "quantity": 3}, {"line_no": 1, "quantity": 1})).json()

    assert [line["line_no"] for line in made["lines"]] == [1, 2]
    assert made["subsidy_returned_fen"] == 4_500 + 100_000
    assert made["consumer_refund_fen"] == 25_500 + 400_000
    assert (await read(town, bought))["status"] == "partially_refunded"


async def test_a_repeated_refund_answers_as_the_first_did(town: City) -> None:
    bought = await town.buy(town.line(TILES, 10_000, quantity=4))
    first = await refund(town, bought, refund_no="R-again")

    again = await refund(town, bought, refund_no="R-again")

    assert assert_replayed(again) == first.json()
    by_order = await town.post(
        f"/v1/orders/{bought['order_no']}/refunds", {"refund_no": "R-again", "lines": [{"line_no": 1, "quantity": 1}]}
    )
    assert assert_replayed(by_order) == first.json()
    assert (await read(town, bought))["refunded_fen"] == 1_500


async def test_a_refund_of_everything_is_replayed_though_nothing_is_left(town: City) -> None:
    bought = await town.buy()
    first = (await refund(town, bought, refund_no="R-all")).json()

    assert assert_replayed(await refund(town, bought, refund_no="R-all")) == first


async def test_another_refund_under_the_same_number_is_refused(town: City) -> None:
    bought = await town.buy(town.line(TILES, 10_000, 1, quantity=4), town.line(TILES, 10_000, 2))
    other = await town.buy(town.line(TILES, 10_000, quantity=4))
    await refund(town, bought, refund_no="R-once", reason="returned")

    for line, reason in (
        ({"line_no": 1, "quantity": 2}, "returned"),
        ({"line_no": 2, "quantity": 1}, "returned"),
        ({"line_no": 1, "new_price_fen": 9_000}, "returned"),
        ({"line_no": 1, "quantity": 1}, "broken"),
    ):
        answer = await refund(town, bought, line, refund_no="R-once", reason=reason)
        assert_refused(answer, 409, "refund_no_reused")
    answer = await refund(town, other, refund_no="R-once", reason="returned")
    assert_refused(answer, 409, "refund_no_reused")


async def test_a_refund_number_is_the_merchants_own(town: City) -> None:
    mine = await town.buy()
    theirs = await ask(town, town.basket(capture=True), key="second")
    await refund(town, mine, refund_no="R-shared")

    answer = await town.post(
        f"/v1/checkouts/{theirs['checkout_id']}/refunds",
        {"refund_no": "R-shared", "lines": [{"line_no": 1, "quantity": 1}]},
        key="second",
    )

    assert answer.status_code == 201


async def test_more_than_is_left_is_refused_also_when_nothing_is_left(town: City) -> None:
    bought = await town.buy(town.line(TILES, 10_000, quantity=3))
    await refund(town, bought)
    before = await read(town, bought)

    assert_refused(await refund(town, bought, {"line_no": 1, "quantity": 3}), 409, "refund_exceeds_capture")
    assert await read(town, bought) == before
    await refund(town, bought, {"line_no": 1, "quantity": 2})
    for line in ({"line_no": 1, "quantity": 1}, {"line_no": 1, "new_price_fen": 9_000}):
        assert_refused(await refund(town, bought, line), 409, "refund_exceeds_capture")
    await town.assert_books_balance()


async def test_a_refused_refund_does_not_use_up_its_number_and_changes_no_line(town: City) -> None:
    bought = await town.buy(town.line(TILES, 10_000, 1), town.line(TILES, 10_000, 2))

    both = ({"line_no": 1, "quantity": 1}, {"line_no": 2, "quantity": 2})
    assert_refused(await refund(town, bought, *both, refund_no="R-retry"), 409, "refund_exceeds_capture")

    assert (await read(town, bought))["refunded_fen"] == 0
    assert (await refund(town, bought, refund_no="R-retry")).status_code == 201


async def test_a_line_that_carries_no_subsidy_has_none_to_give_back(town: City) -> None:
    bought = await town.buy(town.line(FRIDGE, line_no=1), town.line(FRIDGE, line_no=2))

    assert_refused(await refund(town, bought, {"line_no": 2, "quantity": 1}), 409, "refund_exceeds_capture")


async def test_an_unknown_line_is_refused_by_its_place(town: City) -> None:
    bought = await town.buy()

    problem = assert_refused(await refund(town, bought, {"line_no": 5, "quantity": 1}), 422, "line_not_found")

    assert [fault["pointer"] for fault in problem["errors"]] == ["/lines/0/line_no"]


@pytest.mark.parametrize(
    "line",
    [
        {"line_no": 1},
        {"line_no": 1, "quantity": 1, "new_price_fen": 5_000},
        {"line_no": 1, "quantity": 0},
        {"line_no": 1, "quantity": -1},
        {"line_no": 1, "new_price_fen": 0},
        {"line_no": 1, "quantity": "1"},
        {"line_no": 1, "quantity": 1.0},
    ],
)
async def test_a_refund_line_states_units_or_a_price(town: City, line: dict[str, int]) -> None:
    bought = await town.buy()
    assert_refused(await refund(town, bought, line), 422, "invalid_field")


async def test_a_line_is_named_once_in_a_refund(town: City) -> None:
    bought = await town.buy(town.line(TILES, 10_000, quantity=3))
    twice = ({"line_no": 1, "quantity": 1}, {"line_no": 1, "quantity": 1})
    assert_refused(await refund(town, bought, *twice), 422, "invalid_field")


async def test_a_refund_before_its_capture_is_refused_by_the_state_it_meets(town: City) -> None:
    held, voided = await town.hold(), await town.hold()
    await void(town, voided)

    assert_refused(await refund(town, held), 409, "checkout_held")
    assert_refused(await refund(town, voided), 409, "checkout_voided")


async def test_a_refund_of_an_unknown_or_only_declined_order_may_be_tried_again(town: City) -> None:
    refused = await ask(town, town.basket(town.line("6901234567892")))
    body = {"refund_no": "R-unknown", "lines": [{"line_no": 1, "quantity": 1}]}

    for path in (
        "orders/never-seen-either",
        f"orders/{refused['order_no']}",
        f"checkouts/{refused['checkout_id']}",
        "checkouts/co_" + "0" * 28,
    ):
        assert_refused(await town.post(f"/v1/{path}/refunds", body), 404, "not_found", retryable=True)


async def test_a_full_refund_frees_the_serial_number_and_the_count(town: City) -> None:
    buyer, line = town.person(), town.line(FRIDGE)
    bought = await town.buy(line, person=buyer)
    await refund(town, bought)

    again = await town.buy(line, person=buyer)

    assert again["consumer"]["cap_remaining_fen"] == 1_400_000
    await town.assert_books_balance()


async def test_a_refund_goes_back_to_the_fund(town: City) -> None:
    bought = await town.buy(town.line(FRIDGE, 500_000))
    before = await town.pool()

    await refund(town, bought)

    after = await town.pool()
    assert after["available_fen"] == before["available_fen"] + 100_000
    assert after["spent_fen"] == before["spent_fen"] - 100_000
    assert after["budget_fen"] == before["budget_fen"]


# --- price protection ---------------------------------------------------------------------------------------------


async def test_a_lower_price_keeps_only_what_it_earns(town: City) -> None:
    bought = await town.buy(town.line(FRIDGE, 899_900))

    answer = await refund(town, bought, {"line_no": 1, "new_price_fen": 799_900})

    assert answer.status_code == 201
    made = answer.json()
    assert (made["subsidy_returned_fen"], made["consumer_refund_fen"]) == (20_000, 80_000)
    assert made["lines"] == [
        {"line_no": 1, "new_price_fen": 799_900, "subsidy_returned_fen": 20_000, "consumer_refund_fen": 80_000}
    ]
    story = await read(town, bought)
    assert (story["status"], story["refunded_fen"]) == ("partially_refunded", 20_000)
    assert story["lines"][0]["price_fen"] == 899_900
    await town.assert_books_balance()


async def test_a_lower_price_above_the_item_cap_returns_no_subsidy(town: City) -> None:
    bought = await town.buy(town.line(FRIDGE, 2_000_000))

    made = (await refund(town, bought, {"line_no": 1, "new_price_fen": 1_500_000})).json()

    assert (made["subsidy_returned_fen"], made["consumer_refund_fen"]) == (0, 500_000)


async def test_a_reduced_line_keeps_its_subsidy_while_the_new_price_earns_more(town: City) -> None:
    buyer = town.person()
    await town.buy(town.line(TILES, 2_000_000, quantity=7), person=buyer)
    bought = await town.buy(town.line(SOFA, 2_000_000), person=buyer)
    assert bought["subsidy_fen"] == 100_000

    first = (await refund(town, bought, {"line_no": 1, "new_price_fen": 1_000_000})).json()
    assert (first["subsidy_returned_fen"], first["consumer_refund_fen"]) == (0, 1_000_000)
    second = (await refund(town, bought, {"line_no": 1, "new_price_fen": 500_000})).json()
    assert (second["subsidy_returned_fen"], second["consumer_refund_fen"]) == (25_000, 475_000)


async def test_price_protection_and_then_the_goods_come_back(town: City) -> None:
    bought = await town.buy(town.line(TILES, 10_001, quantity=3))
    assert bought["subsidy_fen"] == 4_500

    protected = (await refund(town, bought, {"line_no": 1, "new_price_fen": 9_001})).json()
    assert (protected["subsidy_returned_fen"], protected["consumer_refund_fen"]) == (450, 2_550)
    one = (await refund(town, bought, {"line_no": 1, "quantity": 1})).json()
    assert (one["subsidy_returned_fen"], one["consumer_refund_fen"]) == (1_350, 7_651)
    rest = (await refund(town, bought, {"line_no": 1, "quantity": 2})).json()
    assert (rest["subsidy_returned_fen"], rest["consumer_refund_fen"]) == (2_700, 15_302)

    story = await read(town, bought)
    assert (story["status"], story["refunded_fen"]) == ("refunded", 4_500)
    paid_back = sum(made["consumer_refund_fen"] for made in story["refunds"])
    assert paid_back == bought["payable_fen"]
    await town.assert_books_balance()


async def test_units_already_back_are_not_protected(town: City) -> None:
    bought = await town.buy(town.line(TILES, 10_000, quantity=4))
    await refund(town, bought, {"line_no": 1, "quantity": 3})

    made = (await refund(town, bought, {"line_no": 1, "new_price_fen": 8_000})).json()

    assert (made["subsidy_returned_fen"], made["consumer_refund_fen"]) == (300, 1_700)


@pytest.mark.parametrize("new_price_fen", [500_000, 500_001])
async def test_a_price_that_does_not_fall_protects_nothing(town: City, new_price_fen: int) -> None:
    bought = await town.buy(town.line(FRIDGE, 500_000))

    problem = assert_refused(
        await refund(town, bought, {"line_no": 1, "new_price_fen": new_price_fen}), 422, "invalid_field"
    )
    assert [fault["pointer"] for fault in problem["errors"]] == ["/lines/0/new_price_fen"]


async def test_price_protection_keeps_the_bonus_of_an_e_bike(town: City) -> None:
    trade_in = {"category": "E01", "battery": "lithium"}
    bought = await town.buy(town.line(E_BIKE, 200_000, trade_in=trade_in))
    assert bought["subsidy_fen"] == 50_000

    made = (await refund(town, bought, {"line_no": 1, "new_price_fen": 150_000})).json()

    assert (made["subsidy_returned_fen"], made["consumer_refund_fen"]) == (10_000, 40_000)


async def test_a_price_so_low_that_it_earns_nothing_frees_the_goods_and_the_count(town: City) -> None:
    buyer, line = town.person(), town.line(FRIDGE, 500_000)
    bought = await town.buy(line, person=buyer)

    made = (await refund(town, bought, {"line_no": 1, "new_price_fen": 1})).json()

    assert (made["subsidy_returned_fen"], made["consumer_refund_fen"]) == (100_000, 399_999)
    assert (await read(town, bought))["status"] == "refunded"
    assert (await town.hold(line, person=buyer))["subsidy_fen"] == 100_000
    await town.assert_books_balance()


async def test_a_refund_leaves_the_count_of_units_that_stay(town: City) -> None:
    buyer = town.person()
    bought = await town.buy(town.line(FRIDGE, 500_000), person=buyer)
    await refund(town, bought, {"line_no": 1, "new_price_fen": 400_000})

    assert (await declined(town, town.line(FRIDGE), person=buyer))["reason"] == "category_limit_reached"
