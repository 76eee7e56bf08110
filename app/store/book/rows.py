"""Records of the driver as rows of the domain, and the columns of domain rows as arrays for set-based statements."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import asyncpg
import orjson

from app.domain.checkout import Checkout, Line, RefundedLine, RefundMade, Status
from app.domain.entitlement import TradeIn

_SHARED_ESCAPES = re.compile(rb'\\["\\]')

CHECKOUT_COLUMNS = """
    c.lane, c.checkout_id, c.consumer_id, c.merchant_id, c.order_no, c.store_id, c.till_id, c.channel, c.status,
    c.policy, c.policy_version, c.total_fen, c.subsidy_fen, c.refunded_fen, c.cap_remaining_fen,
    c.created_at, c.expires_at, c.captured_at
"""

LINE_COLUMNS = """
    l.line_no, l.gtin, l.serial_no, l.imei, l.imei2, l.price_fen, l.quantity, l.programme, l.category, l.pool,
    l.grade, l.rate_bps, l.trade_in_category, l.trade_in_battery, l.trade_in_reference, l.entitled_fen,
    l.subsidy_fen, l.outcome, l.reason, l.limited_by, l.note, l.quotas, l.protected_price_fen,
    l.protected_subsidy_fen, l.refunded_units, l.refunded_fen
"""

REFUND_COLUMNS = """
    r.lane, r.refund_id, r.checkout_id, r.consumer_id, r.merchant_id, r.refund_no, r.reason,
    r.subsidy_returned_fen, r.consumer_refund_fen, r.created_at, r.restore_at, r.restored_at
"""


def checkouts_of(records: Iterable[asyncpg.Record], line_records: Iterable[asyncpg.Record]) -> dict[str, Checkout]:
    lines: dict[str, list[Line]] = {}
    for record in line_records:
        lines.setdefault(record["checkout_id"], []).append(line_of(record))
    return {
        record["checkout_id"]: Checkout(
            record["lane"],
            record["checkout_id"],
            record["consumer_id"],
            record["merchant_id"],
            record["order_no"],
            record["store_id"],
            record["till_id"],
            record["channel"],
            Status(record["status"]),
            record["policy"],
            record["policy_version"],
            record["total_fen"],
            record["subsidy_fen"],
            record["refunded_fen"],
            record["cap_remaining_fen"],
            record["created_at"],
            record["expires_at"],
            record["captured_at"],
            tuple(lines[record["checkout_id"]]),
        )
        for record in records
    }


def line_of(record: asyncpg.Record) -> Line:
    old = record["trade_in_category"]
    trade_in = None if old is None else TradeIn(old, record["trade_in_battery"], record["trade_in_reference"])
    return Line(
        record["line_no"],
        record["gtin"],
        record["serial_no"],
        record["imei"],
        record["imei2"],
        record["price_fen"],
        record["quantity"],
        record["programme"],
        record["category"],
        record["pool"],
        record["grade"],
        record["rate_bps"],
        trade_in,
        record["entitled_fen"],
        record["subsidy_fen"],
        record["outcome"],
        record["reason"],
        record["limited_by"],
        record["note"],
        tuple(record["quotas"]),
        record["protected_price_fen"],
        record["protected_subsidy_fen"],
        record["refunded_units"],
        record["refunded_fen"],
    )


def refunds_of(records: Iterable[asyncpg.Record], line_records: Iterable[asyncpg.Record]) -> dict[str, RefundMade]:
    lines: dict[str, list[RefundedLine]] = {}
    for record in line_records:
        lines.setdefault(record["refund_id"], []).append(
            RefundedLine(
                record["line_no"],
                record["quantity"],
                record["new_price_fen"],
                record["subsidy_returned_fen"],
                record["consumer_refund_fen"],
            )
        )
    return {
        record["refund_id"]: RefundMade(
            record["lane"],
            record["refund_id"],
            record["checkout_id"],
            record["consumer_id"],
            record["merchant_id"],
            record["refund_no"],
            record["reason"],
            record["subsidy_returned_fen"],
            record["consumer_refund_fen"],
            record["created_at"],
            record["restore_at"],
            record["restored_at"],
            tuple(lines[record["refund_id"]]),
        )
        for record in records
    }


@cache
def unnested(columns: str, alias: str = "u") -> str:
    """SQL for the arguments of a statement as a table: one array literal each, for columns like "lane smallint"."""
    named = [column.split() for column in columns.split(", ")]
    arrays = ", ".join(f"${number}::text::{kind}[]" for number, (_, kind) in enumerate(named, 1))
    return f"unnest({arrays}) AS {alias} ({', '.join(name for name, _ in named)})"


def columns(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """Rows turned into one array literal a column, as `unnested` takes them."""
    return [column(values) for values in zip(*rows, strict=True)]


def column(values: Iterable[Any]) -> str:
    """Values as the text of a PostgreSQL array. Raises ValueError for text with a control character.

    JSON and array literals quote alike but for control characters, which no text of ours has; the driver's own way
    asks of every element whether it is an array itself, and took four times as long for a whole batch.
    """
    text = orjson.dumps(tuple(values), default=_bytea)
    if b"\\" in text and b"\\" in _SHARED_ESCAPES.sub(b"", text):
        raise ValueError("a control character in a text to be stored")
    return f"{{{text[1:-1].decode()}}}"


def _bytea(value: object) -> str:
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"no column holds {type(value).__name__}")
