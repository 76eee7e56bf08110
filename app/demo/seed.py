"""Puts the demo's world into an empty service: policy, goods, merchants and keys by its use cases, money by its API."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import resources
from typing import Final

import httpx

from app.demo.access import DemoAccess
from app.demo.catalogue import catalogue, catalogue_csv
from app.demo.merchants import DemoMerchant, merchants
from app.domain.policy.pack import read_pack
from app.domain.registry import Role
from app.refusal import StartRefused
from app.service import keys, policies, products
from app.service import merchants as registered
from app.service.refusals import AlreadyExists
from app.store.database import Database

SEED: Final = 42
"""Of everything that is invented here: another one makes another city."""

BUDGETS_YUAN: Final[Mapping[str, int]] = {
    "appliance": 180_000_000,
    "digital": 90_000_000,
    "home": 120_000_000,
    "ebike": 15_000_000,
    "age_friendly": 10_000_000,
}
"""By programme: what a city of Changchun's size spends in a year, in all ¥415 million."""


def pack_source() -> str:
    """The text of the pack the demo puts in force."""
    return (resources.files("app") / "policies" / "changchun-2025.toml").read_text("utf-8")


async def seed(database: Database, pepper: bytes, *, progress: Callable[[str], None]) -> DemoAccess:
    """Everything but the money. What an interrupted run has left is completed; keys are made anew."""
    source = pack_source()
    goods = catalogue(SEED)
    progress(f"正在发布政策并导入 {len(goods)} 种商品 … publishing the policy, importing {len(goods)} products")
    await policies.publish(database, source)
    report = await products.import_csv(database, catalogue_csv(goods), read_pack(source))
    if report.rejected:
        raise ValueError(f"the demo's own catalogue has a bad row: {report.rejected[0]}")
    traders = merchants(SEED)
    progress(f"正在登记 {len(traders)} 家商户并创建密钥 … registering {len(traders)} merchants, making keys")
    for trader in traders:
        await _register(database, trader)
    return await _make_keys(database, traders, pepper)


async def fund(http: httpx.AsyncClient, operator_key: str) -> None:
    """Give every pool its budget; a second time changes nothing, as the adjustment has a number.

    Raises StartRefused.
    """
    for code, pool in read_pack(pack_source()).pools.items():
        answer = await http.post(
            f"/v1/pools/{code}/adjustments",
            headers={"Authorization": f"Bearer {operator_key}"},
            json={
                "adjustment_no": f"demo-budget-{code}",
                "amount_fen": BUDGETS_YUAN[pool.programme] * 100,
                "reason": "演示预算 demo budget",
            },
        )
        if answer.is_error:
            raise StartRefused(
                f"资金池 {code} 注资失败：{answer.status_code} {answer.text}",
                f"Pool {code} could not be given its budget: {answer.status_code} {answer.text}",
            )


async def _register(database: Database, trader: DemoMerchant) -> None:
    with suppress(AlreadyExists):
        await registered.add(
            database,
            merchant_id=trader.merchant_id,
            name=trader.name,
            uscc=trader.uscc,
            district=trader.district,
        )
    for store in trader.stores:
        with suppress(AlreadyExists):
            await registered.add_store(
                database,
                merchant_id=trader.merchant_id,
                store_id=store.store_id,
                name=store.name,
                district=store.district,
            )


async def _make_keys(database: Database, traders: tuple[DemoMerchant, ...], pepper: bytes) -> DemoAccess:
    first, second = traders[0].merchant_id, traders[1].merchant_id
    everybody = frozenset(trader.merchant_id for trader in traders)

    async def key(role: Role, client: str, *merchant_ids: str) -> str:
        made = await keys.create(
            database, role=role, client=client, merchant_ids=frozenset(merchant_ids), pepper=pepper
        )
        return made.secret

    return DemoAccess(
        merchant_id=first,
        merchant_key=await key(Role.MERCHANT, first, first),
        second_merchant_id=second,
        second_merchant_key=await key(Role.MERCHANT, second, second),
        gateway_key=await key(Role.GATEWAY, "demo gateway", first, second),
        operator_key=await key(Role.OPERATOR, "demo operator"),
        auditor_key=await key(Role.AUDITOR, "demo auditor"),
        tills_key=await key(Role.GATEWAY, "demo tills", *everybody),
    )
