"""Column 2, the usual way: one transaction for each request, row locks on the consumer's quota and on the fund.

As a careful team would first write it: async SQLAlchemy with its ORM, a unique order number, a ledger, an outbox. It
knows one rule (a rate with a cap for each kind of goods) and one cap, so it decides less than the service does.
"""

import hmac
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from app.api.till.basket import Basket, LineSent
from bench.answer import CheckoutAnswer, ConsumerAnswer, Explanation, LineAnswer
from bench.usual_tables import Checkout, CheckoutLine, ConsumerQuota, Fund, Ledger, Outbox, Product

CAP_FEN = 1_500_000
PEPPER = b"the pepper of the usual column .."
CLIENTS = {hmac.digest(PEPPER, os.environ["BENCH_KEY"].encode(), "sha256"): "gateway"}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    engine = create_async_engine(os.environ["BENCH_DATABASE_URL"], pool_size=20, max_overflow=0)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
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
    sessions: async_sessionmaker[AsyncSession] = app.state.sessions
    try:
        async with sessions() as session, session.begin():
            return await _hold(session, basket)
    except IntegrityError as taken:
        raise HTTPException(409, "order number or serial number in use") from taken


async def _hold(session: AsyncSession, basket: Basket) -> CheckoutAnswer:
    """Lock the consumer, lock the funds, decide, insert."""
    consumer = sha256(basket.consumer.id_number.encode()).hexdigest()
    await session.execute(insert(ConsumerQuota).values(consumer=consumer, held_fen=0).on_conflict_do_nothing())
    quota = await session.get_one(ConsumerQuota, consumer, with_for_update=True)
    gtins = {line.gtin for line in basket.lines}
    found = await session.scalars(select(Product).where(Product.gtin.in_(gtins)))
    products = {product.gtin: product for product in found}
    pools = {product.pool for product in products.values()}
    locked = await session.scalars(select(Fund).where(Fund.pool.in_(pools)).order_by(Fund.pool).with_for_update())
    funds = {fund.pool: fund for fund in locked}
    now = datetime.now(UTC)
    shown = []
    for line in basket.lines:
        product = products.get(line.gtin)
        granted_fen = 0
        if product is not None:
            fund = funds[product.pool]
            entitled_fen = min(line.price_fen * line.quantity * product.rate_bps // 10_000, product.cap_fen)
            granted_fen = min(entitled_fen, CAP_FEN - quota.held_fen, fund.available_fen)
            quota.held_fen += granted_fen
            fund.available_fen -= granted_fen
            fund.held_fen += granted_fen
        shown.append(_shown(line, product, granted_fen))
    checkout = Checkout(
        checkout_id=f"co_{uuid.uuid4().hex}",
        merchant_id=basket.merchant_id,
        order_no=basket.order_no,
        consumer=consumer,
        status="held",
        total_fen=sum(line.price_fen * line.quantity for line in basket.lines),
        subsidy_fen=sum(line.subsidy_fen for line in shown),
        created_at=now,
        expires_at=now + timedelta(minutes=15),
    )
    session.add(checkout)
    await session.flush()
    _record(session, basket, checkout, shown)
    return _answer(checkout, shown, CAP_FEN - quota.held_fen)


def _record(session: AsyncSession, basket: Basket, checkout: Checkout, shown: list[LineAnswer]) -> None:
    session.add_all(
        CheckoutLine(
            checkout_id=checkout.checkout_id,
            line_no=line.line_no,
            gtin=line.gtin,
            serial_no=line.serial_no,
            price_fen=line.price_fen,
            quantity=line.quantity,
            subsidy_fen=decided.subsidy_fen,
        )
        for line, decided in zip(basket.lines, shown, strict=True)
    )
    session.add_all(
        Ledger(checkout_id=checkout.checkout_id, account=account, amount_fen=amount_fen)
        for account, amount_fen in (("available", -checkout.subsidy_fen), ("held", checkout.subsidy_fen))
    )
    session.add(Outbox(kind="hold", payload={"checkout_id": checkout.checkout_id}))


def _shown(line: LineSent, product: Product | None, granted_fen: int) -> LineAnswer:
    return LineAnswer(
        line_no=line.line_no,
        gtin=line.gtin,
        programme=None if product is None else product.pool,
        category=None if product is None else product.category,
        grade=None,
        price_fen=line.price_fen,
        quantity=line.quantity,
        rate_bps=None if product is None else product.rate_bps,
        entitled_fen=granted_fen,
        subsidy_fen=granted_fen,
        payable_fen=line.price_fen * line.quantity - granted_fen,
        refunded_fen=0,
        outcome="granted" if granted_fen else "declined",
        reason=None,
        limited_by=None,
        explanation=Explanation(zh=f"补贴 {granted_fen} 分。", en=f"{granted_fen} fen."),
    )


def _answer(checkout: Checkout, lines: list[LineAnswer], left_fen: int) -> CheckoutAnswer:
    return CheckoutAnswer(
        checkout_id=checkout.checkout_id,
        order_no=checkout.order_no,
        status=checkout.status,
        policy="usual",
        policy_version=1,
        total_fen=checkout.total_fen,
        subsidy_fen=checkout.subsidy_fen,
        payable_fen=checkout.total_fen - checkout.subsidy_fen,
        created_at=checkout.created_at.isoformat(),
        expires_at=checkout.expires_at.isoformat(),
        captured_at=None,
        refunded_fen=0,
        lines=lines,
        consumer=ConsumerAnswer(cap_remaining_fen=left_fen),
    )
