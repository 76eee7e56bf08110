"""Reading the pools: money moves in the book alone."""

from app.store.database import Database
from app.store.pools import PoolStanding, standings

__all__ = ["PoolStanding", "all_standings"]


async def all_standings(database: Database) -> dict[str, PoolStanding]:
    async with database.reading() as connection:
        return await standings(connection)
