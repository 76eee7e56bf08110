"""Operators pause, block and suspend: it binds within a second, and what was held stays a promise."""

import asyncio
from typing import Any

from tests.checkout.steps import (
    Answer,
    ask,
    assert_refused,
    assert_replayed,
    assert_said,
    capture,
    declined,
    lapse,
    refund,
    void,
)
from tests.city import FRIDGE, SMART_LOCK, SOFA, TILES, City

BINDS_AFTER_SECONDS = 1.0


async def operate(city: City, method: str, path: str, body: object = None) -> Answer:
    """An operator's change, and the second after which it binds."""
    answer = await city.call(method, path, body, key="operator")
    assert answer.status_code in {200, 201}, answer.text
    await asyncio.sleep(BINDS_AFTER_SECONDS)
    return dict(answer.json())


async def pause(city: City, programme: str = "appliance", reason: str = "本期资金已用完") -> Answer:
    return await operate(city, "PUT", f"/v1/programmes/{programme}/switch", {"state": "paused", "reason": reason})


async def block(city: City, person: str, **more: Any) -> Answer:
    consumer = {"id_type": "resident_id", "id_number": person}
    return await operate(city, "POST", "/v1/consumers/blocks", {"consumer": consumer, "reason": "核查中"} | more)


async def three_holds(city: City, **more: Any) -> list[Answer]:
    holds = [await city.hold(city.line(SOFA, 100_000), **more) for _ in range(2)]
    return [*holds, await city.buy(city.line(SOFA, 100_000), **more)]


async def assert_promises_hold(city: City, to_capture: Answer, to_void: Answer, bought: Answer) -> None:
    assert (await capture(city, to_capture)).json()["status"] == "captured"
    assert (await void(city, to_void)).json()["status"] == "voided"
    assert (await refund(city, bought)).status_code == 201
    await city.assert_books_balance()


async def test_a_paused_programme_declines_with_the_operators_reason(city: City) -> None:
    await pause(city, reason="本期资金已用完，下期 3 月 1 日开始")

    line = await declined(city, city.line(FRIDGE, 500_000))
    assert (line["reason"], line["entitled_fen"], line["programme"]) == ("programme_paused", 0, "appliance")
    assert "本期资金已用完，下期 3 月 1 日开始" in line["explanation"]["zh"]
    quoted = (await city.post("/v1/quotes", city.basket())).json()["lines"][0]
    assert quoted["reason"] == "programme_paused"
    assert "本期资金已用完，下期 3 月 1 日开始" in quoted["explanation"]["zh"]
    assert_said(quoted["explanation"])


async def test_a_pause_stops_its_own_programme_only(city: City) -> None:
    await pause(city)

    await city.hold(city.line(SOFA, 100_000))
    (line,) = (await city.hold(city.line(SMART_LOCK, 100_000)))["lines"]
    assert (line["programme"], line["category"]) == ("home", "H28")


async def test_what_was_held_before_a_pause_is_a_promise(city: City) -> None:
    holds = await three_holds(city)
    await pause(city, "home")
    await assert_promises_hold(city, *holds)


async def test_a_programme_that_is_opened_again_sells_again(city: City) -> None:
    await pause(city)
    opened = await operate(city, "PUT", "/v1/programmes/appliance/switch", {"state": "open"})

    assert opened["state"] == "open"
    await city.hold()


async def test_a_blocked_consumer_is_declined_and_his_holds_stay_promises(city: City) -> None:
    buyer = city.person()
    holds = await three_holds(city, person=buyer)
    blocked = await block(city, buyer)
    assert blocked["block_id"].startswith("bl_")

    line = await declined(city, city.line(FRIDGE), person=buyer)
    assert line["reason"] == "consumer_blocked"
    await city.hold(city.line(FRIDGE), person=city.person())
    await assert_promises_hold(city, *holds)

    await operate(city, "DELETE", f"/v1/consumers/blocks/{blocked['block_id']}")
    await city.hold(city.line(FRIDGE), person=buyer)


async def test_a_block_meets_who_was_never_seen_before_in_every_spelling(city: City) -> None:
    await block(city, "11010519491231002x")

    line = await declined(city, city.line(FRIDGE), person=" 11010519491231002X ")
    assert line["reason"] == "consumer_blocked"


