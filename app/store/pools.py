"""The pools' standing, for those who only look."""

from typing import NamedTuple

import asyncpg


class PoolStanding(NamedTuple):
    """A pool's money, summed over its stripes in one statement: available + held + spent = budget."""

    pool: str
    budget_fen: int
    held_fen: int
    spent_fen: int
    available_fen: int


async def standings(connection: asyncpg.Connection) -> dict[str, PoolStanding]:
    records = await connection.fetch(
        """
        SELECT pool, sum(budget_fen)::bigint, sum(held_fen)::bigint, sum(spent_fen)::bigint,
               sum(available_fen)::bigint
        FROM lijian.fund_stripe GROUP BY pool
        """
    )
    return {record[0]: PoolStanding(*record) for record in records}
