"""The first schema: registry, people, checkouts, numbers and claims, money.

Tables first, foreign keys after them: on a cluster the tables are distributed in between.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = (
    "lane_anchor",
    "registry_revision",
    "installation",
    "policy_version",
    "programme_switch",
    "product",
    "merchant",
    "store",
    "api_key",
    "consumer",
    "consumer_block",
    "consumer_quota",
    "checkout",
    "checkout_line",
    "refund",
    "refund_line",
    "order_number",
    "refund_number",
    "adjustment_number",
    "item_claim",
    "fund_stripe",
    "act",
    "ledger_entry",
)
"""In the order they are made; they go in the opposite one."""


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("worker_number", schema="lijian", cycle=True)))
    create_tables()
    add_foreign_keys()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table, schema="lijian")
    op.execute(sa.schema.DropSequence(sa.Sequence("worker_number", schema="lijian")))


# What app/domain/lanes.py held when this was written: history does not change with the code.
# fmt: off
LANES = (
    60, 8, 82, 1, 31, 88, 79, 24, 10, 92, 48, 109, 5, 112, 50, 166, 4, 7, 17, 172, 16, 96, 170, 85, 36, 89, 19, 0, 37,
    45, 101, 3, 113, 52, 62, 99, 136, 168, 46, 28, 6, 66, 70, 21, 83, 39, 43, 13, 2, 351, 27, 95, 58, 149, 41, 179, 9,
    80, 59, 22, 12, 11, 44, 18,
)
# fmt: on


def create_tables() -> None:
    anchor = op.create_table(
        "lane_anchor",
        sa.Column("lane", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("lane", name=op.f("lane_anchor_pkey")),
        schema="lijian",
    )
    op.bulk_insert(anchor, [{"lane": lane} for lane in LANES])
    op.create_table(
        "registry_revision",
        sa.Column("only", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint('"only"', name=op.f("registry_revision_one_row_check")),
        sa.PrimaryKeyConstraint("only", name=op.f("registry_revision_pkey")),
        schema="lijian",
    )
    op.create_table(
        "installation",
        sa.Column("only", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("secret_check", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint('"only"', name=op.f("installation_one_row_check")),
        sa.PrimaryKeyConstraint("only", name=op.f("installation_pkey")),
        schema="lijian",
    )
    op.create_table(
        "policy_version",
        sa.Column("policy", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("publication", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_sha256", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("policy", "version", name=op.f("policy_version_pkey")),
        sa.UniqueConstraint("publication", name=op.f("policy_version_publication_key")),
        schema="lijian",
    )
    op.create_table(
        "programme_switch",
        sa.Column("programme", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('open', 'paused')", name=op.f("programme_switch_state_check")),
        sa.PrimaryKeyConstraint("programme", name=op.f("programme_switch_pkey")),
        schema="lijian",
    )
    op.create_table(
        "product",
        sa.Column("gtin", sa.Text(collation="C"), nullable=False),
        sa.Column("category", sa.Text(collation="C"), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("grade", sa.SmallInteger(), nullable=True),
        sa.Column("filed_price_fen", sa.BigInteger(), nullable=True),
        sa.Column("serialised", sa.Boolean(), nullable=False),
        sa.Column("cellular", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("gtin ~ '^[0-9]{14}$'", name=op.f("product_gtin_check")),
        sa.CheckConstraint("filed_price_fen > 0", name=op.f("product_filed_price_check")),
        sa.PrimaryKeyConstraint("gtin", name=op.f("product_pkey")),
        schema="lijian",
    )
    op.create_index(op.f("product_category_gtin_idx"), "product", ["category", "gtin"], unique=False, schema="lijian")
    op.create_table(
        "merchant",
        sa.Column("merchant_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(collation="C"), nullable=False),
        sa.Column("district", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('active', 'suspended')", name=op.f("merchant_state_check")),
        sa.PrimaryKeyConstraint("merchant_id", name=op.f("merchant_pkey")),
        schema="lijian",
    )
    op.create_table(
        "store",
        sa.Column("merchant_id", sa.Text(collation="C"), nullable=False),
        sa.Column("store_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "store_id", name=op.f("store_pkey")),
        schema="lijian",
    )
    op.create_table(
        "api_key",
        sa.Column("key_id", sa.Text(collation="C"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("merchant_ids", sa.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role <> 'merchant' OR cardinality(merchant_ids) = 1", name=op.f("api_key_merchant_has_one_check")
        ),
        sa.CheckConstraint("role IN ('merchant', 'gateway', 'operator', 'auditor')", name=op.f("api_key_role_check")),
        sa.PrimaryKeyConstraint("key_id", name=op.f("api_key_pkey")),
        sa.UniqueConstraint("digest", name=op.f("api_key_digest_key")),
        schema="lijian",
    )
    op.create_table(
        "consumer",
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("consumer_id", sa.Text(collation="C"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("digest_key_id", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("lane", "consumer_id", name=op.f("consumer_pkey")),
        sa.UniqueConstraint("lane", "digest", name=op.f("consumer_lane_digest_key")),
        schema="lijian",
    )
    op.create_table(
        "consumer_block",
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("block_id", sa.Text(collation="C"), nullable=False),
        sa.Column("consumer_id", sa.Text(collation="C"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("lane", "block_id", name=op.f("consumer_block_pkey")),
        schema="lijian",
    )
    op.create_index(
        op.f("consumer_block_lane_consumer_id_idx"),
        "consumer_block",
        ["lane", "consumer_id"],
        unique=False,
        schema="lijian",
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "consumer_quota",
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("consumer_id", sa.Text(collation="C"), nullable=False),
        sa.Column("quota", sa.Text(collation="C"), nullable=False),
        sa.Column("held_fen", sa.BigInteger(), nullable=False),
        sa.Column("used_fen", sa.BigInteger(), nullable=False),
        sa.Column("cap_fen", sa.BigInteger(), nullable=True),
        sa.Column("held_units", sa.Integer(), nullable=False),
        sa.Column("used_units", sa.Integer(), nullable=False),
        sa.Column("cap_units", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("held_fen + used_fen <= cap_fen", name=op.f("consumer_quota_within_cap_fen_check")),
        sa.CheckConstraint("held_fen >= 0 AND used_fen >= 0", name=op.f("consumer_quota_fen_not_negative_check")),
        sa.CheckConstraint("held_units + used_units <= cap_units", name=op.f("consumer_quota_within_cap_units_check")),
        sa.CheckConstraint("held_units >= 0 AND used_units >= 0", name=op.f("consumer_quota_units_not_negative_check")),
        sa.PrimaryKeyConstraint("lane", "consumer_id", "quota", name=op.f("consumer_quota_pkey")),
        schema="lijian",
    )
    op.create_table(
        "checkout",
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("checkout_id", sa.Text(collation="C"), nullable=False),
        sa.Column("consumer_id", sa.Text(collation="C"), nullable=False),
        sa.Column("merchant_id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_no", sa.Text(collation="C"), nullable=False),
        sa.Column("store_id", sa.Text(collation="C"), nullable=True),
        sa.Column("till_id", sa.Text(collation="C"), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(collation="C"), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("subsidy_fen", sa.BigInteger(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.Column("cap_remaining_fen", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('declined', 'held', 'captured', 'partially_refunded', 'refunded', 'voided', 'expired')",
            name=op.f("checkout_status_check"),
        ),
        sa.CheckConstraint("0 <= refunded_fen AND refunded_fen <= subsidy_fen", name=op.f("checkout_refunded_check")),
        sa.CheckConstraint("0 <= subsidy_fen AND subsidy_fen <= total_fen", name=op.f("checkout_subsidy_check")),
        sa.PrimaryKeyConstraint("lane", "checkout_id", name=op.f("checkout_pkey")),
        schema="lijian",
    )
    op.create_index(
        op.f("checkout_expires_at_idx"),
        "checkout",
        ["expires_at"],
        unique=False,
        schema="lijian",
        postgresql_where=sa.text("status = 'held' AND subsidy_fen > 0"),
    )
    op.create_index(
        op.f("checkout_lane_consumer_id_expires_at_idx"),
        "checkout",
        ["lane", "consumer_id", "expires_at"],
        unique=False,
        schema="lijian",
        postgresql_where=sa.text("status = 'held'"),
    )
    op.create_table(
        "checkout_line",
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("checkout_id", sa.Text(collation="C"), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("gtin", sa.Text(collation="C"), nullable=False),
        sa.Column("serial_no", sa.Text(collation="C"), nullable=True),
        sa.Column("imei", sa.Text(collation="C"), nullable=True),
        sa.Column("imei2", sa.Text(collation="C"), nullable=True),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("programme", sa.Text(collation="C"), nullable=True),
        sa.Column("category", sa.Text(collation="C"), nullable=True),
        sa.Column("pool", sa.Text(collation="C"), nullable=True),
        sa.Column("grade", sa.SmallInteger(), nullable=True),
        sa.Column("rate_bps", sa.Integer(), nullable=True),
        sa.Column("trade_in_category", sa.Text(collation="C"), nullable=True),
        sa.Column("trade_in_battery", sa.Text(collation="C"), nullable=True),
        sa.Column("trade_in_reference", sa.Text(), nullable=True),
        sa.Column("entitled_fen", sa.BigInteger(), nullable=False),
        sa.Column("subsidy_fen", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("limited_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("quotas", sa.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("protected_price_fen", sa.BigInteger(), nullable=True),
        sa.Column("protected_subsidy_fen", sa.BigInteger(), nullable=True),
        sa.Column("refunded_units", sa.Integer(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('granted', 'reduced', 'declined', 'released')",
            name=op.f("checkout_line_outcome_check"),
        ),
        sa.CheckConstraint(
            "0 <= refunded_fen AND refunded_fen <= subsidy_fen", name=op.f("checkout_line_refunded_check")
        ),
        sa.CheckConstraint(
            "0 <= refunded_units AND refunded_units <= quantity",
            name=op.f("checkout_line_refunded_units_check"),
        ),
        sa.CheckConstraint(
            "0 <= subsidy_fen AND subsidy_fen <= entitled_fen", name=op.f("checkout_line_subsidy_check")
        ),
        sa.CheckConstraint("price_fen > 0 AND quantity > 0", name=op.f("checkout_line_positive_check")),
        sa.PrimaryKeyConstraint("lane", "checkout_id", "line_no", name=op.f("checkout_line_pkey")),
        schema="lijian",
    )
    op.create_table(
        "refund",
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("refund_id", sa.Text(collation="C"), nullable=False),
        sa.Column("checkout_id", sa.Text(collation="C"), nullable=False),
        sa.Column("consumer_id", sa.Text(collation="C"), nullable=False),
        sa.Column("merchant_id", sa.Text(collation="C"), nullable=False),
        sa.Column("refund_no", sa.Text(collation="C"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("subsidy_returned_fen", sa.BigInteger(), nullable=False),
        sa.Column("consumer_refund_fen", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restore_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("lane", "refund_id", name=op.f("refund_pkey")),
        schema="lijian",
    )
    op.create_index(
        "refund_due_idx",
        "refund",
        ["lane", "consumer_id", "restore_at"],
        unique=False,
        schema="lijian",
        postgresql_where=sa.text("restore_at IS NOT NULL AND restored_at IS NULL"),
    )
    op.create_index(
        op.f("refund_lane_checkout_id_idx"), "refund", ["lane", "checkout_id"], unique=False, schema="lijian"
    )
    op.create_table(
        "refund_line",
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("refund_id", sa.Text(collation="C"), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("new_price_fen", sa.BigInteger(), nullable=True),
        sa.Column("subsidy_returned_fen", sa.BigInteger(), nullable=False),
        sa.Column("consumer_refund_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(quantity IS NULL) <> (new_price_fen IS NULL)", name=op.f("refund_line_units_or_price_check")
        ),
        sa.CheckConstraint(
            "subsidy_returned_fen >= 0 AND consumer_refund_fen >= 0",
            name=op.f("refund_line_not_negative_check"),
        ),
        sa.PrimaryKeyConstraint("lane", "refund_id", "line_no", name=op.f("refund_line_pkey")),
        schema="lijian",
    )
    op.create_table(
        "order_number",
        sa.Column("merchant_id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_no", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=True),
        sa.Column("checkout_id", sa.Text(collation="C"), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "state <> 'taken' OR (checkout_id IS NOT NULL AND fingerprint IS NOT NULL)",
            name=op.f("order_number_taken_check"),
        ),
        sa.CheckConstraint("state IN ('free', 'taken', 'closed')", name=op.f("order_number_state_check")),
        sa.PrimaryKeyConstraint("merchant_id", "order_no", name=op.f("order_number_pkey")),
        schema="lijian",
    )
    op.create_table(
        "refund_number",
        sa.Column("merchant_id", sa.Text(collation="C"), nullable=False),
        sa.Column("refund_no", sa.Text(collation="C"), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=True),
        sa.Column("refund_id", sa.Text(collation="C"), nullable=True),
        sa.Column("checkout_id", sa.Text(collation="C"), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", "refund_no", name=op.f("refund_number_pkey")),
        schema="lijian",
    )
    op.create_table(
        "adjustment_number",
        sa.Column("adjustment_no", sa.Text(collation="C"), nullable=False),
        sa.Column("pool", sa.Text(collation="C"), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("adjusted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("adjustment_no", name=op.f("adjustment_number_pkey")),
        schema="lijian",
    )
    op.create_table(
        "item_claim",
        sa.Column("item", sa.Text(collation="C"), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=True),
        sa.Column("checkout_id", sa.Text(collation="C"), nullable=True),
        sa.Column("line_no", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("item", name=op.f("item_claim_pkey")),
        schema="lijian",
    )
    op.create_table(
        "fund_stripe",
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("pool", sa.Text(collation="C"), nullable=False),
        sa.Column("budget_fen", sa.BigInteger(), nullable=False),
        sa.Column("available_fen", sa.BigInteger(), nullable=False),
        sa.Column("held_fen", sa.BigInteger(), nullable=False),
        sa.Column("spent_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "available_fen + held_fen + spent_fen = budget_fen", name=op.f("fund_stripe_balanced_check")
        ),
        sa.CheckConstraint("available_fen >= 0", name=op.f("fund_stripe_available_check")),
        sa.PrimaryKeyConstraint("lane", "pool", name=op.f("fund_stripe_pkey")),
        schema="lijian",
    )
    op.create_table(
        "act",
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("act_id", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("checkout_id", sa.Text(collation="C"), nullable=True),
        sa.Column("refund_id", sa.Text(collation="C"), nullable=True),
        sa.Column("merchant_id", sa.Text(collation="C"), nullable=True),
        sa.Column("pool", sa.Text(collation="C"), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=True),
        sa.Column("relayed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('hold', 'decline', 'capture', 'void', 'expire', 'refund', 'restore', 'adjust')",
            name=op.f("act_kind_check"),
        ),
        sa.PrimaryKeyConstraint("lane", "act_id", name=op.f("act_pkey")),
        schema="lijian",
    )
    op.create_index(op.f("act_lane_checkout_id_idx"), "act", ["lane", "checkout_id"], unique=False, schema="lijian")
    op.create_table(
        "ledger_entry",
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("act_id", sa.Text(collation="C"), nullable=False),
        sa.Column("entry_no", sa.SmallInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("pool", sa.Text(collation="C"), nullable=False),
        sa.Column("checkout_id", sa.Text(collation="C"), nullable=True),
        sa.Column("line_no", sa.Integer(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("quota_fen", sa.BigInteger(), nullable=False),
        sa.Column("quota_units", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "account IN ('funder', 'available', 'held', 'spent')", name=op.f("ledger_entry_account_check")
        ),
        sa.PrimaryKeyConstraint("lane", "act_id", "entry_no", name=op.f("ledger_entry_pkey")),
        schema="lijian",
    )


def add_foreign_keys() -> None:
    op.create_foreign_key(
        op.f("store_merchant_fkey"),
        "store",
        "merchant",
        ["merchant_id"],
        ["merchant_id"],
        source_schema="lijian",
        referent_schema="lijian",
    )
    op.create_foreign_key(
        op.f("consumer_block_consumer_fkey"),
        "consumer_block",
        "consumer",
        ["lane", "consumer_id"],
        ["lane", "consumer_id"],
        source_schema="lijian",
        referent_schema="lijian",
    )
    op.create_foreign_key(
        op.f("consumer_quota_consumer_fkey"),
        "consumer_quota",
        "consumer",
        ["lane", "consumer_id"],
        ["lane", "consumer_id"],
        source_schema="lijian",
        referent_schema="lijian",
    )
    op.create_foreign_key(
        op.f("checkout_consumer_fkey"),
        "checkout",
        "consumer",
        ["lane", "consumer_id"],
        ["lane", "consumer_id"],
        source_schema="lijian",
        referent_schema="lijian",
    )
    op.create_foreign_key(
        op.f("checkout_line_checkout_fkey"),
        "checkout_line",
        "checkout",
        ["lane", "checkout_id"],
        ["lane", "checkout_id"],
        source_schema="lijian",
        referent_schema="lijian",
    )
    op.create_foreign_key(
        op.f("refund_checkout_fkey"),
        "refund",
        "checkout",
        ["lane", "checkout_id"],
        ["lane", "checkout_id"],
        source_schema="lijian",
        referent_schema="lijian",
    )
    op.create_foreign_key(
        op.f("refund_line_refund_fkey"),
        "refund_line",
        "refund",
        ["lane", "refund_id"],
        ["lane", "refund_id"],
        source_schema="lijian",
        referent_schema="lijian",
    )
    op.create_foreign_key(
        op.f("ledger_entry_act_fkey"),
        "ledger_entry",
        "act",
        ["lane", "act_id"],
        ["lane", "act_id"],
        source_schema="lijian",
        referent_schema="lijian",
    )
