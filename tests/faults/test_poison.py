"""A command that breaks its batch is found by halving: its caller gets the error, the others their answers."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from app.domain.book.acts.expire import expire
from app.domain.book.acts.hold import hold
from app.domain.book.book import ACTS, Book
from app.domain.commands import Expire, Hold
from app.domain.outcomes import CheckoutStands, Outcome
from app.engine import engine
from tests.races.rivals import Rivals, granted_fen, statuses

Spoil = Callable[[Book, CheckoutStands], object]


def raise_a_bug(book: Book, outcome: CheckoutStands) -> None:
    raise KeyError("a bug of ours")


def break_a_check(book: Book, outcome: CheckoutStands) -> None:
    checkout = outcome.checkout
    book.checkouts[checkout.checkout_id] = checkout._replace(total_fen=1)


def break_a_key(book: Book, outcome: CheckoutStands) -> None:
    book.journal.record(book.journal.acts[-1])


def break_a_type(book: Book, outcome: CheckoutStands) -> None:
    checkout = outcome.checkout
    book.checkouts[checkout.checkout_id] = checkout._replace(total_fen=2**70)


@pytest.mark.parametrize("spoil", [raise_a_bug, break_a_check, break_a_key, break_a_type])
async def test_one_of_twenty_is_poisonous(lone: Rivals, monkeypatch: pytest.MonkeyPatch, spoil: Spoil) -> None:
    # Halving takes its time on a loaded machine; what is tested is who gets which answer, not how soon.
    monkeypatch.setattr(engine, "WAIT_SECONDS_MAX", 60.0)
    sizes: list[int] = []
    taken = lone.city.app.state.metrics.batch_taken

    def measured(size: int, waited_seconds: list[float]) -> None:
        sizes.append(size)
        taken(size, waited_seconds)

    monkeypatch.setattr(lone.city.app.state.metrics, "batch_taken", measured)

    def spoiled(book: Book, command: Hold) -> Outcome:
        outcome = hold(book, command)
        if command.order_no == "POISON":
            assert isinstance(outcome, CheckoutStands)
            spoil(book, outcome)
        return outcome

    monkeypatch.setitem(ACTS, Hold, spoiled)
    city = lone.city
    baskets: list[dict[str, Any]] = [city.basket() for _ in range(20)]
    baskets[12]["order_no"] = "POISON"

    async with lone.gate("consumer_quota"):
        first = asyncio.create_task(city.post("/v1/checkouts", city.basket()))
        await lone.until_waiting(1)
        sent = [asyncio.create_task(city.post("/v1/checkouts", basket)) for basket in baskets]
        await asyncio.sleep(0.2)
    answers = [await first, *await asyncio.gather(*sent)]

    assert max(sizes) == 20
    assert statuses(answers) == {201: 20, 500: 1}
    assert answers[13].json()["code"] == "internal_error"
    assert granted_fen(answers) == (await city.pool())["held_fen"] == 20 * 100_000
    await city.assert_books_balance()


async def test_a_lapsed_hold_that_cannot_be_expired_keeps_nobody_from_a_decision(
    lone: Rivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = lone.city
    await city.fund("ebike", -1_000_000_000)
    left_fen = (await city.pool())["available_fen"] - 250_000
    body = {"adjustment_no": "TAKE", "amount_fen": -left_fen, "reason": "back"}
    await city.post("/v1/pools/appliance/adjustments", body, key="operator")
    cursed, other = await city.hold(), await city.hold()
    await lone.lapse(cursed["checkout_id"], other["checkout_id"])

    def stuck(book: Book, command: Expire) -> Outcome:
        if command.checkout_id == cursed["checkout_id"]:
            raise KeyError("a bug of ours")
        return expire(book, command)

    monkeypatch.setitem(ACTS, Expire, stuck)

    answers = [await city.post("/v1/checkouts", city.basket()) for _ in range(3)]

    assert [answer.json()["subsidy_fen"] for answer in answers] == [100_000, 50_000, 0]
    await city.assert_books_balance()
