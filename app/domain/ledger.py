"""The double-entry ledger: what each act moves between a pool's accounts, and between a consumer's quotas.

Accounts of a pool: `funder` (outside: what the funders gave, negative), `available`, `held`, `spent`. Each entry
carries three columns that sum to zero over an act: `amount_fen` (the pool's money), `quota_fen` and `quota_units`
(what the line counts in the consumer's quotas it names). A transfer between accounts is two entries.
"""

from datetime import datetime
from typing import Literal, NamedTuple

Account = Literal["funder", "available", "held", "spent"]


class LedgerEntry(NamedTuple):
    lane: int
    act_id: str
    entry_no: int
    account: Account
    pool: str
    checkout_id: str | None
    line_no: int | None
    amount_fen: int
    quota_fen: int
    quota_units: int
    entered_at: datetime


class Act(NamedTuple):
    """One act that was done. Its id is made of what it acts on and its kind: the same act cannot be done twice."""

    lane: int
    act_id: str
    kind: str
    checkout_id: str | None
    refund_id: str | None
    merchant_id: str | None
    pool: str | None
    amount_fen: int
    acted_at: datetime
    detail: dict[str, object] | None = None


class Journal:
    """Collects the acts and ledger entries of a batch."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.entries: list[LedgerEntry] = []

    def record(self, act: Act) -> None:
        self.acts.append(act)

    def transfer(
        self,
        act: Act,
        debit: Account,
        credit: Account,
        *,
        pool: str,
        line_no: int | None = None,
        amount_fen: int,
        quota_fen: int = 0,
        quota_units: int = 0,
    ) -> None:
        """Move money (and what it counts in the consumer's quotas) from one account to another."""
        entry_no = 0
        if self.entries and self.entries[-1].act_id == act.act_id:
            entry_no = self.entries[-1].entry_no + 1
        for offset, account, sign in ((0, debit, -1), (1, credit, 1)):
            self.entries.append(
                LedgerEntry(
                    act.lane,
                    act.act_id,
                    entry_no + offset,
                    account,
                    pool,
                    act.checkout_id,
                    line_no,
                    sign * amount_fen,
                    sign * quota_fen,
                    sign * quota_units,
                    act.acted_at,
                )
            )
