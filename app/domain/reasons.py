"""Why a line was declined or reduced, and which limit bit. The values are the contract's stable codes."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a line earns nothing, or less than it is entitled to."""

    PRODUCT_NOT_IN_CATALOGUE = "product_not_in_catalogue"
    CATEGORY_NOT_IN_POLICY = "category_not_in_policy"
    PROGRAMME_PAUSED = "programme_paused"
    PROGRAMME_NOT_IN_EFFECT = "programme_not_in_effect"
    PRICE_ABOVE_CEILING = "price_above_ceiling"
    PRICE_ABOVE_FILED_PRICE = "price_above_filed_price"
    SERIAL_NO_REQUIRED = "serial_no_required"
    SERIAL_NO_ALREADY_SUBSIDISED = "serial_no_already_subsidised"
    CATEGORY_LIMIT_REACHED = "category_limit_reached"
    CONSUMER_CAP_REACHED = "consumer_cap_reached"
    FUND_EXHAUSTED = "fund_exhausted"
    CONSUMER_NOT_ELIGIBLE = "consumer_not_eligible"
    CONSUMER_BLOCKED = "consumer_blocked"
    TRADE_IN_REQUIRED = "trade_in_required"
    IMEI_REQUIRED = "imei_required"
    IMEI_ALREADY_SUBSIDISED = "imei_already_subsidised"
    ZERO_SUBSIDY = "zero_subsidy"


class LimitedBy(StrEnum):
    """The limit that made a line's subsidy smaller than the bare rule would."""

    ITEM_CAP = "item_cap"
    CONSUMER_CAP = "consumer_cap"
    CATEGORY_LIMIT = "category_limit"
    POOL = "pool"
