"""A batch lets in what is already at the door, and waits for nobody else."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from app.domain.commands import Expire
from app.domain.outcomes import Nothing, Outcome
from app.engine.engine import Queue
from app.engine.failures import CommandFailed
from app.engine.observer import Silent


@asynccontextmanager
async def a_queue(batches: list[list[str]], *, batch_max: int = 128) -> AsyncIterator[Queue[Expire]]:
    """Its slot notes the batches it is given; each takes a moment, as PostgreSQL would."""

    async def run(commands: Sequence[Expire]) -> Sequence[Outcome | CommandFailed]:
        batches.append([command.checkout_id for command in commands])
        await asyncio.sleep(0.01)
        return [Nothing()] * len(commands)

    queue = Queue(run, Silent(), slots=1, batch_max=batch_max)
    queue.start()
    try:
        yield queue
    finally:
        await queue.stop()


async def arrive_after(turns: int, queue: Queue[Expire], checkout_id: str) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)
    await queue.submit(Expire(0, checkout_id), None)


async def test_what_arrives_in_neighbouring_turns_of_the_loop_is_one_batch():
    batches: list[list[str]] = []
    async with a_queue(batches) as queue:
        await asyncio.gather(*(arrive_after(turns, queue, f"co_{turns}") for turns in range(6)))

    assert batches == [[f"co_{turns}" for turns in range(6)]]


async def test_a_lone_command_does_not_wait_for_company():
    batches: list[list[str]] = []
    async with a_queue(batches) as queue:
        alone = asyncio.create_task(queue.submit(Expire(0, "co_alone"), None))
        for _ in range(10):
            await asyncio.sleep(0)
        began = list(batches)
        await alone

    assert began == [["co_alone"]]


async def test_those_whose_batch_has_ended_share_the_next_with_those_who_waited():
    batches: list[list[str]] = []
    async with a_queue(batches) as queue:

        async def till(name: str, delay_seconds: float) -> None:
            await asyncio.sleep(delay_seconds)
            for number in range(3):
                await queue.submit(Expire(0, f"{name}{number}"), None)

        await asyncio.gather(till("a", 0), till("b", 0.005))

    assert [sorted(batch) for batch in batches] == [["a0"], ["a1", "b0"], ["a2", "b1"], ["b2"]]


async def test_a_full_batch_starts_at_once():
    batches: list[list[str]] = []
    async with a_queue(batches, batch_max=2) as queue:
        await asyncio.gather(*(queue.submit(Expire(0, f"co_{number}"), None) for number in range(5)))

    assert [len(batch) for batch in batches] == [2, 2, 1]
