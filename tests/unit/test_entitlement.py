"""What one line earns, to the fen, by the Changchun pack and by every other rule the language can state."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import app
from app.domain.entitlement import Entitlement, Item, TradeIn, age_on, entitle, reprice
from app.domain.money import Rounding, RoundingMode
from app.domain.policy.amount import AmountRule, Band, Bands, Battery, Bonus, FixedSum, Rates
from app.domain.policy.model import Category, Policy
from app.domain.policy.pack import read_pack
from app.domain.reasons import LimitedBy, Reason

DAY = date(2030, 6, 15)
CHANGCHUN = read_pack((Path(app.__file__).parent / "policies" / "changchun-2025.toml").read_text("utf-8"))
OLD_LITHIUM = TradeIn("E01", "lithium")
OLD_LEAD_ACID = TradeIn("E01", "lead_acid")


def earns(
    category: str,
    price_fen: int,
    grade: int | None = None,
    *,
    quantity: int = 1,
    trade_in: TradeIn | None = None,
    born: date | None = None,
    on: date = DAY,
    policy: Policy = CHANGCHUN,
) -> Entitlement:
    item = Item(price_fen, quantity, grade, trade_in)
    return entitle(policy, policy.categories[category], item, birth_date=born, on_date=on)


def changed(
    category: str = "A01",
    *,
    rounding: Rounding | None = None,
    amount: AmountRule | None = None,
    item_cap_fen: int | None = None,
    from_date: date | None = None,
    until_date: date | None = None,
) -> Policy:
    """The Changchun pack with one category, or its programme's rounding, changed."""
    old = CHANGCHUN.categories[category]
    new = replace(
        old,
        amount=amount or old.amount,
        item_cap_fen=item_cap_fen or old.item_cap_fen,
        from_date=from_date,
        until_date=until_date,
    )
    programme = CHANGCHUN.programmes[old.programme]
    programme = replace(programme, rounding=rounding or programme.rounding)
    return replace(
        CHANGCHUN,
        categories={**CHANGCHUN.categories, category: new},
        programmes={**CHANGCHUN.programmes, programme.code: programme},
    )


VECTORS = [
    # price, rate, cap, half up, down: the table of the reference, all in fen and basis points
    (333_333, 1500, 50_000, 50_000, 49_999),
    (299_997, 1500, 50_000, 45_000, 44_999),
    (600_000, 1500, 50_000, 50_000, 50_000),
    (129_990, 2000, 200_000, 25_998, 25_998),
    (239_999, 1500, 200_000, 36_000, 35_999),
    (999_999, 2000, 200_000, 200_000, 199_999),
    (1_333_333, 1500, 200_000, 200_000, 199_999),
    (999_999, 1500, 150_000, 150_000, 149_999),
    (666_667, 3000, 200_000, 200_000, 200_000),
    (3, 1500, 200_000, 0, 0),
]


@pytest.mark.parametrize(("price_fen", "rate_bps", "cap_fen", "half_up_fen", "down_fen"), VECTORS)
def test_the_amount_vectors_of_the_reference_hold_to_the_fen(
    price_fen: int, rate_bps: int, cap_fen: int, half_up_fen: int, down_fen: int
):
    amount = AmountRule(Rates({}, any_bps=rate_bps))
    for mode, expected_fen in ((RoundingMode.HALF_UP, half_up_fen), (RoundingMode.DOWN, down_fen)):
        policy = changed(amount=amount, item_cap_fen=cap_fen, rounding=Rounding(mode))
        line = earns("A01", price_fen, policy=policy)
        assert line.entitled_fen == expected_fen
        assert line.reason == (None if expected_fen else Reason.ZERO_SUBSIDY)


