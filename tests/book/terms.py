"""The two markets' terms once more, written by hand from the rules in words and reckoned in fractions.

Nothing here is read from a pack or taken from the code under test.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor

PERCENT = Fraction(1, 100)


def half_up(amount: Fraction) -> int:
    return floor(amount + Fraction(1, 2))


def whole_yuan_down(amount: Fraction) -> int:
    return floor(amount / 100) * 100


def half_even(amount: Fraction) -> int:
    return round(amount)


@dataclass(frozen=True)
class Terms:
    """`percent` by grade, "any" for the rest. `count` names the yearly count; how many it allows is the version's."""

    programme: str
    percent: dict[int | str | None, Fraction]
    unit_cap_fen: int | None = None
    count: str | None = None
    ceiling_fen: int | None = None
    needs_old: str | None = None
    lithium_bonus: tuple[int, int, tuple[int | None, ...]] | None = None
    flat_below: tuple[int, int] | None = None
    min_age: int | None = None
    or_else: str | None = None
    rounded: Callable[[Fraction], int] = half_up

    def unit_fen(self, price_fen: int, grade: int | None, battery: str | None) -> int | None:
        """What one unit earns; None when its grade earns nothing by name."""
        percent = self.percent.get(grade, self.percent.get("any"))
        if percent is None:
            return None
        fen = self.rounded(price_fen * percent * PERCENT)
        if self.flat_below is not None and price_fen < self.flat_below[0]:
            fen = self.flat_below[1]
        if self.lithium_bonus is not None:
            at_most_fen, bonus_fen, grades = self.lithium_bonus
            fen = min(fen, at_most_fen)
            if battery == "lithium" and (not grades or grade in grades):
                fen += bonus_fen
        return min(price_fen, fen, self.unit_cap_fen or price_fen)

    def is_capped(self, price_fen: int, grade: int | None, battery: str | None) -> bool:
        """Whether a cap on one unit took something away."""
        uncapped = price_fen * (self.percent.get(grade) or self.percent["any"]) * PERCENT
        fen = self.rounded(uncapped)
        if self.flat_below is not None and price_fen < self.flat_below[0]:
            fen = self.flat_below[1]
        if self.lithium_bonus is not None:
            return fen > self.lithium_bonus[0]
        return self.unit_cap_fen is not None and min(fen, price_fen) > self.unit_cap_fen

    def quota_names(self, held_at: datetime) -> list[str]:
        year = (held_at + timedelta(hours=8)).year
        names = [name.format(year=year) for name, (_, programmes) in CAPS.items() if self.programme in programmes]
        return names + ([f"{self.count}:{year}"] if self.count else [])

    def is_old_enough(self, born: date | None, held_at: datetime) -> bool:
        if self.min_age is None:
            return True
        if born is None:
            return False
        today = (held_at + timedelta(hours=8)).date()
        return (today.year - born.year, today.month, today.day) >= (self.min_age, born.month, born.day)


ANY = "any"
EVERYWHERE = {"appliance", "digital", "home", "ebike", "age_friendly"}
GRADES_1_2: dict[int | str | None, Fraction] = {1: Fraction(20), 2: Fraction(15)}


def _any(percent: int | str) -> dict[int | str | None, Fraction]:
    return {ANY: Fraction(percent)}


BENT: dict[str, Terms] = {
    "P1": Terms("plain", GRADES_1_2 | {None: Fraction(10)}, 200_000, "P"),
    "P2": Terms("plain", _any("13.33"), None, "P", or_else="L1"),
    "P3": Terms("plain", _any("7.77"), 30_001),
    "S1": Terms("strict", _any(15), 50_000, "S1", ceiling_fen=600_000, rounded=whole_yuan_down),
    "S2": Terms(
        "strict", _any(20), None, None, needs_old="S2", lithium_bonus=(50_000, 10_000, ()), rounded=whole_yuan_down
    ),
    "L1": Terms("later", _any("11.11"), rounded=half_even),
    "L2": Terms("later", _any(12), 90_000, flat_below=(100_000, 12_345), min_age=60, rounded=half_even),
}
SHIPPED: dict[str, Terms] = {
    "A01": Terms("appliance", GRADES_1_2, 200_000, "A01"),
    "A03": Terms("appliance", GRADES_1_2, 200_000, "A03"),
    "A04": Terms("appliance", GRADES_1_2, 200_000, "A04"),
    "D01": Terms("digital", _any(15), 50_000, "D01", ceiling_fen=600_000),
    "H01": Terms("home", _any(15), 200_000),
    "H20": Terms("home", _any(15), 200_000),
    "E01": Terms("ebike", _any(20), 60_000, "E01", needs_old="E01", lithium_bonus=(50_000, 10_000, (1, None))),
    "W01": Terms("age_friendly", _any(30), 200_000, "W01", min_age=60),
    "N05": Terms("appliance", GRADES_1_2 | {None: Fraction(15)}, 200_000, "N05", or_else="H28"),
    "H28": Terms("home", _any(15), 200_000, or_else="N05"),
}

# The caps in fen by version, and the programmes they cover; a name with a year counts anew each January.
CAPS: dict[str, tuple[tuple[int, int, int], set[str]]] = {
    "cap:all": ((500_000, 180_000, 900_000), {"plain", "strict", "later"}),
    "cap:later:{year}": ((150_000, 150_000, 150_000), {"later"}),
    "cap:changchun-2025-cumulative": ((1_500_000, 300_000, 1_500_000), EVERYWHERE),
}
COUNTS: dict[str, tuple[int, int, int]] = {
    "P": (3, 1, 6),
    "S1": (5, 5, 5),
    "A01": (1, 1, 1),
    "A03": (1, 1, 1),
    "A04": (3, 3, 3),
    "D01": (1, 1, 1),
    "E01": (1, 1, 1),
    "W01": (1, 1, 1),
    "N05": (1, 1, 1),
}


def cap_fen(name: str, version: int) -> int | None:
    """None for a count."""
    for pattern, (by_version, _) in CAPS.items():
        if name.startswith(pattern.removesuffix("{year}")):
            return by_version[version - 1]
    return None


def count_units(name: str, version: int) -> int | None:
    """None for a cap in money."""
    by_version = COUNTS.get(name.split(":", maxsplit=1)[0])
    return None if by_version is None else by_version[version - 1]


def refuses(programme: str) -> bool:
    """Whether a limit refuses a line instead of reducing it."""
    return programme == "strict"


def restores_of(programme: str) -> str:
    return {"strict": "never", "later": "next_day"}.get(programme, "immediate")
