import time
from typing import Any

import pytest

from app.domain.registry import CatalogueChanges
from app.store.registry import products
from app.store.registry.revision import begin_change
from tests.registry import PHONE, REFRIGERATOR, a_gtin, an_entry, opened


async def test_rows_are_counted_as_new_changed_or_known(database_url: str):
    async with opened(database_url) as database:
        async with database.transaction() as tx:
            change = await begin_change(tx)
            first = await products.upsert(tx, [an_entry(), an_entry(PHONE)], change=change.number, at=change.at)
        async with database.transaction() as tx:
            later = await begin_change(tx)
            entries = [an_entry(), an_entry(PHONE, grade=None), an_entry(a_gtin(1))]
            second = await products.upsert(tx, entries, change=later.number, at=later.at)
        async with database.transaction() as tx:
            kept = await products.get(tx, PHONE)

    assert first == CatalogueChanges(imported=2, updated=0, unchanged=0)
    assert second == CatalogueChanges(imported=1, updated=1, unchanged=1)
    assert kept == an_entry(PHONE, grade=None)


@pytest.mark.parametrize(
    "change",
    [
        {"category": "A02"},
        {"brand": "美的"},
        {"model": "X"},
        {"name": "大冰箱"},
        {"grade": None},
        {"filed_price_fen": None},
        {"serialised": False},
        {"cellular": True},
    ],
)
async def test_a_change_of_any_column_is_written(database_url: str, change: dict[str, Any]):
    async with opened(database_url) as database, database.transaction() as tx:
        made = await begin_change(tx)
        await products.upsert(tx, [an_entry()], change=made.number, at=made.at)
        counts = await products.upsert(tx, [an_entry(**change)], change=made.number, at=made.at)

        assert counts == CatalogueChanges(imported=0, updated=1, unchanged=0)
        assert await products.get(tx, REFRIGERATOR) == an_entry(**change)


async def test_pages_join_without_gap_or_overlap(database_url: str):
    entries = [an_entry(a_gtin(number), category=("A01", "A02")[number % 2]) for number in range(25)]
    async with opened(database_url) as database, database.transaction() as tx:
        change = await begin_change(tx)
        await products.upsert(tx, entries, change=change.number, at=change.at)
        seen: list[str] = []
        while True:
            after = seen[-1] if seen else None
            page = await products.page(tx, category="A02", after_gtin=after, rows_max=5)
            if not page:
                break
            seen += [entry.gtin for entry in page]

    assert seen == sorted(entry.gtin for entry in entries if entry.category == "A02")


async def test_a_hundred_thousand_rows_take_well_under_a_minute(database_url: str):
    entries = [an_entry(a_gtin(number)) for number in range(100_000)]
    began = time.monotonic()
    async with opened(database_url) as database, database.transaction() as tx:
        change = await begin_change(tx)
        imported = await products.upsert(tx, entries, change=change.number, at=change.at)
        again = await products.upsert(tx, entries, change=change.number, at=change.at)

    assert imported == CatalogueChanges(100_000, 0, 0)
    assert again == CatalogueChanges(0, 0, 100_000)
    assert time.monotonic() - began < 30