@pytest.mark.parametrize(
    ("category", "grade", "price_fen", "earned"),
    [
        ("A01", 1, 899_900, (179_980, 2000, None)),
        ("A01", 2, 899_900, (134_985, 1500, None)),
        ("A01", 1, 1_000_000, (200_000, 2000, None)),
        ("A01", 1, 1_000_003, (200_000, 2000, LimitedBy.ITEM_CAP)),
        ("N04", None, 239_999, (36_000, 1500, None)),
        ("N04", 1, 129_990, (25_998, 2000, None)),
        ("D01", None, 299_997, (45_000, 1500, None)),
        ("D01", None, 333_333, (50_000, 1500, None)),
        ("D01", None, 600_000, (50_000, 1500, LimitedBy.ITEM_CAP)),
        ("H12", 1, 129_990, (25_998, 2000, None)),
        ("H12", 2, 239_999, (36_000, 1500, None)),
        ("H12", None, 239_999, (36_000, 1500, None)),
        ("H01", 1, 239_999, (36_000, 1500, None)),
    ],
)
def test_the_changchun_pack_pays_what_the_plan_says(
    category: str, grade: int | None, price_fen: int, earned: tuple[int, int, LimitedBy | None]
):
    assert earns(category, price_fen, grade) == (*earned, None)


def test_rounding_and_the_item_cap_are_per_unit():
    assert earns("H02", 3, quantity=10_000).reason == Reason.ZERO_SUBSIDY
    assert earns("H02", 1_111, quantity=3).entitled_fen == 3 * 167
    assert earns("H02", 2_000_000, quantity=2).entitled_fen == 400_000


@pytest.mark.parametrize("grade", [None, 3, 5])
def test_an_appliance_without_one_of_the_two_best_grades_is_not_in_the_policy(grade: int | None):
    assert earns("A01", 899_900, grade) == (0, None, None, Reason.CATEGORY_NOT_IN_POLICY)


def test_a_city_category_with_a_poor_grade_earns_nothing_though_one_without_a_label_does():
    assert earns("N04", 239_999, 3).reason == Reason.CATEGORY_NOT_IN_POLICY


def test_the_price_ceiling_itself_is_still_subsidised():
    assert earns("D01", 600_000).entitled_fen == 50_000
    assert earns("D01", 600_001) == (0, None, None, Reason.PRICE_ABOVE_CEILING)


@pytest.mark.parametrize(
    ("price_fen", "grade", "trade_in", "entitled_fen", "limited_by"),
    [
        (199_900, 1, OLD_LEAD_ACID, 39_980, None),
        (199_900, 1, OLD_LITHIUM, 49_980, None),
        (199_900, None, OLD_LITHIUM, 49_980, None),
        (199_900, 2, OLD_LITHIUM, 39_980, None),
        (399_900, 1, OLD_LEAD_ACID, 50_000, LimitedBy.ITEM_CAP),
        (399_900, 1, OLD_LITHIUM, 60_000, LimitedBy.ITEM_CAP),
        (250_000, 1, OLD_LITHIUM, 60_000, None),
        (399_900, 1, TradeIn("E01"), 50_000, LimitedBy.ITEM_CAP),
    ],
)
def test_an_e_bike_earns_a_bonus_when_lithium_gives_way_to_lead_acid(
    price_fen: int, grade: int | None, trade_in: TradeIn, entitled_fen: int, limited_by: LimitedBy | None
):
    line = earns("E01", price_fen, grade, trade_in=trade_in)
    assert (line.entitled_fen, line.limited_by) == (entitled_fen, limited_by)


@pytest.mark.parametrize("trade_in", [None, TradeIn("A01")])
def test_an_e_bike_needs_an_old_e_bike(trade_in: TradeIn | None):
    assert earns("E01", 199_900, trade_in=trade_in).reason == Reason.TRADE_IN_REQUIRED


def test_one_is_old_enough_on_the_birthday_itself():
    born = date(1970, 6, 15)
    assert earns("W01", 666_667, born=born, on=date(2030, 6, 14)).reason == Reason.CONSUMER_NOT_ELIGIBLE
    assert earns("W01", 666_667, born=born, on=date(2030, 6, 15)).entitled_fen == 200_000


def test_a_buyer_of_unknown_age_has_reached_none():
    assert earns("W01", 99_900).reason == Reason.CONSUMER_NOT_ELIGIBLE
    assert earns("A01", 99_900, 1).reason is None


def test_born_on_29_february_one_is_a_year_older_on_1_march_of_a_common_year():
    assert age_on(date(1972, 2, 29), date(2031, 2, 28)) == 58
    assert age_on(date(1972, 2, 29), date(2031, 3, 1)) == 59
    assert age_on(date(1972, 2, 29), date(2032, 2, 29)) == 60


