"""POST /v1/quotes: decide without holding anything."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.api.edge.answers import json_answer
from app.api.edge.caller import caller, registry_of
from app.api.edge.openapi import GUARDED, WITH_BODY, answer, body_of, refusals
from app.api.edge.strict_json import read_json, validate
from app.api.till.basket import QuoteBasket, hold_of
from app.api.till.calls import (
    MERCHANT_QUERY,
    TILLS,
    engine_of,
    merchant_of,
    problem_of_failure,
    problem_of_refusal,
    refuse_suspended,
)
from app.api.till.checkout_answer import CheckoutShown, quote_data
from app.api.till.examples import BASKET, DECLINED, QUOTED
from app.domain.outcomes import CheckoutStands, Refused
from app.engine.failures import CommandFailed

router = APIRouter(tags=["till"])


@router.post(
    "/v1/quotes",
    summary="What a basket would be granted now · 报价",
    responses=answer(200, CheckoutShown, quoted=QUOTED, declined=DECLINED | {"checkout_id": None})
    | refusals(
        *GUARDED,
        *WITH_BODY,
        "not_found",
        "merchant_suspended",
        "invalid_gtin",
        "invalid_imei",
        "invalid_id_number",
        "not_ready",
    ),
    openapi_extra=body_of(QuoteBasket, BASKET) | MERCHANT_QUERY,
)
async def quote(request: Request) -> Response:
    """The same decision as a hold, on a copy of the book that is read without locks and thrown away."""
    client = await caller(request, *TILLS)
    basket = validate(QuoteBasket, await read_json(request))
    merchant_id = merchant_of(request, client, basket.merchant_id)
    await refuse_suspended(request, merchant_id)
    command = hold_of(request, basket, merchant_id)._replace(capture=False)
    try:
        outcome = await engine_of(request).quote(command, request.is_disconnected)
    except CommandFailed as failure:
        raise problem_of_failure(failure) from None
    if isinstance(outcome, Refused):
        raise problem_of_refusal(outcome)
    if not isinstance(outcome, CheckoutStands):
        raise TypeError(f"a quote ended in {type(outcome).__name__}")
    rules = (await registry_of(request).fresh()).rules
    return json_answer(quote_data(outcome.checkout, rules, basket.order_no))
