"""Giving back is as racy as taking: fifty refunds of one line return it once."""

from tests.city import TILES
from tests.races.rivals import Rivals, codes, same, statuses
from tests.races.scenes import PLENTY_FEN


async def sold_tiles(rivals: Rivals, quantity: int, price_fen: int = 9_999) -> dict[str, object]:
    await rivals.spread("home", [PLENTY_FEN])
    return await rivals.city.buy(rivals.city.line(TILES, price_fen, quantity=quantity))


async def test_one_refund_sent_fifty_times_returns_once(rivals: Rivals) -> None:
    sale = await sold_tiles(rivals, 3)
    refund = {"refund_no": "R-1", "lines": [{"line_no": 1, "quantity": 2}], "reason": "returned"}

    answers = await rivals.all_at_once([(f"/v1/checkouts/{sale['checkout_id']}/refunds", refund)] * 50)

    assert statuses(answers) == {201: 1, 200: 49}
    assert len(same(answers, "refund_id")) == 1
    returned_fen = answers[0].json()["subsidy_returned_fen"]
    assert same(answers, "subsidy_returned_fen") == {returned_fen}
    assert (await rivals.city.pool("home"))["spent_fen"] == sale["subsidy_fen"] - returned_fen
    await rivals.city.assert_books_balance()


async def test_fifty_refunds_of_a_line_of_seven_return_seven_units_and_every_fen(rivals: Rivals) -> None:
    sale = await sold_tiles(rivals, 7)
    path = f"/v1/checkouts/{sale['checkout_id']}/refunds"
    one = {"lines": [{"line_no": 1, "quantity": 1}], "reason": "returned"}

    answers = await rivals.all_at_once([(path, {"refund_no": f"R-{i}", **one}) for i in range(50)])

    assert statuses(answers) == {201: 7, 409: 43}
    assert codes(answers) == {None: 7, "refund_exceeds_capture": 43}
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert sum(refund["subsidy_returned_fen"] for refund in made) == sale["subsidy_fen"]
    paid_fen = sum(refund["consumer_refund_fen"] + refund["subsidy_returned_fen"] for refund in made)
    assert paid_fen == sale["total_fen"]
    pool = await rivals.city.pool("home")
    assert (pool["spent_fen"], pool["available_fen"]) == (0, PLENTY_FEN)
    await rivals.city.assert_books_balance()


async def test_a_return_against_a_price_protection_never_gives_back_more_than_was_spent(rivals: Rivals) -> None:
    sale = await sold_tiles(rivals, 4, 10_000)
    path = f"/v1/checkouts/{sale['checkout_id']}/refunds"
    lower = {"lines": [{"line_no": 1, "new_price_fen": 5_000}], "reason": "price"}
    back = {"lines": [{"line_no": 1, "quantity": 2}], "reason": "returned"}
    calls = [(path, {"refund_no": f"P-{i}", **lower}) for i in range(5)]
    calls += [(path, {"refund_no": f"Q-{i}", **back}) for i in range(5)]

    answers = await rivals.all_at_once(calls)

    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert sum(refund["subsidy_returned_fen"] for refund in made) == sale["subsidy_fen"]
    assert (await rivals.city.pool("home"))["spent_fen"] == 0
    assert set(statuses(answers)) <= {201, 409, 422}
    await rivals.city.assert_books_balance()


async def test_one_refund_number_for_two_sales_belongs_to_one(rivals: Rivals) -> None:
    first = await sold_tiles(rivals, 1)
    second = await rivals.city.buy(rivals.city.line(TILES, 9_999, quantity=1))
    refund = {"refund_no": "R", "lines": [{"line_no": 1, "quantity": 1}], "reason": "returned"}

    answers = await rivals.all_at_once(
        [(f"/v1/checkouts/{sale['checkout_id']}/refunds", refund) for sale in (first, second)]
    )

    assert sorted(codes(answers), key=str) == [None, "refund_no_reused"]
    await rivals.city.assert_books_balance()
