"""A policy in force, as read from its pack: who may earn what on which goods, up to which limits, paid by
whom.

`clause` is the code of the article or document a rule comes from (`Policy.clauses`). `provisional` marks what
the sources leave open; `note` says what was assumed. Days are days on the policy's own clock; a `from_date`
is the first and an `until_date` the last day on which a rule holds, None being no bound on that side.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import NamedTuple

from app.domain.money import Rounding
from app.domain.policy.amount import AmountRule
from app.domain.reasons import Reason


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or title in both languages."""

    zh: str
    en: str


class AtLimit(StrEnum):
    """What happens to a line that is entitled to more than a limit leaves: granted in part, or declined."""

    REDUCE = "reduce"
    REFUSE = "refuse"


class Restores(StrEnum):
    """When a refund gives the consumer his quota back. NEXT_DAY is 0:00 of the day after, on the policy's
    clock.
    """

    IMMEDIATE = "immediate"
    NEXT_DAY = "next_day"
    NEVER = "never"


class CapPeriod(StrEnum):
    """How long a consumer's cap counts: for the pack's life, or anew each calendar year."""

    POLICY = "policy"
    CALENDAR_YEAR = "calendar_year"


class GradeSource(StrEnum):
    """The label that states the grade of the goods."""

    ENERGY = "energy"
    WATER = "water"


@dataclass(frozen=True, slots=True)
class Share:
    """A funder's part of every fen a pool pays."""

    funder: str
    title: Text
    share_bps: int


@dataclass(frozen=True, slots=True)
class Pool:
    """A purse of one programme. Its money is not policy: it comes and goes by adjustments."""

    code: str
    programme: str
    title: Text
    shares: tuple[Share, ...]
    clause: str
    provisional: bool = False
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Programme:
    """`min_age_years` is the age the buyer must have reached on the day of the sale."""

    code: str
    title: Text
    pool: str
    rounding: Rounding
    at_consumer_cap: AtLimit
    at_pool_end: AtLimit
    refund_restores: Restores
    min_age_years: int | None
    from_date: date | None
    until_date: date | None
    open: bool
    paused_reason: Text | None
    clause: str
    provisional: bool = False
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class CountLimit:
    """So many units per consumer and calendar year. Categories that name the same code count together."""

    code: str
    units: int


@dataclass(frozen=True, slots=True)
class Category:
    """Goods that earn by one rule. Amounts are per unit.

    `requires_trade_in` are the categories an old item may be of; empty asks for none. `alternatives` are
    other categories under which the same goods may be sold: one item earns under one of them only.
    """

    code: str
    programme: str
    title: Text
    amount: AmountRule
    item_cap_fen: int | None
    price_ceiling_fen: int | None
    count_limit: CountLimit | None
    grade_source: GradeSource | None
    requires_trade_in: tuple[str, ...]
    min_age_years: int | None
    from_date: date | None
    until_date: date | None
    alternatives: tuple[str, ...]
    clause: str
    provisional: bool = False
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class ConsumerCap:
    """What one consumer may receive in all from the programmes it covers."""

    code: str
    title: Text
    cap_fen: int
    covers: frozenset[str]
    period: CapPeriod
    clause: str
    provisional: bool = False
    note: Text | None = None


class QuotaRule(NamedTuple):
    """One limit a line counts against. `name` is the consumer's quota row: the cap or count, and its year if
    any.

    Exactly one of `cap_fen` and `cap_units` is stated.
    """

    name: str
    cap_fen: int | None
    cap_units: int | None
    reason: Reason
    restores: Restores


@dataclass(frozen=True, slots=True)
class Policy:
    """One pack. `document` names the text it carries out."""

    code: str
    title: Text
    document: Text
    clauses: Mapping[str, Text]
    utc_offset_minutes: int
    hold_ttl_seconds: int
    programmes: Mapping[str, Programme]
    categories: Mapping[str, Category]
    consumer_caps: tuple[ConsumerCap, ...]
    pools: Mapping[str, Pool]

    @property
    def timezone(self) -> timezone:
        return timezone(timedelta(minutes=self.utc_offset_minutes))

    @staticmethod
    def cap_name(cap: ConsumerCap, on_date: date) -> str:
        """The name of a consumer's quota row under a cap."""
        yearly = cap.period is CapPeriod.CALENDAR_YEAR
        return f"cap:{cap.code}:{on_date.year}" if yearly else f"cap:{cap.code}"

    def local_date(self, instant: datetime) -> date:
        """The day of an instant on the policy's clock."""
        if instant.tzinfo is None:
            raise ValueError("an instant carries its offset")
        return (instant.astimezone(UTC) + timedelta(minutes=self.utc_offset_minutes)).date()

    def options(self, category_code: str, programme: str | None) -> tuple[Category, ...]:
        """The category, then those the same goods may be sold under instead; only those of `programme`, if
        named.
        """
        category = self.categories.get(category_code)
        if category is None:
            return ()
        if programme is None and not category.alternatives:
            return (category,)
        candidates = (category, *(self.categories[code] for code in category.alternatives))
        return tuple(c for c in candidates if programme is None or c.programme == programme)

    def quotas(self, category: Category, on_date: date) -> tuple[QuotaRule, ...]:
        """The limits a line of this category counts against on a day: the consumer's caps, then the count."""
        restores = self.programmes[category.programme].refund_restores
        rules = [
            QuotaRule(self.cap_name(cap, on_date), cap.cap_fen, None, Reason.CONSUMER_CAP_REACHED, restores)
            for cap in self.consumer_caps
            if category.programme in cap.covers
        ]
        limit = category.count_limit
        if limit is not None:
            name = f"{limit.code}:{on_date.year}"
            rules.append(QuotaRule(name, None, limit.units, Reason.CATEGORY_LIMIT_REACHED, restores))
        return tuple(rules)
