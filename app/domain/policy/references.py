"""What a pack's parts say about one another: every name is known, no name is given twice."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from itertools import chain
from typing import NamedTuple, TypeVar

from app.domain.money import WHOLE_BPS
from app.domain.policy.faults import PackFault, entry_names
from app.domain.policy.model import Category, ConsumerCap, CountLimit, Pool, Programme, Text

Note = Callable[[str, str, str], None]
"""Takes a key, and the reason in Chinese and English."""

Rule = TypeVar("Rule", Pool, Programme, Category, ConsumerCap)

_CLAUSE = Text("条款", "clause")
_PROGRAMME = Text("项目", "programme")
_CATEGORY = Text("品类", "category")


class Sections(NamedTuple):
    """In the order of the file. A part that could not be read has an empty code and is passed over."""

    clauses: Mapping[str, Text]
    pools: tuple[Pool, ...]
    programmes: tuple[Programme, ...]
    categories: tuple[Category, ...]
    consumer_caps: tuple[ConsumerCap, ...]


def check_references(sections: Sections, faults: list[PackFault]) -> None:
    """Adds every fault it finds to `faults`."""

    def note(key: str, zh: str, en: str) -> None:
        faults.append(PackFault(key, Text(zh, en)))

    _check_codes(sections, note)
    _check_origins(sections, note)
    _check_pools(sections, note)
    _check_programmes(sections, note)
    _check_categories(sections, note)
    _check_count_limits(sections, note)
    _check_consumer_caps(sections, note)


def _keyed(section: str, rules: Sequence[Rule]) -> list[tuple[str, Rule]]:
    """The rules of a section with the keys of their places."""
    names = entry_names([rule.code for rule in rules])
    return [(f"{section}[{name}]", rule) for name, rule in zip(names, rules, strict=True)]


def _keyed_sections(sections: Sections) -> list[list[tuple[str, Pool | Programme | Category | ConsumerCap]]]:
    return [
        [*_keyed("pools", sections.pools)],
        [*_keyed("programmes", sections.programmes)],
        [*_keyed("categories", sections.categories)],
        [*_keyed("consumer_caps", sections.consumer_caps)],
    ]


def _check_codes(sections: Sections, note: Note) -> None:
    for rules in _keyed_sections(sections):
        first: dict[str, str] = {}
        for key, rule in rules:
            if rule.code and first.setdefault(rule.code, key) != key:
                taken = first[rule.code]
                note(f"{key}.code", f"`{rule.code}` 已用于 {taken}", f"`{rule.code}` is already {taken}")


def _check_origins(sections: Sections, note: Note) -> None:
    for key, rule in chain.from_iterable(_keyed_sections(sections)):
        _check_name(f"{key}.clause", _CLAUSE, rule.clause, sections.clauses, note)
        if rule.provisional and rule.note is None:
            note(
                f"{key}.note",
                "缺少此项：暂定的规则必须写明所作的假设",
                "is missing: what is provisional must say what was assumed",
            )


def _check_pools(sections: Sections, note: Note) -> None:
    programmes = [programme.code for programme in sections.programmes]
    payer: dict[str, str] = {}
    for key, pool in _keyed("pools", sections.pools):
        paid = pool.programme
        _check_name(f"{key}.programme", _PROGRAMME, paid, programmes, note)
        if paid and payer.setdefault(paid, pool.code) != pool.code:
            first = payer[paid]
            note(f"{key}.programme", f"`{paid}` 已由 `{first}` 出资", f"`{paid}` is already paid from `{first}`")
        total_bps = sum(share.share_bps for share in pool.shares)
        if pool.shares and total_bps != WHOLE_BPS:
            zh = f"share_bps 合计为 {total_bps}，应为 {WHOLE_BPS}"
            note(f"{key}.shares", zh, f"share_bps sum to {total_bps}, not {WHOLE_BPS}")
        _check_once(f"{key}.shares", (share.funder for share in pool.shares), note)


def _check_programmes(sections: Sections, note: Note) -> None:
    paid = {pool.programme for pool in sections.pools}
    used = {category.programme for category in sections.categories}
    for key, programme in _keyed("programmes", sections.programmes):
        code = programme.code
        _check_days(key, programme.from_date, programme.until_date, note)
        if code and code not in paid:
            note(key, f"没有资金池为 `{code}` 出资", f"no pool pays for `{code}`")
        if code and code not in used:
            note(key, f"`{code}` 没有任何品类", f"`{code}` has no category")


def _check_categories(sections: Sections, note: Note) -> None:
    programmes = {programme.code: programme for programme in sections.programmes}
    categories = {category.code: category for category in sections.categories}
    for key, category in _keyed("categories", sections.categories):
        _check_name(f"{key}.programme", _PROGRAMME, category.programme, programmes, note)
        _check_days(key, category.from_date, category.until_date, note)
        for number, code in enumerate(category.requires_trade_in, 1):
            _check_name(f"{key}.requires_trade_in[{number}]", _CATEGORY, code, categories, note)
        for number, code in enumerate(category.alternatives, 1):
            _check_alternative(f"{key}.alternatives[{number}]", code, category, categories, note)
        _check_once(f"{key}.requires_trade_in", category.requires_trade_in, note)
        _check_once(f"{key}.alternatives", category.alternatives, note)
        programme = programmes.get(category.programme)
        if programme is not None and _never_together(category, programme):
            note(
                f"{key}.from_date",
                f"其日期完全落在项目 `{programme.code}` 的日期之外",
                f"its days lie wholly outside those of programme `{programme.code}`",
            )


def _check_alternative(key: str, code: str, category: Category, categories: Mapping[str, Category], note: Note) -> None:
    _check_name(key, _CATEGORY, code, categories, note)
    other = categories.get(code)
    if code and code == category.code:
        note(key, f"`{code}` 就是本品类", f"`{code}` is the category itself")
    elif other is not None and other.programme == category.programme:
        same = other.programme
        note(key, f"`{code}` 属于同一项目 `{same}`", f"`{code}` is in the same programme `{same}`")


def _check_count_limits(sections: Sections, note: Note) -> None:
    shared: dict[str, CountLimit] = {}
    for key, category in _keyed("categories", sections.categories):
        limit = category.count_limit
        if limit is not None and limit.code and shared.setdefault(limit.code, limit).units != limit.units:
            first = shared[limit.code].units
            note(
                f"{key}.count_limit.units",
                f"此处为 {limit.units}，但 `{limit.code}` 在前文为 {first}",
                f"{limit.units}, but `{limit.code}` counts to {first} above",
            )


def _check_consumer_caps(sections: Sections, note: Note) -> None:
    programmes = [programme.code for programme in sections.programmes]
    for key, cap in _keyed("consumer_caps", sections.consumer_caps):
        for code in sorted(cap.covers):
            _check_name(f"{key}.covers", _PROGRAMME, code, programmes, note)


def _check_name(key: str, what: Text, name: str, names: Iterable[str], note: Note) -> None:
    known = [*names]
    if name and name not in known:
        close = get_close_matches(name, known, n=1)
        zh, en = f"没有名为 `{name}` 的{what.zh}", f"no {what.en} is called `{name}`"
        if close:
            zh, en = f"{zh}；是否应为 `{close[0]}`？", f"{en}; did you mean `{close[0]}`?"
        note(key, zh, en)


def _check_once(key: str, names: Iterable[str], note: Note) -> None:
    for name, times in Counter(names).items():
        if name and times > 1:
            note(key, f"`{name}` 在此出现 {times} 次", f"`{name}` stands here {times} times")


def _check_days(key: str, from_date: date | None, until_date: date | None, note: Note) -> None:
    if from_date is not None and until_date is not None and until_date < from_date:
        zh = f"{until_date} 早于 from_date {from_date}"
        note(f"{key}.until_date", zh, f"{until_date} is before from_date {from_date}")


def _never_together(category: Category, programme: Programme) -> bool:
    first = max(category.from_date or date.min, programme.from_date or date.min)
    last = min(category.until_date or date.max, programme.until_date or date.max)
    days_are_sound = all(
        (rule.from_date or date.min) <= (rule.until_date or date.max) for rule in (category, programme)
    )
    return days_are_sound and last < first
