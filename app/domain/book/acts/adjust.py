"""Adjust a pool: the funders add money, or take back what is available."""

from app.domain.book.rows import Adjustment
from app.domain.book.state import BookState
from app.domain.commands import AdjustPool
from app.domain.ledger import Act
from app.domain.outcomes import Outcome, PoolAdjusted, Refused


def adjust(book: BookState, command: AdjustPool) -> Outcome:
    """Never below zero available. The adjustment number is the idempotency key."""
    earlier = book.adjustments[command.adjustment_no]
    if earlier is not None:
        if earlier.fingerprint != command.fingerprint:
            return Refused("adjustment_no_reused")
        return PoolAdjusted(command.adjustment_no, earlier.pool, earlier.amount_fen, earlier.reason, replayed=True)
    pool = book.pools[command.pool]
    if command.amount_fen < 0:
        back_fen = -command.amount_fen
        if pool.grantable_fen(back_fen) < back_fen:
            return Refused("adjustment_exceeds_available")
        pool.draw(back_fen)
    pool.home.move(budget_fen=command.amount_fen, available_fen=command.amount_fen)
    act = Act(
        pool.home.lane,
        f"{command.adjustment_no}:adjust",
        "adjust",
        None,
        None,
        None,
        command.pool,
        command.amount_fen,
        book.instant,
        {"reason": command.reason},
    )
    book.journal.record(act)
    book.enter(
        act,
        "funder",
        "available",
        pool=command.pool,
        line_no=None,
        amount_fen=command.amount_fen,
        quota_fen=0,
        quota_units=0,
    )
    book.adjustments[command.adjustment_no] = Adjustment(
        command.pool, command.amount_fen, command.reason, command.fingerprint, book.instant
    )
    return PoolAdjusted(command.adjustment_no, command.pool, command.amount_fen, command.reason, replayed=False)
