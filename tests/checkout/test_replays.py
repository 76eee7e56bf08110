"""The order number is the idempotency key: the same order again, another order under its number."""

import asyncio
import json
from copy import deepcopy
from typing import Any

import pytest

from tests.checkout.steps import Answer, ask, assert_refused, assert_replayed, capture, lapse, refund, void
from tests.city import E_BIKE, FRIDGE, PHONE, SMART_LOCK, TILES, WASHER, City, a_person

pytestmark = pytest.mark.asyncio(loop_scope="module")


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) for c in text)


async def sent_raw(town: City, text: str) -> Any:
    headers = {"Authorization": f"Bearer {town.keys['merchant']}", "Content-Type": "application/json"}
    return await town.client.post("/v1/checkouts", content=text.encode(), headers=headers)


async def test_the_same_order_again_answers_the_same(town: City) -> None:
    basket = town.basket()
    first = await ask(town, basket)

    again = assert_replayed(await town.post("/v1/checkouts", basket))

    assert again == first


async def test_a_reserialised_retry_is_the_same_order(town: City) -> None:
    basket = town.basket(town.line(FRIDGE), store_id="S001")
    basket["consumer"]["name"] = "张三"
    first = await ask(town, basket)

    turned = {name: basket[name] for name in reversed(basket)}
    texts = (
        json.dumps(turned, indent=4, ensure_ascii=True),
        json.dumps(turned, separators=(",", ":"), ensure_ascii=False),
        json.dumps(turned).replace('"order_no"', '"\\u006frder_no"'),
    )
    for text in texts:
        assert assert_replayed(await sent_raw(town, text)) == first


async def test_stating_a_default_or_a_null_changes_nothing(town: City) -> None:
    basket = town.basket(town.line(FRIDGE))
    del basket["channel"]
    first = await ask(town, basket)

    stated = basket | {"channel": "in_store", "capture": False, "store_id": None, "till_id": None, "merchant_id": None}
    stated["lines"] = [
        basket["lines"][0] | {"quantity": 1, "imei": None, "imei2": None, "programme": None, "trade_in": None}
    ]
    stated["consumer"] = basket["consumer"] | {"name": None, "birth_date": None}
    assert assert_replayed(await town.post("/v1/checkouts", stated)) == first


async def test_every_spelling_of_a_number_is_the_same_order(town: City) -> None:
    born_in_order = next(a_person(n) for n in range(900_000, 901_000) if a_person(n).endswith("X"))
    basket = town.basket(town.line(PHONE, 500_000, serial_no="SN-ab12"), person=born_in_order)
    line = basket["lines"][0]
    imei = line["imei"]
    first = await ask(town, basket)

    for gtin in (f"0{PHONE}", full_width(PHONE), f" {PHONE} "):
        await _replays(town, basket, first, gtin=gtin)
    for spelt in (imei[:14], f"{imei[:14]}07", full_width(imei), f"{imei[:2]}-{imei[2:8]}-{imei[8:14]}-{imei[14]}"):
        await _replays(town, basket, first, imei=spelt)
    for serial_no in ("sn-AB12", " SN-ab12", "SN-AB 12", full_width("SN-AB12")):
        await _replays(town, basket, first, serial_no=serial_no)
    for id_number in (born_in_order.lower(), full_width(born_in_order), f" {born_in_order} "):
        spelt_basket = basket | {"consumer": basket["consumer"] | {"id_number": id_number}}
        assert assert_replayed(await town.post("/v1/checkouts", spelt_basket)) == first


async def _replays(town: City, basket: Answer, first: Answer, **spelt: str) -> None:
    again = basket | {"lines": [basket["lines"][0] | spelt]}
    assert assert_replayed(await town.post("/v1/checkouts", again)) == first, spelt


CHANGES: dict[str, Any] = {
    "store_id": lambda b: b | {"store_id": "S2"},
    "till_id": lambda b: b | {"till_id": "9"},
    "channel": lambda b: b | {"channel": "online"},
    "capture": lambda b: b | {"capture": True},
    "id_number": lambda b: b | {"consumer": b["consumer"] | {"id_number": a_person(777_777)}},
    "id_type": lambda b: b | {"consumer": {"id_type": "passport", "id_number": "E12345678"}},
    "name": lambda b: b | {"consumer": b["consumer"] | {"name": "李四"}},
    "one line less": lambda b: b | {"lines": b["lines"][:1]},
    "line_no": lambda b: _with_line(b, line_no=9),
    "gtin": lambda b: _with_line(b, gtin=WASHER),
    "serial_no": lambda b: _with_line(b, serial_no="SN-OTHER"),
    "no serial_no": lambda b: _with_line(b, serial_no=None),
    "imei": lambda b: _with_line(b, imei="490154203237518"),
    "imei2": lambda b: _with_line(b, imei2="358882046176540"),
    "price_fen": lambda b: _with_line(b, price_fen=499_999),
    "quantity": lambda b: _with_line(b, 1, quantity=2),
    "programme": lambda b: _with_line(b, programme="appliance"),
    "trade_in": lambda b: _with_line(b, trade_in={"category": "A01"}),
    "reference": lambda b: _with_line(b, trade_in={"category": "A01", "reference": "R2"}),
}


