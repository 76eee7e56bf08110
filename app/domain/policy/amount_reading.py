"""Reading an amount rule: `rates_bps`, `sum_fen` or `bands`, then `cap_fen` and `bonuses`."""

from itertools import pairwise

from app.domain.policy.amount import AmountRule, Band, Bands, Battery, Bonus, FixedSum, Rates
from app.domain.policy.model import Text
from app.domain.policy.reading import (
    BPS,
    FEN,
    FEN_OR_ZERO,
    Kind,
    Place,
    Table,
    Wrong,
    choice,
    list_of,
    some_of,
    table_of,
)

UNGRADED = "ungraded"
ANY = "any"
_GRADES = frozenset("123456789")
_NO_GRADE = Text(
    f'不是等级；应写 1 至 9、"{UNGRADED}" 或 "{ANY}"', f'is no grade; write 1 to 9, "{UNGRADED}" or "{ANY}"'
)


def _read_amount(table: Table) -> AmountRule:
    bases = [
        table.optional("rates_bps", _RATES),
        table.optional("sum_fen", _SUM),
        table.optional("bands", _BANDS),
    ]
    if sum(key in table.values for key in ("rates_bps", "sum_fen", "bands")) != 1:
        one = Text(
            "rates_bps、sum_fen、bands 三者必须且只能有一个",
            "an amount needs exactly one of rates_bps, sum_fen and bands",
        )
        table.note("rates_bps", one)
    return AmountRule(
        base=next((base for base in bases if base is not None), FixedSum(0)),
        cap_fen=table.optional("cap_fen", FEN),
        bonuses=table.default("bonuses", list_of(_BONUS), ()),
    )


def _read_rates(table: Table) -> Rates:
    rates: dict[str, int] = {}
    for key in table.values:
        if key in _GRADES or key in {UNGRADED, ANY}:
            rates[key] = table.required(key, BPS)
        else:
            table.known.add(key)
            table.note(key, _NO_GRADE)
    if not table.values:
        table.note(ANY, Text("至少要有一个等级的比例", "a rate is needed for at least one grade"))
    by_grade = {int(key): rate for key, rate in rates.items() if key in _GRADES}
    return Rates(by_grade, rates.get(UNGRADED), rates.get(ANY))


def _read_bands(place: Place) -> Bands:
    bands = some_of(_BAND).read(place)
    *bounded, last = bands
    ends = [band.below_fen for band in bounded]
    stated = [end for end in ends if end is not None]
    if last.below_fen is not None:
        no_end = "the last band must have no below_fen, so that every price falls in one"
        place.note(Text("最后一档不能有 below_fen，这样任何价格都落在某一档", no_end))
    if len(stated) < len(ends):
        place.note(Text("只有最后一档可以没有 below_fen", "only the last band may have no below_fen"))
    if any(end >= later for end, later in pairwise(stated)):
        place.note(Text("below_fen 必须逐档递增", "below_fen must rise from band to band"))
    return Bands(bands)


def _read_band(table: Table) -> Band:
    band = Band(
        below_fen=table.optional("below_fen", FEN),
        sum_fen=table.optional("sum_fen", FEN_OR_ZERO),
        rate_bps=table.optional("rate_bps", BPS),
    )
    if ("sum_fen" in table.values) == ("rate_bps" in table.values):
        one = Text("每一档的 sum_fen 与 rate_bps 必须且只能有一个", "a band needs exactly one of sum_fen and rate_bps")
        table.note("sum_fen", one)
    return band


def _read_bonus(table: Table) -> Bonus:
    return Bonus(
        sum_fen=table.required("sum_fen", FEN),
        old_battery=table.optional("old_battery", choice(Battery)),
        grades=frozenset(table.default("grades", list_of(_GRADE), ())),
    )


def _read_grade(place: Place) -> int | None:
    """None is goods without a grade."""
    if isinstance(place.value, int) and str(place.value) in _GRADES:
        return place.value
    if place.value != UNGRADED:
        raise Wrong(f'应为等级 1 至 9，或 "{UNGRADED}"', f'must be a grade from 1 to 9 or "{UNGRADED}"')
    return None


_RATES: Kind[Rates | FixedSum | Bands] = table_of(_read_rates)
_SUM: Kind[Rates | FixedSum | Bands] = Kind(lambda place: FixedSum(FEN.read(place)), FixedSum(0))
_BAND = table_of(_read_band)
_BANDS: Kind[Rates | FixedSum | Bands] = Kind(_read_bands, Bands(()))
_GRADE = Kind(_read_grade, None)
_BONUS = table_of(_read_bonus)
AMOUNT = table_of(_read_amount)
