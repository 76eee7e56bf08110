"""What the clock has made due, for the sweeper."""

import asyncpg


async def lapsed_holds(connection: asyncpg.Connection, limit: int) -> list[tuple[int, str]]:
    """(lane, checkout id) of holds past their expiry, the oldest first."""
    records = await connection.fetch(
        """
        SELECT lane, checkout_id FROM lijian.checkout
        WHERE status = 'held' AND subsidy_fen > 0 AND expires_at <= statement_timestamp()
        ORDER BY expires_at LIMIT $1
        """,
        limit,
    )
    return [(record[0], record[1]) for record in records]


async def due_restorations(connection: asyncpg.Connection, limit: int) -> list[tuple[int, str]]:
    """(lane, refund id) of refunds whose consumers get their quota back by now."""
    records = await connection.fetch(
        """
        SELECT lane, refund_id FROM lijian.refund
        WHERE restore_at IS NOT NULL AND restored_at IS NULL AND restore_at <= statement_timestamp() LIMIT $1
        """,
        limit,
    )
    return [(record[0], record[1]) for record in records]
