import json
import re
from pathlib import Path

import pytest

from app.api.edge.catalogue import CATALOGUE, FAULT_KINDS
from app.api.edge.field_faults import FieldFault
from app.api.edge.problems import Problem, problem_answer, problem_at, problem_body
from app.identifiers.fault import IdentifierFault
from tests.api.till import SECRET, a_till, calling

CHINESE = re.compile("[\u4e00-\u9fff]")


def body_of(problem: Problem) -> dict[str, object]:
    told: dict[str, object] = json.loads(bytes(problem_answer(problem).body))
    return told


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_code_is_a_whole_problem_in_both_languages(code: str):
    answer = problem_answer(Problem(code))
    told = body_of(Problem(code))

    assert answer.status_code == told["status"] == CATALOGUE[code].status
    assert answer.media_type == "application/problem+json"
    assert list(told) == ["type", "title", "status", "code", "detail", "message", "retryable", "errors"]
    assert told["type"] == f"/problems/{code}"
    assert CHINESE.search(CATALOGUE[code].zh)
    assert not CHINESE.search(CATALOGUE[code].en + CATALOGUE[code].title)


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_every_kind_of_fault_is_told_in_both_languages(kind: str):
    assert CHINESE.search(FAULT_KINDS[kind].zh)
    assert not CHINESE.search(FAULT_KINDS[kind].en)


def test_chinese_is_written_with_chinese_punctuation():
    said = [entry.zh for entry in CATALOGUE.values()] + [kind.zh for kind in FAULT_KINDS.values()]

    assert not [sentence for sentence in said if re.search("[\u4e00-\u9fff][,;:?!.]", sentence)]


def test_the_contracts_codes_are_all_there_with_their_statuses():
    statuses = {code: entry.status for code, entry in CATALOGUE.items()}

    assert statuses.items() >= {
        ("malformed_json", 400),
        ("unauthenticated", 401),
        ("forbidden", 403),
        ("merchant_suspended", 403),
        ("not_found", 404),
        ("order_no_reused", 409),
        ("refund_no_reused", 409),
        ("checkout_held", 409),
        ("checkout_captured", 409),
        ("checkout_voided", 409),
        ("checkout_expired", 409),
        ("checkout_refunded", 409),
        ("hold_expired", 409),
        ("refund_exceeds_capture", 409),
        ("body_too_large", 413),
        ("invalid_field", 422),
        ("invalid_id_number", 422),
        ("invalid_gtin", 422),
        ("invalid_imei", 422),
        ("line_not_found", 422),
        ("too_many_requests", 429),
        ("busy", 503),
    }
    assert CATALOGUE["hold_expired"].retryable
    assert CATALOGUE["busy"].retryable
    assert not CATALOGUE["order_no_reused"].retryable


@pytest.mark.parametrize("code", ["busy", "too_many_requests", "not_ready"])
def test_whoever_is_asked_to_come_back_is_told_when(code: str):
    assert problem_answer(Problem(code)).headers["retry-after"] == "1"
    assert problem_answer(Problem(code, retry_after_seconds=30)).headers["retry-after"] == "30"


def test_a_caller_without_a_key_is_told_what_kind_of_key():
    assert problem_answer(Problem("unauthenticated")).headers["www-authenticate"] == "Bearer"


def test_an_unknown_order_can_be_worth_another_try():
    assert body_of(Problem("not_found", retryable=True))["retryable"] is True
    assert body_of(Problem("not_found"))["retryable"] is False


def test_a_code_that_is_not_in_the_catalogue_cannot_be_raised():
    with pytest.raises(KeyError):
        Problem("no_such_code")


def test_a_fault_found_outside_the_models_points_to_its_field():
    fault = IdentifierFault("invalid_id_number", "校验位不正确。", "The check digit is wrong.")

    told = problem_body(problem_at("/consumer/id_number", fault))

    assert told["code"] == "invalid_id_number"
    assert told["message"] == {"zh": "校验位不正确。", "en": "The check digit is wrong."}
    assert told["errors"] == [
        {"pointer": "/consumer/id_number", "code": "invalid_id_number", "message": told["message"]}
    ]


def test_a_field_fault_is_shown_as_it_is():
    problem = Problem(
        "line_not_found", errors=[FieldFault("/lines/0/line_no", "line_not_found", "无此行。", "No such.")]
    )

    assert problem_body(problem)["errors"][0]["message"] == {"zh": "无此行。", "en": "No such."}


async def test_a_raised_problem_is_answered():
    async with calling(a_till()) as client:
        answer = await client.post("/v1/baskets/refused/capture")

    assert (answer.status_code, answer.json()["code"]) == (409, "checkout_voided")


@pytest.mark.parametrize("path", ["/nowhere", "/v1/baskets/%00/nothing", "/v1/%ff"])
async def test_a_path_that_leads_nowhere_is_not_found(path: str):
    async with calling(a_till()) as client:
        answer = await client.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.json()["message"] == {
        "zh": "没有这个接口地址，全部接口见 /openapi.json。",
        "en": "There is no such address; the calls are listed in /openapi.json.",
    }


def test_a_record_that_is_not_there_is_not_taken_for_an_address():
    assert body_of(Problem("not_found"))["message"] == {
        "zh": CATALOGUE["not_found"].zh,
        "en": CATALOGUE["not_found"].en,
    }


async def test_a_nul_in_a_path_reaches_nothing_that_could_choke_on_it():
    async with calling(a_till()) as client:
        answer = await client.post("/v1/baskets/a%00b/capture")

    assert answer.json()["basket_id"] == "a\ufffdb"


async def test_a_method_that_is_not_there_is_a_problem_too():
    async with calling(a_till()) as client:
        answer = await client.delete("/v1/baskets/7/capture")

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("limit", [SECRET, "ten", "0", "101", "%00"])
async def test_a_fault_of_the_query_is_told_without_its_value(limit: str):
    async with calling(a_till()) as client:
        answer = await client.get(f"/v1/baskets?limit={limit}")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_field")
    assert answer.json()["errors"][0]["pointer"] == "/query/limit"
    assert SECRET not in answer.text


async def test_a_failure_is_a_problem_that_says_nothing_of_its_cause():
    async with calling(a_till()) as client:
        answer = await client.post("/v1/baskets/broken/capture")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.json()["retryable"] is True
    assert answer.headers["x-request-id"]
    assert SECRET not in answer.text


def test_every_code_that_the_code_raises_is_in_the_catalogue():
    raised = {
        code
        for path in Path("app").rglob("*.py")
        for code in re.findall(r'Problem\(\s*"([a-z_]+)"', path.read_text(encoding="utf-8"))
    }

    assert raised
    assert raised <= set(CATALOGUE)
