"""The world: rows in memory that play the store's part. It sees everything, so nothing is ever missing.

The book is handed copies; what it changed is taken over when a batch is through, as a commit would.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.book.book import Book
from app.domain.book.rows import (
    FREE_ITEM,
    Adjustment,
    Consumer,
    ItemClaim,
    OrderNumber,
    Pool,
    Quota,
    RefundNumber,
    Stripe,
)
from app.domain.checkout import Checkout, RefundMade, items_of
from app.domain.commands import AdjustPool, Command, Hold, Refund, Void
from app.domain.ledger import Act, LedgerEntry
from app.domain.outcomes import Outcome
from app.domain.rules import Rules, Switch
from tests.book.market import Market

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)


@dataclass
class Money:
    """One stripe with all four figures."""

    budget_fen: int = 0
    available_fen: int = 0
    held_fen: int = 0
    spent_fen: int = 0


@dataclass
class World:
    market: Market
    instant: datetime = NOON
    version: int = 1
    switches: dict[str, Switch] = field(default_factory=dict)
    blocks: dict[str, str] = field(default_factory=dict)
    quotas: dict[tuple[str, str], Quota] = field(default_factory=dict)
    orders: dict[tuple[str, str], OrderNumber] = field(default_factory=dict)
    refund_numbers: dict[tuple[str, str], RefundNumber] = field(default_factory=dict)
    adjustments: dict[str, Adjustment | None] = field(default_factory=dict)
    checkouts: dict[str, Checkout] = field(default_factory=dict)
    refunds: dict[str, RefundMade] = field(default_factory=dict)
    items: dict[str, ItemClaim] = field(default_factory=dict)
    stripes: dict[tuple[int, str], Money] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)

    @property
    def rules(self) -> Rules:
        policy = self.market.versions[self.version - 1]
        return Rules(policy, self.version, dict(self.switches), self.market.published)

    def run(self, *commands: Command, home_lane: int = 0) -> list[Outcome]:
        """One batch: what lapsed is expired first, then the commands in order, then everything is taken over."""
        book = self.book(commands, home_lane)
        book.expire_lapsed()
        outcomes = [book.apply(command) for command in commands]
        self.take_over(book)
        return outcomes

    def book(self, commands: Sequence[Command] = (), home_lane: int = 0) -> Book:
        book = Book(self.rules, self.instant)
        book.products = {product.gtin: product for product in self.market.products}
        book.quotas = {key: replace(quota) for key, quota in self.quotas.items()}
        book.orders, book.refund_numbers = dict(self.orders), dict(self.refund_numbers)
        book.adjustments, book.items = dict(self.adjustments), dict(self.items)
        book.checkouts, book.refunds = dict(self.checkouts), dict(self.refunds)
        book.touched = set(self.checkouts)
        for pool in self.market.pools:
            others = [
                Stripe(lane, money.available_fen)
                for (lane, code), money in sorted(self.stripes.items())
                if code == pool and lane != home_lane
            ]
            home = self.stripes.get((home_lane, pool), Money())
            book.pools[pool] = Pool(pool, Stripe(home_lane, home.available_fen), others, whole=True)
        for command in commands:
            self._make_room(book, command)
        return book

    def _make_room(self, book: Book, command: Command) -> None:
        """The empty rows that the store creates for what a command names."""
        match command:
            case Hold():
                lane, digest = command.buyer.lane, command.buyer.digest
                consumer_id = consumer_id_of(digest)
                book.consumers[lane, digest] = Consumer(lane, consumer_id, self.blocks.get(consumer_id))
                book.orders.setdefault((command.merchant_id, command.order_no), OrderNumber("free"))
                for line in command.lines:
                    for item in items_of(line.gtin, line.serial_no, line.imeis):
                        book.items.setdefault(item, FREE_ITEM)
            case Void() if command.target.order is not None:
                book.orders.setdefault(command.target.order, OrderNumber("free"))
            case Refund():
                book.refund_numbers.setdefault((command.target.merchant_id, command.refund_no), RefundNumber())
            case AdjustPool():
                book.adjustments.setdefault(command.adjustment_no, None)

    def take_over(self, book: Book) -> None:
        self.quotas, self.orders, self.refund_numbers = book.quotas, book.orders, book.refund_numbers
        self.adjustments, self.items = book.adjustments, book.items
        self.checkouts, self.refunds = book.checkouts, book.refunds
        self.acts += book.journal.acts
        self.entries += book.journal.entries
        for code, pool in book.pools.items():
            for stripe in pool.stripes():
                money = self.stripes.setdefault((stripe.lane, code), Money())
                money.budget_fen += stripe.budget_moved_fen
                money.available_fen += stripe.available_moved_fen
                money.held_fen += stripe.held_moved_fen
                money.spent_fen += stripe.spent_moved_fen

    def settle(self) -> None:
        """Expire and restore whatever is due, as the sweeper does."""
        self.run()

    def image(self) -> dict[str, Any]:
        """Everything of weight, to be compared with what it is later; empty rows count for nothing."""
        return {
            "quotas": self.quotas,
            "orders": {key: order for key, order in self.orders.items() if order != OrderNumber("free")},
            "refund numbers": {key: number for key, number in self.refund_numbers.items() if number.refund_id},
            "adjustments": {key: made for key, made in self.adjustments.items() if made},
            "items": {item: claim for item, claim in self.items.items() if claim.checkout_id},
            "checkouts": dict(self.checkouts),
            "refunds": dict(self.refunds),
            "money": {pool: self.money(pool) for pool in self.market.pools},
            "acts": len(self.acts),
            "entries": len(self.entries),
        }

    def money(self, pool: str) -> Money:
        """A pool's four figures over all its stripes."""
        stripes = [money for (_, code), money in self.stripes.items() if code == pool]
        return Money(
            sum(money.budget_fen for money in stripes),
            sum(money.available_fen for money in stripes),
            sum(money.held_fen for money in stripes),
            sum(money.spent_fen for money in stripes),
        )

    def pass_time(self, **delta: int) -> None:
        self.instant += timedelta(**delta)

    def lapse(self, checkout_id: str) -> None:
        """Let a hold's time have run out long ago."""
        checkout = self.checkouts.get(checkout_id)
        if checkout is not None and checkout.expires_at is not None:
            self.checkouts[checkout_id] = checkout._replace(expires_at=LONG_AGO)

    def come_due(self, refund_id: str) -> None:
        """Let a deferred return of quota have come due long ago."""
        made = self.refunds.get(refund_id)
        if made is not None and made.restore_at is not None:
            self.refunds[refund_id] = made._replace(restore_at=LONG_AGO)


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def consumer_id_of(digest: bytes) -> str:
    return f"cn_{digest.hex()}"
