"""Void: give a hold back; or close an order number whose hold has not come yet."""

from app.domain.book.acts.capture import give_back_held
from app.domain.book.rows import OrderNumber
from app.domain.book.state import BookState
from app.domain.checkout import Status
from app.domain.commands import Void
from app.domain.outcomes import CheckoutStands, OrderClosed, Outcome, Refused

REFUNDED = frozenset({Status.PARTIALLY_REFUNDED, Status.REFUNDED})


def void(book: BookState, command: Void) -> Outcome:
    """held → voided. An expired hold stays expired; a captured one is refused.

    A void of an order number that holds nothing leaves a mark: the hold it overtook will find the number closed.
    """
    checkout = book.find(command.target)
    if checkout is None:
        return _close_number(book, command)
    if checkout.status is Status.CAPTURED:
        return Refused("checkout_captured")
    if checkout.status in REFUNDED:
        return Refused("checkout_refunded")
    if checkout.status is not Status.HELD:
        return CheckoutStands(checkout, replayed=True)
    act = book.act_on(checkout, "void", checkout.subsidy_fen)
    for line in checkout.lines:
        if line.carries_subsidy:
            give_back_held(book, act, checkout, line)
    voided = checkout.moved(Status.VOIDED)
    book.checkouts[checkout.checkout_id] = voided
    return CheckoutStands(voided, replayed=False)


def _close_number(book: BookState, command: Void) -> Outcome:
    order = command.target.order
    if order is None:
        return Refused("not_found")
    number = book.orders[order]
    if number.state == "closed":
        return OrderClosed(order[1], replayed=True)
    book.orders[order] = OrderNumber("closed", number.lane, number.checkout_id)
    return OrderClosed(order[1], replayed=False)
