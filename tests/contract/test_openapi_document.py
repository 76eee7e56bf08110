"""The OpenAPI document of the whole service: complete, and no promise of it is taken back unnoticed.

After a change that only adds: `python -m tests.contract.test_openapi_document` writes `openapi.json` anew.
"""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from app.api.edge.catalogue import CATALOGUE
from app.config import Settings
from app.domain.checkout import LineOutcome, Status
from app.domain.reasons import Reason
from app.main import create_app
from tests.api.openapi_gaps import gaps_of
from tests.city import SECRETS
from tests.contract.breaking import breaches

KEPT = Path(__file__).with_name("openapi.json")


def document() -> dict[str, Any]:
    app = create_app(Settings(database_url="postgresql+asyncpg://nobody@localhost/nothing"), SECRETS)
    return json.loads(json.dumps(app.openapi()))


def to_keep() -> dict[str, Any]:
    """Without what a refusal says in full: the same for every call, and open to better words."""
    present = document()
    for path in present["paths"].values():
        for operation in path.values():
            for answer in operation["responses"].values():
                for code in answer.get("content", {}).get("application/problem+json", {}).get("examples", {}).values():
                    code.clear()
    return present


def kept() -> dict[str, Any]:
    return json.loads(KEPT.read_text())


def test_every_call_has_an_id_examples_and_its_error_codes() -> None:
    assert gaps_of(document()) == []


def test_nothing_that_was_promised_is_taken_back() -> None:
    assert breaches(kept(), document()) == []


def test_the_kept_document_is_the_present_one() -> None:
    assert kept() == to_keep(), "write it anew: python -m tests.contract.test_openapi_document"


def test_every_code_of_the_catalogue_is_named() -> None:
    assert set(document()["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]) == set(CATALOGUE)


def test_every_state_outcome_and_reason_is_named() -> None:
    schemas = document()["components"]["schemas"]
    assert set(schemas["Status"]["enum"]) == set(Status)
    assert set(schemas["LineOutcome"]["enum"]) == set(LineOutcome)
    assert set(schemas["Reason"]["enum"]) == set(Reason)


def _remove(path: str) -> Any:
    def change(document: dict[str, Any]) -> None:
        *steps, last = path.split(" ")
        node: Any = document
        for step in steps:
            node = node[step]
        if isinstance(node, list):
            node.remove(last)
        else:
            del node[last]

    return change


@pytest.mark.parametrize(
    ("change", "breach"),
    [
        (_remove("paths /v1/quotes"), "POST /v1/quotes: removed"),
        (_remove("paths /v1/orders/{order_no} get"), "GET /v1/orders/{order_no}: removed"),
        (
            _remove("components schemas LineShown properties entitled_fen"),
            "POST /v1/quotes: 200.lines[].entitled_fen: removed",
        ),
        (
            _remove("components schemas TradeInSent properties reference"),
            "POST /v1/quotes: request.lines[].trade_in.reference: removed",
        ),
        (
            _remove("components schemas Reason enum zero_subsidy"),
            "POST /v1/quotes: 200.lines[].reason: zero_subsidy removed",
        ),
        (
            _remove("components schemas Problem properties code enum busy"),
            "POST /v1/quotes: 400.code: busy removed",
        ),
        (_remove("paths /v1/pools get responses 403"), "GET /v1/pools: 403 removed"),
        (
            lambda document: document["components"]["schemas"]["Basket"]["required"].append("store_id"),
            "POST /v1/checkouts: request.store_id: now required",
        ),
        (
            lambda document: document["components"]["schemas"]["ConsumerSent"]["properties"]["id_type"]["enum"].pop(),
            "POST /v1/quotes: request.consumer.id_type: passport is no longer taken",
        ),
        (
            lambda document: document["components"]["schemas"]["LineShown"]["properties"]["price_fen"].update(
                type="string"
            ),
            "POST /v1/quotes: 200.lines[].price_fen: integer became string",
        ),
    ],
)
def test_a_breach_is_named_by_its_place(change: Any, breach: str) -> None:
    changed = deepcopy(kept())
    change(changed)

    assert breach in breaches(kept(), changed)


def test_what_is_added_breaks_nothing() -> None:
    grown = deepcopy(kept())
    grown["paths"]["/v1/new"] = grown["paths"]["/v1/pools"]
    grown["components"]["schemas"]["LineShown"]["properties"]["new"] = {"type": "string"}
    grown["components"]["schemas"]["Basket"]["properties"]["new"] = {"type": "string"}
    grown["components"]["schemas"]["Reason"]["enum"].append("new")

    assert breaches(kept(), grown) == []


if __name__ == "__main__":
    KEPT.write_text(json.dumps(to_keep(), ensure_ascii=False, indent=1, sort_keys=True) + "\n")
