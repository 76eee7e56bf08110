"""Capture, void and refund: the same whether a till names the checkout by our id or by its own order number."""

import hmac
import time
from typing import Annotated

import orjson
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response

from app.api.edge.answers import at, json_answer
from app.api.edge.caller import caller
from app.api.edge.field_faults import FieldFault
from app.api.edge.fields import Identifier, Reason
from app.api.edge.problems import Problem, problem_of_faults
from app.api.edge.strict_json import StrictModel, read_json, read_optional_json, validate
from app.api.till.basket import LineNo, PriceFen, Quantity
from app.api.till.calls import REPLAYED, TILLS, carry_out, checkout_answer, merchant_of
from app.domain.checkout import RefundMade
from app.domain.commands import Capture, PriceProtection, Refund, Target, UnitsReturned, Void
from app.domain.ids import RANDOM_BYTES, lane_of, new_id
from app.domain.outcomes import RefundStands
from app.randomness import random_bytes
from app.secrets import Secrets


class CaptureRequest(StrictModel):
    """`line_nos` captures some lines and lets the others go; absent, all."""

    merchant_id: Identifier | None = None
    line_nos: Annotated[list[LineNo], Field(min_length=1, max_length=100)] | None = None


class VoidRequest(StrictModel):
    merchant_id: Identifier | None = None


class RefundLineSent(StrictModel):
    """Units that came back, or the new and lower price of one unit (price protection)."""

    line_no: LineNo
    quantity: Quantity | None = None
    new_price_fen: PriceFen | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "RefundLineSent":
        if (self.quantity is None) == (self.new_price_fen is None):
            raise PydanticCustomError("quantity_or_price", "refused")
        return self


class RefundRequest(StrictModel):
    refund_no: Identifier
    merchant_id: Identifier | None = None
    lines: Annotated[list[RefundLineSent], Field(min_length=1, max_length=100)]
    reason: Reason | None = None


def target_of(merchant_id: str, *, checkout_id: str | None = None, order_no: str | None = None) -> Target:
    """Problem `not_found` for an id that we cannot have made."""
    if checkout_id is not None and (lane_of(checkout_id) is None or not checkout_id.startswith("co_")):
        raise Problem("not_found", retryable=True)
    return Target(merchant_id, checkout_id, order_no)


async def capture(request: Request, *, checkout_id: str | None = None, order_no: str | None = None) -> Response:
    client = await caller(request, *TILLS)
    sent = validate(CaptureRequest, await read_optional_json(request))
    target = target_of(merchant_of(request, client, sent.merchant_id), checkout_id=checkout_id, order_no=order_no)
    line_nos = None if sent.line_nos is None else frozenset(sent.line_nos)
    return await checkout_answer(request, await carry_out(request, Capture(target, line_nos)))


async def void(request: Request, *, checkout_id: str | None = None, order_no: str | None = None) -> Response:
    client = await caller(request, *TILLS)
    sent = validate(VoidRequest, await read_optional_json(request))
    target = target_of(merchant_of(request, client, sent.merchant_id), checkout_id=checkout_id, order_no=order_no)
    return await checkout_answer(request, await carry_out(request, Void(target)))


async def refund(request: Request, *, checkout_id: str | None = None, order_no: str | None = None) -> Response:
    client = await caller(request, *TILLS)
    sent = validate(RefundRequest, await read_json(request))
    target = target_of(merchant_of(request, client, sent.merchant_id), checkout_id=checkout_id, order_no=order_no)
    _refuse_repeated_lines(sent)
    outcome = await carry_out(request, _refund_of(request, target, sent))
    if not isinstance(outcome, RefundStands):
        raise TypeError(f"a refund ended in {type(outcome).__name__}")
    data = refund_data(outcome.refund)
    return json_answer(data, 200, REPLAYED) if outcome.replayed else json_answer(data, 201)


def _refuse_repeated_lines(sent: RefundRequest) -> None:
    seen: set[int] = set()
    for index, line in enumerate(sent.lines):
        if line.line_no in seen:
            pointer = f"/lines/{index}/line_no"
            raise problem_of_faults(
                [FieldFault(pointer, "invalid_field", "行号重复。", "The line number is used twice.")]
            )
        seen.add(line.line_no)


def _refund_of(request: Request, target: Target, sent: RefundRequest) -> Refund:
    secrets: Secrets = request.app.state.secrets
    meant = [sent.reason, [[line.line_no, line.quantity, line.new_price_fen] for line in sent.lines]]
    return Refund(
        target,
        new_id("re_", 0, int(time.time() * 1000), random_bytes(RANDOM_BYTES)),
        sent.refund_no,
        tuple(
            UnitsReturned(line.line_no, line.quantity)
            if line.quantity is not None
            else PriceProtection(line.line_no, line.new_price_fen or 0)
            for line in sent.lines
        ),
        sent.reason,
        hmac.digest(secrets.fingerprint_key, orjson.dumps(meant), "sha256"),
    )


def refund_data(refund_made: RefundMade) -> dict[str, object]:
    lines = []
    for line in refund_made.lines:
        done = {"quantity": line.quantity} if line.new_price_fen is None else {"new_price_fen": line.new_price_fen}
        lines.append(
            {
                "line_no": line.line_no,
                **done,
                "subsidy_returned_fen": line.subsidy_returned_fen,
                "consumer_refund_fen": line.consumer_refund_fen,
            }
        )
    return {
        "refund_id": refund_made.refund_id,
        "refund_no": refund_made.refund_no,
        "checkout_id": refund_made.checkout_id,
        "status": "succeeded",
        "subsidy_returned_fen": refund_made.subsidy_returned_fen,
        "consumer_refund_fen": refund_made.consumer_refund_fen,
        "created_at": at(refund_made.created_at),
        "reason": refund_made.reason,
        "lines": lines,
    }
