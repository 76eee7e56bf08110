"""A checkout as tills see it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field, RootModel

from app.api.edge.answers import at, at_or_none
from app.api.edge.fields import Bilingual
from app.domain.checkout import Checkout, Line, LineOutcome, Status
from app.domain.explanation import explain
from app.domain.policy.model import Policy
from app.domain.reasons import LimitedBy, Reason
from app.domain.rules import Rules
from app.identifiers import show_gtin


class LineShown(BaseModel):
    """Amounts cover all units of the line; `price_fen` is that of one."""

    line_no: int
    gtin: str
    programme: str | None
    category: str | None
    grade: int | None
    price_fen: int
    quantity: int
    rate_bps: int | None
    entitled_fen: int = Field(description="By rate and item cap, before the consumer's and the pool's limits.")
    subsidy_fen: int
    payable_fen: int
    refunded_fen: int
    outcome: LineOutcome
    reason: Reason | None
    limited_by: LimitedBy | None
    explanation: Bilingual


class ConsumerShown(BaseModel):
    cap_remaining_fen: int | None = Field(description="What was left of the cumulative cap after this checkout.")


class CheckoutShown(BaseModel):
    checkout_id: str | None
    order_no: str | None
    status: Status | Literal["quoted"]
    policy: str
    policy_version: int
    total_fen: int
    subsidy_fen: int
    payable_fen: int
    created_at: str
    expires_at: str | None
    captured_at: str | None
    refunded_fen: int
    lines: list[LineShown]
    consumer: ConsumerShown


class OrderClosedShown(BaseModel):
    """A void came before anything was held: the order number is closed."""

    checkout_id: None
    order_no: str
    status: Literal["voided"]


class OrderVoided(RootModel[CheckoutShown | OrderClosedShown]):
    """The checkout as it stands after the void, or the number that the void closed."""


def closed_data(order_no: str) -> dict[str, object]:
    return {"checkout_id": None, "order_no": order_no, "status": Status.VOIDED}


def checkout_data(checkout: Checkout, rules: Rules, *, instant: datetime | None = None) -> dict[str, object]:
    """The contract's shape. With an `instant` (the database's) a hold shows `expired` from `expires_at` on; without,
    the checkout comes from the book, which has expired by that clock what had lapsed.
    """
    policy = rules.of(checkout.policy, checkout.policy_version)
    return {
        "checkout_id": checkout.checkout_id,
        "order_no": checkout.order_no,
        "status": checkout.status if instant is None else checkout.status_at(instant),
        "policy": checkout.policy,
        "policy_version": checkout.policy_version,
        "total_fen": checkout.total_fen,
        "subsidy_fen": checkout.subsidy_fen,
        "payable_fen": checkout.total_fen - checkout.subsidy_fen,
        "created_at": at(checkout.created_at),
        "expires_at": at_or_none(checkout.expires_at),
        "captured_at": at_or_none(checkout.captured_at),
        "refunded_fen": checkout.refunded_fen,
        "lines": [_line_data(line, policy) for line in checkout.lines],
        "consumer": {"cap_remaining_fen": checkout.cap_remaining_fen},
    }


def quote_data(checkout: Checkout, rules: Rules, order_no: str | None) -> dict[str, object]:
    """The same shape for what would be held: `quoted` in place of `held`, and no id."""
    data = checkout_data(checkout, rules)
    status = Status.DECLINED if checkout.status is Status.DECLINED else "quoted"
    return data | {"checkout_id": None, "order_no": order_no, "status": status, "expires_at": None}


def _line_data(line: Line, policy: Policy) -> dict[str, object]:
    said = explain(
        policy,
        outcome=line.outcome,
        reason=line.reason,
        limited_by=line.limited_by,
        programme=line.programme,
        category=line.category,
        price_fen=line.price_fen,
        quantity=line.quantity,
        grade=line.grade,
        rate_bps=line.rate_bps,
        entitled_fen=line.entitled_fen,
        subsidy_fen=line.subsidy_fen,
        note=line.note,
    )
    return {
        "line_no": line.line_no,
        "gtin": show_gtin(line.gtin),
        "programme": line.programme,
        "category": line.category,
        "grade": line.grade,
        "price_fen": line.price_fen,
        "quantity": line.quantity,
        "rate_bps": line.rate_bps,
        "entitled_fen": line.entitled_fen,
        "subsidy_fen": line.subsidy_fen,
        "payable_fen": line.price_fen * line.quantity - line.subsidy_fen,
        "refunded_fen": line.refunded_fen,
        "outcome": line.outcome,
        "reason": line.reason,
        "limited_by": line.limited_by,
        "explanation": {"zh": said.zh, "en": said.en},
    }
