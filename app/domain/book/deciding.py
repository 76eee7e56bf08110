"""What one basket line is granted: the policy's entitlement, then every limit, in the order a cashier would ask.

Nothing is taken here. Where goods fit several programmes the one that gives the buyer more is chosen (one item, one
programme); the till may name one instead.
"""

from typing import NamedTuple

from app.domain.book.rows import Consumer, Product
from app.domain.book.state import BookState
from app.domain.checkout import Line, LineOutcome, items_of
from app.domain.commands import BasketLine, Buyer
from app.domain.entitlement import Item, entitle
from app.domain.policy.model import Category, Programme
from app.domain.reasons import LimitedBy, Reason


class Grant(NamedTuple):
    """What a line would be granted in one category. `limited_by` names the limit that bit last."""

    category: Category | None
    rate_bps: int | None
    entitled_fen: int
    subsidy_fen: int
    reason: Reason | None
    limited_by: LimitedBy | None
    note: str | None = None


def decide_line(book: BookState, consumer: Consumer, buyer: Buyer, line: BasketLine) -> Line:
    """The line with its outcome. Raises Missing when a limit can't be told from the rows at hand."""
    product = book.products.get(line.gtin)
    if product is None:
        return _line(line, None, Grant(None, None, 0, 0, Reason.PRODUCT_NOT_IN_CATALOGUE, None), None, ())
    best: Grant | None = None
    for category in book.rules.policy.options(product.category, line.programme):
        grant = _grant(book, consumer, buyer, product, category, line)
        if best is None or grant.subsidy_fen > best.subsidy_fen:
            best = grant
    if best is None:
        return _line(line, product, Grant(None, None, 0, 0, Reason.CATEGORY_NOT_IN_POLICY, None), None, ())
    assert best.category is not None
    names = tuple(rule.name for rule in book.quota_rules(best.category))
    return _line(line, product, best, book.rules.policy.programmes[best.category.programme].pool, names)


def _grant(
    book: BookState,
    consumer: Consumer,
    buyer: Buyer,
    product: Product,
    category: Category,
    line: BasketLine,
) -> Grant:
    policy = book.rules.policy
    programme = policy.programmes[category.programme]
    if consumer.blocked_because is not None:
        return Grant(category, None, 0, 0, Reason.CONSUMER_BLOCKED, None)
    paused, why = _paused(book, programme)
    if paused:
        return Grant(category, None, 0, 0, Reason.PROGRAMME_PAUSED, None, why)
    item = Item(line.price_fen, line.quantity, product.grade, line.trade_in)
    entitled = entitle(policy, category, item, birth_date=buyer.birth_date, on_date=book.today)
    reason = entitled.reason or _goods_fault(product, line)
    if reason is None:
        reason = _item_fault(book, line)
    if reason is not None:
        return Grant(category, entitled.rate_bps, 0, 0, reason, None)
    grant = Grant(category, entitled.rate_bps, entitled.entitled_fen, entitled.entitled_fen, None, entitled.limited_by)
    grant = _within_quotas(book, consumer, programme, category, line, grant)
    return _within_pool(book, programme, grant) if grant.subsidy_fen else grant


def _paused(book: BookState, programme: Programme) -> tuple[bool, str | None]:
    """An operator's switch, with its reason, overrides what the pack says of the programme."""
    switch = book.rules.switches.get(programme.code)
    if switch is not None:
        return switch.state == "paused", switch.reason
    return not programme.open, None


def _goods_fault(product: Product, line: BasketLine) -> Reason | None:
    if product.filed_price_fen is not None and line.price_fen > product.filed_price_fen:
        return Reason.PRICE_ABOVE_FILED_PRICE
    if product.serialised and line.serial_no is None:
        return Reason.SERIAL_NO_REQUIRED
    if product.cellular and not line.imeis:
        return Reason.IMEI_REQUIRED
    return None


def _item_fault(book: BookState, line: BasketLine) -> Reason | None:
    """One live subsidy for each serial number and IMEI."""
    for item in items_of(line.gtin, line.serial_no, line.imeis):
        if not book.is_free(item):
            by_imei = item.startswith("imei:")
            return Reason.IMEI_ALREADY_SUBSIDISED if by_imei else Reason.SERIAL_NO_ALREADY_SUBSIDISED
    return None


def _within_quotas(
    book: BookState,
    consumer: Consumer,
    programme: Programme,
    category: Category,
    line: BasketLine,
    grant: Grant,
) -> Grant:
    """A count is refused when it does not fit; a cap in money reduces, or refuses where the programme says so."""
    rules = book.quota_rules(category)
    for rule in rules:
        quota = book.quota(consumer.consumer_id, rule.name)
        if rule.cap_units is not None and quota.left_units(rule.cap_units) < line.quantity:
            return grant._replace(
                subsidy_fen=0, reason=Reason.CATEGORY_LIMIT_REACHED, limited_by=LimitedBy.CATEGORY_LIMIT
            )
    for rule in rules:
        if rule.cap_fen is None:
            continue
        left_fen = book.quota(consumer.consumer_id, rule.name).left_fen(rule.cap_fen)
        if left_fen < grant.subsidy_fen:
            refuse = programme.at_consumer_cap == "refuse"
            grant = grant._replace(
                subsidy_fen=0 if refuse else left_fen,
                reason=Reason.CONSUMER_CAP_REACHED,
                limited_by=LimitedBy.CONSUMER_CAP,
            )
    return grant


def _within_pool(book: BookState, programme: Programme, grant: Grant) -> Grant:
    """While one fen is left the line is reduced to it; it is declined only at zero."""
    granted_fen = book.pools[programme.pool].grantable_fen(grant.subsidy_fen)
    if granted_fen == grant.subsidy_fen:
        return grant
    refuse = programme.at_pool_end == "refuse"
    return grant._replace(
        subsidy_fen=0 if refuse else granted_fen, reason=Reason.FUND_EXHAUSTED, limited_by=LimitedBy.POOL
    )


def _line(line: BasketLine, product: Product | None, grant: Grant, pool: str | None, quotas: tuple[str, ...]) -> Line:
    category = grant.category
    if grant.subsidy_fen == 0:
        outcome = LineOutcome.DECLINED
    else:
        outcome = LineOutcome.GRANTED if grant.reason is None else LineOutcome.REDUCED
    imei, imei2 = (*line.imeis, None, None)[:2]
    return Line(
        line.line_no,
        line.gtin,
        line.serial_no,
        imei,
        imei2,
        line.price_fen,
        line.quantity,
        category.programme if category is not None else line.programme,
        category.code if category is not None else (product.category if product is not None else None),
        pool,
        product.grade if product is not None else None,
        grant.rate_bps,
        line.trade_in,
        grant.entitled_fen,
        grant.subsidy_fen,
        outcome,
        grant.reason,
        grant.limited_by,
        grant.note,
        quotas if grant.subsidy_fen else (),
    )
