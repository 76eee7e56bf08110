"""Blocked consumers. A block refers to the consumer's row, which is made when he has none yet."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.registry import Block
from app.store.tables import consumer, consumer_block, lane_anchor

_BLOCK = [consumer_block.c[name] for name in Block.__slots__]


async def known_consumer(
    connection: AsyncConnection,
    *,
    lane: int,
    digests: Mapping[str, bytes],
    new_consumer_id: str,
    at: datetime,
) -> str:
    """The id of the consumer whom one of `digests` (by identity key, current first) names.

    He is made as `new_consumer_id` under the current key when nobody knows him; two who make him at once get
    the same one. While identity keys rotate the lane is locked first, as where a till's buyer is made: nobody can be
    made under one key here and under the other there.
    """
    if len(digests) > 1:
        await connection.execute(select(lane_anchor).where(lane_anchor.c.lane == lane).with_for_update())
    known = select(consumer.c.consumer_id).where(consumer.c.lane == lane, consumer.c.digest.in_(digests.values()))
    found: str | None = (await connection.execute(known)).scalars().first()
    if found is not None:
        return found
    key_id, digest = next(iter(digests.items()))
    await connection.execute(
        insert(consumer)
        .values(lane=lane, consumer_id=new_consumer_id, digest=digest, digest_key_id=key_id, created_at=at)
        .on_conflict_do_nothing(index_elements=[consumer.c.lane, consumer.c.digest])
    )
    made: str = (await connection.execute(known)).scalars().one()
    return made


async def add(
    connection: AsyncConnection,
    *,
    lane: int,
    block_id: str,
    consumer_id: str,
    reason: str,
    until_at: datetime | None,
    at: datetime,
) -> Block:
    statement = (
        insert(consumer_block)
        .values(
            lane=lane,
            block_id=block_id,
            consumer_id=consumer_id,
            reason=reason,
            until_at=until_at,
            created_at=at,
        )
        .returning(*_BLOCK)
    )
    return Block(*(await connection.execute(statement)).one())


async def standing(connection: AsyncConnection, *, lane: int, consumer_id: str, now: datetime) -> list[Block]:
    """The blocks of one consumer that hold at `now`."""
    statement = select(*_BLOCK).where(
        consumer_block.c.lane == lane,
        consumer_block.c.consumer_id == consumer_id,
        consumer_block.c.lifted_at.is_(None),
        consumer_block.c.until_at.is_(None) | (consumer_block.c.until_at > now),
    )
    return [Block(*row) for row in await connection.execute(statement)]


async def page(connection: AsyncConnection, *, after_block_id: str | None, now: datetime, rows_max: int) -> list[Block]:
    """Every block that holds at `now`, in order of id, beginning behind `after_block_id`."""
    statement = select(*_BLOCK).where(
        consumer_block.c.lifted_at.is_(None),
        consumer_block.c.until_at.is_(None) | (consumer_block.c.until_at > now),
    )
    if after_block_id is not None:
        statement = statement.where(consumer_block.c.block_id > after_block_id)
    rows = await connection.execute(statement.order_by(consumer_block.c.block_id).limit(rows_max))
    return [Block(*row) for row in rows]


async def lift(connection: AsyncConnection, *, lane: int, block_id: str, at: datetime) -> Block | None:
    """None when there is no such block. One that is lifted keeps its first instant."""
    named = (consumer_block.c.lane == lane) & (consumer_block.c.block_id == block_id)
    still_on = named & consumer_block.c.lifted_at.is_(None)
    await connection.execute(update(consumer_block).where(still_on).values(lifted_at=at))
    row = (await connection.execute(select(*_BLOCK).where(named))).one_or_none()
    return None if row is None else Block(*row)
