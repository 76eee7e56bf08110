"""POST /v1/checkouts: what a till is told when something is held, captured at once, or declined."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.checkout.steps import ask, assert_refused, assert_said, declined, read
from tests.city import FRIDGE, TILES, WASHER, City

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHECKOUT_FIELDS = {
    "checkout_id",
    "order_no",
    "status",
    "policy",
    "policy_version",
    "total_fen",
    "subsidy_fen",
    "payable_fen",
    "created_at",
    "expires_at",
    "captured_at",
    "refunded_fen",
    "lines",
    "consumer",
}
LINE_FIELDS = {
    "line_no",
    "gtin",
    "programme",
    "category",
    "grade",
    "price_fen",
    "quantity",
    "rate_bps",
    "entitled_fen",
    "subsidy_fen",
    "payable_fen",
    "refunded_fen",
    "outcome",
    "reason",
    "limited_by",
    "explanation",
}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00").fullmatch


async def test_the_answer_to_a_hold_has_the_contracts_shape(town: City) -> None:
    basket = town.basket(town.line(FRIDGE, 899_900), store_id="S001", till_id="01")
    basket["consumer"]["name"] = "张三"

    answer = await town.post("/v1/checkouts", basket)

    assert answer.status_code == 201
    held = answer.json()
    assert set(held) == CHECKOUT_FIELDS
    assert held["checkout_id"].startswith("co_")
    assert held["order_no"] == basket["order_no"]
    assert (held["policy"], held["policy_version"]) == ("changchun-2025", 1)
    assert (held["captured_at"], held["refunded_fen"]) == (None, 0)
    (line,) = held["lines"]
    assert set(line) == LINE_FIELDS
    assert_said(line["explanation"])
    assert answer.headers["location"] == f"/v1/checkouts/{held['checkout_id']}"
    assert "idempotent-replayed" not in answer.headers


async def test_a_hold_stands_for_900_seconds_by_the_clock_of_china(town: City) -> None:
    held = await town.hold()

    assert INSTANT(held["created_at"])
    assert INSTANT(held["expires_at"])
    created_at, expires_at = (datetime.fromisoformat(held[name]) for name in ("created_at", "expires_at"))
    assert expires_at - created_at == timedelta(seconds=900)


async def test_capture_true_holds_and_spends_in_one_step(town: City) -> None:
    before = await town.pool()

    answer = await town.post("/v1/checkouts", town.basket(town.line(FRIDGE, 899_900), capture=True))

    assert answer.status_code == 201
    bought = answer.json()
    assert bought["status"] == "captured"
    assert INSTANT(bought["captured_at"])
    after = await town.pool()
    assert after["spent_fen"] - before["spent_fen"] == 179_980
    assert after["held_fen"] == before["held_fen"]
    assert [act["act"] for act in (await read(town, bought))["history"]] == ["hold", "capture"]


async def test_line_amounts_cover_all_units_and_round_by_the_unit(town: City) -> None:
    held = await town.hold(town.line(TILES, 3_333, quantity=7))

    (line,) = held["lines"]
    assert line["entitled_fen"] == 7 * 500
    assert line["subsidy_fen"] == 7 * 500
    assert line["payable_fen"] == 7 * (3_333 - 500)
    assert held["total_fen"] == 7 * 3_333


async def test_a_basket_sums_its_lines(town: City) -> None:
    held = await town.hold(
        town.line(FRIDGE, 500_000, 1), town.line(WASHER, 300_000, 2), town.line(TILES, 10_000, 7, quantity=3)
    )

    assert [line["line_no"] for line in held["lines"]] == [1, 2, 7]
    assert held["total_fen"] == 830_000
    assert held["subsidy_fen"] == sum(line["subsidy_fen"] for line in held["lines"]) == 100_000 + 60_000 + 4_500
    assert held["payable_fen"] == held["total_fen"] - held["subsidy_fen"]


async def test_a_basket_granted_in_part_is_held_for_that_part(town: City) -> None:
    held = await town.hold(town.line(FRIDGE, 500_000, 1), town.line(FRIDGE, 500_000, 2))

    assert held["status"] == "held"
    assert [line["outcome"] for line in held["lines"]] == ["granted", "declined"]
    assert held["lines"][1]["reason"] == "category_limit_reached"
    assert held["subsidy_fen"] == 100_000


async def test_a_decline_is_an_answer_with_the_full_shape(town: City) -> None:
    basket = town.basket(town.line("6901234567892"))

    answer = await town.post("/v1/checkouts", basket)

    assert answer.status_code == 200
    refused = answer.json()
    assert set(refused) == CHECKOUT_FIELDS
    assert (refused["status"], refused["subsidy_fen"], refused["expires_at"]) == ("declined", 0, None)
    assert refused["payable_fen"] == refused["total_fen"] == 500_000
    (line,) = refused["lines"]
    assert set(line) == LINE_FIELDS
    assert (line["outcome"], line["reason"]) == ("declined", "product_not_in_catalogue")
    assert_said(line["explanation"])


async def test_a_decline_is_recorded_and_readable_by_its_id_and_by_its_order(town: City) -> None:
    refused = await ask(town, town.basket(town.line("6901234567892")))

    by_id = await read(town, refused)
    by_order = (await town.get(f"/v1/orders/{refused['order_no']}")).json()

    assert by_id == by_order
    assert {name: by_id[name] for name in CHECKOUT_FIELDS} == refused
    assert [act["act"] for act in by_id["history"]] == ["decline"]


async def test_a_declined_attempt_does_not_use_up_its_order_number(town: City) -> None:
    basket = town.basket(town.line("6901234567892"))
    refused = await ask(town, basket)

    again = await ask(town, basket | {"lines": [town.line(FRIDGE)]})

    assert again["status"] == "held"
    assert again["checkout_id"] != refused["checkout_id"]
    assert (await read(town, refused))["status"] == "declined"
    assert (await town.get(f"/v1/orders/{basket['order_no']}")).json()["checkout_id"] == again["checkout_id"]


async def test_a_declined_basket_leaves_no_trace_in_the_money(town: City) -> None:
    before = await town.pool()
    buyer, serial_no = town.person(), town.serial_no()

    await declined(town, town.line(FRIDGE, 1, serial_no=serial_no), person=buyer)

    assert await town.pool() == before
    again = await town.hold(town.line(FRIDGE, 500_000, serial_no=serial_no), person=buyer)
    assert again["consumer"]["cap_remaining_fen"] == 1_400_000
    await town.assert_books_balance()


async def test_an_order_number_belongs_to_one_merchant_only(town: City) -> None:
    basket = town.basket()
    first = await ask(town, basket)

    second = await ask(town, basket | {"lines": [town.line(WASHER)]}, key="second")

    assert first["checkout_id"] != second["checkout_id"]


@pytest.mark.parametrize("order_no", ["a", "A-z_0-9" * 9, "0" * 64])
async def test_an_order_number_has_1_to_64_letters_digits_hyphens_and_underscores(town: City, order_no: str) -> None:
    assert (await town.hold(order_no=order_no))["order_no"] == order_no


@pytest.mark.parametrize("order_no", ["", "0" * 65, "a b", "a/b", "订单", "a\n", "a.b", "１２", None, 7])
async def test_any_other_order_number_is_refused(town: City, order_no: Any) -> None:
    answer = await town.post("/v1/checkouts", town.basket() | {"order_no": order_no})

    problem = assert_refused(answer, 422, "invalid_field")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/order_no"]


async def test_only_goods_without_serial_numbers_are_sold_by_quantity(town: City) -> None:
    answer = await town.post("/v1/checkouts", town.basket(town.line(FRIDGE, quantity=2)))

    problem = assert_refused(answer, 422, "invalid_field")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/lines/0/quantity"]


async def test_a_line_number_names_one_line(town: City) -> None:
    answer = await town.post("/v1/checkouts", town.basket(town.line(FRIDGE), town.line(WASHER)))

    problem = assert_refused(answer, 422, "invalid_field")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/lines/1/line_no"]


async def test_a_hundred_lines_are_taken_and_one_more_refused(town: City) -> None:
    lines = [town.line(TILES, 1_000, number) for number in range(1, 102)]

    assert len((await town.hold(*lines[:100]))["lines"]) == 100
    answer = await town.post("/v1/checkouts", town.basket(*lines))
    problem = assert_refused(answer, 422, "invalid_field")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/lines"]


@pytest.mark.parametrize("channel", ["in_store", "online"])
async def test_a_sale_is_made_in_a_store_or_online(town: City, channel: str) -> None:
    assert (await read(town, await town.hold(channel=channel)))["channel"] == channel
