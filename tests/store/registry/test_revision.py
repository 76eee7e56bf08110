import asyncio

from app.store.registry.revision import Revision, begin_change, read_revision
from tests.registry import opened


async def test_before_the_first_change_the_revision_is_zero(database_url: str):
    async with opened(database_url) as database, database.transaction() as tx:
        assert (await read_revision(tx)).number == 0


async def test_a_change_rolled_back_takes_no_revision(database_url: str):
    async with opened(database_url) as database:
        async with database.transaction() as tx:
            await begin_change(tx)
            await tx.rollback()
        async with database.transaction() as tx:
            assert (await read_revision(tx)).number == 0


async def test_changes_happen_one_after_another(database_url: str):
    seen: list[tuple[str, int]] = []

    async def change(name: str) -> Revision:
        async with database.transaction() as tx:
            revision = await begin_change(tx)
            seen.append((f"{name} begins", revision.number))
            await asyncio.sleep(0.05)
            seen.append((f"{name} ends", revision.number))
            return revision

    async with opened(database_url) as database:
        revisions = await asyncio.gather(*(change(str(number)) for number in range(4)))

    assert sorted(revision.number for revision in revisions) == [1, 2, 3, 4]
    assert [number for _, number in seen] == [1, 1, 2, 2, 3, 3, 4, 4]
    assert sorted(revisions) == sorted(revisions, key=lambda revision: revision.at)