def test_a_rule_holds_on_its_first_and_on_its_last_day():
    policy = changed(from_date=date(2030, 6, 10), until_date=date(2030, 6, 20))
    reasons = {day: earns("A01", 899_900, 1, on=date(2030, 6, day), policy=policy).reason for day in (9, 10, 20, 21)}
    assert reasons == {
        9: Reason.PROGRAMME_NOT_IN_EFFECT,
        10: None,
        20: None,
        21: Reason.PROGRAMME_NOT_IN_EFFECT,
    }


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2199])
def test_the_changchun_pack_names_no_end(year: int):
    assert earns("A01", 899_900, 1, on=date(year, 12, 31)).entitled_fen == 179_980


def test_the_first_reason_in_the_contracts_order_is_the_one_told():
    policy = changed("E01", until_date=date(2030, 1, 1))
    assert earns("E01", 1, on=DAY, policy=policy).reason == Reason.PROGRAMME_NOT_IN_EFFECT
    aged = replace(
        CHANGCHUN,
        categories={
            **CHANGCHUN.categories,
            "E01": replace(CHANGCHUN.categories["E01"], min_age_years=60, price_ceiling_fen=100),
        },
    )
    assert earns("E01", 1000, policy=aged).reason == Reason.CONSUMER_NOT_ELIGIBLE
    old = date(1950, 1, 1)
    assert earns("E01", 1000, born=old, policy=aged).reason == Reason.TRADE_IN_REQUIRED
    assert earns("E01", 1000, born=old, trade_in=OLD_LITHIUM, policy=aged).reason == Reason.PRICE_ABOVE_CEILING


def test_a_fixed_sum_never_exceeds_the_price():
    policy = changed(amount=AmountRule(FixedSum(50_000)))
    assert earns("A01", 300_000, policy=policy) == (50_000, None, None, None)
    assert earns("A01", 30_000, policy=policy).entitled_fen == 30_000


def test_bands_end_below_their_bound():
    bands = Bands((Band(5_000_000, sum_fen=300_000), Band(10_000_000, sum_fen=500_000), Band(None, rate_bps=600)))
    policy = changed(amount=AmountRule(bands), item_cap_fen=1_300_000)
    prices = (4_999_999, 5_000_000, 9_999_999, 10_000_000, 30_000_000)
    assert [earns("A01", price, policy=policy).entitled_fen for price in prices] == [
        300_000,
        500_000,
        500_000,
        600_000,
        1_300_000,
    ]
    assert earns("A01", 10_000_000, policy=policy).rate_bps == 600


def test_a_flat_sum_can_carry_a_bonus():
    amount = AmountRule(FixedSum(50_000), bonuses=(Bonus(10_000, Battery.LITHIUM),))
    policy = changed("E01", amount=amount)
    assert earns("E01", 300_000, trade_in=OLD_LITHIUM, policy=policy).entitled_fen == 60_000
    assert earns("E01", 300_000, trade_in=OLD_LEAD_ACID, policy=policy).entitled_fen == 50_000


def test_rounding_up_to_whole_yuan_is_before_the_cap():
    policy = changed(rounding=Rounding(RoundingMode.UP, unit_fen=100))
    assert earns("A01", 129_990, 1, policy=policy).entitled_fen == 26_000
    assert earns("A01", 999_999, 1, policy=policy) == (200_000, 2000, None, None)


def category(code: str) -> Category:
    return CHANGCHUN.categories[code]


def test_a_lower_price_is_priced_again_whoever_the_buyer_and_whatever_the_day():
    assert reprice(CHANGCHUN, category("A01"), Item(799_900, 1, 1)) == 159_980
    assert reprice(CHANGCHUN, category("A01"), Item(799_900, 1, 5)) == 0
    assert reprice(CHANGCHUN, category("W01"), Item(99_900, 2)) == 2 * 29_970
    assert reprice(CHANGCHUN, category("E01"), Item(199_900, 1, 1, OLD_LITHIUM)) == 49_980
