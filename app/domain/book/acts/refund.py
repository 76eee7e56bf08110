"""Refund: give captured subsidy back to the fund, by line and quantity, or by a lower price."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from app.domain.book.rows import RefundNumber
from app.domain.book.state import BookState
from app.domain.checkout import Checkout, Line, RefundedLine, RefundMade, Status
from app.domain.commands import Refund, UnitsReturned
from app.domain.entitlement import Item, reprice
from app.domain.ids import in_lane
from app.domain.ledger import Act
from app.domain.outcomes import Outcome, RefundStands, Refused

REFUSALS = {
    Status.HELD: "checkout_held",
    Status.VOIDED: "checkout_voided",
    Status.EXPIRED: "checkout_expired",
    Status.REFUNDED: "refund_exceeds_capture",
}


class Returned(NamedTuple):
    """What one refund line does: the line after it, and the parts that go back."""

    line: Line
    units: int
    refunded: RefundedLine


def refund(book: BookState, command: Refund) -> Outcome:
    """captured → partially_refunded → refunded.

    After k of q units of a line with subsidy S, floor(S·k/q) has gone back in all, so that any order of refunds
    ends exact. The refund number is the idempotency key.
    """
    checkout = book.find(command.target)
    if checkout is None or checkout.status is Status.DECLINED:
        return book.never_held(command.target)
    key = (checkout.merchant_id, command.refund_no)
    number = book.refund_numbers[key]
    if number.refund_id is not None:
        if number.fingerprint != command.fingerprint or number.checkout_id != checkout.checkout_id:
            return Refused("refund_no_reused")
        return RefundStands(book.refunds[number.refund_id], replayed=True)
    if checkout.status in REFUSALS:
        return Refused(REFUSALS[checkout.status])
    returned = _returned(book, checkout, command)
    if isinstance(returned, Refused):
        return returned
    made = _book_refund(book, checkout, command, returned)
    book.refund_numbers[key] = RefundNumber(checkout.lane, made.refund_id, checkout.checkout_id, command.fingerprint)
    return RefundStands(made, replayed=False)


def _returned(book: BookState, checkout: Checkout, command: Refund) -> list[Returned] | Refused:
    """Every line of the refund by its number, or the first fault; nothing is changed."""
    lines = {line.line_no: line for line in checkout.lines}
    returned = []
    for index, part in enumerate(command.lines):
        line = lines.get(part.line_no)
        if line is None:
            return Refused("line_not_found", pointer=f"/lines/{index}/line_no")
        if isinstance(part, UnitsReturned):
            if not line.carries_subsidy or part.quantity > line.quantity - line.refunded_units:
                return Refused("refund_exceeds_capture", pointer=f"/lines/{index}/quantity")
            returned.append(_return_units(line, part.quantity))
            continue
        if not line.carries_subsidy or line.refunded_units == line.quantity:
            return Refused("refund_exceeds_capture", pointer=f"/lines/{index}/new_price_fen")
        protected = _protect_price(book, checkout, line, part.new_price_fen)
        if protected is None:
            return Refused("invalid_field", pointer=f"/lines/{index}/new_price_fen")
        returned.append(protected)
    return sorted(returned, key=lambda r: r.line.line_no)


def _kept_after(subsidy_fen: int, units_returned: int, quantity: int) -> int:
    """What the buyer keeps of a line's subsidy once some units are back: S - floor(S·k/q)."""
    return subsidy_fen - subsidy_fen * units_returned // quantity


def _return_units(line: Line, quantity: int) -> Returned:
    units = line.refunded_units + quantity
    kept_fen = _kept_after(line.current_subsidy_fen, units, line.quantity)
    subsidy_fen = line.kept_fen - kept_fen
    after = line._replace(refunded_units=units, refunded_fen=line.subsidy_fen - kept_fen)
    consumer_fen = line.current_price_fen * quantity - subsidy_fen
    return Returned(after, quantity, RefundedLine(line.line_no, quantity, None, subsidy_fen, consumer_fen))


