"""Who may call for whom: merchants for themselves, gateways for theirs, operators and auditors to read."""

import pytest

from tests.checkout.steps import Answer, ask, assert_refused, capture, read
from tests.city import TILES, City

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFUND: Answer = {"refund_no": "R-foreign", "lines": [{"line_no": 1, "quantity": 1}]}
ACTS: tuple[tuple[str, Answer | None], ...] = (("capture", None), ("void", None), ("refunds", REFUND))


async def test_a_gateway_names_the_merchant_in_the_body_or_in_the_query(town: City) -> None:
    for number, (body, query) in enumerate(
        (
            ({"merchant_id": "M002"}, {}),
            ({}, {"merchant_id": "M002"}),
            ({"merchant_id": "M002"}, {"merchant_id": "M002"}),
        )
    ):
        answer = await town.post("/v1/checkouts", town.basket(**body), key="gateway", params=query)
        assert answer.status_code == 201, answer.text
        held = answer.json()
        assert (await read(town, held, key="second"))["merchant_id"] == "M002"
        path = f"/v1/checkouts/{held['checkout_id']}"
        act, sent = ACTS[number]
        if act == "refunds":
            await town.post(f"{path}/capture", body, key="gateway", params=query)
        answer = await town.post(f"{path}/{act}", {**(sent or {}), **body}, key="gateway", params=query)
        assert answer.status_code in {200, 201}, answer.text
        assert (await town.get(path, key="gateway", params={"merchant_id": "M002"})).status_code == 200


async def test_a_gateway_that_names_no_merchant_is_told_so(town: City) -> None:
    held = await town.hold()
    basket = town.basket()

    for method, path, body in (
        ("POST", "/v1/checkouts", basket),
        ("POST", "/v1/quotes", basket),
        ("POST", f"/v1/checkouts/{held['checkout_id']}/capture", None),
        ("POST", f"/v1/orders/{held['order_no']}/void", None),
        ("GET", f"/v1/checkouts/{held['checkout_id']}", None),
        ("GET", f"/v1/orders/{held['order_no']}", None),
    ):
        problem = assert_refused(await town.call(method, path, body, key="gateway"), 422, "invalid_field")
        (fault,) = problem["errors"]
        assert fault["pointer"] == ("/merchant_id" if method == "POST" else "/query/merchant_id")


async def test_body_and_query_must_name_the_same_merchant(town: City) -> None:
    answer = await town.post(
        "/v1/checkouts", town.basket(merchant_id="M001"), key="gateway", params={"merchant_id": "M002"}
    )
    problem = assert_refused(answer, 422, "invalid_field")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/merchant_id"]


@pytest.mark.parametrize("key", ["merchant", "gateway"])
@pytest.mark.parametrize("merchant_id", ["M003", "m001", "0"])
async def test_nobody_speaks_for_a_merchant_that_is_not_his(town: City, key: str, merchant_id: str) -> None:
    in_body = await town.post("/v1/checkouts", town.basket(merchant_id=merchant_id), key=key)
    in_query = await town.post("/v1/checkouts", town.basket(), key=key, params={"merchant_id": merchant_id})

    assert_refused(in_body, 404, "not_found")
    assert_refused(in_query, 404, "not_found")


async def test_a_merchant_may_name_himself_and_nobody_else(town: City) -> None:
    assert (await town.post("/v1/checkouts", town.basket(merchant_id="M001"))).status_code == 201
    assert_refused(await town.post("/v1/checkouts", town.basket(merchant_id="M002")), 404, "not_found")


async def test_another_merchants_checkout_does_not_exist_for_a_till(town: City) -> None:
    mine = await town.hold(town.line(TILES, 10_000))

    for path in (f"/v1/checkouts/{mine['checkout_id']}", f"/v1/orders/{mine['order_no']}"):
        assert_refused(await town.get(path, key="second"), 404, "not_found")
        assert_refused(await town.get(path, key="gateway", params={"merchant_id": "M002"}), 404, "not_found")
    path = f"/v1/checkouts/{mine['checkout_id']}"
    for act, body in ACTS:
        answer = await town.post(f"{path}/{act}", body, key="second")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        answer = await town.post(f"{path}/{act}", body, key="gateway", params={"merchant_id": "M002"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await read(town, mine))["status"] == "held"


async def test_operators_and_auditors_read_every_merchants_checkouts(town: City) -> None:
    held = await town.hold(store_id="S001", till_id="07")
    theirs = await ask(town, town.basket(), key="second")

    for key in ("operator", "auditor"):
        assert await read(town, held, key=key) == await read(town, held)
        assert (await read(town, theirs, key=key))["merchant_id"] == "M002"
        by_order = await town.get(f"/v1/orders/{held['order_no']}", key=key, params={"merchant_id": "M001"})
        assert by_order.json() == await read(town, held)


async def test_a_reader_says_whose_order_he_means(town: City) -> None:
    held = await town.hold()

    problem = assert_refused(await town.get(f"/v1/orders/{held['order_no']}", key="auditor"), 422, "invalid_field")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/query/merchant_id"]
    answer = await town.get(f"/v1/orders/{held['order_no']}", key="auditor", params={"merchant_id": "M002"})
    assert_refused(answer, 404, "not_found")


@pytest.mark.parametrize("merchant_id", ["\x00", "M001\x00", "../M001", "", "x" * 5_000, "\ud800"])
@pytest.mark.parametrize("key", ["auditor", "gateway", "merchant"])
async def test_a_merchant_that_cannot_be_is_not_found_whoever_asks(town: City, key: str, merchant_id: str) -> None:
    held = await town.hold(town.line(TILES, 10_000))
    query = "merchant_id=" + "".join(f"%{byte:02X}" for byte in merchant_id.encode("utf-8", "surrogatepass"))

    for path in (f"/v1/orders/{held['order_no']}", f"/v1/checkouts/{held['checkout_id']}"):
        answer = await town.get(f"{path}?{query}", key=key)
        by_id_for_a_reader = key == "auditor" and "checkouts" in path
        assert answer.status_code in ({200, 404, 422} if by_id_for_a_reader else {404, 422}), answer.text


@pytest.mark.parametrize("key", ["operator", "auditor"])
async def test_operators_and_auditors_do_not_sell(town: City, key: str) -> None:
    held = await town.hold()
    assert_refused(await town.post("/v1/checkouts", town.basket(), key=key), 403, "forbidden")
    assert_refused(await town.post("/v1/quotes", town.basket(), key=key), 403, "forbidden")
    assert_refused(await capture(town, held, key=key), 403, "forbidden")


async def test_a_story_tells_everything_that_happened(town: City) -> None:
    bought = await town.buy(town.line(TILES, 10_000, quantity=2), store_id="S001", till_id="07", channel="online")
    await town.post(f"/v1/checkouts/{bought['checkout_id']}/refunds", REFUND | {"refund_no": "R-story"})

    story = await read(town, bought)

    assert (story["merchant_id"], story["store_id"], story["till_id"], story["channel"]) == (
        "M001",
        "S001",
        "07",
        "online",
    )
    assert [(act["act"], act["amount_fen"]) for act in story["history"]] == [
        ("hold", 3_000),
        ("capture", 3_000),
        ("refund", 1_500),
    ]
    assert all(act["at"].endswith("+08:00") for act in story["history"])
    assert story["history"][2]["refund_id"] == story["refunds"][0]["refund_id"]
