"""After all sorts of calls, the people in them are named nowhere: not in tables, logs, metrics or answers."""

import base64
import hashlib
import io
import re
from typing import Any

import pytest

from app.ops.telemetry.logging import configure_logging
from tests.checkout.steps import capture, refund
from tests.city import FRIDGE, PHONE, SOFA, TILES, WEARABLE, City
from tests.contract.ground import dump

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMES = ("欧阳金丝雀", "CANARY Wintergreen")
PEOPLE: tuple[dict[str, str], ...] = (
    {"id_type": "resident_id", "id_number": "11010519491231002X"},
    {"id_type": "resident_id", "id_number": "440524188001010014"},
    {"id_type": "resident_id", "id_number": "２２０１０４１９９００３０７４０２５"},
    {"id_type": "hk_macau_permit", "id_number": "H13572468"},
    {"id_type": "taiwan_permit", "id_number": "13572468"},
    {"id_type": "foreign_resident_id", "id_number": "CAN220187052321"},
    {"id_type": "passport", "id_number": "EC7531902", "birth_date": "1951-07-23"},
)
SECRETS = (
    *NAMES,
    "11010519491231002X",
    "11010519491231002x",
    "440524188001010014",
    "220104199003074025",
    "２２０１０４１９９００３０７４０２５",
    "H13572468",
    "CAN220187052321",
    "13572468",
    "EC7531902",
    "1951-07-23",
    "19510723",
    "1949-12-31",
)


def found_in(text: str) -> list[str]:
    """The secrets in a text, plain, in hexadecimal, in base 64, or under a hash without a key."""
    folded = text.casefold()
    forms = {
        secret: (
            secret,
            secret.encode().hex(),
            base64.b64encode(secret.encode()).decode().rstrip("="),
            *(hashlib.new(name, secret.encode()).hexdigest() for name in ("md5", "sha1", "sha256")),
            *(hashlib.sha256(f"{kind}:{secret}".encode()).hexdigest() for kind in ("resident_id", "passport")),
        )
        for secret in SECRETS
    }
    return [secret for secret, spelt in forms.items() if any(form.casefold() in folded for form in spelt)]


async def _live(town: City) -> list[str]:
    """Everything that can happen with people in it; returns all that was answered."""
    said: list[str] = []

    async def post(path: str, body: Any, key: str = "merchant") -> dict[str, Any]:
        answer = await town.post(path, body, key=key)
        said.append(answer.text + str(answer.headers))
        found: dict[str, Any] = answer.json()
        return found

    for number, person in enumerate(PEOPLE):
        consumer = person | {"name": NAMES[number % 2]}
        basket = town.basket(town.line(FRIDGE), town.line(TILES, 10_000, 2, quantity=3)) | {"consumer": consumer}
        await post("/v1/quotes", basket)
        held = await post("/v1/checkouts", basket)
        assert held["status"] == "held", held
        await post("/v1/checkouts", basket)
        await post("/v1/checkouts", basket | {"till_id": "2"})
        said.append((await capture(town, held)).text)
        said.append((await refund(town, held, {"line_no": 2, "quantity": 1})).text)
        for line in (town.line(FRIDGE), town.line(WEARABLE), town.line(PHONE, 700_000), town.line("6901234567892")):
            await post("/v1/checkouts", town.basket(line) | {"consumer": consumer})
        await _ask_wrongly(town, post, consumer)
        blocked = {"consumer": {name: person[name] for name in ("id_type", "id_number")}, "reason": "核查"}
        await post("/v1/consumers/blocks", blocked, "operator")
        await post("/v1/checkouts", town.basket(town.line(SOFA)) | {"consumer": consumer})
        paths = (f"/v1/checkouts/{held['checkout_id']}", "/v1/consumers/blocks", "/v1/invariants")
        said.extend([(await town.get(path, key="auditor")).text for path in paths])
    return said


async def _ask_wrongly(town: City, post: Any, consumer: dict[str, str]) -> None:
    """The person's number where it does not belong."""
    number = consumer["id_number"]
    for basket in (
        town.basket(town.line(FRIDGE, serial_no=f"{number}张")),
        town.basket(town.line(number)),
        town.basket(town.line(PHONE, imei=number)),
        town.basket() | {number: 1},
        town.basket() | {"order_no": f"{number} "},
        town.basket() | {"consumer": consumer | {"id_number": number[:-1] + "号"}},
        town.basket() | {"consumer": consumer | {"birth_date": "1951-07-24", "id_type": "library_card"}},
        town.basket() | {"consumer": number},
        town.basket() | {"merchant_id": NAMES[1]},
        number,
        [consumer],
    ):
        await post("/v1/checkouts", basket)
    await post("/v1/consumers/blocks", {"consumer": consumer, "reason": "核查"}, "operator")
    await town.client.post("/v1/checkouts", content=f'{{"id": "{number}"'.encode())
    await town.client.get("/v1/pools", headers=[(b"Authorization", f"Bearer {number}".encode())])
    await town.client.get(f"/v1/orders/{number}?merchant_id={number}&name={NAMES[0]}")


async def test_nobody_is_named_anywhere(town: City) -> None:
    logged = io.StringIO()
    configure_logging("debug", logged)
    try:
        said = await _live(town)
    finally:
        configure_logging()
    tables = await dump(town)
    metrics = (await town.client.get("/metrics")).text

    assert len(tables) > 10_000
    assert logged.getvalue().count('"event":"request"') > 10
    assert "lijian_requests_total{" in metrics
    for where, text in (
        ("answers", "\n".join(said)),
        ("tables", tables),
        ("logs", logged.getvalue()),
        ("metrics", metrics),
    ):
        assert found_in(text) == [], where


async def test_the_search_would_find_them(town: City) -> None:
    await town.hold(town.line(TILES, 10_000), order_no="440524188001010014")

    assert found_in(await dump(town)) == ["440524188001010014"]
    assert found_in(hashlib.sha256(b"EC7531902").hexdigest()) == ["EC7531902"]


async def test_one_person_is_one_keyed_hash(town: City) -> None:
    digests = re.findall(r"\\x[0-9a-f]{64}", await dump(town))

    assert len(digests) >= len(PEOPLE)
    for person in PEOPLE:
        canonical = f"{person['id_type']}:{person['id_number']}".encode()
        assert hashlib.sha256(canonical).hexdigest() not in "".join(digests)
