"""Persist: write what the book changed, set by set. A statement names a row once and must touch as many rows as it
was sent: anything less means that somebody else was there, and the whole batch runs again.
"""

import json
from collections.abc import Sequence
from typing import Any

import asyncpg

from app.domain.book.book import Book
from app.domain.checkout import Checkout, Line
from app.store.book.prefetch import Images
from app.store.book.rows import columns, unnested
from app.store.failures import RunAgain

Rows = list[tuple[Any, ...]]

QUOTA_ROW = (
    "lane smallint, consumer_id text, quota text, held_fen bigint, used_fen bigint, cap_fen bigint, "
    "held_units int, used_units int, cap_units int, version int"
)


async def persist(connection: asyncpg.Connection, book: Book, images: Images) -> None:
    """Write the book's changes. Raises RunAgain when a row was not as the book knew it."""
    writer = _Writer(connection)
    await _write_quotas(writer, book)
    await _write_new_checkouts(writer, book)
    await _write_moved_checkouts(writer, book, images)
    await _write_refunds(writer, book)
    await _write_journal(writer, book)
    await _write_numbers(writer, book, images)
    await _write_items(writer, book, images)
    await _write_stripes(writer, book)


class _Writer:
    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def write(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if not rows:
            return
        status = await self._connection.execute(statement, *columns(rows))
        if int(status.rsplit(" ", 1)[1]) != len(rows):
            raise RunAgain("rows_lost")


async def _write_quotas(writer: _Writer, book: Book) -> None:
    """Rows read are changed if they are still at the version read; the others are new, under the consumer's lock."""
    new: Rows = []
    changed: Rows = []
    for key, lane in sorted(book.quotas_changed.items()):
        quota = book.quotas[key]
        rows = changed if quota.version else new
        rows.append(
            (
                lane,
                *key,
                quota.held_fen,
                quota.used_fen,
                quota.cap_fen,
                quota.held_units,
                quota.used_units,
                quota.cap_units,
                quota.version + 1,
            )
        )
    await writer.write(
        f"""
        INSERT INTO lijian.consumer_quota
            (lane, consumer_id, quota, held_fen, used_fen, cap_fen, held_units, used_units, cap_units, version)
        SELECT * FROM {unnested(QUOTA_ROW)}
        """,
        new,
    )
    await writer.write(
        f"""
        UPDATE lijian.consumer_quota q
        SET held_fen = u.held_fen, used_fen = u.used_fen, cap_fen = u.cap_fen, held_units = u.held_units,
            used_units = u.used_units, cap_units = u.cap_units, version = u.version
        FROM {unnested(QUOTA_ROW)}
        WHERE q.lane = u.lane AND q.consumer_id = u.consumer_id AND q.quota = u.quota AND q.version = u.version - 1
        """,
        changed,
    )


async def _write_new_checkouts(writer: _Writer, book: Book) -> None:
    checkouts = [book.checkouts[checkout_id] for checkout_id in book.checkouts_made]
    await writer.write(
        f"""
        INSERT INTO lijian.checkout
            (lane, checkout_id, consumer_id, merchant_id, order_no, store_id, till_id, channel, status, policy,
             policy_version, total_fen, subsidy_fen, refunded_fen, cap_remaining_fen, created_at, expires_at,
             captured_at)
        SELECT * FROM {
            unnested(
                "lane smallint, checkout_id text, consumer_id text, merchant_id text, order_no text, store_id text, "
                "till_id text, channel text, status text, policy text, policy_version int, total_fen bigint, "
                "subsidy_fen bigint, refunded_fen bigint, cap_remaining_fen bigint, created_at timestamptz, "
                "expires_at timestamptz, captured_at timestamptz"
            )
        }
        """,
        [checkout[:-1] for checkout in checkouts],
    )
    await writer.write(
        f"""
        INSERT INTO lijian.checkout_line
            (lane, checkout_id, line_no, gtin, serial_no, imei, imei2, price_fen, quantity, programme, category, pool,
             grade, rate_bps, trade_in_category, trade_in_battery, trade_in_reference, entitled_fen, subsidy_fen,
             outcome, reason, limited_by, note, quotas, protected_price_fen, protected_subsidy_fen, refunded_units,
             refunded_fen)
        SELECT lane, checkout_id, line_no, gtin, serial_no, imei, imei2, price_fen, quantity, programme, category,
               pool, grade, rate_bps, trade_in_category, trade_in_battery, trade_in_reference, entitled_fen,
               subsidy_fen, outcome, reason, limited_by, note, string_to_array(quotas, ' '), protected_price_fen,
               protected_subsidy_fen, refunded_units, refunded_fen
        FROM {
            unnested(
                "lane smallint, checkout_id text, line_no int, gtin text, serial_no text, imei text, imei2 text, "
                "price_fen bigint, quantity int, programme text, category text, pool text, grade smallint, "
                "rate_bps int, trade_in_category text, trade_in_battery text, trade_in_reference text, "
                "entitled_fen bigint, subsidy_fen bigint, outcome text, reason text, limited_by text, note text, "
                "quotas text, protected_price_fen bigint, protected_subsidy_fen bigint, refunded_units int, "
                "refunded_fen bigint"
            )
        }
        """,
        [_line_row(checkout, line) for checkout in checkouts for line in checkout.lines],
    )


def _line_row(checkout: Checkout, line: Line) -> tuple[Any, ...]:
    trade_in = line.trade_in or (None, None, None)
    return (
        checkout.lane,
        checkout.checkout_id,
        *line[:12],
        *trade_in,
        *line[13:19],
        " ".join(line.quotas),
        *line[20:],
    )


async def _write_moved_checkouts(writer: _Writer, book: Book, images: Images) -> None:
    moved = [
        (image, book.checkouts[checkout_id])
        for checkout_id, image in sorted(images.checkouts.items())
        if book.checkouts[checkout_id] is not image
    ]
    await writer.write(
        f"""
        UPDATE lijian.checkout c
        SET status = u.status, subsidy_fen = u.subsidy_fen, refunded_fen = u.refunded_fen, captured_at = u.captured_at
        FROM {
            unnested(
                "lane smallint, checkout_id text, was text, status text, subsidy_fen bigint, refunded_fen bigint, "
                "captured_at timestamptz"
            )
        }
        WHERE c.lane = u.lane AND c.checkout_id = u.checkout_id AND c.status = u.was
        """,
        [
            (c.lane, c.checkout_id, was.status, c.status, c.subsidy_fen, c.refunded_fen, c.captured_at)
            for was, c in moved
        ],
    )
    await writer.write(
        f"""
        UPDATE lijian.checkout_line l
        SET outcome = u.outcome, subsidy_fen = u.subsidy_fen, protected_price_fen = u.protected_price_fen,
            protected_subsidy_fen = u.protected_subsidy_fen, refunded_units = u.refunded_units,
            refunded_fen = u.refunded_fen
        FROM {
            unnested(
                "lane smallint, checkout_id text, line_no int, outcome text, subsidy_fen bigint, "
                "protected_price_fen bigint, protected_subsidy_fen bigint, refunded_units int, refunded_fen bigint, "
                "was_refunded_fen bigint"
            )
        }
        WHERE l.lane = u.lane AND l.checkout_id = u.checkout_id AND l.line_no = u.line_no
          AND l.refunded_fen = u.was_refunded_fen
        """,
        [
            (
                c.lane,
                c.checkout_id,
                line.line_no,
                line.outcome,
                line.subsidy_fen,
                line.protected_price_fen,
                line.protected_subsidy_fen,
                line.refunded_units,
                line.refunded_fen,
                earlier.refunded_fen,
            )
            for was, c in moved
            for earlier, line in zip(was.lines, c.lines, strict=True)
            if line is not earlier
        ],
    )


async def _write_refunds(writer: _Writer, book: Book) -> None:
    made = [book.refunds[refund_id] for refund_id in book.refunds_made]
    await writer.write(
        f"""
        INSERT INTO lijian.refund
            (lane, refund_id, checkout_id, consumer_id, merchant_id, refund_no, reason, subsidy_returned_fen,
             consumer_refund_fen, created_at, restore_at, restored_at)
        SELECT * FROM {
            unnested(
                "lane smallint, refund_id text, checkout_id text, consumer_id text, merchant_id text, "
                "refund_no text, reason text, subsidy_returned_fen bigint, consumer_refund_fen bigint, "
                "created_at timestamptz, restore_at timestamptz, restored_at timestamptz"
            )
        }
        """,
        [refund[:-1] for refund in made],
    )
    await writer.write(
        f"""
        INSERT INTO lijian.refund_line
            (lane, refund_id, line_no, quantity, new_price_fen, subsidy_returned_fen, consumer_refund_fen)
        SELECT * FROM {
            unnested(
                "lane smallint, refund_id text, line_no int, quantity int, new_price_fen bigint, "
                "subsidy_returned_fen bigint, consumer_refund_fen bigint"
            )
        }
        """,
        [(refund.lane, refund.refund_id, *line) for refund in made for line in refund.lines],
    )
    await writer.write(
        f"""
        UPDATE lijian.refund r SET restored_at = u.restored_at
        FROM {unnested("lane smallint, refund_id text, restored_at timestamptz")}
        WHERE r.lane = u.lane AND r.refund_id = u.refund_id AND r.restored_at IS NULL
        """,
        [(book.refunds[i].lane, i, book.refunds[i].restored_at) for i in book.refunds_restored],
    )


async def _write_journal(writer: _Writer, book: Book) -> None:
    await writer.write(
        f"""
        INSERT INTO lijian.act
            (lane, act_id, kind, checkout_id, refund_id, merchant_id, pool, amount_fen, acted_at, detail)
        SELECT lane, act_id, kind, checkout_id, refund_id, merchant_id, pool, amount_fen, acted_at, detail::jsonb
        FROM {
            unnested(
                "lane smallint, act_id text, kind text, checkout_id text, refund_id text, merchant_id text, "
                "pool text, amount_fen bigint, acted_at timestamptz, detail text"
            )
        }
        """,
        [
            (*act[:-1], None if act.detail is None else json.dumps(act.detail, ensure_ascii=False))
            for act in book.journal.acts
        ],
    )
    await writer.write(
        f"""
        INSERT INTO lijian.ledger_entry
            (lane, act_id, entry_no, account, pool, checkout_id, line_no, amount_fen, quota_fen, quota_units,
             entered_at)
        SELECT * FROM {
            unnested(
                "lane smallint, act_id text, entry_no smallint, account text, pool text, checkout_id text, "
                "line_no int, amount_fen bigint, quota_fen bigint, quota_units int, entered_at timestamptz"
            )
        }
        """,
        book.journal.entries,
    )


async def _write_numbers(writer: _Writer, book: Book, images: Images) -> None:
    await writer.write(
        f"""
        UPDATE lijian.order_number o
        SET state = u.state, lane = u.lane, checkout_id = u.checkout_id, fingerprint = u.fingerprint
        FROM {
            unnested("merchant_id text, order_no text, state text, lane smallint, checkout_id text, fingerprint bytea")
        }
        WHERE o.merchant_id = u.merchant_id AND o.order_no = u.order_no
        """,
        [(*key, *book.orders[key]) for key, image in sorted(images.orders.items()) if book.orders[key] != image],
    )
    await writer.write(
        f"""
        UPDATE lijian.refund_number n
        SET lane = u.lane, refund_id = u.refund_id, checkout_id = u.checkout_id, fingerprint = u.fingerprint
        FROM {
            unnested(
                "merchant_id text, refund_no text, lane smallint, refund_id text, checkout_id text, fingerprint bytea"
            )
        }
        WHERE n.merchant_id = u.merchant_id AND n.refund_no = u.refund_no AND n.refund_id IS NULL
        """,
        [
            (*key, *book.refund_numbers[key])
            for key, image in sorted(images.refund_numbers.items())
            if book.refund_numbers[key] != image
        ],
    )
    await writer.write(
        f"""
        UPDATE lijian.adjustment_number n
        SET pool = u.pool, amount_fen = u.amount_fen, reason = u.reason, fingerprint = u.fingerprint,
            adjusted_at = u.adjusted_at
        FROM {
            unnested(
                "adjustment_no text, pool text, amount_fen bigint, reason text, fingerprint bytea, "
                "adjusted_at timestamptz"
            )
        }
        WHERE n.adjustment_no = u.adjustment_no AND n.pool IS NULL
        """,
        [
            (number, *made)
            for number, image in sorted(images.adjustments.items())
            if (made := book.adjustments[number]) is not None and made != image
        ],
    )


async def _write_items(writer: _Writer, book: Book, images: Images) -> None:
    await writer.write(
        f"""
        UPDATE lijian.item_claim i SET lane = u.lane, checkout_id = u.checkout_id, line_no = u.line_no
        FROM {unnested("item text, lane smallint, checkout_id text, line_no int")}
        WHERE i.item = u.item
        """,
        [
            (item, *book.items[item][:3])
            for item, image in sorted(images.items.items())
            if book.items[item][:3] != image[:3]
        ],
    )


async def _write_stripes(writer: _Writer, book: Book) -> None:
    await writer.write(
        f"""
        UPDATE lijian.fund_stripe s
        SET budget_fen = s.budget_fen + u.budget_fen, available_fen = s.available_fen + u.available_fen,
            held_fen = s.held_fen + u.held_fen, spent_fen = s.spent_fen + u.spent_fen
        FROM {
            unnested(
                "lane smallint, pool text, budget_fen bigint, available_fen bigint, held_fen bigint, spent_fen bigint"
            )
        }
        WHERE s.lane = u.lane AND s.pool = u.pool
        """,
        [
            (
                stripe.lane,
                code,
                stripe.budget_moved_fen,
                stripe.available_moved_fen,
                stripe.held_moved_fen,
                stripe.spent_moved_fen,
            )
            for code, pool in sorted(book.pools.items())
            for stripe in pool.stripes()
            if stripe.has_moved
        ],
    )
