"""The books proved: every counter recomputed from the ledger."""

from dataclasses import dataclass
from datetime import datetime

from app.store.database import Database
from app.store.invariants import INVARIANTS, Difference, differences


@dataclass(frozen=True, slots=True)
class Proof:
    """`counts` has every invariant with the number of rows that differ; `differences` the first of them."""

    checked_at: datetime
    counts: dict[str, int]
    differences: list[Difference]

    @property
    def ok(self) -> bool:
        return not any(self.counts.values())


MEANINGS = {invariant.name: invariant.meaning for invariant in INVARIANTS}


async def prove(database: Database) -> Proof:
    """Reads everything in one snapshot; takes as long as the books are long."""
    async with database.reading() as connection:
        return Proof(*await differences(connection))
