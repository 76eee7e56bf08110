"""Capture against void against expiry: one of them happens, and everybody is told which."""

import asyncio

import pytest

from tests.city import FRIDGE, SOFA
from tests.races.rivals import Rivals, codes, same, statuses
from tests.races.scenes import PLENTY_FEN


async def test_captures_and_voids_of_one_instant_end_in_one_state(rivals: Rivals) -> None:
    await rivals.spread("appliance", [PLENTY_FEN])
    held = await rivals.city.hold()
    path = f"/v1/checkouts/{held['checkout_id']}"

    answers = await rivals.all_at_once([(f"{path}/{('capture', 'void')[i % 2]}", None) for i in range(40)])

    assert statuses(answers) == {200: 20, 409: 20}
    (state,) = same([a for a in answers if a.status_code == 200], "status")
    assert codes(answers) == {None: 20, f"checkout_{state}": 20}
    pool = await rivals.city.pool()
    assert (pool["held_fen"], pool["spent_fen"]) == (0, 100_000 if state == "captured" else 0)
    await rivals.city.assert_books_balance()


@pytest.mark.parametrize("round_no", range(3))
async def test_captures_and_voids_at_the_very_instant_of_expiry(rivals: Rivals, round_no: int) -> None:
    """Eight engines' worth of calls are spread over the 60 ms around the end of the hold."""
    await rivals.spread("appliance", [PLENTY_FEN])
    held = await rivals.city.hold()
    path = f"/v1/checkouts/{held['checkout_id']}"
    await rivals.lapse_in(0.05 + round_no * 0.01, held["checkout_id"])

    async def later(number: int) -> object:
        await asyncio.sleep(0.02 + number * 0.002)
        return await rivals.post(number, f"{path}/{('capture', 'void')[(number + round_no) % 2]}")

    await asyncio.gather(*(later(number) for number in range(30)))

    story = (await rivals.city.get(path)).json()
    assert story["status"] in {"captured", "voided", "expired"}
    acts = [entry["act"] for entry in story["history"]]
    assert acts in (["hold", "capture"], ["hold", "void"], ["hold", "expire"], ["hold", "expire", "capture"])
    pool = await rivals.city.pool()
    assert (pool["held_fen"], pool["spent_fen"]) == (0, 100_000 if story["status"] == "captured" else 0)
    await rivals.city.assert_books_balance()


async def test_forty_late_captures_take_the_quota_again_once(rivals: Rivals) -> None:
    await rivals.spread("appliance", [PLENTY_FEN])
    held = await rivals.city.hold()
    await rivals.lapse(held["checkout_id"])

    answers = await rivals.all_at_once([(f"/v1/checkouts/{held['checkout_id']}/capture", None)] * 40)

    assert statuses(answers) == {200: 40}
    assert same(answers, "status") == {"captured"}
    assert (await rivals.city.pool())["spent_fen"] == 100_000
    await rivals.city.assert_books_balance()


async def test_a_late_capture_and_a_new_hold_cannot_both_have_the_category(rivals: Rivals) -> None:
    await rivals.spread("appliance", [PLENTY_FEN])
    city, person = rivals.city, rivals.city.person()
    held = await city.hold(city.line(FRIDGE), person=person)
    await rivals.lapse(held["checkout_id"])

    capture, hold = await rivals.all_at_once(
        [(f"/v1/checkouts/{held['checkout_id']}/capture", None), ("/v1/checkouts", city.basket(person=person))]
    )

    if capture.status_code == 200:
        assert hold.json()["lines"][0]["reason"] == "category_limit_reached"
    else:
        assert (capture.status_code, capture.json()["code"]) == (409, "hold_expired")
        assert hold.status_code == 201
    await city.assert_books_balance()


async def test_late_captures_of_the_last_of_a_pool_take_it_once(rivals: Rivals) -> None:
    await rivals.spread("appliance", [100_000])
    first = await rivals.city.hold()
    await rivals.lapse(first["checkout_id"])
    second = await rivals.city.hold()
    await rivals.lapse(second["checkout_id"])

    answers = await rivals.all_at_once(
        [(f"/v1/checkouts/{held['checkout_id']}/capture", None) for held in (first, second) * 10]
    )

    assert statuses(answers) == {200: 10, 409: 10}
    assert codes(answers) == {None: 10, "hold_expired": 10}
    pool = await rivals.city.pool()
    assert (pool["available_fen"], pool["spent_fen"]) == (0, 100_000)
    await rivals.city.assert_books_balance()


async def test_many_acts_on_many_checkouts_in_every_order_do_not_block_one_another(rivals: Rivals) -> None:
    """Six people's holds, each touched by every engine in another order: no batch is lost, no answer is 5xx."""
    await rivals.spread("home", [PLENTY_FEN])
    city = rivals.city
    people = [city.person() for _ in range(6)]
    held = [await city.hold(city.line(SOFA, 100_000), person=person) for person in people]
    calls: list[tuple[str, object]] = []
    for turn in range(8):
        order = held[turn % 6 :] + held[: turn % 6]
        for checkout, person in zip(order if turn % 2 else order[::-1], people, strict=True):
            calls.append((f"/v1/checkouts/{checkout['checkout_id']}/{('capture', 'void')[turn % 2]}", None))
            calls.append(("/v1/checkouts", city.basket(city.line(SOFA, 100_000), person=person)))

    answers = await rivals.all_at_once(calls)

    assert set(statuses(answers)) <= {200, 201, 409}
    await city.assert_books_balance()
