"""The same by the merchant's own order number, for a till that never saw our answer."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.api.edge.answers import json_answer
from app.api.edge.fields import known_form
from app.api.edge.openapi import GUARDED, answer, body_of, refusals
from app.api.till import acts
from app.api.till.acts import CaptureRequest, RefundRequest, VoidRequest
from app.api.till.calls import MERCHANT_QUERY
from app.api.till.checkout_answer import CheckoutShown, OrderVoided
from app.api.till.checkout_story import OrderShown, RefundShown, story_by_order
from app.api.till.checkouts import CAPTURE_REFUSALS, REFUND_REFUSALS, VOID_REFUSALS
from app.api.till.examples import CAPTURED, CLOSED, REFUND, REFUNDED, STORY, VOIDED

router = APIRouter(tags=["till"])


@router.get(
    "/v1/orders/{order_no}",
    summary="A checkout by order number · 按订单号查询",
    responses=answer(200, OrderShown, found=STORY, closed=CLOSED) | refusals(*GUARDED, "not_found"),
    openapi_extra=MERCHANT_QUERY,
)
async def get_order(request: Request, order_no: str) -> Response:
    """Where nothing was granted, the latest declined attempt."""
    return json_answer(await story_by_order(request, known_form(order_no)))


@router.post(
    "/v1/orders/{order_no}/capture",
    summary="Capture by order number · 按订单号核销",
    responses=answer(200, CheckoutShown, CAPTURED) | refusals(*CAPTURE_REFUSALS),
    openapi_extra=body_of(CaptureRequest, {"line_nos": [1]}, required=False) | MERCHANT_QUERY,
)
async def capture_order(request: Request, order_no: str) -> Response:
    """An order number never seen, or only declined, is 404 and may be tried again."""
    return await acts.capture(request, order_no=known_form(order_no))


@router.post(
    "/v1/orders/{order_no}/void",
    summary="Void by order number · 按订单号撤销",
    responses=answer(200, OrderVoided, voided=VOIDED, closed=CLOSED) | refusals(*VOID_REFUSALS),
    openapi_extra=body_of(VoidRequest, {}, required=False) | MERCHANT_QUERY,
)
async def void_order(request: Request, order_no: str) -> Response:
    """Void of a number never seen closes it: the hold that was overtaken finds it voided."""
    return await acts.void(request, order_no=known_form(order_no))


@router.post(
    "/v1/orders/{order_no}/refunds",
    status_code=201,
    summary="Refund by order number · 按订单号退款",
    responses=answer(201, RefundShown, REFUNDED)
    | answer(200, RefundShown, replayed=REFUNDED)
    | refusals(*REFUND_REFUSALS),
    openapi_extra=body_of(RefundRequest, REFUND) | MERCHANT_QUERY,
)
async def refund_order(request: Request, order_no: str) -> Response:
    """As by id."""
    return await acts.refund(request, order_no=known_form(order_no))
