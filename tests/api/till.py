"""A till in miniature: one application with every way of asking and being refused, and a client for it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Literal

import httpx
from fastapi import FastAPI, Query
from pydantic import AfterValidator, BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.edge.answers import json_answer
from app.api.edge.openapi import GUARDED, WITH_BODY, answer, body_of, install_openapi, operation_id, refusals
from app.api.edge.problems import Problem, install_problems, internal_error_answer
from app.api.edge.strict_json import IsoDate, StrictModel, read_json, read_optional_json, validate
from app.identifiers.gtin import parse_gtin
from app.ops.request_log import RequestLog
from app.ops.telemetry.metrics import Metrics

SECRET = "220102196001010013"
"""Stands for anything a till may send and no answer and no log may repeat."""


class Line(StrictModel):
    line_no: Annotated[int, Field(ge=1, le=999)]
    gtin: Annotated[str, AfterValidator(parse_gtin)]
    price_fen: Annotated[int, Field(ge=1, le=10**12)]


class Basket(StrictModel):
    order_no: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    channel: Literal["in_store", "online"] = "in_store"
    buyer: str | None = None
    birth_date: IsoDate | None = None
    lines: Annotated[list[Line], Field(min_length=1, max_length=100)]


class Receipt(BaseModel):
    order_no: str
    total_fen: int


A_BASKET = {"order_no": "A-1", "lines": [{"line_no": 1, "gtin": "6901234567892", "price_fen": 899900}]}
A_RECEIPT = {"order_no": "A-1", "total_fen": 899900}


def a_basket(**changes: object) -> dict[str, object]:
    return {**A_BASKET, **changes}


def a_line(**changes: object) -> dict[str, object]:
    return {**A_BASKET["lines"][0], **changes}  # type: ignore[dict-item]


def a_till(metrics: Metrics | None = None, *, every_request: bool = False) -> FastAPI:
    app = FastAPI(generate_unique_id_function=operation_id)
    install_problems(app)
    app.add_middleware(
        RequestLog,
        metrics=metrics or Metrics(),
        failure_answer=internal_error_answer,
        every_request=every_request,
    )

    @app.post(
        "/v1/baskets",
        status_code=201,
        summary="Add up a basket",
        responses=answer(201, Receipt, A_RECEIPT)
        | answer(200, Receipt, replayed=A_RECEIPT)
        | refusals(*GUARDED, *WITH_BODY, "invalid_gtin"),
        openapi_extra=body_of(Basket, A_BASKET),
    )
    async def add_up_basket(request: Request) -> Response:
        basket = validate(Basket, await read_json(request))
        total_fen = sum(line.price_fen for line in basket.lines)
        return json_answer({"order_no": basket.order_no, "total_fen": total_fen}, 201)

    @app.post("/v1/baskets/{basket_id}/capture", summary="Capture", responses=refusals("checkout_voided"))
    async def capture_basket(basket_id: str, request: Request) -> Response:
        if basket_id == "refused":
            raise Problem("checkout_voided")
        if basket_id == "broken":
            raise RuntimeError(SECRET)
        return json_answer({"read": await read_optional_json(request), "basket_id": basket_id})

    @app.get("/v1/baskets", summary="List")
    async def list_baskets(limit: Annotated[int, Query(ge=1, le=100)] = 10) -> Response:
        return json_answer({"limit": limit})

    install_openapi(app)
    return app


@asynccontextmanager
async def calling(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://till") as client:
        yield client


async def post(body: bytes | object, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """One basket, sent as these bytes or as this JSON."""
    async with calling(a_till()) as client:
        if isinstance(body, bytes):
            typed = {"content-type": "application/json", **(headers or {})}
            return await client.post("/v1/baskets", content=body, headers=typed)
        return await client.post("/v1/baskets", json=body, headers=headers)
