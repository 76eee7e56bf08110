"""What nobody should send, sent to every call: a clear refusal in two languages, no echo, and nothing changed."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import httpx
import pytest

from tests.checkout.steps import assert_said
from tests.city import FRIDGE, TILES, City
from tests.contract.ground import dump
from tests.contract.scene import CSV_HEADER, OPERATIONS, WITH_JSON, Scene, documented, send

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARK = "canary-7f3a9"
"""Stands in every value sent; no answer may repeat it."""

IDENTITY = "220102196001010013"
BROKEN: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"hello " + MARK.encode(), "malformed_json"),
    "half a body": (b'{"a": "' + MARK.encode(), "malformed_json"),
    "two bodies": (b"{}{}", "malformed_json"),
    "single quotes": (b"{'a': 1}", "malformed_json"),
    "a comma too many": (b'{"a": 1,}', "malformed_json"),
    "a comment": (b"{} // x", "malformed_json"),
    "a plus sign": (b'{"a": +1}', "malformed_json"),
    "a leading zero": (b'{"a": 01}', "malformed_json"),
    "a raw control character": (b'{"a": "\x01"}', "malformed_json"),
    "a key twice": (b'{"a": 1, "a": 1}', "malformed_json"),
    "a key twice, deep down": (b'{"a": [{"b": {"c": 1, "\\u0063": 1}}]}', "malformed_json"),
    "NaN": (b'{"a": NaN}', "malformed_json"),
    "Infinity": (b'{"a": Infinity}', "malformed_json"),
    "minus Infinity": (b'{"a": -Infinity}', "malformed_json"),
    "U+0000": (b'{"a": "\\u0000"}', "malformed_json"),
    "U+0000 in a key": (b'{"\\u0000": 1}', "malformed_json"),
    "a lone surrogate": (b'{"a": "\\ud800"}', "malformed_json"),
    "a lone low surrogate": (b'{"a": "\\udc00x"}', "malformed_json"),
    "a surrogate in bytes": (b'{"a": "\xed\xa0\x80"}', "malformed_json"),
    "no UTF-8": (b'{"a": "\xff"}', "malformed_json"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "malformed_json"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "malformed_json"),
    "lists within lists": (b"[" * 100_000, "malformed_json"),
    "lists within lists, closed": (b"[" * 100_000 + b"]" * 100_000, "malformed_json"),
    "objects within objects": (b'{"a":' * 40_000, "malformed_json"),
    "300 KiB": (b'{"a": "' + b"x" * 300 * 1024 + b'"}', "body_too_large"),
    "10 MB": (b'{"a": "' + b"x" * 10_000_000 + b'"}', "body_too_large"),
    "a list": (b"[]", "invalid_field"),
    "a text": (b'"x"', "invalid_field"),
    "a number": (b"7", "invalid_field"),
    "null": (b"null", "invalid_field"),
    "true": (b"true", "invalid_field"),
    "an unknown field": (b'{"no_such_field": 1}', "invalid_field"),
    "a person's number as a field": (b'{"' + IDENTITY.encode() + b'": 1}', "invalid_field"),
    "some thousand unknown fields": (
        json.dumps({f"x{n}": MARK for n in range(9_000)}).encode(),
        "invalid_field",
    ),
}
NO_TEXT: tuple[Any, ...] = (5, 5.5, 2**63, True, [], {}, [MARK], f"{MARK}\u0007", MARK * 500, "", f"{MARK}\u2028")
NO_NUMBER: tuple[Any, ...] = ("1", 1.0, 1e300, True, 2**63, -(2**63) - 1, 10**30, [], {}, "", MARK, "１")
NO_LIST: tuple[Any, ...] = ({}, MARK, 1, [MARK], [1.5], [None], [[]])
NO_OBJECT: tuple[Any, ...] = ([], MARK, 1)
STATUS_OF = {"malformed_json": 400, "body_too_large": 413, "invalid_field": 422}


def refusal(answer: httpx.Response, what: str) -> dict[str, Any]:
    """Any clear refusal of the request: 4xx, a problem, two languages, and no word of what was sent."""
    assert 400 <= answer.status_code < 500, (what, answer.status_code, answer.text[:500])
    assert answer.headers["content-type"] == "application/problem+json", what
    problem: dict[str, Any] = answer.json()
    assert problem["code"], what
    assert_said(problem["message"])
    for fault in problem["errors"]:
        assert_said(fault["message"])
    assert len(answer.content) < 100_000, what
    for secret in (MARK, IDENTITY, "张三"):
        assert secret not in answer.text, what
    return problem


def spoilt(body: Any) -> Iterator[tuple[str, Any]]:
    """The body with one value replaced by what cannot stand there, for every value in it."""
    for path, value in _values(body):
        wrong: tuple[Any, ...]
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, str):
            wrong = NO_TEXT
        elif isinstance(value, int):
            wrong = NO_NUMBER
        else:
            wrong = NO_LIST if isinstance(value, list) else NO_OBJECT
        for other in wrong:
            changed = deepcopy(body)
            node = changed
            for step in path[:-1]:
                node = node[step]
            node[path[-1]] = other
            yield f"{'/'.join(map(str, path))} = {str(other)[:40]!r}", changed
        if isinstance(value, dict):
            changed = deepcopy(body)
            node = changed
            for step in path:
                node = node[step]
            node["no_such_field"] = MARK
            yield f"{'/'.join(map(str, path))} has an unknown field", changed


def _values(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if path:
        yield path, node
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _values(value, (*path, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _values(value, (*path, index))


def caller_of(name: str) -> str:
    return "merchant" if "merchant" in OPERATIONS[name].who else "operator"


async def test_every_call_with_a_body_is_tried(town: City) -> None:
    with_body = {name for name, (_, operation) in documented(town).items() if "requestBody" in operation}
    assert {*WITH_JSON, "importProducts"} == with_body


@pytest.mark.parametrize("name", WITH_JSON)
async def test_a_body_that_can_be_read_in_no_way_or_in_two(scene: Scene, name: str) -> None:
    before = await dump(scene.city)

    for what, (body, code) in BROKEN.items():
        problem = refusal(await send(scene, name, key=caller_of(name), body=body), what)
        assert (problem["status"], problem["code"]) == (STATUS_OF[code], code), what

    assert await dump(scene.city) == before


@pytest.mark.parametrize("name", [name for name in WITH_JSON if not OPERATIONS[name].body_optional])
async def test_no_body_at_all(scene: Scene, name: str) -> None:
    assert refusal(await send(scene, name, key=caller_of(name), body=b""), name)["code"] == "malformed_json"
    assert refusal(await send(scene, name, key=caller_of(name), body={}), name)["code"] == "invalid_field"


@pytest.mark.parametrize("name", WITH_JSON)
async def test_another_media_type(scene: Scene, name: str) -> None:
    before = await dump(scene.city)
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "x", IDENTITY):
        answer = await send(
            scene, name, key=caller_of(name), body=json.dumps({"a": MARK}), headers={"Content-Type": media_type}
        )
        assert refusal(answer, media_type)["code"] == "unsupported_media_type", media_type
    assert await dump(scene.city) == before


@pytest.mark.parametrize("name", WITH_JSON)
async def test_one_value_replaced_by_what_cannot_stand_there(scene: Scene, name: str) -> None:
    operation = OPERATIONS[name]
    assert operation.body is not None
    body = _full(scene, name, operation.body(scene))
    before = await dump(scene.city)

    for what, changed in spoilt(body):
        refusal(await send(scene, name, key=caller_of(name), body=changed), what)

    assert await dump(scene.city) == before


def _full(scene: Scene, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body with everything that may stand in it."""
    if name in {"quote", "createCheckout"}:
        body |= {"merchant_id": "M001", "store_id": "S001", "till_id": "01", "capture": False}
        body["consumer"] |= {"name": "张三", "birth_date": "1980-01-01"}
        body["lines"][0] |= {
            "serial_no": scene.city.serial_no(),
            "imei": scene.city.imei(),
            "imei2": scene.city.imei(),
            "quantity": 1,
            "programme": "home",
            "trade_in": {"category": "E01", "battery": "lithium", "reference": "RC-1"},
        }
    if name.startswith(("capture", "void", "refund")):
        body |= {"merchant_id": "M001"}
    if name.startswith("capture"):
        body |= {"line_nos": [1]}
    return body


