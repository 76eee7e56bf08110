"""A registry to test against: its database, a published policy, and who calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from app.domain.policy.model import Policy
from app.domain.policy.pack import read_pack
from app.domain.registry import CatalogueEntry
from app.store.database import Database

PACK = (Path(__file__).parent.parent / "app/policies/changchun-2025.toml").read_text()
PEPPER = b"a pepper of at least thirty-two bytes"
USCC = "91220101MA0Y00000D"

REFRIGERATOR = "06901234567892"
PHONE = "06901010101098"


def the_policy() -> Policy:
    return read_pack(PACK)


def another_pack(ttl_seconds: int) -> str:
    """The same policy with other terms, to be published as its next version."""
    return PACK.replace("hold_ttl_seconds = 900", f"hold_ttl_seconds = {ttl_seconds}")


def an_entry(gtin: str = REFRIGERATOR, **changes: Any) -> CatalogueEntry:
    entry = CatalogueEntry(gtin, "A01", "海尔", "BCD-500", "冰箱", 1, 899900, serialised=True, cellular=False)
    return entry._replace(**changes)


def a_gtin(number: int) -> str:
    """The GTIN, as 14 digits, whose 13 digits before the check digit are `number`."""
    digits = f"{number:013d}"
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    try:
        yield database
    finally:
        await database.close()
