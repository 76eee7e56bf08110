"""The catalogue of eligible goods: read by tills, imported by operators."""

import asyncio
from typing import NamedTuple

from app.domain.policy.model import Policy
from app.domain.registry import CatalogueEntry
from app.service.product_file import Rejection, read_product_file
from app.service.refusals import NotFound
from app.store.database import Database
from app.store.registry import products
from app.store.registry.revision import begin_change


class ImportReport(NamedTuple):
    """How many rows were new, changed an entry, or said what was known; and the rows that were not taken."""

    imported: int
    updated: int
    unchanged: int
    rejected: list[Rejection]


async def get(database: Database, gtin: str) -> CatalogueEntry:
    """The entry of a 14-digit GTIN. Raises NotFound."""
    async with database.transaction() as tx:
        entry = await products.get(tx, gtin)
    if entry is None:
        raise NotFound
    return entry


async def page(database: Database, *, category: str | None, after: str | None, rows_max: int) -> list[CatalogueEntry]:
    async with database.transaction() as tx:
        return await products.page(tx, category=category, after_gtin=after, rows_max=rows_max)


async def import_csv(database: Database, file: bytes, policy: Policy) -> ImportReport:
    """Upsert the rows of a catalogue file whose category `policy` knows, all in one transaction.

    Raises FileRefused. The file is read in a thread of its own: meanwhile tills are answered.
    """
    entries, rejected = await asyncio.to_thread(read_product_file, file, policy.categories.keys())
    async with database.transaction() as tx:
        change = await begin_change(tx)
        changes = await products.upsert(tx, entries, change=change.number, at=change.at)
    return ImportReport(*changes, rejected)
