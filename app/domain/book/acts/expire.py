"""Expire: a hold whose time has run out gives everything back."""

from app.domain.book.acts.capture import give_back_held
from app.domain.book.state import BookState
from app.domain.checkout import Status
from app.domain.commands import Expire
from app.domain.outcomes import CheckoutStands, Nothing, Outcome


def expire(book: BookState, command: Expire) -> Outcome:
    """held → expired, when `expires_at` has come by the book's instant; otherwise nothing."""
    checkout = book.checkouts.get(command.checkout_id)
    if checkout is None or not checkout.has_lapsed(book.instant):
        return Nothing()
    act = book.act_on(checkout, "expire", checkout.subsidy_fen)
    for line in checkout.lines:
        if line.carries_subsidy:
            give_back_held(book, act, checkout, line)
    expired = checkout.moved(Status.EXPIRED)
    book.checkouts[checkout.checkout_id] = expired
    return CheckoutStands(expired, replayed=False)
