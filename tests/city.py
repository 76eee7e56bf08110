"""A city to test in: the Changchun policy in force, two merchants, goods of every kind, keys of every role, money.

Everything is made through the service's own doors; tests then call it over HTTP as a till would.
"""

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from stdnum.ean import calc_check_digit as ean_digit
from stdnum.iso7064 import mod_11_2
from stdnum.luhn import calc_check_digit as luhn_digit

from app.config import Settings
from app.domain.policy.pack import read_pack
from app.domain.registry import Role
from app.main import create_app
from app.secrets import Secrets
from app.service import keys, merchants, policies, products
from app.store.database import Database

PACK = Path(__file__).parent.parent / "app" / "policies" / "changchun-2025.toml"

SECRETS = Secrets(
    identity_keys=(("k1", b"identity key of the tests, 32 bytes"),),
    lane_key=b"lane key of the tests, of 32 bytes!",
    pepper=b"pepper of the tests, of 32 bytes!!!",
    fingerprint_key=b"fingerprint key of the tests, 32 b.",
)

USCCS = ("91110108397173806M", "91350100M000100Y43")


def a_gtin(number: int) -> str:
    body = f"690{number:09d}"
    return body + str(ean_digit(body))


def a_person(number: int, born: date = date(1980, 1, 1)) -> str:
    """The resident ID of the `number`th person born that day."""
    body = f"2201{2 + number // 1000 % 80:02d}{born:%Y%m%d}{number % 1000:03d}"
    return body + mod_11_2.calc_check_digit(body)


def an_imei(number: int) -> str:
    body = f"49{number:012d}"
    return body + str(luhn_digit(body))


FRIDGE = a_gtin(1)
FRIDGE_GRADE_2 = a_gtin(2)
AIR_CONDITIONER = a_gtin(3)
PHONE = a_gtin(4)
TILES = a_gtin(5)
SOFA = a_gtin(6)
E_BIKE = a_gtin(7)
WEARABLE = a_gtin(8)
SMART_LOCK = a_gtin(9)
TABLET = a_gtin(10)
WASHER = a_gtin(11)
ROBOT = a_gtin(12)
FILED_TV = a_gtin(13)

CATALOGUE = f"""gtin,category,brand,model,name,grade,filed_price_fen,serialised,cellular
{FRIDGE},A01,雪松,X1,冰箱,1,,true,false
{FRIDGE_GRADE_2},A01,雪松,X2,冰箱,2,,true,false
{AIR_CONDITIONER},A04,雪松,K1,空调,1,,true,false
{PHONE},D01,松果,P1,手机,,,true,true
{TILES},H01,长石,T1,瓷砖,,,false,false
{SOFA},H20,长石,S1,沙发,,,true,false
{E_BIKE},E01,快行,E1,电动自行车,,,true,false
{WEARABLE},W01,康伴,W1,跌倒报警手环,,,true,false
{SMART_LOCK},N05,安居,L1,智能门锁,,,true,false
{TABLET},D02,松果,T1,平板,,,true,false
{WASHER},A02,雪松,W1,洗衣机,1,,true,false
{ROBOT},N01,安居,R1,扫地机器人,,,true,false
{FILED_TV},A03,雪松,V1,电视,1,500000,true,false
"""

POOLS = ("appliance", "digital", "home", "ebike", "age_friendly")


