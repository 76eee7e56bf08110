"""Column 1, the ceiling of the framework: plain FastAPI with the same models and a key check, storing nothing."""

import hmac
import os
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.api.till.basket import Basket
from bench.answer import CheckoutAnswer, ConsumerAnswer, Explanation, LineAnswer

PEPPER = b"the pepper of the bare column ..."
CLIENTS = {hmac.digest(PEPPER, os.environ["BENCH_KEY"].encode(), "sha256"): "gateway"}

app = FastAPI()
bearer = HTTPBearer()


def client(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> str:
    found = CLIENTS.get(hmac.digest(PEPPER, credentials.credentials.encode(), "sha256"))
    if found is None:
        raise HTTPException(401)
    return found


@app.get("/livez")
async def livez() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/v1/checkouts", status_code=201)
async def create_checkout(basket: Basket, client: Annotated[str, Depends(client)]) -> CheckoutAnswer:
    """An answer of the same shape, out of the air."""
    return CheckoutAnswer(
        checkout_id="co_00000000000000000000000000",
        order_no=basket.order_no,
        status="held",
        policy="changchun-2025",
        policy_version=1,
        total_fen=sum(line.price_fen * line.quantity for line in basket.lines),
        subsidy_fen=0,
        payable_fen=sum(line.price_fen * line.quantity for line in basket.lines),
        created_at="2025-11-01T12:00:00.000+08:00",
        expires_at="2025-11-01T12:15:00.000+08:00",
        captured_at=None,
        refunded_fen=0,
        lines=[
            LineAnswer(
                line_no=line.line_no,
                gtin=line.gtin,
                programme="appliance",
                category="A01",
                grade=1,
                price_fen=line.price_fen,
                quantity=line.quantity,
                rate_bps=2000,
                entitled_fen=0,
                subsidy_fen=0,
                payable_fen=line.price_fen * line.quantity,
                refunded_fen=0,
                outcome="granted",
                reason=None,
                limited_by=None,
                explanation=Explanation(zh="按售价的 20% 补贴。", en="20 % of the price."),
            )
            for line in basket.lines
        ],
        consumer=ConsumerAnswer(cap_remaining_fen=1_500_000),
    )
