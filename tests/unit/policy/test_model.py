"""What a policy answers about itself."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

import app
from app.domain.policy.model import CapPeriod, CountLimit, Restores
from app.domain.policy.pack import read_pack
from app.domain.reasons import Reason

PACK = read_pack((Path(app.__file__).parent / "policies" / "changchun-2025.toml").read_text("utf-8"))


def test_the_day_begins_at_midnight_of_the_policys_clock():
    assert PACK.local_date(datetime(2030, 12, 31, 15, 59, 59, tzinfo=UTC)) == date(2030, 12, 31)
    assert PACK.local_date(datetime(2030, 12, 31, 16, 0, tzinfo=UTC)) == date(2031, 1, 1)
    east = timezone(timedelta(hours=14))
    assert PACK.local_date(datetime(2031, 1, 1, 5, 59, tzinfo=east)) == date(2030, 12, 31)


def test_an_instant_without_offset_has_no_day():
    with pytest.raises(ValueError, match="offset"):
        PACK.local_date(datetime(2031, 1, 1))  # noqa: DTZ001


def test_an_unknown_category_and_a_programme_that_does_not_fit_leave_no_option():
    assert PACK.options("Z99", None) == ()
    assert PACK.options("A01", "home") == ()
    assert PACK.options("A01", "appliance") == (PACK.categories["A01"],)


def test_a_quota_tells_its_limit_its_reason_and_when_a_refund_restores_it():
    cap, count = PACK.quotas(PACK.categories["A04"], date(2030, 5, 1))
    assert (cap.cap_fen, cap.cap_units, cap.reason) == (1_500_000, None, Reason.CONSUMER_CAP_REACHED)
    assert (count.cap_fen, count.cap_units, count.reason) == (None, 3, Reason.CATEGORY_LIMIT_REACHED)
    assert {cap.restores, count.restores} == {Restores.IMMEDIATE}


def test_a_cap_by_calendar_year_starts_anew_each_year():
    yearly = replace(PACK, consumer_caps=(replace(PACK.consumer_caps[0], period=CapPeriod.CALENDAR_YEAR),))
    names = [yearly.quotas(PACK.categories["H01"], date(year, 1, 1))[0].name for year in (2030, 2031)]
    assert names == ["cap:changchun-2025-cumulative:2030", "cap:changchun-2025-cumulative:2031"]


def test_a_cap_leaves_programmes_alone_that_it_does_not_cover():
    narrowed = replace(PACK, consumer_caps=(replace(PACK.consumer_caps[0], covers=frozenset({"home"})),))
    assert [q.name for q in narrowed.quotas(PACK.categories["A01"], date(2030, 1, 1))] == ["A01:2030"]
    assert len(narrowed.quotas(PACK.categories["H01"], date(2030, 1, 1))) == 1


def test_categories_that_share_a_count_name_the_same_quota():
    fridge, freezer = (replace(PACK.categories[code], count_limit=CountLimit("cooling", 1)) for code in ("A01", "A02"))
    day = date(2030, 1, 1)
    assert PACK.quotas(fridge, day)[-1].name == PACK.quotas(freezer, day)[-1].name == "cooling:2030"
