"""Plain reads of the book: what is read before any lock to find what to lock, and what is read under the locks."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import asyncpg

from app.domain.book.rows import Product, Quota
from app.domain.checkout import RefundMade
from app.store.book.needs import CheckoutKey, NumberKey
from app.store.book.rows import CHECKOUT_COLUMNS, LINE_COLUMNS, REFUND_COLUMNS, column, columns, refunds_of, unnested

Records = Sequence[asyncpg.Record]

LAPSE_MARGIN = "30 seconds"
"""Holds that lapse within this time are looked at too: longer than any batch can take to reach its instant."""


async def products(connection: asyncpg.Connection, gtins: Iterable[str]) -> dict[str, Product]:
    records = await connection.fetch(
        """
        SELECT gtin, category, grade, filed_price_fen, serialised, cellular
        FROM lijian.product WHERE gtin = ANY($1::text::text[])
        """,
        column(gtins),
    )
    return {record[0]: Product(*record) for record in records}


async def order_numbers(connection: asyncpg.Connection, keys: Collection[NumberKey]) -> Records:
    return await connection.fetch(
        f"""
        SELECT o.merchant_id, o.order_no, o.state, o.lane, o.checkout_id, o.fingerprint
        FROM {unnested("merchant_id text, order_no text", "k")}
        JOIN lijian.order_number o ON o.merchant_id = k.merchant_id AND o.order_no = k.order_no
        """,
        *columns(list(keys)),
    )


async def checkouts(connection: asyncpg.Connection, keys: Collection[CheckoutKey]) -> Records:
    """Checkouts without locks: for reads and quotes, never for an act."""
    return await connection.fetch(
        f"""
        SELECT {CHECKOUT_COLUMNS} FROM {unnested("lane smallint, checkout_id text", "k")}
        JOIN lijian.checkout c ON c.lane = k.lane AND c.checkout_id = k.checkout_id
        """,
        *columns(list(keys)),
    )


async def lines(connection: asyncpg.Connection, keys: Collection[CheckoutKey]) -> Records:
    """The lines of checkouts, in order; they are guarded by their checkout's lock."""
    return await connection.fetch(
        f"""
        SELECT l.checkout_id, {LINE_COLUMNS}
        FROM {unnested("lane smallint, checkout_id text", "k")}
        JOIN lijian.checkout_line l ON l.lane = k.lane AND l.checkout_id = k.checkout_id
        ORDER BY l.checkout_id, l.line_no
        """,
        *columns(list(keys)),
    )


async def refunds(connection: asyncpg.Connection, keys: Collection[CheckoutKey]) -> dict[str, RefundMade]:
    """Refunds by (lane, refund id); guarded by their checkout's lock."""
    arguments = columns(list(keys))
    heads = await connection.fetch(
        f"""
        SELECT {REFUND_COLUMNS} FROM {unnested("lane smallint, refund_id text", "k")}
        JOIN lijian.refund r ON r.lane = k.lane AND r.refund_id = k.refund_id
        """,
        *arguments,
    )
    parts = await connection.fetch(
        f"""
        SELECT l.refund_id, l.line_no, l.quantity, l.new_price_fen, l.subsidy_returned_fen, l.consumer_refund_fen
        FROM {unnested("lane smallint, refund_id text", "k")}
        JOIN lijian.refund_line l ON l.lane = k.lane AND l.refund_id = k.refund_id
        ORDER BY l.refund_id, l.line_no
        """,
        *arguments,
    )
    return refunds_of(heads, parts)


async def consumers(connection: asyncpg.Connection, keys: Collection[tuple[int, bytes]]) -> Records:
    return await connection.fetch(
        f"""
        SELECT c.lane, c.consumer_id, c.digest
        FROM {unnested("lane smallint, digest bytea", "k")}
        JOIN lijian.consumer c ON c.lane = k.lane AND c.digest = k.digest
        """,
        *columns(list(keys)),
    )


async def standing(connection: asyncpg.Connection, consumer_keys: Collection[CheckoutKey]) -> Records:
    """What stands open for consumers: holds about to lapse, deferred restorations about to come due, blocks.

    OFFSET 0 keeps each search a search by consumer. How many rows are held, due or blocked just now is something that
    statistics never know, and a plan that believes in none reads those of the whole city for every batch.
    """
    return await connection.fetch(
        f"""
        WITH k AS (SELECT * FROM {unnested("lane smallint, consumer_id text", "k")})
        SELECT 'hold' AS kind, f.lane, f.checkout_id AS id, f.consumer_id, f.expires_at AS at, NULL AS reason
        FROM k CROSS JOIN LATERAL (
            SELECT c.lane, c.checkout_id, c.consumer_id, c.expires_at FROM lijian.checkout c
            WHERE c.lane = k.lane AND c.consumer_id = k.consumer_id
              AND c.status = 'held' AND c.expires_at <= statement_timestamp() + interval '{LAPSE_MARGIN}'
            OFFSET 0
        ) AS f
        UNION ALL
        SELECT 'restore', f.lane, f.refund_id, f.consumer_id, f.restore_at, f.checkout_id
        FROM k CROSS JOIN LATERAL (
            SELECT r.lane, r.refund_id, r.consumer_id, r.restore_at, r.checkout_id FROM lijian.refund r
            WHERE r.lane = k.lane AND r.consumer_id = k.consumer_id
              AND r.restore_at IS NOT NULL AND r.restored_at IS NULL
              AND r.restore_at <= statement_timestamp() + interval '{LAPSE_MARGIN}'
            OFFSET 0
        ) AS f
        UNION ALL
        SELECT 'block', f.lane, f.block_id, f.consumer_id, f.until_at, f.reason
        FROM k CROSS JOIN LATERAL (
            SELECT b.lane, b.block_id, b.consumer_id, b.until_at, b.reason FROM lijian.consumer_block b
            WHERE b.lane = k.lane AND b.consumer_id = k.consumer_id AND b.lifted_at IS NULL
            OFFSET 0
        ) AS f
        """,
        *columns(list(consumer_keys)),
    )


