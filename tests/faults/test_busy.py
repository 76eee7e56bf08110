"""Whoever cannot be served now is told to come again: 503 with Retry-After, never 500, never a decline."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest

from app.domain.commands import Expire
from app.domain.outcomes import Nothing, Outcome
from app.engine import engine
from app.engine.engine import Queue
from app.engine.failures import Busy, CommandFailed
from app.engine.observer import Silent
from app.store import database
from app.store.failures import Unavailable, classify
from app.store.unavailable import DATABASE_ERRORS, is_unavailable
from tests.city import a_city
from tests.races.rivals import Rivals, rivals_of, statuses


def assert_busy(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, "busy"), answer.text
    assert int(answer.headers["Retry-After"]) >= 1


# --- the queue ----------------------------------------------------------------------------------------------------


class Slot:
    """A slot that works when it is let."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.ran: list[str] = []

    async def run(self, commands: Sequence[Expire]) -> Sequence[Outcome | CommandFailed]:
        await self.go.wait()
        self.ran += [command.checkout_id for command in commands]
        return [Nothing()] * len(commands)


@asynccontextmanager
async def a_queue(slot: Slot) -> AsyncIterator[Queue[Expire]]:
    queue = Queue(slot.run, Silent(), slots=1)
    queue.start()
    try:
        yield queue
    finally:
        slot.go.set()
        await queue.stop()


async def still_there() -> bool:
    return False


async def gone() -> bool:
    return True


async def cannot_tell() -> bool:
    raise RuntimeError


async def test_who_waited_too_long_is_refused_even_while_every_slot_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "WAIT_SECONDS_MAX", 0.1)
    monkeypatch.setattr(engine, "SWEEP_SECONDS", 0.02)
    slot = Slot()
    async with a_queue(slot) as queue:
        taken = asyncio.create_task(queue.submit(Expire(1, "taken"), still_there))
        await asyncio.sleep(0.01)
        with pytest.raises(Busy):
            await queue.submit(Expire(1, "waiting"), still_there)
        slot.go.set()
        assert await taken == Nothing()
    assert slot.ran == ["taken"]


async def test_the_queue_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine.QUEUE_MAX >= 1_024
    monkeypatch.setattr(engine, "QUEUE_MAX", 3)
    slot = Slot()
    async with a_queue(slot) as queue:
        taken = asyncio.create_task(queue.submit(Expire(1, "taken"), still_there))
        await asyncio.sleep(0.01)
        waiting = [asyncio.create_task(queue.submit(Expire(1, str(i)), still_there)) for i in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await queue.submit(Expire(1, "too many"), still_there)
        slot.go.set()
        await asyncio.gather(taken, *waiting)
    assert slot.ran == ["taken", "0", "1", "2"]


async def test_a_command_whose_caller_has_gone_is_dropped_before_a_batch_takes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "PROBE_AFTER_SECONDS", 0.0)
    slot = Slot()
    async with a_queue(slot) as queue:
        first = asyncio.create_task(queue.submit(Expire(1, "first"), still_there))
        await asyncio.sleep(0.01)
        left = asyncio.create_task(queue.submit(Expire(1, "left"), gone))
        unclear = asyncio.create_task(queue.submit(Expire(1, "unclear"), cannot_tell))
        cancelled = asyncio.create_task(queue.submit(Expire(1, "cancelled"), still_there))
        await asyncio.sleep(0.01)
        cancelled.cancel()
        slot.go.set()
        async with asyncio.timeout(2):
            await asyncio.gather(first, unclear)
            with pytest.raises(Busy):
                await left
    assert slot.ran == ["first", "unclear"]


async def test_a_batch_that_cannot_even_begin_is_busy_not_broken() -> None:
    async def no_rules(_: Sequence[Expire]) -> Sequence[Outcome | CommandFailed]:
        raise Busy("registry unavailable")

    queue = Queue(no_rules, Silent(), slots=1)
    queue.start()
    async with asyncio.timeout(2):
        with pytest.raises(Busy):
            await queue.submit(Expire(1, "x"), None)
        await queue.stop()


async def test_a_stopping_queue_carries_out_what_it_took_and_takes_no_more() -> None:
    slot = Slot()
    async with a_queue(slot) as queue:
        taken = asyncio.create_task(queue.submit(Expire(1, "taken"), None))
        await asyncio.sleep(0.01)
        stopping = asyncio.create_task(queue.stop())
        await asyncio.sleep(0.01)
        with pytest.raises(Busy):
            await queue.submit(Expire(1, "late"), None)
        slot.go.set()
        await stopping
        assert await taken == Nothing()