@dataclass
class City:
    """A running service with everything in it. Each call of `order_no`, `serial_no` … gives a fresh one."""

    app: FastAPI
    database: Database
    client: httpx.AsyncClient
    merchant_id: str
    second_merchant_id: str
    keys: dict[str, str]
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def order_no(self) -> str:
        return f"O-{next(self.numbers)}"

    def serial_no(self) -> str:
        return f"SN{next(self.numbers):06d}"

    def person(self, born: date = date(1980, 1, 1)) -> str:
        return a_person(next(self.numbers), born)

    def imei(self) -> str:
        return an_imei(next(self.numbers))

    def line(self, gtin: str = FRIDGE, price_fen: int = 500_000, line_no: int = 1, **more: object) -> dict[str, object]:
        line: dict[str, object] = {"line_no": line_no, "gtin": gtin, "price_fen": price_fen}
        if gtin != TILES:
            line["serial_no"] = self.serial_no()
        if gtin == PHONE:
            line["imei"] = self.imei()
        if gtin == E_BIKE:
            line["trade_in"] = {"category": "E01", "battery": "lead_acid", "reference": "RC-1"}
        return line | more

    def basket(self, *lines: dict[str, object], person: str | None = None, **more: object) -> dict[str, Any]:
        basket: dict[str, Any] = {
            "order_no": self.order_no(),
            "channel": "in_store",
            "consumer": {"id_type": "resident_id", "id_number": person or self.person()},
            "lines": list(lines) or [self.line()],
        }
        return basket | more

    async def call(
        self, method: str, path: str, body: object = None, *, key: str = "merchant", **more: Any
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[key]}"} | more.pop("headers", {})
        return await self.client.request(method, path, json=body, headers=headers, **more)

    async def post(self, path: str, body: object = None, *, key: str = "merchant", **more: Any) -> httpx.Response:
        return await self.call("POST", path, body, key=key, **more)

    async def get(self, path: str, *, key: str = "merchant", **more: Any) -> httpx.Response:
        return await self.call("GET", path, key=key, **more)

    async def hold(self, *lines: dict[str, object], **more: Any) -> dict[str, Any]:
        """A granted hold's answer."""
        answer = await self.post("/v1/checkouts", self.basket(*lines, **more))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def buy(self, *lines: dict[str, object], **more: Any) -> dict[str, Any]:
        return await self.hold(*lines, **more, capture=True)

    async def fund(self, pool: str, amount_fen: int) -> None:
        body = {"adjustment_no": self.order_no(), "amount_fen": amount_fen, "reason": "test"}
        answer = await self.post(f"/v1/pools/{pool}/adjustments", body, key="operator")
        assert answer.status_code == 201, answer.text

    async def pool(self, code: str = "appliance") -> dict[str, int]:
        answer = await self.get("/v1/pools", key="auditor")
        return next(pool for pool in answer.json()["pools"] if pool["pool"] == code)

    async def assert_books_balance(self) -> None:
        answer = await self.get("/v1/invariants", key="auditor")
        assert answer.status_code == 200
        assert answer.json()["differences"] == []
        assert answer.json()["ok"] is True

    async def execute(self, statement: str, *arguments: object) -> Any:
        async with self.database.reading() as connection:
            return await connection.fetchval(statement, *arguments)


@asynccontextmanager
async def a_city(
    database_url: str,
    *,
    pack: str | None = None,
    catalogue: str = CATALOGUE,
    budget_fen: int = 10_000_000_00,
    pools: Sequence[str] = POOLS,
    secrets: Secrets = SECRETS,
    begun: bool = False,
) -> AsyncIterator[City]:
    """The service as one worker runs it, called without a socket. `begun`: an earlier city of this database goes on."""
    database = Database(database_url)
    source = pack if pack is not None else PACK.read_text()
    await policies.publish(database, source)
    await products.import_csv(database, catalogue.encode(), read_pack(source))
    made = {}
    for merchant_id, uscc in zip(("M001", "M002"), () if begun else USCCS, strict=not begun):
        await merchants.add(database, merchant_id=merchant_id, name=merchant_id, uscc=uscc, district="220102")
    for name, role, ids in (
        ("merchant", Role.MERCHANT, ["M001"]),
        ("second", Role.MERCHANT, ["M002"]),
        ("gateway", Role.GATEWAY, ["M001", "M002"]),
        ("operator", Role.OPERATOR, []),
        ("auditor", Role.AUDITOR, []),
    ):
        made[name] = (
            await keys.create(database, client=name, role=role, merchant_ids=frozenset(ids), pepper=secrets.pepper)
        ).secret
    settings = Settings(database_url=database_url)
    app = create_app(settings, secrets)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://till"
        ) as client,
    ):
        first = 1 if not begun else 1_000_001
        city = City(app, database, client, "M001", "M002", made, itertools.count(first))
        for pool in () if begun else pools:
            await city.fund(pool, budget_fen)
        yield city
    await database.close()
