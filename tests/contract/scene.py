"""One call of every operation, and the objects it is made on. Objects belong to the merchant M001."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import httpx

from tests.city import FRIDGE, TILES, City, a_gtin

CSV_HEADER = "gtin,category,brand,model,name,grade,filed_price_fen,serialised,cellular"


@dataclass(frozen=True)
class Scene:
    """What the calls name: each is fresh, so that every call can succeed."""

    city: City
    held: Mapping[str, Any]
    bought: Mapping[str, Any]
    key_id: str
    block_id: str


async def a_scene(city: City) -> Scene:
    held = await city.hold(city.line(TILES, 10_000))
    bought = await city.buy(city.line(TILES, 10_000, quantity=9))
    made = await city.post("/v1/keys", {"role": "auditor"}, key="operator")
    consumer = {"id_type": "resident_id", "id_number": city.person()}
    blocked = await city.post("/v1/consumers/blocks", {"consumer": consumer, "reason": "核查"}, key="operator")
    return Scene(city, held, bought, made.json()["key_id"], blocked.json()["block_id"])


class Operation(NamedTuple):
    """`path` and `body` are made from the scene; `who` may call, besides whom nobody."""

    who: frozenset[str]
    path: Callable[[Scene], str]
    body: Callable[[Scene], Any] | None = None
    body_optional: bool = False
    csv: bool = False
    of_a_merchant: bool = False


TILLS = frozenset({"merchant", "gateway"})
OPERATORS = frozenset({"operator"})
READERS = frozenset({"operator", "auditor"})
KEY_HOLDERS = TILLS | READERS
EVERYBODY = KEY_HOLDERS | {"nobody"}


def _checkout(of: str, act: str = "") -> Callable[[Scene], str]:
    return lambda scene: f"/v1/checkouts/{getattr(scene, of)['checkout_id']}{act}"


def _order(of: str, act: str = "") -> Callable[[Scene], str]:
    return lambda scene: f"/v1/orders/{getattr(scene, of)['order_no']}{act}"


def _at(path: str) -> Callable[[Scene], str]:
    return lambda _scene: path


def _basket(scene: Scene) -> dict[str, Any]:
    return scene.city.basket(scene.city.line(TILES, 10_000))


def _refund(scene: Scene) -> dict[str, Any]:
    return {"refund_no": scene.city.order_no(), "lines": [{"line_no": 1, "quantity": 1}], "reason": "returned"}


def _nothing(_scene: Scene) -> dict[str, Any]:
    return {}


def _merchant(scene: Scene) -> dict[str, Any]:
    number = scene.city.order_no()
    return {"merchant_id": f"NEW-{number}", "name": "新店", "uscc": "91220101MA0Y00000D", "district": "朝阳区"}


def _store(scene: Scene) -> dict[str, Any]:
    return {"store_id": scene.city.order_no(), "name": "二店", "district": "朝阳区"}


def _block(scene: Scene) -> dict[str, Any]:
    consumer = {"id_type": "resident_id", "id_number": scene.city.person()}
    return {"consumer": consumer, "reason": "核查", "until_at": "2999-01-01T00:00:00+08:00"}


def _adjustment(scene: Scene) -> dict[str, Any]:
    return {"adjustment_no": scene.city.order_no(), "amount_fen": 1, "reason": "拨款"}


def _switch(_scene: Scene) -> dict[str, Any]:
    return {"state": "open", "reason": None}


def _reason(_scene: Scene) -> dict[str, Any]:
    return {"reason": "核查"}


def _csv(_scene: Scene) -> str:
    return f"{CSV_HEADER}\n{a_gtin(500)},A01,雪松,X9,冰箱,1,,true,false\n"


OPERATIONS: dict[str, Operation] = {
    "quote": Operation(TILLS, _at("/v1/quotes"), _basket, of_a_merchant=True),
    "createCheckout": Operation(TILLS, _at("/v1/checkouts"), _basket, of_a_merchant=True),
    "getCheckout": Operation(KEY_HOLDERS, _checkout("held"), of_a_merchant=True),
    "captureCheckout": Operation(
        TILLS, _checkout("held", "/capture"), _nothing, body_optional=True, of_a_merchant=True
    ),
    "voidCheckout": Operation(TILLS, _checkout("held", "/void"), _nothing, body_optional=True, of_a_merchant=True),
    "refundCheckout": Operation(TILLS, _checkout("bought", "/refunds"), _refund, of_a_merchant=True),
    "getOrder": Operation(KEY_HOLDERS, _order("held"), of_a_merchant=True),
    "captureOrder": Operation(TILLS, _order("held", "/capture"), _nothing, body_optional=True, of_a_merchant=True),
    "voidOrder": Operation(TILLS, _order("held", "/void"), _nothing, body_optional=True, of_a_merchant=True),
    "refundOrder": Operation(TILLS, _order("bought", "/refunds"), _refund, of_a_merchant=True),
    "getProduct": Operation(KEY_HOLDERS, _at(f"/v1/products/{FRIDGE}")),
    "listProducts": Operation(KEY_HOLDERS, _at("/v1/products")),
    "getCurrentPolicy": Operation(KEY_HOLDERS, _at("/v1/policies/current")),
    "importProducts": Operation(OPERATORS, _at("/v1/products/import"), _csv, csv=True),
    "listPools": Operation(READERS, _at("/v1/pools")),
    "adjustPool": Operation(OPERATORS, _at("/v1/pools/ebike/adjustments"), _adjustment),
    "listProgrammes": Operation(READERS, _at("/v1/programmes")),
    "switchProgramme": Operation(OPERATORS, _at("/v1/programmes/ebike/switch"), _switch),
    "createMerchant": Operation(OPERATORS, _at("/v1/merchants"), _merchant),
    "listMerchants": Operation(READERS, _at("/v1/merchants")),
    "getMerchant": Operation(READERS, _at("/v1/merchants/M001")),
    "suspendMerchant": Operation(OPERATORS, _at("/v1/merchants/M002/suspend"), _reason),
    "resumeMerchant": Operation(OPERATORS, _at("/v1/merchants/M002/resume"), _nothing, body_optional=True),
    "createStore": Operation(OPERATORS, _at("/v1/merchants/M001/stores"), _store),
    "listStores": Operation(READERS, _at("/v1/merchants/M001/stores")),
    "createMerchantKey": Operation(OPERATORS, _at("/v1/merchants/M001/keys"), _nothing, body_optional=True),
    "listMerchantKeys": Operation(READERS, _at("/v1/merchants/M001/keys")),
    "createKey": Operation(OPERATORS, _at("/v1/keys"), lambda _scene: {"role": "auditor"}),
    "listKeys": Operation(READERS, _at("/v1/keys")),
    "rotateKey": Operation(OPERATORS, lambda scene: f"/v1/keys/{scene.key_id}/rotate", _nothing, body_optional=True),
    "revokeKey": Operation(OPERATORS, lambda scene: f"/v1/keys/{scene.key_id}"),
    "blockConsumer": Operation(OPERATORS, _at("/v1/consumers/blocks"), _block),
    "listBlocks": Operation(READERS, _at("/v1/consumers/blocks")),
    "liftBlock": Operation(OPERATORS, lambda scene: f"/v1/consumers/blocks/{scene.block_id}"),
    "getInvariants": Operation(READERS, _at("/v1/invariants")),
    "getLiveness": Operation(EVERYBODY, _at("/livez")),
    "getReadiness": Operation(EVERYBODY, _at("/readyz")),
    "getMetrics": Operation(EVERYBODY, _at("/metrics")),
}
WITH_JSON = sorted(name for name, operation in OPERATIONS.items() if operation.body and not operation.csv)


def documented(city: City) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Method and description of every operation of the document, by its id."""
    return {
        operation["operationId"]: (method.upper(), operation)
        for path in city.app.openapi()["paths"].values()
        for method, operation in path.items()
    }


async def send(scene: Scene, name: str, *, key: str | None = None, body: object = ..., **more: Any) -> httpx.Response:
    """Call an operation as it is meant, or with another body; bytes and text are sent as they are."""
    operation = OPERATIONS[name]
    method, _ = documented(scene.city)[name]
    if body is ...:
        body = None if operation.body is None else operation.body(scene)
    headers = dict(more.pop("headers", {}))
    if key is not None:
        headers["Authorization"] = f"Bearer {scene.city.keys[key]}"
    if isinstance(body, bytes | str):
        headers.setdefault("Content-Type", "text/csv" if operation.csv else "application/json")
        more["content"] = body
    elif body is not None:
        more["json"] = body
    path = more.pop("path", None) or operation.path(scene)
    return await scene.city.client.request(method, path, headers=headers, **more)
