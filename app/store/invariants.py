"""What must stay true, recomputed from the ledger in one snapshot. Every query names the rows that differ."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it must be; `subject` is an id of ours, never a person's."""

    invariant: str
    subject: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Invariant:
    """`query` gives (subject, expected, found) for each row that differs."""

    name: str
    meaning: str
    query: str


INVARIANTS = (
    Invariant(
        "acts_balance",
        "the ledger entries of every act sum to zero in each column",
        """
        SELECT act_id, '0', concat_ws('/', sum(amount_fen), sum(quota_fen), sum(quota_units))
        FROM lijian.ledger_entry GROUP BY lane, act_id
        HAVING sum(amount_fen) <> 0 OR sum(quota_fen) <> 0 OR sum(quota_units) <> 0
        """,
    ),
    Invariant(
        "pools_match_ledger",
        "a pool's budget, available, held and spent money are what its ledger accounts say",
        """
        WITH ledger AS (
            SELECT pool,
                   -coalesce(sum(amount_fen) FILTER (WHERE account = 'funder'), 0) AS budget,
                   coalesce(sum(amount_fen) FILTER (WHERE account = 'available'), 0) AS available,
                   coalesce(sum(amount_fen) FILTER (WHERE account = 'held'), 0) AS held,
                   coalesce(sum(amount_fen) FILTER (WHERE account = 'spent'), 0) AS spent
            FROM lijian.ledger_entry GROUP BY pool
        ), counters AS (
            SELECT pool, sum(budget_fen) AS budget, sum(available_fen) AS available, sum(held_fen) AS held,
                   sum(spent_fen) AS spent
            FROM lijian.fund_stripe GROUP BY pool
        )
        SELECT coalesce(l.pool, c.pool),
               concat_ws('/', coalesce(l.budget, 0), coalesce(l.available, 0), coalesce(l.held, 0),
                         coalesce(l.spent, 0)),
               concat_ws('/', coalesce(c.budget, 0), coalesce(c.available, 0), coalesce(c.held, 0),
                         coalesce(c.spent, 0))
        FROM ledger l FULL JOIN counters c ON c.pool = l.pool
        WHERE (coalesce(l.budget, 0), coalesce(l.available, 0), coalesce(l.held, 0), coalesce(l.spent, 0))
              IS DISTINCT FROM
              (coalesce(c.budget, 0), coalesce(c.available, 0), coalesce(c.held, 0), coalesce(c.spent, 0))
        """,
    ),
    Invariant(
        "pools_balance",
        "available + held + spent = budget, and available is not negative",
        """
        SELECT pool, sum(budget_fen)::text, concat_ws('+', sum(available_fen), sum(held_fen), sum(spent_fen))
        FROM lijian.fund_stripe GROUP BY pool
        HAVING sum(available_fen) + sum(held_fen) + sum(spent_fen) <> sum(budget_fen)
            OR min(available_fen) < 0 OR sum(held_fen) < 0 OR sum(spent_fen) < 0
        """,
    ),
    Invariant(
        "quotas_match_ledger",
        "what a consumer holds and has used of each quota is what the ledger says",
        """
        WITH ledger AS (
            SELECT c.lane, c.consumer_id, q.quota,
                   coalesce(sum(e.quota_fen) FILTER (WHERE e.account = 'held'), 0) AS held_fen,
                   coalesce(sum(e.quota_fen) FILTER (WHERE e.account = 'spent'), 0) AS used_fen,
                   coalesce(sum(e.quota_units) FILTER (WHERE e.account = 'held'), 0) AS held_units,
                   coalesce(sum(e.quota_units) FILTER (WHERE e.account = 'spent'), 0) AS used_units
            FROM lijian.ledger_entry e
            JOIN lijian.checkout_line l ON l.lane = e.lane AND l.checkout_id = e.checkout_id AND l.line_no = e.line_no
            JOIN lijian.checkout c ON c.lane = e.lane AND c.checkout_id = e.checkout_id
            CROSS JOIN LATERAL unnest(l.quotas) AS q (quota)
            GROUP BY c.lane, c.consumer_id, q.quota
        )
        SELECT concat_ws(' ', coalesce(l.consumer_id, q.consumer_id), coalesce(l.quota, q.quota)),
               concat_ws('/', l.held_fen, l.used_fen, l.held_units, l.used_units),
               concat_ws('/', q.held_fen, q.used_fen, q.held_units, q.used_units)
        FROM ledger l FULL JOIN lijian.consumer_quota q
             ON q.lane = l.lane AND q.consumer_id = l.consumer_id AND q.quota = l.quota
        WHERE (coalesce(l.held_fen, 0), coalesce(l.used_fen, 0), coalesce(l.held_units, 0), coalesce(l.used_units, 0))
              IS DISTINCT FROM
              (coalesce(q.held_fen, 0), coalesce(q.used_fen, 0), coalesce(q.held_units, 0), coalesce(q.used_units, 0))
        """,
    ),
    Invariant(
        "quotas_within_caps",
        "held + used is within the cap last granted under",
        """
        SELECT concat_ws(' ', consumer_id, quota), concat_ws('/', cap_fen, cap_units),
               concat_ws('/', held_fen + used_fen, held_units + used_units)
        FROM lijian.consumer_quota
        WHERE held_fen + used_fen > cap_fen OR held_units + used_units > cap_units
           OR held_fen < 0 OR used_fen < 0 OR held_units < 0 OR used_units < 0
        """,
    ),
    Invariant(
        "checkouts_match_ledger",
        "what a checkout holds or has spent is what the ledger says, by its state",
        """
        WITH ledger AS (
            SELECT lane, checkout_id,
                   sum(amount_fen) FILTER (WHERE account = 'held') AS held,
                   sum(amount_fen) FILTER (WHERE account = 'spent') AS spent
            FROM lijian.ledger_entry WHERE checkout_id IS NOT NULL GROUP BY lane, checkout_id
        ), due AS (
            SELECT lane, checkout_id,
                   CASE WHEN status = 'held' THEN subsidy_fen ELSE 0 END AS held,
                   CASE WHEN status IN ('captured', 'partially_refunded', 'refunded')
                        THEN subsidy_fen - refunded_fen ELSE 0 END AS spent
            FROM lijian.checkout
        )
        SELECT d.checkout_id, concat_ws('/', coalesce(l.held, 0), coalesce(l.spent, 0)), concat_ws('/', d.held, d.spent)
        FROM due d LEFT JOIN ledger l ON l.lane = d.lane AND l.checkout_id = d.checkout_id
        WHERE (coalesce(l.held, 0), coalesce(l.spent, 0)) IS DISTINCT FROM (d.held, d.spent)
        """,
    ),
    Invariant(
        "checkouts_match_lines",
        "a checkout's sums are those of its lines, and refunds never exceed what was captured",
        """
        SELECT c.checkout_id, concat_ws('/', sum(l.subsidy_fen), sum(l.refunded_fen)),
               concat_ws('/', c.subsidy_fen, c.refunded_fen)
        FROM lijian.checkout c
        JOIN lijian.checkout_line l ON l.lane = c.lane AND l.checkout_id = c.checkout_id
        GROUP BY c.lane, c.checkout_id, c.subsidy_fen, c.refunded_fen
        HAVING sum(l.subsidy_fen) <> c.subsidy_fen OR sum(l.refunded_fen) <> c.refunded_fen
            OR c.refunded_fen > c.subsidy_fen
        """,
    ),
    Invariant(
        "refunds_match_checkouts",
        "what the refunds of a checkout returned is what the checkout says was returned",
        """
        SELECT c.checkout_id, coalesce(r.returned, 0)::text, c.refunded_fen::text
        FROM lijian.checkout c
        LEFT JOIN (SELECT lane, checkout_id, sum(subsidy_returned_fen) AS returned
                   FROM lijian.refund GROUP BY lane, checkout_id) r
             ON r.lane = c.lane AND r.checkout_id = c.checkout_id
        WHERE coalesce(r.returned, 0) <> c.refunded_fen
        """,
    ),
    Invariant(
        "one_live_subsidy_per_item",
        "a live subsidy claims its serial numbers and IMEIs, and nothing else claims them",
        """
        WITH live AS (
            SELECT c.lane, c.checkout_id, l.line_no, i.item
            FROM lijian.checkout c
            JOIN lijian.checkout_line l ON l.lane = c.lane AND l.checkout_id = c.checkout_id
            CROSS JOIN LATERAL (VALUES ('sn:' || l.gtin || ':' || l.serial_no), ('imei:' || l.imei),
                                       ('imei:' || l.imei2)) AS i (item)
            WHERE c.status IN ('held', 'captured', 'partially_refunded') AND l.subsidy_fen > 0
              AND l.refunded_units < l.quantity AND i.item IS NOT NULL
        )
        SELECT coalesce(v.item, i.item), coalesce(v.checkout_id, 'free'), coalesce(i.checkout_id, 'free')
        FROM live v FULL JOIN (SELECT * FROM lijian.item_claim WHERE checkout_id IS NOT NULL) i ON i.item = v.item
        WHERE v.checkout_id IS DISTINCT FROM i.checkout_id
        """,
    ),
    Invariant(
        "one_checkout_per_order_number",
        "every granted checkout is the one its order number names",
        """
        SELECT c.checkout_id, c.merchant_id || ' ' || c.order_no, coalesce(o.checkout_id, o.state, 'none')
        FROM lijian.checkout c
        LEFT JOIN lijian.order_number o ON o.merchant_id = c.merchant_id AND o.order_no = c.order_no
        WHERE c.status <> 'declined' AND (o.state IS DISTINCT FROM 'taken' OR o.checkout_id <> c.checkout_id)
        """,
    ),
)
"""design §7, 1–5; the sixth (no personal data) is held by tests."""

DIFFERENCES_SHOWN_MAX = 100


async def differences(connection: asyncpg.Connection) -> tuple[datetime, dict[str, int], list[Difference]]:
    """When the snapshot was taken, how many rows differ by invariant, and the first of them.

    One REPEATABLE READ snapshot for all: money under way is in all of it or in none.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("SET LOCAL statement_timeout = '15min'")
        instant: datetime = await connection.fetchval("SELECT clock_timestamp()")
        counts: dict[str, int] = {}
        found: list[Difference] = []
        for invariant in INVARIANTS:
            records = await connection.fetch(
                f"SELECT *, count(*) OVER () FROM ({invariant.query}) AS d (subject, expected, found)"
                f" LIMIT {DIFFERENCES_SHOWN_MAX}"
            )
            counts[invariant.name] = records[0][3] if records else 0
            found.extend(Difference(invariant.name, *tuple(record)[:3]) for record in records)
    return instant, counts, found[:DIFFERENCES_SHOWN_MAX]
