"""Reading a policy pack from TOML. `docs/policy-packs.md` is the reference of its language."""

import re
import tomllib
from dataclasses import replace
from typing import TypedDict

from app.domain.money import Rounding, RoundingMode
from app.domain.policy.amount_reading import AMOUNT
from app.domain.policy.faults import PackFault, PackRefused
from app.domain.policy.model import (
    AtLimit,
    CapPeriod,
    Category,
    ConsumerCap,
    CountLimit,
    GradeSource,
    Policy,
    Pool,
    Programme,
    Restores,
    Share,
    Text,
)
from app.domain.policy.reading import (
    BILINGUAL,
    BPS,
    CODE,
    CODES,
    DAY,
    FEN,
    FLAG,
    Kind,
    Table,
    choice,
    list_of,
    some_of,
    table_of,
    whole,
)
from app.domain.policy.references import Sections, check_references

__all__ = ["PackFault", "PackRefused", "read_pack"]

HOLD_TTL_SECONDS = 900
_WEEK_SECONDS = 7 * 24 * 3600
_CHINA_OFFSET_MINUTES = 480


def read_pack(source: str) -> Policy:
    """The policy a pack states. Raises PackRefused with every fault found."""
    faults: list[PackFault] = []
    try:
        values = tomllib.loads(source.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as fault:
        raise PackRefused((PackFault("", _not_toml(str(fault))),)) from None
    policy = _read_policy(Table(values, "", faults))
    if faults:
        raise PackRefused(tuple(faults))
    return policy


def _not_toml(said: str) -> Text:
    """Chinese tells the place that Python's reader names in its sentence, if it names one."""
    place = re.search(r"\(at line (\d+), column (\d+)\)", said)
    where = f"：错在第 {place[1]} 行第 {place[2]} 列" if place else ""
    return Text(f"不是有效的 TOML{where}", f"is not TOML: {said}")


def _read_policy(table: Table) -> Policy:
    code = table.required("code", CODE)
    title = table.required("title", BILINGUAL)
    document = table.required("document", BILINGUAL)
    utc_offset_minutes = table.default("utc_offset_minutes", whole(-720, 840), _CHINA_OFFSET_MINUTES)
    hold_ttl_seconds = table.default("hold_ttl_seconds", whole(1, _WEEK_SECONDS), HOLD_TTL_SECONDS)
    sections = Sections(
        clauses=table.required("clauses", table_of(_read_clauses)),
        pools=table.required("pools", some_of(_POOL)),
        programmes=table.required("programmes", some_of(_PROGRAMME)),
        categories=table.required("categories", some_of(_CATEGORY)),
        consumer_caps=table.default("consumer_caps", list_of(_CONSUMER_CAP), ()),
    )
    table.close()
    check_references(sections, table.faults)
    pool_of = {pool.programme: pool.code for pool in sections.pools}
    return Policy(
        code=code,
        title=title,
        document=document,
        clauses=sections.clauses,
        utc_offset_minutes=utc_offset_minutes,
        hold_ttl_seconds=hold_ttl_seconds,
        programmes={p.code: replace(p, pool=pool_of.get(p.code, "")) for p in sections.programmes},
        categories={category.code: category for category in sections.categories},
        consumer_caps=sections.consumer_caps,
        pools={pool.code: pool for pool in sections.pools},
    )


class _Origin(TypedDict):
    """Where a rule comes from, and what was assumed."""

    clause: str
    provisional: bool
    note: Text | None


def _origin(table: Table) -> _Origin:
    return _Origin(
        clause=table.required("clause", CODE),
        provisional=table.default("provisional", FLAG, default=False),
        note=table.optional("note", BILINGUAL),
    )


def _read_clauses(table: Table) -> dict[str, Text]:
    return {code: table.required(code, BILINGUAL) for code in table.values}


def _read_pool(table: Table) -> Pool:
    return Pool(
        code=table.required("code", CODE),
        programme=table.required("programme", CODE),
        title=table.required("title", BILINGUAL),
        shares=table.required("shares", some_of(_SHARE)),
        **_origin(table),
    )


def _read_share(table: Table) -> Share:
    return Share(
        funder=table.required("funder", CODE),
        title=table.required("title", BILINGUAL),
        share_bps=table.required("share_bps", BPS),
    )


def _read_rounding(table: Table) -> Rounding:
    return Rounding(
        mode=table.default("mode", choice(RoundingMode), RoundingMode.HALF_UP),
        unit_fen=table.default("unit_fen", FEN, 1),
    )


def _read_programme(table: Table) -> Programme:
    programme = Programme(
        code=table.required("code", CODE),
        title=table.required("title", BILINGUAL),
        pool="",
        rounding=table.default("rounding", _ROUNDING, Rounding()),
        at_consumer_cap=table.default("at_consumer_cap", choice(AtLimit), AtLimit.REDUCE),
        at_pool_end=table.default("at_pool_end", choice(AtLimit), AtLimit.REDUCE),
        refund_restores=table.default("refund_restores", choice(Restores), Restores.IMMEDIATE),
        min_age_years=table.optional("min_age_years", _AGE),
        from_date=table.optional("from_date", DAY),
        until_date=table.optional("until_date", DAY),
        open=table.default("open", FLAG, default=True),
        paused_reason=table.optional("paused_reason", BILINGUAL),
        **_origin(table),
    )
    if not programme.open and programme.paused_reason is None:
        missing = Text("缺少此项：未开放的项目必须说明原因", "is missing: a programme that is not open must say why")
        table.note("paused_reason", missing)
    return programme


def _read_category(table: Table) -> Category:
    code = table.required("code", CODE)
    return Category(
        code=code,
        programme=table.required("programme", CODE),
        title=table.required("title", BILINGUAL),
        amount=table.required("amount", AMOUNT),
        item_cap_fen=table.optional("item_cap_fen", FEN),
        price_ceiling_fen=table.optional("price_ceiling_fen", FEN),
        count_limit=table.optional("count_limit", _count_limit(code)),
        grade_source=table.optional("grade_source", choice(GradeSource)),
        requires_trade_in=table.default("requires_trade_in", CODES, ()),
        min_age_years=table.optional("min_age_years", _AGE),
        from_date=table.optional("from_date", DAY),
        until_date=table.optional("until_date", DAY),
        alternatives=table.default("alternatives", CODES, ()),
        **_origin(table),
    )


def _count_limit(category_code: str) -> Kind[CountLimit]:
    def read(table: Table) -> CountLimit:
        return CountLimit(
            code=table.default("code", CODE, category_code),
            units=table.required("units", whole(1, 1_000_000)),
        )

    return table_of(read)


def _read_consumer_cap(table: Table) -> ConsumerCap:
    return ConsumerCap(
        code=table.required("code", CODE),
        title=table.required("title", BILINGUAL),
        cap_fen=table.required("cap_fen", FEN),
        covers=frozenset(table.required("covers", some_of(CODE))),
        period=table.default("period", choice(CapPeriod), CapPeriod.POLICY),
        **_origin(table),
    )


_AGE = whole(1, 150)
_ROUNDING = table_of(_read_rounding)
_SHARE = table_of(_read_share)
_POOL = table_of(_read_pool)
_PROGRAMME = table_of(_read_programme)
_CATEGORY = table_of(_read_category)
_CONSUMER_CAP = table_of(_read_consumer_cap)
