"""Reading checkouts: nothing is decided here."""

from app.store import checkouts
from app.store.checkouts import Story
from app.store.database import Database

__all__ = ["Story", "find_by_id", "find_by_order", "order_is_used"]


async def find_by_id(database: Database, lane: int, checkout_id: str) -> Story | None:
    async with database.reading() as connection:
        return await checkouts.story(connection, lane, checkout_id)


async def find_by_order(database: Database, merchant_id: str, order_no: str) -> Story | str | None:
    """The story; the order number itself where a void closed it before anything was held; None when unknown."""
    async with database.reading() as connection:
        place = await checkouts.place_of_order(connection, merchant_id, order_no)
        if place is None:
            return None
        if place.closed or place.lane is None or place.checkout_id is None:
            return order_no if place.closed else None
        return await checkouts.story(connection, place.lane, place.checkout_id)


async def order_is_used(database: Database, merchant_id: str, order_no: str) -> bool:
    """Whether the number stands for a checkout or was closed by a void; a declined attempt leaves it free."""
    async with database.reading() as connection:
        return await checkouts.order_is_used(connection, merchant_id, order_no)
