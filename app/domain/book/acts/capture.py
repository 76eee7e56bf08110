"""Capture: the payment succeeded, the hold becomes spending; and the capture that comes after the hold expired."""

from app.domain.book.state import BookState
from app.domain.checkout import Checkout, Line, LineOutcome, Status
from app.domain.commands import Capture
from app.domain.ledger import Act
from app.domain.outcomes import CheckoutStands, Outcome, Refused
from app.domain.policy.model import QuotaRule

CAPTURED = frozenset({Status.CAPTURED, Status.PARTIALLY_REFUNDED, Status.REFUNDED})


def capture(book: BookState, command: Capture) -> Outcome:
    """Spend what was held, or some lines of it; the lines left out are released.

    Pauses, blocks and suspensions since the hold do not matter: what was held is a promise. A repeated capture of
    the same lines answers as the first did. After expiry the quota is taken again, all or nothing.
    """
    checkout = book.find(command.target)
    if checkout is None or checkout.status is Status.DECLINED:
        return book.never_held(command.target)
    if checkout.status is Status.VOIDED:
        return Refused("checkout_voided")
    every_line = frozenset(line.line_no for line in checkout.lines)
    wanted = every_line if command.line_nos is None else command.line_nos
    if not wanted <= every_line:
        return Refused("line_not_found", pointer="/line_nos")
    if checkout.status in CAPTURED:
        same = wanted & _granted(checkout, with_released=True) == _granted(checkout)
        return CheckoutStands(checkout, replayed=True) if same else Refused("checkout_captured")
    if not wanted & _granted(checkout):
        return Refused("invalid_field", pointer="/line_nos")
    if checkout.status is Status.HELD:
        return CheckoutStands(spend_held(book, checkout, wanted), replayed=False)
    return _capture_late(book, checkout, wanted)


def _granted(checkout: Checkout, *, with_released: bool = False) -> frozenset[int]:
    return frozenset(
        line.line_no
        for line in checkout.lines
        if line.carries_subsidy or (with_released and line.outcome == LineOutcome.RELEASED)
    )


def spend_held(book: BookState, checkout: Checkout, wanted: frozenset[int]) -> Checkout:
    """held → captured; lines not wanted go back to the pool, to the consumer, and free their serial numbers."""
    lines = tuple(
        line if line.line_no in wanted or not line.carries_subsidy else released(line) for line in checkout.lines
    )
    captured = checkout.moved(Status.CAPTURED, lines=lines, captured_at=book.instant)
    act = book.act_on(checkout, "capture", captured.subsidy_fen)
    for line in checkout.lines:
        if line.carries_subsidy and line.line_no in wanted:
            book.transfer(act, line, "held", "spent", **_all_of(line))
            book.move_quotas(
                checkout.lane,
                checkout.consumer_id,
                line.quotas,
                held_fen=-line.subsidy_fen,
                used_fen=line.subsidy_fen,
                held_units=-line.quantity,
                used_units=line.quantity,
            )
        elif line.carries_subsidy:
            give_back_held(book, act, checkout, line)
    book.checkouts[checkout.checkout_id] = captured
    return captured


def give_back_held(book: BookState, act: Act, checkout: Checkout, line: Line) -> None:
    """Undo a line's hold: the pool, the consumer's quotas, the serial numbers."""
    book.transfer(act, line, "held", "available", **_all_of(line))
    book.move_quotas(
        checkout.lane,
        checkout.consumer_id,
        line.quotas,
        held_fen=-line.subsidy_fen,
        held_units=-line.quantity,
    )
    book.free_items(checkout.checkout_id, line)


def released(line: Line) -> Line:
    return line._replace(outcome=LineOutcome.RELEASED, subsidy_fen=0)


def _all_of(line: Line) -> dict[str, int]:
    return {"amount_fen": line.subsidy_fen, "quota_fen": line.subsidy_fen, "quota_units": line.quantity}


def _capture_late(book: BookState, checkout: Checkout, wanted: frozenset[int]) -> Outcome:
    """expired → captured, at the hold's amounts and policy version, if all of it is still to be had."""
    lines = [line for line in checkout.lines if line.carries_subsidy and line.line_no in wanted]
    if not _still_fits(book, checkout, lines):
        return Refused("hold_expired", retryable=True)
    kept = tuple(
        line if line.line_no in wanted or not line.carries_subsidy else released(line) for line in checkout.lines
    )
    captured = checkout.moved(Status.CAPTURED, lines=kept, captured_at=book.instant)
    act = book.act_on(checkout, "capture", captured.subsidy_fen, {"late": True})
    for line in lines:
        assert line.pool is not None
        book.pools[line.pool].draw(line.subsidy_fen)
        book.transfer(act, line, "available", "spent", **_all_of(line))
        quotas = book.move_quotas(
            checkout.lane,
            checkout.consumer_id,
            line.quotas,
            used_fen=line.subsidy_fen,
            used_units=line.quantity,
        )
        for quota, rule in zip(quotas, _quota_rules(book, checkout, line), strict=True):
            quota.grant_under(rule)
        book.claim_items(checkout.lane, checkout.checkout_id, line)
    book.checkouts[checkout.checkout_id] = captured
    return CheckoutStands(captured, replayed=False)


def _quota_rules(book: BookState, checkout: Checkout, line: Line) -> tuple[QuotaRule, ...]:
    """The limits of the hold's own policy version, on the day of the hold."""
    assert line.category is not None
    policy = book.policy_of(checkout)
    return policy.quotas(policy.categories[line.category], policy.local_date(checkout.created_at))


def _still_fits(book: BookState, checkout: Checkout, lines: list[Line]) -> bool:
    """Whether all lines together fit into the consumer's quotas, the serial numbers and the pools."""
    if not all(book.is_free(item) for line in lines for item in line.items):
        return False
    wanted_fen: dict[str, int] = {}
    wanted_units: dict[str, int] = {}
    wanted_of_pool: dict[str, int] = {}
    rules: dict[str, QuotaRule] = {}
    for line in lines:
        assert line.pool is not None
        wanted_of_pool[line.pool] = wanted_of_pool.get(line.pool, 0) + line.subsidy_fen
        for rule in _quota_rules(book, checkout, line):
            rules[rule.name] = rule
            wanted_fen[rule.name] = wanted_fen.get(rule.name, 0) + line.subsidy_fen
            wanted_units[rule.name] = wanted_units.get(rule.name, 0) + line.quantity
    for name, rule in rules.items():
        quota = book.quota(checkout.consumer_id, name)
        if rule.cap_fen is not None and quota.left_fen(rule.cap_fen) < wanted_fen[name]:
            return False
        if rule.cap_units is not None and quota.left_units(rule.cap_units) < wanted_units[name]:
            return False
    return all(book.pools[pool].grantable_fen(fen) == fen for pool, fen in wanted_of_pool.items())
