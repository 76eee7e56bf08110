"""The world's twin in PostgreSQL: the same goods and rules, driven through the engine's batches."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
from typing_extensions import override

from app.domain.book.rows import Product
from app.domain.checkout import Checkout, RefundMade
from app.domain.commands import Command, Expire, Restore
from app.domain.outcomes import CheckoutStands, Outcome, RefundStands
from app.domain.rules import Rules
from app.engine.batch import BatchRunner, Result
from app.engine.failures import Broken, CommandFailed
from app.engine.observer import Silent
from app.store.book import reads
from app.store.book.rows import checkouts_of
from app.store.database import Database
from tests.book.builders import an_id
from tests.book.streams import ComeDue, Event, Lapse
from tests.book.world import LONG_AGO, consumer_id_of
from tests.conftest import FreshDatabase, driver_url

HOME_LANES = (60, 8)


class Watching(Silent):
    """Why batches were run again."""

    def __init__(self) -> None:
        self.causes: Counter[str] = Counter()

    @override
    def ran_again(self, cause: str) -> None:
        self.causes[cause] += 1


class NeverBroken(BatchRunner):
    """A batch may be taken apart because it lacked rows again and again, never to find a command to blame."""

    @override
    async def _apart(self, commands: Sequence[Command], failure: CommandFailed) -> list[Result]:
        if isinstance(failure, Broken):
            raise AssertionError(f"a batch of {len(commands)} broke") from failure
        return await super()._apart(commands, failure)


@dataclass
class Twin:
    """`rules` are set by the test; each runner draws on home stripes of its own."""

    database: Database
    owner: asyncpg.Connection
    rules: Rules
    observer: Watching = field(default_factory=Watching)
    people: dict[str, str] = field(default_factory=dict)
    made: int = 0

    def __post_init__(self) -> None:
        self.runners = [
            NeverBroken(self.database, self._rules, lane, self._new_consumer_ids, self.observer) for lane in HOME_LANES
        ]

    async def _rules(self) -> Rules:
        return self.rules

    def _new_consumer_ids(self, count: int) -> list[str]:
        self.made += count
        return [an_id("cn_", number, HOME_LANES[0]) for number in range(self.made - count, self.made)]

    async def run(self, commands: Sequence[Command], runner: int = 0) -> list[Outcome]:
        """The outcomes of one batch; none may fail."""
        results = await self.runners[runner].run(commands)
        failed = [(c, r) for c, r in zip(commands, results, strict=True) if isinstance(r, CommandFailed)]
        assert failed == []
        rows = await self.owner.fetch("SELECT consumer_id, digest FROM lijian.consumer")
        self.people = {row["consumer_id"]: consumer_id_of(row["digest"]) for row in rows}
        return [outcome for outcome in results if not isinstance(outcome, CommandFailed)]

    async def take(self, event: Event) -> None:
        """What an event means to rows; rules are the test's."""
        if isinstance(event, Lapse):
            await self.owner.execute(
                "UPDATE lijian.checkout SET expires_at = $2 WHERE checkout_id = $1", event.checkout_id, LONG_AGO
            )
        if isinstance(event, ComeDue):
            await self.owner.execute(
                "UPDATE lijian.refund SET restore_at = $2 WHERE refund_id = $1", event.refund_id, LONG_AGO
            )

    async def settle(self) -> None:
        holds = await self.owner.fetch(
            "SELECT lane, checkout_id FROM lijian.checkout WHERE status = 'held' AND expires_at <= now()"
        )
        refunds = await self.owner.fetch(
            "SELECT lane, refund_id FROM lijian.refund WHERE restored_at IS NULL AND restore_at <= now()"
        )
        await self.run([*(Expire(*row) for row in holds), *(Restore(*row) for row in refunds)])

    # --- reading back ------------------------------------------------------------------------------------------

    async def checkouts(self) -> dict[str, Checkout]:
        keys = [tuple(row) for row in await self.owner.fetch("SELECT lane, checkout_id FROM lijian.checkout")]
        return checkouts_of(await reads.checkouts(self.owner, keys), await reads.lines(self.owner, keys))

    async def refunds(self) -> dict[str, RefundMade]:
        keys = [tuple(row) for row in await self.owner.fetch("SELECT lane, refund_id FROM lijian.refund")]
        return await reads.refunds(self.owner, keys) if keys else {}

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.owner.fetch(statement)]

    def plain(self, outcome: Outcome) -> Outcome:
        """An outcome in the world's words: people by digest, and of instants only whether they are there."""
        if isinstance(outcome, CheckoutStands):
            return outcome._replace(checkout=self.plain_checkout(outcome.checkout))
        if isinstance(outcome, RefundStands):
            return outcome._replace(refund=self.plain_refund(outcome.refund))
        return outcome

    def plain_checkout(self, checkout: Checkout) -> Checkout:
        return checkout._replace(
            consumer_id=self.people.get(checkout.consumer_id, checkout.consumer_id),
            created_at=LONG_AGO,
            expires_at=only_whether(checkout.expires_at),
            captured_at=only_whether(checkout.captured_at),
        )

    def plain_refund(self, made: RefundMade) -> RefundMade:
        return made._replace(
            consumer_id=self.people.get(made.consumer_id, made.consumer_id),
            created_at=LONG_AGO,
            restore_at=only_whether(made.restore_at),
            restored_at=only_whether(made.restored_at),
        )


def only_whether(instant: datetime | None) -> datetime | None:
    return None if instant is None else LONG_AGO


@asynccontextmanager
async def a_twin(fresh: FreshDatabase, products: Sequence[Product], rules: Rules) -> AsyncIterator[Twin]:
    owner = await asyncpg.connect(driver_url(fresh.owner_url))
    await owner.executemany(
        """
        INSERT INTO lijian.product
            (gtin, category, grade, filed_price_fen, serialised, cellular, brand, model, name, updated_at, change)
        VALUES ($1, $2, $3, $4, $5, $6, '', '', '', now(), 0)
        """,
        products,
    )
    database = Database(fresh.service_url)
    try:
        yield Twin(database, owner, rules)
    finally:
        await database.close()
        await owner.close()
