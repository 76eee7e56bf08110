"""THE lock order. Every row that money depends on is claimed and locked here, class by class, and nowhere else:

    order, refund and adjustment numbers → checkouts → [lanes, while keys rotate] consumers
        → serial numbers and IMEIs → fund stripes

Within a class absent rows are first created (sorted; `ON CONFLICT DO NOTHING` waits for a twin in flight), then the
others are locked in the same order. READ COMMITTED: what is read after its lock is the last committed state.
docs/locking.md explains why this cannot deadlock.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

import asyncpg

from app.domain.book.rows import Missing
from app.domain.commands import Buyer, Hold
from app.store.book.needs import CheckoutKey, NumberKey
from app.store.book.rows import CHECKOUT_COLUMNS, column, columns, unnested

Records = Sequence[asyncpg.Record]


async def claim_orders(
    connection: asyncpg.Connection, wanted: Mapping[NumberKey, Hold | None]
) -> tuple[set[NumberKey], Records]:
    """Claim order numbers, a hold's already as `taken` by it (the usual end); returns those created, and the
    others locked."""
    rows = [
        (*key, "free", None, None, None)
        if hold is None
        else (*key, "taken", hold.buyer.lane, hold.checkout_id, hold.fingerprint)
        for key, hold in sorted(wanted.items())
    ]
    created = await connection.fetch(
        f"""
        INSERT INTO lijian.order_number (merchant_id, order_no, state, lane, checkout_id, fingerprint)
        SELECT * FROM {
            unnested("merchant_id text, order_no text, state text, lane smallint, checkout_id text, fingerprint bytea")
        }
        ON CONFLICT (merchant_id, order_no) DO NOTHING
        RETURNING merchant_id, order_no
        """,
        *columns(rows),
    )
    new = {(record[0], record[1]) for record in created}
    known = [key for key in sorted(wanted) if key not in new]
    if not known:
        return new, []
    return new, await connection.fetch(
        f"""
        SELECT o.merchant_id, o.order_no, o.state, o.lane, o.checkout_id, o.fingerprint
        FROM {unnested("merchant_id text, order_no text", "k")}
        JOIN lijian.order_number o ON o.merchant_id = k.merchant_id AND o.order_no = k.order_no
        ORDER BY o.merchant_id, o.order_no
        FOR NO KEY UPDATE OF o
        """,
        *columns(known),
    )


async def claim_refund_numbers(connection: asyncpg.Connection, wanted: Iterable[NumberKey]) -> Records:
    keys = columns(sorted(wanted))
    await connection.execute(
        f"""
        INSERT INTO lijian.refund_number (merchant_id, refund_no)
        SELECT * FROM {unnested("merchant_id text, refund_no text")}
        ON CONFLICT (merchant_id, refund_no) DO NOTHING
        """,
        *keys,
    )
    return await connection.fetch(
        f"""
        SELECT n.merchant_id, n.refund_no, n.lane, n.refund_id, n.checkout_id, n.fingerprint
        FROM {unnested("merchant_id text, refund_no text", "k")}
        JOIN lijian.refund_number n ON n.merchant_id = k.merchant_id AND n.refund_no = k.refund_no
        ORDER BY n.merchant_id, n.refund_no
        FOR NO KEY UPDATE OF n
        """,
        *keys,
    )


async def claim_adjustment_numbers(connection: asyncpg.Connection, wanted: Iterable[str]) -> Records:
    numbers = column(sorted(wanted))
    await connection.execute(
        """
        INSERT INTO lijian.adjustment_number (adjustment_no) SELECT * FROM unnest($1::text::text[])
        ON CONFLICT (adjustment_no) DO NOTHING
        """,
        numbers,
    )
    return await connection.fetch(
        """
        SELECT adjustment_no, pool, amount_fen, reason, fingerprint, adjusted_at
        FROM lijian.adjustment_number WHERE adjustment_no = ANY($1::text::text[])
        ORDER BY adjustment_no
        FOR NO KEY UPDATE
        """,
        numbers,
    )


async def lock_checkouts(connection: asyncpg.Connection, wanted: Collection[CheckoutKey]) -> Records:
    """The checkouts, each with its consumer's digest (to lock the consumer by) and the database's clock."""
    return await connection.fetch(
        f"""
        SELECT {CHECKOUT_COLUMNS}, b.digest, clock_timestamp() AS seen_at
        FROM {unnested("lane smallint, checkout_id text", "k")}
        JOIN lijian.checkout c ON c.lane = k.lane AND c.checkout_id = k.checkout_id
        JOIN lijian.consumer b ON b.lane = k.lane AND b.consumer_id = c.consumer_id
        ORDER BY c.lane, c.checkout_id
        FOR NO KEY UPDATE OF c
        """,
        *columns(sorted(wanted)),
    )


async def adopt_rotated(connection: asyncpg.Connection, buyers: Iterable[Buyer]) -> None:
    """While identity keys rotate: rewrite what is stored under another key to the current one.

    Locks the buyers' lanes first. Every worker then knows both keys and comes through here, so nobody can create a
    consumer under one key while somebody else creates the same person under the other.
    """
    rotating = [buyer for buyer in buyers if len(buyer.digests) > 1]
    if not rotating:
        return
    await connection.execute(
        "SELECT FROM lijian.lane_anchor WHERE lane = ANY($1::text::smallint[]) ORDER BY lane FOR UPDATE",
        column(sorted({buyer.lane for buyer in rotating})),
    )
    rows = sorted((buyer.lane, other, *buyer.digests[0]) for buyer in rotating for _, other in buyer.digests[1:])
    await connection.execute(
        f"""
        UPDATE lijian.consumer c SET digest = u.digest, digest_key_id = u.digest_key_id
        FROM {unnested("lane smallint, was bytea, digest_key_id text, digest bytea")}
        WHERE c.lane = u.lane AND c.digest = u.was
        """,
        *columns(rows),
    )


async def claim_consumers(
    connection: asyncpg.Connection,
    buyers: Mapping[tuple[int, bytes], Buyer],
    new_ids: Sequence[str],
    others: Iterable[tuple[int, bytes]],
) -> tuple[Records, Records]:
    """Create the buyers never seen, then lock the seen ones and `others`; by (lane, digest)."""
    created: Records = []
    if buyers:
        rows = [
            (key[0], new_id, key[1], buyers[key].digests[0][0])
            for key, new_id in zip(sorted(buyers), new_ids, strict=True)
        ]
        created = await connection.fetch(
            f"""
            INSERT INTO lijian.consumer (lane, consumer_id, digest, digest_key_id, created_at)
            SELECT u.*, now() FROM {unnested("lane smallint, consumer_id text, digest bytea, digest_key_id text")}
            ON CONFLICT (lane, digest) DO NOTHING
            RETURNING lane, consumer_id, digest
            """,
            *columns(rows),
        )
    new = {(record["lane"], record["digest"]) for record in created}
    known = sorted(({*buyers, *others}) - new)
    if not known:
        return created, []
    return created, await connection.fetch(
        f"""
        SELECT c.lane, c.consumer_id, c.digest
        FROM {unnested("lane smallint, digest bytea", "k")}
        JOIN lijian.consumer c ON c.lane = k.lane AND c.digest = k.digest
        ORDER BY c.lane, c.digest
        FOR NO KEY UPDATE OF c
        """,
        *columns(known),
    )


async def claim_items(
    connection: asyncpg.Connection, wanted: Mapping[str, tuple[int, str, int]], others: Iterable[str]
) -> tuple[set[str], Records]:
    """Claim serial numbers and IMEIs, those of holds already as theirs; returns the created, and the others locked
    with their holder's expiry while it is merely held."""
    new: set[str] = set()
    if wanted:
        created = await connection.fetch(
            f"""
            INSERT INTO lijian.item_claim (item, lane, checkout_id, line_no)
            SELECT * FROM {unnested("item text, lane smallint, checkout_id text, line_no int")}
            ON CONFLICT (item) DO NOTHING
            RETURNING item
            """,
            *columns([(item, *claim) for item, claim in sorted(wanted.items())]),
        )
        new = {record[0] for record in created}
    known = sorted(({*wanted, *others}) - new)
    if not known:
        return new, []
    return new, await connection.fetch(
        f"""
        SELECT i.item, i.lane, i.checkout_id, i.line_no,
               CASE WHEN c.status = 'held' THEN c.expires_at END AS held_until
        FROM {unnested("item text", "k")}
        JOIN lijian.item_claim i ON i.item = k.item
        LEFT JOIN lijian.checkout c ON c.lane = i.lane AND c.checkout_id = i.checkout_id
        ORDER BY i.item
        FOR NO KEY UPDATE OF i
        """,
        column(known),
    )


