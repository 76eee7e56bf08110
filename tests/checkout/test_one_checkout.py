"""One checkout, end to end, and what its answers say."""

from tests.city import FRIDGE, City


async def test_a_hold_reserves_what_the_basket_earns(city: City) -> None:
    basket = city.basket(city.line(FRIDGE, 899_900))

    answer = await city.post("/v1/checkouts", basket)

    assert answer.status_code == 201, answer.text
    held = answer.json()
    assert held["status"] == "held"
    assert (held["total_fen"], held["subsidy_fen"], held["payable_fen"]) == (899_900, 179_980, 719_920)
    assert held["consumer"]["cap_remaining_fen"] == 1_320_020
    (line,) = held["lines"]
    assert line["gtin"] == FRIDGE
    assert (line["programme"], line["category"], line["grade"], line["rate_bps"]) == ("appliance", "A01", 1, 2000)
    assert (line["outcome"], line["reason"], line["limited_by"]) == ("granted", None, None)
    assert "20%" in line["explanation"]["zh"]
    assert (await city.pool())["held_fen"] == 179_980
    await city.assert_books_balance()


async def test_quote_hold_capture_refund(city: City) -> None:
    basket = city.basket(city.line(FRIDGE, 899_900))

    quoted = (await city.post("/v1/quotes", basket)).json()
    assert (quoted["status"], quoted["subsidy_fen"], quoted["checkout_id"]) == ("quoted", 179_980, None)
    held = (await city.post("/v1/checkouts", basket)).json()
    captured = (await city.post(f"/v1/checkouts/{held['checkout_id']}/capture")).json()
    assert captured["status"] == "captured"
    assert captured["captured_at"] is not None
    refund = {"refund_no": "R-1", "lines": [{"line_no": 1, "quantity": 1}], "reason": "returned"}
    refunded = await city.post(f"/v1/checkouts/{held['checkout_id']}/refunds", refund)
    assert refunded.status_code == 201, refunded.text
    assert refunded.json()["subsidy_returned_fen"] == 179_980
    assert refunded.json()["consumer_refund_fen"] == 719_920

    story = (await city.get(f"/v1/checkouts/{held['checkout_id']}")).json()
    assert story["status"] == "refunded"
    assert story["refunded_fen"] == 179_980
    assert [entry["act"] for entry in story["history"]] == ["hold", "capture", "refund"]
    pool = await city.pool()
    assert (pool["held_fen"], pool["spent_fen"]) == (0, 0)
    await city.assert_books_balance()
