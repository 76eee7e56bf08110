"""The book's statements find their rows by key, whatever the tables held when their plans were made."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest

from app.store import due
from app.store.book import locks, reads
from app.store.database import Database
from tests.conftest import FreshDatabase, driver_url

CITY = """
    INSERT INTO lijian.consumer (lane, consumer_id, digest, digest_key_id, created_at)
    SELECT 60, 'cn_' || n, sha256(n::text::bytea), 'k1', now() FROM generate_series(1, 3000) AS n;
    INSERT INTO lijian.checkout
        (lane, checkout_id, consumer_id, merchant_id, order_no, channel, status, policy, policy_version, total_fen,
         subsidy_fen, refunded_fen, created_at, expires_at)
    SELECT 60, 'co_' || n, 'cn_' || n, 'M001', 'O-' || n, 'in_store', 'held', 'p', 1, 100, 20, 0, now(),
           now() + interval '15 minutes'
    FROM generate_series(1, 3000) AS n;
"""

SETTLED = CITY.replace("'cn_'", "'cn_s'").replace("'co_'", "'co_s'").replace("'held'", "'captured'")
SETTLED = SETTLED.replace("n::text::bytea", "('s' || n)::bytea")

STANDING = {"checkout_lane_consumer_id_expires_at_idx", "refund_due_idx", "consumer_block_lane_consumer_id_idx"}

CONSUMERS = [(60, f"cn_{n}") for n in range(1, 15)]
CHECKOUTS = [(60, f"co_{n}") for n in range(1, 15)]

Statement = Callable[[asyncpg.Connection], Awaitable[object]]

STATEMENTS: dict[str, tuple[Statement, set[str]]] = {
    "what stands open for consumers": (
        lambda connection: reads.standing(connection, CONSUMERS),
        STANDING,
    ),
    "quotas": (lambda connection: reads.quotas_and_instant(connection, CONSUMERS), {"consumer_quota_pkey"}),
    "locked checkouts": (
        lambda connection: locks.lock_checkouts(connection, CHECKOUTS),
        {"checkout_pkey", "consumer_pkey"},
    ),
    "lines": (lambda connection: reads.lines(connection, CHECKOUTS), {"checkout_line_pkey"}),
    "serial numbers": (
        lambda connection: reads.items(connection, ["sn:1"]),
        {"item_claim_pkey", "checkout_pkey"},
    ),
    "order numbers": (lambda connection: reads.order_numbers(connection, [("M001", "O-1")]), {"order_number_pkey"}),
    "lapsed holds": (lambda connection: due.lapsed_holds(connection, 200), {"checkout_expires_at_idx"}),
    "lapsed holds of a pool": (
        lambda connection: reads.lapsed_of_pool(connection, "appliance", 48),
        {"checkout_expires_at_idx", "checkout_line_pkey"},
    ),
}


class Explaining:
    """A connection that explains instead: what it was asked, and how it would go about it."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.plan = ""

    async def fetch(self, statement: str, *arguments: object) -> list[object]:
        literals = ", ".join(f"'{argument}'" for argument in arguments)
        await self._connection.execute(f"PREPARE explained AS {statement}")
        explained = await self._connection.fetch(f"EXPLAIN EXECUTE explained ({literals})")
        self.plan = "\n".join(record[0] for record in explained)
        return []


@asynccontextmanager
async def explained(database: FreshDatabase, *before: str) -> AsyncIterator[Explaining]:
    """A database that came to what it holds after `before`, and nobody has looked at it since."""
    owner = await asyncpg.connect(driver_url(database.owner_url))
    for table in ("checkout", "consumer"):
        await owner.execute(f"ALTER TABLE lijian.{table} SET (autovacuum_enabled = false)")
    for statement in (*before, CITY):
        await owner.execute(statement)
    await owner.close()
    service = Database(database.service_url)
    async with service.money() as connection:
        yield Explaining(connection)
    await service.close()


def assert_by_key(plan: str, indexes: set[str]) -> None:
    assert set(re.findall(r"(?:using|on) (\w+_(?:idx|pkey|key))", plan)) == indexes, plan
    assert plan.count("Index Cond") == len(indexes), plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("name", STATEMENTS)
async def test_rows_are_found_by_key_from_the_first_day_on(database: FreshDatabase, name: str):
    ask, indexes = STATEMENTS[name]
    async with explained(database) as explaining:
        await ask(explaining)  # type: ignore[arg-type]

    assert_by_key(explaining.plan, indexes)


@pytest.mark.parametrize("past", ["SELECT", SETTLED], ids=["empty", "all captured"])
async def test_one_consumers_holds_are_not_sought_among_the_whole_citys(database: FreshDatabase, past: str):
    """Statistics that know of no hold, as in the morning, make the index of all holds look free."""
    async with explained(database, past, "ANALYZE") as explaining:
        await reads.standing(explaining, CONSUMERS)  # type: ignore[arg-type]

    holds = explaining.plan.partition("on refund")[0]
    assert "Index Scan using checkout_lane_consumer_id_expires_at_idx on checkout" in holds
    assert "Index Cond: ((lane = k.lane) AND (consumer_id = k.consumer_id)" in holds
