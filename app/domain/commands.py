"""Every act on money is one of these commands; the book decides them one after another."""

from datetime import date
from typing import NamedTuple

from app.domain.entitlement import TradeIn


class Buyer(NamedTuple):
    """Who buys, as far as we may know it: the lane and one keyed hash for each identity key in use, current first."""

    lane: int
    digests: tuple[tuple[str, bytes], ...]
    birth_date: date | None

    @property
    def digest(self) -> bytes:
        return self.digests[0][1]


class BasketLine(NamedTuple):
    """One line as the till sent it. `price_fen` is the final selling price of one unit, before subsidy."""

    line_no: int
    gtin: str
    serial_no: str | None
    imeis: tuple[str, ...]
    price_fen: int
    quantity: int
    programme: str | None
    trade_in: TradeIn | None


class Hold(NamedTuple):
    """Decide a basket and reserve its subsidy; with `capture`, spend it at once. The caller makes `checkout_id`."""

    checkout_id: str
    merchant_id: str
    order_no: str
    buyer: Buyer
    lines: tuple[BasketLine, ...]
    store_id: str | None
    till_id: str | None
    channel: str
    capture: bool
    fingerprint: bytes


class Target(NamedTuple):
    """A merchant's checkout, by our id or by the merchant's own order number."""

    merchant_id: str
    checkout_id: str | None = None
    order_no: str | None = None

    @property
    def order(self) -> tuple[str, str] | None:
        """(merchant, order number), when named so."""
        return None if self.order_no is None else (self.merchant_id, self.order_no)


class Capture(NamedTuple):
    """The payment succeeded. `line_nos` None captures every granted line."""

    target: Target
    line_nos: frozenset[int] | None = None


class Void(NamedTuple):
    """Give a hold back."""

    target: Target


class UnitsReturned(NamedTuple):
    line_no: int
    quantity: int


class PriceProtection(NamedTuple):
    """The shop lowers the price of one unit after the sale."""

    line_no: int
    new_price_fen: int


class Refund(NamedTuple):
    """Give captured subsidy back, line by line. `refund_id` is made by the caller; its lane becomes the checkout's."""

    target: Target
    refund_id: str
    refund_no: str
    lines: tuple[UnitsReturned | PriceProtection, ...]
    reason: str | None
    fingerprint: bytes


class Expire(NamedTuple):
    """Give back a hold whose time has run out; nothing happens to one that still lives."""

    lane: int
    checkout_id: str


class Restore(NamedTuple):
    """Give a consumer his quota back for a refund, where policy defers that."""

    lane: int
    refund_id: str


class AdjustPool(NamedTuple):
    """Add money to a pool, or take it back with a negative amount."""

    adjustment_no: str
    pool: str
    amount_fen: int
    reason: str
    fingerprint: bytes


Command = Hold | Capture | Void | Refund | Expire | Restore | AdjustPool
