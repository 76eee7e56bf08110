"""Money is a whole number of fen. Rates are basis points (1 bp = 0.01 %). Nothing here knows a float."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

WHOLE_BPS = 10_000


class RoundingMode(StrEnum):
    """What becomes of the part of an amount that is smaller than the rounding unit."""

    HALF_UP = "half_up"
    DOWN = "down"
    UP = "up"
    HALF_EVEN = "half_even"


@dataclass(frozen=True, slots=True)
class Rounding:
    """`unit_fen` is the smallest step of an amount: 1 is a fen, 100 a whole yuan, 1000 tens of yuan."""

    mode: RoundingMode = RoundingMode.HALF_UP
    unit_fen: int = 1


def round_fen(numerator: int, denominator: int, rounding: Rounding) -> int:
    """`numerator / denominator` fen as a whole multiple of the rounding unit. Neither may be negative."""
    if numerator < 0 or denominator <= 0:
        raise ValueError("only amounts that are not negative are rounded")
    step = denominator * rounding.unit_fen
    units, rest = divmod(numerator, step)
    match rounding.mode:
        case RoundingMode.HALF_UP:
            up = 2 * rest >= step
        case RoundingMode.DOWN:
            up = False
        case RoundingMode.UP:
            up = rest > 0
        case RoundingMode.HALF_EVEN:
            up = 2 * rest > step or (2 * rest == step and units % 2 == 1)
    return (units + up) * rounding.unit_fen


def rate_of(price_fen: int, rate_bps: int, rounding: Rounding) -> int:
    """`rate_bps` of a price, in fen."""
    return round_fen(price_fen * rate_bps, WHOLE_BPS, rounding)


def split_by_shares(amount_fen: int, shares_bps: Sequence[int]) -> tuple[int, ...]:
    """An amount as funders' parts that sum to it exactly, by largest remainder; of equal remainders the first
    wins.

    A part can shrink by a fen when the amount grows and there are three funders or more: split the running
    total and take differences, never the steps one by one.
    """
    if amount_fen < 0 or sum(shares_bps) != WHOLE_BPS:
        raise ValueError("an amount that is not negative is split by shares that sum to 10000 basis points")
    parts = [amount_fen * share_bps // WHOLE_BPS for share_bps in shares_bps]
    by_remainder = sorted(range(len(parts)), key=lambda i: -(amount_fen * shares_bps[i] % WHOLE_BPS))
    for i in by_remainder[: amount_fen - sum(parts)]:
        parts[i] += 1
    return tuple(parts)


def yuan(fen: int) -> str:
    """For people to read: 123450 is `1,234.50`."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{rest:02d}"
