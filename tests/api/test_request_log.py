import io
import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from prometheus_client import generate_latest
from starlette.types import Receive, Scope, Send

from app.api.edge.problems import internal_error_answer
from app.ops.request_log import RequestLog
from app.ops.telemetry.logging import configure_logging
from app.ops.telemetry.metrics import Metrics
from tests.api.till import A_BASKET, SECRET, a_basket, a_till, calling

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("INFO", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.captureWarnings(capture=False)
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


async def test_an_accepted_request_leaves_no_line(lines: Lines):
    async with calling(a_till()) as client:
        await client.post("/v1/baskets", json=A_BASKET)

    assert lines() == []


async def test_all_requests_leave_a_line_when_asked_for(lines: Lines):
    async with calling(a_till(every_request=True)) as client:
        answer = await client.post("/v1/baskets", json=A_BASKET)

    (line,) = lines()
    assert line["event"] == "request"
    assert (line["method"], line["route"], line["status"]) == ("POST", "/v1/baskets", 201)
    assert line["duration_ms"] >= 0
    assert line["request_id"] == answer.headers["x-request-id"]


async def test_a_refused_request_leaves_one_line_with_its_code_and_nothing_that_was_sent(lines: Lines):
    async with calling(a_till()) as client:
        await client.post(f"/v1/baskets?name={SECRET}", json=a_basket(order_no="张三", buyer=SECRET))
        await client.get(f"/v1/{SECRET}")

    assert [(line["route"], line["status"], line["code"]) for line in lines()] == [
        ("/v1/baskets", 422, "invalid_field"),
        ("unmatched", 404, "not_found"),
    ]
    assert SECRET not in json.dumps(lines())


async def test_a_failure_is_logged_under_the_id_that_the_caller_got(lines: Lines):
    async with calling(a_till()) as client:
        answer = await client.post("/v1/baskets/broken/capture")

    failed, request = lines()
    assert failed["event"] == "request_failed"
    assert failed["exception"] == "RuntimeError"
    assert request["status"] == 500
    assert failed["request_id"] == request["request_id"] == answer.headers["x-request-id"]
    assert SECRET not in json.dumps(lines())


@pytest.mark.parametrize("sane", ["till-7.000123", "0af7651916cd43dd8448eb211c80319c"])
async def test_a_sane_request_id_is_kept(sane: str):
    async with calling(a_till()) as client:
        answer = await client.get("/v1/baskets", headers={"x-request-id": sane})

    assert answer.headers["x-request-id"] == sane


@pytest.mark.parametrize("odd", ["", "short", "a b c d e f", "x" * 65, 'break"out', "caf\u00e9-\u00e9\u00e9\u00e9"])
async def test_an_odd_request_id_is_replaced(odd: str):
    async with calling(a_till()) as client:
        first = await client.get("/v1/baskets", headers={b"x-request-id": odd.encode()})
        second = await client.get("/v1/baskets", headers={b"x-request-id": odd.encode()})

    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert len(first.headers["x-request-id"]) >= 8


async def test_requests_are_counted_by_route_method_and_status():
    metrics = Metrics()
    async with calling(a_till(metrics)) as client:
        await client.post("/v1/baskets/refused/capture")
        await client.post("/v1/baskets/7/capture")
        await client.post("/v1/baskets/8/capture")
        await client.get(f"/{SECRET}")
        await client.request("BREW", f"/{SECRET}")

    text = generate_latest(metrics.registry).decode()
    capture = 'method="POST",route="/v1/baskets/{basket_id}/capture"'
    assert f'lijian_requests_total{{code="200",{capture}}} 2.0' in text
    assert f'lijian_requests_total{{code="409",{capture}}} 1.0' in text
    assert 'lijian_requests_total{code="404",method="other",route="unmatched"} 1.0' in text
    assert 'lijian_request_duration_seconds_count{route="unmatched"} 2.0' in text
    assert SECRET not in text


async def test_the_middleware_costs_little():
    async def answers_nothing(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def silent(*_: object) -> Any:
        return None

    around = RequestLog(answers_nothing, metrics=Metrics(), failure_answer=internal_error_answer)
    scope = {"type": "http", "method": "GET", "path": "/x", "query_string": b"", "headers": [(b"host", b"x")] * 8}
    rounds = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(200):
            await around(dict(scope), silent, silent)
        rounds.append((time.perf_counter() - began) / 200)

    assert min(rounds) < 0.000_2