# --- the database -------------------------------------------------------------------------------------------------


async def test_tills_that_wait_behind_a_stuck_batch_are_told_to_come_again(
    lone: Rivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WAIT_SECONDS_MAX", 0.3)
    city = lone.city
    async with lone.gate("consumer_quota"):
        first = asyncio.create_task(city.post("/v1/checkouts", city.basket()))
        await lone.until_waiting(1)
        refused = await asyncio.gather(*(city.post("/v1/checkouts", city.basket()) for _ in range(10)))
    for answer in refused:
        assert_busy(answer)
    assert (await first).status_code == 201
    assert (await city.pool())["held_fen"] == 100_000


@pytest.mark.parametrize("setting", ["lock_timeout", "statement_timeout"])
async def test_a_database_that_makes_wait_too_long_is_busy(
    database_url: str, owner_database_url: str, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setitem(database._MONEY, "lock_timeout", "0")
    monkeypatch.setitem(database._MONEY, setting, "100")
    async with a_city(database_url) as city, rivals_of(city, owner_database_url, 1) as lone:
        basket = city.basket()
        began = asyncio.get_running_loop().time()
        async with lone.gate("consumer_quota"):
            assert_busy(await city.post("/v1/checkouts", basket))
        assert asyncio.get_running_loop().time() - began < 5

        assert (await city.post("/v1/checkouts", basket)).status_code == 201
        await city.assert_books_balance()


async def test_a_lock_that_is_not_had_does_not_take_the_batch_apart(
    database_url: str, owner_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty baskets behind one lock wait for it once, not forty times."""
    monkeypatch.setitem(database._MONEY, "lock_timeout", "100")
    async with a_city(database_url) as city, rivals_of(city, owner_database_url, 1) as lone:
        baskets = [city.basket() for _ in range(40)]
        async with lone.gate("consumer_quota"):
            answers = await asyncio.gather(*(city.post("/v1/checkouts", basket) for basket in baskets))
        assert statuses(answers) == {503: 40}


async def test_without_free_connections_tills_are_told_to_come_again(lone: Rivals) -> None:
    city, basket = lone.city, lone.city.basket()
    name = await lone.owner.fetchval("SELECT current_database()")
    await lone.owner.execute(f"ALTER DATABASE {name} CONNECTION LIMIT 0")
    await lone.owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name LIKE 'lijian%'"
    )

    assert_busy(await city.post("/v1/checkouts", basket))
    assert_busy(await city.post("/v1/quotes", basket))

    await lone.owner.execute(f"ALTER DATABASE {name} CONNECTION LIMIT -1")
    async with asyncio.timeout(5):
        while (answer := await city.post("/v1/checkouts", basket)).status_code == 503:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert answer.status_code == 201
    await city.assert_books_balance()


async def test_sessions_that_were_killed_while_idle_are_replaced_unnoticed(lone: Rivals) -> None:
    """After a restart of the database nobody pays for the connections of before."""
    city = lone.city
    await asyncio.gather(*(city.get("/v1/pools", key="auditor") for _ in range(5)))
    await lone.owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name LIKE 'lijian%'"
    )
    await asyncio.sleep(0.1)

    answers = [await city.post("/v1/checkouts", city.basket()), await city.post("/v1/quotes", city.basket())]
    answers += await asyncio.gather(*(city.get("/v1/pools", key="auditor") for _ in range(5)))

    assert statuses(answers) == {201: 1, 200: 6}


async def test_a_session_killed_in_the_middle_of_a_batch_changes_nothing(lone: Rivals) -> None:
    city, basket = lone.city, lone.city.basket()
    async with lone.gate("consumer_quota"):
        answer = asyncio.create_task(city.post("/v1/checkouts", basket))
        await lone.until_waiting(1)
        await lone.owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'lijian money' AND wait_event_type = 'Lock'"
        )
        assert_busy(await answer)

    assert (await city.post("/v1/checkouts", basket)).status_code == 201
    assert (await city.pool())["held_fen"] == 100_000
    await city.assert_books_balance()


def test_a_driver_surprised_by_the_servers_last_words_is_a_lost_connection_not_a_bug() -> None:
    """Seen when a session is ended in the instant in which it is used again."""
    surprised = asyncpg.InternalClientError("got result for unknown protocol state 0")

    assert isinstance(surprised, DATABASE_ERRORS)
    assert is_unavailable(surprised)
    assert isinstance(classify(surprised), Unavailable)
