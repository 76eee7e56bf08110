"""The catalogue of eligible goods."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.registry import CatalogueChanges, CatalogueEntry
from app.store.tables import product

ROWS_PER_STATEMENT = 2_000
"""Small enough that sending one statement does not keep a worker's other callers waiting."""

_ENTRY = [product.c[name] for name in CatalogueEntry._fields]

_COUNT_KNOWN = text("SELECT count(*) FROM lijian.product WHERE gtin = ANY(CAST(:gtin AS text[]))")

_UPSERT = text("""
INSERT INTO lijian.product AS known
       (gtin, category, brand, model, name, grade, filed_price_fen, serialised, cellular, updated_at, change)
SELECT entry.*, CAST(:updated_at AS timestamptz), CAST(:change AS bigint)
FROM unnest(
    CAST(:gtin AS text[]), CAST(:category AS text[]), CAST(:brand AS text[]), CAST(:model AS text[]),
    CAST(:name AS text[]), CAST(:grade AS smallint[]), CAST(:filed_price_fen AS bigint[]),
    CAST(:serialised AS boolean[]), CAST(:cellular AS boolean[])
) AS entry
ON CONFLICT (gtin) DO UPDATE SET
    category = EXCLUDED.category, brand = EXCLUDED.brand, model = EXCLUDED.model, name = EXCLUDED.name,
    grade = EXCLUDED.grade, filed_price_fen = EXCLUDED.filed_price_fen, serialised = EXCLUDED.serialised,
    cellular = EXCLUDED.cellular, updated_at = EXCLUDED.updated_at, change = EXCLUDED.change
WHERE (known.category, known.brand, known.model, known.name, known.grade, known.filed_price_fen,
       known.serialised, known.cellular)
   IS DISTINCT FROM
      (EXCLUDED.category, EXCLUDED.brand, EXCLUDED.model, EXCLUDED.name, EXCLUDED.grade,
       EXCLUDED.filed_price_fen, EXCLUDED.serialised, EXCLUDED.cellular)
""")


async def get(connection: AsyncConnection, gtin: str) -> CatalogueEntry | None:
    """The entry of a 14-digit GTIN."""
    row = (await connection.execute(select(*_ENTRY).where(product.c.gtin == gtin))).one_or_none()
    return None if row is None else CatalogueEntry(*row)


async def page(
    connection: AsyncConnection, *, category: str | None, after_gtin: str | None, rows_max: int
) -> list[CatalogueEntry]:
    """Entries in order of GTIN, of one category or of all, beginning behind `after_gtin`."""
    statement = select(*_ENTRY).order_by(product.c.gtin).limit(bindparam("rows_max", rows_max))
    if category is not None:
        statement = statement.where(product.c.category == category)
    if after_gtin is not None:
        statement = statement.where(product.c.gtin > after_gtin)
    return [CatalogueEntry(*row) for row in await connection.execute(statement)]


async def upsert(
    connection: AsyncConnection, entries: Sequence[CatalogueEntry], *, change: int, at: datetime
) -> CatalogueChanges:
    """Write entries by GTIN, each GTIN at most once; rows that say the same already are left alone.

    Called under `begin_change`: nobody else writes products meanwhile, so the rows that exist beforehand are
    exactly those that are not new.
    """
    imported = updated = unchanged = 0
    for start in range(0, len(entries), ROWS_PER_STATEMENT):
        chunk = entries[start : start + ROWS_PER_STATEMENT]
        columns = dict(zip(CatalogueEntry._fields, map(list, zip(*chunk, strict=True)), strict=True))
        known = (await connection.execute(_COUNT_KNOWN, {"gtin": columns["gtin"]})).scalar_one()
        written = (await connection.execute(_UPSERT, {**columns, "change": change, "updated_at": at})).rowcount
        imported += len(chunk) - known
        updated += written - (len(chunk) - known)
        unchanged += len(chunk) - written
    return CatalogueChanges(imported, updated, unchanged)
