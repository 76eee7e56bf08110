"""Checkouts: hold, look, capture, void, refund, by our id."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.api.edge.answers import json_answer
from app.api.edge.caller import caller
from app.api.edge.openapi import GUARDED, WITH_BODY, answer, body_of, refusals
from app.api.edge.strict_json import read_json, validate
from app.api.till import acts
from app.api.till.acts import CaptureRequest, RefundRequest, VoidRequest
from app.api.till.basket import Basket, hold_of
from app.api.till.calls import MERCHANT_QUERY, TILLS, carry_out, checkout_answer, merchant_of, refuse_suspended
from app.api.till.checkout_answer import CheckoutShown
from app.api.till.checkout_story import RefundShown, StoryShown, story_by_id
from app.api.till.examples import BASKET, CAPTURED, DECLINED, HELD, REFUND, REFUNDED, STORY, VOIDED
from app.domain.checkout import Status
from app.domain.outcomes import CheckoutStands

router = APIRouter(tags=["till"])

CAPTURE_REFUSALS = (
    *GUARDED,
    *WITH_BODY,
    "not_found",
    "checkout_captured",
    "checkout_voided",
    "hold_expired",
    "line_not_found",
)
VOID_REFUSALS = (*GUARDED, *WITH_BODY, "not_found", "checkout_captured", "checkout_refunded")
REFUND_REFUSALS = (
    *GUARDED,
    *WITH_BODY,
    "not_found",
    "refund_no_reused",
    "refund_exceeds_capture",
    "checkout_held",
    "checkout_voided",
    "checkout_expired",
    "line_not_found",
)


@router.post(
    "/v1/checkouts",
    status_code=201,
    summary="Decide and hold; with capture, spend at once · 预占（可即买即补）",
    responses=answer(201, CheckoutShown, held=HELD, captured=CAPTURED)
    | answer(200, CheckoutShown, declined=DECLINED, replayed=HELD)
    | refusals(
        *GUARDED,
        *WITH_BODY,
        "not_found",
        "merchant_suspended",
        "order_no_reused",
        "checkout_voided",
        "invalid_gtin",
        "invalid_imei",
        "invalid_id_number",
        "not_ready",
    ),
    openapi_extra=body_of(Basket, BASKET) | MERCHANT_QUERY,
)
async def create_checkout(request: Request) -> Response:
    """The order number is the idempotency key: the same body again gets the same checkout as it stands now."""
    client = await caller(request, *TILLS)
    basket = validate(Basket, await read_json(request))
    merchant_id = merchant_of(request, client, basket.merchant_id)
    await refuse_suspended(request, merchant_id, basket.order_no)
    outcome = await carry_out(request, hold_of(request, basket, merchant_id))
    declined = isinstance(outcome, CheckoutStands) and outcome.checkout.status is Status.DECLINED
    return await checkout_answer(request, outcome, status=200 if declined else 201)


@router.get(
    "/v1/checkouts/{checkout_id}",
    summary="A checkout with its lines and its history · 查询",
    responses=answer(200, StoryShown, STORY) | refusals(*GUARDED, "not_found"),
    openapi_extra=MERCHANT_QUERY,
)
async def get_checkout(request: Request, checkout_id: str) -> Response:
    """`expired` shows from `expires_at` on, whether or not a sweeper has passed."""
    return json_answer(await story_by_id(request, checkout_id))


@router.post(
    "/v1/checkouts/{checkout_id}/capture",
    summary="Payment succeeded: the hold becomes spending · 核销",
    responses=answer(200, CheckoutShown, CAPTURED) | refusals(*CAPTURE_REFUSALS),
    openapi_extra=body_of(CaptureRequest, {"line_nos": [1]}, required=False) | MERCHANT_QUERY,
)
async def capture_checkout(request: Request, checkout_id: str) -> Response:
    """After expiry the quota is taken again, all or nothing, at the hold's amounts."""
    return await acts.capture(request, checkout_id=checkout_id)


@router.post(
    "/v1/checkouts/{checkout_id}/void",
    summary="Give a hold back · 撤销",
    responses=answer(200, CheckoutShown, VOIDED) | refusals(*VOID_REFUSALS),
    openapi_extra=body_of(VoidRequest, {}, required=False) | MERCHANT_QUERY,
)
async def void_checkout(request: Request, checkout_id: str) -> Response:
    """Void of an expired hold answers `expired`."""
    return await acts.void(request, checkout_id=checkout_id)


@router.post(
    "/v1/checkouts/{checkout_id}/refunds",
    status_code=201,
    summary="Give back captured subsidy, by line · 退款",
    responses=answer(201, RefundShown, REFUNDED)
    | answer(200, RefundShown, replayed=REFUNDED)
    | refusals(*REFUND_REFUSALS),
    openapi_extra=body_of(RefundRequest, REFUND) | MERCHANT_QUERY,
)
async def refund_checkout(request: Request, checkout_id: str) -> Response:
    """Returned units, or a lower price (price protection); several refunds may follow one another."""
    return await acts.refund(request, checkout_id=checkout_id)
