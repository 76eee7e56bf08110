"""The tables of the usual column, in a database of its own; made and filled for a city's goods."""

import asyncio
from datetime import datetime

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, UniqueConstraint, insert
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.domain.policy.pack import read_pack
from bench.city import BUDGET_FEN, City, pack_source
from bench.databases import BenchDatabase


class Base(DeclarativeBase):
    type_annotation_map = {int: BigInteger, datetime: DateTime(timezone=True)}  # noqa: RUF012


class Product(Base):
    __tablename__ = "product"
    gtin: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str]
    rate_bps: Mapped[int]
    cap_fen: Mapped[int]
    pool: Mapped[str]


class ConsumerQuota(Base):
    __tablename__ = "consumer_quota"
    consumer: Mapped[str] = mapped_column(primary_key=True)
    held_fen: Mapped[int] = mapped_column(default=0)


class Fund(Base):
    __tablename__ = "fund"
    pool: Mapped[str] = mapped_column(primary_key=True)
    available_fen: Mapped[int]
    held_fen: Mapped[int]


class Checkout(Base):
    __tablename__ = "checkout"
    __table_args__ = (UniqueConstraint("merchant_id", "order_no"),)
    checkout_id: Mapped[str] = mapped_column(primary_key=True)
    merchant_id: Mapped[str | None]
    order_no: Mapped[str]
    consumer: Mapped[str] = mapped_column(ForeignKey("consumer_quota.consumer"))
    status: Mapped[str]
    total_fen: Mapped[int]
    subsidy_fen: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class CheckoutLine(Base):
    __tablename__ = "checkout_line"
    __table_args__ = (UniqueConstraint("gtin", "serial_no"),)
    checkout_id: Mapped[str] = mapped_column(ForeignKey("checkout.checkout_id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    gtin: Mapped[str]
    serial_no: Mapped[str | None]
    price_fen: Mapped[int]
    quantity: Mapped[int]
    subsidy_fen: Mapped[int]


class Ledger(Base):
    __tablename__ = "ledger"
    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    checkout_id: Mapped[str] = mapped_column(ForeignKey("checkout.checkout_id"))
    account: Mapped[str]
    amount_fen: Mapped[int]


class Outbox(Base):
    __tablename__ = "outbox"
    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, object]] = mapped_column(JSON)


def create_usual_tables(database: BenchDatabase, city: City) -> None:
    asyncio.run(_create(database, city))


async def _create(database: BenchDatabase, city: City) -> None:
    policy = read_pack(pack_source())
    products = []
    for kind in city.goods:
        category = policy.categories[kind.category]
        products.append(
            {
                "gtin": kind.gtin,
                "category": kind.category,
                "rate_bps": 2000,
                "cap_fen": category.item_cap_fen,
                "pool": policy.programmes[category.programme].pool,
            }
        )
    funds = [{"pool": pool, "available_fen": BUDGET_FEN, "held_fen": 0} for pool in city.pools]
    engine = create_async_engine(database.owner_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(insert(Product), products)
        await connection.execute(insert(Fund), funds)
    await engine.dispose()
