"""The shipped pack says what the plan says, category by category."""

from datetime import date
from pathlib import Path

import pytest

import app
from app.domain.policy.amount import Rates
from app.domain.policy.model import AtLimit, CapPeriod, CountLimit, GradeSource, Restores
from app.domain.policy.pack import read_pack

PACK = read_pack((Path(app.__file__).parent / "policies" / "changchun-2025.toml").read_text("utf-8"))

TITLES = {
    "A": "冰箱 洗衣机 电视 空调 电脑 热水器 家用灶具 吸油烟机 净水器 洗碗机 电饭煲 微波炉",
    "N": "扫（拖）地机器人 洗地机 电烤箱（蒸箱） 空气净化器（新风） 智能门锁 消毒柜 加湿器、除湿机 "
    "取暖器 料理机 熨烫机 打印机（扫描仪） 吹风机 智能音箱 学习机",
    "D": "手机 平板 智能手表（手环）",
    "H": "瓷砖、石材 地板 板材 门 窗 涂料 壁纸、壁布 "
    "集成吊顶 防水材料 家装管件线缆 散热器、地暖管 "
    "坐便器、蹲便器 智能马桶（盖） 浴室柜 淋浴房 淋浴器、花洒 浴缸 水龙头及五金 水槽、台盆 "
    "沙发 床（架） 床垫 桌椅、茶几 柜类（定制柜） 灯具（LED） 按摩椅 开关插座 "
    "智能门锁 智能晾衣架 智能窗帘 智能摄像头、门铃 智能音箱、中控网关 烟感、燃气报警器",
    "E": "电动自行车",
    "W": "适老化智能穿戴设备",
}
PROGRAMMES = {
    "A": "appliance",
    "N": "appliance",
    "D": "digital",
    "H": "home",
    "E": "ebike",
    "W": "age_friendly",
}


@pytest.mark.parametrize("family", TITLES)
def test_every_category_is_there_under_its_code_and_title(family: str):
    shipped = [(c.code, c.title.zh, c.programme) for c in PACK.categories.values() if c.code[0] == family]
    titles = TITLES[family].split()
    assert shipped == [(f"{family}{number:02d}", title, PROGRAMMES[family]) for number, title in enumerate(titles, 1)]


def test_every_category_has_an_english_title_and_a_clause():
    assert all(category.title.en.isascii() for category in PACK.categories.values())
    assert {category.clause for category in PACK.categories.values()} == {"14", "15"}
    assert PACK.categories["W01"].clause == "14"


RATES = {
    "A": Rates({1: 2000, 2: 1500}),
    "N": Rates({1: 2000, 2: 1500}, ungraded_bps=1500),
    "D": Rates({}, any_bps=1500),
    "E": Rates({}, any_bps=2000),
    "W": Rates({}, any_bps=3000),
}
CAPS_FEN = {"A": 200_000, "N": 200_000, "D": 50_000, "H": 200_000, "E": 60_000, "W": 200_000}
LABELLED_CLASSES = {"H12", "H13", "H16", "H18", "H25"}


def test_rates_and_item_caps_are_those_of_the_plan():
    for category in PACK.categories.values():
        family = category.code[0]
        if family == "H":
            grade_1 = {1: 2000} if category.code in LABELLED_CLASSES else {}
            assert category.amount.base == Rates(grade_1, any_bps=1500)
        else:
            assert category.amount.base == RATES[family]
        assert category.item_cap_fen == CAPS_FEN[family]


def test_one_of_each_a_year_three_air_conditioners_and_home_renovation_without_a_count():
    for category in PACK.categories.values():
        units = 3 if category.code == "A04" else 1
        assert category.count_limit == (None if category.code[0] == "H" else CountLimit(category.code, units))


def test_only_phones_tablets_and_watches_have_a_price_ceiling():
    ceilings = {c.code: c.price_ceiling_fen for c in PACK.categories.values() if c.price_ceiling_fen}
    assert ceilings == {"D01": 600_000, "D02": 600_000, "D03": 600_000}


def test_water_purifiers_and_dishwashers_are_graded_by_the_water_label():
    water = [c.code for c in PACK.categories.values() if c.grade_source is GradeSource.WATER]
    assert water == ["A09", "A10", "H12", "H13", "H16", "H18"]


def test_the_cumulative_cap_covers_every_programme_for_the_packs_life():
    (cap,) = PACK.consumer_caps
    assert cap.cap_fen == 1_500_000
    assert cap.covers == PACK.programmes.keys()
    assert cap.period is CapPeriod.POLICY
    assert cap.provisional
    assert {p.at_consumer_cap for p in PACK.programmes.values()} == {AtLimit.REDUCE}


def test_every_programme_is_open_without_end_and_paid_from_its_own_pool():
    for programme in PACK.programmes.values():
        assert programme.open
        assert (programme.from_date, programme.until_date) == (None, None)
        assert programme.refund_restores is Restores.IMMEDIATE
        pool = PACK.pools[programme.pool]
        assert pool.programme == programme.code
        assert [(share.funder, share.share_bps) for share in pool.shares] == [
            ("central", 9000),
            ("provincial_and_city", 1000),
        ]


def test_what_the_sources_leave_open_is_marked_and_says_what_was_assumed():
    provisional = {c.code for c in PACK.categories.values() if c.provisional}
    assert provisional == {c for c in PACK.categories if c[0] in "NHEW"}
    assert all(category.note is not None for category in PACK.categories.values() if category.provisional)
    assert all(programme.note is not None for programme in PACK.programmes.values())
    assert all(pool.note is not None for pool in PACK.pools.values())


def test_the_same_goods_may_be_sold_under_either_of_two_programmes():
    assert [c.code for c in PACK.options("N05", None)] == ["N05", "H28"]
    assert [c.code for c in PACK.options("H32", None)] == ["H32", "N13"]
    assert [c.code for c in PACK.options("N05", "home")] == ["H28"]


def test_the_quotas_of_a_line_are_the_cap_and_the_count_of_the_year():
    names = [quota.name for quota in PACK.quotas(PACK.categories["A04"], date(2031, 1, 1))]
    assert names == ["cap:changchun-2025-cumulative", "A04:2031"]
    names = [quota.name for quota in PACK.quotas(PACK.categories["H01"], date(2031, 1, 1))]
    assert names == ["cap:changchun-2025-cumulative"]
