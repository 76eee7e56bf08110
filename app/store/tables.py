"""Every table, CHECK and index, in the schema `lijian`.

Two kinds of table. *Registry* tables (policies, products, merchants, keys, switches) are small, change seldom and
are read by key. *Money* tables carry `lane` as the first column of every key, so that a cluster can hold each lane
on one machine; the number tables (`order_number`, `refund_number`, `adjustment_number`, `item_claim`) are unique
across consumers and therefore keyed by themselves, without foreign keys to the lanes.

Text keys are declared with collation "C": locks are taken in key order, and Python and PostgreSQL must agree on it.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

SCHEMA = "lijian"

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(referred_table_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    },
)

Key = Text(collation="C")
Instant = DateTime(timezone=True)


def _lane() -> Column[int]:
    return Column("lane", SmallInteger, nullable=False)


def _fen(name: str, *, nullable: bool = False, server_default: str | None = None) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable, server_default=server_default)


def _at(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, Instant, nullable=nullable)


# --- registry ---------------------------------------------------------------------------------------------------

registry_revision = Table(
    "registry_revision",
    metadata,
    Column("only", Boolean, primary_key=True, server_default=text("true")),
    Column("revision", BigInteger, nullable=False),
    CheckConstraint('"only"', name="one_row"),
)
"""One row. Every change of the registry adds one to `revision` in its own transaction; workers poll it."""

installation = Table(
    "installation",
    metadata,
    Column("only", Boolean, primary_key=True, server_default=text("true")),
    Column("secret_check", LargeBinary, nullable=False),
    CheckConstraint('"only"', name="one_row"),
)
"""One row, written by the first start: a keyed hash of a constant, so that a start with other secrets is refused."""

policy_version = Table(
    "policy_version",
    metadata,
    Column("policy", Key, nullable=False),
    Column("version", Integer, nullable=False),
    Column("publication", Integer, Identity(always=True), nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("source_sha256", Text, nullable=False),
    _at("published_at"),
    PrimaryKeyConstraint("policy", "version"),
)
"""Published packs, immutable. The greatest `publication` is in force."""

programme_switch = Table(
    "programme_switch",
    metadata,
    Column("programme", Key, primary_key=True),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    _at("changed_at"),
    CheckConstraint("state IN ('open', 'paused')", name="state"),
)

product = Table(
    "product",
    metadata,
    Column("gtin", Key, primary_key=True),
    Column("category", Key, nullable=False),
    Column("brand", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("grade", SmallInteger),
    _fen("filed_price_fen", nullable=True),
    Column("serialised", Boolean, nullable=False),
    Column("cellular", Boolean, nullable=False),
    _at("updated_at"),
    Column("change", BigInteger, nullable=False),
    CheckConstraint("gtin ~ '^[0-9]{14}$'", name="gtin"),
    CheckConstraint("filed_price_fen > 0", name="filed_price"),
    Index(None, "category", "gtin"),
)
"""The eligible-goods catalogue. `change` is the registry revision that last touched the row (for ETags)."""

merchant = Table(
    "merchant",
    metadata,
    Column("merchant_id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("uscc", Key, nullable=False),
    Column("district", Key, nullable=False),
    Column("state", Text, nullable=False, server_default="active"),
    Column("state_reason", Text),
    _at("created_at"),
    _at("changed_at"),
    CheckConstraint("state IN ('active', 'suspended')", name="state"),
)

store = Table(
    "store",
    metadata,
    Column("merchant_id", Key, nullable=False),
    Column("store_id", Key, nullable=False),
    Column("name", Text, nullable=False),
    Column("district", Key, nullable=False),
    _at("created_at"),
    PrimaryKeyConstraint("merchant_id", "store_id"),
    ForeignKeyConstraint(["merchant_id"], [merchant.c.merchant_id]),
)

api_key = Table(
    "api_key",
    metadata,
    Column("key_id", Key, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("client", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("merchant_ids", ARRAY(Text(collation="C")), nullable=False),
    _at("created_at"),
    _at("expires_at", nullable=True),
    _at("revoked_at", nullable=True),
    CheckConstraint("role IN ('merchant', 'gateway', 'operator', 'auditor')", name="role"),
    CheckConstraint("role <> 'merchant' OR cardinality(merchant_ids) = 1", name="merchant_has_one"),
)
"""Bearer keys as keyed hashes. `client` names the holder; rotation leaves two live keys of one client for a while."""

worker_number = Sequence("worker_number", metadata=metadata, cycle=True)
"""Numbers the batch slots of all workers as they start, so that each draws on a home stripe of its own."""

lane_anchor = Table(
    "lane_anchor",
    metadata,
    Column("lane", SmallInteger, primary_key=True, autoincrement=False),
)
"""One row a lane, never changed. While identity keys rotate, who may create a consumer in a lane locks its row; on a
cluster a set-based INSERT is selected from it, so that it stays on the lane's machine."""

