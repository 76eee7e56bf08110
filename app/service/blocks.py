"""Blocking a consumer, whoever sells to him."""

from datetime import datetime
from typing import NamedTuple

from app.domain.ids import lane_of
from app.domain.registry import Block
from app.service.consumers import ConsumerKey
from app.service.ids import fresh_id
from app.service.refusals import NotFound
from app.store.database import Database
from app.store.registry import blocks
from app.store.registry.revision import begin_change, database_clock


class Blocked(NamedTuple):
    """`created` is False when the same block stood already."""

    block: Block
    created: bool


async def block(database: Database, consumer: ConsumerKey, *, reason: str, until_at: datetime | None) -> Blocked:
    """Grant a consumer nothing until an instant, or until the block is lifted.

    Several blocks may stand for different reasons; the same one again is the one that stands.
    """
    async with database.transaction() as tx:
        change = await begin_change(tx)
        consumer_id = await blocks.known_consumer(
            tx,
            lane=consumer.lane,
            digests=dict(consumer.digests),
            new_consumer_id=fresh_id("cn_", change.at, lane=consumer.lane),
            at=change.at,
        )
        for present in await blocks.standing(tx, lane=consumer.lane, consumer_id=consumer_id, now=change.at):
            if (present.reason, present.until_at) == (reason, until_at):
                return Blocked(present, created=False)
        added = await blocks.add(
            tx,
            lane=consumer.lane,
            block_id=fresh_id("bl_", change.at, lane=consumer.lane),
            consumer_id=consumer_id,
            reason=reason,
            until_at=until_at,
            at=change.at,
        )
        return Blocked(added, created=True)


async def lift(database: Database, block_id: str) -> Block:
    """End a block at once; a second time changes nothing. Raises NotFound."""
    lane = lane_of(block_id)
    if lane is None:
        raise NotFound
    async with database.transaction() as tx:
        change = await begin_change(tx)
        lifted = await blocks.lift(tx, lane=lane, block_id=block_id, at=change.at)
        if lifted is None:
            raise NotFound
        return lifted


async def page(database: Database, *, after: str | None, rows_max: int) -> list[Block]:
    """The blocks that stand now."""
    async with database.transaction() as tx:
        now = await database_clock(tx)
        return await blocks.page(tx, after_block_id=after, now=now, rows_max=rows_max)
