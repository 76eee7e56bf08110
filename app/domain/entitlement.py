"""What one line earns by policy, goods and buyer alone, before the consumer's limits and the fund are asked.

Clauses 14 and 15 of the plan; the rules themselves are data (`app.domain.policy`).
"""

from datetime import date
from typing import NamedTuple

from app.domain.policy.amount import Earned
from app.domain.policy.model import Category, Policy, Programme
from app.domain.reasons import LimitedBy, Reason


class TradeIn(NamedTuple):
    """The old item given up: its category, an e-bike's battery, and the recycler's reference."""

    category: str
    battery: str | None = None
    reference: str | None = None


class Item(NamedTuple):
    """`price_fen` is the final selling price of one unit: after every discount of shop, platform, maker and
    carrier, before subsidy, bank offers and the value of an old item.
    """

    price_fen: int
    quantity: int
    grade: int | None = None
    trade_in: TradeIn | None = None


class Entitlement(NamedTuple):
    """`entitled_fen` covers all units, item cap applied; it is 0 exactly when there is a reason."""

    entitled_fen: int
    rate_bps: int | None
    limited_by: LimitedBy | None
    reason: Reason | None


def entitle(policy: Policy, category: Category, item: Item, *, birth_date: date | None, on_date: date) -> Entitlement:
    """What the line earns on that day. A buyer whose birth date is not known has reached no age."""
    programme = policy.programmes[category.programme]
    if not (_in_effect(programme, on_date) and _in_effect(category, on_date)):
        return _refused(Reason.PROGRAMME_NOT_IN_EFFECT)
    if not _old_enough(programme, category, birth_date, on_date):
        return _refused(Reason.CONSUMER_NOT_ELIGIBLE)
    if category.requires_trade_in and (
        item.trade_in is None or item.trade_in.category not in category.requires_trade_in
    ):
        return _refused(Reason.TRADE_IN_REQUIRED)
    if category.price_ceiling_fen is not None and item.price_fen > category.price_ceiling_fen:
        return _refused(Reason.PRICE_ABOVE_CEILING)
    earned = _earned(programme, category, item)
    if earned is None:
        return _refused(Reason.CATEGORY_NOT_IN_POLICY)
    if earned.unit_fen == 0:
        return Entitlement(0, earned.rate_bps, None, Reason.ZERO_SUBSIDY)
    limited_by = LimitedBy.ITEM_CAP if earned.capped else None
    return Entitlement(earned.unit_fen * item.quantity, earned.rate_bps, limited_by, None)


def reprice(policy: Policy, category: Category, item: Item) -> int:
    """What all units would earn at the item's price, in fen, whatever the day and the buyer: price protection
    lowers the price of a sale that was granted, and asks neither again.
    """
    earned = _earned(policy.programmes[category.programme], category, item)
    return 0 if earned is None else earned.unit_fen * item.quantity


def age_on(birth_date: date, on_date: date) -> int:
    """Full years. One is a year older on the birthday itself; born on 29 February, on 1 March of a common
    year.
    """
    before_birthday = (on_date.month, on_date.day) < (birth_date.month, birth_date.day)
    return on_date.year - birth_date.year - before_birthday


def _earned(programme: Programme, category: Category, item: Item) -> Earned | None:
    """What one unit earns, item cap applied."""
    old_battery = None if item.trade_in is None else item.trade_in.battery
    earned = category.amount.earned(
        item.price_fen, grade=item.grade, old_battery=old_battery, rounding=programme.rounding
    )
    cap_fen = category.item_cap_fen
    if earned is None or cap_fen is None or earned.unit_fen <= cap_fen:
        return earned
    return Earned(cap_fen, earned.rate_bps, capped=True)


def _in_effect(rule: Programme | Category, on_date: date) -> bool:
    return (rule.from_date is None or rule.from_date <= on_date) and (
        rule.until_date is None or on_date <= rule.until_date
    )


def _old_enough(programme: Programme, category: Category, birth_date: date | None, on_date: date) -> bool:
    min_age_years = max(programme.min_age_years or 0, category.min_age_years or 0)
    return min_age_years == 0 or (birth_date is not None and age_on(birth_date, on_date) >= min_age_years)


def _refused(reason: Reason) -> Entitlement:
    return Entitlement(0, None, None, reason)
