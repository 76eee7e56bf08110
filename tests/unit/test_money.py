"""Rounding, splitting and writing of amounts, to the fen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Rounding, RoundingMode, rate_of, round_fen, split_by_shares, yuan

shares = st.lists(st.integers(0, 10_000), max_size=5).map(
    lambda cuts: [b - a for a, b in zip([0, *sorted(cuts)], [*sorted(cuts), 10_000], strict=True)]
)


@pytest.mark.parametrize(
    ("mode", "halves"),
    [
        (RoundingMode.HALF_UP, [0, 1, 1, 2, 2, 3]),
        (RoundingMode.DOWN, [0, 0, 1, 1, 2, 2]),
        (RoundingMode.UP, [0, 1, 1, 2, 2, 3]),
        (RoundingMode.HALF_EVEN, [0, 0, 1, 2, 2, 2]),
    ],
)
def test_a_half_goes_where_the_mode_sends_it(mode: RoundingMode, halves: list[int]):
    assert [round_fen(n, 2, Rounding(mode)) for n in range(6)] == halves


@pytest.mark.parametrize(
    ("mode", "rounded"),
    [
        (RoundingMode.HALF_UP, 12_300),
        (RoundingMode.DOWN, 12_300),
        (RoundingMode.UP, 12_400),
        (RoundingMode.HALF_EVEN, 12_300),
    ],
)
def test_an_amount_can_be_rounded_to_whole_yuan(mode: RoundingMode, rounded: int):
    assert round_fen(12_349, 1, Rounding(mode, unit_fen=100)) == rounded


def test_half_up_to_tens_of_yuan_goes_up_at_the_half():
    assert round_fen(1_499, 1, Rounding(unit_fen=1000)) == 1000
    assert round_fen(1_500, 1, Rounding(unit_fen=1000)) == 2000


def test_a_whole_multiple_of_the_unit_stays_as_it_is_in_every_mode():
    assert {round_fen(500, 1, Rounding(mode, unit_fen=100)) for mode in RoundingMode} == {500}


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 1), (1, 0), (1, -1)])
def test_amounts_below_zero_are_not_rounded(numerator: int, denominator: int):
    with pytest.raises(ValueError, match="not negative"):
        round_fen(numerator, denominator, Rounding())


@given(st.integers(0, 10**12), st.integers(1, 10_000), st.integers(1, 1000))
def test_rounding_moves_an_amount_by_less_than_one_unit_and_modes_keep_their_order(
    price_fen: int, rate_bps: int, unit_fen: int
):
    down, half_up, up = (
        rate_of(price_fen, rate_bps, Rounding(mode, unit_fen))
        for mode in (RoundingMode.DOWN, RoundingMode.HALF_UP, RoundingMode.UP)
    )
    assert down <= half_up <= up <= down + unit_fen
    assert down * 10_000 <= price_fen * rate_bps <= up * 10_000


@given(st.integers(0, 10**15), shares)
def test_shares_of_an_amount_sum_to_it_and_none_is_off_by_a_fen(amount_fen: int, shares_bps: list[int]):
    parts = split_by_shares(amount_fen, shares_bps)
    assert sum(parts) == amount_fen
    for part_fen, share_bps in zip(parts, shares_bps, strict=True):
        assert abs(part_fen * 10_000 - amount_fen * share_bps) < 10_000


def test_the_odd_fen_goes_to_the_largest_remainder_and_then_to_the_first():
    assert split_by_shares(17_998, [9000, 1000]) == (16_198, 1_800)
    assert split_by_shares(1, [5000, 5000]) == (1, 0)
    assert split_by_shares(100, [3333, 3333, 3334]) == (33, 33, 34)
    assert split_by_shares(0, [9000, 1000]) == (0, 0)


@pytest.mark.parametrize(("amount_fen", "shares_bps"), [(-1, [10_000]), (1, [9_999]), (1, [])])
def test_what_cannot_be_split_exactly_is_refused(amount_fen: int, shares_bps: list[int]):
    with pytest.raises(ValueError, match="shares that sum to 10000"):
        split_by_shares(amount_fen, shares_bps)


@pytest.mark.parametrize(
    ("fen", "written"),
    [(0, "0.00"), (5, "0.05"), (123_450, "1,234.50"), (-1, "-0.01"), (150_000_000, "1,500,000.00")],
)
def test_fen_are_written_as_yuan(fen: int, written: str):
    assert yuan(fen) == written
