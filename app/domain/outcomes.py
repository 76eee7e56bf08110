"""What the book answers to a command. A decline is an outcome like any other; a refusal changes nothing."""

from typing import NamedTuple

from app.domain.checkout import Checkout, RefundMade


class Refused(NamedTuple):
    """The command does not fit the state. `code` is one of the contract's error codes."""

    code: str
    retryable: bool = False
    pointer: str | None = None


class CheckoutStands(NamedTuple):
    """The checkout as it stands after the command; `replayed` when the command had taken effect before."""

    checkout: Checkout
    replayed: bool


class OrderClosed(NamedTuple):
    """A void came before any hold was granted: the order number is closed."""

    order_no: str
    replayed: bool


class RefundStands(NamedTuple):
    refund: RefundMade
    replayed: bool


class PoolAdjusted(NamedTuple):
    """`available_fen` is what the pool has left in all, as far as the book can see it; None on a replay."""

    adjustment_no: str
    pool: str
    amount_fen: int
    reason: str
    replayed: bool


class Nothing(NamedTuple):
    """A command of our own that found nothing to do."""


Outcome = Refused | CheckoutStands | OrderClosed | RefundStands | PoolAdjusted | Nothing
