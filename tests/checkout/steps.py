"""Steps that many till tests take, and what they ask of an answer."""

from collections.abc import Sequence
from typing import Any

import httpx

from tests.city import City

Answer = dict[str, Any]


async def ask(city: City, basket: Answer, **more: Any) -> Answer:
    """The answer to a hold, granted or declined."""
    answer = await city.post("/v1/checkouts", basket, **more)
    assert answer.status_code in {200, 201}, answer.text
    return dict(answer.json())


async def declined(city: City, *lines: dict[str, object], **more: Any) -> Answer:
    """The first line of a basket that was declined."""
    answer = await city.post("/v1/checkouts", city.basket(*lines, **more))
    assert answer.status_code == 200, answer.text
    checkout = answer.json()
    assert checkout["status"] == "declined"
    assert checkout["subsidy_fen"] == 0
    assert checkout["payable_fen"] == checkout["total_fen"]
    line: Answer = checkout["lines"][0]
    assert (line["outcome"], line["subsidy_fen"]) == ("declined", 0)
    assert_said(line["explanation"])
    return line


async def capture(city: City, checkout: Answer, body: object = None, **more: Any) -> httpx.Response:
    return await city.post(f"/v1/checkouts/{checkout['checkout_id']}/capture", body, **more)


async def void(city: City, checkout: Answer, **more: Any) -> httpx.Response:
    return await city.post(f"/v1/checkouts/{checkout['checkout_id']}/void", **more)


async def refund(
    city: City, checkout: Answer, *lines: dict[str, int], refund_no: str | None = None, **more: Any
) -> httpx.Response:
    """Give back the lines named; one unit of line 1 where none is."""
    body = {"refund_no": refund_no or f"R-{city.order_no()}", "lines": list(lines) or [{"line_no": 1, "quantity": 1}]}
    return await city.post(f"/v1/checkouts/{checkout['checkout_id']}/refunds", body | more)


async def read(city: City, checkout: Answer, *, key: str = "merchant") -> Answer:
    answer = await city.get(f"/v1/checkouts/{checkout['checkout_id']}", key=key)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def lapse(city: City, *checkouts: Answer) -> None:
    """Let the time of these holds run out."""
    await city.execute(
        "UPDATE lijian.checkout SET expires_at = clock_timestamp() - interval '1 second' WHERE checkout_id = ANY($1)",
        [checkout["checkout_id"] for checkout in checkouts],
    )


def assert_refused(answer: httpx.Response, status: int, code: str, *, retryable: bool = False) -> Answer:
    """A problem with this status and code, in both languages."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: Answer = answer.json()
    assert problem["code"] == code, answer.text
    assert set(problem) == {"type", "title", "status", "code", "detail", "message", "retryable", "errors"}
    assert problem["status"] == status
    assert problem["retryable"] is retryable
    assert_said(problem["message"])
    for fault in problem["errors"]:
        assert fault["pointer"].startswith("/") or fault["pointer"] == ""
        assert_said(fault["message"])
    return problem


def assert_said(text: dict[str, str]) -> None:
    """In both languages, and the Chinese in Chinese."""
    assert set(text) == {"zh", "en"}
    assert any("\u4e00" <= character <= "\u9fff" for character in text["zh"]), text
    assert text["en"], text


def assert_replayed(answer: httpx.Response) -> Answer:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Idempotent-Replayed"] == "true"
    return dict(answer.json())


def sums(checkout: Answer) -> Sequence[int]:
    return checkout["total_fen"], checkout["subsidy_fen"], checkout["payable_fen"]
