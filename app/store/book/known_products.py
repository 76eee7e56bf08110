"""Products as every batch needs them, read once for as long as nothing in the registry changes."""

from collections.abc import Collection
from typing import Final

import asyncpg

from app.domain.book.rows import Product
from app.domain.rules import Rules
from app.store.book import reads

KNOWN_MAX: Final = 50_000
"""Some tens of megabytes. A catalogue may be larger: what is sold today fits."""


class KnownProducts:
    """One worker's. A change of the registry makes new rules, and with new rules everything is read anew: a changed
    product binds as soon as a changed policy."""

    def __init__(self) -> None:
        self._rules: Rules | None = None
        self._known: dict[str, Product] = {}

    async def of(self, connection: asyncpg.Connection, rules: Rules, gtins: Collection[str]) -> dict[str, Product]:
        """Those of the goods that are in the catalogue, by GTIN."""
        if rules is not self._rules or len(self._known) > KNOWN_MAX:
            self._rules, self._known = rules, {}
        known = self._known
        unknown = [gtin for gtin in gtins if gtin not in known]
        if unknown:
            # What an older batch still reads goes into the dictionary of its own rules.
            known.update(await reads.products(connection, unknown))
        return {gtin: known[gtin] for gtin in gtins if gtin in known}