# --- people -----------------------------------------------------------------------------------------------------

consumer = Table(
    "consumer",
    metadata,
    _lane(),
    Column("consumer_id", Key, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("digest_key_id", Key, nullable=False),
    _at("created_at"),
    PrimaryKeyConstraint("lane", "consumer_id"),
    UniqueConstraint("lane", "digest"),
)
"""A buyer, known by a keyed hash alone. Its row is the lock of all his quotas."""

consumer_block = Table(
    "consumer_block",
    metadata,
    _lane(),
    Column("block_id", Key, nullable=False),
    Column("consumer_id", Key, nullable=False),
    Column("reason", Text, nullable=False),
    _at("created_at"),
    _at("until_at", nullable=True),
    _at("lifted_at", nullable=True),
    PrimaryKeyConstraint("lane", "block_id"),
    ForeignKeyConstraint(["lane", "consumer_id"], [consumer.c.lane, consumer.c.consumer_id]),
    Index(None, "lane", "consumer_id", postgresql_where=text("lifted_at IS NULL")),
)

consumer_quota = Table(
    "consumer_quota",
    metadata,
    _lane(),
    Column("consumer_id", Key, nullable=False),
    Column("quota", Key, nullable=False),
    _fen("held_fen"),
    _fen("used_fen"),
    _fen("cap_fen", nullable=True),
    Column("held_units", Integer, nullable=False),
    Column("used_units", Integer, nullable=False),
    Column("cap_units", Integer),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("lane", "consumer_id", "quota"),
    ForeignKeyConstraint(["lane", "consumer_id"], [consumer.c.lane, consumer.c.consumer_id]),
    CheckConstraint("held_fen >= 0 AND used_fen >= 0", name="fen_not_negative"),
    CheckConstraint("held_units >= 0 AND used_units >= 0", name="units_not_negative"),
    CheckConstraint("held_fen + used_fen <= cap_fen", name="within_cap_fen"),
    CheckConstraint("held_units + used_units <= cap_units", name="within_cap_units"),
)
"""What one consumer holds and has used under one quota: a cumulative cap ('cap:total') or a category and year
('A04:2026'). `cap_fen` and `cap_units` are those it was last granted under; NULL is no limit."""

# --- checkouts --------------------------------------------------------------------------------------------------

CHECKOUT_STATES = (
    "declined",
    "held",
    "captured",
    "partially_refunded",
    "refunded",
    "voided",
    "expired",
)

checkout = Table(
    "checkout",
    metadata,
    _lane(),
    Column("checkout_id", Key, nullable=False),
    Column("consumer_id", Key, nullable=False),
    Column("merchant_id", Key, nullable=False),
    Column("order_no", Key, nullable=False),
    Column("store_id", Key),
    Column("till_id", Key),
    Column("channel", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("policy", Key, nullable=False),
    Column("policy_version", Integer, nullable=False),
    _fen("total_fen"),
    _fen("subsidy_fen"),
    _fen("refunded_fen"),
    _fen("cap_remaining_fen", nullable=True),
    _at("created_at"),
    _at("expires_at", nullable=True),
    _at("captured_at", nullable=True),
    PrimaryKeyConstraint("lane", "checkout_id"),
    ForeignKeyConstraint(["lane", "consumer_id"], [consumer.c.lane, consumer.c.consumer_id]),
    CheckConstraint(f"status IN {CHECKOUT_STATES}", name="status"),
    CheckConstraint("0 <= subsidy_fen AND subsidy_fen <= total_fen", name="subsidy"),
    CheckConstraint("0 <= refunded_fen AND refunded_fen <= subsidy_fen", name="refunded"),
    Index(None, "lane", "consumer_id", "expires_at", postgresql_where=text("status = 'held'")),
    # Every hold has money in it. Saying so keeps this index out of the search for one consumer's holds, which would
    # read the holds of the whole city whenever there were none when statistics were last taken.
    Index(None, "expires_at", postgresql_where=text("status = 'held' AND subsidy_fen > 0")),
)

checkout_line = Table(
    "checkout_line",
    metadata,
    _lane(),
    Column("checkout_id", Key, nullable=False),
    Column("line_no", Integer, nullable=False),
    Column("gtin", Key, nullable=False),
    Column("serial_no", Key),
    Column("imei", Key),
    Column("imei2", Key),
    _fen("price_fen"),
    Column("quantity", Integer, nullable=False),
    Column("programme", Key),
    Column("category", Key),
    Column("pool", Key),
    Column("grade", SmallInteger),
    Column("rate_bps", Integer),
    Column("trade_in_category", Key),
    Column("trade_in_battery", Key),
    Column("trade_in_reference", Text),
    _fen("entitled_fen"),
    _fen("subsidy_fen"),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("limited_by", Text),
    Column("note", Text),
    Column("quotas", ARRAY(Text(collation="C")), nullable=False),
    _fen("protected_price_fen", nullable=True),
    _fen("protected_subsidy_fen", nullable=True),
    Column("refunded_units", Integer, nullable=False),
    _fen("refunded_fen"),
    PrimaryKeyConstraint("lane", "checkout_id", "line_no"),
    ForeignKeyConstraint(["lane", "checkout_id"], [checkout.c.lane, checkout.c.checkout_id]),
    CheckConstraint("price_fen > 0 AND quantity > 0", name="positive"),
    CheckConstraint("0 <= subsidy_fen AND subsidy_fen <= entitled_fen", name="subsidy"),
    CheckConstraint("0 <= refunded_fen AND refunded_fen <= subsidy_fen", name="refunded"),
    CheckConstraint("0 <= refunded_units AND refunded_units <= quantity", name="refunded_units"),
    CheckConstraint("outcome IN ('granted', 'reduced', 'declined', 'released')", name="outcome"),
)
"""`protected_price_fen` and `protected_subsidy_fen` replace price and subsidy after a price protection."""

refund = Table(
    "refund",
    metadata,
    _lane(),
    Column("refund_id", Key, nullable=False),
    Column("checkout_id", Key, nullable=False),
    Column("consumer_id", Key, nullable=False),
    Column("merchant_id", Key, nullable=False),
    Column("refund_no", Key, nullable=False),
    Column("reason", Text),
    _fen("subsidy_returned_fen"),
    _fen("consumer_refund_fen"),
    _at("created_at"),
    _at("restore_at", nullable=True),
    _at("restored_at", nullable=True),
    PrimaryKeyConstraint("lane", "refund_id"),
    ForeignKeyConstraint(["lane", "checkout_id"], [checkout.c.lane, checkout.c.checkout_id]),
    Index(None, "lane", "checkout_id"),
    Index(
        "refund_due_idx",
        "lane",
        "consumer_id",
        "restore_at",
        postgresql_where=text("restore_at IS NOT NULL AND restored_at IS NULL"),
    ),
)
"""`restore_at` is when the consumer's quota comes back, where policy defers it; NULL is at once or never."""

refund_line = Table(
    "refund_line",
    metadata,
    _lane(),
    Column("refund_id", Key, nullable=False),
    Column("line_no", Integer, nullable=False),
    Column("quantity", Integer),
    _fen("new_price_fen", nullable=True),
    _fen("subsidy_returned_fen"),
    _fen("consumer_refund_fen"),
    PrimaryKeyConstraint("lane", "refund_id", "line_no"),
    ForeignKeyConstraint(["lane", "refund_id"], [refund.c.lane, refund.c.refund_id]),
    CheckConstraint("(quantity IS NULL) <> (new_price_fen IS NULL)", name="units_or_price"),
    CheckConstraint("subsidy_returned_fen >= 0 AND consumer_refund_fen >= 0", name="not_negative"),
)

# --- numbers and claims, unique across lanes ---------------------------------------------------------------------

order_number = Table(
    "order_number",
    metadata,
    Column("merchant_id", Key, nullable=False),
    Column("order_no", Key, nullable=False),
    Column("state", Text, nullable=False),
    Column("lane", SmallInteger),
    Column("checkout_id", Key),
    Column("fingerprint", LargeBinary),
    PrimaryKeyConstraint("merchant_id", "order_no"),
    CheckConstraint("state IN ('free', 'taken', 'closed')", name="state"),
    CheckConstraint("state <> 'taken' OR (checkout_id IS NOT NULL AND fingerprint IS NOT NULL)", name="taken"),
)
"""taken: by that checkout. free: never granted; `checkout_id` is the latest declined attempt, if any.
closed: a void came before any hold was granted."""

refund_number = Table(
    "refund_number",
    metadata,
    Column("merchant_id", Key, nullable=False),
    Column("refund_no", Key, nullable=False),
    Column("lane", SmallInteger),
    Column("refund_id", Key),
    Column("checkout_id", Key),
    Column("fingerprint", LargeBinary),
    PrimaryKeyConstraint("merchant_id", "refund_no"),
)
"""An empty row (refund_id NULL) is free: a refused refund does not use up its number."""

adjustment_number = Table(
    "adjustment_number",
    metadata,
    Column("adjustment_no", Key, primary_key=True),
    Column("pool", Key),
    _fen("amount_fen", nullable=True),
    Column("reason", Text),
    Column("fingerprint", LargeBinary),
    _at("adjusted_at", nullable=True),
)

item_claim = Table(
    "item_claim",
    metadata,
    Column("item", Key, primary_key=True),
    Column("lane", SmallInteger),
    Column("checkout_id", Key),
    Column("line_no", Integer),
)
"""One serial number with its GTIN ('sn:06901234567892:SN0001') or one IMEI ('imei:490154203237518').
`checkout_id` names the live subsidy it carries; NULL is free."""

# --- money ------------------------------------------------------------------------------------------------------

fund_stripe = Table(
    "fund_stripe",
    metadata,
    _lane(),
    Column("pool", Key, nullable=False),
    _fen("budget_fen"),
    _fen("available_fen"),
    _fen("held_fen"),
    _fen("spent_fen"),
    PrimaryKeyConstraint("lane", "pool"),
    CheckConstraint("available_fen >= 0", name="available"),
    CheckConstraint("available_fen + held_fen + spent_fen = budget_fen", name="balanced"),
)
"""A pool's money, spread over lanes. Only `available_fen` is guarded per stripe; the others are flows that
mean something in the sum over a pool's stripes."""

act = Table(
    "act",
    metadata,
    _lane(),
    Column("act_id", Key, nullable=False),
    Column("kind", Text, nullable=False),
    Column("checkout_id", Key),
    Column("refund_id", Key),
    Column("merchant_id", Key),
    Column("pool", Key),
    _fen("amount_fen"),
    _at("acted_at"),
    Column("detail", JSONB),
    Column("relayed", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("lane", "act_id"),
    Index(None, "lane", "checkout_id"),
    CheckConstraint(
        "kind IN ('hold', 'decline', 'capture', 'void', 'expire', 'refund', 'restore', 'adjust')", name="kind"
    ),
)
"""One row for each act: a checkout's history, and the outbox from which summaries and events are drawn."""

ledger_entry = Table(
    "ledger_entry",
    metadata,
    _lane(),
    Column("act_id", Key, nullable=False),
    Column("entry_no", SmallInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("pool", Key, nullable=False),
    Column("checkout_id", Key),
    Column("line_no", Integer),
    _fen("amount_fen"),
    _fen("quota_fen"),
    Column("quota_units", Integer, nullable=False),
    _at("entered_at"),
    PrimaryKeyConstraint("lane", "act_id", "entry_no"),
    ForeignKeyConstraint(["lane", "act_id"], [act.c.lane, act.c.act_id]),
    CheckConstraint("account IN ('funder', 'available', 'held', 'spent')", name="account"),
)
"""Append-only. The entries of one act sum to zero in each of the three columns: `amount_fen` moves the pool's money,
`quota_fen` and `quota_units` move the consumer's quotas that the line names."""
