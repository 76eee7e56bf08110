"""The rows a quote needs, read without locks. Each quote gets a book of its own and throws it away."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import asyncpg

from app.domain.book.book import Book
from app.domain.book.rows import (
    FREE_ITEM,
    Consumer,
    ItemClaim,
    OrderNumber,
    Pool,
    Product,
    Quota,
    Stripe,
)
from app.domain.checkout import Checkout, items_of
from app.domain.commands import Hold
from app.domain.rules import Rules
from app.store.book import reads
from app.store.book.needs import CheckoutKey, Needs, Wider, needs_of
from app.store.book.rows import checkouts_of

UNSEEN = "unseen"


@dataclass(slots=True)
class Preview:
    """What was read for a batch of quotes."""

    rules: Rules
    instant: datetime
    products: dict[str, Product]
    consumers: dict[tuple[int, bytes], Consumer]
    quotas: dict[str, dict[str, Quota]]
    items: dict[str, ItemClaim]
    pools: dict[str, int]
    whole: bool
    lapsed: dict[str, Checkout] = field(default_factory=dict)

    def book_for(self, hold: Hold) -> Book:
        """A book for one quote. Lapsed holds count for nothing in it: they are expired on the copy."""
        book = Book(self.rules, self.instant)
        book.products = self.products
        consumer = self.consumers.get((hold.buyer.lane, hold.buyer.digest)) or Consumer(hold.buyer.lane, UNSEEN, None)
        book.consumers = {(hold.buyer.lane, hold.buyer.digest): consumer}
        book.checkouts = dict(self.lapsed)
        book.touched = set(self.lapsed)
        for consumer_id in {consumer.consumer_id, *(c.consumer_id for c in self.lapsed.values())}:
            for name, quota in self.quotas.get(consumer_id, {}).items():
                book.quotas[consumer_id, name] = replace(quota)
        wanted = [i for line in hold.lines for i in items_of(line.gtin, line.serial_no, line.imeis)]
        book.items = {item: self.items.get(item, FREE_ITEM) for item in wanted}
        for code, available_fen in self.pools.items():
            book.pools[code] = Pool(code, Stripe(0, available_fen), whole=self.whole)
        for checkout in self.lapsed.values():
            for line in checkout.lines:
                for item in line.items:
                    book.items.setdefault(item, self.items.get(item, FREE_ITEM))
                if line.pool is not None:
                    # A pool of the policy it was held under; the one in force may have others.
                    book.pools.setdefault(line.pool, Pool(line.pool, Stripe(0, 0), whole=self.whole))
        book.orders[hold.merchant_id, hold.order_no] = OrderNumber("free")
        book.expire_lapsed()
        return book


async def read_preview(
    connection: asyncpg.Connection, rules: Rules, holds: Sequence[Hold], *, whole_pools: bool
) -> Preview:
    """Everything the quotes need. With `whole_pools`, what lapsed holds would free is counted as available.

    Raises Missing when a pool is short and was not seen whole.
    """
    needs = needs_of(holds, Wider())
    found = await reads.products(connection, needs.gtins)
    digests = {(buyer.lane, digest) for buyer in needs.buyers.values() for _, digest in buyer.digests}
    people = await reads.consumers(connection, digests)
    keys: set[CheckoutKey] = {(record["lane"], record["consumer_id"]) for record in people}
    claims = {
        record["item"]: ItemClaim(record["lane"], record["checkout_id"], record["line_no"], record["held_until"])
        for record in (await reads.items(connection, needs.items) if needs.items else ())
    }
    standing = await reads.standing(connection, keys) if keys else ()
    pools = await _pools(connection, rules, whole_pools)
    rows = await reads.quotas_and_instant(connection, keys)
    instant = rows[0]["instant"]
    quotas: dict[str, dict[str, Quota]] = {}
    for record in rows:
        if record["quota"] is not None:
            quotas.setdefault(record["consumer_id"], {})[record["quota"]] = reads.quota_of(record)
    blocks = {
        record["consumer_id"]: record["reason"]
        for record in standing
        if record["kind"] == "block" and (record["at"] is None or record["at"] > instant)
    }
    by_digest = {(record["lane"], record["digest"]): record["consumer_id"] for record in people}
    preview = Preview(rules, instant, found, _consumers(needs, by_digest, blocks), quotas, claims, pools, whole_pools)
    lapsed = {
        (record["lane"], record["id"]) for record in standing if record["kind"] == "hold" and record["at"] <= instant
    } | {
        (claim.lane, claim.checkout_id)
        for claim in claims.values()
        if claim.held_until is not None
        and claim.held_until <= instant
        and claim.lane is not None
        and claim.checkout_id is not None
    }
    if lapsed:
        await _read_lapsed(connection, preview, lapsed)
    return preview


def _consumers(
    needs: Needs, by_digest: dict[tuple[int, bytes], str], blocks: dict[str, str]
) -> dict[tuple[int, bytes], Consumer]:
    consumers = {}
    for key, buyer in needs.buyers.items():
        for _, digest in buyer.digests:
            consumer_id = by_digest.get((buyer.lane, digest))
            if consumer_id is not None:
                consumers[key] = Consumer(buyer.lane, consumer_id, blocks.get(consumer_id))
    return consumers


async def _pools(connection: asyncpg.Connection, rules: Rules, whole: bool) -> dict[str, int]:
    codes = [programme.pool for programme in rules.policy.programmes.values()]
    if whole:
        return {
            record["pool"]: record["available_fen"] + record["lapsed_fen"]
            for record in await reads.pool_standings(connection, codes)
        }
    return dict.fromkeys(codes, 0) | await reads.available(connection, codes)


async def _read_lapsed(connection: asyncpg.Connection, preview: Preview, keys: set[CheckoutKey]) -> None:
    """The lapsed holds in the way, with their consumers' quotas and their items, to be expired on each copy."""
    preview.lapsed = checkouts_of(await reads.checkouts(connection, keys), await reads.lines(connection, keys))
    others = {(c.lane, c.consumer_id) for c in preview.lapsed.values() if c.consumer_id not in preview.quotas}
    for record in await reads.quotas_and_instant(connection, others):
        if record["quota"] is not None:
            preview.quotas.setdefault(record["consumer_id"], {})[record["quota"]] = reads.quota_of(record)
    items = {item for c in preview.lapsed.values() for line in c.lines for item in line.items}
    for record in await reads.items(connection, items):
        preview.items[record["item"]] = ItemClaim(
            record["lane"], record["checkout_id"], record["line_no"], record["held_until"]
        )
