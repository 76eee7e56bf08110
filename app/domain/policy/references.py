"""What a pack's parts say about one another: every name is known, no name is given twice."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple

from app.domain.money import WHOLE_BPS
from app.domain.policy.faults import PackFault
from app.domain.policy.model import Category, ConsumerCap, CountLimit, Pool, Programme, Text

Note = Callable[[str, str], None]


class Sections(NamedTuple):
    """In the order of the file. A part that could not be read has an empty code and is passed over."""

    clauses: Mapping[str, Text]
    pools: tuple[Pool, ...]
    programmes: tuple[Programme, ...]
    categories: tuple[Category, ...]
    consumer_caps: tuple[ConsumerCap, ...]


def check_references(sections: Sections, faults: list[PackFault]) -> None:
    """Adds every fault it finds to `faults`."""

    def note(key: str, reason: str) -> None:
        faults.append(PackFault(key, reason))

    _check_codes(sections, note)
    _check_origins(sections, note)
    _check_pools(sections, note)
    _check_programmes(sections, note)
    _check_categories(sections, note)
    _check_count_limits(sections, note)
    _check_consumer_caps(sections, note)


def _check_codes(sections: Sections, note: Note) -> None:
    parts: Mapping[str, Sequence[Pool | Programme | Category | ConsumerCap]] = {
        "pools": sections.pools,
        "programmes": sections.programmes,
        "categories": sections.categories,
        "consumer_caps": sections.consumer_caps,
    }
    for section, rules in parts.items():
        first: dict[str, int] = {}
        for i, rule in enumerate(rules):
            if rule.code and first.setdefault(rule.code, i) != i:
                note(f"{section}[{i}].code", f"`{rule.code}` is already {section}[{first[rule.code]}]")


def _check_origins(sections: Sections, note: Note) -> None:
    rules: list[tuple[str, Pool | Programme | Category | ConsumerCap]] = [
        *((f"pools[{i}]", pool) for i, pool in enumerate(sections.pools)),
        *((f"programmes[{i}]", programme) for i, programme in enumerate(sections.programmes)),
        *((f"categories[{i}]", category) for i, category in enumerate(sections.categories)),
        *((f"consumer_caps[{i}]", cap) for i, cap in enumerate(sections.consumer_caps)),
    ]
    for key, rule in rules:
        _check_name(f"{key}.clause", "clause", rule.clause, sections.clauses, note)
        if rule.provisional and rule.note is None:
            note(f"{key}.note", "is missing: what is provisional must say what was assumed")


def _check_pools(sections: Sections, note: Note) -> None:
    programmes = [programme.code for programme in sections.programmes]
    payer: dict[str, str] = {}
    for i, pool in enumerate(sections.pools):
        _check_name(f"pools[{i}].programme", "programme", pool.programme, programmes, note)
        if pool.programme and payer.setdefault(pool.programme, pool.code) != pool.code:
            note(f"pools[{i}].programme", f"`{pool.programme}` is already paid from `{payer[pool.programme]}`")
        total_bps = sum(share.share_bps for share in pool.shares)
        if pool.shares and total_bps != WHOLE_BPS:
            note(f"pools[{i}].shares", f"share_bps sum to {total_bps}, not {WHOLE_BPS}")
        _check_once(f"pools[{i}].shares", (share.funder for share in pool.shares), note)


def _check_programmes(sections: Sections, note: Note) -> None:
    paid = {pool.programme for pool in sections.pools}
    used = {category.programme for category in sections.categories}
    for i, programme in enumerate(sections.programmes):
        _check_days(f"programmes[{i}]", programme.from_date, programme.until_date, note)
        if programme.code and programme.code not in paid:
            note(f"programmes[{i}]", f"no pool pays for `{programme.code}`")
        if programme.code and programme.code not in used:
            note(f"programmes[{i}]", f"`{programme.code}` has no category")


def _check_categories(sections: Sections, note: Note) -> None:
    programmes = {programme.code: programme for programme in sections.programmes}
    categories = {category.code: category for category in sections.categories}
    for i, category in enumerate(sections.categories):
        key = f"categories[{i}]"
        _check_name(f"{key}.programme", "programme", category.programme, programmes, note)
        _check_days(key, category.from_date, category.until_date, note)
        for j, code in enumerate(category.requires_trade_in):
            _check_name(f"{key}.requires_trade_in[{j}]", "category", code, categories, note)
        for j, code in enumerate(category.alternatives):
            _check_name(f"{key}.alternatives[{j}]", "category", code, categories, note)
            other = categories.get(code)
            if code and code == category.code:
                note(f"{key}.alternatives[{j}]", f"`{code}` is the category itself")
            elif other is not None and other.programme == category.programme:
                note(f"{key}.alternatives[{j}]", f"`{code}` is in the same programme `{other.programme}`")
        _check_once(f"{key}.requires_trade_in", category.requires_trade_in, note)
        _check_once(f"{key}.alternatives", category.alternatives, note)
        programme = programmes.get(category.programme)
        if programme is not None and _never_together(category, programme):
            note(f"{key}.from_date", f"its days lie wholly outside those of programme `{programme.code}`")


def _check_count_limits(sections: Sections, note: Note) -> None:
    shared: dict[str, CountLimit] = {}
    for i, category in enumerate(sections.categories):
        limit = category.count_limit
        if limit is not None and limit.code and shared.setdefault(limit.code, limit).units != limit.units:
            first = shared[limit.code].units
            note(
                f"categories[{i}].count_limit.units",
                f"{limit.units}, but `{limit.code}` counts to {first} above",
            )


def _check_consumer_caps(sections: Sections, note: Note) -> None:
    programmes = [programme.code for programme in sections.programmes]
    for i, cap in enumerate(sections.consumer_caps):
        for code in sorted(cap.covers):
            _check_name(f"consumer_caps[{i}].covers", "programme", code, programmes, note)


def _check_name(key: str, what: str, name: str, names: Iterable[str], note: Note) -> None:
    known = [*names]
    if name and name not in known:
        close = get_close_matches(name, known, n=1)
        note(key, f"no {what} is called `{name}`" + (f"; did you mean `{close[0]}`?" if close else ""))


def _check_once(key: str, names: Iterable[str], note: Note) -> None:
    for name, times in Counter(names).items():
        if name and times > 1:
            note(key, f"`{name}` stands here {times} times")


def _check_days(key: str, from_date: date | None, until_date: date | None, note: Note) -> None:
    if from_date is not None and until_date is not None and until_date < from_date:
        note(f"{key}.until_date", f"{until_date} is before from_date {from_date}")


def _never_together(category: Category, programme: Programme) -> bool:
    first = max(category.from_date or date.min, programme.from_date or date.min)
    last = min(category.until_date or date.max, programme.until_date or date.max)
    days_are_sound = all(
        (rule.from_date or date.min) <= (rule.until_date or date.max) for rule in (category, programme)
    )
    return days_are_sound and last < first
