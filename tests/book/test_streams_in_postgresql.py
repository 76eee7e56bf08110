"""The same stream of commands, one by one in memory and in batches through PostgreSQL: the same outcomes, the same
end, and books that balance. Each instant is its own world's; holds are made to lapse in both at once."""

import random
from collections import Counter
from datetime import UTC, datetime

import pytest

from app.domain.commands import Command
from app.domain.outcomes import CheckoutStands, Outcome, RefundStands
from app.domain.rules import Switch
from app.store.invariants import differences
from tests.book.builders import a_hold, a_line
from tests.book.market import Market, bent_market, shipped_market
from tests.book.postgres import HOME_LANES, Twin, a_twin
from tests.book.streams import Event, Step, Stream, Throw, take
from tests.book.test_streams import SEED
from tests.book.world import Money, World
from tests.conftest import FreshDatabase

STEPS = 450
BATCH_MAX = 40
PAUSED_FOR_ONE_HOLD: tuple[Step, ...] = (
    Throw("plain", Switch("paused", "a reason")),
    a_hold([a_line(bent_market().product("P1").gtin, 100_000)], order_no="paused", number=10**9),
    Throw("plain", None),
)


class Pair:
    """A world and its twin in PostgreSQL. A batch of the twin is run when it is full or an event interrupts it."""

    def __init__(self, world: World, twin: Twin, rng: random.Random) -> None:
        self.world, self.twin, self.rng = world, twin, rng
        self.waiting: list[Command] = []
        self.foretold: list[Outcome] = []
        self.batch_max = 1

    async def take(self, step: Step) -> None:
        if isinstance(step, Event):
            await self.flush()
            take(self.world, step)
            await self.twin.take(step)
            return
        self.waiting.append(step)
        self.foretold += self.world.run(step)
        if len(self.waiting) >= self.batch_max:
            await self.flush()

    async def flush(self) -> None:
        self.twin.rules = self.world.rules
        commands, foretold = self.waiting, self.foretold
        self.waiting, self.foretold = [], []
        self.batch_max = self.rng.randint(1, self.rng.choice((3, BATCH_MAX)))
        if not commands:
            return
        outcomes = await self.twin.run(commands, self.rng.randrange(len(HOME_LANES)))
        for command, expected, outcome in zip(commands, foretold, outcomes, strict=True):
            assert self.twin.plain(outcome) == self.twin.plain(expected), f"{command} in a batch of {len(commands)}"

    async def assert_ended_alike(self) -> None:
        await self.flush()
        self.world.settle()
        await self.twin.settle()
        world, twin = self.world, self.twin
        checkouts, refunds = await twin.checkouts(), await twin.refunds()
        assert {i: twin.plain_checkout(c) for i, c in checkouts.items()} == {
            i: twin.plain_checkout(c) for i, c in world.checkouts.items()
        }
        assert {i: twin.plain_refund(r) for i, r in refunds.items()} == {
            i: twin.plain_refund(r) for i, r in world.refunds.items()
        }
        await self._assert_counters_alike()
        await self._assert_numbers_alike()
        await self._assert_ledgers_alike()
        _, counts, found = await differences(twin.owner)
        assert found == []
        assert len(counts) > 5
        assert set(twin.observer.causes) <= {"missing"}

    async def _assert_counters_alike(self) -> None:
        quotas = await self.twin.rows(
            "SELECT consumer_id, quota, held_fen, used_fen, cap_fen, held_units, used_units, cap_units"
            " FROM lijian.consumer_quota"
        )
        assert {(self.twin.people[person], name): tuple(figures) for person, name, *figures in quotas} == {
            key: (q.held_fen, q.used_fen, q.cap_fen, q.held_units, q.used_units, q.cap_units)
            for key, q in self.world.quotas.items()
        }
        pools = await self.twin.rows(
            "SELECT pool, sum(budget_fen)::bigint, sum(available_fen)::bigint, sum(held_fen)::bigint,"
            " sum(spent_fen)::bigint FROM lijian.fund_stripe GROUP BY pool"
        )
        assert {pool: Money(*figures) for pool, *figures in pools} == {
            pool: self.world.money(pool) for pool in self.world.market.pools
        }

    async def _assert_numbers_alike(self) -> None:
        image = self.world.image()
        items = await self.twin.rows("SELECT * FROM lijian.item_claim WHERE checkout_id IS NOT NULL")
        assert {row[0]: row[1:] for row in items} == {i: c[:3] for i, c in image["items"].items()}
        orders = await self.twin.rows("SELECT * FROM lijian.order_number WHERE state <> 'free' OR lane IS NOT NULL")
        assert {row[:2]: row[2:] for row in orders} == image["orders"]
        numbers = await self.twin.rows("SELECT * FROM lijian.refund_number WHERE refund_id IS NOT NULL")
        assert {row[:2]: row[2:] for row in numbers} == image["refund numbers"]
        adjustments = await self.twin.rows("SELECT * FROM lijian.adjustment_number WHERE pool IS NOT NULL")
        assert {row[0]: row[1:5] for row in adjustments} == {n: made[:4] for n, made in image["adjustments"].items()}

    async def _assert_ledgers_alike(self) -> None:
        acts = await self.twin.rows("SELECT act_id, kind, checkout_id, refund_id, amount_fen FROM lijian.act")
        assert Counter(acts) == Counter(
            (act.act_id, act.kind, act.checkout_id, act.refund_id, act.amount_fen) for act in self.world.acts
        )
        entries = await self.twin.rows(
            "SELECT act_id, entry_no, account, pool, checkout_id, line_no, amount_fen, quota_fen, quota_units"
            " FROM lijian.ledger_entry"
        )
        assert Counter(entries) == Counter(tuple(entry[1:-1]) for entry in self.world.entries)


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("market", [bent_market(), shipped_market()], ids=["bent", "shipped"])
async def test_a_stream_ends_alike_in_memory_and_in_postgresql(database: FreshDatabase, market: Market, number: int):
    world = World(market, instant=datetime.now(UTC))
    stream = Stream(market, SEED + number, moves_clock=False)
    async with a_twin(database, market.products, world.rules) as twin:
        pair = Pair(world, twin, random.Random(SEED + number))
        try:
            for opening in stream.opening():
                await pair.take(opening)
            for _ in range(STEPS):
                await pair.take(stream.next(world))
            await pair.assert_ended_alike()
        except BaseException as failure:
            failure.add_note(f"seed {SEED + number}")
            raise


