"""Hold: decide a basket and reserve its subsidy."""

from datetime import timedelta
from operator import attrgetter

from app.domain.book.acts.capture import spend_held
from app.domain.book.deciding import decide_line
from app.domain.book.rows import OrderNumber
from app.domain.book.state import BookState
from app.domain.checkout import Checkout, Line, Status
from app.domain.commands import Hold
from app.domain.outcomes import CheckoutStands, Outcome, Refused


def hold(book: BookState, command: Hold) -> Outcome:
    """Hold what the basket earns; a basket that earns nothing is recorded as declined and takes nothing.

    The order number is the idempotency key: the same command again finds the checkout as it stands, another
    command under the same number is refused. A declined attempt leaves the number free. A command whose own
    checkout is there has been carried out before: the answer to its COMMIT was lost.
    """
    made = book.checkouts.get(command.checkout_id)
    if made is not None:
        return CheckoutStands(made, replayed=True)
    key = (command.merchant_id, command.order_no)
    order = book.orders[key]
    if order.state == "closed":
        return Refused("checkout_voided")
    if order.state == "taken":
        if order.fingerprint != command.fingerprint:
            return Refused("order_no_reused")
        assert order.checkout_id is not None
        return CheckoutStands(book.checkouts[order.checkout_id], replayed=True)
    fault = _quantity_fault(book, command)
    if fault is not None:
        return fault
    checkout = _decide(book, command)
    book.checkouts[checkout.checkout_id] = checkout
    book.touched.add(checkout.checkout_id)
    book.checkouts_made.append(checkout.checkout_id)
    if checkout.status is Status.DECLINED:
        reasons: dict[str, object] = {"reasons": sorted({str(line.reason) for line in checkout.lines})}
        book.act_on(checkout, "decline", 0, reasons)
        book.orders[key] = OrderNumber("free", checkout.lane, checkout.checkout_id)
        return CheckoutStands(checkout, replayed=False)
    book.orders[key] = OrderNumber("taken", checkout.lane, checkout.checkout_id, command.fingerprint)
    act = book.act_on(checkout, "hold", checkout.subsidy_fen)
    for line in checkout.lines:
        if line.carries_subsidy:
            assert line.pool is not None
            book.enter(
                act,
                "available",
                "held",
                pool=line.pool,
                line_no=line.line_no,
                amount_fen=line.subsidy_fen,
                quota_fen=line.subsidy_fen,
                quota_units=line.quantity,
            )
    if command.capture:
        checkout = spend_held(book, checkout, frozenset(line.line_no for line in checkout.lines))
    return CheckoutStands(checkout, replayed=False)


def _quantity_fault(book: BookState, command: Hold) -> Refused | None:
    """Only goods without serial numbers are sold by quantity; anything else is a fault of the request."""
    for index, line in enumerate(command.lines):
        product = book.products.get(line.gtin)
        if line.quantity > 1 and product is not None and product.serialised:
            return Refused("invalid_field", pointer=f"/lines/{index}/quantity")
    return None


def _decide(book: BookState, command: Hold) -> Checkout:
    """Lines are decided in the order the till sent them, and told by their numbers: the first answer and every later
    one show them alike."""
    policy = book.rules.policy
    consumer = book.consumer(command.buyer)
    lines: list[Line] = []
    for basket_line in command.lines:
        line = decide_line(book, consumer, command.buyer, basket_line)
        if line.carries_subsidy:
            _take(book, consumer.lane, consumer.consumer_id, command.checkout_id, line)
        lines.append(line)
    subsidy_fen = sum(line.subsidy_fen for line in lines)
    held = subsidy_fen > 0
    return Checkout(
        consumer.lane,
        command.checkout_id,
        consumer.consumer_id,
        command.merchant_id,
        command.order_no,
        command.store_id,
        command.till_id,
        command.channel,
        Status.HELD if held else Status.DECLINED,
        policy.code,
        book.rules.version,
        sum(line.price_fen * line.quantity for line in lines),
        subsidy_fen,
        0,
        _cap_remaining_fen(book, consumer.consumer_id),
        book.instant,
        book.instant + timedelta(seconds=policy.hold_ttl_seconds) if held else None,
        None,
        tuple(sorted(lines, key=attrgetter("line_no"))),
    )


def _take(book: BookState, lane: int, consumer_id: str, checkout_id: str, line: Line) -> None:
    """Reserve what the line was granted in the quotas, the serial numbers and the pool's home stripe."""
    assert line.category is not None
    assert line.pool is not None
    rules = book.quota_rules(book.rules.policy.categories[line.category])
    quotas = book.move_quotas(lane, consumer_id, line.quotas, held_fen=line.subsidy_fen, held_units=line.quantity)
    for quota, rule in zip(quotas, rules, strict=True):
        quota.grant_under(rule)
    book.claim_items(lane, checkout_id, line)
    pool = book.pools[line.pool]
    pool.draw(line.subsidy_fen)
    pool.home.move(available_fen=-line.subsidy_fen, held_fen=line.subsidy_fen)


def _cap_remaining_fen(book: BookState, consumer_id: str) -> int | None:
    """What is left of the policy's first cap; None where the policy has no cap."""
    policy = book.rules.policy
    if not policy.consumer_caps:
        return None
    cap = policy.consumer_caps[0]
    return book.quota(consumer_id, policy.cap_name(cap, book.today)).left_fen(cap.cap_fen)