async def quotas_and_instant(connection: asyncpg.Connection, consumer_keys: Collection[CheckoutKey]) -> Records:
    """All quota rows of the consumers, and the batch's instant: the database's clock, read after the locks."""
    return await connection.fetch(
        f"""
        SELECT i.instant, q.consumer_id, q.quota, q.held_fen, q.used_fen, q.cap_fen, q.held_units, q.used_units,
               q.cap_units, q.version
        FROM (SELECT clock_timestamp() AS instant) AS i
        LEFT JOIN (
            SELECT q.* FROM {unnested("lane smallint, consumer_id text", "k")}
            JOIN lijian.consumer_quota q ON q.lane = k.lane AND q.consumer_id = k.consumer_id
        ) AS q ON true
        """,
        *(columns(list(consumer_keys)) or ("{}", "{}")),
    )


async def items(connection: asyncpg.Connection, wanted: Iterable[str]) -> Records:
    return await connection.fetch(
        f"""
        SELECT i.item, i.lane, i.checkout_id, i.line_no,
               CASE WHEN c.status = 'held' THEN c.expires_at END AS held_until
        FROM {unnested("item text", "k")}
        JOIN lijian.item_claim i ON i.item = k.item
        LEFT JOIN lijian.checkout c ON c.lane = i.lane AND c.checkout_id = i.checkout_id
        """,
        column(wanted),
    )


async def available(connection: asyncpg.Connection, pools: Collection[str]) -> dict[str, int]:
    """What is available in each pool, over all its stripes, in one statement without locks."""
    records = await connection.fetch(
        """
        SELECT s.pool, sum(s.available_fen)::bigint FROM lijian.fund_stripe s
        WHERE s.pool = ANY($1::text::text[]) GROUP BY s.pool
        """,
        column(pools),
    )
    return {record[0]: record[1] for record in records}


async def pool_standings(connection: asyncpg.Connection, pools: Collection[str]) -> Records:
    """For each pool, without locks: what is available elsewhere and everywhere, and what lapsed holds would free."""
    return await connection.fetch(
        f"""
        SELECT p.pool,
               (SELECT coalesce(sum(s.available_fen), 0)::bigint FROM lijian.fund_stripe s WHERE s.pool = p.pool)
                   AS available_fen,
               (SELECT coalesce(sum(l.subsidy_fen), 0)::bigint
                FROM lijian.checkout c
                JOIN lijian.checkout_line l ON l.lane = c.lane AND l.checkout_id = c.checkout_id
                WHERE c.status = 'held' AND c.subsidy_fen > 0 AND c.expires_at <= statement_timestamp()
                  AND l.pool = p.pool) AS lapsed_fen
        FROM {unnested("pool text", "p")}
        """,
        column(pools),
    )


async def pools_with_lapsed_holds(
    connection: asyncpg.Connection, pools: Collection[str], instant: datetime
) -> set[str]:
    """Of `pools`, those of which a hold that has lapsed by `instant` still keeps money."""
    records = await connection.fetch(
        f"""
        SELECT p.pool FROM {unnested("pool text", "p")}
        WHERE EXISTS (
            SELECT FROM lijian.checkout c
            JOIN lijian.checkout_line l ON l.lane = c.lane AND l.checkout_id = c.checkout_id
            WHERE c.status = 'held' AND c.subsidy_fen > 0 AND c.expires_at <= $2
              AND l.pool = p.pool AND l.subsidy_fen > 0
        )
        """,
        column(pools),
        instant,
    )
    return {record[0] for record in records}


async def lapsed_of_pool(connection: asyncpg.Connection, pool: str, limit: int) -> list[CheckoutKey]:
    """Some lapsed holds that hold money of a pool, the oldest first."""
    records = await connection.fetch(
        """
        SELECT c.lane, c.checkout_id FROM lijian.checkout c
        WHERE c.status = 'held' AND c.subsidy_fen > 0 AND c.expires_at <= statement_timestamp()
          AND EXISTS (SELECT FROM lijian.checkout_line l
                      WHERE l.lane = c.lane AND l.checkout_id = c.checkout_id
                        AND l.pool = $1 AND l.subsidy_fen > 0)
        ORDER BY c.expires_at
        LIMIT $2
        """,
        pool,
        limit,
    )
    return [(record[0], record[1]) for record in records]


def quota_of(record: asyncpg.Record) -> Quota:
    return Quota(
        record["held_fen"],
        record["used_fen"],
        record["cap_fen"],
        record["held_units"],
        record["used_units"],
        record["cap_units"],
        record["version"],
    )
