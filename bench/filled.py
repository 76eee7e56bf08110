"""A database that has served for years, made by SQL: every consumer has bought one refrigerator, and paid.

The books balance in it: `GET /v1/invariants` holds on the result.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

import asyncpg

from app.domain.lanes import LANE_INDEXES
from app.domain.policy.pack import read_pack
from app.identifiers import parse_identity
from app.secrets import load_secrets
from app.service.consumers import consumer_key
from bench.bodies import Buyer, person, skip_people, somebody_new
from bench.city import City, pack_source
from bench.databases import BenchDatabase
from bench.goods import APPLIANCES

_CHUNK = 100_000
_SUBSIDY_FEN = 80_000
_PRICE_FEN = 400_000
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"

_STATEMENTS = (
    """
    INSERT INTO lijian.consumer (lane, consumer_id, digest, digest_key_id, created_at)
    SELECT lane, 'cn_' || id, digest, $1, now() FROM chunk
    """,
    """
    INSERT INTO lijian.consumer_quota
        (lane, consumer_id, quota, held_fen, used_fen, cap_fen, held_units, used_units, cap_units, version)
    SELECT lane, 'cn_' || id, q.name, 0, {subsidy}, q.cap_fen, 0, 1, q.cap_units, 2
    FROM chunk CROSS JOIN unnest($1::text[], $2::bigint[], $3::int[]) AS q (name, cap_fen, cap_units)
    """,
    """
    INSERT INTO lijian.order_number (merchant_id, order_no, state, lane, checkout_id, fingerprint)
    SELECT $1, 'F' || id, 'taken', lane, 'co_' || pair || id, digest FROM chunk
    """,
    """
    INSERT INTO lijian.item_claim (item, lane, checkout_id, line_no)
    SELECT 'sn:' || $1 || ':F' || id, lane, 'co_' || pair || id, 1 FROM chunk
    """,
    """
    INSERT INTO lijian.checkout
        (lane, checkout_id, consumer_id, merchant_id, order_no, channel, status, policy, policy_version, total_fen,
         subsidy_fen, refunded_fen, cap_remaining_fen, created_at, expires_at, captured_at)
    SELECT lane, 'co_' || pair || id, 'cn_' || id, $1, 'F' || id, 'in_store', 'captured', $2, 1, {price}, {subsidy},
           0, 0, now() - interval '1 day', now() - interval '1 day', now() - interval '1 day'
    FROM chunk
    """,
    """
    INSERT INTO lijian.checkout_line
        (lane, checkout_id, line_no, gtin, serial_no, price_fen, quantity, programme, category, pool, grade, rate_bps,
         entitled_fen, subsidy_fen, outcome, quotas, refunded_units, refunded_fen)
    SELECT lane, 'co_' || pair || id, 1, $1, 'F' || id, {price}, 1, 'appliance', 'A01', 'appliance', 1, 2000,
           {subsidy}, {subsidy}, 'granted', $2, 0, 0
    FROM chunk
    """,
    """
    INSERT INTO lijian.act (lane, act_id, kind, checkout_id, merchant_id, amount_fen, acted_at)
    SELECT lane, 'co_' || pair || id || ':' || kind, kind, 'co_' || pair || id, $1, {subsidy}, now() - interval '1 day'
    FROM chunk CROSS JOIN (VALUES ('hold'), ('capture')) AS k (kind)
    """,
    """
    INSERT INTO lijian.ledger_entry
        (lane, act_id, entry_no, account, pool, checkout_id, line_no, amount_fen, quota_fen, quota_units, entered_at)
    SELECT lane, 'co_' || pair || id || ':' || kind, entry_no, account, $1, 'co_' || pair || id, 1, sign * {subsidy},
           sign * {subsidy}, sign, now() - interval '1 day'
    FROM chunk CROSS JOIN (VALUES ('hold', 0, 'available', -1), ('hold', 1, 'held', 1), ('capture', 0, 'held', -1),
                                  ('capture', 1, 'spent', 1)) AS k (kind, entry_no, account, sign)
    """,
)


def fill(database: BenchDatabase, city: City, rows: int) -> None:
    """`rows` consumers with a captured checkout each, persons 1 to `rows`; then ANALYZE."""
    skip_people(rows)
    asyncio.run(_fill(database, city, rows))


def sold_to(rows: int) -> Buyer:
    """In turn a person who is in the filled database, and somebody new. No person comes twice."""
    known = count(1)
    turns = count()

    def buyer() -> str:
        return person(next(known) * 7919 % rows + 1) if next(turns) % 2 else somebody_new()

    return buyer


async def _fill(database: BenchDatabase, city: City, rows: int) -> None:
    connection = await asyncpg.connect(database.plain_owner_url)
    try:
        # the owner may skip the foreign keys' look-ups, and need not wait for the disk at each chunk
        await connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        await connection.execute("CREATE TEMP TABLE chunk (id text, lane smallint, pair text, digest bytea)")
        arguments = _arguments(city)
        for first in range(1, rows + 1, _CHUNK):
            chunk = list(_people(city, first, min(first + _CHUNK, rows + 1)))
            await connection.execute("TRUNCATE chunk")
            await connection.copy_records_to_table("chunk", records=chunk)
            for statement, given in zip(_STATEMENTS, arguments, strict=True):
                await connection.execute(statement.format(subsidy=_SUBSIDY_FEN, price=_PRICE_FEN), *given)
        await _balance(connection, rows * _SUBSIDY_FEN)
        await connection.execute("RESET session_replication_role; RESET synchronous_commit")
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


def _arguments(city: City) -> list[tuple[object, ...]]:
    policy = read_pack(pack_source())
    rules = policy.quotas(policy.categories["A01"], policy.local_date(datetime.now(UTC)))
    names = [rule.name for rule in rules]
    merchant_id = city.merchants[0]
    gtin = f"0{APPLIANCES[0].gtin}"
    key_id = load_secrets(city.secrets_file).identity_keys[0][0]
    return [
        (key_id,),
        (names, [rule.cap_fen for rule in rules], [rule.cap_units for rule in rules]),
        (merchant_id,),
        (gtin,),
        (merchant_id, policy.code),
        (gtin, names),
        (merchant_id,),
        ("appliance",),
    ]


def _people(city: City, first: int, end: int) -> Iterator[tuple[str, int, str, bytes]]:
    secrets = load_secrets(city.secrets_file)
    today = datetime.now(UTC).date()
    for number in range(first, end):
        identity = parse_identity("resident_id", person(number), None, today)
        key = consumer_key(identity.canonical(), identity_keys=secrets.identity_keys, lane_key=secrets.lane_key)
        index = LANE_INDEXES[key.lane]
        yield f"{number:026d}", key.lane, _DIGITS[index // 32] + _DIGITS[index % 32], key.digests[0][1]


async def _balance(connection: asyncpg.Connection, spent_fen: int) -> None:
    """The money that was spent was once given: a stripe and an act of adjustment say so."""
    await connection.execute(
        """
        INSERT INTO lijian.fund_stripe (lane, pool, budget_fen, available_fen, held_fen, spent_fen)
        VALUES (0, 'appliance', $1, 0, 0, $1)
        """,
        spent_fen,
    )
    await connection.execute(
        """
        INSERT INTO lijian.act (lane, act_id, kind, pool, amount_fen, acted_at)
        VALUES (0, 'bench:adjust', 'adjust', 'appliance', $1, now())
        """,
        spent_fen,
    )
    await connection.execute(
        """
        INSERT INTO lijian.ledger_entry
            (lane, act_id, entry_no, account, pool, amount_fen, quota_fen, quota_units, entered_at)
        SELECT 0, 'bench:adjust', n, account, 'appliance', sign * $1::bigint, 0, 0, now()
        FROM (VALUES (0::smallint, 'funder', -1), (1::smallint, 'available', 1)) AS k (n, account, sign)
        """,
        spent_fen,
    )
