"""The rows the book holds while it decides a batch. They carry what they were read with and what became of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from app.domain.policy.model import QuotaRule


class Product(NamedTuple):
    """What deciding needs to know of a catalogue entry."""

    gtin: str
    category: str
    grade: int | None
    filed_price_fen: int | None
    serialised: bool
    cellular: bool


class Consumer(NamedTuple):
    """`blocked_because` is the operator's reason while a block is in force."""

    lane: int
    consumer_id: str
    blocked_because: str | None


class OrderNumber(NamedTuple):
    """`taken` by a checkout; `free`, with the latest declined attempt if any; `closed` by a void that came first."""

    state: Literal["free", "taken", "closed"]
    lane: int | None = None
    checkout_id: str | None = None
    fingerprint: bytes | None = None


class RefundNumber(NamedTuple):
    """Free while `refund_id` is None: a refused refund does not use up its number."""

    lane: int | None = None
    refund_id: str | None = None
    checkout_id: str | None = None
    fingerprint: bytes | None = None


class Adjustment(NamedTuple):
    pool: str
    amount_fen: int
    reason: str
    fingerprint: bytes
    adjusted_at: datetime


class ItemClaim(NamedTuple):
    """Who holds a serial number or an IMEI. `held_until` is the holder's expiry while it is merely held."""

    lane: int | None = None
    checkout_id: str | None = None
    line_no: int | None = None
    held_until: datetime | None = None


FREE_ITEM = ItemClaim()


@dataclass(slots=True)
class Quota:
    """One consumer's quota: what is held and used of it. `version` is 0 for a row that is not stored yet."""

    held_fen: int = 0
    used_fen: int = 0
    cap_fen: int | None = None
    held_units: int = 0
    used_units: int = 0
    cap_units: int | None = None
    version: int = 0

    def left_fen(self, cap_fen: int) -> int:
        return max(0, cap_fen - self.held_fen - self.used_fen)

    def left_units(self, cap_units: int) -> int:
        return max(0, cap_units - self.held_units - self.used_units)

    def grant_under(self, rule: QuotaRule) -> None:
        """Remember the cap of this grant: the table's CHECK refuses more than the cap last granted under."""
        self.cap_fen, self.cap_units = rule.cap_fen, rule.cap_units


@dataclass(slots=True)
class Stripe:
    """One stripe of a pool: what is available in it, and what this batch has moved."""

    lane: int
    available_fen: int
    budget_moved_fen: int = 0
    available_moved_fen: int = 0
    held_moved_fen: int = 0
    spent_moved_fen: int = 0

    def move(self, *, budget_fen: int = 0, available_fen: int = 0, held_fen: int = 0, spent_fen: int = 0) -> None:
        self.available_fen += available_fen
        self.budget_moved_fen += budget_fen
        self.available_moved_fen += available_fen
        self.held_moved_fen += held_fen
        self.spent_moved_fen += spent_fen

    @property
    def has_moved(self) -> bool:
        return bool(self.budget_moved_fen or self.available_moved_fen or self.held_moved_fen or self.spent_moved_fen)


class Missing(Exception):
    """The decision needs rows that were not read: roll back, widen, run again.

    `pools` must be seen whole (all stripes locked); those in `relief` have lapsed holds that must be expired first;
    `checkouts` and `refunds` are (lane, id).
    """

    def __init__(
        self,
        *,
        pools: Iterable[str] = (),
        relief: Iterable[str] = (),
        checkouts: Iterable[tuple[int, str]] = (),
        refunds: Iterable[tuple[int, str]] = (),
    ) -> None:
        super().__init__()
        self.pools = frozenset(pools)
        self.relief = frozenset(relief)
        self.checkouts = frozenset(checkouts)
        self.refunds = frozenset(refunds)


@dataclass(slots=True)
class Pool:
    """A pool as far as the batch sees it: the home stripe, or, when `whole`, every stripe that holds money.

    `lapsed`: holds that have lapsed and that nobody has expired yet still keep money of it.
    """

    code: str
    home: Stripe
    others: list[Stripe] = field(default_factory=list)
    whole: bool = False
    lapsed: bool = False

    def stripes(self) -> Iterator[Stripe]:
        yield self.home
        yield from self.others

    def grantable_fen(self, want_fen: int) -> int:
        """As much of `want_fen` as the pool can give. Raises Missing when only the other stripes can tell, or when
        there is too little while lapsed holds keep some."""
        if self.home.available_fen >= want_fen:
            return want_fen
        if not self.whole:
            raise Missing(pools=(self.code,))
        left_fen = sum(stripe.available_fen for stripe in self.stripes())
        if left_fen < want_fen and self.lapsed:
            raise Missing(relief=(self.code,))
        return min(want_fen, left_fen)

    def draw(self, amount_fen: int) -> None:
        """Bring at least `amount_fen` into the home stripe: the need, or 1/16 of what is left elsewhere if more."""
        need_fen = amount_fen - self.home.available_fen
        if need_fen <= 0:
            return
        chunk_fen = max(need_fen, sum(stripe.available_fen for stripe in self.others) // 16)
        for stripe in self.others:
            drawn_fen = min(chunk_fen, stripe.available_fen)
            stripe.move(budget_fen=-drawn_fen, available_fen=-drawn_fen)
            self.home.move(budget_fen=drawn_fen, available_fen=drawn_fen)
            chunk_fen -= drawn_fen
