import re

import pytest

from app.domain.ids import lane_of, new_id
from app.domain.lanes import LANE_INDEXES, LANE_VALUES

LOW, HIGH = bytes(10), b"\xff" * 10


def test_lanes_are_64_different_values():
    assert len(LANE_VALUES) == 64
    assert len(set(LANE_VALUES)) == 64
    assert [LANE_VALUES[LANE_INDEXES[value]] for value in LANE_VALUES] == list(LANE_VALUES)


@pytest.mark.parametrize("prefix", ["co_", "re_", "bl_"])
def test_an_id_tells_the_lane_it_was_made_for(prefix: str):
    lanes = [lane_of(new_id(prefix, index, 1_762_000_000_000, HIGH)) for index in range(64)]

    assert lanes == list(LANE_VALUES)


def test_an_id_has_the_letters_of_crockford():
    assert re.fullmatch(r"co_1z[0-9a-hjkmnp-tv-z]{26}", new_id("co_", 63, 1_762_000_000_000, HIGH))
    assert new_id("key_", None, 0, LOW) == "key_" + "0" * 26
    assert new_id("key_", None, 2**50 - 1, HIGH) == "key_" + "z" * 26


def test_ids_of_a_lane_sort_by_time():
    ids = [new_id("co_", 7, now_ms, HIGH if now_ms % 2 else LOW) for now_ms in range(1_000, 1_100)]

    assert sorted(ids) == ids


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        "co_",
        "cn_" + new_id("co_", 1, 0, LOW)[3:],
        new_id("co_", 1, 0, LOW)[:-1],
        new_id("co_", 1, 0, LOW) + "0",
        new_id("co_", 1, 0, LOW).upper(),
        new_id("co_", 64, 0, LOW),
        new_id("co_", 1, 0, LOW)[:-1] + "u",
        "co_\u0660\u0661" + "0" * 26,
        new_id("co_", 1, 0, LOW) + "\n",
    ],
)
def test_what_we_cannot_have_made_names_no_lane(foreign: str):
    assert lane_of(foreign) is None


def test_too_little_chance_is_refused():
    with pytest.raises(ValueError, match="10 random bytes"):
        new_id("co_", 1, 0, b"short")
