"""How rules are shown: programmes, categories, caps and pools, each with the clause it comes from."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel

from app.api.edge.fields import Bilingual
from app.domain.policy.amount import AmountRule, Bands, FixedSum, Rates
from app.domain.policy.model import Category, ConsumerCap, Policy, Pool, Programme, Text
from app.domain.rules import Rules, Switch


class ClauseShown(Bilingual):
    """The article or document that a rule comes from."""

    code: str


class Sourced(BaseModel):
    """`provisional` marks what the sources leave open, `note` says what was assumed."""

    clause: ClauseShown
    provisional: bool
    note: Bilingual | None


class RoundingShown(BaseModel):
    mode: str
    unit_fen: int


class ProgrammeShown(Sourced):
    """`reason` is the operator's word on the switch; `paused_reason` the pack's own, where it says paused."""

    programme: str
    title: Bilingual
    state: Literal["open", "paused"]
    reason: str | None
    paused_reason: Bilingual | None
    pool: str
    rounding: RoundingShown
    at_consumer_cap: str
    at_pool_end: str
    refund_restores: str
    min_age_years: int | None
    from_date: str | None
    until_date: str | None


class RateShown(BaseModel):
    """`grade` null is goods without a grade."""

    grade: int | None
    rate_bps: int


class BandShown(BaseModel):
    """Prices below `below_fen` that no earlier band took; null is no upper end."""

    below_fen: int | None
    sum_fen: int | None
    rate_bps: int | None


class BonusShown(BaseModel):
    """`grades` empty asks nothing; null among them is goods without a grade."""

    sum_fen: int
    old_battery: str | None
    grades: list[int | None]


class AmountShown(BaseModel):
    """One of `rates` (with `any_bps` for grades not named), `sum_fen` or `bands`; then a cap, then bonuses."""

    rates: list[RateShown] | None = None
    any_bps: int | None = None
    sum_fen: int | None = None
    bands: list[BandShown] | None = None
    cap_fen: int | None
    bonuses: list[BonusShown]


class CountLimitShown(BaseModel):
    """So many units per consumer and calendar year; categories with the same `code` count together."""

    code: str
    units: int


class CategoryShown(Sourced):
    category: str
    programme: str
    title: Bilingual
    amount: AmountShown
    item_cap_fen: int | None
    price_ceiling_fen: int | None
    count_limit: CountLimitShown | None
    grade_source: str | None
    requires_trade_in: list[str]
    min_age_years: int | None
    from_date: str | None
    until_date: str | None
    alternatives: list[str]


class ConsumerCapShown(Sourced):
    cap: str
    title: Bilingual
    cap_fen: int
    covers: list[str]
    period: str


class ShareShown(BaseModel):
    funder: str
    title: Bilingual
    share_bps: int


class PoolRuleShown(Sourced):
    pool: str
    programme: str
    title: Bilingual
    shares: list[ShareShown]


class PolicyShown(BaseModel):
    policy: str
    version: int
    title: Bilingual
    document: Bilingual
    utc_offset_minutes: int
    hold_ttl_seconds: int
    programmes: list[ProgrammeShown]
    categories: list[CategoryShown]
    consumer_caps: list[ConsumerCapShown]
    pools: list[PoolRuleShown]


def policy_data(rules: Rules) -> Mapping[str, object]:
    policy = rules.policy
    return {
        "policy": policy.code,
        "version": rules.version,
        "title": _text(policy.title),
        "document": _text(policy.document),
        "utc_offset_minutes": policy.utc_offset_minutes,
        "hold_ttl_seconds": policy.hold_ttl_seconds,
        "programmes": programmes_data(rules),
        "categories": [_category(policy, category) for category in policy.categories.values()],
        "consumer_caps": [_consumer_cap(policy, cap) for cap in policy.consumer_caps],
        "pools": [_pool(policy, pool) for pool in policy.pools.values()],
    }


def programmes_data(rules: Rules) -> list[Mapping[str, object]]:
    return [
        programme_data(rules.policy, programme, rules.switches.get(programme.code))
        for programme in rules.policy.programmes.values()
    ]


def programme_data(policy: Policy, programme: Programme, switch: Switch | None) -> Mapping[str, object]:
    """A programme as it stands: by its switch if an operator has thrown it, else as the pack says."""
    state = switch.state if switch is not None else ("open" if programme.open else "paused")
    return {
        "programme": programme.code,
        "title": _text(programme.title),
        "state": state,
        "reason": None if switch is None else switch.reason,
        "paused_reason": _text_or_none(programme.paused_reason),
        "pool": programme.pool,
        "rounding": {"mode": programme.rounding.mode, "unit_fen": programme.rounding.unit_fen},
        "at_consumer_cap": programme.at_consumer_cap,
        "at_pool_end": programme.at_pool_end,
        "refund_restores": programme.refund_restores,
        "min_age_years": programme.min_age_years,
        "from_date": _day(programme.from_date),
        "until_date": _day(programme.until_date),
        **_source(policy, programme),
    }


def _category(policy: Policy, category: Category) -> Mapping[str, object]:
    limit = category.count_limit
    return {
        "category": category.code,
        "programme": category.programme,
        "title": _text(category.title),
        "amount": _amount(category.amount),
        "item_cap_fen": category.item_cap_fen,
        "price_ceiling_fen": category.price_ceiling_fen,
        "count_limit": None if limit is None else {"code": limit.code, "units": limit.units},
        "grade_source": category.grade_source,
        "requires_trade_in": category.requires_trade_in,
        "min_age_years": category.min_age_years,
        "from_date": _day(category.from_date),
        "until_date": _day(category.until_date),
        "alternatives": category.alternatives,
        **_source(policy, category),
    }


def _amount(amount: AmountRule) -> Mapping[str, object]:
    base: dict[str, object]
    match amount.base:
        case Rates(by_grade=by_grade, ungraded_bps=ungraded_bps, any_bps=any_bps):
            rates: list[dict[str, Any]] = [
                {"grade": grade, "rate_bps": rate_bps} for grade, rate_bps in sorted(by_grade.items())
            ]
            if ungraded_bps is not None:
                rates.append({"grade": None, "rate_bps": ungraded_bps})
            base = {"rates": rates, "any_bps": any_bps}
        case FixedSum(sum_fen=sum_fen):
            base = {"sum_fen": sum_fen}
        case Bands(bands=bands):
            base = {
                "bands": [
                    {"below_fen": band.below_fen, "sum_fen": band.sum_fen, "rate_bps": band.rate_bps} for band in bands
                ]
            }
    bonuses = [
        {
            "sum_fen": bonus.sum_fen,
            "old_battery": bonus.old_battery,
            "grades": sorted(bonus.grades, key=lambda grade: grade or 0),
        }
        for bonus in amount.bonuses
    ]
    return {**base, "cap_fen": amount.cap_fen, "bonuses": bonuses}


def _consumer_cap(policy: Policy, cap: ConsumerCap) -> Mapping[str, object]:
    return {
        "cap": cap.code,
        "title": _text(cap.title),
        "cap_fen": cap.cap_fen,
        "covers": sorted(cap.covers),
        "period": cap.period,
        **_source(policy, cap),
    }


def _pool(policy: Policy, pool: Pool) -> Mapping[str, object]:
    return {
        "pool": pool.code,
        "programme": pool.programme,
        "title": _text(pool.title),
        "shares": [
            {"funder": share.funder, "title": _text(share.title), "share_bps": share.share_bps} for share in pool.shares
        ],
        **_source(policy, pool),
    }


def _source(policy: Policy, rule: Programme | Category | ConsumerCap | Pool) -> Mapping[str, object]:
    return {
        "clause": {"code": rule.clause, **_text(policy.clauses[rule.clause])},
        "provisional": rule.provisional,
        "note": _text_or_none(rule.note),
    }


def _text(text: Text) -> Mapping[str, str]:
    return {"zh": text.zh, "en": text.en}


def _text_or_none(text: Text | None) -> Mapping[str, str] | None:
    return None if text is None else _text(text)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
