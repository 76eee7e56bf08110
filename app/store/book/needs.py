"""What a batch of commands needs to see, before anything is read."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.domain.book.rows import Missing
from app.domain.checkout import items_of
from app.domain.commands import AdjustPool, Buyer, Capture, Command, Expire, Hold, Refund, Restore, Void
from app.domain.ids import lane_of

CheckoutKey = tuple[int, str]
NumberKey = tuple[str, str]


@dataclass(slots=True)
class Wider:
    """What an earlier run of the same batch was missing.

    `unrelieved` are pools with lapsed holds that cannot be expired: a bug that must not keep others from a decision.
    """

    pools: set[str] = field(default_factory=set)
    unrelieved: set[str] = field(default_factory=set)
    checkouts: set[CheckoutKey] = field(default_factory=set)
    refunds: set[CheckoutKey] = field(default_factory=set)

    def take_in(self, missing: Missing) -> None:
        self.pools |= missing.pools
        self.checkouts |= missing.checkouts
        self.refunds |= missing.refunds


@dataclass(slots=True)
class Needs:
    """Keys by class. `orders` are claimed (with the hold that wants the number, if any), `order_lookups` only read.

    `movers` are the checkouts, by id or order number, whose serial numbers and IMEIs may change hands.
    """

    orders: dict[NumberKey, Hold | None] = field(default_factory=dict)
    order_lookups: set[NumberKey] = field(default_factory=set)
    refund_numbers: set[NumberKey] = field(default_factory=set)
    adjustment_numbers: set[str] = field(default_factory=set)
    checkouts: set[CheckoutKey] = field(default_factory=set)
    movers: set[str | NumberKey] = field(default_factory=set)
    refunds: set[CheckoutKey] = field(default_factory=set)
    buyers: dict[tuple[int, bytes], Buyer] = field(default_factory=dict)
    items: dict[str, tuple[int, str, int]] = field(default_factory=dict)
    gtins: set[str] = field(default_factory=set)
    pools: set[str] = field(default_factory=set)


def needs_of(commands: Iterable[Command], wider: Wider) -> Needs:
    """Everything the commands name, and what an earlier run found missing."""
    needs = Needs()
    for command in commands:
        match command:
            case Hold():
                _need_hold(needs, command)
            case Capture() | Void() | Refund():
                _need_target(needs, command)
            case Expire(lane, checkout_id):
                needs.checkouts.add((lane, checkout_id))
                needs.movers.add(checkout_id)
            case Restore(lane, refund_id):
                needs.refunds.add((lane, refund_id))
            case AdjustPool():
                needs.adjustment_numbers.add(command.adjustment_no)
                needs.pools.add(command.pool)
    needs.checkouts |= wider.checkouts
    needs.refunds |= wider.refunds
    needs.movers.update(checkout_id for _, checkout_id in wider.checkouts)
    return needs


def _need_hold(needs: Needs, command: Hold) -> None:
    key = (command.merchant_id, command.order_no)
    needs.orders[key] = needs.orders.get(key) or command
    needs.buyers[command.buyer.lane, command.buyer.digest] = command.buyer
    for line in command.lines:
        needs.gtins.add(line.gtin)
        for item in items_of(line.gtin, line.serial_no, line.imeis):
            needs.items.setdefault(item, (command.buyer.lane, command.checkout_id, line.line_no))


def _need_target(needs: Needs, command: Capture | Void | Refund) -> None:
    order = command.target.order
    if order is not None:
        if isinstance(command, Void):
            needs.orders.setdefault(order, None)
        else:
            needs.order_lookups.add(order)
    elif command.target.checkout_id is not None:
        lane = lane_of(command.target.checkout_id)
        if lane is not None:
            needs.checkouts.add((lane, command.target.checkout_id))
    name = order or command.target.checkout_id
    if name is not None and not (isinstance(command, Capture) and command.line_nos is None):
        needs.movers.add(name)
    if isinstance(command, Refund):
        needs.refund_numbers.add((command.target.merchant_id, command.refund_no))
