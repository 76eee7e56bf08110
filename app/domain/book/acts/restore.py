"""Restore: a refund's deferred return of quota to its consumer has come due."""

from app.domain.book.state import BookState
from app.domain.commands import Restore
from app.domain.ledger import Act
from app.domain.outcomes import Nothing, Outcome


def restore(book: BookState, command: Restore) -> Outcome:
    """Give the quota back; the money went back with the refund itself."""
    made = book.refunds.get(command.refund_id)
    if made is None or not book.is_due(made):
        return Nothing()
    checkout = book.checkouts[made.checkout_id]
    policy = book.policy_of(checkout)
    act = Act(
        made.lane,
        f"{made.refund_id}:restore",
        "restore",
        made.checkout_id,
        made.refund_id,
        made.merchant_id,
        None,
        0,
        book.instant,
    )
    book.journal.record(act)
    lines = {line.line_no: line for line in checkout.lines}
    for refunded in made.lines:
        line = lines[refunded.line_no]
        assert line.pool is not None
        assert line.programme is not None
        if policy.programmes[line.programme].refund_restores != "next_day":
            continue
        units = refunded.quantity or 0
        book.enter(
            act,
            "spent",
            "available",
            pool=line.pool,
            line_no=line.line_no,
            amount_fen=0,
            quota_fen=refunded.subsidy_returned_fen,
            quota_units=units,
        )
        book.move_quotas(
            made.lane,
            made.consumer_id,
            line.quotas,
            used_fen=-refunded.subsidy_returned_fen,
            used_units=-units,
        )
    book.refunds[made.refund_id] = made._replace(restored_at=book.instant)
    book.refunds_restored.append(made.refund_id)
    return Nothing()
