"""The answer to a hold as plain Pydantic models: what the bare and the usual column return."""

from pydantic import BaseModel


class Explanation(BaseModel):
    zh: str
    en: str


class LineAnswer(BaseModel):
    line_no: int
    gtin: str
    programme: str | None
    category: str | None
    grade: int | None
    price_fen: int
    quantity: int
    rate_bps: int | None
    entitled_fen: int
    subsidy_fen: int
    payable_fen: int
    refunded_fen: int
    outcome: str
    reason: str | None
    limited_by: str | None
    explanation: Explanation


class ConsumerAnswer(BaseModel):
    cap_remaining_fen: int | None


class CheckoutAnswer(BaseModel):
    checkout_id: str | None
    order_no: str | None
    status: str
    policy: str
    policy_version: int
    total_fen: int
    subsidy_fen: int
    payable_fen: int
    created_at: str
    expires_at: str | None
    captured_at: str | None
    refunded_fen: int
    lines: list[LineAnswer]
    consumer: ConsumerAnswer
