"""What is used, free and left, worked out anew from the checkouts and refunds alone: no counter is trusted."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.checkout import Checkout, Line, RefundedLine, RefundMade, Status, items_of
from tests.book.terms import Terms, restores_of
from tests.book.world import World

SPENT = {Status.CAPTURED, Status.PARTIALLY_REFUNDED, Status.REFUNDED}
EIGHT_HOURS = timedelta(hours=8)


@dataclass
class History:
    """`fen` and `units` by (consumer, quota name), `taken_fen` by pool, and who carries an item."""

    fen: Counter[tuple[str, str]] = field(default_factory=Counter)
    units: Counter[tuple[str, str]] = field(default_factory=Counter)
    taken_fen: Counter[str] = field(default_factory=Counter)
    carriers: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    def count(self, consumer_id: str, pool: str, names: list[str], fen: int, units: int, *, back_fen: int = 0) -> None:
        """`back_fen` is what has gone back to the pool though not to the consumer."""
        self.taken_fen[pool] += fen - back_fen
        for name in names:
            self.fen[consumer_id, name] += fen
            self.units[consumer_id, name] += units

    def carry(self, items: tuple[str, ...], carrier: tuple[str, int]) -> None:
        for item in items:
            self.carriers.setdefault(item, []).append(carrier)


def history_of(world: World, terms: dict[str, Terms]) -> History:
    history = History()
    returned: dict[tuple[str, int], list[tuple[RefundMade, RefundedLine]]] = {}
    for made in world.refunds.values():
        for part in made.lines:
            returned.setdefault((made.checkout_id, part.line_no), []).append((made, part))
    for checkout in world.checkouts.values():
        if is_live(checkout, world.instant):
            for line in checkout.lines:
                if line.subsidy_fen:
                    back = returned.get((checkout.checkout_id, line.line_no), [])
                    _count_line(history, world, terms, checkout, line, back)
    return history


def is_live(checkout: Checkout, instant: datetime) -> bool:
    if checkout.status is Status.HELD:
        assert checkout.expires_at is not None
        return instant < checkout.expires_at
    return checkout.status in SPENT


def _count_line(
    history: History,
    world: World,
    terms: dict[str, Terms],
    checkout: Checkout,
    line: Line,
    back: list[tuple[RefundMade, RefundedLine]],
) -> None:
    kind = terms[str(line.category)]
    back_fen = back_units = restored_fen = restored_units = 0
    for made, part in back:
        left_programme = part.new_price_fen is not None and _earns_nothing(kind, line, part.new_price_fen)
        units = line.quantity - back_units if left_programme else part.quantity or 0
        back_fen += part.subsidy_returned_fen
        back_units += units
        if _is_restored(kind, made, world.instant):
            restored_fen += part.subsidy_returned_fen
            restored_units += units
        elif left_programme and restores_of(kind.programme) == "next_day":
            restored_units += units
    history.count(
        checkout.consumer_id,
        kind.programme,
        kind.quota_names(checkout.created_at),
        line.subsidy_fen - restored_fen,
        line.quantity - restored_units,
        back_fen=back_fen - restored_fen,
    )
    if back_units < line.quantity:
        imeis = tuple(imei for imei in (line.imei, line.imei2) if imei)
        history.carry(items_of(line.gtin, line.serial_no, imeis), (checkout.checkout_id, line.line_no))


def _earns_nothing(kind: Terms, line: Line, price_fen: int) -> bool:
    return not kind.unit_fen(price_fen, line.grade, line.trade_in.battery if line.trade_in else None)


def _is_restored(kind: Terms, made: RefundMade, instant: datetime) -> bool:
    match restores_of(kind.programme):
        case "immediate":
            return True
        case "never":
            return False
    return (made.created_at + EIGHT_HOURS).date() < (instant + EIGHT_HOURS).date()
