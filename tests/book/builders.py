"""Commands, made short: people, baskets, and what a till does afterwards."""

import hashlib
import itertools
from collections.abc import Iterable
from datetime import date

from app.domain.commands import (
    AdjustPool,
    BasketLine,
    Buyer,
    Capture,
    Expire,
    Hold,
    PriceProtection,
    Refund,
    Target,
    UnitsReturned,
    Void,
)
from app.domain.entitlement import TradeIn
from app.domain.ids import new_id
from app.domain.lanes import LANE_VALUES

_numbers = itertools.count(1)


def a_buyer(number: int = 1, born: date | None = date(1980, 1, 1)) -> Buyer:
    digest = hashlib.sha256(f"person {number}".encode()).digest()
    return Buyer(LANE_VALUES[number % len(LANE_VALUES)], (("k1", digest),), born)


def a_line(
    gtin: str,
    price_fen: int,
    *,
    line_no: int = 1,
    quantity: int = 1,
    serial_no: str | None = None,
    imeis: tuple[str, ...] = (),
    programme: str | None = None,
    trade_in: TradeIn | None = None,
) -> BasketLine:
    return BasketLine(line_no, gtin, serial_no, imeis, price_fen, quantity, programme, trade_in)


def a_hold(
    lines: Iterable[BasketLine],
    *,
    order_no: str | None = None,
    buyer: Buyer | None = None,
    merchant_id: str = "M001",
    capture: bool = False,
    number: int | None = None,
) -> Hold:
    """`number` makes the checkout's id; a fresh one otherwise. The fingerprint is made of all a till would send."""
    number = next(_numbers) if number is None else number
    buyer = buyer or a_buyer()
    body = (order_no or f"O-{number}", buyer, tuple(lines), capture)
    return Hold(
        an_id("co_", number, buyer.lane),
        merchant_id,
        body[0],
        buyer,
        body[2],
        "S001",
        "T01",
        "in_store",
        capture,
        fingerprint_of(*body),
    )


def a_refund(
    target: Target,
    lines: Iterable[UnitsReturned | PriceProtection],
    *,
    refund_no: str | None = None,
    number: int | None = None,
) -> Refund:
    number = next(_numbers) if number is None else number
    parts = tuple(lines)
    return Refund(
        target,
        an_id("re_", number, LANE_VALUES[0]),
        refund_no or f"R-{number}",
        parts,
        "returned",
        fingerprint_of(parts),
    )


def an_adjustment(pool: str, amount_fen: int, number: str | None = None) -> AdjustPool:
    number = f"A-{next(_numbers)}" if number is None else number
    return AdjustPool(number, pool, amount_fen, "test", fingerprint_of(pool, amount_fen))


def by_order(hold: Hold) -> Target:
    return Target(hold.merchant_id, order_no=hold.order_no)


def by_id(hold: Hold) -> Target:
    return Target(hold.merchant_id, checkout_id=hold.checkout_id)


def capture_of(hold: Hold, *line_nos: int) -> Capture:
    return Capture(by_order(hold), frozenset(line_nos) or None)


def void_of(hold: Hold) -> Void:
    return Void(by_order(hold))


def expire_of(hold: Hold) -> Expire:
    return Expire(hold.buyer.lane, hold.checkout_id)


def an_id(prefix: str, number: int, lane: int) -> str:
    return new_id(prefix, LANE_VALUES.index(lane), 1_700_000_000_000, number.to_bytes(10, "big"))


def fingerprint_of(*parts: object) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()
