import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from app.api.edge.health import health_router
from app.api.edge.openapi import (
    GUARDED,
    WITH_BODY,
    answer,
    body_of,
    install_openapi,
    operation_id,
    refusals,
)
from tests.api.openapi_gaps import gaps_of
from tests.api.till import A_BASKET, A_RECEIPT, Basket, Receipt, a_till, calling


async def nothing() -> bytes:
    return b""


def an_app() -> FastAPI:
    return FastAPI(generate_unique_id_function=operation_id)


def test_a_call_documented_with_our_words_has_no_gaps():
    app = a_till()
    document = app.openapi()
    document["paths"] = {"/v1/baskets": {"post": document["paths"]["/v1/baskets"]["post"]}}

    assert gaps_of(document) == []


def test_the_health_calls_have_no_gaps():
    app = an_app()
    app.include_router(health_router(checks={}, metrics=nothing))
    install_openapi(app)

    assert gaps_of(app.openapi()) == []


def test_what_is_not_documented_is_a_gap():
    gaps = gaps_of(a_till().openapi())

    assert "POST /v1/baskets/{basket_id}/capture: needs a key, but 401 and 403 are not documented" in gaps
    assert "GET /v1/baskets: 200 has no example" in gaps


def test_an_example_that_breaks_its_schema_is_a_gap():
    app = an_app()

    @app.post(
        "/wrong",
        summary="Wrong",
        responses=answer(200, Receipt, {"order_no": 7, "total_fen": 1}) | refusals(*GUARDED, *WITH_BODY),
        openapi_extra=body_of(Basket, {**A_BASKET, "surprise": 1}),
    )
    async def wrong() -> None: ...

    install_openapi(app)

    assert len(gaps_of(app.openapi())) == 2


def test_a_body_read_by_hand_is_a_component_like_any_other():
    document = a_till().openapi()
    body = document["paths"]["/v1/baskets"]["post"]["requestBody"]["content"]["application/json"]

    assert body["schema"] == {"$ref": "#/components/schemas/Basket"}
    assert document["components"]["schemas"]["Line"]["properties"]["price_fen"]["type"] == "integer"
    assert "$defs" not in str(document)


def test_each_refusal_is_shown_under_its_status_with_an_example_of_each_code():
    responses = a_till().openapi()["paths"]["/v1/baskets"]["post"]["responses"]
    examples = responses["422"]["content"]["application/problem+json"]["examples"]

    assert set(responses) == {"200", "201", "400", "401", "403", "413", "415", "422", "429", "500", "503"}
    assert set(examples) == {"invalid_field", "invalid_gtin"}
    assert examples["invalid_gtin"]["value"]["message"]["zh"]


def test_the_frameworks_own_form_of_refusal_is_nowhere():
    document = a_till().openapi()

    assert "HTTPValidationError" not in str(document)
    assert "422" in document["paths"]["/v1/baskets"]["get"]["responses"]
    assert "422" not in document["paths"]["/v1/baskets/{basket_id}/capture"]["post"]["responses"]


def test_a_null_in_an_example_stays_there():
    app = an_app()

    class Capture(BaseModel):
        captured_at: str | None
        steps: list[str | None]

    shown = {"captured_at": None, "steps": [None]}

    @app.post("/x", summary="X", responses=answer(200, Capture, held=shown), openapi_extra=body_of(Capture, shown))
    async def x() -> None: ...

    install_openapi(app)
    operation = app.openapi()["paths"]["/x"]["post"]

    assert operation["requestBody"]["content"]["application/json"]["example"] == shown
    assert operation["responses"]["200"]["content"]["application/json"]["examples"]["held"]["value"] == shown


def test_operations_are_called_after_their_functions():
    paths = a_till().openapi()["paths"]

    assert paths["/v1/baskets"]["post"]["operationId"] == "addUpBasket"


def test_every_call_needs_a_key_unless_it_says_otherwise():
    app = a_till()
    app.include_router(health_router(checks={}, metrics=nothing))
    document = app.openapi()

    assert document["security"] == [{"bearer": []}]
    assert document["paths"]["/livez"]["get"]["security"] == []
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_two_models_of_one_name_are_a_mistake():
    class Basket(BaseModel):
        other: int

    app = a_till()

    @app.post("/other", summary="Other", openapi_extra=body_of(Basket, {"other": 1}))
    async def other() -> None: ...

    with pytest.raises(ValueError, match="Basket"):
        app.openapi()


async def test_the_document_is_served():
    async with calling(a_till()) as client:
        served = await client.get("/openapi.json")

    assert (
        served.json()["paths"]["/v1/baskets"]["post"]["responses"]["201"]["content"]["application/json"]["example"]
        == A_RECEIPT
    )
