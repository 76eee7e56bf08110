"""Checkouts as they stand, for those who only look."""

from datetime import datetime
from typing import NamedTuple

import asyncpg

from app.domain.checkout import Checkout, RefundMade
from app.store.book import reads
from app.store.book.rows import checkouts_of


class ActShown(NamedTuple):
    kind: str
    acted_at: datetime
    amount_fen: int
    refund_id: str | None


class Story(NamedTuple):
    """A checkout, what happened to it, oldest first, and the database's clock when it was read."""

    checkout: Checkout
    acts: list[ActShown]
    refunds: list[RefundMade]
    instant: datetime


class Place(NamedTuple):
    """Where an order number leads."""

    closed: bool
    lane: int | None
    checkout_id: str | None


async def place_of_order(connection: asyncpg.Connection, merchant_id: str, order_no: str) -> Place | None:
    record = await connection.fetchrow(
        """
        SELECT state = 'closed', lane, checkout_id FROM lijian.order_number
        WHERE merchant_id = $1 AND order_no = $2
        """,
        merchant_id,
        order_no,
    )
    return None if record is None else Place(*record)


async def order_is_used(connection: asyncpg.Connection, merchant_id: str, order_no: str) -> bool:
    return bool(
        await connection.fetchval(
            """
            SELECT EXISTS (SELECT FROM lijian.order_number
                           WHERE merchant_id = $1 AND order_no = $2 AND state <> 'free')
            """,
            merchant_id,
            order_no,
        )
    )


async def story(connection: asyncpg.Connection, lane: int, checkout_id: str) -> Story | None:
    """One snapshot of everything: a refund under way is in all of it or in none."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        found = checkouts_of(
            await reads.checkouts(connection, [(lane, checkout_id)]),
            await reads.lines(connection, [(lane, checkout_id)]),
        )
        if not found:
            return None
        acts = await connection.fetch(
            """
            SELECT kind, acted_at, amount_fen, refund_id FROM lijian.act
            WHERE lane = $1 AND checkout_id = $2 ORDER BY acted_at, kind DESC
            """,
            lane,
            checkout_id,
        )
        keys = [(lane, record["refund_id"]) for record in acts if record["kind"] == "refund"]
        refunds = await reads.refunds(connection, keys) if keys else {}
        instant: datetime = await connection.fetchval("SELECT clock_timestamp()")
    return Story(
        found[checkout_id],
        [ActShown(*record) for record in acts],
        [refunds[key] for _, key in keys],
        instant,
    )
