"""What every column needs to know: a city with its policy, goods, merchants and keys."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import asyncpg

from app.domain.policy.pack import read_pack
from app.domain.registry import Role
from app.secrets import find_or_create_secrets, load_secrets
from app.service import keys, policies, products
from app.store.database import Database
from bench.bodies import Goods
from bench.databases import BenchDatabase
from bench.goods import catalogue_file

BUDGET_FEN = 10**13


@dataclass(frozen=True)
class City:
    """Keys to one filled database. The gateway speaks for all `merchants`."""

    secrets_file: Path
    gateway_key: str
    operator_key: str
    auditor_key: str
    merchants: tuple[str, ...]
    goods: tuple[Goods, ...]
    pools: tuple[str, ...]


def pack_source() -> str:
    return (resources.files("app") / "policies" / "changchun-2025.toml").read_text("utf-8")


def build_city(database: BenchDatabase, data_dir: Path, goods: Sequence[Goods], merchants: int) -> City:
    return asyncio.run(_build(database, data_dir, tuple(goods), merchants))


async def _build(database: BenchDatabase, data_dir: Path, goods: tuple[Goods, ...], merchants: int) -> City:
    secrets_file, _ = find_or_create_secrets(None, data_dir)
    pepper = load_secrets(secrets_file).pepper
    source = pack_source()
    pack = read_pack(source)
    merchant_ids = await _add_merchants(database, merchants)
    service = Database(database.service_url)
    try:
        await policies.publish(service, source)
        report = await products.import_csv(service, catalogue_file(goods), pack)
        assert not report.rejected, report.rejected[0]
        made = {
            role: await keys.create(service, client=role, role=role, merchant_ids=served, pepper=pepper)
            for role, served in (
                (Role.GATEWAY, frozenset(merchant_ids)),
                (Role.OPERATOR, frozenset[str]()),
                (Role.AUDITOR, frozenset[str]()),
            )
        }
    finally:
        await service.close()
    return City(
        secrets_file,
        made[Role.GATEWAY].secret,
        made[Role.OPERATOR].secret,
        made[Role.AUDITOR].secret,
        merchant_ids,
        goods,
        tuple(pack.pools),
    )


async def _add_merchants(database: BenchDatabase, count: int) -> tuple[str, ...]:
    """Straight into the table: ten thousand registrations one by one would take longer than what is measured."""
    merchant_ids = tuple(f"M{number:05d}" for number in range(1, count + 1))
    connection = await asyncpg.connect(database.plain_owner_url)
    try:
        await connection.execute(
            """
            INSERT INTO lijian.merchant (merchant_id, name, uscc, district, created_at, changed_at)
            SELECT m, m, '91110108397173806M', '220102', now(), now() FROM unnest($1::text[]) AS m
            """,
            merchant_ids,
        )
    finally:
        await connection.close()
    return merchant_ids


def budget(pool: str) -> bytes:
    """The body that gives a pool more money than any benchmark spends."""
    return json.dumps({"adjustment_no": f"bench-{pool}", "amount_fen": BUDGET_FEN, "reason": "bench"}).encode()
