"""The book: a plain in-memory state machine that decides every act on money.

It holds the rows a batch of commands needs, read under their locks, and nothing else. Deterministic: the same rows,
the same commands and the same instant give the same outcomes. It performs no I/O; what it changed is written by the
store in one transaction, or thrown away (a quote is exactly that).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.domain.book.acts.adjust import adjust
from app.domain.book.acts.capture import capture
from app.domain.book.acts.expire import expire
from app.domain.book.acts.hold import hold
from app.domain.book.acts.refund import refund
from app.domain.book.acts.restore import restore
from app.domain.book.acts.void import void
from app.domain.book.state import BookState
from app.domain.commands import AdjustPool, Capture, Command, Expire, Hold, Refund, Restore, Void
from app.domain.outcomes import Outcome
from app.domain.rules import Rules

ACTS: dict[type, Callable[[BookState, Any], Outcome]] = {
    Hold: hold,
    Capture: capture,
    Void: void,
    Refund: refund,
    Expire: expire,
    Restore: restore,
    AdjustPool: adjust,
}


class Book(BookState):
    """The state and the one door to change it."""

    def __init__(self, rules: Rules, instant: datetime) -> None:
        super().__init__(rules, instant)

    def apply(self, command: Command) -> Outcome:
        """Decide one command. Raises Missing when rows are lacking; the whole batch is then run again."""
        return ACTS[type(command)](self, command)

    def expire_lapsed(self) -> None:
        """Expire every checkout in reach whose time has run out at the book's instant, and restore what is due.

        Put in front of a batch, so that a lapsed hold counts for nothing whether or not a sweeper has passed.
        """
        for checkout_id in sorted(self.touched):
            checkout = self.checkouts[checkout_id]
            if checkout.has_lapsed(self.instant):
                self.apply(Expire(checkout.lane, checkout_id))
        for refund_made in [r for r in self.refunds.values() if self.is_due(r)]:
            self.apply(Restore(refund_made.lane, refund_made.refund_id))