async def lock_stripes(
    connection: asyncpg.Connection,
    home_lane: int,
    pools: Collection[str],
    *,
    whole: Collection[str],
    unseen: Collection[str],
) -> Records:
    """The home stripe of each pool, and all stripes of the `whole` ones.

    Home stripes of `unseen` pools are created empty if they are not there. Raises Missing when somebody created a
    stripe of a `whole` pool while its others were waited for: money may have gone there.
    """
    if unseen:
        await connection.execute(
            """
            INSERT INTO lijian.fund_stripe (lane, pool, budget_fen, available_fen, held_fen, spent_fen)
            SELECT $1, p, 0, 0, 0, 0 FROM unnest($2::text::text[]) AS p
            ON CONFLICT (lane, pool) DO NOTHING
            """,
            home_lane,
            column(sorted(unseen)),
        )
    records: Records = await connection.fetch(
        """
        SELECT lane, pool, available_fen FROM lijian.fund_stripe
        WHERE pool = ANY($2::text::text[]) AND (lane = $1 OR pool = ANY($3::text::text[]))
        ORDER BY pool, lane
        FOR NO KEY UPDATE
        """,
        home_lane,
        column(sorted(pools)),
        column(sorted(whole)),
    )
    if whole:
        locked = {(record["lane"], record["pool"]) for record in records}
        present = await connection.fetch(
            "SELECT lane, pool FROM lijian.fund_stripe WHERE pool = ANY($1::text::text[])", column(sorted(whole))
        )
        created = {record["pool"] for record in present if (record["lane"], record["pool"]) not in locked}
        if created & set(pools):
            raise Missing(pools=created)
    return records