def _protect_price(book: BookState, checkout: Checkout, line: Line, new_price_fen: int) -> Returned | None:
    """The line at its new price: subsidy min(S, what the new price earns). None when the price does not fall, or
    when the fall in subsidy would make the buyer pay. At a price that earns nothing all its units leave the
    programme: they are counted as returned, and the serial numbers are free."""
    assert line.category is not None
    policy = book.policy_of(checkout)
    item = Item(new_price_fen, line.quantity, line.grade, line.trade_in)
    earned_fen = reprice(policy, policy.categories[line.category], item)
    new_subsidy_fen = min(line.current_subsidy_fen, earned_fen)
    kept_fen = _kept_after(new_subsidy_fen, line.refunded_units, line.quantity)
    subsidy_fen = line.kept_fen - kept_fen
    units_kept = line.quantity - line.refunded_units
    consumer_fen = units_kept * (line.current_price_fen - new_price_fen) - subsidy_fen
    if new_price_fen >= line.current_price_fen or consumer_fen < 0:
        return None
    units_gone = 0 if new_subsidy_fen else units_kept
    after = line._replace(
        protected_price_fen=new_price_fen,
        protected_subsidy_fen=new_subsidy_fen,
        refunded_units=line.refunded_units + units_gone,
        refunded_fen=line.subsidy_fen - kept_fen,
    )
    return Returned(after, units_gone, RefundedLine(line.line_no, None, new_price_fen, subsidy_fen, consumer_fen))


def _book_refund(book: BookState, checkout: Checkout, command: Refund, returned: list[Returned]) -> RefundMade:
    after = {r.line.line_no: r.line for r in returned}
    lines = tuple(after.get(line.line_no, line) for line in checkout.lines)
    all_back = all(line.kept_fen == 0 for line in lines)
    refunded = checkout.moved(Status.REFUNDED if all_back else Status.PARTIALLY_REFUNDED, lines=lines)
    book.checkouts[checkout.checkout_id] = refunded
    refund_id = in_lane(command.refund_id, checkout.lane)
    refunded_lines = tuple(r.refunded for r in returned)
    made = RefundMade(
        checkout.lane,
        refund_id,
        checkout.checkout_id,
        checkout.consumer_id,
        checkout.merchant_id,
        command.refund_no,
        command.reason,
        sum(line.subsidy_returned_fen for line in refunded_lines),
        sum(line.consumer_refund_fen for line in refunded_lines),
        book.instant,
        _restore_at(book, checkout, returned),
        None,
        refunded_lines,
    )
    act = _act(book, made)
    for part in returned:
        _give_back(book, act, checkout, part)
    book.refunds[made.refund_id] = made
    book.refunds_made.append(made.refund_id)
    return made


def _act(book: BookState, made: RefundMade) -> Act:
    act = Act(
        made.lane,
        f"{made.refund_id}:refund",
        "refund",
        made.checkout_id,
        made.refund_id,
        made.merchant_id,
        None,
        made.subsidy_returned_fen,
        book.instant,
        {"refund_no": made.refund_no},
    )
    book.journal.record(act)
    return act


def _restores(book: BookState, checkout: Checkout, line: Line) -> str:
    assert line.programme is not None
    return book.policy_of(checkout).programmes[line.programme].refund_restores


def _restore_at(book: BookState, checkout: Checkout, returned: list[Returned]) -> datetime | None:
    """The start of the next local day, when a line's programme gives the quota back only then."""
    if all(_restores(book, checkout, part.line) != "next_day" for part in returned):
        return None
    policy = book.policy_of(checkout)
    tomorrow = policy.local_date(book.instant) + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, tzinfo=policy.timezone)


def _give_back(book: BookState, act: Act, checkout: Checkout, part: Returned) -> None:
    """The money goes back to the pool at once; the consumer's quota as the programme says."""
    line, subsidy_fen = part.line, part.refunded.subsidy_returned_fen
    restores = _restores(book, checkout, line)
    at_once = restores == "immediate"
    # What a deferred restoration gives back it reads from the refund's lines, and a price states no units.
    units_at_once = at_once or (restores == "next_day" and part.refunded.quantity is None)
    units = part.units if units_at_once else 0
    book.transfer(
        act,
        line,
        "spent",
        "available",
        amount_fen=subsidy_fen,
        quota_fen=subsidy_fen if at_once else 0,
        quota_units=units,
    )
    if at_once or units:
        book.move_quotas(
            checkout.lane,
            checkout.consumer_id,
            line.quotas,
            used_fen=-subsidy_fen if at_once else 0,
            used_units=-units,
        )
    if line.refunded_units == line.quantity:
        book.free_items(checkout.checkout_id, line)
