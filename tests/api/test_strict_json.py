import json
import timeit
from collections.abc import AsyncIterator

import pytest

from app.api.edge.strict_json import BODY_BYTES_MAX, decode
from tests.api.till import A_BASKET, SECRET, a_basket, a_line, a_till, calling, post


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


async def refusal(body: bytes | object) -> tuple[int, str]:
    answer = await post(body)
    said = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert said["status"] == answer.status_code
    assert said["message"]["zh"]
    assert said["message"]["en"]
    assert SECRET not in answer.text
    return answer.status_code, said["code"]


async def faults(**changes: object) -> list[tuple[str, str]]:
    said = (await post(a_basket(**changes))).json()
    assert said["status"] == 422
    assert SECRET not in json.dumps(said)
    return [(fault["pointer"], fault["code"]) for fault in said["errors"]]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"order_no": "A-1"} trailing',
        b"\xef\xbb\xbf{}",
        '{"order_no": "A-1"}'.encode("utf-16"),
        b'{"order_no": "\xff"}',
        raw('{"order_no": "\ud800"}'),
        b'{"order_no": "A-1", "order_no": "A-2"}',
        b'{"lines": [{"line_no": 1, "line_no": 1}]}',
        b'{"price_fen": NaN}',
        b'{"price_fen": -Infinity}',
        rb'{"order_no": "A\u0000"}',
        rb'{"A\u0000": 1}',
        rb'{"order_no": "\ud800"}',
        rb'{"lines": [[{"x": "\udfff"}]]}',
        b'{"order_no": "A\x00"}',
        b'{"order_no": "A\n"}',
        b"[" * 100_000,
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b"{'order_no': 1}",
        b'{"price_fen": 01}',
        b'{"price_fen": .5}',
    ],
)
async def test_what_cannot_be_read_in_one_way_only_is_malformed(body: bytes):
    assert await refusal(body) == (400, "malformed_json")


async def test_escaped_text_that_only_looks_like_a_nul_is_read():
    answer = await post(rb'{"buyer": "\\u0000 \ud83d\ude00", ' + json.dumps(A_BASKET).encode()[1:])

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "number", ["100.0", "1e2", "1E2", '"100"', "true", "null", "[]", "9" * 5000, "1" + "0" * 400 + ".0"]
)
async def test_only_an_integer_is_an_integer(number: str):
    body = json.dumps(a_basket(lines=[a_line(price_fen="?")])).replace('"?"', number).encode()

    answer = await post(body)

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/lines/0/price_fen"]


@pytest.mark.parametrize("number", [0, -1, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 10**19, 10**20, 10**4000])
async def test_an_integer_that_does_not_fit_is_out_of_range(number: int):
    assert await faults(lines=[a_line(price_fen=number)]) == [("/lines/0/price_fen", "out_of_range")]


async def test_all_faults_are_told_at_once_each_with_its_pointer():
    told = await faults(
        order_no="no spaces",
        channel="by post",
        birth_date="2025-02-30",
        buyer=7,
        surprise=1,
        lines=[a_line(line_no="1"), {"gtin": "690"}, "line"],
    )

    assert sorted(told) == [
        ("/birth_date", "not_a_date"),
        ("/buyer", "not_a_string"),
        ("/channel", "not_one_of"),
        ("/lines/0/line_no", "not_an_integer"),
        ("/lines/1/gtin", "invalid_gtin"),
        ("/lines/1/line_no", "missing"),
        ("/lines/1/price_fen", "missing"),
        ("/lines/2", "not_an_object"),
        ("/order_no", "wrong_format"),
        ("/surprise", "unknown_field"),
    ]


async def test_no_fault_repeats_what_was_sent():
    await faults(order_no=f"{SECRET} ", channel=SECRET, buyer=[SECRET], birth_date=SECRET, lines=SECRET)


async def test_an_identity_number_sent_as_a_key_is_not_repeated():
    assert await faults(**{SECRET: 1}) == [("", "unknown_field")]


@pytest.mark.parametrize("body", [[], "text", 7, None, True])
async def test_a_body_that_is_no_object_is_told_so(body: object):
    answer = await post(json.dumps(body).encode())

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "not_an_object"


async def test_faults_of_one_kind_give_the_problem_their_code_and_their_words():
    answer = (await post(a_basket(lines=[a_line(gtin="6901234567893")]))).json()

    assert answer["code"] == "invalid_gtin"
    assert answer["errors"][0]["pointer"] == "/lines/0/gtin"
    assert answer["message"] == answer["errors"][0]["message"]


async def test_faults_of_several_kinds_are_an_invalid_field():
    answer = (await post(a_basket(order_no="", lines=[a_line(gtin="6901234567893")]))).json()

    assert answer["code"] == "invalid_field"


async def test_more_lines_than_allowed_are_one_fault():
    assert await faults(lines=[a_line()] * 101) == [("/lines", "wrong_count")]
    assert await faults(lines=[]) == [("/lines", "wrong_count")]


async def test_an_answer_never_outgrows_its_question():
    answer = await post(a_basket(**{f"f{'a' * (n // 26)}{chr(97 + n % 26)}": 1 for n in range(600)}))

    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 200


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=utf-8", "application/vnd.till+json"]
)
async def test_any_spelling_of_json_is_taken(content_type: str):
    answer = await post(json.dumps(A_BASKET).encode(), {"content-type": content_type})

    assert answer.status_code == 201


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
async def test_another_media_type_is_refused(content_type: str):
    answer = await post(json.dumps(A_BASKET).encode(), {"content-type": content_type})

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


async def test_a_body_without_a_media_type_is_taken():
    async with calling(a_till()) as client:
        request = client.build_request("POST", "/v1/baskets", content=json.dumps(A_BASKET).encode())
        request.headers.pop("content-type", None)
        answer = await client.send(request)

    assert answer.status_code == 201


async def test_a_body_may_have_exactly_256_kib():
    padding = b" " * (BODY_BYTES_MAX - len(json.dumps(A_BASKET)))

    assert (await post(json.dumps(A_BASKET).encode() + padding)).status_code == 201
    assert await refusal(json.dumps(A_BASKET).encode() + padding + b" ") == (413, "body_too_large")


async def test_a_body_without_a_length_is_cut_off_as_soon_as_it_is_too_long():
    sent = 0

    async def ten_megabytes() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(160):
            sent += 65536
            yield b" " * 65536

    async with calling(a_till()) as client:
        answer = await client.post("/v1/baskets", content=ten_megabytes())

    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"
    assert sent <= 6 * 65536


async def test_where_the_body_is_optional_none_reads_as_an_empty_object():
    async with calling(a_till()) as client:
        bare = await client.post("/v1/baskets/7/capture")
        form = await client.post("/v1/baskets/7/capture", headers={"content-type": "text/plain"})
        empty = await client.post("/v1/baskets/7/capture", json={})

    assert bare.json()["read"] == form.json()["read"] == empty.json()["read"] == {}


def test_decoding_strictly_costs_little():
    body = json.dumps(a_basket(lines=[a_line() for _ in range(8)])).encode()

    best_seconds = min(timeit.repeat(lambda: decode(body), number=200, repeat=5)) / 200

    assert len(body) > 500
    assert best_seconds < 0.000_25
