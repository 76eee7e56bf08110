"""What one unit earns by the rule alone, before the item cap: a rate by grade, a fixed sum, or price bands;
and bonuses.

A grade is the figure on the energy or water label (1 is best); None is goods without one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from app.domain.money import Rounding, rate_of


class Battery(StrEnum):
    """What an e-bike runs on."""

    LITHIUM = "lithium"
    LEAD_ACID = "lead_acid"


class Earned(NamedTuple):
    """`rate_bps` is None where the rule is a sum. `capped` tells that the rule's own cap bit."""

    unit_fen: int
    rate_bps: int | None
    capped: bool


@dataclass(frozen=True, slots=True)
class Rates:
    """A rate for each grade. `ungraded_bps` is for goods without a grade, `any_bps` for all that is not
    named.
    """

    by_grade: Mapping[int, int]
    ungraded_bps: int | None = None
    any_bps: int | None = None

    def rate_bps(self, grade: int | None) -> int | None:
        """None when no rate fits the grade."""
        named = self.ungraded_bps if grade is None else self.by_grade.get(grade)
        return self.any_bps if named is None else named


@dataclass(frozen=True, slots=True)
class FixedSum:
    """The same sum for every unit, whatever its price."""

    sum_fen: int


@dataclass(frozen=True, slots=True)
class Band:
    """Prices below `below_fen` (exclusive; None: no upper end) that no earlier band took: a sum or a rate."""

    below_fen: int | None
    sum_fen: int | None = None
    rate_bps: int | None = None


@dataclass(frozen=True, slots=True)
class Bands:
    """In ascending order; the last has no upper end, so every price falls in exactly one."""

    bands: tuple[Band, ...]

    def band_of(self, price_fen: int) -> Band:
        return next(band for band in self.bands if band.below_fen is None or price_fen < band.below_fen)


@dataclass(frozen=True, slots=True)
class Bonus:
    """Added to each unit when every stated condition holds.

    `old_battery` is that of the surrendered item. `grades` are the grades of the new item that qualify, None
    among them standing for goods without one; an empty set asks nothing.
    """

    sum_fen: int
    old_battery: Battery | None = None
    grades: frozenset[int | None] = frozenset()

    def applies(self, grade: int | None, old_battery: str | None) -> bool:
        return (self.old_battery is None or self.old_battery == old_battery) and (
            not self.grades or grade in self.grades
        )


@dataclass(frozen=True, slots=True)
class AmountRule:
    """`cap_fen` bounds the sum before bonuses; the category's item cap bounds it after them."""

    base: Rates | FixedSum | Bands
    cap_fen: int | None = None
    bonuses: tuple[Bonus, ...] = ()

    def earned(
        self, price_fen: int, *, grade: int | None, old_battery: str | None, rounding: Rounding
    ) -> Earned | None:
        """What one unit earns, never more than its price; None when no rate fits its grade."""
        match self.base:
            case Rates() as rates:
                rate_bps, sum_fen = rates.rate_bps(grade), None
                if rate_bps is None:
                    return None
            case FixedSum(sum_fen=sum_fen):
                rate_bps = None
            case Bands() as bands:
                band = bands.band_of(price_fen)
                rate_bps, sum_fen = band.rate_bps, band.sum_fen
        unit_fen = (sum_fen or 0) if rate_bps is None else rate_of(price_fen, rate_bps, rounding)
        capped = self.cap_fen is not None and unit_fen > self.cap_fen
        if self.cap_fen is not None and capped:
            unit_fen = self.cap_fen
        for bonus in self.bonuses:
            if bonus.applies(grade, old_battery):
                unit_fen += bonus.sum_fen
        return Earned(min(unit_fen, price_fen), rate_bps, capped)
