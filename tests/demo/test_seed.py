"""The demo's world fits the policy it is put under, and an interrupted seeding can be repeated."""

import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from app.demo.access import AccessFile, DemoAccess
from app.demo.catalogue import catalogue, catalogue_csv
from app.demo.market import PROGRAMMES, Market
from app.demo.merchants import merchants
from app.demo.sale import Story
from app.demo.seed import BUDGETS_YUAN, SEED, pack_source, seed
from app.domain.entitlement import Item, TradeIn, entitle
from app.domain.policy.pack import read_pack
from app.identifiers import parse_identity
from app.refusal import StartRefused
from app.service.product_file import read_product_file
from app.store.database import Database
from app.store.embedded.folder import DataFolder

PEPPER = b"p" * 32
POLICY = read_pack(pack_source())


def test_every_product_belongs_to_a_category_of_the_pack_and_every_category_has_products() -> None:
    file = read_product_file(catalogue_csv(catalogue(SEED)), POLICY.categories.keys())

    assert file.rejected == []
    assert {entry.category for entry in file.entries} == set(POLICY.categories)
    assert all(POLICY.categories[entry.category].programme == PROGRAMMES[entry.category[0]] for entry in file.entries)


def test_every_pool_has_a_budget_of_a_citys_size() -> None:
    funded = {pool.programme: BUDGETS_YUAN[pool.programme] for pool in POLICY.pools.values()}

    assert funded == BUDGETS_YUAN
    assert 300_000_000 <= sum(funded.values()) < 1_000_000_000


def test_ordinary_sales_earn_what_buyers_of_2025_earned() -> None:
    now = datetime.now(UTC)
    goods = {product.gtin: product for product in catalogue(SEED)}
    chance = random.Random(1)
    market = Market(seed=SEED, run="t", products=tuple(goods.values()), merchants=merchants(SEED), chance=chance)
    earned: dict[str, list[int]] = {}
    refused: Counter[str] = Counter()
    for sale in (market.next_sale(now) for _ in range(3000)):
        birth_date = parse_identity("resident_id", sale.consumer["id_number"], None, now.date()).birth_date
        for line in sale.lines if sale.story is Story.ORDINARY else ():
            product = goods[str(line["gtin"])]
            trade_in = TradeIn("E01") if "trade_in" in line else None
            item = Item(int(str(line["price_fen"])), int(str(line["quantity"])), product.grade, trade_in)
            category = POLICY.categories[product.category]
            result = entitle(POLICY, category, item, birth_date=birth_date, on_date=POLICY.local_date(now))
            if result.reason is None:
                earned.setdefault(category.programme, []).append(result.entitled_fen)
            else:
                refused[result.reason] += 1

    means = {programme: sum(amounts) / len(amounts) for programme, amounts in earned.items()}
    assert set(means) == set(BUDGETS_YUAN)
    assert means["appliance"] == pytest.approx(60_000, rel=0.15)
    assert means["digital"] == pytest.approx(38_700, rel=0.15)
    assert 0 < refused.total() < 0.05 * sum(map(len, earned.values()))


async def test_a_service_is_seeded_and_an_interrupted_seeding_is_completed(database_url: str) -> None:
    database = Database(database_url)
    try:
        await seed(database, PEPPER, progress=lambda _text: None)
        access = await seed(database, PEPPER, progress=lambda _text: None)
        async with database.transaction() as tx:
            counts = {
                table: (await tx.execute(text(f"SELECT count(*) FROM lijian.{table}"))).scalar_one()
                for table in ("policy_version", "product", "merchant")
            }
            stores = (await tx.execute(text("SELECT count(DISTINCT merchant_id) FROM lijian.store"))).scalar_one()
    finally:
        await database.close()

    assert counts == {"policy_version": 1, "product": len(catalogue(SEED)), "merchant": 40}
    assert stores == 40
    assert len({access.merchant_key, access.second_merchant_key, access.gateway_key, access.tills_key}) == 4


def some_access() -> DemoAccess:
    return DemoAccess("M0001", "k1", "M0002", "k2", "k3", "k4", "k5", "k6")


def test_keys_are_kept_for_the_owner_alone(tmp_path: Path) -> None:
    file = AccessFile(tmp_path)
    file.claim()
    nothing = file.read()
    file.keep(some_access().funded())
    file.claim()

    assert nothing is None
    assert file.read() == some_access().funded()
    assert (tmp_path / "demo.json").stat().st_mode & 0o777 == 0o600
    assert "k1" not in repr(file.read())


def test_damaged_keys_are_refused(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text('{"merchant_id": 1}')

    with pytest.raises(StartRefused):
        AccessFile(tmp_path).read()


def test_a_folder_of_a_real_service_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()

    with pytest.raises(StartRefused):
        AccessFile(tmp_path).claim()

    assert not (tmp_path / "demo.json").exists()


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    other = DataFolder(tmp_path)
    other.hold()

    with pytest.raises(StartRefused) as refused:
        AccessFile(tmp_path).claim()
    other.release()
    AccessFile(tmp_path).claim()

    assert str(tmp_path) in refused.value.zh
    assert str(tmp_path) in refused.value.en