BASKETS: dict[str, tuple[dict[str, Any], str]] = {
    "a price of nothing": ({"price_fen": 0}, "invalid_field"),
    "a negative price": ({"price_fen": -1}, "invalid_field"),
    "a price beyond all goods": ({"price_fen": 10_000_000_001}, "invalid_field"),
    "no units": ({"quantity": 0}, "invalid_field"),
    "negative units": ({"quantity": -1}, "invalid_field"),
    "a GTIN with a wrong check digit": ({"gtin": "6901234567890"}, "invalid_gtin"),
    "a GTIN of 11 digits": ({"gtin": "69012345678"}, "invalid_gtin"),
    "a GTIN of zeros": ({"gtin": "0" * 13}, "invalid_gtin"),
    "a person's number as GTIN": ({"gtin": IDENTITY}, "invalid_gtin"),
    "a GTIN in Arabic digits": ({"gtin": "٦٩٠٠٠٠٠٠٠٠٠٥٥"}, "invalid_gtin"),
    "an IMEI with a wrong check digit": ({"imei": "490154203237517"}, "invalid_imei"),
    "an IMEI of zeros": ({"imei": "0" * 15}, "invalid_imei"),
    "a wrong second IMEI": ({"imei2": "x"}, "invalid_imei"),
    "a serial number of three": ({"serial_no": "abc"}, "invalid_field"),
    "a serial number of 33": ({"serial_no": "a" * 33}, "invalid_field"),
    "a serial number of SQL": ({"serial_no": "x'; DROP TABLE"}, "invalid_field"),
    "an old battery of gold": ({"trade_in": {"category": "E01", "battery": "gold"}}, "invalid_field"),
    "a line number of nought": ({"line_no": 0}, "invalid_field"),
}
BUYERS: dict[str, tuple[dict[str, Any], str]] = {
    "a wrong check digit": ({"id_number": "220102196001010014"}, "invalid_id_number"),
    "the sample of a channel that fails its own check": ({"id_number": "43102119910910512X"}, "invalid_id_number"),
    "fifteen digits": ({"id_number": "110105491231002"}, "invalid_id_number"),
    "a day that never was": ({"id_number": "220102196002300011"}, "invalid_id_number"),
    "a province that is not there": ({"id_number": "990102196001010013"}, "invalid_id_number"),
    "an unknown document": ({"id_type": "library_card"}, "invalid_field"),
    "another birth date than in the number": ({"birth_date": "1960-01-02"}, "invalid_id_number"),
    "a birth date to come": ({"id_type": "passport", "birth_date": "2999-01-01"}, "invalid_field"),
    "a birth date as a number": ({"birth_date": 19600101}, "invalid_field"),
    "a birth date that never was": ({"birth_date": "1960-02-30"}, "invalid_field"),
    "a name that runs over lines": ({"name": "张\n三"}, "invalid_field"),
    "a name longer than names are": ({"name": "张" * 65}, "invalid_field"),
}