def _with_line(basket: Answer, index: int = 0, **changes: object) -> Answer:
    changed = deepcopy(basket)
    changed["lines"][index] |= changes
    return changed


@pytest.mark.parametrize("change", CHANGES)
async def test_anything_else_under_the_same_number_is_refused(town: City, change: str) -> None:
    basket = town.basket(town.line(FRIDGE), town.line(TILES, 10_000, 2))
    first = await ask(town, basket)

    answer = await town.post("/v1/checkouts", CHANGES[change](basket))

    assert_refused(answer, 409, "order_no_reused")
    assert assert_replayed(await town.post("/v1/checkouts", basket)) == first


async def test_a_changed_trade_in_is_another_order(town: City) -> None:
    basket = town.basket(town.line(E_BIKE, 300_000))
    await ask(town, basket)

    for trade_in in (
        {"category": "E01", "battery": "lithium", "reference": "RC-1"},
        {"category": "E01", "battery": "lead_acid", "reference": "RC-2"},
        {"category": "E01", "battery": "lead_acid"},
    ):
        answer = await town.post("/v1/checkouts", _with_line(basket, trade_in=trade_in))
        assert_refused(answer, 409, "order_no_reused")


async def test_a_replay_shows_the_present_state_and_the_amounts_of_the_hold(town: City) -> None:
    basket = town.basket(town.line(TILES, 10_000, quantity=4))
    first = await ask(town, basket)

    await capture(town, first)
    captured = assert_replayed(await town.post("/v1/checkouts", basket))
    assert captured["status"] == "captured"
    assert captured["captured_at"] is not None
    await refund(town, first, {"line_no": 1, "quantity": 1})
    refunded = assert_replayed(await town.post("/v1/checkouts", basket))
    assert (refunded["status"], refunded["refunded_fen"]) == ("partially_refunded", 1_500)
    present = ("status", "captured_at", "refunded_fen", "lines")
    assert {k: v for k, v in refunded.items() if k not in present} == {
        k: v for k, v in first.items() if k not in present
    }
    assert refunded["lines"][0] == first["lines"][0] | {"refunded_fen": 1_500}


async def test_a_replay_of_what_was_voided_says_so_and_holds_nothing(town: City) -> None:
    basket = town.basket()
    first = await ask(town, basket)
    await void(town, first)
    before = await town.pool()

    again = assert_replayed(await town.post("/v1/checkouts", basket))

    assert (again["checkout_id"], again["status"]) == (first["checkout_id"], "voided")
    assert await town.pool() == before


async def test_a_replay_of_what_expired_says_so_and_holds_nothing(town: City) -> None:
    basket = town.basket()
    first = await ask(town, basket)
    await lapse(town, first)

    again = assert_replayed(await town.post("/v1/checkouts", basket))

    assert (again["checkout_id"], again["status"]) == (first["checkout_id"], "expired")
    await town.assert_books_balance()


async def test_a_replay_does_not_ask_the_catalogue_or_the_limits_again(town: City) -> None:
    buyer = town.person()
    basket = town.basket(town.line(SMART_LOCK, 200_000), person=buyer)
    first = await ask(town, basket)
    await town.buy(town.line(FRIDGE, 2_000_000), person=buyer)

    assert assert_replayed(await town.post("/v1/checkouts", basket)) == first


async def test_a_replay_with_capture_spends_once(town: City) -> None:
    basket = town.basket(capture=True)
    before = await town.pool()

    answers = await asyncio.gather(*(town.post("/v1/checkouts", basket) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["checkout_id"] for answer in answers}) == 1
    assert {answer.json()["status"] for answer in answers} == {"captured"}
    assert (await town.pool())["spent_fen"] - before["spent_fen"] == 100_000
    await town.assert_books_balance()


async def test_a_gateway_and_the_merchants_own_till_replay_each_other(town: City) -> None:
    basket = town.basket()
    first = await ask(town, basket)

    in_body = await town.post("/v1/checkouts", basket | {"merchant_id": "M001"}, key="gateway")
    in_query = await town.post("/v1/checkouts", basket, key="gateway", params={"merchant_id": "M001"})

    assert assert_replayed(in_body) == first
    assert assert_replayed(in_query) == first
