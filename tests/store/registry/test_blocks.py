import asyncio
from datetime import timedelta

from app.service.ids import fresh_id
from app.store.registry import blocks
from app.store.registry.revision import database_clock
from tests.registry import opened

OLD, NEW = b"o" * 32, b"n" * 32


async def test_a_consumer_known_under_an_older_identity_key_is_the_same(database_url: str):
    async with opened(database_url) as database, database.transaction() as tx:
        now = await database_clock(tx)
        first = await blocks.known_consumer(tx, lane=60, digests={"k1": OLD}, new_consumer_id="cn_1", at=now)
        again = await blocks.known_consumer(tx, lane=60, digests={"k2": NEW, "k1": OLD}, new_consumer_id="cn_2", at=now)
        other = await blocks.known_consumer(tx, lane=60, digests={"k2": NEW}, new_consumer_id="cn_3", at=now)

    assert (first, again, other) == ("cn_1", "cn_1", "cn_3")


async def test_two_who_make_a_consumer_at_once_get_the_same(database_url: str):
    async def make(consumer_id: str) -> str:
        async with database.transaction() as tx:
            now = await database_clock(tx)
            found = await blocks.known_consumer(tx, lane=60, digests={"k1": OLD}, new_consumer_id=consumer_id, at=now)
            await asyncio.sleep(0.05)
            return found

    async with opened(database_url) as database:
        found = await asyncio.gather(*(make(f"cn_{number}") for number in range(4)))

    assert len(set(found)) == 1


async def test_a_block_holds_until_its_end_or_until_lifted(database_url: str):
    async with opened(database_url) as database, database.transaction() as tx:
        now = await database_clock(tx)
        consumer_id = await blocks.known_consumer(tx, lane=60, digests={"k1": OLD}, new_consumer_id="cn_1", at=now)

        async def standing_after(seconds: int) -> list[str]:
            found = await blocks.standing(tx, lane=60, consumer_id=consumer_id, now=now + timedelta(seconds=seconds))
            return sorted(block.reason for block in found)

        for reason, until_at in (("for ever", None), ("a minute", now + timedelta(seconds=60))):
            block_id = fresh_id("bl_", now, lane=60)
            await blocks.add(
                tx,
                lane=60,
                block_id=block_id,
                consumer_id=consumer_id,
                reason=reason,
                until_at=until_at,
                at=now,
            )
            if until_at is None:
                for_ever = block_id

        assert await standing_after(59) == ["a minute", "for ever"]
        assert await standing_after(60) == ["for ever"]

        lifted = await blocks.lift(tx, lane=60, block_id=for_ever, at=now)
        later = await blocks.lift(tx, lane=60, block_id=for_ever, at=now + timedelta(seconds=1))

        assert lifted is not None
        assert lifted.lifted_at == now
        assert later == lifted
        assert await standing_after(60) == []
