"""Merchants and their stores."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.registry import Merchant, MerchantState, MerchantStatus, Store
from app.store.tables import merchant, store

_MERCHANT = [merchant.c[name] for name in Merchant.__slots__]
_STORE = [store.c[name] for name in Store.__slots__]


async def add(
    connection: AsyncConnection, *, merchant_id: str, name: str, uscc: str, district: str, at: datetime
) -> Merchant | None:
    """None when the id is taken."""
    statement = (
        insert(merchant)
        .values(merchant_id=merchant_id, name=name, uscc=uscc, district=district, created_at=at, changed_at=at)
        .on_conflict_do_nothing()
        .returning(*_MERCHANT)
    )
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else Merchant(*row)


async def get(connection: AsyncConnection, merchant_id: str) -> Merchant | None:
    statement = select(*_MERCHANT).where(merchant.c.merchant_id == merchant_id)
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else Merchant(*row)


async def page(connection: AsyncConnection, *, after_merchant_id: str | None, rows_max: int) -> list[Merchant]:
    """Merchants in order of id, beginning behind `after_merchant_id`."""
    statement = select(*_MERCHANT).order_by(merchant.c.merchant_id).limit(rows_max)
    if after_merchant_id is not None:
        statement = statement.where(merchant.c.merchant_id > after_merchant_id)
    return [Merchant(*row) for row in await connection.execute(statement)]


async def set_state(
    connection: AsyncConnection, merchant_id: str, *, state: MerchantStatus, reason: str | None, at: datetime
) -> Merchant | None:
    """None when there is no such merchant."""
    statement = (
        update(merchant)
        .where(merchant.c.merchant_id == merchant_id)
        .values(state=state, state_reason=reason, changed_at=at)
        .returning(*_MERCHANT)
    )
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else Merchant(*row)


async def states(connection: AsyncConnection) -> dict[str, MerchantState]:
    """Every merchant's state by id. Merchants in the same state share one object."""
    statement = select(merchant.c.merchant_id, merchant.c.state, merchant.c.state_reason)
    shared: dict[tuple[MerchantStatus, str | None], MerchantState] = {}
    return {
        merchant_id: shared.setdefault((state, reason), MerchantState(state, reason))
        for merchant_id, state, reason in await connection.execute(statement)
    }


async def unknown(connection: AsyncConnection, merchant_ids: frozenset[str]) -> frozenset[str]:
    """Those of the ids that name no merchant."""
    statement = select(merchant.c.merchant_id).where(merchant.c.merchant_id.in_(merchant_ids))
    return merchant_ids - set((await connection.execute(statement)).scalars())


async def add_store(
    connection: AsyncConnection, *, merchant_id: str, store_id: str, name: str, district: str, at: datetime
) -> Store | None:
    """None when the merchant has a store of that id. The merchant exists."""
    statement = (
        insert(store)
        .values(merchant_id=merchant_id, store_id=store_id, name=name, district=district, created_at=at)
        .on_conflict_do_nothing()
        .returning(*_STORE)
    )
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else Store(*row)


async def page_of_stores(
    connection: AsyncConnection, merchant_id: str, *, after_store_id: str | None, rows_max: int
) -> list[Store]:
    """One merchant's stores in order of id, beginning behind `after_store_id`."""
    statement = select(*_STORE).where(store.c.merchant_id == merchant_id)
    if after_store_id is not None:
        statement = statement.where(store.c.store_id > after_store_id)
    rows = await connection.execute(statement.order_by(store.c.store_id).limit(rows_max))
    return [Store(*row) for row in rows]
