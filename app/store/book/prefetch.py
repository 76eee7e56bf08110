"""Prefetch: claim, lock and read what a batch of commands needs, and lay it out as a book.

The order of the steps is the lock order of `locks.py`. What is found on the way (an order number names a checkout,
a checkout names its consumer and its serial numbers) is needed only by later classes.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg

from app.domain.book.book import Book
from app.domain.book.rows import (
    FREE_ITEM,
    Adjustment,
    Consumer,
    ItemClaim,
    Missing,
    OrderNumber,
    Pool,
    Product,
    RefundNumber,
    Stripe,
)
from app.domain.checkout import Checkout, RefundMade, Status
from app.domain.commands import Command
from app.domain.rules import Rules
from app.store.book import locks, reads
from app.store.book.known_products import KnownProducts
from app.store.book.needs import CheckoutKey, Needs, Wider, needs_of
from app.store.book.rows import checkouts_of
from app.store.failures import RunAgain

LAPSE_MARGIN = timedelta(seconds=30)


@dataclass(slots=True)
class Images:
    """The rows as the database holds them inside this transaction; persist writes what the book holds otherwise."""

    orders: dict[tuple[str, str], OrderNumber] = field(default_factory=dict)
    refund_numbers: dict[tuple[str, str], RefundNumber] = field(default_factory=dict)
    adjustments: dict[str, Adjustment | None] = field(default_factory=dict)
    checkouts: dict[str, Checkout] = field(default_factory=dict)
    items: dict[str, ItemClaim] = field(default_factory=dict)


@dataclass(slots=True)
class Found:
    """What the steps have found so far."""

    orders: dict[tuple[str, str], OrderNumber] = field(default_factory=dict)
    refund_numbers: dict[tuple[str, str], RefundNumber] = field(default_factory=dict)
    adjustments: dict[str, Adjustment | None] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    checkouts: dict[str, Checkout] = field(default_factory=dict)
    refunds: dict[str, RefundMade] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    consumer_digests: set[tuple[int, bytes]] = field(default_factory=set)
    consumers: dict[tuple[int, bytes], str] = field(default_factory=dict)
    known_consumers: set[CheckoutKey] = field(default_factory=set)
    standing: Sequence[asyncpg.Record] = ()
    items: dict[str, ItemClaim] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)


class Prefetch:
    """One batch's prefetch on one connection, inside its transaction.

    `home_lane` names the batch's home stripes; those of `home_pools` are known to exist.
    """

    def __init__(
        self,
        connection: asyncpg.Connection,
        rules: Rules,
        home_lane: int,
        home_pools: Collection[str],
        new_consumer_ids: Callable[[int], Sequence[str]],
        known_products: KnownProducts,
    ) -> None:
        self._connection = connection
        self._rules = rules
        self._home_lane = home_lane
        self._home_pools = home_pools
        self._new_consumer_ids = new_consumer_ids
        self._known_products = known_products
        self.images = Images()

    async def read(self, commands: Sequence[Command], wider: Wider, exhausted: Collection[str]) -> Book:
        """The book of the batch. Raises Missing when rows of an earlier class turn out to be needed.

        Of the pools to be seen whole, `exhausted` names those known to hold nothing: their stripes are not locked.
        """
        needs = needs_of(commands, wider)
        found = Found()
        await self._discover(needs, found)
        await self._claim_numbers(needs, found)
        await self._lock_checkouts(needs, found)
        await self._claim_consumers(needs, found)
        await self._claim_items(needs, found)
        await self._lock_pools(needs, found, wider.pools, wider.pools - set(exhausted))
        book = await self._read_quotas(needs, found)
        await self._note_lapsed(book, wider)
        return book

    async def _discover(self, needs: Needs, found: Found) -> None:
        """Plain reads that no decision rests on without a later lock, but for the catalogue and order → checkout."""
        if needs.gtins:
            found.products = await self._known_products.of(self._connection, self._rules, needs.gtins)
        if needs.order_lookups:
            found.orders = _orders(await reads.order_numbers(self._connection, needs.order_lookups))
        if needs.refunds:
            found.refunds = await reads.refunds(self._connection, needs.refunds)

    async def _claim_numbers(self, needs: Needs, found: Found) -> None:
        if needs.orders:
            new, known = await locks.claim_orders(self._connection, needs.orders)
            for key in new:
                hold = needs.orders[key]
                found.orders[key] = OrderNumber("free")
                self.images.orders[key] = (
                    OrderNumber("free")
                    if hold is None
                    else OrderNumber("taken", hold.buyer.lane, hold.checkout_id, hold.fingerprint)
                )
            locked = _orders(known)
            found.orders.update(locked)
            self.images.orders.update(locked)
        if needs.refund_numbers:
            for r in await locks.claim_refund_numbers(self._connection, needs.refund_numbers):
                number = RefundNumber(r["lane"], r["refund_id"], r["checkout_id"], r["fingerprint"])
                found.refund_numbers[r["merchant_id"], r["refund_no"]] = number
            self.images.refund_numbers = dict(found.refund_numbers)
            made = [(n.lane, n.refund_id) for n in found.refund_numbers.values() if n.lane is not None]
            if made:
                found.refunds.update(await reads.refunds(self._connection, made))  # type: ignore[arg-type]
        if needs.adjustment_numbers:
            for r in await locks.claim_adjustment_numbers(self._connection, needs.adjustment_numbers):
                found.adjustments[r["adjustment_no"]] = (
                    None
                    if r["pool"] is None
                    else Adjustment(r["pool"], r["amount_fen"], r["reason"], r["fingerprint"], r["adjusted_at"])
                )
            self.images.adjustments = dict(found.adjustments)

    async def _lock_checkouts(self, needs: Needs, found: Found) -> None:
        wanted = set(needs.checkouts)
        for key, order in found.orders.items():
            if order.state == "taken" and order.lane is not None and order.checkout_id is not None:
                wanted.add((order.lane, order.checkout_id))
                if key in needs.movers:
                    needs.movers.add(order.checkout_id)
        wanted |= {(made.lane, made.checkout_id) for made in found.refunds.values()}
        if not wanted:
            return
        records = await locks.lock_checkouts(self._connection, wanted)
        lines = await reads.lines(self._connection, wanted)
        if needs.refunds:
            # Read again under the checkouts' locks: a twin may have restored them meanwhile.
            found.refunds.update(await reads.refunds(self._connection, needs.refunds))
        found.checkouts = checkouts_of(records, lines)
        found.touched = set(found.checkouts)
        self.images.checkouts = dict(found.checkouts)
        for record in records:
            found.consumer_digests.add((record["lane"], record["digest"]))
            if self._may_move_items(needs, found.checkouts[record["checkout_id"]], record["seen_at"]):
                needs.movers.add(record["checkout_id"])

    def _may_move_items(self, needs: Needs, checkout: Checkout, seen_at: datetime) -> bool:
        if checkout.checkout_id in needs.movers or checkout.status is Status.EXPIRED:
            return True
        return checkout.has_lapsed(seen_at + LAPSE_MARGIN)

    async def _claim_consumers(self, needs: Needs, found: Found) -> None:
        if not needs.buyers and not found.consumer_digests:
            return
        await locks.adopt_rotated(self._connection, needs.buyers.values())
        created, known = await locks.claim_consumers(
            self._connection, needs.buyers, self._new_consumer_ids(len(needs.buyers)), found.consumer_digests
        )
        for record in (*created, *known):
            found.consumers[record["lane"], record["digest"]] = record["consumer_id"]
        found.known_consumers = {(record["lane"], record["consumer_id"]) for record in known}
        if found.known_consumers:
            found.standing = await reads.standing(self._connection, found.known_consumers)
        if not {(c.lane, c.consumer_id) for c in found.checkouts.values()} <= found.known_consumers:
            # Between the lock of a checkout and that of its consumer his digest was rewritten under another key.
            raise RunAgain("consumer_rewritten")

    async def _claim_items(self, needs: Needs, found: Found) -> None:
        others = {
            item
            for checkout_id in needs.movers
            if isinstance(checkout_id, str) and checkout_id in found.checkouts
            for line in found.checkouts[checkout_id].lines
            if line.pool is not None
            for item in line.items
        }
        if not needs.items and not others:
            return
        new, known = await locks.claim_items(self._connection, needs.items, others)
        for item in new:
            found.items[item] = FREE_ITEM
            self.images.items[item] = ItemClaim(*needs.items[item])
        for record in known:
            claim = ItemClaim(record["lane"], record["checkout_id"], record["line_no"], record["held_until"])
            found.items[record["item"]] = self.images.items[record["item"]] = claim

    async def _lock_pools(self, needs: Needs, found: Found, seen_whole: set[str], locked_whole: set[str]) -> None:
        drawn = self._pools_of_products(found.products.values())
        pools = needs.pools | drawn
        pools |= {line.pool for c in found.checkouts.values() for line in c.lines if line.pool is not None}
        if not pools:
            return
        records = await locks.lock_stripes(
            self._connection, self._home_lane, pools, whole=locked_whole, unseen=pools - set(self._home_pools)
        )
        for record in records:
            if record["lane"] == self._home_lane:
                home = Stripe(record["lane"], record["available_fen"])
                found.pools[record["pool"]] = Pool(record["pool"], home, whole=record["pool"] in seen_whole)
        for record in records:
            if record["lane"] != self._home_lane and record["pool"] in found.pools:
                found.pools[record["pool"]].others.append(Stripe(record["lane"], record["available_fen"]))
        if found.pools.keys() != pools:
            raise RunAgain("stripe_absent")
        empty = {code for code in drawn if not found.pools[code].whole and not found.pools[code].home.available_fen}
        if empty:
            # A new worker's home stripes are all empty: ask for them at once, not line by line.
            raise Missing(pools=empty)

    def _pools_of_products(self, products: Iterable[Product]) -> set[str]:
        policy = self._rules.policy
        return {
            policy.programmes[category.programme].pool
            for product in products
            for category in policy.options(product.category, None)
        }

    async def _read_quotas(self, needs: Needs, found: Found) -> Book:
        records = await reads.quotas_and_instant(self._connection, found.known_consumers)
        book = Book(self._rules, records[0]["instant"])
        for record in records:
            if record["quota"] is not None:
                book.quotas[record["consumer_id"], record["quota"]] = reads.quota_of(record)
        blocks = self._heed_standing(book, found)
        for key in needs.buyers:
            consumer_id = found.consumers[key]
            book.consumers[key] = Consumer(key[0], consumer_id, blocks.get(consumer_id))
        book.products, book.orders, book.refund_numbers = found.products, found.orders, found.refund_numbers
        book.adjustments, book.checkouts, book.refunds = found.adjustments, found.checkouts, found.refunds
        book.touched, book.items, book.pools = found.touched, found.items, found.pools
        return book

    async def _note_lapsed(self, book: Book, wider: Wider) -> None:
        """Which of the short pools have lapsed holds at the batch's own instant."""
        asked = (wider.pools - wider.unrelieved) & book.pools.keys()
        if asked:
            for code in await reads.pools_with_lapsed_holds(self._connection, asked, book.instant):
                book.pools[code].lapsed = True

    def _heed_standing(self, book: Book, found: Found) -> dict[str, str]:
        """Blocks in force by consumer. Raises Missing for holds that have lapsed and quotas that have come due."""
        lapsed: set[CheckoutKey] = set()
        due: set[CheckoutKey] = set()
        blocks: dict[str, str] = {}
        for record in found.standing:
            if record["kind"] == "block":
                if record["at"] is None or record["at"] > book.instant:
                    blocks[record["consumer_id"]] = record["reason"]
            elif record["at"] > book.instant:
                continue
            elif record["kind"] == "hold":
                if record["id"] not in found.touched:
                    lapsed.add((record["lane"], record["id"]))
            elif record["id"] not in found.refunds:
                due.add((record["lane"], record["id"]))
        if lapsed or due:
            raise Missing(checkouts=lapsed, refunds=due)
        return blocks


def _orders(records: Iterable[asyncpg.Record]) -> dict[tuple[str, str], OrderNumber]:
    return {
        (r["merchant_id"], r["order_no"]): OrderNumber(r["state"], r["lane"], r["checkout_id"], r["fingerprint"])
        for r in records
    }
