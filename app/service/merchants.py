"""Merchants, their stores, and whether they may sell with subsidy."""

from app.domain.registry import Merchant, MerchantStatus, Store
from app.service.refusals import AlreadyExists, NotFound
from app.store.database import Database
from app.store.registry import merchants
from app.store.registry.revision import begin_change


async def add(database: Database, *, merchant_id: str, name: str, uscc: str, district: str) -> Merchant:
    """Register a merchant; `uscc` is a checked unified social credit code. Raises AlreadyExists."""
    async with database.transaction() as tx:
        change = await begin_change(tx)
        added = await merchants.add(tx, merchant_id=merchant_id, name=name, uscc=uscc, district=district, at=change.at)
        if added is None:
            raise AlreadyExists
        return added


async def get(database: Database, merchant_id: str) -> Merchant:
    """Raises NotFound."""
    async with database.transaction() as tx:
        merchant = await merchants.get(tx, merchant_id)
    if merchant is None:
        raise NotFound
    return merchant


async def page(database: Database, *, after: str | None, rows_max: int) -> list[Merchant]:
    async with database.transaction() as tx:
        return await merchants.page(tx, after_merchant_id=after, rows_max=rows_max)


async def suspend(database: Database, merchant_id: str, reason: str) -> Merchant:
    """Turn new quotes and holds of a merchant away; what is held stays a promise. Raises NotFound."""
    return await _set_state(database, merchant_id, "suspended", reason)


async def resume(database: Database, merchant_id: str, reason: str | None) -> Merchant:
    """Raises NotFound."""
    return await _set_state(database, merchant_id, "active", reason)


async def _set_state(database: Database, merchant_id: str, state: MerchantStatus, reason: str | None) -> Merchant:
    async with database.transaction() as tx:
        change = await begin_change(tx)
        changed = await merchants.set_state(tx, merchant_id, state=state, reason=reason, at=change.at)
        if changed is None:
            raise NotFound
        return changed


async def add_store(database: Database, *, merchant_id: str, store_id: str, name: str, district: str | None) -> Store:
    """Register a store, in the merchant's district unless told. Raises NotFound, AlreadyExists."""
    async with database.transaction() as tx:
        change = await begin_change(tx)
        merchant = await merchants.get(tx, merchant_id)
        if merchant is None:
            raise NotFound
        added = await merchants.add_store(
            tx,
            merchant_id=merchant_id,
            store_id=store_id,
            name=name,
            district=merchant.district if district is None else district,
            at=change.at,
        )
        if added is None:
            raise AlreadyExists
        return added


async def page_of_stores(database: Database, merchant_id: str, *, after: str | None, rows_max: int) -> list[Store]:
    """Raises NotFound when there is no such merchant."""
    async with database.transaction() as tx:
        if await merchants.get(tx, merchant_id) is None:
            raise NotFound
        return await merchants.page_of_stores(tx, merchant_id, after_store_id=after, rows_max=rows_max)