async def test_a_block_ends_at_its_instant(city: City) -> None:
    buyer = city.person()
    until = await city.execute(
        """SELECT to_char(now() AT TIME ZONE 'UTC' + interval '1500 ms', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
    )
    await block(city, buyer, until_at=until)
    assert (await declined(city, city.line(FRIDGE), person=buyer))["reason"] == "consumer_blocked"

    await asyncio.sleep(1)
    await city.hold(city.line(FRIDGE), person=buyer)


async def test_a_suspended_merchant_gets_nothing_new_and_his_holds_stay_promises(city: City) -> None:
    holds = await three_holds(city)
    suspended = await operate(city, "POST", "/v1/merchants/M001/suspend", {"reason": "发票核查中"})
    assert suspended["state"] == "suspended"

    for path in ("/v1/checkouts", "/v1/quotes"):
        assert_refused(await city.post(path, city.basket()), 403, "merchant_suspended")
        by_gateway = await city.post(path, city.basket(merchant_id="M001"), key="gateway")
        assert_refused(by_gateway, 403, "merchant_suspended")
    assert (await city.post("/v1/checkouts", city.basket(), key="second")).status_code == 201
    await assert_promises_hold(city, *holds)

    await operate(city, "POST", "/v1/merchants/M001/resume", {"reason": "核查完毕"})
    await city.hold()


async def test_a_suspended_merchants_retry_of_a_hold_that_stands_is_answered(city: City) -> None:
    basket, never_held = city.basket(), city.basket()
    held = await ask(city, basket)
    await city.post(f"/v1/orders/{never_held['order_no']}/void")
    await operate(city, "POST", "/v1/merchants/M001/suspend", {"reason": "发票核查中"})

    assert assert_replayed(await city.post("/v1/checkouts", basket)) == held
    changed = await city.post("/v1/checkouts", basket | {"till_id": "9"})
    assert_refused(changed, 409, "order_no_reused")
    assert_refused(await city.post("/v1/checkouts", never_held), 409, "checkout_voided")


async def test_a_suspended_merchants_retry_of_a_declined_attempt_is_a_new_hold(city: City) -> None:
    basket = city.basket(city.line("6901234567892"))
    await ask(city, basket)
    await operate(city, "POST", "/v1/merchants/M001/suspend", {"reason": "发票核查中"})

    assert_refused(await city.post("/v1/checkouts", basket), 403, "merchant_suspended")


async def test_a_late_capture_heeds_neither_block_nor_suspension(city: City) -> None:
    buyer = city.person()
    held = await city.hold(city.line(TILES, 10_000), person=buyer)
    await lapse(city, held)
    await block(city, buyer)
    await operate(city, "POST", "/v1/merchants/M001/suspend", {"reason": "核查"})

    assert (await capture(city, held)).json()["status"] == "captured"


async def test_goods_taken_out_of_reach_by_an_import_are_decided_anew_within_a_second(city: City) -> None:
    header = "gtin,category,brand,model,name,grade,filed_price_fen,serialised,cellular"
    answer = await city.client.post(
        "/v1/products/import",
        content=f"{header}\n{FRIDGE},A01,雪松,X1,冰箱,2,400000,true,false\n".encode(),
        headers={"Authorization": f"Bearer {city.keys['operator']}", "Content-Type": "text/csv"},
    )
    assert answer.json()["updated"] == 1
    await asyncio.sleep(BINDS_AFTER_SECONDS)

    assert (await city.hold(city.line(FRIDGE, 400_000)))["lines"][0]["rate_bps"] == 1500
    assert (await declined(city, city.line(FRIDGE, 400_001)))["reason"] == "price_above_filed_price"


async def test_a_revoked_key_works_no_longer_after_a_second_and_a_rotated_one_for_a_while(city: City) -> None:
    made = await operate(city, "POST", "/v1/merchants/M001/keys", {"client": "till 2"})
    city.keys["till 2"] = made["key"]
    assert (await city.post("/v1/checkouts", city.basket(), key="till 2")).status_code == 201

    rotated = await operate(city, "POST", f"/v1/keys/{made['key_id']}/rotate")
    city.keys["till 2 anew"] = rotated["key"]
    for key in ("till 2", "till 2 anew"):
        assert (await city.post("/v1/checkouts", city.basket(), key=key)).status_code == 201

    await operate(city, "DELETE", f"/v1/keys/{rotated['key_id']}")
    answer = await city.post("/v1/checkouts", city.basket(), key="till 2 anew")
    assert_refused(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