@pytest.mark.parametrize("path", ["/v1/checkouts", "/v1/quotes"])
async def test_a_basket_that_cannot_be(town: City, path: str) -> None:
    before = await dump(town)

    for what, (change, code) in BASKETS.items():
        basket = town.basket(town.line(TILES, 10_000) | change, person=IDENTITY)
        problem = refusal(await town.post(path, basket), what)
        assert (problem["status"], problem["code"]) == (422, code), what
        assert all(fault["pointer"].startswith("/lines/0/") for fault in problem["errors"]), what
    for what, (change, code) in BUYERS.items():
        basket = town.basket(town.line(TILES, 10_000), person=IDENTITY)
        basket["consumer"] |= change
        answer = await town.post(path, basket)
        problem = refusal(answer, what)
        assert (problem["status"], problem["code"]) == (422, code), what
        assert str(basket["consumer"]["id_number"]) not in answer.text, what
        assert all(fault["pointer"].startswith("/consumer/") for fault in problem["errors"]), what

    assert await dump(town) == before


async def test_all_faults_are_named_at_once(town: City) -> None:
    basket = town.basket(
        town.line("6901234567890"),
        town.line(FRIDGE, line_no=2, imei="490154203237517", serial_no="x"),
        person="220102196001010014",
    )
    problem = refusal(await town.post("/v1/checkouts", basket), "three faults")
    assert problem["code"] == "invalid_field"
    assert {fault["pointer"]: fault["code"] for fault in problem["errors"]} == {
        "/consumer/id_number": "invalid_id_number",
        "/lines/0/gtin": "invalid_gtin",
        "/lines/1/imei": "invalid_imei",
        "/lines/1/serial_no": "invalid_field",
    }


NO_NAMES = (
    "%00",
    "..%2F..%2Fetc",
    "%2e%2e%2f",
    "'%20OR%201=1--",
    "%0A",
    "%ED%A0%80",
    "%FF",
    "%E5%BC%A0%E4%B8%89",
    "x" * 5_000,
    MARK,
    IDENTITY,
    "%7B%7D",
    "null",
    "co_" + "0" * 28,
    "bl_" + "z" * 28,
)


async def test_a_path_that_names_nothing(scene: Scene) -> None:
    before = await dump(scene.city)
    with_names = {path: ops for path, ops in scene.city.app.openapi()["paths"].items() if "{" in path}
    for path, operations in with_names.items():
        for method, described in operations.items():
            name = described["operationId"]
            if name == "voidOrder":
                continue  # closes any order number that can be
            for no_name in NO_NAMES:
                target = path[: path.index("{")] + no_name + path[path.index("}") + 1 :]
                answer = await send(scene, name, key=caller_of(name), path=target)
                problem = refusal(answer, f"{method} {target[:80]}")
                assert problem["status"] in {404, 405, 422}, (target, answer.text)
    assert await dump(scene.city) == before


