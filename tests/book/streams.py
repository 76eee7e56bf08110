"""Streams of random commands, the same for the same seed: few people, few goods, many collisions."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from app.domain.book.rows import Product
from app.domain.checkout import Checkout, Line, Status
from app.domain.commands import (
    BasketLine,
    Capture,
    Command,
    Expire,
    Hold,
    PriceProtection,
    Refund,
    Restore,
    Target,
    UnitsReturned,
    Void,
)
from app.domain.entitlement import TradeIn
from app.domain.rules import Switch
from tests.book.builders import a_buyer, a_hold, a_line, a_refund, an_adjustment, an_id, by_id, by_order
from tests.book.market import Market
from tests.book.world import World


@dataclass(frozen=True)
class PassTime:
    seconds: int


@dataclass(frozen=True)
class Lapse:
    """A hold's time ran out long ago."""

    checkout_id: str


@dataclass(frozen=True)
class ComeDue:
    """A deferred return of quota came due long ago."""

    refund_id: str


@dataclass(frozen=True)
class Publish:
    version: int


@dataclass(frozen=True)
class Throw:
    programme: str
    switch: Switch | None


T = TypeVar("T")
Event = PassTime | Lapse | ComeDue | Publish | Throw
Step = Command | Event

PEOPLE = (
    *(a_buyer(number) for number in range(1, 5)),
    a_buyer(5, date(1950, 2, 28)),
    a_buyer(6, date(1966, 3, 1)),
    a_buyer(7, None),
)
OPEN_PRICES = (
    1,
    2,
    3,
    7,
    33,
    5_000,
    15_000,
    45_000,
    99_999,
    100_000,
    333_333,
    400_000,
    400_001,
    600_000,
    600_001,
    1_000_003,
)


def take(world: World, event: Event) -> None:
    """Let an event happen in the world."""
    match event:
        case PassTime(seconds):
            world.pass_time(seconds=seconds)
        case Lapse(checkout_id):
            world.lapse(checkout_id)
        case ComeDue(refund_id):
            world.come_due(refund_id)
        case Publish(version):
            world.version = version
        case Throw(programme, None):
            world.switches.pop(programme, None)
        case Throw(programme, switch) if switch is not None:
            world.switches[programme] = switch