async def test_every_field_is_read_back_as_it_was_decided(database: FreshDatabase):
    """To the instant. What a refund changed in its checkout is compared at the end of the streams."""
    market = bent_market()
    world, stream = World(market), Stream(market, SEED, moves_clock=False)
    async with a_twin(database, market.products, world.rules) as twin:
        checkouts, refunds = {}, {}
        await twin.run(list(stream.opening()))
        for step in (*PAUSED_FOR_ONE_HOLD, *(stream.next(world) for _ in range(250))):
            if isinstance(step, Event):
                take(world, step)
                twin.rules = world.rules
                continue
            world.run(step)
            (outcome,) = await twin.run([step])
            if isinstance(outcome, CheckoutStands):
                checkouts[outcome.checkout.checkout_id] = outcome.checkout
            if isinstance(outcome, RefundStands):
                refunds[outcome.refund.refund_id] = outcome.refund
                checkouts.pop(outcome.refund.checkout_id, None)

        read = await twin.checkouts()
        assert {checkout_id: read[checkout_id] for checkout_id in checkouts} == checkouts
        assert await twin.refunds() == refunds
        every_line = [line for checkout in checkouts.values() for line in checkout.lines]
        later = {name for name in every_line[0]._fields if name.startswith(("protected_", "refunded_"))}
        for name in set(every_line[0]._fields) - later:
            assert len({getattr(line, name) for line in every_line}) > 1, f"{name} never varied"
