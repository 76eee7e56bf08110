"""The line to be explained, and the words its sentences are made of."""

from typing import NamedTuple

from app.domain.money import WHOLE_BPS, yuan
from app.domain.policy.model import Category, GradeSource, Policy, Programme, Text

_GOODS = Text(zh="该商品", en="This product")
_PROGRAMME = Text(zh="该补贴项目", en="This programme")


Words = tuple[str, str]
"""A part of a sentence in Chinese and in English."""

_NOTHING: Words = ("", "")


class ExplainedLine(NamedTuple):
    """Amounts cover all units; `price_fen` is that of one. `note` is the operator's word on a pause."""

    policy: Policy
    programme: Programme | None
    category: Category | None
    price_fen: int
    quantity: int
    grade: int | None
    rate_bps: int | None
    entitled_fen: int
    subsidy_fen: int
    limited_by: str | None
    note: str | None

    @property
    def title(self) -> Text:
        return _GOODS if self.category is None else self.category.title

    @property
    def programme_title(self) -> Text:
        return _PROGRAMME if self.programme is None else self.programme.title

    @property
    def label(self) -> Words:
        """The grade and what it grades, with a leading blank or comma; empty for goods without a label."""
        if self.category is None or self.category.grade_source is None or self.grade is None:
            return _NOTHING
        if self.category.grade_source is GradeSource.ENERGY:
            return f" {self.grade}级能效", f", energy grade {self.grade}"
        return f" {self.grade}级水效", f", water grade {self.grade}"

    @property
    def clause(self) -> Words:
        """The document the category's rules come from, in brackets."""
        if self.category is None:
            return _NOTHING
        clause = self.policy.clauses[self.category.clause]
        return f"（依据{clause.zh}）", f" ({clause.en})"

    @property
    def cap(self) -> Words:
        """The first consumer cap that covers the programme."""
        for cap in self.policy.consumer_caps:
            if self.programme is not None and self.programme.code in cap.covers:
                amount = yuan(cap.cap_fen)
                return f"个人累计补贴上限{amount}元", f"the buyer's cumulative cap of {amount} yuan"
        return "个人累计补贴上限", "the buyer's cumulative cap"

    @property
    def yearly_limit(self) -> Words:
        limit = None if self.category is None else self.category.count_limit
        if limit is None:
            return "每人每年限购件数", "the limit for each buyer and year"
        return f"每人每年限{limit.units}件", f"the limit of {limit.units} for each buyer and year"


def percent(rate_bps: int) -> str:
    """2000 is `20%`, 1250 is `12.5%`."""
    whole, rest = divmod(rate_bps, WHOLE_BPS // 100)
    return f"{whole}.{rest:02d}".rstrip("0") + "%" if rest else f"{whole}%"