async def test_an_order_number_that_cannot_be_is_not_voided(scene: Scene) -> None:
    before = await dump(scene.city)
    for no_name in NO_NAMES[:9]:
        problem = refusal(await send(scene, "voidOrder", key="merchant", path=f"/v1/orders/{no_name}/void"), no_name)
        assert problem["status"] == 404
    assert await dump(scene.city) == before


async def test_a_query_that_cannot_be(scene: Scene) -> None:
    for name, (_, described) in documented(scene.city).items():
        for parameter in described.get("parameters", ()):
            if parameter["in"] != "query":
                continue
            for value in ("%00", "%ED%A0%80", "'--", "x" * 5_000, f"{MARK}%0A", "-1", "1e3", "%EF%BC%91", ""):
                if parameter["name"] in {"cursor", "category", "merchant_id"} and value in {"-1", "1e3"}:
                    continue  # that could be one
                path = f"{OPERATIONS[name].path(scene)}?{parameter['name']}={value}"
                answer = await send(scene, name, key=caller_of(name), path=path)
                if value == "" and parameter["name"] == "merchant_id":
                    assert answer.status_code < 500
                    continue
                problem = refusal(answer, path[:120])
                assert problem["status"] in {404, 422}, (path, answer.text)


async def test_a_path_or_a_method_that_is_not_there(town: City) -> None:
    for method, path, status, code in (
        ("GET", "/", 404, "not_found"),
        ("GET", "/v1", 404, "not_found"),
        ("GET", "/v1/checkouts/", 404, "not_found"),
        ("POST", "/v1/checkouts/", 404, "not_found"),
        ("GET", "/v2/checkouts", 404, "not_found"),
        ("GET", "/v1/checkouts", 405, "method_not_allowed"),
        ("DELETE", "/v1/pools", 405, "method_not_allowed"),
        ("PATCH", "/v1/quotes", 405, "method_not_allowed"),
        ("TRACE", "/v1/quotes", 405, "method_not_allowed"),
    ):
        problem = refusal(await town.call(method, path), f"{method} {path}")
        assert (problem["status"], problem["code"]) == (status, code), (method, path)


@pytest.mark.parametrize(
    ("file", "status", "code"),
    [
        (b"", 422, "unknown_column"),
        (b"\x00\x01\x02", 422, "unknown_column"),
        (b"\xff\xfe\x00", 400, "malformed_csv"),
        (b'{"a": 1}', 422, "unknown_column"),
        (b"gtin,category\n1,2\n", 422, "missing_column"),
        (f"{CSV_HEADER},colour\n".encode(), 422, "unknown_column"),
        (f"{CSV_HEADER},gtin\n".encode(), 422, "unknown_column"),
    ],
)
async def test_a_file_that_is_no_catalogue(town: City, file: bytes, status: int, code: str) -> None:
    before = await dump(town)
    headers = {"Authorization": f"Bearer {town.keys['operator']}", "Content-Type": "text/csv"}

    problem = refusal(await town.client.post("/v1/products/import", content=file, headers=headers), code)

    assert (problem["status"], problem["code"]) == (status, code)
    assert await dump(town) == before


async def test_rows_that_cannot_be_are_reported_and_change_nothing(town: City) -> None:
    rows = (
        "6901234567890,A01,a,b,c,1,,true,false",
        f"{FRIDGE},Z99,a,b,c,1,,true,false",
        f"{FRIDGE},A01,a,b,c,-1,,true,false",
        f"{FRIDGE},A01,a,b,c,1,1.5,true,false",
        f"{FRIDGE},A01,a,b,c,1,-5,true,false",
        f"{FRIDGE},A01,a,b,c,1,{2**63},true,false",
        f"{FRIDGE},A01,a,b,c,1,,yes,false",
        f"{FRIDGE},A01,,b,c,1,,true,false",
        f"{FRIDGE},A01,{'x' * 5_000},b,c,1,,true,false",
        f"{FRIDGE},A01,a\x00,b,c,1,,true,false",
        "a,b",
    )
    headers = {"Authorization": f"Bearer {town.keys['operator']}", "Content-Type": "text/csv"}
    before = await dump(town)

    for row in rows:
        answer = await town.client.post(
            "/v1/products/import", content=f"{CSV_HEADER}\n{row}\n".encode(), headers=headers
        )
        if answer.status_code == 200:
            assert [fault["row"] for fault in answer.json()["rejected"]] == [2], row
            assert_said(answer.json()["rejected"][0]["message"])
        else:
            refusal(answer, row[:60])
    assert await dump(town) == before