@dataclass
class Stream:
    """`moves_clock` lets time pass; otherwise single holds and restorations are made to have come due, as can be
    done to a database with a clock of its own. The world is looked at only to aim better."""

    market: Market
    seed: int
    moves_clock: bool = True
    number: int = 0
    holds: list[Hold] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    overtaken: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)

    def opening(self) -> Iterator[Command]:
        for pool in self.market.pools:
            yield an_adjustment(pool, self.rng.randint(1, self.market.budget_fen), self._number("A"))

    def next(self, world: World) -> Step:
        kinds = {
            self._hold: 40,
            self._capture: 18,
            self._void: 7,
            self._refund: 16,
            self._hold_again: 5,
            self._refund_again: 3,
            self._expire: 2,
            self._restore: 1,
            self._adjust: 4,
            self._event: 6,
        }
        make = self.rng.choices(list(kinds), list(kinds.values()))[0]
        return make(world)

    # --- holds -------------------------------------------------------------------------------------------------

    def _hold(self, _: World) -> Hold:
        order_no, merchant_id = self._number("O"), self._merchant()
        if self.overtaken and self._chance(0.3):
            merchant_id, order_no = self.overtaken.pop()
        elif self.holds and self._chance(0.05):
            merchant_id, order_no = self.rng.choice(self.holds)[1:3]
        self.number += 1
        hold = a_hold(
            self._lines(),
            order_no=order_no,
            buyer=self.rng.choice((*PEOPLE, PEOPLE[0])),
            merchant_id=merchant_id,
            capture=self._chance(0.25),
            number=self.number,
        )
        self.holds.append(hold)
        return hold

    def _hold_again(self, world: World) -> Hold:
        """The till never saw the answer: the same body, and an id made anew."""
        if not self.holds:
            return self._hold(world)
        hold = self._recent(self.holds)
        self.number += 1
        return hold._replace(checkout_id=an_id("co_", self.number, hold.buyer.lane))

    def _lines(self) -> list[BasketLine]:
        line_nos = self.rng.sample(range(1, 9), self.rng.choice((1, 1, 1, 2, 2, 3, 4)))
        return [self._line(line_no, self.rng.choice(self.market.products)) for line_no in line_nos]

    def _line(self, line_no: int, product: Product) -> BasketLine:
        loose = not product.serialised
        serial_no = f"SN{self.rng.randint(1, 6):02d}" if self._chance(0.06 if loose else 0.96) else None
        imeis = [f"{490000000000000 + number}" for number in self.rng.sample(range(6), 2)]
        wanted = self.rng.choice((1, 1, 2)) if product.cellular and self._chance(0.95) else 0
        needs_old = product.category in {"S2", "E01"}
        return a_line(
            product.gtin if self._chance(0.98) else "00000000000000",
            self._price(),
            line_no=line_no,
            quantity=self.rng.randint(1, 7) if loose else 1 + self._chance(0.01),
            serial_no=serial_no,
            imeis=tuple(imeis[:wanted]),
            programme=self.rng.choice(list(self.market.versions[0].programmes)) if self._chance(0.1) else None,
            trade_in=self._trade_in(product.category) if self._chance(0.85 if needs_old else 0.03) else None,
        )

    def _trade_in(self, category: str) -> TradeIn:
        return TradeIn(category, self.rng.choice((None, "lithium", "lead_acid")), self.rng.choice((None, "RC-1")))

    def _price(self) -> int:
        if self._chance(0.3):
            return self.rng.choice(OPEN_PRICES)
        return self.rng.randint(1, self.rng.choice((1_000, 100_000, 1_000_000, 2_000_000)))

    # --- what follows ------------------------------------------------------------------------------------------

    def _capture(self, world: World) -> Command:
        if not self.holds:
            return self._hold(world)
        hold = self._recent(self.holds)
        line_nos = None
        if self._chance(0.35):
            every = [line.line_no for line in hold.lines] + ([99] if self._chance(0.05) else [])
            line_nos = frozenset(self.rng.sample(every, self.rng.randint(1, len(every))))
        return Capture(self._target(hold), line_nos)

    def _void(self, world: World) -> Command:
        if not self.holds or self._chance(0.1):
            order = (self._merchant(), self._number("V"))
            self.overtaken.append(order)
            return Void(Target(order[0], order_no=order[1]))
        return Void(self._target(self._recent(self.holds)))

    def _refund(self, world: World) -> Command:
        spent = [c for c in world.checkouts.values() if c.status in {Status.CAPTURED, Status.PARTIALLY_REFUNDED}]
        if not spent or self._chance(0.1):
            return self._blind_refund() if self.holds else self._hold(world)
        checkout = self._recent(spent)
        self.number += 1
        return self._sent(a_refund(Target(checkout.merchant_id, checkout.checkout_id), self._parts(checkout)))

    def _parts(self, checkout: Checkout) -> list[UnitsReturned | PriceProtection]:
        parts: list[UnitsReturned | PriceProtection] = []
        lines = [line for line in checkout.lines if line.carries_subsidy or self._chance(0.03)]
        for line in self.rng.sample(lines, self.rng.randint(1, len(lines))) if lines else checkout.lines[:1]:
            left = line.quantity - line.refunded_units
            if self._chance(0.4):
                parts.append(PriceProtection(line.line_no, self._lower_price(line)))
            else:
                parts.append(UnitsReturned(line.line_no, self.rng.randint(1, max(1, left + self._chance(0.08)))))
        return parts

    def _lower_price(self, line: Line) -> int:
        """Mostly lower, sometimes by little, sometimes so low that it earns nothing."""
        if self._chance(0.2):
            return self.rng.choice((1, 2, 3, 4))
        lowest_fen = self.rng.choice((1, line.current_price_fen * 9 // 10, line.current_price_fen))
        return self.rng.randint(max(1, lowest_fen), line.price_fen + 1)

    def _blind_refund(self) -> Refund:
        hold = self.rng.choice(self.holds)
        line = self.rng.choice(hold.lines)
        self.number += 1
        return self._sent(a_refund(self._target(hold), [UnitsReturned(line.line_no, 1)]))

    def _sent(self, refund: Refund) -> Refund:
        numbered = refund._replace(refund_id=an_id("re_", self.number, 60), refund_no=f"R-{self.number}")
        self.refunds.append(numbered)
        return numbered

    def _refund_again(self, world: World) -> Command:
        if not self.refunds:
            return self._hold(world)
        self.number += 1
        again = self._recent(self.refunds)._replace(refund_id=an_id("re_", self.number, 60))
        if self._chance(0.3):
            return again._replace(lines=(UnitsReturned(1, 1),), fingerprint=b"another body")
        return again

    def _expire(self, world: World) -> Command:
        if not self.holds:
            return self._hold(world)
        hold = self._recent(self.holds)
        return Expire(hold.buyer.lane, hold.checkout_id)

    def _restore(self, world: World) -> Command:
        if not world.refunds:
            return self._hold(world)
        made = self.rng.choice(list(world.refunds.values()))
        return Restore(made.lane, made.refund_id)

    def _adjust(self, _: World) -> Command:
        amount_fen = self.rng.choice((1, 7, 5_000, 100_000, -1, -30_000, -200_000)) * self.rng.randint(1, 5)
        number = self._number("A") if self._chance(0.9) else "A-1"
        return an_adjustment(self.rng.choice(self.market.pools), amount_fen, number)

    def _event(self, world: World) -> Step:
        kind = self.rng.choice(("time", "time", "time", "publish", "switch"))
        if kind == "publish":
            return Publish(self.rng.randint(1, len(self.market.versions)))
        if kind == "switch":
            programme = self.rng.choice(list(self.market.versions[0].programmes))
            return Throw(programme, Switch("paused", "test") if self._chance(0.3) else None)
        if self.moves_clock:
            return PassTime(self.rng.choice((1, 60, 899, 900, 3_600, 86_400, 86_400 * 120)))
        deferred = [made.refund_id for made in world.refunds.values() if made.restore_at and not made.restored_at]
        if deferred and self._chance(0.4):
            return ComeDue(self.rng.choice(deferred))
        held = [c.checkout_id for c in world.checkouts.values() if c.status is Status.HELD]
        return Lapse(self.rng.choice(held)) if held else self._hold(world)

    # --- dice --------------------------------------------------------------------------------------------------

    def _chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def _merchant(self) -> str:
        return self.rng.choice(("M001", "M001", "M002"))

    def _number(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}-{self.number}"

    def _target(self, hold: Hold) -> Target:
        return by_order(hold) if self._chance(0.5) else by_id(hold)

    def _recent(self, things: list[T]) -> T:
        """Mostly one of the last few."""
        return self.rng.choice(things[-8:] if self._chance(0.8) else things)
