"""A checkout, its lines and its refunds, as they stand; every change makes a new one.

`held → captured → partially_refunded → refunded`; `held → voided | expired`; `expired → captured`; `declined`.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from app.domain.entitlement import TradeIn


class Status(StrEnum):
    DECLINED = "declined"
    HELD = "held"
    CAPTURED = "captured"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"
    EXPIRED = "expired"


class LineOutcome(StrEnum):
    GRANTED = "granted"
    REDUCED = "reduced"
    DECLINED = "declined"
    RELEASED = "released"
    """Left out of a capture: its subsidy went back."""


LEGAL_MOVES = frozenset(
    {
        (Status.HELD, Status.CAPTURED),
        (Status.HELD, Status.VOIDED),
        (Status.HELD, Status.EXPIRED),
        (Status.EXPIRED, Status.CAPTURED),
        (Status.CAPTURED, Status.PARTIALLY_REFUNDED),
        (Status.CAPTURED, Status.REFUNDED),
        (Status.PARTIALLY_REFUNDED, Status.PARTIALLY_REFUNDED),
        (Status.PARTIALLY_REFUNDED, Status.REFUNDED),
    }
)


class Line(NamedTuple):
    """One line of a checkout. Amounts cover all its units; `price_fen` is that of one unit.

    `quotas` names the consumer quotas the line counts against, as they were named on the day of the hold: what is
    given back goes to the rows it came from. After a price protection `protected_price_fen` and
    `protected_subsidy_fen` stand for price and subsidy in every later refund of the line.
    """

    line_no: int
    gtin: str
    serial_no: str | None
    imei: str | None
    imei2: str | None
    price_fen: int
    quantity: int
    programme: str | None
    category: str | None
    pool: str | None
    grade: int | None
    rate_bps: int | None
    trade_in: TradeIn | None
    entitled_fen: int
    subsidy_fen: int
    outcome: str
    reason: str | None
    limited_by: str | None
    note: str | None
    quotas: tuple[str, ...]
    protected_price_fen: int | None = None
    protected_subsidy_fen: int | None = None
    refunded_units: int = 0
    refunded_fen: int = 0

    @property
    def carries_subsidy(self) -> bool:
        return self.subsidy_fen > 0

    @property
    def items(self) -> tuple[str, ...]:
        """What may carry one live subsidy at a time: the serial number with its GTIN, and each IMEI."""
        return items_of(self.gtin, self.serial_no, self.imeis)

    @property
    def imeis(self) -> tuple[str, ...]:
        return tuple(imei for imei in (self.imei, self.imei2) if imei is not None)

    @property
    def current_price_fen(self) -> int:
        return self.price_fen if self.protected_price_fen is None else self.protected_price_fen

    @property
    def current_subsidy_fen(self) -> int:
        """The subsidy of all units at the present price, units already returned included."""
        return self.subsidy_fen if self.protected_subsidy_fen is None else self.protected_subsidy_fen

    @property
    def kept_fen(self) -> int:
        return self.subsidy_fen - self.refunded_fen


def items_of(gtin: str, serial_no: str | None, imeis: tuple[str, ...]) -> tuple[str, ...]:
    items = [f"imei:{imei}" for imei in imeis]
    if serial_no is not None:
        items.append(f"sn:{gtin}:{serial_no}")
    return tuple(items)


class Checkout(NamedTuple):
    """`subsidy_fen` is the sum over the lines; `cap_remaining_fen` is what the consumer had left after the hold."""

    lane: int
    checkout_id: str
    consumer_id: str
    merchant_id: str
    order_no: str
    store_id: str | None
    till_id: str | None
    channel: str
    status: Status
    policy: str
    policy_version: int
    total_fen: int
    subsidy_fen: int
    refunded_fen: int
    cap_remaining_fen: int | None
    created_at: datetime
    expires_at: datetime | None
    captured_at: datetime | None
    lines: tuple[Line, ...]

    def has_lapsed(self, instant: datetime) -> bool:
        """A hold counts for nothing from `expires_at` on, whether or not a sweeper has passed."""
        return self.status is Status.HELD and self.expires_at is not None and self.expires_at <= instant

    def status_at(self, instant: datetime) -> Status:
        return Status.EXPIRED if self.has_lapsed(instant) else self.status

    def moved(
        self,
        status: Status,
        *,
        lines: tuple[Line, ...] | None = None,
        captured_at: datetime | None = None,
    ) -> "Checkout":
        """The checkout after a legal move, its sums made anew from its lines. Raises ValueError for an illegal one."""
        if (self.status, status) not in LEGAL_MOVES:
            raise ValueError(f"a checkout does not go from {self.status} to {status}")
        lines = self.lines if lines is None else lines
        return self._replace(
            status=status,
            lines=lines,
            subsidy_fen=sum(line.subsidy_fen for line in lines),
            refunded_fen=sum(line.refunded_fen for line in lines),
            captured_at=captured_at or self.captured_at,
        )


class RefundedLine(NamedTuple):
    """`quantity` for returned units, `new_price_fen` for a price protection; the other is None."""

    line_no: int
    quantity: int | None
    new_price_fen: int | None
    subsidy_returned_fen: int
    consumer_refund_fen: int


class RefundMade(NamedTuple):
    """A refund as booked. `restore_at` is when the consumer's quota comes back, where policy defers it."""

    lane: int
    refund_id: str
    checkout_id: str
    consumer_id: str
    merchant_id: str
    refund_no: str
    reason: str | None
    subsidy_returned_fen: int
    consumer_refund_fen: int
    created_at: datetime
    restore_at: datetime | None
    restored_at: datetime | None
    lines: tuple[RefundedLine, ...]
