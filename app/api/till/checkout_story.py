"""One checkout with everything that happened to it: for tills, gateways, operators and auditors."""

from typing import Literal

from pydantic import BaseModel, RootModel
from starlette.requests import Request

from app.api.edge.answers import at
from app.api.edge.caller import READERS, caller, registry_of
from app.api.edge.fields import known_form
from app.api.edge.problems import Problem
from app.api.till.acts import refund_data
from app.api.till.calls import TILLS, merchant_missing, merchant_of
from app.api.till.checkout_answer import CheckoutShown, OrderClosedShown, checkout_data, closed_data
from app.domain.ids import lane_of
from app.service.checkouts import Story, find_by_id, find_by_order


class HistoryEntry(BaseModel):
    """One act. Expiry shows as soon as the clock says so, the act when it was booked."""

    act: str
    at: str
    amount_fen: int
    refund_id: str | None


class RefundedLineShown(BaseModel):
    line_no: int
    quantity: int | None = None
    new_price_fen: int | None = None
    subsidy_returned_fen: int
    consumer_refund_fen: int


class RefundShown(BaseModel):
    refund_id: str
    refund_no: str
    checkout_id: str
    status: Literal["succeeded"]
    subsidy_returned_fen: int
    consumer_refund_fen: int
    created_at: str
    reason: str | None
    lines: list[RefundedLineShown]


class StoryShown(CheckoutShown):
    merchant_id: str
    store_id: str | None
    till_id: str | None
    channel: str
    history: list[HistoryEntry]
    refunds: list[RefundShown]


class OrderShown(RootModel[StoryShown | OrderClosedShown]):
    """The checkout of an order number, or the number that a void closed."""


async def story_by_id(request: Request, checkout_id: str) -> dict[str, object]:
    """Problem `not_found` also for another merchant's. Operators and auditors read every merchant's."""
    client = await caller(request, *TILLS, *READERS)
    merchant_id = None if client.role in READERS else merchant_of(request, client)
    lane = lane_of(checkout_id)
    if lane is None:
        raise Problem("not_found")
    story = await find_by_id(request.app.state.database, lane, checkout_id)
    if story is None or merchant_id not in (None, story.checkout.merchant_id):
        raise Problem("not_found")
    return await _data(request, story)


async def story_by_order(request: Request, order_no: str) -> dict[str, object]:
    """The checkout of an order number; where nothing was granted, its latest declined attempt."""
    client = await caller(request, *TILLS, *READERS)
    if client.role in READERS:
        named = request.query_params.get("merchant_id")
        if named is None:
            raise merchant_missing(request)
        merchant_id = known_form(named)
    else:
        merchant_id = merchant_of(request, client)
    found = await find_by_order(request.app.state.database, merchant_id, order_no)
    if found is None:
        raise Problem("not_found")
    if isinstance(found, str):
        return closed_data(found)
    return await _data(request, found)


async def _data(request: Request, story: Story) -> dict[str, object]:
    rules = (await registry_of(request).fresh()).rules
    checkout = story.checkout
    return checkout_data(checkout, rules, instant=story.instant) | {
        "merchant_id": checkout.merchant_id,
        "store_id": checkout.store_id,
        "till_id": checkout.till_id,
        "channel": checkout.channel,
        "history": [
            {"act": act.kind, "at": at(act.acted_at), "amount_fen": act.amount_fen, "refund_id": act.refund_id}
            for act in story.acts
        ],
        "refunds": [refund_data(made) for made in story.refunds],
    }
